"""An Excel workbook (.xlsx) opened: its sheets, and the cells of one of them row by row, with flat memory.

    <row r="2"><c r="A2" t="s"><v>17</v></c><c r="B2" s="4"><v>45351</v></c></row>
        →   2, {1: the 18th shared text, 2: 2024-02-29, as style 4 is one of dates}

The cells are read here, since openpyxl and pandas change them in silence: `x005F_` is dropped from texts and
`_x000D_` left for a line end, a formula whose value was not saved is an empty cell, and in pandas "NA" is
nothing and 1 is 1.0 where a cell is empty. Knows nothing of headers or records.
"""

import posixpath
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from studio.errors import ReadError
from studio.reader.archive import open_member
from studio.reader.excel.cells import (
    TimeKind,
    Value,
    classify_format,
    classify_known_format,
    decode_boolean,
    decode_error,
    decode_iso_time,
    decode_number,
    decode_text,
    decode_time,
    decode_unsaved,
)
from studio.reader.excel.markup import Broken, Event, iter_events
from studio.reader.lines import describe_size
from studio.reader.streams import GuardedStream
from studio.settings import Limits

Cells = Mapping[int, Value]
"""One-based column → what its cell holds; empty cells are left out."""

_MOST_ROWS, _MOST_COLUMNS = 1_048_576, 16_384  # of a sheet, by Excel's own rules
_TEXTS_BYTES = 512 << 20
_CELL_NAME = re.compile("([A-Z]{1,3})[0-9]+")


class _Relation(NamedTuple):
    """A part of the workbook that another one needs: what it is, and its name in the archive."""

    kind: str
    part: str


class Workbook:
    """`sheets` are the names of all sheets of cells, in their order; `hidden` those that are not shown."""

    def __init__(self, path: Path, title: str, limits: Limits) -> None:
        self._path, self._title, self._limits = path, title, limits
        self._parts: dict[str, str] = {}
        self._since_1904 = False
        hidden = []
        main = self._find_main()
        relations = self._list_relations(main)
        for event in self._iter_events(main):
            if event.opens and event.name == "workbookPr":
                self._since_1904 = event.attributes.get("date1904") in ("1", "true")
            if event.opens and event.name == "sheet":
                said = _strip_names(event.attributes)
                relation = relations.get(said.get("id", ""))
                if relation is not None and relation.kind == "worksheet":
                    self._parts[said["name"]] = relation.part
                    hidden += [said["name"]] * (said.get("state", "visible") != "visible")
        self.sheets, self.hidden = tuple(self._parts), tuple(hidden)
        by_kind = {relation.kind: relation.part for relation in relations.values()}
        self._times = self._read_styles(by_kind["styles"]) if "styles" in by_kind else []
        self._texts_part = by_kind.get("sharedStrings")

    def iter_rows(self, sheet: str) -> Iterator[tuple[int, Cells]]:
        """The one-based number and the cells of each row of a sheet; rows without cells may be left out."""
        texts = self._read_texts(self._texts_part) if self._texts_part is not None else []
        reader = _RowReader(texts, self._times, self._since_1904)
        inside = False
        with self._explained():
            # To the end, where the checksum stands; behind the cells other things too are called row.
            for event in self._iter_events(self._parts[sheet]):
                if event.name == "sheetData":
                    inside = event.opens
                elif inside and reader.take(event):
                    yield reader.row, reader.cells

    def _find_main(self) -> str:
        for relation in self._list_relations("").values():
            if relation.kind == "officeDocument":
                return relation.part
        raise self._other()

    def _list_relations(self, part: str) -> dict[str, _Relation]:
        folder, name = posixpath.split(part)
        found = {}
        for event in self._iter_events(posixpath.join(folder, "_rels", f"{name}.rels")):
            said = event.attributes
            if event.opens and event.name == "Relationship" and said.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/", folder, said["Target"]))
                found[said["Id"]] = _Relation(said["Type"].rpartition("/")[2], target.lstrip("/"))
        return found

    def _read_styles(self, part: str) -> list[TimeKind | None]:
        """What the numbers of each style are shown as."""
        codes: dict[int, str] = {}
        styles: list[TimeKind | None] = []
        inside = False
        for event in self._iter_events(part):
            if event.name == "cellXfs":
                inside = event.opens
            elif event.opens and event.name == "numFmt":
                codes[int(event.attributes["numFmtId"])] = event.attributes["formatCode"]
            elif event.opens and event.name == "xf" and inside:
                number = int(event.attributes.get("numFmtId", 0))
                own = codes.get(number)
                styles.append(classify_known_format(number) if own is None else classify_format(own))
        return styles

    def _read_texts(self, part: str) -> list[Value]:
        texts: list[Value] = []
        pieces: list[str] = []
        spoken = False
        size = 0
        for event in self._iter_events(part):
            if event.name == "rPh":
                spoken = event.opens
            elif not event.opens and event.name == "t" and not spoken:
                pieces.append(event.text)
            elif not event.opens and event.name == "si":
                texts.append(decode_text("".join(pieces)))
                pieces, size = [], size + len(texts[-1].spelling)
                if size > _TEXTS_BYTES:
                    raise ReadError(
                        f"{self._title} has more than {describe_size(_TEXTS_BYTES)} of text.",
                        "Save the sheet as CSV: it is read with little memory.",
                    )
        return texts

    def _iter_events(self, part: str) -> Iterator[Event]:
        with self._explained(), self._path.open("rb") as file:
            try:
                with open_member(file, part, self._title) as member:
                    stream = GuardedStream(member, member, f"{part} in {self._title}", self._limits)
                    yield from iter_events(stream, self._limits.line_bytes)
            except ReadError as error:
                raise self._other() if error.proposal else error from None

    def _other(self) -> ReadError:
        return ReadError(
            f"{self._title} is a zip archive, but no Excel workbook.",
            "Name it .zip, or save the sheet as .xlsx.",
        )

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (ValueError, LookupError) as error:
            said = error if isinstance(error, Broken) else "it says what no workbook says"
            raise ReadError(
                f"{self._title} is a damaged Excel workbook: {said}.",
                "Open it in a spreadsheet program, and save it.",
            ) from error


