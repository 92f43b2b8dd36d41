"""One mended line of a table's source, read as its file is read.

Whatever the format, a line that is one JSON object is taken as that object: this is how a line is accepted as
text. Knows nothing of where a repair is kept.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from studio.errors import ReadError
from studio.reader.csv_file import decode_row, read_header
from studio.reader.opening import open_source
from studio.reader.sniffing import format_of_name
from studio.reader.strict import Fault, RecordDecoder
from studio.reader.text import decode_text
from studio.settings import Limits, Settings
from studio.source import Source
from studio.table import Table


def reread_line(table: Table, file: str, raw: str, limits: Limits) -> Mapping[str, bytes]:
    """Name → JSON spelling of the record that `raw` is. Raises ReadError with the reason why it is none."""
    line = raw.encode("utf-8", "surrogatepass")
    kind = table.format if table.format != "mixed" else format_of_name(file)
    try:
        if kind == "csv":
            return decode_row(line, *_find_header(table, file, limits), limits)
        if kind == "text":
            return decode_text(line)
        return RecordDecoder(limits.depth).decode(line)
    except Fault as fault:
        raise ReadError(
            f"This text is no record: {fault.reason}.", "Mend it, or accept it as text."
        ) from fault


def _find_header(table: Table, file: str, limits: Limits) -> tuple[Sequence[str], Source]:
    """The header of the line's own file: the table may have columns of other files and of accepted lines."""
    path = next((stored.path for stored in table.files if stored.name == file), None)
    if path is None:
        return table.names, table.source
    source = replace(table.source, path=path)
    with open_source(source, Settings(workspace=Path(), limits=limits)) as opened:
        return read_header(opened, source, limits)
