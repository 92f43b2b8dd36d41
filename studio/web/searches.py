"""Searches: queries, statistics, splits and their reviews, that go on in the background while a page shows
what is there so far.

A request starts the work, or joins one that is under way, and waits up to a second. What was found is kept,
up to so many bytes, for as long as the table stays what it was. Knows nothing of HTTP.
"""

import logging
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from threading import Condition, Lock, Semaphore, Thread
from time import monotonic
from typing import Any, Generic, TypeVar

import numpy as np

from studio.pipeline import plan_splits
from studio.recipe import ExportSpec, OverlaySpec, Recipe, TrainSpec, dump_recipe
from studio.review import Review, iter_review
from studio.split import Splits
from studio.table import Table
from studio.table.matching import NO_ROWS, RowIds, iter_matches
from studio.table.query import Query
from studio.table.statistics import ColumnStats, describe_columns
from studio.table.stored import TABLE_FILE

WAIT_SECONDS = 1.0
MOST_BYTES = 64 << 20
MOST_RUNNING = 4
_BYTES_OF_ANY = 4_096  # what an entry takes besides its rows

Part = TypeVar("Part")

log = logging.getLogger("studio.web")


class Work(Generic[Part]):
    """Something that gives its parts one after another, in a thread of its own.

    `parts` only ever grows; `done` says that there will be no more, `error` why it ended early.
    """

    def __init__(self, parts: Callable[[], Iterator[Part]], slots: Semaphore) -> None:
        self.parts: list[Part] = []
        self.done = False
        self.error: Exception | None = None
        self.asked = monotonic()
        self._changed = Condition()
        self._stopped = False
        self._make, self._slots = parts, slots

    def start(self) -> None:
        """Begin in the background."""
        Thread(target=self._run, name="studio-search").start()

    def stop(self) -> None:
        """Leave off after the part that is being made."""
        self._stopped = True

    def wait(self, enough: Callable[[list[Part]], bool], seconds: float) -> None:
        """Wait until there is enough or all, for so many seconds at most; raises what ended the work."""
        self.asked = monotonic()
        with self._changed:
            self._changed.wait_for(lambda: self.done or enough(self.parts), seconds)
        if self.error is not None:
            raise self.error

    def _run(self) -> None:
        with self._slots:
            try:
                for part in self._make() if not self._stopped else ():
                    self._note(part)
                    if self._stopped:
                        break
            except Exception as error:
                self.error = error
            with self._changed:
                self.done = True
                self._changed.notify_all()

    def _note(self, part: Part) -> None:
        with self._changed:
            self.parts.append(part)
            self._changed.notify_all()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Some of the rows that a query wants: of `total` known so far, after looking at `searched` records."""

    rows: RowIds
    total: int
    searched: int
    done: bool


@dataclass(slots=True)
class _Entry:
    state: object
    work: Work[Any]
    bytes: Callable[[], int] = field(default=lambda: 0)


class Searches:
    """The searches and statistics of all tables, the oldest forgotten when they take too many bytes."""

    def __init__(self, *, most_bytes: int = MOST_BYTES, most_running: int = MOST_RUNNING) -> None:
        self._most_bytes, self._most_running = most_bytes, most_running
        self._entries: OrderedDict[object, _Entry] = OrderedDict()
        self._slots = Semaphore(most_running)
        self._lock = Lock()

    def find(
        self,
        table_id: str,
        table: Table,
        query: Query,
        offset: int,
        limit: int,
        seconds: float = WAIT_SECONDS,
    ) -> Found:
        """The rows from the `offset`-th match on, as far as they are known when it is full or time is up.

        Raises TableError when this cannot be asked of the table.
        """
        query.check(table)
        if query.is_everything:
            stop = min(len(table), offset + limit)
            rows = np.arange(min(offset, stop), stop, dtype=np.uint32)
            return Found(rows=rows, total=len(table), searched=len(table), done=True)
        work: Work[tuple[int, RowIds]] = self._find_work(
            (table_id, query), table, lambda: iter_matches(table, query)
        )
        work.wait(lambda parts: _count(parts) >= offset + limit, seconds)
        return _cut_page(work, len(table), offset, limit)

    def describe(
        self, table_id: str, table: Table, indexes: list[int], seconds: float = WAIT_SECONDS
    ) -> tuple[list[ColumnStats], bool]:
        """The figures of these columns that are ready when time is up, and whether all of them are."""
        work: Work[ColumnStats] = self._find_work(table_id, table, lambda: describe_columns(table))
        wanted = set(indexes)
        work.wait(lambda parts: len(wanted & {stats.index for stats in parts}) == len(wanted), seconds)
        ready = [stats for stats in list(work.parts) if stats.index in wanted]
        return ready, len(ready) == len(wanted)

    def review(
        self,
        table_id: str,
        table: Table,
        recipe: Recipe,
        look: float | None = None,
        seconds: float = WAIT_SECONDS,
    ) -> Review | None:
        """What is known of the recipe's split when time is up; None when nothing is.

        `look` is the similarity from which on near twins are looked for. Raises what is wrong with the split
        in words.
        """
        key = ("split", table_id, look, dump_recipe(_cut_recipe(recipe)))
        work: Work[Review] = self._find_work(key, table, lambda: iter_review(recipe, table, look))
        work.wait(lambda parts: bool(parts) and parts[-1].done, seconds)
        return work.parts[-1] if work.parts else None

    def cut(
        self, table_id: str, table: Table, recipe: Recipe, seconds: float = WAIT_SECONDS
    ) -> Splits | None:
        """The parts that the recipe cuts, or None while they are being cut. Raises what is wrong in words."""
        key = ("parts", table_id, dump_recipe(_cut_recipe(recipe)))
        work: Work[Splits] = self._find_work(key, table, lambda: iter([plan_splits(recipe, table)]))
        work.wait(bool, seconds)
        return work.parts[-1] if work.parts else None

    def close(self) -> None:
        """Stop what is running."""
        with self._lock:
            for entry in self._entries.values():
                entry.work.stop()
            self._entries.clear()

    def _find_work(self, key: object, table: Table, make: Callable[[], Iterator[Any]]) -> Work[Any]:
        state = _read_state(table)
        with self._lock:
            entry = self._entries.get(key)
            if entry is not None and entry.state == state and entry.work.error is None:
                self._entries.move_to_end(key)
                return entry.work
            if entry is not None:
                self._entries.pop(key).work.stop()
            self._make_room()
            work: Work[Any] = Work(make, self._slots)
            self._entries[key] = _Entry(state, work)
            work.start()
            return work

    def _make_room(self) -> None:
        """Forget the oldest that are over the bytes; of too many that run stop those asked about long ago."""
        while self._entries and sum(map(_count_bytes, self._entries.values())) > self._most_bytes:
            self._entries.popitem(last=False)[1].work.stop()
        running = [(entry.work.asked, key) for key, entry in self._entries.items() if not entry.work.done]
        for _, key in sorted(running, key=lambda pair: pair[0])[
            : max(0, len(running) + 1 - self._most_running)
        ]:
            self._entries.pop(key).work.stop()


def _cut_recipe(recipe: Recipe) -> Recipe:
    """What of a recipe a review depends on, besides the table: a change of the rest starts none anew."""
    none = {"overlay": OverlaySpec(), "export": ExportSpec(), "train": TrainSpec()}
    return recipe.model_copy(update=none)


def _read_state(table: Table) -> object:
    """What has to be the same for what was found to hold: the records, and when they were put there."""
    return table, (table.folder / TABLE_FILE).stat().st_mtime_ns


def _count_bytes(entry: _Entry) -> int:
    parts = entry.work.parts
    return _BYTES_OF_ANY + sum(map(_measure, list(parts)))


def _measure(part: object) -> int:
    if isinstance(part, Splits):
        return sum(rows.nbytes for rows in part.parts.values())
    return part[1].nbytes if isinstance(part, tuple) else _BYTES_OF_ANY


def _count(parts: list[tuple[int, RowIds]]) -> int:
    return sum(len(rows) for _, rows in parts)


def _cut_page(work: Work[tuple[int, RowIds]], records: int, offset: int, limit: int) -> Found:
    parts = list(work.parts)
    pieces, start = [NO_ROWS], offset
    for _, rows in parts:
        pieces.append(rows[max(0, start) : max(0, start + limit)])
        start -= len(rows)
    searched = parts[-1][0] if parts else 0
    return Found(
        rows=np.concatenate(pieces), total=_count(parts), searched=searched, done=searched >= records
    )
