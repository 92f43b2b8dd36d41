"""The command that puts an export onto the Hub: push."""

import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from studio.cli.answer import AsJson, WorkspaceFolder, say
from studio.errors import ExportError, HubError

Public = Annotated[bool, typer.Option("--public", help="Let everyone see it; else private.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be sent; send nothing.")]
Replace = Annotated[bool, typer.Option("--replace", help="Overwrite files that the repository has by now.")]
TokenStdin = Annotated[bool, typer.Option("--token-stdin", help="Read the token from standard input.")]


def push(
    export: Annotated[Path, typer.Argument(metavar="EXPORT", help="The folder of an export.")],
    repo: Annotated[str, typer.Argument(metavar="ORG/NAME", help="The dataset on the Hub.")],
    public: Public = False,
    dry_run: DryRun = False,
    replace: Replace = False,
    token_stdin: TokenStdin = False,
    workspace: WorkspaceFolder = None,
    as_json: AsJson = False,
) -> None:
    """Put an export onto the Hugging Face Hub as a dataset, in one commit.

    The token is that of --token-stdin, of HF_TOKEN or of `hf auth login`, or is asked for; it is not kept.
    """
    from studio.cli.work import open_workspace
    from studio.export import open_export
    from studio.hub.push import check_repo_name
    from studio.publish import Asked
    from studio.publish.pushing import push_folder

    check_repo_name(repo)
    if not export.exists():
        raise ExportError(f"There is no folder {export}.", "For a model: studio runs push RUN ORG/NAME.")
    found = open_export(export)
    token = find_token(token_stdin)
    asked = Asked(repo=repo, private=not public, dry_run=dry_run, replace=replace)
    work = open_workspace(workspace)
    with work.scratch() as aside:
        answer = push_folder(found, asked, token, work.settings, aside / "push", progress=report)
    end_report()
    say(answer, describe_lines(answer, dry_run=dry_run), as_json=as_json)


def find_token(from_stdin: bool) -> str:
    """The token that was given; "" where the worker finds one itself. Asks a person who sits there."""
    if from_stdin:
        token = sys.stdin.readline().strip()
        if not token:
            raise HubError("--token-stdin was given, and standard input is empty.", "Pipe the token in.")
        return token
    if os.environ.get("HF_TOKEN") or _saved_token().is_file() or not sys.stdin.isatty():
        return ""
    return str(typer.prompt("Token of the Hub, with the role write", hide_input=True, err=True))


def _saved_token() -> Path:
    """Where `hf auth login` keeps the token."""
    cache = os.environ.get("XDG_CACHE_HOME", "~/.cache")
    home = os.environ.get("HF_HOME", f"{cache}/huggingface")
    return Path(os.environ.get("HF_TOKEN_PATH", f"{home}/token")).expanduser()


def report(done: int, total: int) -> None:
    """Show how far a push is, where a person looks on."""
    if total and sys.stderr.isatty():
        print(f"\r{done:,} of {total:,} bytes", end="", file=sys.stderr, flush=True)


def end_report() -> None:
    """Clear that line."""
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def describe_lines(answer: dict[str, Any], *, dry_run: bool) -> list[str]:
    """The answer of a push or a dry run, for people."""
    shown = "private" if answer["private"] else "public"
    place = "exists" if answer["exists"] else "is new"
    lines = [f"{file['path']}  {file['bytes']:,} bytes  {file['state']}" for file in answer["files"]]
    lines += [f"{path}  stays as it is" for path in answer["others"]]
    if not dry_run:
        return [f"Pushed {answer['bytes']:,} bytes to {answer['url']} ({shown}).", *lines]
    head = (
        f"Would push {answer['bytes']:,} bytes to {answer['repo']} ({shown}; it {place}) as {answer['user']}."
    )
    asks = ["It holds other files: to push all the same give --replace."] if answer["asks"] else []
    return [head, *lines, *asks]
