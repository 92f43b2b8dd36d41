"""studio compare: a model before and after, two checkpoints, two runs."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from studio.cli.answer import AsJson, WorkspaceFolder, say
from studio.cli.following import find_run
from studio.cli.work import open_workspace

if TYPE_CHECKING:
    from studio.compare import Address, Comparison
    from studio.workspace import Workspace


def compare(
    run: Annotated[
        str,
        typer.Argument(metavar="RUN", help="A run's id, or its first characters; RUN/step-40 a checkpoint."),
    ],
    other: Annotated[
        str | None,
        typer.Option(
            "--with", help="What to compare it with, instead of its base model.", metavar="RUN[/SIDE]"
        ),
    ] = None,
    evaluate: Annotated[
        str | None,
        typer.Option(help="Let a checkpoint answer the test part first, where it has not.", metavar="STEP-N"),
    ] = None,
    by: Annotated[
        str | None, typer.Option(help="Tell the scores by the values of a column.", metavar="COLUMN")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Write a report: its name ends in .html, .jsonl or .csv.", metavar="FILE"),
    ] = None,
    workspace: WorkspaceFolder = None,
    examples: Annotated[int, typer.Option(help="How many records to show to people.", min=0)] = 5,
    as_json: AsJson = False,
) -> None:
    """The base and the tuned model on the test part: the same prompts, their completions, scores.

    With --with, RUN is the left side and the other the right one; --evaluate STEP-N stands for RUN/STEP-N.
    """
    from studio.compare import open_comparison_of

    work = open_workspace(workspace)
    if evaluate is not None:
        run = str(_evaluate(work, run, evaluate))
    left, right = _choose_sides(work, run, other)
    comparison = open_comparison_of(left, right, work)
    answer = comparison.to_dict(limit=comparison.records, by=by)
    if out is not None:
        from studio.compare.report import write_report

        write_report(comparison, out, work, by)
    lines = [f"Wrote {out}."] if out is not None else _comparison_lines(comparison, answer, examples)
    say(answer, lines, as_json=as_json)


def _choose_sides(work: "Workspace", run: str, other: str | None) -> tuple["Address", "Address"]:
    """The base model of the run and one of its sides; with another, the side and that other."""
    from studio.compare import Address
    from studio.run.sides import BASE, TUNED

    given = _find_address(work, run)
    if other is not None:
        return given, _find_address(work, other, given.run)
    return Address(run=given.run, which=BASE), given if given.which != BASE else Address(
        run=given.run, which=TUNED
    )


def _evaluate(work: "Workspace", run: str, which: str) -> "Address":
    """Have a checkpoint of the run answer; its address when it is done."""
    from studio.answers import wait_side

    address = _find_address(work, which, _find_address(work, run).run)
    said = set()

    def say_progress(done: int, total: int) -> None:
        if total and done not in said:
            print(f"{done:,} of {total:,} test records answered", file=sys.stderr)
        said.add(done if total else None)

    wait_side(work.run(address.run), address.which, progress=say_progress)
    return address


def _find_address(work: "Workspace", text: str, run: str = "") -> "Address":
    from studio.compare import Address, parse_address

    address = parse_address(text, run)
    return Address(run=find_run(work, address.run).run, which=address.which)


def _comparison_lines(comparison: "Comparison", answer: dict[str, Any], examples: int) -> list[str]:
    from studio.compare.differences import FEW

    lines = [
        answer["verdict"],
        *answer["notes"],
        "",
        f"{answer['left']} → {answer['right']} ({answer['label']}), {answer['records']:,} test records",
        *_score_lines(answer),
    ]
    for category in answer["categories"] or ():
        value = "no value" if category["value"] is None else category["value"]
        records = "1 record" if category["records"] == 1 else f"{category['records']:,} records"
        lines += [
            "",
            f"{answer['by']}: {value}, {records}",
            *_score_lines(category, few=category["records"] < FEW),
        ]
    for pair in comparison.page(0, examples):
        lines += ["", f"— test record {pair.row}", pair.prompt, f"[expected] {pair.expected}"]
        lines += [f"[before] {pair.base.completion}", f"[after] {pair.tuned.completion}"]
    return lines


def _score_lines(scores: dict[str, Any], *, few: bool = False) -> list[str]:
    """One line a score: `token_f1  0.041 → 0.312  +0.271 [0.224, 0.315]  better`."""
    from studio.compare import Difference, judge_difference, spell_difference

    lines = []
    for name, before in scores["base"].items():
        after = scores["tuned"][name]
        if before is None and after is None:
            continue
        old, new = ("–" if value is None else f"{value:.3f}" for value in (before, after))
        line = f"  {name:<14} {old:>9} → {new:<9}"
        if name in scores["difference"]:
            difference = Difference(**scores["difference"][name])
            judged = "few records" if few else judge_difference(name, difference)
            line += f" {spell_difference(difference, 3)}  {judged}"
        lines.append(line)
    return lines
