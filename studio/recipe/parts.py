"""The parts of a recipe, from the source to the fine-tune, each as strict as the file.

source: {path: lamini_docs.jsonl, sha256: …}     template: {style: question-answer}
split: {method: random, train: 0.9, test: 0.1}   export: {format: prompt-completion}
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

from studio.errors import StudioError
from studio.formats import FILES, FORMATS
from studio.source import Source
from studio.split import PART_NAMES, SplitPlan, parse_plan
from studio.training import OPTIONS

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Name = Annotated[str, Field(min_length=1)]
# The first key that is there decides which kind of template is meant.
_KINDS = {"style": "style", "text": "text", "prompt": "prompt", "completion": "prompt"}
_KINDS |= {"from": "from", "from_": "from", "messages": "messages"}


def _one_of(known: Mapping[str, Any]) -> Callable[[str], str]:
    def check(name: str) -> str:
        if name not in known:
            raise ValueError(f"{name!r} is not one of {', '.join(known)}")
        return name

    return check


class Strict(BaseModel):
    """A part that refuses keys that it does not know, and values of another type."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class SourceSpec(Strict):
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


class StyleSpec(Strict):
    """A built-in prompt style by its name."""

    style: Name


class TextSpec(Strict):
    """A template of the person's own, of type text."""

    type: Literal["text"] = "text"
    text: str


class PromptSpec(Strict):
    """A template of the person's own, of type prompt-completion."""

    type: Literal["prompt-completion"] = "prompt-completion"
    prompt: str
    completion: str


class TurnSpec(Strict):
    """One message of a template of messages."""

    role: Name
    content: str


class MessagesSpec(Strict):
    """A template of the person's own, of type messages."""

    type: Literal["messages"] = "messages"
    messages: Annotated[list[TurnSpec], Field(min_length=1)]


class ConversationSpec(Strict):
    """A template of messages that stand in the column `from`; `roles` maps its roles to standard ones."""

    type: Literal["messages"] = "messages"
    from_: str = Field(alias="from")
    role: Name = "role"
    content: Name = "content"
    roles: dict[str, Literal["system", "user", "assistant", "tool"]] = Field(default_factory=dict)
    system: Annotated[str | None, AfterValidator(lambda text: text or None)] = None


def _choose_template(values: Any) -> str | None:
    """The kind of template by its keys, so that a problem is reported once and in its own words."""
    keys = values if isinstance(values, Mapping) else vars(values)
    return next((kind for key, kind in _KINDS.items() if key in keys), None)


TemplateSpec = Annotated[
    Annotated[StyleSpec, Tag("style")]
    | Annotated[TextSpec, Tag("text")]
    | Annotated[PromptSpec, Tag("prompt")]
    | Annotated[ConversationSpec, Tag("from")]
    | Annotated[MessagesSpec, Tag("messages")],
    Discriminator(
        _choose_template,
        custom_error_type="no_template",
        custom_error_message="give a style; or text; or prompt and completion; or messages; or from",
    ),
]
UNION_TAGS = ("style", "text", "prompt", "from", "messages")


