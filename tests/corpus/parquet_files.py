"""Parquet: typed values in rows numbered from one, and files that are damaged or no Parquet at all.

Each value is written down as its JSON spelling. A date or a time is ISO text, bytes are told by their number,
a value that JSON cannot hold (NaN, Infinity) sends its row to the quarantine.
"""

import datetime as dt
import io
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.corpus.case import Case, J, make_case

_parquet = partial(make_case, suffix=".parquet")


def _write(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink)
    return sink.getvalue()


def _columns(**columns: tuple[pa.DataType, list[Any]]) -> Callable[[], bytes]:
    """The builder of a file with these columns."""
    return lambda: _write(
        pa.table({name: pa.array(values, kind) for name, (kind, values) in columns.items()})
    )


def _cut(build: Callable[[], bytes], keep: int) -> Callable[[], bytes]:
    return lambda: build()[:keep]


def _build_twins() -> bytes:
    return _write(pa.Table.from_arrays([pa.array(["x"]), pa.array(["y"])], names=["a", "a"]))


def _build_groups() -> bytes:
    sink = io.BytesIO()
    pq.write_table(
        pa.table({"n": pa.array(range(2500)), "t": pa.array(["é"] * 2500)}), sink, row_group_size=999
    )
    return sink.getvalue()


_TEXTS = _columns(a=(pa.string(), ["x", "02139", "", None]), b=(pa.string(), ["NA", "null", " y ", "\u2028"]))
_NOON = dt.datetime(2021, 3, 4, 12, 0, 0, 250000)
_NOON_UTC = _NOON.replace(tzinfo=dt.UTC)

