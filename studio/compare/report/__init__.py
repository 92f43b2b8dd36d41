"""All of a comparison to take away.

    html    one page that opens offline: verdict, scores with intervals, curves, examples, recipe, hashes
    jsonl   {"instruction": "…", "input": "", "output": "…", "model_response": "…"}
    csv     a row a record, with both answers and their scores, a judge's among them

Knows comparisons and runs; what is written is bytes, piece by piece.
"""

from collections.abc import Iterator
from pathlib import Path

from studio.compare.comparison import Comparison
from studio.compare.report.judges import find_judged
from studio.compare.report.page import iter_page
from studio.compare.report.rows import iter_csv, iter_jsonl
from studio.durable import write_file
from studio.errors import RunError
from studio.workspace import Workspace

REPORTS = {
    "html": "text/html; charset=utf-8",
    "jsonl": "application/jsonl",
    "csv": "text/csv; charset=utf-8",
}


def open_report(
    comparison: Comparison, kind: str, workspace: Workspace, by: str | None = None
) -> Iterator[bytes]:
    """The bytes of a report; `by` names the column by whose values the page tells the scores apart.

    RunError at once for a kind that there is not, answers that there are not, and a column that is none.
    """
    if kind not in REPORTS:
        raise RunError(f"There is no report of the kind {kind!r:.20}.", f"Kinds are: {', '.join(REPORTS)}.")
    if kind == "html":
        return iter_page(comparison, workspace, comparison.categories(by) if by is not None else (), by)
    return (
        iter_jsonl(comparison)
        if kind == "jsonl"
        else iter_csv(comparison, find_judged(comparison, workspace))
    )


def write_report(comparison: Comparison, path: Path, workspace: Workspace, by: str | None = None) -> None:
    """Write a report of the kind that the file's name ends in; an existing one is left. RunError in words."""
    pieces = open_report(comparison, path.suffix.removeprefix(".").lower(), workspace, by)
    if path.exists():
        raise RunError(f"{path} is there already.", "Choose another name, or remove it.")
    try:
        write_file(path, b"".join(pieces))
    except OSError as error:
        raise RunError(f"Cannot write {path}: {error.strerror}.", "Choose another folder.") from error


def name_report(comparison: Comparison, kind: str) -> str:
    """A name for the file: `compare-9c41d2a0-base-tuned.html`."""
    left, right = (side.partition("/") for side in (comparison.left, comparison.right))
    other = f"{left[0][:8]}-" if left[0] != right[0] else ""
    return f"compare-{other}{left[2]}-{right[0][:8]}-{right[2]}.{kind}"
