"""What a command says: its object as JSON, lines for people, problems, bugs.

Knows nothing of the stages.
"""

import sys
import traceback
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Answer with one JSON object.")]
WorkspaceFolder = Annotated[
    str | None,
    typer.Option("--workspace", help="Folder that holds all work (STUDIO_WORKSPACE).", metavar="DIR"),
]


def say(answer: Any, lines: Iterable[str], *, as_json: bool) -> None:
    """Print the answer as one line of JSON, or the lines for people."""
    if as_json:
        import msgspec

        sys.stdout.write(msgspec.json.encode(answer).decode("utf-8") + "\n")
    else:
        sys.stdout.writelines(f"{line}\n" for line in lines)
    sys.stdout.flush()


def report_problem(message: str, hint: str) -> int:
    """One line for what is wrong, one for what to do; returns exit code 2."""
    print(f"error: {_one_line(message)}", file=sys.stderr)
    print(f"hint: {_one_line(hint)}", file=sys.stderr)
    return 2


def report_bug(error: Exception) -> int:
    """Keep the traceback in the log and say where; returns exit code 1."""
    from studio.settings import Settings

    log = Settings.from_env(_asked_workspace(sys.argv)).workspace / "logs" / "studio.log"
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8") as file:
            file.write(f"{datetime.now(UTC).isoformat()} studio {' '.join(sys.argv[1:])}\n")
            file.writelines(traceback.format_exception(error))
    except OSError:
        traceback.print_exception(error)
    print(f"error: {type(error).__name__}: {_one_line(str(error))}", file=sys.stderr)
    print(f"hint: This is a bug of Dataset Studio. The traceback is in {log}.", file=sys.stderr)
    return 1


def _asked_workspace(arguments: list[str]) -> str | None:
    """What --workspace says, whichever command it was given to."""
    for option, value in zip(arguments, [*arguments[1:], ""], strict=True):
        if option == "--workspace":
            return value or None
        if option.startswith("--workspace="):
            return option.partition("=")[2] or None
    return None


def _one_line(text: str) -> str:
    return " ".join(text.split())
