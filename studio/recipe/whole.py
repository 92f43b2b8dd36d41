"""A whole Recipe, and its file: parsed with all of its problems at once, written the same each time."""

from collections.abc import Iterator, Mapping
from operator import itemgetter
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from studio.errors import RecipeError, StudioError
from studio.recipe.overlay import FilterSpec, OverlaySpec
from studio.recipe.parts import (
    UNION_TAGS,
    ExportSpec,
    SourceSpec,
    SplitSpec,
    Strict,
    StyleSpec,
    TemplateSpec,
    TrainSpec,
)
from studio.recipe.text import dump_yaml, find_lines, load_yaml
from studio.recipe.upgrade import upgrade_values
from studio.table.query import Condition
from studio.template import Template, parse_template


class Recipe(Strict):
    """Everything that was chosen, from the source to the fine-tune."""

    version: Literal[1] = 1
    source: SourceSpec
    template: TemplateSpec
    columns: dict[str, str] = Field(default_factory=dict)
    overlay: OverlaySpec = Field(default_factory=OverlaySpec)
    filter: list[FilterSpec] = Field(default_factory=list)
    split: SplitSpec = Field(default_factory=lambda: SplitSpec.model_validate({"train": 1.0}))
    export: ExportSpec = Field(default_factory=ExportSpec)
    train: TrainSpec = Field(default_factory=TrainSpec)

    @model_validator(mode="after")
    def _template_parses(self) -> "Recipe":
        try:
            self.own_template()
        except StudioError as error:
            raise ValueError(f"template: {error.message}") from error
        return self

    def to_mapping(self) -> dict[str, Any]:
        """Plain values in writing order; what was not set and what is empty are left out."""
        mapping = _without_empty(self.model_dump(exclude_none=True, by_alias=True))
        if self.overlay.edit:
            mapping["overlay"]["edit"] = [spec.to_mapping() for spec in self.overlay.edit]
        return mapping

    def conditions(self) -> tuple[Condition, ...]:
        """The filter as conditions, each of which a record fulfils if it is kept."""
        return tuple(spec.to_condition() for spec in self.filter)

    def own_template(self) -> Template | None:
        """The person's own template, parsed; None when the recipe names a style."""
        if isinstance(self.template, StyleSpec):
            return None
        return parse_template(self.template.model_dump(by_alias=True))


def parse_recipe(text: str, name: str = "recipe") -> Recipe:
    """A Recipe from YAML text; `name` stands in the messages.

    Raises RecipeError with every problem and its place, one per line of the message's list.
    """
    try:
        values = load_yaml(text)
    except RecursionError as error:
        raise RecipeError(f"{name} is nested too deep.", "A recipe has a handful of levels.") from error
    except ValueError as error:  # such as a date that there is not
        raise RecipeError(f"{name}: not YAML: {error}.", "Put the value in quotes.") from error
    except yaml.YAMLError as error:
        where = getattr(error, "problem_mark", None)
        place = f", line {where.line + 1}" if where else ""
        what = getattr(error, "problem", None) or str(error)
        raise RecipeError(
            f"{name}{place}: not YAML: {what}.", "Mend the line, or start from a new recipe."
        ) from error
    if not isinstance(values, Mapping):
        raise RecipeError(
            f"{name} holds no recipe.", "A recipe has source, template and split; see the README."
        )
    try:
        return Recipe.model_validate(upgrade_values(values, name))
    except ValidationError as error:
        problems = "; ".join(_describe_problems(error, text))
        raise RecipeError(f"{name}: {problems}.", "Mend what is named; all problems are listed.") from error


def load_recipe(path: Path) -> Recipe:
    """The Recipe in a file. Raises RecipeError when it cannot be read or does not parse."""
    try:
        return parse_recipe(path.read_text(encoding="utf-8"), path.name)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise RecipeError(
            f"Cannot read the recipe {path}: {reason}.", "Give the path of a recipe.yaml."
        ) from error


def dump_recipe(recipe: Recipe) -> str:
    """The recipe as YAML text, the same for the same recipe; `parse_recipe` gives it back."""
    return dump_yaml(recipe.to_mapping())


def _without_empty(values: dict[str, Any]) -> dict[str, Any]:
    """The mapping without empty ones in it, at any depth."""
    inner = {
        name: _without_empty(value) if isinstance(value, dict) else value for name, value in values.items()
    }
    return {name: value for name, value in inner.items() if value not in ({}, [])}


def _describe_problems(error: ValidationError, text: str) -> Iterator[str]:
    problems = error.errors(include_url=False)
    places = [_drop_union_tag(problem["loc"]) for problem in problems]
    lines = find_lines(text, places)
    for line, place, problem in sorted(zip(lines, places, problems, strict=True), key=itemgetter(0)):
        words = _describe_problem(problem)
        yield f"line {line}: {'.'.join(map(str, place))}: {words}" if place else words


def _describe_problem(problem: ErrorDetails) -> str:
    words = problem["msg"].removeprefix("Value error, ").rstrip(".")
    if problem["type"] == "extra_forbidden":
        return "unknown key"
    if problem["type"] == "missing":
        return "is missing"
    if problem["type"] in ("value_error", "no_template"):
        return words
    return f"{words[0].lower()}{words[1:]}, not {problem['input']!r:.60}"


def _drop_union_tag(place: tuple[int | str, ...]) -> tuple[int | str, ...]:
    if place[:1] == ("template",) and len(place) > 1 and place[1] in UNION_TAGS:
        return ("template", *place[2:])
    return place
