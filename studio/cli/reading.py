"""How a source is read: the options of every command that reads, and the command that only reads."""

import inspect
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer

from studio.cli.answer import AsJson, WorkspaceFolder, say
from studio.errors import SettingsError

SourceText = Annotated[
    str,
    typer.Argument(
        metavar="SOURCE", help="A file, a folder, a pattern, an https:// URL, or a Hub id such as org/name."
    ),
]

SourceOrRecipe = Annotated[
    str, typer.Argument(metavar="SOURCE|RECIPE", help="What `studio inspect` takes, or a recipe.yaml.")
]
RecipeSource = Annotated[
    Path | None, typer.Option("--source", help="The recipe's file, if elsewhere.", metavar="FILE")
]

_OPTIONS: dict[str, Any] = {
    "config": Annotated[str | None, typer.Option(help="Config of a Hub dataset.")],
    "split": Annotated[str | None, typer.Option(help="Source split of a Hub dataset; all keeps every one.")],
    "revision": Annotated[
        str | None, typer.Option(help="Revision of a Hub dataset: a commit, branch or tag.")
    ],
    "first": Annotated[
        str | None, typer.Option(help="How many records to keep; all for all of a stream (default 1000).")
    ],
    "member": Annotated[str | None, typer.Option(help="File inside a zip archive.")],
    "sheet": Annotated[str | None, typer.Option(help="Sheet of a workbook.")],
    "field": Annotated[str | None, typer.Option(help="Key under which a JSON object holds its records.")],
    "encoding": Annotated[str | None, typer.Option(help="Encoding of text that is not UTF-8.")],
    "delimiter": Annotated[
        str | None, typer.Option(help="What separates the cells of a CSV; tab for a tab.")
    ],
    "quote": Annotated[str | None, typer.Option(help="The quote of a CSV; none for no quotes.")],
    "types": Annotated[
        list[str] | None,
        typer.Option("--type", help="column=integer, float or boolean of a CSV; may be repeated."),
    ],
    "records": Annotated[str | None, typer.Option(help="Records of plain text: line or block.")],
}


def takes_reading_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of a reading; it gets those that were given as one mapping `options`."""
    signature = inspect.signature(command)
    own = [parameter for name, parameter in signature.parameters.items() if name != "options"]
    added = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)
        for name, annotation in _OPTIONS.items()
    ]

    @wraps(command)
    def run(**values: Any) -> None:
        given = {name: value for name in _OPTIONS if (value := values.pop(name)) not in (None, [])}
        command(**values, options=_parse_options(given))

    keyword = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own]
    run.__signature__ = signature.replace(parameters=[*keyword, *added])  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in [*keyword, *added]}
    return run


@takes_reading_options
def load(
    source: SourceText,
    options: dict[str, Any],
    workspace: WorkspaceFolder = None,
    as_json: AsJson = False,
) -> None:
    """Read a source into the workspace, where the page and later commands find it; answers with its id."""
    from studio.cli.tables import describe_counts
    from studio.errors import ReadError
    from studio.ingest import start_ingest, stop_ingest, wait_ingest
    from studio.settings import Settings
    from studio.source import parse_source
    from studio.workspace import Workspace

    work = Workspace(Settings.from_env(workspace))
    state = start_ingest(parse_source(source, **options), work)
    try:
        if state.state == "reading":
            state = wait_ingest(work, state.id, on_state=_show_progress)
    except KeyboardInterrupt:
        state = stop_ingest(work, state.id)
    if state.state in ("failed", "interrupted"):
        raise ReadError(state.message, state.hint)
    table = work.table(state.id)
    answer = {"id": state.id, "reused": state.reused} | describe_counts(table)
    say(answer, [f"{table.name}: {len(table):,} records, table {state.id}"], as_json=as_json)


def _parse_options(given: dict[str, Any]) -> dict[str, Any]:
    if "first" in given and given["first"] != "all":
        if not given["first"].isdecimal():
            raise SettingsError(
                f"--first {given['first']} is no number.", "Give a number of records, or all."
            )
        given["first"] = int(given["first"])
    if given.get("delimiter") in ("tab", "\\t"):
        given["delimiter"] = "\t"
    if "types" in given:
        given["types"] = dict(_parse_pair(pair, "--type", "column=integer") for pair in given["types"])
    return given


def _parse_pair(pair: str, option: str, example: str) -> tuple[str, str]:
    name, equals, value = pair.rpartition("=")
    if not equals:
        raise SettingsError(f"{option} {pair} has no =.", f"Write {option} {example}.")
    return name, value


def _show_progress(state: Any) -> None:
    share = f"{state.bytes / state.total:4.0%}  " if state.total else ""
    left = f"  {state.left:.0f} s left" if state.left is not None else ""
    if not sys.stderr.isatty():
        return
    print(f"\r{share}{state.records:,} records{left}   ", end="", file=sys.stderr, flush=True)
