"""A source read for one command, and what is said of it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
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


@contextmanager
def opened_table(
    text: str,
    workspace: str | None,
    *,
    config: str | None = None,
    split: str | None = None,
    first: int | None = None,
) -> Iterator[Table]:
    """The source read into a table that is gone after the command."""
    source = parse_source(text, config=config, split=split, first=first)
    with Workspace(Settings.from_env(workspace)).scratch() as folder:
        yield load_table(source, folder / "table", Settings.from_env(workspace))


def describe_table(table: Table, rows: int) -> dict[str, Any]:
    """The answer of `studio inspect`: counts, columns, the proposed style, the quarantine, the first rows."""
    counts = table.counts
    return {
        "source": table.name,
        "format": table.format,
        "read": counts.read,
        "accepted": counts.accepted,
        "quarantined": counts.quarantined,
        "blank": counts.blank,
        "complete": table.complete,
        "columns": [
            {"name": c.name, "type": c.type, "missing": c.missing, "null": c.null, "empty": c.empty}
            for c in table.columns
        ],
        "proposed_style": propose_style(column.name for column in table.columns),
        "quarantine": [
            {"line": line.line, "reason": line.reason, "raw": line.raw[:_RAW_SHOWN]}
            for line in table.quarantine()
        ],
        "rows": [_plain(record) for record in table.page(0, rows).rows] if rows else [],
    }


def describe_lines(answer: Mapping[str, Any]) -> Iterator[str]:
    """The same for people."""
    first = "" if answer["complete"] else " (the first of a stream)"
    yield f"{answer['source']}: {answer['format']}, {answer['accepted']:,} records{first}"
    yield (
        f"read {answer['read']:,} = accepted {answer['accepted']:,} + quarantined {answer['quarantined']:,}"
        f" + blank {answer['blank']:,}"
    )
    for column in answer["columns"]:
        lacks = ", ".join(f"{column[kind]:,} {kind}" for kind in ("missing", "null", "empty") if column[kind])
        yield f"  {spell_name(column['name'])}: {column['type']}{f' ({lacks})' if lacks else ''}"
    yield f"proposed style: {answer['proposed_style'] or 'none fits these columns'}"
    for line in answer["quarantine"]:
        yield f"quarantined line {line['line']}: {line['reason']}: {line['raw'][:80]!r}"
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


def _plain(record: Record) -> dict[str, Any]:
    """The record as JSON values, numbers in the source's own spelling."""
    return {
        name: msgspec.Raw(value.spelling.encode()) if isinstance(value, Json) else value
        for name, value in record.items()
    }
