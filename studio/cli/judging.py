"""studio judge: another model's scores of what the base and the tuned model answered."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from studio.cli.answer import AsJson, WorkspaceFolder, say
from studio.cli.following import RunId, find_run
from studio.cli.work import open_workspace
from studio.errors import JudgeError

if TYPE_CHECKING:
    from studio.run import RunDir
    from studio.workspace import Workspace

_OLLAMA = "http://127.0.0.1:11434/v1"


def judge(
    run: RunId,
    model: Annotated[str, typer.Option(help="The judge's model, as the endpoint names it.")] = "",
    endpoint: Annotated[
        str, typer.Option(help="An OpenAI-compatible address; Ollama's unless you say.")
    ] = _OLLAMA,
    budget: Annotated[
        int | None, typer.Option(help="Requests at most, in all; fewer records where it is small.")
    ] = None,
    mode: Annotated[
        Literal["single", "pairwise"], typer.Option(help="One answer a call, or both, in both orders.")
    ] = "single",
    prompt_file: Annotated[
        Path | None, typer.Option(help="The judge's prompt, instead of the book's.", metavar="FILE")
    ] = None,
    temperature: Annotated[float, typer.Option(help="Sent to the judge; below 0: not sent.")] = 0.0,
    seed: Annotated[int, typer.Option(help="Sent to the judge; below 0: not sent.")] = 42,
    max_tokens: Annotated[int | None, typer.Option(help="Of a reply; not sent unless given.")] = None,
    key_stdin: Annotated[
        bool, typer.Option("--key-stdin", help="Read the key from standard input; else STUDIO_JUDGE_KEY.")
    ] = False,
    plan: Annotated[bool, typer.Option("--plan", help="Say what it takes; ask nothing.")] = False,
    show: Annotated[bool, typer.Option("--show", help="Show what was judged so far; ask nothing.")] = False,
    workspace: WorkspaceFolder = None,
    as_json: AsJson = False,
) -> None:
    """Let another model score both answers to every test record from 0 to 100, as in the book's chapter 7.

    The same words again go on with what is missing; a larger --budget adds records. The key is kept nowhere.
    """
    from studio.judge import Asked, plan_judging

    work = open_workspace(workspace)
    run_dir = find_run(work, run)
    if show:
        _show(run_dir, as_json)
        return
    asked = Asked(
        model=model,
        endpoint=endpoint,
        mode=mode,
        prompt=_read_prompt(prompt_file) if prompt_file else "",
        budget=budget,
        temperature=None if temperature < 0 else temperature,
        max_tokens=max_tokens,
        seed=None if seed < 0 else seed,
    )
    planned = plan_judging(run_dir, asked, work.settings)
    if plan:
        say(planned.to_dict(), [planned.sentence, "", planned.example], as_json=as_json)
        return
    print(planned.sentence, file=sys.stderr)
    _judge(work, run_dir, asked, _find_key(key_stdin), as_json)


def _judge(work: "Workspace", run_dir: "RunDir", asked: Any, key: str, as_json: bool) -> None:
    from studio.judge import judge_run

    try:
        done = judge_run(run_dir, asked, work.settings, key, progress=_report)
    finally:
        if sys.stderr.isatty():
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
    answer = done.to_dict()
    say(answer, describe_lines(answer), as_json=as_json)


def _show(run_dir: "RunDir", as_json: bool) -> None:
    from studio.judge import list_judgings

    answers = [judging.to_dict() for judging in list_judgings(run_dir)]
    lines = [line for answer in answers for line in ("", *describe_lines(answer))][1:]
    say(answers, lines or [f"Run {run_dir.run} was not judged yet."], as_json=as_json)


def _read_prompt(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").rstrip("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise JudgeError(f"{path} cannot be read: {error}.", "Give a text file in UTF-8.") from error


def _find_key(from_stdin: bool) -> str:
    if not from_stdin:
        return os.environ.get("STUDIO_JUDGE_KEY", "")
    key = sys.stdin.readline().strip()
    if not key:
        raise JudgeError("--key-stdin was given, and standard input is empty.", "Pipe the key in.")
    return key


def _report(done: int, total: int) -> None:
    if total and sys.stderr.isatty():
        print(f"\r{done:,} of {total:,} calls", end="", file=sys.stderr, flush=True)


def describe_lines(answer: dict[str, Any]) -> list[str]:
    """What came of a judging, for people."""
    lines = [f"Judge {answer['model']} ({answer['mode']}), {answer['state']}: {answer['sentence']}"]
    for side, mean in answer["mean"].items():
        if mean is not None:
            low, high = answer["interval"][side]
            lines.append(f"  {side}: {mean:.1f} of 100, 95 % interval {low:.1f} to {high:.1f}")
    if answer["orders"]:
        lines.append(f"  {describe_orders(answer['orders'])}")
    lines.append(
        f"  {answer['answered']:,} of {answer['calls']:,} calls answered, {answer['no_number']:,} without a "
        f"number, {answer['sent']:,} of at most {answer['budget']:,} requests sent"
    )
    if answer["missing"]:
        spent = answer["sent"] >= answer["budget"]
        way = "give a larger --budget to go on" if spent else "the same command goes on"
        lines.append(f"  {answer['missing']:,} calls are missing: {way}.")
    return lines


def describe_orders(orders: dict[str, Any]) -> str:
    """What the order of the answers does, for people."""
    same, gains, correlation = orders["same_winner"], orders["first_gains"], orders["correlation"]
    words = f"both orders name the same better answer in {same:.0%} of {orders['records']:,} records"
    if correlation is not None:
        words += f", correlation {correlation:.2f}"
    return f"{words}; being shown first is worth {gains:+.1f} points"
