"""A source read for one command, and what is said of it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import msgspec

from studio.cli.templates import find_template
from studio.errors import SettingsError, TemplateError
from studio.pipeline import load_table, open_recipe_source
from studio.recipe import Recipe, load_recipe
from studio.record import Json, Record
from studio.settings import Settings
from studio.shapes import Shape, detect_shapes, look_at
from studio.source import parse_source
from studio.styles import style_template
from studio.table import Table
from studio.template import Template
from studio.template.grammar import spell_name
from studio.workspace import Workspace

_RAW_SHOWN = 200
_SHOWN_OPTIONS = (
    *("config", "split", "revision", "member", "sheet", "field", "encoding"),
    *("delimiter", "quote", "types", "records"),
)


@contextmanager
def opened_table(text: str, workspace: str | None, options: Mapping[str, Any]) -> Iterator[Table]:
    """The workspace's table of an unchanged source, or else one that is gone after the command."""
    source = parse_source(text, **options)
    work = Workspace(Settings.from_env(workspace))
    known = work.find_table(source)
    if known is not None:
        yield work.table(known)
        return
    with work.scratch() as folder:
        yield load_table(source, folder / "table", work.settings)


def names_recipe(text: str) -> bool:
    """Whether what a command was given is the path of a recipe, and no source."""
    return text.lower().endswith((".yaml", ".yml"))


@contextmanager
def opened_recipe(
    path: Path, workspace: str | None, source_file: Path | None = None
) -> Iterator[tuple[Recipe, Table]]:
    """The recipe in a file and its table, overlaid; `source_file` stands in for the recipe's own."""
    recipe, work = load_recipe(path), Workspace(Settings.from_env(workspace))
    with work.scratch() as scratch:
        yield recipe, open_recipe_source(recipe, scratch / "table", work, source_file, path.parent)


@contextmanager
def opened_any(
    text: str,
    workspace: str | None,
    options: Mapping[str, Any],
    source_file: Path | None = None,
    asked: Mapping[str, Any] | None = None,
) -> Iterator[tuple[Recipe | None, Table]]:
    """The table of a source, or a recipe and its table with its changes.

    `asked` are options of a command that a recipe says itself, as it does all of a reading. Raises
    SettingsError for one that is given with a recipe, and for a `source_file` without one.
    """
    if not names_recipe(text):
        if source_file is not None:
            raise SettingsError(f"{text} is no recipe, so --source says nothing.", "Leave --source out.")
        with opened_table(text, workspace, options) as table:
            yield None, table
        return
    given = [*options, *(name for name, value in (asked or {}).items() if value)]
    if given:
        raise SettingsError(f"A recipe says itself what --{given[0]} says.", "Change it in the recipe.")
    with opened_recipe(Path(text), workspace, source_file) as found:
        yield found


def describe_counts(table: Table) -> dict[str, Any]:
    """What became of every line, and what was decided while it was read."""
    counts = table.counts
    return {
        "source": table.name,
        "format": table.format,
        "read": counts.read,
        "accepted": counts.accepted,
        "quarantined": counts.quarantined,
        "blank": counts.blank,
        "repaired": table.repaired,
        "complete": table.complete,
        "partial": table.partial,
        "sha256": table.sha256,
        "options": {name: value for name in _SHOWN_OPTIONS if (value := getattr(table.source, name))},
        "files": [
            {"name": file.name, "split": file.split, "records": count}
            for file, count in zip(table.files, table.count_files(), strict=True)
        ],
    }


def describe_table(table: Table, rows: int) -> dict[str, Any]:
    """The answer of `studio inspect`: counts, columns, the proposed style, the quarantine, the first rows."""
    shape = find_shape(table)
    return {
        **describe_counts(table),
        "columns": [asdict(column) for column in table.columns],
        "proposed_style": shape.style if shape else None,
        "proposed_columns": dict(shape.columns) if shape else {},
        "proposed_template": shape.template if shape else None,
        "reasons": list(shape.reasons) if shape else [],
        "quarantine": [asdict(line) | {"raw": line.raw[:_RAW_SHOWN]} for line in table.quarantine()],
        "rows": [plain_values(record) for record in table.page(0, rows).rows] if rows else [],
    }


def find_shape(table: Table) -> Shape | None:
    """The best shape of a table's records; None when none fits."""
    return next(iter(detect_shapes(table.columns, look_at(table))), None)


def describe_lines(answer: Mapping[str, Any]) -> Iterator[str]:
    """The same for people."""
    first = "" if answer["complete"] else " (partial)" if answer["partial"] else " (the first of a stream)"
    yield f"{answer['source']}: {answer['format']}, {answer['accepted']:,} records{first}"
    yield (
        f"read {answer['read']:,} = accepted {answer['accepted']:,} + quarantined {answer['quarantined']:,}"
        f" + blank {answer['blank']:,}"
    )
    decided = ", ".join(f"{name} {value!r}" for name, value in answer["options"].items())
    if decided:
        yield f"read with {decided}"
    if len(answer["files"]) > 1:
        yield from (f"  {file['name']}: {file['records']:,} records" for file in answer["files"])
    for column in answer["columns"]:
        lacks = ", ".join(f"{column[kind]:,} {kind}" for kind in ("missing", "null", "empty") if column[kind])
        told = ", ".join(words for words in (column["source_type"], lacks) if words)
        yield f"  {spell_name(column['name'])}: {column['type']}{f' ({told})' if told else ''}"
    proposed = answer["proposed_style"] or (answer["proposed_template"] and "one of its own")
    yield f"proposed style: {proposed or 'none fits these columns'}"
    yield from (
        f"  {placeholder} is {spell_name(name)}" for placeholder, name in answer["proposed_columns"].items()
    )
    yield from (f"  {reason}" for reason in answer["reasons"])
    for line in answer["quarantine"]:
        file = f" of {line['file']}" if len(answer["files"]) > 1 else ""
        yield f"quarantined line {line['line']}{file}: {line['reason']}: {line['raw'][:80]!r}"
    for record in answer["rows"]:
        yield msgspec.json.encode(record).decode("utf-8")


def resolve_asked_template(
    table: Table,
    style: str | None,
    file: Path | None,
    column_map: Mapping[str, str],
    workspace: str | None = None,
) -> Template:
    """The template of a style's name, of a YAML file or of a kept name; without any, of the best shape."""
    names = [column.name for column in table.columns]
    if file is not None:
        template = find_template(file, workspace).mapped(column_map)
        template.check(names)
        return template
    shape = find_shape(table) if style is None else None
    if shape is not None:
        template = shape.to_template(names)
        return template.mapped({**template.column_map, **column_map})
    if style is None:
        raise TemplateError(
            f"No prompt style fits the columns {', '.join(map(spell_name, names))}.",
            "Name one with --style and --column placeholder=column, or give --template FILE.",
        )
    return style_template(style, names, column_map)


def plain_values(record: Record) -> dict[str, Any]:
    """The record as JSON values, numbers in the source's own spelling."""
    return {
        name: msgspec.Raw(value.spelling.encode()) if isinstance(value, Json) else value
        for name, value in record.items()
    }
