"""The command that says what would go wrong in training: check."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from studio.cli.answer import AsJson, WorkspaceFolder, say
from studio.cli.reading import RecipeSource, SourceOrRecipe, takes_reading_options
from studio.errors import SettingsError

if TYPE_CHECKING:
    from studio.check import Finding, Report
    from studio.recipe import Recipe
    from studio.table import Table

STOPS = 3  # the exit code of what stops a launch


@takes_reading_options
def check(
    source: SourceOrRecipe,
    options: dict[str, Any],
    style: Annotated[str | None, typer.Option(help="Name of a prompt style.")] = None,
    template: Annotated[
        Path | None, typer.Option(help="YAML file of a template, or its name.", metavar="FILE")
    ] = None,
    column: Annotated[list[str] | None, typer.Option(help="placeholder=column; may be repeated.")] = None,
    tokenizer: Annotated[str, typer.Option(help="tiny, a folder, or a Hub id.", metavar="NAME")] = "tiny",
    max_length: Annotated[
        int | None, typer.Option(help="Tokens of a record that are kept; the recipe's, or 512.", min=1)
    ] = None,
    source_file: RecipeSource = None,
    workspace: WorkspaceFolder = None,
    as_json: AsJson = False,
) -> None:
    """Look at every record of a source, or of a recipe.yaml, as training would; ends with 3 when a finding
    stops a launch.
    """
    from studio.check import check_table
    from studio.cli.work import open_workspace

    asked = {"style": style, "template": template, "column": column}
    work = open_workspace(workspace)
    with opened_asked(source, workspace, options, source_file, asked) as (recipe, table):
        report = check_table(recipe, table, work, tokenizer, max_length, _show_progress)
        answer = _describe(table, tokenizer, report)
    say(answer, _report_lines(table.name, tokenizer, report), as_json=as_json)
    if report.blocking:
        raise typer.Exit(STOPS)


def warn_findings(report: "Report") -> None:
    """Say on stderr what does not stop a launch, and what does."""
    for line in _finding_lines(report):
        print(line, file=sys.stderr)


@contextmanager
def opened_asked(
    source: str,
    workspace: str | None,
    options: Mapping[str, Any],
    source_file: Path | None,
    asked: Mapping[str, Any],
) -> Iterator[tuple["Recipe", "Table"]]:
    """The recipe and its table; of a source that is no recipe, the recipe that it would start with."""
    from studio.cli.tables import opened_any

    with opened_any(source, workspace, options, source_file, asked) as (recipe, table):
        yield recipe or _propose(table, workspace, **asked), table


def _propose(
    table: "Table",
    workspace: str | None,
    style: str | None,
    template: Path | None,
    column: list[str] | None,
) -> "Recipe":
    from studio.cli.data import parse_column_map
    from studio.cli.tables import resolve_asked_template
    from studio.proposal import propose_with

    if style and template:
        raise SettingsError("Both --style and --template were given.", "Give one of them.")
    chosen = resolve_asked_template(table, style, template, parse_column_map(column or []), workspace)
    return propose_with(table, chosen)


def _describe(table: "Table", tokenizer: str, report: "Report") -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "source": table.name,
        "records": report.total,
        "tokenizer": tokenizer,
        "max_length": report.max_length,
        "lengths": asdict(report.lengths),
        "findings": [asdict(finding) for finding in report.findings],
    }


def _report_lines(name: str, tokenizer: str, report: "Report") -> Iterator[str]:
    lengths = report.lengths
    yield f"{name}: {report.total:,} records, {lengths.records:,} render"
    yield (
        f"tokens of {tokenizer}: median {lengths.median:,}, p95 {lengths.p95:,}, p99 {lengths.p99:,}, "
        f"max {lengths.max:,}"
    )
    yield (
        f"within {report.max_length:,} tokens: {lengths.fit:,} fit, {lengths.cut:,} cut, "
        f"{lengths.lost:,} lost"
    )
    yield from _finding_lines(report)
    yield "A finding stops a launch." if report.blocking else "Nothing stops a launch."


def _finding_lines(report: "Report") -> Iterator[str]:
    for finding in (*report.blocking, *report.warnings):
        yield f"{'stops' if finding.blocks else 'warning'}: {_name(finding)} {finding.explanation}"


def _name(finding: "Finding") -> str:
    return f"{finding.title}, {finding.count:,} {'record' if finding.count == 1 else 'records'}."


def _show_progress(done: int, total: int) -> None:
    if sys.stderr.isatty():
        words = f"{done:,} of {total:,} records" if done else "making the tokenizer ready"
        print(f"\r{words}   ", end="", file=sys.stderr, flush=True)
