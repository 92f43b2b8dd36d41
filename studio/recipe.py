"""The Recipe: one YAML file that replays everything, and the only home of pydantic in the core.

    version: 1
    source: {path: lamini_docs.jsonl, sha256: …}
    template: {style: question-answer}
    split: {method: random, train: 0.9, test: 0.1, seed: 42}

Unknown keys are refused, and all problems are reported at once with their place. What a recipe means (whether
its columns exist, its file is there) is for the stages to say.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, ValidationError, model_validator

from studio.errors import RecipeError, StudioError
from studio.record import Repair
from studio.source import Source
from studio.split import PART_NAMES, SplitPlan, parse_plan
from studio.template import Template, parse_template

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Name = Annotated[str, Field(min_length=1)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class SourceSpec(_Part):
    """Where the records come from: exactly one of path, url and hub."""

    path: Name | None = None
    url: Name | None = None
    hub: Name | None = None
    config: Name | None = None
    split: Name | None = None
    revision: Name | None = None
    first: Annotated[int, Field(gt=0)] | Literal["all"] | None = None
    sha256: Sha256 | None = None
    member: Name | None = None
    sheet: Name | None = None
    field: Name | None = None
    encoding: Name | None = None
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    quote: Annotated[str, Field(max_length=1)] | None = None
    types: dict[str, Literal["integer", "float", "boolean"]] = Field(default_factory=dict)
    records: Literal["line", "block"] | None = None

    @model_validator(mode="after")
    def _has_one_address(self) -> "SourceSpec":
        if sum(address is not None for address in (self.path, self.url, self.hub)) != 1:
            raise ValueError("give exactly one of path, url and hub")
        return self

    def to_source(self) -> Source:
        """The same address as a Source."""
        return Source(**self.model_dump())

    @classmethod
    def from_source(cls, source: Source) -> "SourceSpec":
        """The address of a Source; a path is cut to its file name, so that a recipe names no machine."""
        path = Path(source.path).name if source.path else None
        values = {name: getattr(source, name) for name in cls.model_fields if name != "path"}
        return cls(path=path, **values)


class StyleSpec(_Part):
    """A built-in prompt style by its name."""

    style: Name


class TextSpec(_Part):
    """A template of the person's own, of type text."""

    type: Literal["text"] = "text"
    text: str


class PromptSpec(_Part):
    """A template of the person's own, of type prompt-completion."""

    type: Literal["prompt-completion"] = "prompt-completion"
    prompt: str
    completion: str


class TurnSpec(_Part):
    """One message of a template of messages."""

    role: Name
    content: str


class MessagesSpec(_Part):
    """A template of the person's own, of type messages."""

    type: Literal["messages"] = "messages"
    messages: Annotated[list[TurnSpec], Field(min_length=1)]


def _choose_template(values: Any) -> str | None:
    """The kind of template by its keys, so that a problem is reported once and in its own words."""
    keys = values if isinstance(values, Mapping) else vars(values)
    kinds = {"style": "style", "text": "text", "prompt": "prompt", "completion": "prompt"}
    return next((kind for key, kind in {**kinds, "messages": "messages"}.items() if key in keys), None)


TemplateSpec = Annotated[
    Annotated[StyleSpec, Tag("style")]
    | Annotated[TextSpec, Tag("text")]
    | Annotated[PromptSpec, Tag("prompt")]
    | Annotated[MessagesSpec, Tag("messages")],
    Discriminator(
        _choose_template,
        custom_error_type="no_template",
        custom_error_message="give a style; or text; or prompt and completion; or messages",
    ),
]
_UNION_TAGS = ("style", "text", "prompt", "messages")


class SplitSpec(BaseModel):
    """Fractions of the parts asked, in the order written, which is the order in which they are cut; or the
    method `published`, which keeps the splits of the source.
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _parses(cls, values: Any) -> Any:
        if not isinstance(values, Mapping):
            raise ValueError("write method, seed and the fractions of train, validation and test")
        if not isinstance(values.get("seed", 42), int) or isinstance(values.get("seed"), bool):
            raise ValueError(f"seed is {values['seed']!r}, not a whole number")
        try:
            plan = parse_plan(values)
        except StudioError as error:
            raise ValueError(f"{error.message} {error.hint}") from error
        parts = {name: float(fraction) for name, fraction in plan.parts}
        seed = {} if plan.method == "published" else {"seed": plan.seed}
        return {"method": plan.method, **parts, **seed}

    def to_plan(self) -> SplitPlan:
        """The same split as a SplitPlan."""
        return parse_plan(self.model_extra or {})

    @property
    def fractions(self) -> dict[str, float]:
        """Fraction by part, in the order written; a part not asked is absent."""
        return {name: value for name, value in (self.model_extra or {}).items() if name in PART_NAMES}


class RepairSpec(_Part):
    """What stands in the place of a line that does not parse; `hash` is that of the source's line."""

    line: Annotated[int, Field(gt=0)]
    hash: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
    raw: str
    file: str | None = None


