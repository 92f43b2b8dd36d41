"""The first lines of each part, as its file will hold them; nothing is written, and nothing else is read."""

from collections.abc import Sequence

from polars import selectors as cs

from studio.errors import SourceError
from studio.export.parts import refuse_unfit
from studio.formats import Encoding, encode_lines, express_fields
from studio.formats.encoding import LineWriter, frame_file
from studio.formats.format import FORMATS
from studio.reader.raw import copies_lines, read_raw, spell_record
from studio.settings import Settings
from studio.split import Splits
from studio.table import Table
from studio.table.mapped import Mapped
from studio.template import Template


def preview_lines(
    table: Table, template: Template, splits: Splits, encoding: Encoding, settings: Settings, count: int = 3
) -> dict[str, str]:
    """Part → its first `count` records as text: what stands at the beginning of its file.

    Of a packed file it is what was packed; of Parquet and a `datasets` folder, the records as lines of JSON.
    Raises TemplateError or ExportError for a record among them that cannot be written.
    """
    shown = {}
    for part, rows in splits.parts.items():
        first = rows[:count].tolist()
        shown[part] = _frame(encoding, _encode(table, template, encoding, settings, first))
    return shown


def _encode(
    table: Table, template: Template, encoding: Encoding, settings: Settings, rows: Sequence[int]
) -> bytes:
    if encoding.kind == "records":
        return b"".join(_copy(table, row, settings) + b"\n" for row in rows)
    fields = express_fields(template, table.columns, encoding.kind, encoding.names)
    with Mapped(table) as stored:
        found = stored.take(rows)
    chosen = found.lazy().with_columns(fields).collect()
    chosen = chosen.select(cs.by_name(*(field.meta.output_name() for field in fields)))
    unfit = [row for row, value in zip(rows, chosen.to_series(), strict=True) if value is None]
    if FORMATS[encoding.kind].turns and unfit:
        refuse_unfit(table, template, encoding.kind, unfit, len(rows))
    return bytes(encoding.encode(chosen).piece) if encoding.file == "csv" else encode_lines(chosen)


def _copy(table: Table, row: int, settings: Settings) -> bytes:
    """The record's own bytes on one line where it has any, else as it is spelled from its values."""
    if copies_lines(table) and not table.edited(row):
        try:
            return read_raw(table, row, settings).replace(b"\r", b" ").replace(b"\n", b" ")
        except SourceError:  # such as too far into a packed file
            pass
    return spell_record(table.record(row))


def _frame(encoding: Encoding, lines: bytes) -> str:
    """The beginning of the file; what is packed or typed is shown as lines."""
    file = encoding.file if encoding.file in ("json", "csv") else "jsonl"
    sink = _Shown()
    columns = [encoding.names[field] for field in FORMATS[encoding.kind].fields]
    LineWriter(sink, frame_file(file, columns)).write([lines])
    return b"".join(sink.pieces).decode("utf-8", "replace")


class _Shown:
    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def write(self, data: bytes, /) -> int:
        self.pieces.append(data)
        return len(data)
