"""Table: the stored records of one source, as a folder that is written once and never changed.

    records.arrow      every record: the person's columns under their own names, then where each record stands
    table.json         name, format, source, counts, columns; which columns of records.arrow are bookkeeping
    quarantine.jsonl   the lines that did not parse

A cell of a text column is the string itself; of an integer, float or boolean column the native value, which
cast to String prints the source's spelling; of a json column the value's JSON spelling. Null and missing
are both null in the file, and the bookkeeping column `missing` tells them apart.

    Table, Page      what is stored: count, page, search, one record, a lazy frame   (stored.py)
    Query            which records are wanted: a Search, Conditions, an order        (query.py)
    matching         the rows that a query wants, block by block                     (matching.py, sorting.py)
    statistics       what each column holds at a glance                              (statistics.py, bars.py)
    Changes          what a person took out or put right in one                      (changes.py)
    TableWriter      what a reader feeds, record by record, with flat memory         (writer.py)
    Segment          what was fed and is not written yet                             (segment.py)

Knows nothing of source formats, templates or the workspace.
"""

from studio.table.changes import NO_CHANGES, Changes
from studio.table.columns import Bookkeeping
from studio.table.query import Condition, Query, Search
from studio.table.segment import Places, Typed
from studio.table.stored import Page, Place, StoredFile, Table
from studio.table.writer import TableWriter

__all__ = [
    "NO_CHANGES",
    "Bookkeeping",
    "Changes",
    "Condition",
    "Page",
    "Place",
    "Places",
    "Query",
    "Search",
    "StoredFile",
    "Table",
    "TableWriter",
    "Typed",
]
