"""A JSON file that is one object: whole columns, or records that stand under one of its keys.

    {"question": ["What is LoRA?", …], "score": [2.50, …]}       a record per index; `line` counts from one
    {"version": 3, "data": [{"question": …}, …]}                 with the field data: a record per element

Columns are told by their shape: every value is an array, all of one length, none of objects only. Which key
holds records is never guessed: without a field the keys are proposed. Values keep their spelling either way.
Whole columns are read at once, so that their size is limited; records under a key are streamed. A record of
whole columns has no bytes of its own: its length in the source is 0.

Knows nothing of where the bytes come from.
"""

import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

import msgspec

from studio.errors import ReadError
from studio.reader.json_array import ArrayScanner, feed_elements, iter_elements, read_json_array
from studio.reader.json_keys import Entry, KeyReader
from studio.reader.lines import BOM, ByteStream, describe_size
from studio.reader.sniffing import PeekStream
from studio.reader.strict import Fault, RecordDecoder
from studio.settings import Limits
from studio.source import Source
from studio.table import TableWriter

_COLUMNS_BYTES = 128 << 20
_LOOKED_AT_BYTES = 16 << 20  # in which the keys of an object are looked for
_HEAD_BYTES = 64 << 10
_PANDAS_SPLIT = ({"columns", "data"}, {"columns", "index", "data"})
_NAMES_TOLD = 10

Columns = Mapping[str, Sequence[bytes]]
"""Key → the JSON spelling of each element of its array."""

_decode_array = msgspec.json.Decoder(list[msgspec.Raw]).decode


class JsonStream(ByteStream, PeekStream, Protocol):
    """What a JSON file is read from."""


def read_json(stream: JsonStream, writer: TableWriter, source: Source, limits: Limits) -> bool:
    """Feed the writer until it is full; whether the stream held no more than that.

    Raises ReadError for an object that is neither whole columns nor read by a field; its proposal names the
    fields that hold records.
    """
    if stream.peek(_HEAD_BYTES).removeprefix(BOM).lstrip().startswith(b"["):
        if source.field is not None:
            raise ReadError(f"{writer.name} is an array, which has no fields.", "Leave the field out.")
        return read_json_array(stream, writer, source, limits)
    try:
        if source.field is not None:
            return _read_field(stream, source.field, writer, limits)
        return _feed_columns(_read_columns(stream, writer.name), writer, limits)
    except Fault as fault:
        raise ReadError(
            f"{writer.name} is no JSON object: {fault.reason}.",
            "A .json file holds an array of objects; a file with one object a line is named .jsonl.",
        ) from None


def _read_field(stream: ByteStream, field: str, writer: TableWriter, limits: Limits) -> bool:
    keys = KeyReader(stream, limits.line_bytes)
    _find_field(keys, field, writer.name)
    rest, start = keys.hand_over()
    scanner = ArrayScanner(rest, limits.line_bytes, start)
    count = feed_elements(scanner.scan_array(), writer, limits)
    if count is None:
        return False
    if scanner.rest is not None and not writer.full:
        keys.take_back(*scanner.rest)
        _check_rest(keys, field, writer, count)
    return True


def _find_field(keys: KeyReader, field: str, name: str) -> None:
    """Go to the array under `field`."""
    seen: list[Entry] = []
    while (key := keys.next_key()) is not None:
        if key == field and keys.opening().startswith(b"["):
            return
        if key == field:
            raise ReadError(f"The field {field} of {name} is not an array.", "Name one that holds records.")
        seen.append(Entry(key, keys.opening(), keys.offset))
        keys.skip_value()
    raise ReadError(
        f"{name} has no field {field}.",
        f"Its fields are: {_tell([entry.key for entry in seen])}." if seen else "It is an empty object.",
        proposal={"field": [entry.key for entry in seen if entry.opening == b"[{"]},
    )


def _check_rest(keys: KeyReader, field: str, writer: TableWriter, count: int) -> None:
    """What follows the array holds no records, but the object must end well, and hold no second array."""
    try:
        while (key := keys.next_key()) is not None:
            if key == field:
                raise ReadError(f"{writer.name} has two fields named {field}.", "Keep one of them.")
            keys.skip_value()
    except Fault as fault:
        reason = f"after the array: {fault.reason}"
        writer.quarantine(keys.head, reason, line=count + 1, offset=keys.offset)


