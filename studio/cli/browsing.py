"""Commands that look into data: rows, stats."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from studio.cli.answer import AsJson, WorkspaceFolder, say
from studio.cli.reading import RecipeSource, SourceOrRecipe, SourceText, takes_reading_options
from studio.errors import SettingsError

if TYPE_CHECKING:
    from studio.table import Page, Table

_SHOWN_CHARACTERS = 200
_BAR_CHARACTERS = 40


Where = Annotated[
    list[str] | None,
    typer.Option(
        help='A condition, {"column": "answer", "is": "contains", "value": "LoRA"}; may be repeated.',
        metavar="JSON",
    ),
]


@takes_reading_options
def rows(
    source: SourceOrRecipe,
    options: dict[str, Any],
    search: Annotated[str, typer.Option(help="Only records in which any column contains this text.")] = "",
    case: Annotated[bool, typer.Option("--case", help="Upper and lower case differ.")] = False,
    word: Annotated[bool, typer.Option("--word", help="The text is a whole word.")] = False,
    regex: Annotated[bool, typer.Option("--regex", help="The text is a regular expression.")] = False,
    where: Where = None,
    sort: Annotated[str | None, typer.Option(help="Column to sort by.", metavar="COLUMN")] = None,
    descending: Annotated[bool, typer.Option("--descending", help="The largest first.")] = False,
    offset: Annotated[int, typer.Option(help="How many matches to pass over.", min=0)] = 0,
    limit: Annotated[int, typer.Option(help="How many records to show.", min=0)] = 50,
    source_file: RecipeSource = None,
    workspace: WorkspaceFolder = None,
    as_json: AsJson = False,
) -> None:
    """Show records: all, those that a search finds, or those for which every condition holds; of a recipe as
    they were put right.
    """
    from studio.cli.tables import opened_any
    from studio.table.query import Query, Search, parse_condition

    conditions = tuple(parse_condition(_read_json(text)) for text in where or ())
    wanted = Query(Search(search, case, word, regex) if search else Search(), conditions, sort, descending)
    with opened_any(source, workspace, options, source_file) as (_, table):
        answer = _describe_rows(table, table.page(offset, limit, wanted))
        say(answer, _row_lines(answer), as_json=as_json)


@takes_reading_options
def stats(
    source: SourceText,
    options: dict[str, Any],
    workspace: WorkspaceFolder = None,
    as_json: AsJson = False,
) -> None:
    """Say what each column holds: its shape, how often it has nothing, how its lengths or values lie."""
    from dataclasses import asdict

    from studio.cli.tables import opened_table
    from studio.table.statistics import describe_columns

    with opened_table(source, workspace, options) as table:
        columns = [asdict(column) for column in describe_columns(table)]
        answer = {"source": table.name, "records": len(table), "columns": columns}
        say(answer, _stats_lines(answer), as_json=as_json)


def _describe_rows(table: "Table", page: "Page") -> dict[str, Any]:
    from studio.cli.tables import plain_values

    return {
        "source": table.name,
        "all": len(table),
        "total": page.total,
        "offset": page.offset,
        "rows": [
            {"row": record.row, "line": record.line, "file": record.file, "values": plain_values(record)}
            for record in page.rows
        ],
    }


def _read_json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SettingsError(
            f"--where {text} is not JSON.", 'Write --where \'{"column": "answer", "is": "empty"}\'.'
        ) from error


def _row_lines(answer: dict[str, Any]) -> Iterator[str]:
    shown = len(answer["rows"])
    first = f"{answer['offset'] + 1:,}–{answer['offset'] + shown:,} of " if shown else ""
    yield f"{answer['source']}: {first}{answer['total']:,} of {answer['all']:,} records"
    for record in answer["rows"]:
        yield f"— row {record['row']}, line {record['line']}"
        for name, value in record["values"].items():
            yield f"  {_show(name)}: {_show(_spell(value))}"


def _stats_lines(answer: dict[str, Any]) -> Iterator[str]:
    yield f"{answer['source']}: {answer['records']:,} records"
    for column in answer["columns"]:
        lacks = [f"{column[kind]:,} {kind}" for kind in ("missing", "null", "empty") if column[kind]]
        yield f"{_show(column['name'])}: {', '.join([column['shape'], *_range_words(column), *lacks])}"
        most = max((bar["count"] for bar in column["bars"]), default=0)
        for bar in column["bars"]:
            label = bar["value"] if bar["value"] is not None else f"{bar['low']:,} to {bar['high']:,}"
            filled = "█" * round(_BAR_CHARACTERS * bar["count"] / most) if most else ""
            yield f"  {_show(label):>24}  {bar['count']:>11,}  {filled}".rstrip()
        if column["other"]:
            yield f"  {'other values':>24}  {column['other']:>11,}"


def _range_words(column: dict[str, Any]) -> Iterator[str]:
    if column["low"] is not None:
        unit = "" if column["shape"] == "number" else " characters"
        yield f"{column['low']:,} to {column['high']:,}{unit}"
    if column["distinct"] is not None:
        yield f"{column['distinct']:,} different"


def _spell(value: Any) -> str:
    if value is None:
        return "null"
    return value if isinstance(value, str) else bytes(value).decode("utf-8")


def _show(text: str) -> str:
    """The start of a text on one line; what would steer a terminal is spelled."""
    shown = text[:_SHOWN_CHARACTERS].replace("\n", "↵")
    plain = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in shown)
    return plain if len(text) <= _SHOWN_CHARACTERS else plain + "…"
