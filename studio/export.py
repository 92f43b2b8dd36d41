"""An Export: a folder with one JSONL file per split, the recipe, and a manifest written last.

    lamini/train.jsonl  lamini/test.jsonl  lamini/recipe.yaml  lamini/manifest.json

Every record is accounted for: read = accepted + quarantined + blank, and accepted = excluded + filtered + the
parts + unused; `edited` counts values. The folder is there whole or not at all. The same recipe on the same
source gives the same bytes, the manifest's too: it holds no time and no absolute path.
"""

import hashlib
import json
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import polars as pl
from polars import selectors as cs

import studio
from studio.durable import new_folder
from studio.errors import ExportError, TemplateError
from studio.formats import encode_lines, express_fields, resolve_format, resolve_names
from studio.reader.raw import iter_record_lines
from studio.recipe import Recipe, dump_recipe
from studio.selection import Selection
from studio.split import Splits
from studio.table import Table
from studio.template import Template

MANIFEST = "manifest.json"
RECIPE = "recipe.yaml"
Progress = Callable[[int, int], None]
_COPIED_AT_ONCE = 10_000
_WRITTEN_AT_ONCE = 8 << 20
_RENDERED_AT_ONCE = 32_768
_BATCHES_AHEAD = 2


@dataclass(frozen=True, slots=True)
class Export:
    """A finished export folder; its manifest is there, so it is complete."""

    folder: Path

    @property
    def manifest(self) -> dict[str, Any]:
        """Recipe, source, counts, parts (file, records, bytes, sha256) and versions."""
        manifest: dict[str, Any] = json.loads((self.folder / MANIFEST).read_text(encoding="utf-8"))
        return manifest

    @property
    def files(self) -> list[Path]:
        """Every file of the export: the parts in written order, then the recipe and the manifest."""
        parts = [part["file"] for part in self.manifest["parts"].values()]
        return [self.folder / name for name in [*parts, RECIPE, MANIFEST]]

    def part(self, name: str) -> Path:
        """The file of one part. Raises ExportError when it was not asked."""
        parts = self.manifest["parts"]
        if name not in parts:
            raise ExportError(f"This export has no part {name}.", f"Its parts are: {', '.join(parts)}.")
        return self.folder / str(parts[name]["file"])


def open_export(folder: Path) -> Export:
    """The export in a folder. Raises ExportError when the folder holds no finished one."""
    if not (folder / MANIFEST).is_file():
        raise ExportError(f"{folder.name} holds no finished export.", "Write the export again.")
    return Export(folder)


def refuse_existing(folder: Path, replace: bool) -> None:
    """Raise ExportError when the folder is there and may not be replaced."""
    if folder.exists() and not replace:
        raise ExportError(
            f"The folder {folder} exists.",
            "Choose another, or replace it (the old one is kept as .previous).",
        )


def write_export(
    table: Table,
    template: Template,
    splits: Splits,
    left: Selection,
    recipe: Recipe,
    folder: Path,
    *,
    replace: bool = False,
    progress: Progress | None = None,
) -> Export:
    """Write the parts, the recipe and the manifest, and put the folder in place in one step.

    `left` are the records that `splits` cut; `recipe` is recorded as it is. `progress` is called with
    (records written, records in all). Raises ExportError when the folder exists and `replace` is false; with
    `replace` the old one is kept as NAME.previous. Raises TemplateError with the line of the first record
    that holds no conversation where the template wants one.
    """
    refuse_existing(folder, replace)
    kind = resolve_format(template, recipe.export.format)
    with new_folder(folder) as aside:
        if kind == "records":
            resolve_names(kind, recipe.export.names)
            lines = iter_record_lines(table, recipe.overlay.to_repairs())
            parts = _copy_parts(lines, splits, aside, progress)
        else:
            fields = express_fields(template, table.columns, kind, recipe.export.names)
            parts = _write_parts(table, template, fields, splits, aside, progress)
        text = dump_recipe(recipe)
        (aside / RECIPE).write_text(text, encoding="utf-8", newline="\n")
        manifest = _describe(table, splits, left, recipe, parts)
        text = json.dumps(manifest, ensure_ascii=False, indent=2) + "\n"
        (aside / MANIFEST).write_text(text, encoding="utf-8", newline="\n")
    return Export(folder)


