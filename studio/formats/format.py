"""The registry of formats: which fields an exported record has, and which templates can fill them.

resolve_format(template, "sharegpt")              →   "sharegpt", or ExportError in words
resolve_names("alpaca", {"output": "response"})   →   {"instruction": "instruction", …, "output": "response"}
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from studio.errors import ExportError
from studio.record import ExampleType
from studio.template import Template

_LOADED = "datasets.load_dataset"
_TRAINED = "datasets.load_dataset and TRL's SFTTrainer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One shape of an exported record.

    `fields` are those of the record, `turns` those of every turn in its only field; all of them can be named.
    `made_from` are the example types that it can be made from. `checked_by` is the reader that the tests hold
    it to.
    """

    name: str
    label: str
    description: str
    fields: tuple[str, ...]
    turns: tuple[str, ...] = ()
    made_from: tuple[ExampleType, ...]
    checked_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A format with its names, under a name of its own."""

    name: str
    label: str
    description: str
    format: str
    names: Mapping[str, str] = field(default_factory=dict)


_ALL: tuple[ExampleType, ...] = ("text", "prompt-completion", "messages")
_CHATS: tuple[ExampleType, ...] = ("prompt-completion", "messages")

FORMATS: dict[str, Format] = {
    each.name: each
    for each in (
        Format(
            name="text",
            label="Text",
            description="The whole example as one text; prompt and completion are joined with nothing.",
            fields=("text",),
            made_from=("text", "prompt-completion"),
            checked_by=_TRAINED,
        ),
        Format(
            name="prompt-completion",
            label="Prompt and completion",
            description="TRL's prompt-completion: the loss sees the completion alone.",
            fields=("prompt", "completion"),
            made_from=("prompt-completion",),
            checked_by=_TRAINED,
        ),
        Format(
            name="messages",
            label="Messages",
            description="TRL's conversational form: turns with role and content, for a chat template.",
            fields=("messages",),
            turns=("role", "content"),
            made_from=_CHATS,
            checked_by=_TRAINED,
        ),
        Format(
            name="records",
            label="Untouched records",
            description="The bytes of the source's own lines; no template is applied.",
            fields=(),
            made_from=_ALL,
            checked_by=_LOADED,
        ),
        Format(
            name="alpaca",
            label="Alpaca",
            description="Instruction, input and output; the trainer adds the prompt around them.",
            fields=("instruction", "input", "output"),
            made_from=("prompt-completion",),
            checked_by=_LOADED,
        ),
        Format(
            name="sharegpt",
            label="ShareGPT",
            description="Conversations whose turns have from (human, gpt, system) and value.",
            fields=("conversations",),
            turns=("from", "value"),
            made_from=_CHATS,
            checked_by=_LOADED,
        ),
        Format(
            name="openai",
            label="OpenAI chat",
            description="Messages of system, user and assistant, the last by the assistant.",
            fields=("messages",),
            turns=("role", "content"),
            made_from=_CHATS,
            checked_by=_TRAINED,
        ),
    )
}

PRESETS: dict[str, Preset] = {
    each.name: each
    for each in (
        Preset(
            name="course-text",
            label="Course: text only",
            description="The course's first shape: one text with prompt and answer.",
            format="text",
        ),
        Preset(
            name="course-question-answer",
            label="Course: question and answer",
            description="The course's second shape: the prompt as question, the completion as answer.",
            format="prompt-completion",
            names={"prompt": "question", "completion": "answer"},
        ),
    )
}


def resolve_format(template: Template, wanted: str | None) -> str:
    """The format to write: `wanted`, or the template's own type. Raises ExportError if it cannot be made."""
    if wanted is None:
        return template.type
    if wanted not in FORMATS:
        raise ExportError(f"No export format named {wanted}.", f"Formats are: {', '.join(FORMATS)}.")
    if template.type in FORMATS[wanted].made_from:
        return wanted
    raise ExportError(
        f"A {template.type} template cannot be exported as {wanted}.",
        f"{wanted} is made from templates of {' or '.join(FORMATS[wanted].made_from)}.",
    )


def resolve_names(kind: str, names: Mapping[str, str]) -> dict[str, str]:
    """Field → name in the file, in field order, those of the turns last; the others keep their own name.

    Raises ExportError for an unknown field and for two fields of one record or turn under one name.
    """
    format_ = FORMATS[kind]
    known = (*format_.fields, *format_.turns)
    for name in names:
        if name not in known:
            hint = (
                f"Its fields are: {', '.join(known)}." if known else "Untouched records keep their own names."
            )
            raise ExportError(f"The format {kind} has no field {name}.", hint)
    resolved = {name: names.get(name, name) for name in known}
    for together in (format_.fields, format_.turns):
        shown = [resolved[name] for name in together]
        if len(set(shown)) < len(shown):
            raise ExportError(
                f"Two fields have the same name in the file: {', '.join(shown)}.", "Name them apart."
            )
    return resolved


def explain_format(template: Template, kind: str) -> str:
    """How this format is made from this template, in one sentence for a person."""
    if kind == "records":
        return FORMATS[kind].description
    if kind == "alpaca":
        own = "The columns' own texts, without the template's words: the trainer adds its own prompt."
        other = "The rendered prompt is the instruction, the input stays empty, the completion is the output."
        return own if reads_as_alpaca(template) else other
    if template.type == kind:
        return "As the template renders it."
    if template.type == "prompt-completion" and FORMATS[kind].turns:
        return "The rendered prompt is the user's turn, the completion the assistant's."
    if kind == "sharegpt":
        return "The roles user and assistant become human and gpt; the others keep their names."
    return FORMATS[kind].description


def reads_as_alpaca(template: Template) -> bool:
    """Whether the prompt reads instruction, and no other column but input, and the completion output."""
    if template.type != "prompt-completion":
        return False
    prompt, completion = (set(replace(template, parts=(part,)).placeholders) for part in template.parts)
    return "instruction" in prompt and prompt <= {"instruction", "input"} and completion == {"output"}
