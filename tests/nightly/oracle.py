"""What must become of a mutant, told letter by letter with the standard library and slow loops of its own.

    judge_mutant(mutant) → the records that must come, the lines that must be quarantined, how many are blank

It shares no code with the reader. Where bytes no longer show what they are (a mutation made the head of the
file look like an archive or like text of another encoding, or took the [ of an array), it does not judge.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from studio.record import Json
from tests.corpus import Case, Cell
from tests.nightly.mutants import Mutant

_BOM = b"\xef\xbb\xbf"
_SPACE = b" \t\n\r"
_OTHER_FILES = (b"\x1f\x8b", b"PK\x03", b"PAR1", b"ARROW1", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd",
                b"%PDF-", b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff", b"<", b"version https://")  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`records` by line, as `decode_cell` gives them; `unaffected` those whose truth was written by hand."""

    records: Mapping[int, Mapping[str, Any]]
    bad: Sequence[int]
    blank: int
    unaffected: Mapping[int, Mapping[str, Cell]]


def judge_mutant(mutant: Mutant) -> Verdict | None:
    """The verdict, or None where nothing can be told."""
    content = mutant.content.removeprefix(_BOM)
    head = content.lstrip()
    if not head or mutant.content.startswith(_OTHER_FILES) or head.startswith(_OTHER_FILES):
        return None
    if content.count(0) * 6 > len(content) or sum(not _is_utf8(line) for line in content.split(b"\n")) > 2:
        return None
    return _JUDGES[mutant.case.suffix](mutant.case, content)


def decode_cell(cell: Cell) -> Any:
    """A cell in plain values; numbers keep their spelling, and objects the order of their keys."""
    return _load(cell.spelling) if isinstance(cell, Json) else cell


def _judge_lines(case: Case, content: bytes) -> Verdict | None:
    if content.split(b"\n")[0].strip() == b"[":
        return None
    truth = {_line_of(case, line): values for line, values in case.records}
    lines = content.split(b"\n")
    pieces = lines[:-1] if not lines[-1] else lines
    blank = [number for number, raw in enumerate(pieces, 1) if not raw.strip()]
    return _judge_pieces([(n, raw) for n, raw in enumerate(pieces, 1) if n not in blank], truth, len(blank))


def _line_of(case: Case, line: int) -> bytes:
    return case.bytes.removeprefix(_BOM).split(b"\n")[line - 1]


def _judge_array(case: Case, content: bytes) -> Verdict | None:
    if not content.lstrip().startswith(b"["):
        return None
    elements, _ = _split_array(case.bytes)
    truth = {raw: values for raw, (_, values) in zip(elements, case.records, strict=True)}
    elements, more = _split_array(content)
    verdict = _judge_pieces(list(enumerate(elements, 1)), truth, 0)
    bad = [*verdict.bad, *range(len(elements) + 1, len(elements) + 1 + more)]
    return Verdict(records=verdict.records, bad=bad, blank=0, unaffected=verdict.unaffected)


def _split_array(content: bytes) -> tuple[list[bytes], int]:
    """The elements, and how many pieces that are none follow them."""
    elements: list[bytes] = []
    at = start = content.index(b"[") + 1
    depth, in_string = 1, False
    while at < len(content):
        letter = content[at : at + 1]
        if in_string:
            at += letter == b"\\"
            in_string = letter != b'"'
        elif letter == b'"':
            in_string = True
        elif letter in (b"[", b"{"):
            depth += 1
        elif letter in (b"]", b"}"):
            depth -= 1
        if not in_string and (depth == 0 or (depth == 1 and letter == b",")):
            element = content[start:at].strip(_SPACE)
            rest = content[at + 1 :].strip(_SPACE)
            if letter == b"}":
                return elements, 1 + bool(rest)
            if depth == 1 or elements or element:
                elements.append(element)
            start = at + 1
        if depth == 0:
            return elements, int(bool(rest))
        at += 1
    element = content[start:].strip(_SPACE)
    if depth == 1 and not in_string and element:
        elements.append(element)
    return elements, 1


def _judge_pieces(
    pieces: Sequence[tuple[int, bytes]], truth: Mapping[bytes, Mapping[str, Cell]], blank: int
) -> Verdict:
    decoded = {number: _decode_object(raw) for number, raw in pieces}
    return Verdict(
        records={number: values for number, values in decoded.items() if values is not None},
        bad=[number for number, values in decoded.items() if values is None],
        blank=blank,
        unaffected={number: truth[raw] for number, raw in pieces if raw in truth},
    )


