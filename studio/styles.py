"""The built-in prompt styles: named templates, as data.

A style may have ordered variants; the first whose columns all exist is used. The texts come from two courses
("Finetuning Large Language Models"; "Build a Large Language Model (From Scratch)") and from Stanford Alpaca.
Knows nothing of tables; takes column names.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from studio.errors import TemplateError
from studio.template import Template, parse_template
from studio.template.grammar import spell_name

_ALPACA_TASK = "Below is an instruction that describes a task"
_ALPACA_WRITE = "Write a response that appropriately completes the request."
_ALPACA_CONTEXT = f"{_ALPACA_TASK}, paired with an input that provides further context. {_ALPACA_WRITE}"
_ALPACA_INPUT = "\n\n### Input:\n{input}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """A named built-in Template; `variants` are (prompt, completion) pairs, or (text,) for type text."""

    name: str
    label: str
    description: str
    variants: tuple[tuple[str, ...], ...]

    @property
    def templates(self) -> tuple[Template, ...]:
        """The variants, parsed, in order."""
        return tuple(_parse_variant(variant) for variant in self.variants)


def _parse_variant(variant: tuple[str, ...]) -> Template:
    fields = ("text",) if len(variant) == 1 else ("prompt", "completion")
    return parse_template(dict(zip(fields, variant, strict=True)))


_ALL = (
    Style(
        name="question-answer",
        label="Question / answer",
        description="### Question and ### Answer; the answer starts on its own line.",
        variants=(("### Question:\n{question}\n\n### Answer:", "\n{answer}"),),
    ),
    Style(
        name="question-only",
        label="Question only",
        description="The same prompt; the answer follows as it is (the course's processed file).",
        variants=(("### Question:\n{question}\n\n### Answer:", "{answer}"),),
    ),
    Style(
        name="alpaca-short",
        label="Alpaca, short",
        description="One Alpaca prompt; ### Input only where there is one.",
        variants=(
            (
                f"{_ALPACA_TASK}. {_ALPACA_WRITE}\n\n### Instruction:\n{{instruction}}"
                f"{{#input}}{_ALPACA_INPUT}{{/input}}\n\n### Response:",
                "\n{output}",
            ),
            (
                f"{_ALPACA_TASK}. {_ALPACA_WRITE}\n\n### Instruction:\n{{instruction}}\n\n### Response:",
                "\n{output}",
            ),
        ),
    ),
    Style(
        name="alpaca",
        label="Alpaca",
        description="Stanford's two prompts, one with an input and one without.",
        variants=(
            (
                f"{{#input}}{_ALPACA_CONTEXT}{{/input}}{{^input}}{_ALPACA_TASK}. {_ALPACA_WRITE}{{/input}}"
                f"\n\n### Instruction:\n{{instruction}}{{#input}}{_ALPACA_INPUT}{{/input}}\n\n### Response:",
                "{output}",
            ),
            (
                f"{_ALPACA_TASK}. {_ALPACA_WRITE}\n\n### Instruction:\n{{instruction}}\n\n### Response:",
                "{output}",
            ),
        ),
    ),
    Style(
        name="instruction-response",
        label="Instruction / response",
        description="### Instruction and ### Response.",
        variants=(("### Instruction:\n{instruction}\n\n### Response:", "\n{response}"),),
    ),
    Style(
        name="input-output",
        label="Input / output",
        description="### Input and ### Output.",
        variants=(("### Input:\n{input}\n\n### Output:", "\n{output}"),),
    ),
    Style(
        name="concatenate",
        label="Concatenate",
        description="The first matching pair joined with nothing between; no template.",
        variants=(
            ("{question}", "{answer}"),
            ("{instruction}", "{response}"),
            ("{input}", "{output}"),
            ("{text}",),
        ),
    ),
    Style(
        name="text",
        label="Text",
        description="The column text as it is, for plain language modeling.",
        variants=(("{text}",),),
    ),
)

STYLES: dict[str, Style] = {style.name: style for style in _ALL}

_PROPOSED_FIRST = (
    "question-answer",
    "alpaca-short",
    "instruction-response",
    "input-output",
    "text",
    "question-only",
    "alpaca",
    "concatenate",
)


def style_template(
    name: str, columns: Iterable[str], column_map: Mapping[str, str] | None = None
) -> Template:
    """The style's first variant whose columns all exist, with the column map applied.

    Raises TemplateError for an unknown style, and for a style none of whose variants fits (the message names
    the columns that the nearest variant lacks).
    """
    if name not in STYLES:
        raise TemplateError(f"No prompt style named {name}.", f"Styles are: {', '.join(STYLES)}.")
    known = list(columns)
    variants = [template.mapped(column_map or {}) for template in STYLES[name].templates]
    for template in variants:
        if set(template.columns) <= set(known):
            return template
    missing = [[column for column in template.columns if column not in known] for template in variants]
    lacking = min(missing, key=len)
    wanted = f"column{'s' if len(lacking) > 1 else ''} {', '.join(map(spell_name, lacking))}"
    raise TemplateError(
        f"The style {name} needs the {wanted}. Columns are: {', '.join(map(spell_name, known))}.",
        "Choose another style, or map its placeholders with a column map.",
    )


def fitting_styles(columns: Iterable[str]) -> list[str]:
    """The names of the styles that fit these columns, the proposed one first; empty when none fits."""
    known = set(columns)
    fits = {name for name in STYLES if any(set(t.columns) <= known for t in STYLES[name].templates)}
    return [name for name in _PROPOSED_FIRST if name in fits]


def propose_style(columns: Iterable[str]) -> str | None:
    """The style proposed for these columns, or None when none fits."""
    fits = fitting_styles(columns)
    return fits[0] if fits else None
