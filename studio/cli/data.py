"""Commands that read data: inspect, render."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from studio.cli.answer import AsJson, WorkspaceFolder, say
from studio.cli.reading import RecipeSource, SourceOrRecipe, SourceText, takes_reading_options
from studio.errors import SettingsError, TemplateError

if TYPE_CHECKING:
    from studio.recipe import Recipe
    from studio.table import Table
    from studio.template import Template


@takes_reading_options
def inspect(
    source: SourceText,
    options: dict[str, Any],
    rows: Annotated[int, typer.Option(help="How many records to show.", min=0)] = 5,
    workspace: WorkspaceFolder = None,
    as_json: AsJson = False,
) -> None:
    """Read a source and say what it holds: counts, columns, lines that did not parse, the first records."""
    from studio.cli.tables import describe_lines, describe_table, opened_table

    with opened_table(source, workspace, options) as table:
        answer = describe_table(table, rows)
        say(answer, describe_lines(answer), as_json=as_json)


@takes_reading_options
def render(
    source: SourceOrRecipe,
    options: dict[str, Any],
    style: Annotated[str | None, typer.Option(help="Name of a prompt style.")] = None,
    template: Annotated[
        Path | None, typer.Option(help="YAML file of a template, or its name.", metavar="FILE")
    ] = None,
    column: Annotated[list[str] | None, typer.Option(help="placeholder=column; may be repeated.")] = None,
    row: Annotated[int | None, typer.Option(help="One record, by its zero-based row.", min=0)] = None,
    rows: Annotated[str | None, typer.Option(help="Rows A to B-1.", metavar="A:B")] = None,
    tokenizer: Annotated[
        str | None, typer.Option(help="Show tokens too: tiny, a folder, or a Hub id.", metavar="NAME")
    ] = None,
    max_length: Annotated[
        int | None, typer.Option(help="Say what this many tokens leave of a record.", min=1)
    ] = None,
    source_file: RecipeSource = None,
    workspace: WorkspaceFolder = None,
    as_json: AsJson = False,
) -> None:
    """Show the exact text that records become; without a recipe, style or template, the style that fits."""
    from studio.cli.tables import opened_any

    if style and template:
        raise TemplateError("Both --style and --template were given.", "Give one of them.")
    asked: dict[str, Any] = {"style": style, "template": template, "column": column}
    with opened_any(source, workspace, options, source_file, asked) as (recipe, table):
        chosen = _choose_template(recipe, table, workspace, **asked)
        records = [table.record(number) for number in _asked_rows(row, rows, len(table))]
        examples = [chosen.render(record) for record in records]
        answer = [
            {"row": record.row, "line": record.line, "type": example.type, **example.to_dict()}
            for record, example in zip(records, examples, strict=True)
        ]
        if tokenizer is not None:
            from studio.cli.tokens import describe_tokens
            from studio.cli.work import open_workspace
            from studio.proposal import propose_with

            work = open_workspace(workspace)
            whole = recipe or propose_with(table, chosen)
            tokens = describe_tokens(work, whole, table, examples, tokenizer, max_length)
            answer = [shown | found for shown, found in zip(answer, tokens, strict=True)]
        say(answer, (line for example in answer for line in _example_lines(example)), as_json=as_json)


def _choose_template(
    recipe: "Recipe | None",
    table: "Table",
    workspace: str | None,
    style: str | None,
    template: Path | None,
    column: list[str] | None,
) -> "Template":
    from studio.cli.tables import resolve_asked_template
    from studio.pipeline import resolve_template

    if recipe is not None:
        return resolve_template(recipe, table)
    return resolve_asked_template(table, style, template, parse_column_map(column or []), workspace)


def parse_column_map(pairs: list[str]) -> dict[str, str]:
    """Placeholder → column of what --column was given. Raises SettingsError."""
    column_map = {}
    for pair in pairs:
        placeholder, equals, column = pair.partition("=")
        if not equals:
            raise SettingsError(f"--column {pair} has no =.", "Write --column placeholder=column.")
        column_map[placeholder] = column
    return column_map


def _asked_rows(row: int | None, rows: str | None, records: int) -> range:
    if rows is None:
        return range(row or 0, (row or 0) + 1)
    start, colon, stop = rows.partition(":")
    if row is not None or not colon or not all(part.isdecimal() or not part for part in (start, stop)):
        raise SettingsError(f"--rows {rows} is no range.", "Give --row K, or --rows A:B for rows A to B-1.")
    return range(int(start or 0), min(int(stop), records) if stop else records)


def _example_lines(example: dict[str, Any]) -> list[str]:
    lines = _text_lines(example)
    if "tokens" in example:
        from studio.cli.tokens import token_lines

        lines += token_lines(example)
    return lines


def _text_lines(example: dict[str, Any]) -> list[str]:
    head = f"— row {example['row']}, line {example['line']}, {example['type']}"
    if example["type"] == "messages":
        return [head, *(f"[{turn['role']}] {turn['content']}" for turn in example["messages"])]
    fields = [name for name in ("text", "prompt", "completion") if name in example]
    if len(fields) == 1:
        return [head, example["text"]]
    return [head, *(f"[{name}]\n{example[name]}" for name in fields)]
