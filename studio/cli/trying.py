"""studio try: a prompt of one's own in both models of a run."""

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from studio.cli.answer import AsJson, WorkspaceFolder, say
from studio.cli.following import RunId, find_run
from studio.cli.work import open_workspace
from studio.errors import RunError

if TYPE_CHECKING:
    from studio.answers import Asked
    from studio.run import RunDir
    from studio.run.decoding import Decoding

TEMPERATURE = "Draw tokens, the likelier the lower; without it the likeliest is taken each time."


def try_(
    run: RunId,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="COLUMN=TEXT", help="Fill in a column of the template; repeat it."),
    ] = None,
    prompt: Annotated[
        str | None, typer.Option(help="A bare prompt instead, as the model sees it; - reads it from stdin.")
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option("--model", help="base, tuned or a checkpoint such as step-40; two at most."),
    ] = None,
    max_tokens: Annotated[int, typer.Option(help="The most tokens of an answer.")] = 64,
    temperature: Annotated[float | None, typer.Option(help=TEMPERATURE)] = None,
    top_p: Annotated[
        float | None, typer.Option(help="Draw from the likeliest tokens that make up this share.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Of drawing: the same gives the same text.")] = None,
    workspace: WorkspaceFolder = None,
    as_json: AsJson = False,
) -> None:
    """What the base and the tuned model of a run say to a prompt, with the run's own template."""
    from studio.answers import try_prompt

    found = find_run(open_workspace(workspace), run)
    asked = _read_asked(found, set_ or [], prompt)
    decoding = _choose_decoding(max_tokens, temperature, top_p, seed)
    record = try_prompt(found, asked, decoding, model or ["base", "tuned"], hear=_report)
    say(record, describe_try(record), as_json=as_json)


def describe_try(record: dict[str, Any]) -> list[str]:
    """A question and its answers, for people."""
    lines = [f"[prompt] {record['prompt']}"]
    if record["cut"]:
        lines.append("(The prompt is longer than the model takes: its end was kept.)")
    for answer in record["answers"]:
        end = "" if answer["finished"] else "  …"
        lines += ["", f"[{answer['which']}, {answer['weights_sha256'][:8]}] {answer['completion']}{end}"]
    return lines


def _read_asked(found: "RunDir", given: list[str], prompt: str | None) -> "Asked":
    from studio.answers import fill_template, list_fields, take_prompt

    if prompt is not None and given:
        raise RunError("--set and --prompt are both given.", "Fill in the template, or write a bare prompt.")
    if prompt is not None:
        return take_prompt(sys.stdin.read() if prompt == "-" else prompt)
    if not given:
        names = " ".join(f'--set {field.name}="…"' for field in list_fields(found))
        raise RunError("There is nothing to ask.", f"Give {names or '--prompt TEXT'}.")
    values = {}
    for one in given:
        name, equals, text = one.partition("=")
        if not equals:
            raise RunError(f"--set {one!r:.60} is no COLUMN=TEXT.", 'Write --set question="Who are you?".')
        values[name] = text
    return fill_template(found, values)


def _choose_decoding(
    max_tokens: int, temperature: float | None, top_p: float | None, seed: int | None
) -> "Decoding":
    from studio.run.decoding import Decoding

    given = {"temperature": temperature, "top_p": top_p, "seed": seed}
    drawn = {name: value for name, value in given.items() if value is not None}
    method = "sample" if drawn else "greedy"
    return Decoding.from_dict({"method": method, "max_new_tokens": max_tokens, **drawn})


def _report(event: dict[str, Any]) -> None:
    if event["event"] == "ready" and sys.stderr.isatty():
        print("The models are loaded.", file=sys.stderr)
