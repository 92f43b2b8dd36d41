"""Tokenizers of the page: opened ones, and those that are being made ready in the background.

A request starts the work, or finds it under way, and waits a moment; asked again it finds what has become of
it. Of each choice one is made at a time, since a template changes faster than `tiny` is made. Knows nothing
of HTTP.
"""

import logging
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Lock, Thread
from time import monotonic

from studio.errors import StudioError, TokenizerError
from studio.recipe import Recipe
from studio.table import Table
from studio.tokenizing import find_tokenizer, parse_choice, prepare_tokenizer
from studio.tokenizing.choice import TINY
from studio.tokenizing.rows import tell_rows
from studio.tokens import Tokenizer, open_tokenizer
from studio.workspace import Workspace

WAIT_SECONDS = 0.3
RETRIED_AFTER = 10.0  # seconds after which what failed is tried again
MOST_OPEN = 4

log = logging.getLogger("studio.web")


@dataclass(slots=True, kw_only=True)
class Preparing:
    """One tokenizer while it is made ready, and why it could not be; `words` say what is being done."""

    wanted: str
    words: str = ""
    ended: Event = field(default_factory=Event)
    problem: StudioError | None = None
    ended_at: float = 0.0

    def stands_for(self, wanted: str) -> bool:
        """Whether another need not begin: this one goes on, or has just failed for the same."""
        if not self.ended.is_set():
            return True
        failed = self.problem is not None and self.wanted == wanted
        return failed and monotonic() - self.ended_at < RETRIED_AFTER


class Tokenizers:
    """The tokenizers of one workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._lock = Lock()
        self._open: OrderedDict[Path, Tokenizer] = OrderedDict()
        self._preparing: dict[str, Preparing] = {}

    def find(self, recipe: Recipe, table: Table, choice: str) -> Tokenizer | Preparing:
        """The opened tokenizer, or how far its making is.

        Raises StudioError when it cannot be made, and what find_tokenizer raises.
        """
        folder = find_tokenizer(self._workspace, recipe, table, choice)
        if folder is not None:
            return self._take(folder)
        text = parse_choice(choice).text
        wanted = tell_rows(recipe, table) if text == TINY else text
        preparing = self._prepare(recipe, table, text, wanted)
        preparing.ended.wait(WAIT_SECONDS)
        if preparing.wanted == wanted and preparing.problem is not None:
            raise preparing.problem
        folder = find_tokenizer(self._workspace, recipe, table, choice)
        return preparing if folder is None else self._take(folder)

    def close(self) -> None:
        """Close the opened ones; what is being made is left to itself."""
        with self._lock:
            while self._open:
                self._open.popitem()[1].close()

    def _take(self, folder: Path) -> Tokenizer:
        with self._lock:
            if folder not in self._open:
                self._open[folder] = open_tokenizer(folder)
            self._open.move_to_end(folder)
            while len(self._open) > MOST_OPEN:
                self._open.popitem(last=False)[1].close()
            return self._open[folder]

    def _prepare(self, recipe: Recipe, table: Table, choice: str, wanted: str) -> Preparing:
        """What is under way for the choice, or else what begins now, or failed a moment ago."""
        with self._lock:
            known = self._preparing.get(choice)
            if known is not None and known.stands_for(wanted):
                return known
            preparing = self._preparing[choice] = Preparing(wanted=wanted)
        work = (preparing, recipe, table, choice)
        Thread(target=self._run, args=work, name="studio-tokenizer", daemon=True).start()
        return preparing

    def _run(self, preparing: Preparing, recipe: Recipe, table: Table, choice: str) -> None:
        def say(words: str) -> None:
            preparing.words = words

        try:
            prepare_tokenizer(self._workspace, recipe, table, choice, say)
        except StudioError as error:
            preparing.problem = error
        except Exception:
            log.exception("making the tokenizer %s ready", choice)
            preparing.problem = TokenizerError(
                f"The tokenizer {choice} could not be made ready.", "The log of the workspace says why."
            )
        preparing.ended_at = monotonic()
        preparing.ended.set()
