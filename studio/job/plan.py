"""What a launch would do, known before it does: the base model, every option, steps and memory.

    plan_run(recipe, table, workspace)   →  RunPlan(options={"learning_rate": 2e-05, …}, steps=237, …)

An option that the recipe leaves open gets its value here, by the model's size, and stands in the run. Knows
no process; fetches no weights.
"""

from dataclasses import dataclass
from math import ceil
from typing import Any

from studio.errors import RunError
from studio.models import look_at_model
from studio.pipeline import count_splits
from studio.recipe import Recipe
from studio.run import MAX_LENGTH
from studio.table import Table
from studio.tokens.chosen import choose_rows
from studio.training import LORA_OPTIONS
from studio.weights import Description, Memory, choose_defaults, estimate_memory, read_free_memory
from studio.weights.memory import MOST
from studio.workspace import Workspace

TINY_BATCH_TOKENS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPlan:
    """`options` are all that the run is given; `records` those it learns from, `held_back` those of the train
    part that choose the best checkpoint, since there is no validation part.

    `steps` is None where a calibration decides, as for tiny; `memory` is an estimate, `free` in bytes, None
    when unknown.
    """

    model: Description
    options: dict[str, Any]
    records: int
    held_back: int
    steps: int | None
    memory: Memory
    free: int | None

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
            "memory": self.memory.to_dict(),
            "free": self.free,
            "problem": self.problem,
        }


def plan_run(recipe: Recipe, table: Table, workspace: Workspace, model: Description | None = None) -> RunPlan:
    """The plan of a recipe's fine-tune on a stored table; `model` when it is known already.

    Raises ModelError for a base model that may not be opened, RunError for options that do not fit one
    another, and the stages' errors.
    """
    model = model or look_at_model(workspace, recipe.train.base_model)
    asked = recipe.train.model_dump(exclude_none=True, exclude={"base_model"})
    counts = count_splits(recipe, table)
    if not counts.get("train"):
        raise RunError("There is no train part to learn from.", "Give the split a train part.")
    chosen = choose_rows(counts, recipe.train.seed, whole=model.kind != "tiny")
    records = len(chosen.train)
    options = resolve_options(model, asked, records)
    return RunPlan(
        model=model,
        options=options,
        records=records,
        held_back=len(chosen.held_back),
        steps=count_steps(options, records, model),
        memory=_estimate(model, options),
        free=read_free_memory(),
    )


def resolve_options(model: Description, asked: dict[str, Any], records: int) -> dict[str, Any]:
    """What was asked for, and for the rest what suits the model; of tiny nothing but what was asked for.

    Raises RunError where an adapter's options are given and none is trained.
    """
    if model.kind == "tiny":
        return asked
    lora = [name for name in LORA_OPTIONS if name in asked]
    if lora and asked.get("use_peft") is False:
        raise RunError(f"{lora[0]} is set, and use_peft is false.", "Set use_peft to true, or take it out.")
    use_peft = True if lora else asked.get("use_peft")
    length = min(MAX_LENGTH, model.context or MAX_LENGTH)
    return {**choose_defaults(model, records, use_peft=use_peft), "max_length": length, **asked}


def count_steps(options: dict[str, Any], records: int, model: Description) -> int | None:
    """How many steps there will be; packing makes them fewer."""
    if "max_steps" in options:
        return int(options["max_steps"])
    if model.kind == "tiny":
        return None
    batches: int = ceil(records / options["per_device_train_batch_size"])
    a_round: int = ceil(batches / options["gradient_accumulation_steps"])
    return max(1, ceil(float(options["num_train_epochs"]) * a_round))


def refuse_plan(plan: RunPlan) -> None:
    """Raise RunError when the memory would not do."""
    if plan.problem:
        raise RunError(
            plan.problem,
            "Use a smaller batch, a smaller max_length or an adapter (use_peft), or insist: --anyway.",
        )


def _estimate(model: Description, options: dict[str, Any]) -> Memory:
    length = options.get("max_length", MAX_LENGTH)
    batch = options.get("per_device_train_batch_size") or max(1, TINY_BATCH_TOKENS // length)
    rank = options["lora_r"] if options.get("use_peft") else None
    return estimate_memory(model, batch=batch, length=length, lora_r=rank)


def _spell_bytes(count: int) -> str:
    return f"{count / 1e9:.1f} GB"
