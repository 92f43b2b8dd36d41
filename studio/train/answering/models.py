"""Models that stay in memory and answer one prompt at the same time, each in a thread of its own.

The prompt is made into tokens as the run's own test rows are: by the template's text alone, or, of messages,
by the tokenizer's chat template up to where the answer begins. Knows nothing of processes or lines.
"""

import os
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import torch

from studio.record import Message
from studio.run import RunDir, read_spec
from studio.run.decoding import Decoding
from studio.train.answering.opening import Side, open_rows_encoder, open_sides, quieten
from studio.train.data import Row, split_last_answer
from studio.train.decode import check_room, cut_answer, find_ends, generate_tokens, keep_end
from studio.train.score import ask_tokens

Say = Callable[..., None]
IsStopped = Callable[[], bool]

STAND_IN = "x"  # for the answer that is not known yet, where a chat template is applied
UNFINISHED = "\ufffd"  # how the first bytes of a character look until the last has come


class Models:
    """The models of a run by these names; raises as `open_sides` does."""

    def __init__(self, run_dir: RunDir, wanted: list[str]) -> None:
        quieten()
        # Not every system tells which cores this process may use.
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        self._threads = max(1, (cores - 1) // len(wanted))
        torch.set_num_threads(self._threads)
        spec = read_spec(run_dir)
        self._sides = open_sides(run_dir, spec, wanted)
        self._encode = open_rows_encoder(run_dir, spec, self._sides[0].tokenizer)

    @property
    def hashes(self) -> dict[str, str]:
        """SHA-256 of each model's weights, taken when all of them stood in memory."""
        return {side.which: side.sha256 for side in self._sides}

    def answer(self, asked: Mapping[str, Any], say: Say, is_stopped: IsStopped) -> None:
        """Answer `prompt` or `messages` with every model, saying `asked`, `text`, `answer` and `done`."""
        number, decoding = asked["ask"], Decoding.from_dict(asked["decoding"])
        for side in self._sides:
            check_room(side.model, decoding)
        row = self._make_row(asked)
        tokens = ask_tokens(self._sides[0].tokenizer, row)
        kept = min(len(keep_end(side.model, tokens, decoding)) for side in self._sides)
        say("asked", ask=number, prompt=row.prompt, tokens=len(tokens), cut=kept < len(tokens))
        problems: list[Exception] = []

        def work(side: Side) -> None:
            torch.set_num_threads(self._threads)
            try:
                said = answer_row(side, row, decoding, lambda text: tell(side, text), is_stopped)
                say("answer", ask=number, **said)
            except Exception as error:
                problems.append(error)

        def tell(side: Side, text: str) -> None:
            say("text", ask=number, which=side.which, text=text)

        workers = [threading.Thread(target=work, args=(side,)) for side in self._sides]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        if problems:
            raise problems[0]
        say("done", ask=number)

    def _make_row(self, asked: Mapping[str, Any]) -> Row:
        if not asked.get("messages"):
            return Row(row=0, prompt=asked["prompt"], completion="")
        turns = [*asked["messages"], {"role": "assistant", "content": STAND_IN}]
        row = Row(row=0, prompt="", completion="", messages=tuple(Message(**turn) for turn in turns))
        return split_last_answer(row, self._encode([row])[0])


def answer_row(
    side: Side, row: Row, decoding: Decoding, tell: Callable[[str], None], is_stopped: IsStopped
) -> dict[str, Any]:
    """`which completion finished stopped tokens seconds weights_sha256` of one model's answer; `tell` is
    given its text as it comes.
    """
    started = time.monotonic()
    ends, told = find_ends(side.model, side.tokenizer), Told(side.tokenizer)
    new: list[int] = []

    def hear(token: int) -> bool:
        new.append(token)
        if token not in ends and (more := told.add(token)):
            tell(more)
        return not is_stopped()

    if not is_stopped():
        asked = ask_tokens(side.tokenizer, row)
        generate_tokens(side.model, side.tokenizer, [asked], decoding, places=[row.row], hear=hear)
    answered, finished = cut_answer(new, ends)
    return {
        "which": side.which,
        "completion": side.tokenizer.decode(answered, skip_special_tokens=False),
        "finished": finished,
        "stopped": not finished and len(new) < decoding.max_new_tokens,
        "tokens": len(answered),
        "seconds": round(time.monotonic() - started, 2),
        "weights_sha256": side.sha256,
    }


class Told:
    """The text of tokens as they come: only what later tokens can change no more is given out."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._tokens: list[int] = []
        self._text = ""

    def add(self, token: int) -> str:
        """What is new of the text with this token; nothing inside of a character."""
        self._tokens.append(token)
        text = self._tokenizer.decode(self._tokens, skip_special_tokens=False)
        if text.endswith(UNFINISHED) or not text.startswith(self._text):
            return ""
        new, self._text = text[len(self._text) :], text
        return str(new)
