"""The options of a fine-tune: their names in TRL, their limits, and what each does, in plain words.

    OPTIONS["learning_rate"].find_problem(2.0)   →   "Give a number from 1e-07 to 1."

One registry that the recipe, the launch, the page and the documentation read. Knows no model.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

_MODULES = re.compile(r"all-linear|[\w.]{1,100}(,[\w.]{1,100}){0,30}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One option. `least` and `most` bound a number, `choices` are the texts that may be chosen.

    `tiny` says that the demo model takes it too; the others are for real models.
    """

    kind: Literal["integer", "number", "yes or no", "choice", "text"]
    help: str
    least: float = 0
    most: float = 0
    choices: tuple[str, ...] = ()
    tiny: bool = False

    def find_problem(self, value: Any) -> str:
        """What to give instead of a value that does not do; empty when it does."""
        if self.kind == "yes or no":
            return "" if isinstance(value, bool) else "Give true or false."
        if self.kind == "choice":
            return "" if value in self.choices else f"Give one of: {', '.join(self.choices)}."
        if self.kind == "text":
            whole = isinstance(value, str) and _MODULES.fullmatch(value)
            return "" if whole else "Give all-linear, or names of modules with commas between them."
        number = isinstance(value, int) or (self.kind == "number" and isinstance(value, float))
        if isinstance(value, bool) or not number or not self.least <= value <= self.most:
            name = "a whole number" if self.kind == "integer" else "a number"
            return f"Give {name} from {self.least:g} to {self.most:g}."
        return ""


def _integer(least: int, most: int, words: str, *, tiny: bool = False) -> Option:
    return Option(kind="integer", least=least, most=most, help=words, tiny=tiny)


def _number(least: float, most: float, words: str, *, tiny: bool = False) -> Option:
    return Option(kind="number", least=least, most=most, help=words, tiny=tiny)


OPTIONS: Mapping[str, Option] = {
    "use_peft": Option(
        kind="yes or no",
        help="Train a small adapter (LoRA) beside the weights, which stay as they are: less memory and disk.",
    ),
    "lora_r": _integer(1, 512, "The rank of the adapter: more can learn more, and takes more memory."),
    "lora_alpha": _integer(1, 1_024, "How strongly the adapter acts; often twice the rank."),
    "lora_dropout": _number(
        0, 0.9, "The share of the adapter that each step leaves out, against memorising."
    ),
    "lora_target_modules": Option(
        kind="text", help="Which layers get an adapter; all-linear is every one but the last."
    ),
    "max_steps": _integer(1, 1_000_000, "How many steps; it comes before num_train_epochs.", tiny=True),
    "num_train_epochs": _number(0.01, 1_000, "How often every record is learnt from."),
    "learning_rate": _number(
        1e-7, 1, "How far each step goes: too small learns little, too large unlearns.", tiny=True
    ),
    "per_device_train_batch_size": _integer(
        1, 1_024, "Records at once: more are faster and take more memory.", tiny=True
    ),
    "gradient_accumulation_steps": _integer(
        1, 1_024, "Batches that are gathered for one step: as a larger batch, without its memory."
    ),
    "warmup_steps": _number(
        0, 1_000_000, "Steps in which the learning rate rises; below 1 a share of all.", tiny=True
    ),
    "weight_decay": _number(0, 1, "How strongly weights are drawn to zero, against memorising."),
    "lr_scheduler_type": Option(
        kind="choice",
        choices=("cosine", "linear", "constant", "constant_with_warmup"),
        help="How the learning rate falls after the warm-up.",
    ),
    "max_length": _integer(
        16, 131_072, "Tokens of a record that are learnt from; the rest is cut.", tiny=True
    ),
    "packing": Option(
        kind="yes or no",
        help="Put several short records into one row: faster, and each still sees itself alone.",
    ),
    "assistant_only_loss": Option(
        kind="yes or no", help="Of messages, learn only what the assistant says; there is no other way yet."
    ),
    "early_stopping_patience": _integer(
        0, 100, "Stop after so many evaluations without a better one; 0 never stops early.", tiny=True
    ),
    "dtype": Option(
        kind="choice",
        choices=("auto", "float32", "bfloat16"),
        help="How numbers are kept; auto is bfloat16 where the GPU can, else float32.",
    ),
    "seed": _integer(0, 2**32 - 1, "For the start and the order; the same gives the same.", tiny=True),
}
TINY_MOST_LENGTH = 2_048
LORA_OPTIONS = ("lora_r", "lora_alpha", "lora_dropout", "lora_target_modules")
