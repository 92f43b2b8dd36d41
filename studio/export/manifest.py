"""The manifest of an export: where its records came from, what became of every one, and the files."""

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

import polars as pl
import pyarrow as pa

import studio
from studio.formats import FILES, FORMATS, Encoding, describe_features, explain_format
from studio.reader.raw import copies_lines
from studio.recipe import Recipe
from studio.selection import Selection
from studio.split import Splits
from studio.table import Table
from studio.template import Template


def describe_export(
    table: Table,
    template: Template,
    splits: Splits,
    left: Selection,
    recipe: Recipe,
    encoding: Encoding,
    parts: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    """All of the manifest but its files; `parts` says of each its file, records, bytes and sha256."""
    return {
        "manifest": 1,
        "recipe": recipe.to_mapping(),
        "source": {
            "name": table.name,
            "format": table.format,
            "bytes": table.bytes,
            "sha256": table.sha256,
            "revision": table.source.revision,
            "complete": table.complete,
        },
        "export": {
            "format": encoding.kind,
            "file": encoding.file,
            "names": dict(encoding.names),
            "features": describe_features(encoding.kind, encoding.names),
            "made": explain_making(table, template, encoding.kind),
        },
        "template": template.to_mapping(),
        "counts": _count(table, splits, left, parts),
        "parts": {name: dict(part) for name, part in parts.items()},
        "warnings": list(_warn(encoding, parts)),
        "versions": _tell_versions(encoding),
    }


def explain_making(table: Table, template: Template, kind: str) -> str:
    """How a format is made of this table with this template, in one or two sentences for a person."""
    if kind != "records":
        return explain_format(template, kind)
    if not copies_lines(table):
        return f"{table.name} has no lines of JSON to copy: the records are spelled from their values."
    edited = len(table.changes.edits)
    spelled = f" {edited:,} edited records are spelled from their values." if edited else ""
    return f"The bytes of the source's own lines.{spelled}"


def _count(
    table: Table, splits: Splits, left: Selection, parts: Mapping[str, Mapping[str, Any]]
) -> dict[str, int]:
    counts = {
        **asdict(table.counts),
        "excluded": left.excluded,
        "edited": left.edited,
        "filtered": left.filtered,
        "unused": splits.unused,
    }
    gone = left.excluded + left.filtered + splits.unused
    if table.counts.accepted != gone + sum(part["records"] for part in parts.values()):
        raise AssertionError(f"counts do not add up: {counts}, {parts}")
    return counts


def _warn(encoding: Encoding, parts: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    guarded = sum(part.get("guarded", 0) for part in parts.values())
    if guarded:
        yield f"{guarded:,} texts that a spreadsheet would run as formulas got an apostrophe in front."


def _tell_versions(encoding: Encoding) -> dict[str, str]:
    """The versions of what decides the bytes of the files."""
    versions = {"studio": studio.__version__}
    if FORMATS[encoding.kind].fields and (FILES[encoding.file].lines or encoding.file == "csv"):
        versions["polars"] = pl.__version__
    if encoding.file in ("parquet", "dataset", "jsonl.zst"):
        versions["pyarrow"] = pa.__version__
    if encoding.file == "jsonl.gz":
        versions["zlib"] = zlib.ZLIB_RUNTIME_VERSION
    return versions
