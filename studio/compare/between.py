"""The pairs of two sides by their addresses, as far as both have answered: also while a run is being scored.

Read anew only when a file has changed. Knows files and addresses; which pairs are wanted is query.py's.
"""

from functools import lru_cache
from pathlib import Path

from studio.compare.pairs import Pair, join_by_row, join_by_text
from studio.compare.sides import Address, read_lines_of
from studio.errors import RunError
from studio.run import RunDir
from studio.run.sides import answers_file
from studio.workspace import Workspace

Sign = tuple[int, int]


def read_pairs_between(left: Address, right: Address, workspace: Workspace) -> tuple[Pair, ...]:
    """The records that both sides have answered by now, in the left order; of two runs those they share.

    RunError when a line of theirs is damaged.
    """
    sides = tuple((workspace.run(side.run), side.which) for side in (left, right))
    (left_dir, left_which), (right_dir, right_which) = sides
    signs = tuple(_sign(answers_file(run_dir, which)) for run_dir, which in sides)
    return _read(left_dir.path, left_which, right_dir.path, right_which, signs)


def name_side(address: Address, run: str) -> str:
    """An address as it is written in the marks of a run: `step-40`, and of another run `RUN/step-40`."""
    return address.which if address.run == run else str(address)


@lru_cache(maxsize=8)
def _read(
    left: Path, left_which: str, right: Path, right_which: str, signs: tuple[Sign, ...]
) -> tuple[Pair, ...]:
    join = join_by_row if left == right else join_by_text
    try:
        return join(read_lines_of(RunDir(left), left_which), read_lines_of(RunDir(right), right_which))
    except (KeyError, TypeError, AttributeError) as error:
        raise RunError(
            f"The answers of run {right.name} are damaged: a line lacks what every line has.",
            "Start the run again.",
        ) from error


def _sign(path: Path) -> Sign:
    """Another value whenever a file has changed."""
    try:
        stat = path.stat()
    except FileNotFoundError:
        return 0, 0
    return stat.st_mtime_ns, stat.st_size
