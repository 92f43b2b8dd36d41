"""Work on one piece after another, with the next ones under way in other threads.

    map_ahead(normalise_texts, batches)   →   the normalised batches, in order, on two processors

For work that leaves Python's lock alone most of the time, as polars, numpy and rensa do. Knows nothing of it.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Piece = TypeVar("Piece")
Made = TypeVar("Made")

AHEAD = 2  # pieces that are worked on, or wait to be taken, beside the one that was taken last


def map_ahead(work: Callable[[Piece], Made], pieces: Iterable[Piece]) -> Iterator[Made]:
    """What `work` makes of each piece, in order; what goes wrong with one is raised in its turn."""
    pending: deque[Future[Made]] = deque()
    with ThreadPoolExecutor(AHEAD) as threads:
        for piece in pieces:
            pending.append(threads.submit(work, piece))
            if len(pending) > AHEAD:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