class _RowReader:
    """Takes the events of a sheet, and has a row whenever one has ended."""

    def __init__(self, texts: list[Value], times: list[TimeKind | None], since_1904: bool) -> None:
        self._texts, self._times, self._since_1904 = texts, times, since_1904
        self.row = self._column = 0
        self.cells: dict[int, Value] = {}
        self._cell: Mapping[str, str] = {}
        self._value: str | None = None
        self._pieces: list[str] | None = None
        self._is_formula = self._spoken = False

    def take(self, event: Event) -> bool:
        """Whether the row has ended."""
        name = event.name
        if event.opens:
            self._open(name, event.attributes)
        elif name == "v":
            self._value = event.text
        elif name == "f":
            self._is_formula = True
        elif name == "rPh":
            self._spoken = False
        elif name == "t" and not self._spoken:
            self._pieces = [*(self._pieces or []), event.text]
        elif name == "c":
            value = self._decode()
            if value is not None:
                self.cells[self._column] = value
        return name == "row" and not event.opens

    def _open(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "c":
            self._column = _find_column(attributes.get("r"), self._column)
            self._cell, self._value, self._pieces, self._is_formula = attributes, None, None, False
        elif name == "row":
            row = int(attributes.get("r", self.row + 1))
            if not self.row < row <= _MOST_ROWS:
                raise Broken(f"row {row} comes after row {self.row}")
            self.row, self._column, self.cells = row, 0, {}
        elif name == "rPh":
            self._spoken = True

    def _decode(self) -> Value | None:
        kind, text = self._cell.get("t", "n"), self._value
        if kind == "inlineStr":
            return None if self._pieces is None else decode_text("".join(self._pieces))
        if text is None or (not text and kind != "str"):
            return decode_unsaved() if self._is_formula else None
        if kind == "s":
            return self._texts[int(text)]
        if kind == "n":
            return self._decode_number(text)
        return _DECODERS[kind](text)

    def _decode_number(self, text: str) -> Value:
        style = int(self._cell.get("s", 0))
        time = self._times[style] if style < len(self._times) else None
        return decode_number(text) if time is None else decode_time(text, time, self._since_1904)


_DECODERS = {"str": decode_text, "b": decode_boolean, "e": decode_error, "d": decode_iso_time}


def _find_column(name: str | None, before: int) -> int:
    """The column of a cell named as C7; without a name that after the one before."""
    if name is None:
        column = before + 1
    elif found := _CELL_NAME.fullmatch(name):
        column = count_column(found[1])
    else:
        raise Broken(f"a cell named {name:.20}")
    if not before < column <= _MOST_COLUMNS:
        raise Broken(f"a cell in column {column} after column {before}")
    return column


def count_column(letters: str) -> int:
    """A → 1, Z → 26, AA → 27."""
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - ord("A") + 1
    return column


def name_column(column: int) -> str:
    """1 → A, 27 → AA."""
    letters = ""
    while column:
        column, digit = divmod(column - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return letters


def _strip_names(attributes: Mapping[str, str]) -> dict[str, str]:
    """Attributes without their namespaces."""
    return {name.rpartition(" ")[2]: value for name, value in attributes.items()}