def _read_columns(stream: JsonStream, name: str) -> Columns:
    entries, cut = _list_entries(stream, _LOOKED_AT_BYTES)
    if cut:
        _refuse_records([entry.key for entry in entries if entry.opening == b"[{"], name)
        _refuse_single(entries, name)
        entries, cut = _list_entries(stream, _COLUMNS_BYTES)
    if cut:
        raise ReadError(
            f"{name} holds whole columns, and is over {describe_size(_COLUMNS_BYTES)}.",
            "Turn it into one object a line, for example with pandas: "
            "to_json(path, orient='records', lines=True).",
        )
    _refuse_twice(entries, name)
    whole = stream.peek(_COLUMNS_BYTES)
    arrays = [entry for entry in entries if entry.opening.startswith(b"[")]
    columns = {entry.key: _split(whole[entry.start : entry.end]) for entry in arrays}
    _refuse_records([key for key, items in columns.items() if items and all(map(_is_object, items))], name)
    _refuse_single(entries, name)
    _refuse_other_tables(columns, name)
    return columns


def _list_entries(stream: PeekStream, size: int) -> tuple[list[Entry], bool]:
    """The entries in the next `size` bytes, and whether there are more bytes."""
    whole = stream.peek(size + 1)
    keys = KeyReader(io.BytesIO(whole), size)
    entries: list[Entry] = []
    try:
        while (key := keys.next_key()) is not None:
            entries.append(Entry(key, keys.opening(), keys.offset))
            keys.skip_value()
            entries[-1] = entries[-1]._replace(end=keys.offset)
    except Fault:
        if len(whole) <= size:
            raise
    return entries, len(whole) > size


def _split(array: bytes) -> Sequence[bytes]:
    """The elements of an array; one that is no JSON is found out later, in its record."""
    try:
        return list(map(bytes, _decode_array(array)))
    except msgspec.DecodeError:
        elements = list(iter_elements(io.BytesIO(array), len(array)))
    for element in elements:
        if element.fault:
            raise Fault(element.fault)
    return [element.raw for element in elements]


def _is_object(spelling: bytes) -> bool:
    return spelling.startswith(b"{")


def _feed_columns(columns: Columns, writer: TableWriter, limits: Limits) -> bool:
    decode = RecordDecoder(limits.depth).decode
    writer.reread = decode
    keys = (json.dumps(key, ensure_ascii=False).encode().replace(b"%", b"%%") for key in columns)
    template = b"{" + b", ".join(key + b": %b" for key in keys) + b"}"
    for number, values in enumerate(zip(*columns.values(), strict=True), 1):
        if writer.full:
            return False
        raw = template % values
        try:
            writer.add(decode(raw), line=number, offset=0, length=0)
        except Fault as fault:
            writer.quarantine(raw, fault.reason, line=number, offset=0)
    return True


def _refuse_records(keys: Sequence[str], name: str) -> None:
    if not keys:
        return
    where = (
        f"Its records stand under {_tell(keys)}" if len(keys) == 1 else f"Records stand under {_tell(keys)}"
    )
    choice = f"--field {keys[0]}" if len(keys) == 1 else "--field and one of these names"
    raise ReadError(
        f"{name} is one JSON object. {where}.", f"Read them with {choice}.", proposal={"field": keys}
    )


def _refuse_single(entries: Sequence[Entry], name: str) -> None:
    """Refuse an object unless all of its values are arrays."""
    if entries and all(entry.opening.startswith(b"[") for entry in entries):
        return
    hint = "Put it in [ ] for a table of one record, or write one object a line and name the file .jsonl."
    if len(entries) > 1 and all(entry.opening == b"{" for entry in entries):
        hint = "If pandas wrote it, write it again with to_json(path, orient='records')."
    raise ReadError(f"{name} is one JSON object, not an array of objects.", hint)


def _refuse_twice(entries: Iterable[Entry], name: str) -> None:
    seen: set[str] = set()
    for entry in entries:
        if entry.key in seen:
            raise ReadError(f"{name} has two fields named {entry.key}.", "Keep one of them.")
        seen.add(entry.key)


def _refuse_other_tables(columns: Columns, name: str) -> None:
    if set(columns) in _PANDAS_SPLIT:
        raise ReadError(
            f"{name} holds a table that pandas split into {_tell(list(columns))}.",
            "Write it again with to_json(path, orient='records').",
        )
    lengths = {len(items): key for key, items in columns.items()}
    if len(lengths) > 1:
        told = ", ".join(f"{key} has {length:,}" for length, key in sorted(lengths.items())[:_NAMES_TOLD])
        raise ReadError(
            f"{name} is one JSON object whose arrays differ in length: {told}.",
            "Whole columns have a value for each record, null where there is none.",
        )


def _tell(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMES_TOLD:,} more" if len(names) > _NAMES_TOLD else ""
    return ", ".join(names[:_NAMES_TOLD]) + more
