"""What a person asks of a run's models: its template filled in by hand, or a bare prompt.

    {"question": "Who are you?"}   →   "### Question:\nWho are you?\n\n### Answer:"

The template is the run's own, rendered by the code that rendered its training records.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from studio.errors import RunError, TemplateError
from studio.record import Message
from studio.run import RunDir, RunSpec, read_spec
from studio.template import Template, parse_template

MOST_CHARACTERS = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A column to fill in; `words` say what it stands for where its name does not."""

    name: str
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked: a `prompt` as it is, or `messages` for the model's chat template.

    `values` are what was filled in, None for a bare prompt.
    """

    prompt: str = ""
    messages: tuple[Message, ...] = ()
    values: Mapping[str, str] | None = None

    def to_dict(self) -> dict[str, Any]:
        """`prompt messages`, for the process that answers."""
        return {"prompt": self.prompt, "messages": [asdict(message) for message in self.messages]}


def list_fields(run_dir: RunDir) -> tuple[Field, ...]:
    """The columns that the prompt of a run's template reads; none where there is only a bare prompt to write:
    a run that has learnt whole texts.
    """
    template = _find_template(read_spec(run_dir))
    if template is None:
        return ()
    fields = [Field(name=name) for name in _asked_part(template).columns]
    if template.conversation is not None:
        column = replace(template, parts=()).columns[0]
        fields = [field for field in fields if field.name != column]
        fields.append(Field(name=column, words="What the user says."))
    return tuple(fields)


def fill_template(run_dir: RunDir, values: Mapping[str, str]) -> Asked:
    """The prompt of a run's template with these values of its columns; what is not given is empty.

    Raises RunError for a column that the prompt does not read, and when nothing is given at all.
    """
    template = _find_template(read_spec(run_dir))
    names = [field.name for field in list_fields(run_dir)]
    if template is None or not names:
        raise RunError(
            f"Run {run_dir.run} has no template to fill in.", "Write the prompt as the model should see it."
        )
    for name in values:
        if name not in names:
            known = ", ".join(names)
            raise RunError(
                f"The prompt of run {run_dir.run} reads no column {name!r:.60}.", f"It reads: {known}."
            )
    if not any(values.values()):
        raise RunError("There is nothing to ask.", f"Fill in {' or '.join(names)}.")
    _refuse_long(sum(map(len, values.values())))
    given = {name: values.get(name, "") for name in names}
    if template.conversation is not None:
        return Asked(messages=_start_conversation(template, given, names[-1]), values=dict(values))
    example = _asked_part(template)
    texts = {part.name: part.text for part in example.render_pieces(given)}
    if template.type == "messages":
        turns = tuple(Message(role=part.name, content=part.text) for part in example.render_pieces(given))
        return Asked(messages=turns, values=dict(values))
    return Asked(prompt=texts["prompt"], values=dict(values))


def take_prompt(prompt: str) -> Asked:
    """A bare prompt, taken as it is. Raises RunError for an empty one."""
    if not prompt:
        raise RunError("The prompt is empty.", "Write how the text begins that the models shall go on with.")
    _refuse_long(len(prompt))
    return Asked(prompt=prompt)


def _find_template(spec: RunSpec) -> Template | None:
    """The run's template with its column map; None where no part of it comes before an answer."""
    try:
        template = parse_template(spec.template)
    except TemplateError:
        return None
    if template.type == "text":
        return None
    return template.mapped(spec.recipe.get("columns") or {})


def _asked_part(template: Template) -> Template:
    """The template without its last answer and what follows it."""
    answers = [at for at, part in enumerate(template.parts) if part.name in ("completion", "assistant")]
    return replace(template, parts=template.parts[: answers[-1]]) if answers else template


def _start_conversation(template: Template, given: Mapping[str, str], column: str) -> tuple[Message, ...]:
    parts = replace(template, conversation=None).render_pieces(given)
    system = tuple(Message(role="system", content=part.text) for part in parts if part.text)
    return (*system, Message(role="user", content=given[column]))


def _refuse_long(characters: int) -> None:
    if characters > MOST_CHARACTERS:
        raise RunError(f"The prompt has {characters:,} characters.", f"Give at most {MOST_CHARACTERS:,}.")
