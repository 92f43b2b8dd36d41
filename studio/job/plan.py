"""What a launch would do, known before it does: the base model, every option, steps, memory and files.

    plan_run(recipe, table, workspace)   →  RunPlan(options={"learning_rate": 2e-05, …}, steps=237, …)

An option that the recipe leaves open gets its value here, by the model's size, and stands in the run. Knows
no process; fetches no weights. What a check and a calibration add is in foresight.py.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import ceil
from typing import Any

from studio.check import CheckState
from studio.errors import RunError
from studio.job.asked import check_chat, check_options
from studio.job.device import Device, read_device
from studio.job.outlook import Outlook
from studio.models import look_at_model
from studio.pipeline import count_splits, resolve_template
from studio.recipe import Recipe, StyleSpec
from studio.run import MAX_LENGTH
from studio.table import Table
from studio.task import TaskState
from studio.tokens.chosen import count_chosen
from studio.training import LORA_OPTIONS
from studio.weights import Description, Memory, choose_defaults, estimate_memory
from studio.weights.memory import MOST
from studio.workspace import Workspace

TINY_BATCH_TOKENS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedFiles:
    """What will be frozen into the run: the source with its SHA-256 and its records, the prompt style (`own`
    for a template of one's own), and the records of each part.
    """

    source: str
    sha256: str | None
    records: int
    template: str
    parts: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPlan:
    """`options` are all that the run is given; `records` those it learns from, `held_back` those of the train
    part that choose the best checkpoint, since there is no validation part.

    `steps` is None where a calibration decides, as for tiny; `memory` is an estimate. `outlook` is what the
    check of all records says, None before it is done: `check` says where it stands. `tokens` are read in the
    whole training, None where `tokens_reason` says why; `seconds` is None before a calibration, `measured`
    the bytes that one took at most.
    """

    model: Description
    options: dict[str, Any]
    records: int
    held_back: int
    steps: int | None
    memory: Memory
    device: Device
    files: PlannedFiles
    check: CheckState | None = None
    outlook: Outlook | None = None
    calibration: TaskState | None = None
    tokens: int | None = None
    tokens_reason: str = ""
    seconds: float | None = None
    measured: int | None = None

    @property
    def free(self) -> int | None:
        """Bytes of the device's memory that are free; None when unknown."""
        return self.device.free

    @property
    def problem(self) -> str:
        """Why the launch is refused unless it is insisted on; empty when it is not."""
        if not self.memory.exceeds(self.free):
            return ""
        return (
            f"This fine-tune takes about {_spell_bytes(self.memory.total)} of memory, an estimate: over "
            f"{MOST:.0%} of the {_spell_bytes(self.free or 0)} that are free."
        )

    def to_dict(self) -> dict[str, Any]:
        """The plan as plain JSON values."""
        return {
            "model": self.model.to_dict(),
            "options": self.options,
            "records": self.records,
            "held_back": self.held_back,
            "steps": self.steps,
            "tokens": self.tokens,
            "tokens_reason": self.tokens_reason,
            "seconds": self.seconds,
            "memory": self.memory.to_dict(),
            "measured": self.measured,
            "free": self.free,
            "device": self.device.to_dict(),
            "problem": self.problem,
            "lost": self._describe_lost(),
            "gate": self._describe_findings("gate"),
            "warnings": self._describe_findings("warnings"),
            "check": self._describe_check(),
            "calibration": self._describe_calibration(),
            "files": asdict(self.files),
        }

    def _describe_lost(self) -> dict[str, int] | None:
        if self.outlook is None:
            return None
        return {name: getattr(self.outlook, name) for name in ("records", "lost", "cut", "max_length")}

    def _describe_findings(self, kind: str) -> list[dict[str, Any]]:
        found = getattr(self.outlook, kind) if self.outlook else ()
        return [
            {name: getattr(one, name) for name in ("code", "title", "count", "explanation")} for one in found
        ]

    def _describe_check(self) -> dict[str, Any] | None:
        if self.check is None:
            return None
        return {name: getattr(self.check, name) for name in ("id", "state", "done", "total", "message")}

    def _describe_calibration(self) -> dict[str, Any] | None:
        if self.calibration is None:
            return None
        return {name: getattr(self.calibration, name) for name in ("id", "state", "message", "hint")}


def plan_run(recipe: Recipe, table: Table, workspace: Workspace, model: Description | None = None) -> RunPlan:
    """The plan of a recipe's fine-tune on a stored table; `model` when it is known already.

    Raises ModelError for a base model that may not be opened, RunError for options that do not fit the model
    or one another, and the stages' errors.
    """
    model = model or look_at_model(workspace, recipe.train.base_model)
    asked = recipe.train.model_dump(exclude_none=True, exclude={"base_model"})
    real = None if model.kind == "tiny" else model
    kind = resolve_template(recipe, table).type
    check_options(asked, real, kind)
    check_chat(recipe.train.base_model, real, kind)
    counts = count_splits(recipe, table)
    if not counts.get("train"):
        raise RunError("There is no train part to learn from.", "Give the split a train part.")
    records, held_back = count_chosen(counts, whole=model.kind != "tiny")
    options, device = resolve_options(model, asked, records), read_device()
    if options.get("dtype") == "bfloat16" and device.kind == "cpu":
        raise RunError(
            f"dtype is bfloat16, and {device.name} does not compute in it.", "Set dtype to auto or float32."
        )
    return RunPlan(
        model=model,
        options=options,
        records=records,
        held_back=held_back,
        steps=count_steps(options, records, model),
        memory=_estimate(model, options, device),
        device=device,
        files=PlannedFiles(
            source=table.name,
            sha256=table.sha256,
            records=len(table),
            template=recipe.template.style if isinstance(recipe.template, StyleSpec) else "own",
            parts=counts,
        ),
    )


def resolve_options(model: Description, asked: dict[str, Any], records: int) -> dict[str, Any]:
    """What was asked for, and for the rest what suits the model; of tiny nothing but what was asked for."""
    if model.kind == "tiny":
        return asked
    use_peft = True if any(name in asked for name in LORA_OPTIONS) else asked.get("use_peft")
    length = min(MAX_LENGTH, model.context or MAX_LENGTH)
    return {**choose_defaults(model, records, use_peft=use_peft), "max_length": length, **asked}


def count_steps(options: Mapping[str, Any], rows: int, model: Description) -> int | None:
    """How many steps there will be of so many rows, which packing makes fewer than the records."""
    if "max_steps" in options:
        return int(options["max_steps"])
    if model.kind == "tiny":
        return None
    batches: int = ceil(rows / options["per_device_train_batch_size"])
    a_round: int = ceil(batches / options["gradient_accumulation_steps"])
    return max(1, ceil(float(options["num_train_epochs"]) * a_round))


def refuse_plan(plan: RunPlan) -> None:
    """Raise RunError when the memory would not do."""
    if plan.problem:
        raise RunError(
            plan.problem,
            "Use a smaller batch, a smaller max_length or an adapter (use_peft), or insist: --anyway.",
        )


def _estimate(model: Description, options: Mapping[str, Any], device: Device) -> Memory:
    length = options.get("max_length", MAX_LENGTH)
    batch = options.get("per_device_train_batch_size") or max(1, TINY_BATCH_TOKENS // length)
    rank = options["lora_r"] if options.get("use_peft") else None
    asked = options.get("dtype", "auto")
    dtype = device.dtype if asked == "auto" and model.kind != "tiny" else asked
    return estimate_memory(model, batch=batch, length=length, lora_r=rank, dtype=dtype)


def _spell_bytes(count: int) -> str:
    return f"{count / 1e9:.1f} GB"
