"""The options of a fine-tune: their names in TRL, their limits, and what each does, in plain words.

    OPTIONS["learning_rate"].find_problem(2.0)   →   "Give a number from 1e-07 to 1."

One registry that the recipe, the launch, the page and the documentation read. Knows no model.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

_MODULES = re.compile(r"all-linear|[\w.]{1,100}(,[\w.]{1,100}){0,30}")

Kind = Literal["integer", "number", "yes or no", "choice", "text"]
Group = Literal["method", "adapter", "short", "advanced"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One option. `least` and `most` bound a number, `choices` are the texts that may be chosen.

    `label` is its name in plain words, `group` where a form has it. `tiny` says that the demo model takes it
    too; the others are for real models.
    """

    kind: Kind
    label: str
    group: Group
    help: str
    least: float = 0
    most: float = 0
    choices: tuple[str, ...] = ()
    tiny: bool = False

    @property
    def wanted(self) -> str:
        """What to give, in words."""
        if self.kind == "yes or no":
            return "Give true or false."
        if self.kind == "choice":
            return f"Give one of: {', '.join(self.choices)}."
        if self.kind == "text":
            return "Give all-linear, or names of modules with commas between them."
        name = "a whole number" if self.kind == "integer" else "a number"
        return f"Give {name} from {self.least:g} to {_spell(self.most)}."

    def find_problem(self, value: Any) -> str:
        """What to give instead of a value that does not do; empty when it does."""
        return "" if self._takes(value) else self.wanted

    def _takes(self, value: Any) -> bool:
        if self.kind == "yes or no":
            return isinstance(value, bool)
        if self.kind == "choice":
            return isinstance(value, str) and value in self.choices
        if self.kind == "text":
            return isinstance(value, str) and _MODULES.fullmatch(value) is not None
        number = isinstance(value, int) or (self.kind == "number" and isinstance(value, float))
        return number and not isinstance(value, bool) and self.least <= value <= self.most


def read_option(name: str, text: str) -> Any:
    """The value that a text means for an option, such as 1e-4 or true; else the text itself."""
    kind = OPTIONS[name].kind if name in OPTIONS else "text"
    if kind == "yes or no":
        return {"true": True, "yes": True, "false": False, "no": False}.get(text.strip().lower(), text)
    try:
        return int(text) if kind == "integer" else float(text) if kind == "number" else text
    except ValueError:
        return text


def _spell(number: float) -> str:
    return f"{number:,.0f}" if number >= 1_000 else f"{number:g}"


def _integer(
    least: int, most: int, label: str, words: str, *, group: Group = "advanced", tiny: bool = False
) -> Option:
    return Option(kind="integer", label=label, group=group, least=least, most=most, help=words, tiny=tiny)


def _number(
    least: float, most: float, label: str, words: str, *, group: Group = "advanced", tiny: bool = False
) -> Option:
    return Option(kind="number", label=label, group=group, least=least, most=most, help=words, tiny=tiny)


OPTIONS: Mapping[str, Option] = {
    "use_peft": Option(
        kind="yes or no",
        label="LoRA adapter",
        group="method",
        help="Train a small adapter (LoRA) beside the weights, which stay as they are: less memory and disk.",
    ),
    "lora_r": _integer(
        1,
        512,
        "Rank",
        "The rank of the adapter: more can learn more, and takes more memory.",
        group="adapter",
    ),
    "lora_alpha": _integer(
        1, 1_024, "Alpha", "How strongly the adapter acts; often twice the rank.", group="adapter"
    ),
    "lora_dropout": _number(
        0,
        0.9,
        "Dropout",
        "The share of the adapter that each step leaves out, against memorising.",
        group="adapter",
    ),
    "lora_target_modules": Option(
        kind="text",
        label="Layers",
        group="adapter",
        help="Which layers get an adapter; all-linear is every one but the last.",
    ),
    "num_train_epochs": _number(
        0.01, 1_000, "Epochs", "How often every record is learnt from.", group="short"
    ),
    "max_steps": _integer(
        1,
        1_000_000,
        "Steps",
        "How many steps are taken, whatever the epochs.",
        group="short",
        tiny=True,
    ),
    "learning_rate": _number(
        1e-7,
        1,
        "Learning rate",
        "How far each step goes: too small learns little, too large unlearns.",
        group="short",
        tiny=True,
    ),
    "per_device_train_batch_size": _integer(
        1,
        1_024,
        "Batch size",
        "Records at once: more are faster and take more memory.",
        group="short",
        tiny=True,
    ),
    "max_length": _integer(
        16,
        131_072,
        "Max length",
        "Tokens of a record that are learnt from; the rest is cut.",
        group="short",
        tiny=True,
    ),
    "gradient_accumulation_steps": _integer(
        1,
        1_024,
        "Batches a step",
        "Batches that are gathered for one step: as a larger batch, without its memory.",
    ),
    "warmup_steps": _number(
        0,
        1_000_000,
        "Warm-up",
        "Steps in which the learning rate rises; below 1 a share of all.",
        tiny=True,
    ),
    "lr_scheduler_type": Option(
        kind="choice",
        label="Schedule",
        group="advanced",
        choices=("cosine", "linear", "constant", "constant_with_warmup"),
        help="How the learning rate falls after the warm-up.",
    ),
    "weight_decay": _number(
        0, 1, "Weight decay", "How strongly weights are drawn to zero, against memorising."
    ),
    "packing": Option(
        kind="yes or no",
        label="Packing",
        group="advanced",
        help="Put several short records into one row: faster, and each still sees itself alone.",
    ),
    "assistant_only_loss": Option(
        kind="yes or no",
        label="Answers only",
        group="advanced",
        help="Of messages, learn only what the assistant says; there is no other way yet.",
    ),
    "early_stopping_patience": _integer(
        0,
        100,
        "Patience",
        "Stop after so many evaluations without a better one; 0 never stops early.",
        tiny=True,
    ),
    "dtype": Option(
        kind="choice",
        label="Number type",
        group="advanced",
        choices=("auto", "float32", "bfloat16"),
        help="How numbers are kept; auto is bfloat16 where the GPU can, else float32.",
    ),
    "seed": _integer(
        0, 2**32 - 1, "Seed", "For the start and the order; the same gives the same.", tiny=True
    ),
}
TINY_MOST_LENGTH = 2_048
# What a run of tiny takes for an option that is left open; a real model's defaults go by its size.
TINY_DEFAULTS: Mapping[str, float] = {
    "learning_rate": 6e-3,
    "max_length": 512,
    "warmup_steps": 10,
    "early_stopping_patience": 3,
    "seed": 42,
}
LORA_OPTIONS = ("lora_r", "lora_alpha", "lora_dropout", "lora_target_modules")