PARQUET: tuple[Case, ...] = (
    _parquet(
        "texts",
        _TEXTS,
        (1, {"a": "x", "b": "NA"}),
        (2, {"a": "02139", "b": "null"}),
        (3, {"a": "", "b": " y "}),
        (4, {"a": None, "b": "\u2028"}),
    ),
    _parquet(
        "integers of every width",
        _columns(
            i8=(pa.int8(), [-128, 127, None]),
            i16=(pa.int16(), [-32768, 32767, 0]),
            i32=(pa.int32(), [-2147483648, 2147483647, 0]),
            i64=(pa.int64(), [-9223372036854775808, 9223372036854775807, 9007199254740993]),
            u8=(pa.uint8(), [0, 255, 1]),
            u16=(pa.uint16(), [0, 65535, 1]),
            u32=(pa.uint32(), [0, 4294967295, 1]),
        ),
        (1, {"i8": J("-128"), "i16": J("-32768"), "i32": J("-2147483648"), "i64": J("-9223372036854775808"),
             "u8": J("0"), "u16": J("0"), "u32": J("0")}),
        (2, {"i8": J("127"), "i16": J("32767"), "i32": J("2147483647"), "i64": J("9223372036854775807"),
             "u8": J("255"), "u16": J("65535"), "u32": J("4294967295")}),
        (3, {"i8": None, "i16": J("0"), "i32": J("0"), "i64": J("9007199254740993"),
             "u8": J("1"), "u16": J("1"), "u32": J("1")}),
    ),
    _parquet(
        "unsigned integers over 63 bits",
        _columns(n=(pa.uint64(), [18446744073709551615, 9223372036854775808, 7, None])),
        (1, {"n": J("18446744073709551615")}),
        (2, {"n": J("9223372036854775808")}),
        (3, {"n": J("7")}),
        (4, {"n": None}),
    ),
    _parquet(
        "integers with a null",
        _columns(n=(pa.int64(), [9007199254740993, None, 3])),
        (1, {"n": J("9007199254740993")}),
        (2, {"n": None}),
        (3, {"n": J("3")}),
    ),
    _parquet(
        "fractions",
        _columns(x=(pa.float64(), [2.5, -0.0, 0.1, None]), y=(pa.float32(), [2.5, 0.5, -1.75, 3.0])),
        (1, {"x": J("2.5"), "y": J("2.5")}),
        (2, {"x": J("-0.0"), "y": J("0.5")}),
        (3, {"x": J("0.1"), "y": J("-1.75")}),
        (4, {"x": None, "y": J("3.0")}),
    ),
    _parquet(
        "not a number and infinity",
        _columns(x=(pa.float64(), [1.5, float("nan"), float("inf"), 2.5, float("-inf")])),
        (1, {"x": J("1.5")}),
        (4, {"x": J("2.5")}),
        bad=[(2, "NaN"), (3, "Infinity"), (5, "-Infinity")],
    ),
    _parquet(
        "not a number inside a list",
        _columns(x=(pa.list_(pa.float32()), [[0.5], [1.5, float("nan")]]), t=(pa.string(), ["a", "b"])),
        (1, {"x": J("[0.5]"), "t": "a"}),
        bad=[(2, "NaN")],
    ),
    _parquet(
        "truths",
        _columns(b=(pa.bool_(), [True, False, None])),
        (1, {"b": J("true")}),
        (2, {"b": J("false")}),
        (3, {"b": None}),
    ),
    _parquet(
        "dates and times",
        _columns(
            day=(pa.date32(), [dt.date(2024, 2, 29), dt.date(1, 1, 1)]),
            naive=(pa.timestamp("us"), [_NOON, None]),
            utc=(pa.timestamp("ms", tz="UTC"), [_NOON_UTC, _NOON_UTC.replace(microsecond=0)]),
            nano=(pa.timestamp("ns"), [1614859200000000001, 1614859200000000000]),
        ),
        (1, {"day": "2024-02-29", "naive": "2021-03-04T12:00:00.250000", "utc": "2021-03-04T12:00:00.250Z",
             "nano": "2021-03-04T12:00:00.000000001"}),
        (2, {"day": "0001-01-01", "naive": None, "utc": "2021-03-04T12:00:00.000Z",
             "nano": "2021-03-04T12:00:00.000000000"}),
        types={"day": "date32[day]", "naive": "timestamp[us]", "utc": "timestamp[ms, tz=UTC]",
               "nano": "timestamp[ns]"},
    ),
    _parquet(
        "decimals",
        _columns(price=(pa.decimal128(20, 2), [Decimal("2.50"), Decimal("-0.10"), None,
                                               Decimal("123456789012345678.90")])),
        (1, {"price": J("2.50")}),
        (2, {"price": J("-0.10")}),
        (3, {"price": None}),
        (4, {"price": J("123456789012345678.90")}),
        types={"price": "decimal128(20, 2)"},
    ),
    _parquet(
        "bytes",
        _columns(image=(pa.binary(), [b"\x89PNG", b"", None]), t=(pa.string(), ["a", "b", "c"])),
        (1, {"image": "<4 bytes>", "t": "a"}),
        (2, {"image": "<0 bytes>", "t": "b"}),
        (3, {"image": None, "t": "c"}),
        types={"image": "binary"},
    ),
    _parquet(
        "nested values",
        _columns(
            tags=(pa.list_(pa.string()), [["02139", None], [], None]),
            who=(
                pa.struct([("role", pa.string()), ("n", pa.int64())]),
                [{"role": "é", "n": 9007199254740993}, {"role": None, "n": 1}, None],
            ),
        ),
        (1, {"tags": J('["02139",null]'), "who": J('{"role":"é","n":9007199254740993}')}),
        (2, {"tags": J("[]"), "who": J('{"role":null,"n":1}')}),
        (3, {"tags": None, "who": None}),
    ),
    _parquet(
        "conversations",
        _columns(
            messages=(
                pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())])),
                [[{"role": "user", "content": 'a "b"\n'}, {"role": "assistant", "content": ""}]],
            )
        ),
        (1, {"messages": J('[{"role":"user","content":"a \\"b\\"\\n"},{"role":"assistant","content":""}]')}),
    ),
    _parquet(
        "a column of nulls",
        _columns(a=(pa.null(), [None, None]), t=(pa.string(), ["x", "y"])),
        (1, {"a": None, "t": "x"}),
        (2, {"a": None, "t": "y"}),
    ),
    _parquet(
        "a dictionary of texts",
        lambda: _write(pa.table({"c": pa.array(["x", "02139", "x", None]).dictionary_encode()})),
        (1, {"c": "x"}),
        (2, {"c": "02139"}),
        (3, {"c": "x"}),
        (4, {"c": None}),
    ),
    _parquet(
        "large texts and views",
        _columns(a=(pa.large_string(), ["é", None]), b=(pa.string(), ["", "y"])),
        (1, {"a": "é", "b": ""}),
        (2, {"a": None, "b": "y"}),
    ),
    _parquet(
        "a map",
        _columns(m=(pa.map_(pa.string(), pa.int64()), [[("a", 1), ("b", 2)], [], None])),
        (1, {"m": J('[["a",1],["b",2]]')}),
        (2, {"m": J("[]")}),
        (3, {"m": None}),
    ),
    _parquet(
        "odd column names",
        lambda: _write(pa.table({"": ["1"], "a.b": ["2"], "_line": ["3"], "*": ["4"], "A.B": ["5"]})),
        (1, {"": "1", "a.b": "2", "_line": "3", "*": "4", "A.B": "5"}),
    ),
    _parquet(
        "several row groups",
        _build_groups,
        *((row, {"n": J(str(row - 1)), "t": "é"}) for row in range(1, 2501)),
    ),
    # refused in words
    _parquet("two columns of one name", _build_twins, refused="two columns named 'a'"),
    _parquet("no rows", _columns(a=(pa.string(), [])), refused="holds no record"),
    _parquet("no columns", lambda: _write(pa.table({})), refused="holds no record"),
    _parquet("cut in the middle", _cut(_TEXTS, 300), refused="Parquet"),
    _parquet("cut before its last mark", _cut(_TEXTS, -4), refused="Parquet"),
    _parquet("another file by its name", b'{"a": "x"}\n', refused="not"),
    _parquet("a mark and nothing else", b"PAR1PAR1", refused="Parquet"),
    _parquet("an empty file", b"", refused="is empty"),
)  # fmt: skip
