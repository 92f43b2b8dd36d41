"""`studio pairs`: the test records of a run with both answers, marks, and the nearest training records."""

from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from studio.cli.answer import AsJson, WorkspaceFolder, say
from studio.cli.following import RunId, find_run
from studio.cli.work import open_workspace
from studio.errors import RunError

if TYPE_CHECKING:
    from studio.compare import Pair
    from studio.compare.marks import Mark, Marks
    from studio.run import RunDir

pairs = typer.Typer(
    help="The test records of a run with both answers: list, mark, undo, nearest.",
    short_help="The test records of a run with both answers.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Key = Annotated[str, typer.Argument(metavar="KEY", help="A record's key, or its first characters.")]
Left = Annotated[str, typer.Option(help="The side before: base, tuned, step-40, or RUN/tuned.")]
Right = Annotated[str, typer.Option(help="The side after.")]


@pairs.command("list")
def list_all(
    run: RunId,
    sort: Annotated[str, typer.Option(help="order, improvement, worse or loss.")] = "order",
    only: Annotated[str, typer.Option(help="all, better, worse, same, exact, unfinished or marked.")] = "all",
    search: Annotated[str, typer.Option(help="Text in the prompt or an answer.")] = "",
    offset: Annotated[int, typer.Option(min=0)] = 0,
    limit: Annotated[int, typer.Option(min=1)] = 10,
    left: Left = "base",
    right: Right = "tuned",
    workspace: WorkspaceFolder = None,
    as_json: AsJson = False,
) -> None:
    """The records that both sides have answered, sorted and filtered; also while a run is being scored."""
    from studio.compare.query import Ask, Only, Sort, query_pairs

    ask = Ask(sort=cast(Sort, sort), only=cast(Only, only), search=search)
    _, both, marks = _open(run, workspace, left, right)
    found = query_pairs(both, marks.marks, ask)
    shown = [_describe(pair, marks) for pair in found[offset : offset + limit]]
    answer = {"records": len(both), "total": len(found), "tally": _tally(both, marks), "pairs": shown}
    say(answer, _list_lines(answer, offset), as_json=as_json)


@pairs.command("mark")
def mark_one(
    run: RunId,
    key: Key,
    mark: Annotated[str, typer.Argument(metavar="MARK", help="better, worse, same, or none.")],
    left: Left = "base",
    right: Right = "tuned",
    workspace: WorkspaceFolder = None,
    as_json: AsJson = False,
) -> None:
    """Note what you think of the answer after; `none` takes a mark away."""
    from studio.compare.marks import mark_pair

    run_dir, both, _ = _open(run, workspace, left, right)
    wanted = None if mark == "none" else cast("Mark", mark)
    marks = mark_pair(run_dir, _find_key(both, key), wanted, *_sides(run_dir, left, right))
    _say_tally(both, marks, as_json)


@pairs.command("undo")
def undo_last(
    run: RunId,
    left: Left = "base",
    right: Right = "tuned",
    workspace: WorkspaceFolder = None,
    as_json: AsJson = False,
) -> None:
    """Take the last mark back."""
    from studio.compare.marks import undo_mark

    run_dir, both, _ = _open(run, workspace, left, right)
    _say_tally(both, undo_mark(run_dir, *_sides(run_dir, left, right)), as_json)


@pairs.command("nearest")
def show_nearest(
    run: RunId,
    key: Key,
    left: Left = "base",
    right: Right = "tuned",
    workspace: WorkspaceFolder = None,
    as_json: AsJson = False,
) -> None:
    """The training records nearest to a test record, and how like its answer theirs is."""
    from studio.compare.nearest import find_nearest
    from studio.compare.query import find_pair

    run_dir, both, _ = _open(run, workspace, left, right)
    near = [one.to_dict() for one in find_nearest(run_dir, find_pair(both, _find_key(both, key)))]
    lines = [line for one in near for line in _near_lines(one)]
    say(near, lines or ["No training record shares anything with this one."], as_json=as_json)


def _open(run: str, workspace: str | None, left: str, right: str) -> "tuple[RunDir, tuple[Pair, ...], Marks]":
    from studio.compare import parse_address
    from studio.compare.between import read_pairs_between
    from studio.compare.marks import read_marks

    work = open_workspace(workspace)
    run_dir = find_run(work, run)
    addresses = [parse_address(side, run_dir.run) for side in (left, right)]
    both = read_pairs_between(addresses[0], addresses[1], work)
    return run_dir, both, read_marks(run_dir, *_sides(run_dir, left, right))


def _sides(run_dir: "RunDir", left: str, right: str) -> tuple[str, str]:
    from studio.compare import parse_address
    from studio.compare.between import name_side

    one, other = (name_side(parse_address(side, run_dir.run), run_dir.run) for side in (left, right))
    return one, other


def _find_key(both: "tuple[Pair, ...]", given: str) -> str:
    from studio.compare.query import key_pair

    fitting = {key for key in map(key_pair, both) if key.startswith(given)}
    if len(fitting) != 1:
        words = f"{len(fitting)} test records have" if fitting else "No test record has"
        raise RunError(f"{words} a key that begins with {given}.", "`studio pairs list RUN` shows the keys.")
    return fitting.pop()


def _describe(pair: "Pair", marks: "Marks") -> dict[str, Any]:
    from studio.compare.query import describe_pair

    return describe_pair(pair, marks.marks)


def _tally(both: "tuple[Pair, ...]", marks: "Marks") -> dict[str, int]:
    from studio.compare.query import key_pair

    return marks.count(map(key_pair, both))


def _say_tally(both: "tuple[Pair, ...]", marks: "Marks", as_json: bool) -> None:
    tally = _tally(both, marks)
    words = ", ".join(f"{count} {mark}" for mark, count in tally.items())
    say(tally, [f"Your marks: {words}."], as_json=as_json)


def _list_lines(answer: dict[str, Any], offset: int) -> list[str]:
    lines = []
    for one in answer["pairs"]:
        mark = f"  marked {one['mark']}" if one["mark"] else ""
        lines += [
            f"— test record {one['row']}  {one['key']}  {one['change']} {one['improvement']:+.2f}{mark}"
        ]
        lines += [one["prompt"], f"[expected] {one['expected']}"]
        lines += [f"[before] {one['base']['completion']}", f"[after] {one['tuned']['completion']}", ""]
    last = offset + len(answer["pairs"])
    shown = f"{offset + 1}–{last} of {answer['total']}" if answer["pairs"] else "None"
    return [*lines, f"{shown} found, of {answer['records']} test records that both sides have answered."]


def _near_lines(near: dict[str, Any]) -> list[str]:
    asked = near["prompt_similarity"]
    alike = [] if asked is None else [f"prompt {asked:.0%} alike"]
    alike.append(f"answer {near['answer_similarity']:.0%} alike")
    return [f"— training record {near['row']}  {', '.join(alike)}", near["prompt"], near["completion"], ""]
