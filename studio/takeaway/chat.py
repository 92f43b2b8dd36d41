"""The shape of a model's chat template, found by asking it: what it writes around each message.

    ChatShape(before_user="<|im_start|>user\\n", after_user="<|im_end|>\\n<|im_start|>assistant\\n", …)

The template is Jinja and is rendered in a process of its own, never here. What was found is tried on longer
conversations; a template that does not always write the same around a message has no such shape.
"""

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from studio.errors import TokenizerError
from studio.record import Message
from studio.tokens.about import CHAT_FILE, read_about, read_chat
from studio.tokens.chat import Chat

Render = Callable[[Sequence[tuple[str, str]]], str]
"""(role, content) of each message → the text that the chat template makes of them."""

_MARKS = ("Fibonacci one", "Fibonacci two", "Fibonacci three", "Fibonacci five", "Fibonacci eight")
_RULES = "Be brief."
_END = re.compile(r"\s*(<[^<>\s]{1,40}>|\[/?\w{1,40}\])")
_UNEVEN = (
    "The model's chat template does not write every turn alike, so that no TEMPLATE of Ollama repeats it."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatShape:
    """What stands before the first message without a system message, around it, and around each other one.

    `system` is None where the template takes no system message; `stops` are the marks that end an answer.
    """

    first: str
    before_user: str
    after_user: str
    after_answer: str
    system: tuple[str, str] | None
    stops: tuple[str, ...]


def read_chat_shape(tokenizer: Path) -> ChatShape | str:
    """The shape of the chat template of a prepared tokenizer, or why it has none.

    Raises TokenizerError when the template cannot be rendered.
    """
    chat = tokenizer / CHAT_FILE
    if not chat.is_file():
        return "The model has no chat template."
    return _read_shape(Path(os.path.realpath(tokenizer)), chat.stat().st_mtime_ns)


@lru_cache(maxsize=32)
def _read_shape(tokenizer: Path, stamp: int) -> ChatShape | str:
    about, template = read_about(tokenizer), read_chat(tokenizer)
    if template is None:
        return "The model has no chat template."
    chat = Chat(about.name, template)

    def render(turns: Sequence[tuple[str, str]]) -> str:
        messages = tuple(Message(role=role, content=content) for role, content in turns)
        text = chat.render([messages])[0][0]
        # llama.cpp puts the start token in front by itself.
        return text.removeprefix(about.start_token or "")

    try:
        return find_shape(render) or _UNEVEN
    finally:
        chat.close()


def find_shape(render: Render) -> ChatShape | None:
    """The shape of what renders conversations, None when it has none; raises what rendering does."""
    asked, told, again, answer, _ = _MARKS
    turns = [("user", asked), ("assistant", told), ("user", again), ("assistant", answer)]
    cut = _cut(render(turns), [asked, told, again, answer])
    try:
        ruled = _cut(render([("system", _RULES), *turns]), [_RULES, asked])
    except TokenizerError:
        ruled = None
    if cut is None:
        return None
    first, after_user, between = cut[0], cut[1], cut[2]
    after_system = [ruled[1]] if ruled else []
    before_user = _common_end([first, between, *after_system])
    end = _END.match(between)
    shape = ChatShape(
        first=first.removesuffix(before_user),
        before_user=before_user,
        after_user=after_user,
        after_answer=between.removesuffix(before_user),
        system=(ruled[0], ruled[1].removesuffix(before_user)) if ruled else None,
        stops=(end[1],) if end else (),
    )
    return shape if _holds(shape, render) else None


def ask_by(shape: ChatShape, turns: Sequence[tuple[str, str]]) -> str:
    """What the shape makes of a conversation: the text after which the model answers."""
    text = ""
    if shape.system is None or turns[0][0] != "system":
        text = shape.first
    for role, content in turns:
        if role == "system" and shape.system is not None:
            text += shape.system[0] + content + shape.system[1]
        elif role == "user":
            text += shape.before_user + content + shape.after_user
        elif role == "assistant":
            text += content + shape.after_answer
    return text


def _holds(shape: ChatShape, render: Render) -> bool:
    """Whether the shape asks as the template does: one, two and three questions, with and without rules."""
    asked, told, again, answer, last = _MARKS
    turns = [("user", asked), ("assistant", told), ("user", again), ("assistant", answer), ("user", last)]
    for count in (1, 3, 5):
        for rules in ([], [("system", _RULES)] if shape.system else []):
            question = [*rules, *turns[:count]]
            whole = render([*question, ("assistant", "Fibonacci thirteen")])
            if whole.partition("Fibonacci thirteen")[0] != ask_by(shape, question):
                return False
    return True


def _cut(text: str, marks: Sequence[str]) -> list[str] | None:
    """What stands before, between and after the marks; None when they are not all there, in order, once."""
    pieces = []
    for mark in marks:
        before, found, text = text.partition(mark)
        if not found or mark in text:
            return None
        pieces.append(before)
    return [*pieces, text]


def _common_end(texts: Sequence[str]) -> str:
    first, *others = texts
    length = next(
        (n for n in range(len(first)) if any(text[-n - 1 :] != first[-n - 1 :] for text in others)),
        len(first),
    )
    return first[len(first) - length :]
