"""A chat template rendered by transformers' own sandbox, with the places that {% generation %} marks.

Part of the child process. Knows nothing of tokens.
"""

import json
import signal
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

_MOST_SECONDS = 120


def answer_batches(lines: BinaryIO) -> Iterator[dict[str, Any]]:
    """One answer for each line of `lines` after the first, which is the chat template."""
    chat = json.loads(lines.readline())
    for line in lines:
        # The parent waits no longer, and where it was killed nobody else would end a template's loop.
        signal.alarm(_MOST_SECONDS)
        said = _answer(chat, json.loads(line)["messages"])
        signal.alarm(0)
        yield said


def _answer(chat: Mapping[str, Any], batch: list[list[dict[str, str]]]) -> dict[str, Any]:
    texts, answers = [], []
    for place, messages in enumerate(batch):
        try:
            text, spans = _render(chat, messages)
        except Exception as error:
            # What a template raises is of any kind: it may ask for what is not there, or refuse in its words.
            words = (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
            whole = type(error).__name__ == "TemplateSyntaxError"
            return {"problem": words, "place": None if whole else place}
        texts.append(text)
        answers.append(spans)
    return {"texts": texts, "answers": answers}


def _render(chat: Mapping[str, Any], messages: list[dict[str, str]]) -> tuple[str, list[Any]]:
    from transformers.utils.chat_template_utils import render_jinja_template

    texts, spans = render_jinja_template(
        conversations=[messages],
        chat_template=chat["template"],
        return_assistant_tokens_mask=chat["marks_answers"],
        **chat["special_tokens"],
    )
    return texts[0], spans[0] if spans else []
