"""The command that says what may be wrong with records: quality."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from studio.cli.answer import AsJson, WorkspaceFolder, say
from studio.cli.checking import opened_asked
from studio.cli.reading import RecipeSource, SourceOrRecipe, takes_reading_options
from studio.errors import SettingsError

if TYPE_CHECKING:
    from studio.quality import Described
    from studio.recipe import Recipe
    from studio.survey import Survey
    from studio.table import Table
    from studio.workspace import Workspace

_SHOWN = 20


@takes_reading_options
def quality(
    source: SourceOrRecipe,
    options: dict[str, Any],
    also: Annotated[
        str,
        typer.Option(help="near-duplicates, languages, secrets, emails; or all.", metavar="NAME,NAME"),
    ] = "",
    rows: Annotated[
        str | None, typer.Option("--rows", help="List the records of one finding.", metavar="CODE")
    ] = None,
    limit: Annotated[int, typer.Option(help="How many records to list; 0 for all.", min=0)] = _SHOWN,
    style: Annotated[str | None, typer.Option(help="Name of a prompt style.")] = None,
    template: Annotated[
        Path | None, typer.Option(help="YAML file of a template, or its name.", metavar="FILE")
    ] = None,
    column: Annotated[list[str] | None, typer.Option(help="placeholder=column; may be repeated.")] = None,
    source_file: RecipeSource = None,
    workspace: WorkspaceFolder = None,
    as_json: AsJson = False,
) -> None:
    """Say what may be wrong with the records of a source or of a recipe.yaml: advice, which stops nothing."""
    from studio.cli.work import open_workspace
    from studio.survey import survey_table

    work = open_workspace(workspace)
    wanted, asked = _read_also(also), {"style": style, "template": template, "column": column}
    _check_code(rows, wanted)
    with opened_asked(source, workspace, options, source_file, asked) as (recipe, table):
        try:
            survey = survey_table(recipe, table, work, wanted, _show_progress)
            answer = _describe(recipe, table, survey)
            records = [] if rows is None else _list_records(recipe, table, work, survey, rows, limit)
        finally:
            _forget(table, work)
    if rows is not None:
        count = survey.finding(rows).count
        answer = {"source": table.name, "code": rows, "count": count, "records": records}
        say(answer, _record_lines(rows, count, records), as_json=as_json)
    else:
        say(answer, _finding_lines(table, survey, answer["skipped"]), as_json=as_json)


def _read_also(also: str) -> tuple[str, ...]:
    from studio.quality import OPTIONAL
    from studio.survey import check_also

    names = [name.strip() for name in also.split(",") if name.strip()]
    return check_also(OPTIONAL if names == ["all"] else names)


def _check_code(code: str | None, also: tuple[str, ...]) -> None:
    from studio.quality import KINDS

    if code is None:
        return
    if code not in KINDS:
        raise SettingsError(f"There is no finding {code}.", f"Findings are: {', '.join(KINDS)}.")
    if KINDS[code].optional not in ("", *also):
        raise SettingsError(f"{code} is looked for on demand.", f"Add --also {KINDS[code].optional}.")


def _forget(table: "Table", work: "Workspace") -> None:
    """Keep nothing of a table that is no table of the workspace."""
    from studio.survey import remove_surveys

    if table.folder.name not in work.table_ids():
        remove_surveys(work, table.folder)


def _describe(recipe: "Recipe", table: "Table", survey: "Survey") -> dict[str, Any]:
    from dataclasses import asdict

    from studio.pipeline import resolve_template
    from studio.quality import Sides, find_skipped

    template = resolve_template(recipe, table)
    return {
        "source": table.name,
        "records": survey.records,
        **asdict(Sides.of(template)),
        "also": survey.also,
        "findings": [asdict(finding) for finding in survey.findings],
        "skipped": find_skipped(template),
    }


def _list_records(
    recipe: "Recipe", table: "Table", work: "Workspace", survey: "Survey", code: str, limit: int
) -> list[dict[str, Any]]:
    from studio.pipeline import resolve_template
    from studio.quality import explain_record
    from studio.survey import open_finding

    template = resolve_template(recipe, table)
    found = open_finding(work, survey, code)
    shown = explain_record(table, template, code, found[: limit or None])
    lines = {record.row: record.line for record in table.take(sorted({one.row for one in shown}))}
    return [_describe_record(one, lines[one.row]) for one in shown]


def _describe_record(one: "Described", line: int) -> dict[str, Any]:
    twin = None if one.twin is None else {"row": one.twin, "text": one.twin_text}
    told = {"row": one.row, "line": line, "text": one.text, "why": one.why}
    return told | {"with": twin, "similarity": one.similarity}


def _finding_lines(table: "Table", survey: "Survey", skipped: dict[str, str]) -> Iterator[str]:
    found = [finding for finding in survey.findings if finding.count]
    kinds = f"{len(found)} {'kind' if len(found) == 1 else 'kinds'}"
    yield f"{table.name}: {survey.records:,} records, findings of {kinds}"
    for finding in found:
        records = "record" if finding.count == 1 else "records"
        yield f"{finding.code}: {finding.count:,} {records}. {finding.explanation}"
    nothing = [finding.code for finding in survey.findings if not finding.count]
    if nothing:
        yield f"nothing found: {', '.join(nothing)}"
    for reason in dict.fromkeys(skipped.values()):
        yield f"not looked for: {', '.join(code for code in skipped if skipped[code] == reason)}. {reason}"
    if found:
        yield f"These are hints where to look. List the records with --rows {found[0].code}."


def _record_lines(code: str, count: int, records: list[dict[str, Any]]) -> Iterator[str]:
    yield f"{code}: {count:,} {'record' if count == 1 else 'records'}"
    for one in records:
        twin = f" (row {one['with']['row']})" if one["with"] else ""
        alike = f", {one['similarity']:.2f} alike" if one["similarity"] else ""
        yield f"row {one['row']}, line {one['line']}: {one['why']}{alike}{twin}"
        yield f"  {' '.join(one['text'].split())}"
    if len(records) < count:
        yield f"and {count - len(records):,} more; list them with --limit 0"


def _show_progress(done: int, total: int) -> None:
    if sys.stderr.isatty() and total:
        print(f"\r{done:,} of {total:,}   ", end="", file=sys.stderr, flush=True)
