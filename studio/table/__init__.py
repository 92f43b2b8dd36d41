"""Table: the stored records of one source, as a folder that is written once and never changed.

    records.arrow      every record: the person's columns under their own names, then where each record stands
    table.json         name, format, source, counts, columns; which columns of records.arrow are bookkeeping
    quarantine.jsonl   the lines that did not parse

A cell of a text column is the string itself; of an integer, float or boolean column the native value, which
cast to String prints the source's spelling; of a json column the value's JSON spelling. Null and missing
are both null in the file, and the bookkeeping column `missing` tells them apart.

    Table, Page      what is stored: count, page, search, one record, a lazy frame   (stored.py)
    TableWriter      what a reader feeds, record by record, with flat memory         (writer.py)
    Segment          what was fed and is not written yet                             (segment.py)

Knows nothing of source formats, templates or the workspace.
"""

from studio.table.columns import Bookkeeping
from studio.table.segment import Places, Typed
from studio.table.stored import Page, Place, StoredFile, Table
from studio.table.writer import TableWriter

__all__ = ["Bookkeeping", "Page", "Place", "Places", "StoredFile", "Table", "TableWriter", "Typed"]
