"""A source read for one command, and what is said of it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import msgspec
import yaml

from studio.errors import TemplateError
from studio.pipeline import load_table
from studio.record import Json, Record
from studio.settings import Settings
from studio.source import parse_source
from studio.styles import propose_style, style_template
from studio.table import Table
from studio.template import Template, parse_template
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
    return {
        **describe_counts(table),
        "columns": [asdict(column) for column in table.columns],
        "proposed_style": propose_style(column.name for column in table.columns),
        "quarantine": [asdict(line) | {"raw": line.raw[:_RAW_SHOWN]} for line in table.quarantine()],
        "rows": [plain_values(record) for record in table.page(0, rows).rows] if rows else [],
    }


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
    yield f"proposed style: {answer['proposed_style'] or 'none fits these columns'}"
    for line in answer["quarantine"]:
        file = f" of {line['file']}" if len(answer["files"]) > 1 else ""
        yield f"quarantined line {line['line']}{file}: {line['reason']}: {line['raw'][:80]!r}"
    for record in answer["rows"]:
        yield msgspec.json.encode(record).decode("utf-8")


def resolve_asked_template(
    table: Table, style: str | None, file: Path | None, column_map: Mapping[str, str]
) -> Template:
    """The template of a style's name or of a YAML file; without either, of the style that fits."""
    names = [column.name for column in table.columns]
    if file is not None:
        template = parse_template(_load_mapping(file)).mapped(column_map)
        template.check(names)
        return template
    style = style or propose_style(names)
    if style is None:
        raise TemplateError(
            f"No prompt style fits the columns {', '.join(map(spell_name, names))}.",
            "Name one with --style and --column placeholder=column, or give --template FILE.",
        )
    return style_template(style, names, column_map)


def _load_mapping(file: Path) -> Mapping[str, Any]:
    try:
        mapping = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = getattr(error, "strerror", None) or "it is not YAML"
        raise TemplateError(f"Cannot read the template {file}: {reason}.", "Give a YAML file.") from error
    if not isinstance(mapping, Mapping):
        raise TemplateError(f"{file} holds no template.", "Write prompt: and completion:, or text:.")
    return mapping


def plain_values(record: Record) -> dict[str, Any]:
    """The record as JSON values, numbers in the source's own spelling."""
    return {
        name: msgspec.Raw(value.spelling.encode()) if isinstance(value, Json) else value
        for name, value in record.items()
    }
