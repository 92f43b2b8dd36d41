"""Writing an export: its parts, what goes with them, and the manifest last; or one part as it is made."""

import errno
import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from studio.card import CARD, check_card, describe_card
from studio.durable import new_folder
from studio.errors import ExportError
from studio.export.folder import MANIFEST, RECIPE, Export, refuse_existing
from studio.export.manifest import describe_export
from studio.export.parts import Progress, copy_batches, render_batches, stream_part, write_parts
from studio.formats import (
    DATA_FILE,
    FILES,
    Batch,
    Encoding,
    describe_dataset,
    resolve_file,
    resolve_format,
    resolve_names,
)
from studio.reader.raw import iter_record_lines
from studio.recipe import ExportSpec, Recipe, dump_recipe
from studio.selection import Selection
from studio.split import RowIds, Splits
from studio.table import Table
from studio.template import Template
from studio.trainers import check_config, describe_configs

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


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
    (records written, records in all); what it raises stops the work, and leaves nothing. Raises ExportError
    when the folder exists and `replace` is false, and when the disk is full or not to be written to; with
    `replace` the old one is kept as NAME.previous. Raises TemplateError with the line of the first record
    that holds no conversation where the template wants one.
    """
    refuse_existing(folder, replace)
    encoding = choose_encoding(template, recipe)
    _check_beside(recipe.export, encoding)
    written = _Written(sum(splits.counts.values()), progress)
    with _explain_disk(folder, written), new_folder(folder, replace=replace) as aside:
        for part in splits.parts:
            written.files[part] = aside / name_data(part, encoding.file)
            written.files[part].parent.mkdir(exist_ok=True)
        batches = make_batches(table, template, recipe, encoding, splits.parts)
        described = write_parts(batches, encoding, written.files, written.total, written.note)
        parts = {
            name: {"file": f"{name}{FILES[encoding.file].suffix}"} | described[name] for name in described
        }
        manifest = describe_export(table, template, splits, left, recipe, encoding, parts)
        _write_beside(aside, recipe, manifest)
    return Export(folder)


def stream_export(
    table: Table, template: Template, splits: Splits, recipe: Recipe, part: str
) -> Iterator[bytes]:
    """The bytes of the part's file as `write_export` would write it, as they are made.

    Raises ExportError at once for a part that was not asked, and for a file that is a folder. What goes wrong
    on the way is raised by the iterator, so that what was taken until then is not taken for whole.
    """
    encoding = choose_encoding(template, recipe)
    if not FILES[encoding.file].streams:
        raise ExportError(
            f"A part of {encoding.file} is a folder, and cannot be streamed.", "Write the export."
        )
    if part not in splits.parts:
        raise ExportError(f"This split has no part {part}.", f"Its parts are: {', '.join(splits.parts)}.")
    batches = make_batches(table, template, recipe, encoding, {part: splits.parts[part]})
    return stream_part(batches, encoding, part)


def choose_encoding(template: Template, recipe: Recipe) -> Encoding:
    """How the recipe wants its parts written. Raises ExportError for what cannot be."""
    spec = recipe.export
    kind = resolve_format(template, spec.format)
    return Encoding(kind, resolve_names(kind, spec.names), resolve_file(kind, spec.file).name)


def make_batches(
    table: Table, template: Template, recipe: Recipe, encoding: Encoding, parts: Mapping[str, RowIds]
) -> Iterator[dict[str, Batch]]:
    """The records of the parts in table order, encoded, a batch of each at a time."""
    if encoding.kind == "records":
        return copy_batches(iter_record_lines(table, recipe.overlay.to_repairs()), encoding, parts)
    return render_batches(table, template, encoding, parts)


def name_data(part: str, file: str) -> str:
    """The path of the file that holds a part's records, inside the export."""
    return f"{part}{FILES[file].suffix}" if FILES[file].suffix else f"{part}/{DATA_FILE}"


def _check_beside(spec: ExportSpec, encoding: Encoding) -> None:
    """Raise ExportError for a card or a configuration that cannot be, before anything is written."""
    if spec.card is not None:
        check_card(spec.card.model_dump())
    for name in spec.configs:
        check_config(name, encoding.kind, encoding.file, encoding.names)


def _write_beside(aside: Path, recipe: Recipe, manifest: dict[str, Any]) -> None:
    """Write what goes with the parts, and last of all the manifest, which names all files."""
    spec, texts = recipe.export, {}
    if spec.card is not None:
        texts[CARD] = describe_card(manifest, spec.card.model_dump())
    texts |= describe_configs(spec.configs, manifest)
    if spec.file == "dataset":
        hashes = {name: part["sha256"] for name, part in manifest["parts"].items()}
        found = describe_dataset(manifest["export"]["features"], hashes)
        texts |= {str(path): _spell(values) for path, values in found.items()}
    texts[RECIPE] = dump_recipe(recipe)
    file = manifest["export"]["file"]
    parts = {
        name_data(name, file): {"bytes": part["bytes"], "sha256": part["sha256"]}
        for name, part in manifest["parts"].items()
    }
    manifest["files"] = parts | {name: _write_text(aside / name, text) for name, text in texts.items()}
    _write_text(aside / MANIFEST, _spell(manifest))


def _write_text(path: Path, text: str) -> dict[str, Any]:
    data = text.encode("utf-8")
    path.write_bytes(data)
    return {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def _spell(values: Any) -> str:
    return json.dumps(values, ensure_ascii=False, indent=2) + "\n"


class _Written:
    """How far the parts are, for the words about a disk that is full."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self.total = total
        self.files: dict[str, Path] = {}
        self.bytes = 0
        self._records = 0
        self._progress = progress

    def note(self, records: int, total: int) -> None:
        self._records = records
        self.bytes = sum(path.stat().st_size for path in self.files.values())
        if self._progress:
            self._progress(records, total)

    @property
    def needed(self) -> int:
        """About how many bytes all of it takes; 0 while that cannot be told."""
        return self.bytes * self.total // self._records if self._records else 0


@contextmanager
def _explain_disk(folder: Path, written: _Written) -> Iterator[None]:
    """Say in words what the system has against writing the export; nothing of it is left by then."""
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise ExportError(*_tell_full(folder, written)) from error
        if error.errno == errno.ENOTEMPTY:  # made meanwhile by another
            refuse_existing(folder, replace=False)
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST):
            raise ExportError(
                f"Cannot write {folder}: {error.strerror}.", "Choose a folder that you may write to."
            ) from error
        raise


def _tell_full(folder: Path, written: _Written) -> tuple[str, str]:
    there = next(parent for parent in folder.absolute().parents if parent.exists())
    free = f"{shutil.disk_usage(there).free / 1e6:,.0f} MB are free"
    about = f"the export takes about {written.needed / 1e6:,.0f} MB, and " if written.needed else ""
    return (
        f"The disk is full: {about}{free} where {folder.name} was to go.",
        "Nothing was left of it. Make room, write to another disk, or choose a packed file (jsonl.zst).",
    )