class OverlaySpec(_Part):
    """What the person put right; the source is never changed."""

    repair: list[RepairSpec] = Field(default_factory=list)

    def to_repairs(self) -> list[Repair]:
        """The repairs as the reader takes them."""
        return [
            Repair(line=spec.line, hash=spec.hash, raw=spec.raw, file=spec.file or "") for spec in self.repair
        ]


class ExportSpec(_Part):
    """`format` None is the template's own example type, `records` the untouched records; `names` maps the
    fields of an example to names in the file.
    """

    format: Literal["text", "prompt-completion", "messages", "records"] | None = None
    names: dict[str, Name] = Field(default_factory=dict)
    file: Literal["jsonl"] = "jsonl"


class TrainSpec(_Part):
    """A fine-tune, in TRL SFTConfig's names; `max_steps` None means as many as fit in about a minute."""

    base_model: Name = "tiny"
    max_steps: Annotated[int, Field(gt=0, le=1_000_000)] | None = None
    learning_rate: Annotated[float, Field(gt=0, le=1, strict=False)] | None = None
    per_device_train_batch_size: Annotated[int, Field(gt=0, le=1024)] | None = None
    max_length: Annotated[int, Field(ge=16, le=2048)] | None = None
    warmup_steps: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 42


class Recipe(_Part):
    """Everything that was chosen, from the source to the fine-tune."""

    version: Literal[1] = 1
    source: SourceSpec
    template: TemplateSpec
    columns: dict[str, str] = Field(default_factory=dict)
    overlay: OverlaySpec = Field(default_factory=OverlaySpec)
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
        return _without_empty(self.model_dump(exclude_none=True))

    def own_template(self) -> Template | None:
        """The person's own template, parsed; None when the recipe names a style."""
        if isinstance(self.template, StyleSpec):
            return None
        return parse_template(self.template.model_dump())


def parse_recipe(text: str, name: str = "recipe") -> Recipe:
    """A Recipe from YAML text; `name` stands in the messages.

    Raises RecipeError with every problem and its place, one per line of the message's list.
    """
    try:
        values = yaml.load(text, Loader=_UniqueKeys)  # noqa: S506 -- a SafeLoader
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
        return Recipe.model_validate(values)
    except ValidationError as error:
        problems = "; ".join(_describe_problems(error))
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
    return yaml.dump(
        recipe.to_mapping(), Dumper=_QuotedText, sort_keys=False, allow_unicode=True, width=10_000
    )


def _without_empty(values: dict[str, Any]) -> dict[str, Any]:
    """The mapping without empty ones in it, at any depth."""
    inner = {
        name: _without_empty(value) if isinstance(value, dict) else value for name, value in values.items()
    }
    return {name: value for name, value in inner.items() if value not in ({}, [])}


class _UniqueKeys(yaml.SafeLoader):
    """YAML's safe subset that refuses a key given twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if isinstance(key, str) and key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key} stands twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


class _QuotedText(yaml.SafeDumper):
    """Text of several lines in double quotes, the one style in which YAML keeps every character."""


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"' if "\n" in text else None)


_QuotedText.add_representer(str, _represent_text)


def _describe_problems(error: ValidationError) -> Iterator[str]:
    for problem in error.errors(include_url=False):
        place = ".".join(str(key) for key in _drop_union_tag(problem["loc"]))
        words = problem["msg"].removeprefix("Value error, ").rstrip(".")
        if problem["type"] == "extra_forbidden":
            words = "unknown key"
        elif problem["type"] == "missing":
            words = "is missing"
        elif problem["type"] not in ("value_error", "no_template"):
            words = f"{words[0].lower()}{words[1:]}, not {problem['input']!r:.60}"
        yield f"{place}: {words}" if place else words


def _drop_union_tag(place: tuple[int | str, ...]) -> tuple[int | str, ...]:
    if place[:1] == ("template",) and len(place) > 1 and place[1] in _UNION_TAGS:
        return ("template", *place[2:])
    return place
