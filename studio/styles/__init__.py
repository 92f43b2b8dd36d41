"""The library of prompt styles: named templates, as data.

    style_template("alpaca-short", ["instruction", "input", "output"])   →   its template for these columns

A style may have ordered variants; the first whose columns all exist is used. Knows nothing of tables; takes
column names.
"""

from collections.abc import Iterable, Mapping

from studio.errors import TemplateError
from studio.styles.chat import CHAT
from studio.styles.courses import COURSES
from studio.styles.instruct import INSTRUCT
from studio.styles.style import Style
from studio.styles.tasks import TASKS
from studio.styles.turns import TURNS
from studio.template import Template
from studio.template.grammar import spell_name

__all__ = ["STYLES", "Style", "fit_columns", "fitting_styles", "propose_style", "style_template"]

STYLES: dict[str, Style] = {style.name: style for style in (*COURSES, *INSTRUCT, *TASKS, *TURNS, *CHAT)}

_PROPOSED_FIRST = (
    "question-answer",
    "alpaca-short",
    "instruction-response",
    "input-output",
    "completion",
    "text",
    "question-only",
    "alpaca",
    "concatenate",
)
_ORDER = {name: place for place, name in enumerate(dict.fromkeys((*_PROPOSED_FIRST, *STYLES)))}


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


def fit_columns(name: str, columns: Iterable[str]) -> tuple[str, ...]:
    """The columns that a style uses of these; empty when it does not fit."""
    known = set(columns)
    return next((t.columns for t in STYLES[name].templates if set(t.columns) <= known), ())


def fitting_styles(columns: Iterable[str]) -> list[str]:
    """The names of the styles that fit these columns, the best first; empty when none fits.

    Those that use more of the columns come first, and plain headings before the marks of chat models.
    """
    known = set(columns)
    used = {name: len(fit_columns(name, known)) for name in STYLES}
    return sorted((name for name in STYLES if used[name]), key=lambda name: (-used[name], _ORDER[name]))


def propose_style(columns: Iterable[str]) -> str | None:
    """The style that names alone propose, or None when they propose none.

    Whether a column holds a conversation is for its values to say: see `studio.shapes`.
    """
    return next((name for name in fitting_styles(columns) if not STYLES[name].reads_turns), None)
