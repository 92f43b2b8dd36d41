"""`studio runs files|download|card|modelfile|push`: taking a model away from a run that has succeeded."""

from pathlib import Path
from typing import Annotated, Any

import typer

from studio.cli.answer import AsJson, WorkspaceFolder, say
from studio.cli.following import RunId, find_run
from studio.cli.push import (
    DryRun,
    Public,
    Replace,
    TokenStdin,
    describe_lines,
    end_report,
    find_token,
    report,
)
from studio.cli.work import open_workspace

What = Annotated[str, typer.Option("--what", help="model, or adapter where one was trained.", metavar="WHAT")]


def files(run: RunId, workspace: WorkspaceFolder = None, as_json: AsJson = False) -> None:
    """What a finished run gives: every file with its size, and how other programs open it."""
    from studio.takeaway import describe_takeaway

    answer = describe_takeaway(find_run(open_workspace(workspace), run))
    say(answer, _takeaway_lines(answer), as_json=as_json)


def download(
    run: RunId,
    what: What = "model",
    out: Annotated[
        Path | None, typer.Option("--out", help="A new folder, or a name that ends in .zip.")
    ] = None,
    workspace: WorkspaceFolder = None,
    as_json: AsJson = False,
) -> None:
    """Copy the model or the adapter of a finished run, with its card, into a folder or a zip."""
    from studio.takeaway import open_bundle, save_bundle

    bundle = open_bundle(find_run(open_workspace(workspace), run), what)  # type: ignore[arg-type]
    answer = save_bundle(bundle, out or Path(bundle.name))
    say(answer, [*_file_lines(answer), f"In {answer['path']}"], as_json=as_json)


def card(
    run: RunId, what: What = "model", workspace: WorkspaceFolder = None, as_json: AsJson = False
) -> None:
    """The model card of a finished run."""
    from studio.takeaway import describe_card, open_bundle

    found = find_run(open_workspace(workspace), run)
    text = describe_card(found, open_bundle(found, what).what)  # type: ignore[arg-type]
    say({"card": text}, text.splitlines(), as_json=as_json)


def modelfile(run: RunId, workspace: WorkspaceFolder = None, as_json: AsJson = False) -> None:
    """What Ollama reads of the model; where it cannot ask it as it was trained, the reason."""
    from studio.errors import RunError
    from studio.takeaway import describe_modelfile, require_success

    found = find_run(open_workspace(workspace), run)
    require_success(found)
    made = describe_modelfile(found)
    if not made.text:
        raise RunError(made.words[0], "Take the model away for transformers: studio runs download.")
    say({"text": made.text, "words": list(made.words)}, made.text.splitlines(), as_json=as_json)


def push(
    run: RunId,
    repo: Annotated[str, typer.Argument(metavar="ORG/NAME", help="The model on the Hub.")],
    what: What = "model",
    public: Public = False,
    dry_run: DryRun = False,
    replace: Replace = False,
    token_stdin: TokenStdin = False,
    workspace: WorkspaceFolder = None,
    as_json: AsJson = False,
) -> None:
    """Put the model or the adapter of a finished run onto the Hugging Face Hub, in one commit.

    The token is that of --token-stdin, of HF_TOKEN or of `hf auth login`, or is asked for; it is not kept.
    """
    from studio.hub.push import check_repo_name
    from studio.publish import Asked
    from studio.takeaway import open_bundle, push_bundle

    check_repo_name(repo, "model")
    work = open_workspace(workspace)
    found = find_run(work, run)
    kind = open_bundle(found, what).what  # type: ignore[arg-type]
    token = find_token(token_stdin)
    asked = Asked(repo=repo, private=not public, dry_run=dry_run, replace=replace, kind=kind)
    with work.scratch() as aside:
        answer = push_bundle(found, asked, token, work.settings, aside / "push", progress=report)
    end_report()
    say(answer, describe_lines(answer, dry_run=dry_run), as_json=as_json)


COMMANDS = (files, download, card, modelfile, push)


def _takeaway_lines(answer: dict[str, Any]) -> list[str]:
    lines = [line for bundle in answer["bundles"] for line in _file_lines(bundle)]
    lines += ["", "Python:", *_indent(answer["use"]), "", "GGUF:", *_indent(answer["gguf"]["commands"])]
    lines += [f"  {answer['gguf']['words']}", "", "Ollama:", *_indent(answer["ollama"])]
    return [*lines, *_indent(answer["modelfile"]["words"])]


def _file_lines(bundle: dict[str, Any]) -> list[str]:
    head = f"{bundle['name']}: {len(bundle['files'])} files, {bundle['bytes']:,} bytes"
    return [head, *(f"  {file['name']}  {file['bytes']:,} bytes" for file in bundle["files"])]


def _indent(lines: list[str]) -> list[str]:
    return [f"  {line}" for line in lines]