def _decode_object(raw: bytes) -> dict[str, Any] | None:
    """The object that the standard library sees, if every rule of ours is kept."""
    try:
        value = _load(raw.decode("utf-8"))
        json.dumps(value, ensure_ascii=False, default=str).encode("utf-8")  # a lone surrogate has no bytes
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, tuple) or any("\0" in name for name, _ in value):
        return None
    return dict(value)


def _load(text: str) -> Any:
    def refuse(constant: str) -> NoReturn:
        raise ValueError(constant)

    def keep(pairs: list[tuple[str, Any]]) -> tuple[Any, ...]:
        if len(dict(pairs)) < len(pairs):
            raise ValueError("a key twice")
        return tuple(pairs)

    return json.loads(text, object_pairs_hook=keep, parse_int=Json, parse_float=Json, parse_constant=refuse)


def _judge_csv(case: Case, content: bytes) -> Verdict | None:
    old_header, *old_rows = _split_csv(case.bytes.removeprefix(_BOM))
    by_line = dict(case.records)
    truth = {
        raw: [by_line[line][name] for name in old_header[2]] for line, raw, _ in old_rows if line in by_line
    }
    rows = list(_split_csv(content))
    while rows and not rows[0][1].strip():
        del rows[0]
    header = rows[0][2] if rows else []
    if len(header) < 2 or b"," not in rows[0][1] or len(set(header)) < len(header) or "\0" in "".join(header):
        return None
    filled = [row for row in rows[1:] if row[1].strip() or len(row[2]) == len(header)]
    good = [(line, raw, cells) for line, raw, cells in filled if len(cells) == len(header)]
    return Verdict(
        records={line: dict(zip(header, cells, strict=True)) for line, _, cells in good},
        bad=[line for line, _, cells in filled if len(cells) != len(header)],
        blank=len(list(_split_csv(content))) - 1 - len(filled),
        unaffected={
            line: dict(zip(header, truth[raw], strict=True))
            for line, raw, _ in good
            if len(truth.get(raw, ())) == len(header)
        },
    )


def _split_csv(content: bytes) -> Iterator[tuple[int, bytes, list[str]]]:
    """First line, bytes and cells of each row; no cells where it is blank, or no row.

    A line at which a row begins that never ends well is no row by itself; the next line begins another.
    """
    lines = content.split(b"\n")
    lines = lines[:-1] if not lines[-1] else lines
    at = 0
    while at < len(lines):
        row, end = _Row(), at
        while end < len(lines) and (end == at or (row.state == "quoted" and not row.broken)):
            row.take(lines[end])
            end += 1
        end = at + 1 if row.broken or row.state == "quoted" else end
        yield at + 1, b"\n".join(lines[at:end]), row.finish()
        at = end


class _Row:
    """A row by the letter: a quote opens a cell at its start only; after its end comes a comma or the end."""

    def __init__(self) -> None:
        self.cells: list[str] = []
        self.cell = ""
        self.state = "start"
        self.broken = self.unreadable = False

    def take(self, line: bytes) -> None:
        text = line.decode("utf-8", "replace")
        self.unreadable |= not _is_utf8(line)
        for at, letter in enumerate(text):
            if self.state != "quoted" and letter == "\r":
                self.broken |= bool(text[at:].strip("\r"))
                break
            self._take_letter(letter)
            if self.broken:
                return
        if self.state == "quoted":
            self.cell += "\n"

    def _take_letter(self, letter: str) -> None:
        if self.state == "quoted":
            if letter == '"':
                self.state = "after quote"
            else:
                self.cell += letter
        elif letter == ",":
            self.cells.append(self.cell)
            self.cell, self.state = "", "start"
        elif letter == '"' and self.state in ("start", "after quote"):
            self.cell += '"' if self.state == "after quote" else ""
            self.state = "quoted"
        elif self.state == "after quote":
            self.broken = True
        else:
            self.cell += letter
            self.state = "bare"

    def finish(self) -> list[str]:
        if self.broken or self.unreadable or self.state == "quoted":
            return []
        empty = not self.cells and not self.cell and self.state == "start"
        return [] if empty else [*self.cells, self.cell]


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


_JUDGES: dict[str, Callable[[Case, bytes], Verdict | None]] = {
    ".jsonl": _judge_lines,
    ".json": _judge_array,
    ".csv": _judge_csv,
}
