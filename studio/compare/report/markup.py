"""HTML that is written by calls, so that no text of a person or a model can become any of it.

    tag("p", "1 < 2", cls="quiet")   →   <p class="quiet">1 &lt; 2</p>

A child that is a plain text is always escaped; only Markup passes as it is. Knows no page.
"""

import html
import re

# Control characters, marks that turn the direction of writing, and halves of characters: shown, not obeyed.
_UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
_VOID = frozenset({"meta", "line", "circle", "polyline", "rect", "path", "br"})


class Markup(str):
    """HTML already."""

    __slots__ = ()


def tag(name: str, /, *children: str | None, **attributes: object) -> Markup:
    """An element; children that are None and attributes that are None or False are left out.

    `cls` stands for `class`, and `_` in any other name for `-`.
    """
    spelled = "".join(
        f' {_name_attribute(key)}="{escape_text(str(value))}"' if value is not True else f" {key}"
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    if name in _VOID:
        return Markup(f"<{name}{spelled}>" if name in ("meta", "br") else f"<{name}{spelled}/>")
    return Markup(f"<{name}{spelled}>{join(*children)}</{name}>")


def join(*children: str | None) -> Markup:
    """The children one after another, the texts among them escaped."""
    parts = (child if isinstance(child, Markup) else escape_text(child) for child in children if child)
    return Markup("".join(parts))


def escape_text(text: str) -> str:
    """A text as HTML shows it: every character of markup spelled, control characters as `\\x1b`."""
    shown = _UNSEEN.sub(lambda found: found.group().encode("unicode_escape").decode(), text)
    return html.escape(shown, quote=True)


def _name_attribute(key: str) -> str:
    return "class" if key == "cls" else key.rstrip("_").replace("_", "-")