class SplitSpec(BaseModel):
    """Sizes of the parts asked, in the order written, which is the order in which they are cut: fractions, or
    counts where any is above 1. Or the method `published`, which keeps the splits of the source.
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _parses(cls, values: Any) -> Any:
        if not isinstance(values, Mapping):
            raise ValueError("write method, by, near, seed and the sizes of train, validation and test")
        if not isinstance(values.get("seed", 42), int) or isinstance(values.get("seed"), bool):
            raise ValueError(f"seed is {values['seed']!r}, not a whole number")
        try:
            plan = parse_plan(values)
        except StudioError as error:
            raise ValueError(f"{error.message} {error.hint}") from error
        number = int if plan.counted else float
        parts = {name: number(size) for name, size in plan.parts}
        by = {} if plan.by is None else {"by": plan.by}
        near = {} if plan.near is None else {"near": plan.near}
        seed = {} if plan.method == "published" else {"seed": plan.seed}
        return {"method": plan.method, **by, **near, **parts, **seed}

    def to_plan(self) -> SplitPlan:
        """The same split as a SplitPlan."""
        return parse_plan(self.model_extra or {})

    def to_mapping(self) -> dict[str, Any]:
        """The split as the recipe writes it."""
        return dict(self.model_extra or {})

    @property
    def sizes(self) -> dict[str, float]:
        """Fraction or count by part, in the order written; a part not asked is absent."""
        return {name: value for name, value in (self.model_extra or {}).items() if name in PART_NAMES}


class CardSpec(Strict):
    """What the dataset card says that no count tells: `license` as the Hub names it (`other`, `unknown`);
    `other` needs a `license_name`, and may have a `license_link`.
    """

    license: Name
    license_name: Name | None = None
    license_link: Name | None = None
    title: Name | None = None
    language: list[Name] = Field(default_factory=list)


class ExportSpec(Strict):
    """`format` None is the template's own example type, `records` the untouched records; `names` maps the
    fields of an example, and of its turns, to names in the file. `configs` are trainers.
    """

    format: Annotated[str, AfterValidator(_one_of(FORMATS))] | None = None
    names: dict[str, Name] = Field(default_factory=dict)
    file: Annotated[str, AfterValidator(_one_of(FILES))] = "jsonl"
    card: CardSpec | None = None
    configs: list[Literal["trl", "axolotl", "llama-factory", "unsloth", "torchtune"]] = Field(
        default_factory=list
    )


def _limit(name: str) -> Any:
    """The limits of an option, checked in its own words."""

    def check(value: Any) -> Any:
        problem = OPTIONS[name].find_problem(value)
        if problem:
            raise ValueError(f"{problem[0].lower()}{problem[1:]}".rstrip(".") + f", not {value!r:.60}")
        return value

    return AfterValidator(lambda value: value if value is None else check(value))


class TrainSpec(Strict):
    """A fine-tune, in the names of TRL's SFTConfig and ModelConfig; limits and words are in studio/training.

    What is None is chosen by the model's size when the run starts, and stands in the run; `max_steps` None
    means, of tiny, as many as fit in about a minute.
    """

    base_model: Name = "tiny"
    use_peft: Annotated[bool | None, _limit("use_peft")] = None
    lora_r: Annotated[int | None, _limit("lora_r")] = None
    lora_alpha: Annotated[int | None, _limit("lora_alpha")] = None
    lora_dropout: Annotated[float | None, Field(strict=False), _limit("lora_dropout")] = None
    lora_target_modules: Annotated[str | None, _limit("lora_target_modules")] = None
    max_steps: Annotated[int | None, _limit("max_steps")] = None
    num_train_epochs: Annotated[float | None, Field(strict=False), _limit("num_train_epochs")] = None
    learning_rate: Annotated[float | None, Field(strict=False), _limit("learning_rate")] = None
    per_device_train_batch_size: Annotated[int | None, _limit("per_device_train_batch_size")] = None
    gradient_accumulation_steps: Annotated[int | None, _limit("gradient_accumulation_steps")] = None
    warmup_steps: Annotated[int | float | None, _limit("warmup_steps")] = None
    weight_decay: Annotated[float | None, Field(strict=False), _limit("weight_decay")] = None
    lr_scheduler_type: Annotated[str | None, _limit("lr_scheduler_type")] = None
    max_length: Annotated[int | None, _limit("max_length")] = None
    packing: Annotated[bool | None, _limit("packing")] = None
    assistant_only_loss: Annotated[bool | None, _limit("assistant_only_loss")] = None
    early_stopping_patience: Annotated[int | None, _limit("early_stopping_patience")] = None
    dtype: Annotated[str | None, _limit("dtype")] = None
    seed: Annotated[int, _limit("seed")] = 42
