"""What a person asks of a fine-tune, refused in words where it does not do.

    read_train({"learning_rate": 2.0})   →   RunError: learning_rate is 2.0. Give a number from 1e-07 to 1.

The page's API and the command line come by here before anything is kept, planned or started. Knows no file
and no process.
"""

from collections.abc import Mapping
from typing import Any

from studio.errors import ModelError, RunError, TokenizerError
from studio.recipe import TrainSpec
from studio.record import ExampleType
from studio.tokenizing import parse_choice
from studio.training import LORA_OPTIONS, OPTIONS, TINY_MOST_LENGTH
from studio.weights import Description

MOST_NAME = 4_096  # characters of a base model's name


def read_train(values: Mapping[str, Any]) -> TrainSpec:
    """The train part of a recipe from its values by TRL's names; what is None is left open.

    Raises ModelError for a base model that cannot be one by its name, and RunError for an unknown option or
    a value beyond its limits.
    """
    asked = {name: value for name, value in values.items() if value is not None}
    base_model = read_base_model(asked.pop("base_model", "tiny"))
    for name, value in asked.items():
        check_option(name, value, tiny=False)
    return TrainSpec(base_model=base_model, **asked)


def read_base_model(name: Any) -> str:
    """The name of a base model in its one spelling. Raises ModelError for what can name none."""
    hint = "Write tiny, the path of a folder, or a Hub id such as org/name."
    if not isinstance(name, str) or len(name) > MOST_NAME or not name.isprintable():
        raise ModelError(f"{spell_value(name)} names no base model.", hint)
    try:
        return parse_choice(name).text
    except TokenizerError as error:
        raise ModelError(f"{spell_value(name)} names no base model.", hint) from error


def check_options(train: Mapping[str, Any], model: Description | None, example_type: ExampleType) -> None:
    """RunError for options that do not do for a model, or not with one another; `model` is None for tiny."""
    for name, value in train.items():
        check_option(name, value, tiny=model is None)
    lora = [name for name in LORA_OPTIONS if name in train]
    if lora and train.get("use_peft") is False:
        raise RunError(f"{lora[0]} is set, and use_peft is false.", "Set use_peft to true, or take it out.")
    if train.get("assistant_only_loss") is False and example_type == "messages":
        raise RunError(
            "assistant_only_loss is False: of messages only what the assistant says is learnt.",
            "Take it out, or write the whole conversation as a template of type text.",
        )
    length = train.get("max_length", 0)
    if model is not None and model.context is not None and length > model.context:
        raise RunError(
            f"max_length is {length:,}, and {model.name} takes {model.context:,} tokens at most.",
            f"Give {model.context:,} or less.",
        )


def check_chat(base_model: str, model: Description | None, example_type: ExampleType) -> None:
    """RunError for messages with a model that has no chat template; `model` is None for tiny."""
    if example_type == "messages" and (model is None or not model.chat):
        raise RunError(
            f"{base_model} cannot learn from examples of type messages: it has no chat template.",
            "Choose a style with a prompt and a completion, or the text style.",
        )


def check_option(name: str, value: Any, *, tiny: bool) -> None:
    """RunError for an option that there is not, or a value beyond its limits."""
    known = {other for other, option in OPTIONS.items() if option.tiny or not tiny}
    if name not in known:
        taken = "tiny does not take" if name in OPTIONS else "There is no train option"
        raise RunError(f"{taken} {spell_value(name)}.", f"Options are: {', '.join(sorted(known))}.")
    problem = OPTIONS[name].find_problem(value)
    if not problem and tiny and name == "max_length" and value > TINY_MOST_LENGTH:
        problem = f"Give a whole number from 16 to {TINY_MOST_LENGTH:,}."
    if problem:
        raise RunError(f"{name} is {spell_value(value)}.", problem)


def spell_value(value: Any) -> str:
    """A value as a message shows it, however long."""
    try:
        return f"{value!r:.60}"
    except ValueError:  # Python spells no number of more than 4 300 digits
        return "a number of thousands of digits"