class _PartFile:
    """One part while it is written: its bytes, their hash, its records.

    Bytes are gathered, and written and hashed in threads while the next are made. What goes wrong is raised
    by the next call.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.records = 0
        self._bytes = 0
        self._hash = hashlib.sha256()
        self._file: BinaryIO = path.open("xb")
        self._threads = ThreadPoolExecutor(2)
        self._pending: list[Future[Any]] = []
        self._held: list[bytes] = []
        self._held_bytes = 0

    def add(self, lines: bytes, records: int) -> None:
        self._held.append(lines)
        self._held_bytes += len(lines)
        self.records += records
        if self._held_bytes >= _WRITTEN_AT_ONCE:
            self._pass_on()

    def close(self) -> dict[str, Any]:
        self._pass_on()
        self._settle()
        self._threads.shutdown()
        self._file.close()
        sha256 = self._hash.hexdigest()
        return {"file": self.path.name, "records": self.records, "bytes": self._bytes, "sha256": sha256}

    def _pass_on(self) -> None:
        self._settle()
        lines = self._held[0] if len(self._held) == 1 else b"".join(self._held)
        self._bytes += len(lines)
        self._held, self._held_bytes = [], 0
        self._pending = [self._threads.submit(work, lines) for work in (self._file.write, self._hash.update)]

    def _settle(self) -> None:
        pending, self._pending = self._pending, []
        for work in pending:
            work.result()


def _write_parts(
    table: Table,
    template: Template,
    fields: list[pl.Expr],
    splits: Splits,
    folder: Path,
    progress: Progress | None,
) -> dict[str, dict[str, Any]]:
    files = {name: _PartFile(folder / f"{name}.jsonl") for name in splits.parts}
    total = sum(splits.counts.values())
    names = cs.by_name(*(field.meta.output_name() for field in fields))
    # A template may read no column at all; the bookkeeping's says how many records there are.
    reads = [*template.columns, table.bookkeeping.missing]
    unfit: list[int] = []

    def encode(start: int, batch: pl.DataFrame) -> dict[str, tuple[bytes, int]]:
        rendered = batch.lazy().with_columns(fields).select(names).collect()
        found = {}
        for name, rows in splits.parts.items():
            inside = rows[slice(*np.searchsorted(rows, (start, start + batch.height)))] - start
            chosen = rendered if len(inside) == batch.height else rendered[inside]
            found[name] = encode_lines(chosen), len(inside)
            if template.conversation is not None:
                unfit.extend((inside + start)[chosen.to_series().is_null().to_numpy()].tolist())
        return found

    for found in _map_ahead(encode, table.iter_batches(_RENDERED_AT_ONCE, reads)):
        for name, (lines, records) in found.items():
            files[name].add(lines, records)
        if progress:
            progress(sum(file.records for file in files.values()), total)
    parts = {name: file.close() for name, file in files.items()}
    if unfit:
        _refuse_unfit(table, template, unfit, total)
    return parts


def _refuse_unfit(table: Table, template: Template, rows: list[int], total: int) -> None:
    """Raise TemplateError with the line of the first of these rows, none of which can be rendered."""
    try:
        template.render(table.record(min(rows)))
    except TemplateError as error:
        count = f"{len(rows):,} of {total:,} records cannot be rendered; nothing was written."
        raise TemplateError(f"{error.message} {count}", error.hint, part=error.part) from error
    raise AssertionError(f"row {min(rows)} renders, but not with its column")


def _map_ahead(
    encode: Callable[[int, pl.DataFrame], dict[str, tuple[bytes, int]]], batches: Iterator[pl.DataFrame]
) -> Iterator[dict[str, tuple[bytes, int]]]:
    """`encode` of each batch and the row that it begins with, in order; the next are under way meanwhile."""
    pending: deque[Future[dict[str, tuple[bytes, int]]]] = deque()
    start = 0
    with ThreadPoolExecutor(_BATCHES_AHEAD) as threads:
        for batch in batches:
            pending.append(threads.submit(encode, start, batch))
            start += batch.height
            if len(pending) > _BATCHES_AHEAD:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()


def _copy_parts(
    lines: Iterator[bytes], splits: Splits, folder: Path, progress: Progress | None
) -> dict[str, dict[str, Any]]:
    files = {name: _PartFile(folder / f"{name}.jsonl") for name in splits.parts}
    wanted = sorted((row, name) for name, rows in splits.parts.items() for row in rows)
    at, total = iter(wanted), len(wanted)
    row, name = next(at, (-1, ""))
    for number, line in enumerate(lines):
        if number != row:
            continue
        files[name].add(line + b"\n", 1)
        if progress and number % _COPIED_AT_ONCE == 0:
            progress(sum(file.records for file in files.values()), total)
        row, name = next(at, (-1, ""))
    return {name: file.close() for name, file in files.items()}


def _describe(
    table: Table, splits: Splits, left: Selection, recipe: Recipe, parts: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
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
    source = {"name": table.name, "format": table.format, "bytes": table.bytes, "sha256": table.sha256}
    return {
        "manifest": 1,
        "recipe": recipe.to_mapping(),
        "source": {**source, "complete": table.complete},
        "counts": counts,
        "parts": dict(parts),
        "versions": {"studio": studio.__version__},
    }
