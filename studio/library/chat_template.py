"""A tokenizer's chat template as a template of prompt and completion, for one question and one answer.

    {% for m in messages %}<|{{ m.role }}|>{{ m.content }}<|end|>{% endfor %}…
        →   prompt "<|user|>{prompt}<|end|><|assistant|>", completion "{completion}<|end|>"

The nodes are walked by `symbolic.py` with holes in the place of what stands in a record: once with the
question alone, as the model will be asked, and once with the answer. What the second adds is the completion.
The tokens that a tokenizer adds by itself, at the very beginning and the very end, are left to it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from jinja2 import nodes

from studio.errors import TemplateError
from studio.library.jinja import escape_braces, parse_jinja
from studio.library.symbolic import HINT, Hole, Text, render_text
from studio.template import Template, parse_template

Tokens = Mapping[str, str | None]

TOKENS = tuple(f"{kind}_token" for kind in ("bos", "eos", "unk", "pad", "cls", "sep", "mask"))
_FIRST, _LAST = Hole("bos_token"), Hole("eos_token")
_COLUMNS = {"system": "system", "user": "prompt", "assistant": "completion"}


def read_chat_template(
    text: str, name: str = "chat template", *, system: bool = False, tokens: Tokens | None = None
) -> Template:
    """The prompt `{prompt}` and the completion `{completion}` as this chat template writes them.

    With `system` there is `{system}` too, for the records that have one. `tokens` are the tokenizer's own by
    their name, such as eos_token; None for one that it does not have. Raises TemplateError that names the
    line and the construct which cannot be turned into a template exactly.
    """
    parsed = parse_jinja(text, name, chat=True)
    without = _write_sides(parsed, name, ["user"], tokens or {})
    prompt, completion = without
    if system:
        with_system = _write_sides(parsed, name, ["system", "user"], tokens or {})
        prompt, completion = (_choose(*sides) for sides in zip(with_system, without, strict=True))
    mapping = {"type": "prompt-completion", "prompt": "".join(prompt), "completion": "".join(completion)}
    return parse_template(mapping)


def _write_sides(
    parsed: nodes.Template, name: str, roles: Sequence[str], tokens: Tokens
) -> tuple[list[str], list[str]]:
    """What the model is asked, and what the answer adds to it, each in pieces of a template's text."""
    asked, whole = (
        _to_source(render_text(parsed, _make_context(shown, tokens, ask=ask), name), name, tokens)
        for shown, ask in ((roles, True), ([*roles, "assistant"], False))
    )
    if whole[: len(asked)] != asked:
        raise TemplateError(f"{name} does not begin the answered text with what it asks.", HINT)
    return asked, whole[len(asked) :]


def _make_context(roles: Sequence[str], tokens: Tokens, *, ask: bool) -> dict[str, Any]:
    """What a chat template is rendered with: nothing but messages and the tokenizer's tokens."""
    messages = [{"role": role, "content": Text((Hole(_COLUMNS[role]),))} for role in roles]
    given = {token: Text((Hole(token),)) for token in TOKENS if tokens.get(token, "") is not None}
    return {"messages": messages, "tools": None, "documents": None, "add_generation_prompt": ask, **given}


def _to_source(pieces: Sequence[str | Hole], name: str, tokens: Tokens) -> list[str]:
    """The text in the template's grammar, a character or a placeholder each.

    The tokenizer's first token and its last are left out where they begin and end the text.
    """
    inner = list(pieces)
    inner = inner[1:] if inner[:1] == [_FIRST] else inner
    inner = inner[:-1] if inner[-1:] == [_LAST] else inner
    source: list[str] = []
    for piece in inner:
        if isinstance(piece, Hole) and piece.name in _COLUMNS.values():
            source.append(f"{{{piece.name}}}")
            continue
        source += map(escape_braces, _spell_token(piece, name, tokens) if isinstance(piece, Hole) else piece)
    return source


def _spell_token(token: Hole, name: str, tokens: Tokens) -> str:
    text = tokens.get(token.name)
    if text is None:
        raise TemplateError(
            f"{name} writes {token.name} within the text.",
            "Give the tokenizer_config.json, which says what this token is.",
        )
    return text


def _choose(told: list[str], plain: list[str]) -> list[str]:
    """`told` where the record has a system prompt, `plain` where it has none; what they share stands once."""
    end = _count_shared(told[::-1], plain[::-1])
    rest = told[: len(told) - end], plain[: len(plain) - end]
    start = _count_shared(*rest)
    sections = [
        f"{{{mark}system}}{''.join(one[start:])}{{/system}}"
        for mark, one in zip("#^", rest, strict=True)
        if one[start:]
    ]
    return [*told[:start], *sections, *told[len(told) - end :]]


def _count_shared(one: Sequence[str], other: Sequence[str]) -> int:
    return next(
        (at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]),
        min(len(one), len(other)),
    )
