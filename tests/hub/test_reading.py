"""A Hub dataset becomes a table: its files pass a child process, and the reader of all files reads them."""

import bz2
import datetime as dt
import gzip
import io
import json
import lzma
import zipfile
from dataclasses import asdict, replace
from pathlib import Path

import pyarrow as pa
import pytest

from studio.errors import HubError
from studio.hub import read_hub
from studio.reader import Stopped, read_source
from studio.recipe import SourceSpec
from studio.record import Json
from studio.settings import Settings
from studio.source import Source
from studio.table import Table
from tests.hub.conftest import Read, Serve, parquet
from tests.hub_server import COMMIT

PLAIN = {
    "train.jsonl": b"".join(
        json.dumps({"question": f"q{n} \u00e9\u2028", "zip": "02139", "when": "2024-02-31", "n": n}).encode()
        + b"\n"
        for n in range(12)
    ),
    "test.jsonl": b'{"question": "t", "zip": "", "when": "", "n": 0}\n',
}


def values(table: Table) -> list[dict[str, object]]:
    return [dict(record) for record in table.page(limit=len(table)).rows]


def test_the_first_records_are_stored_with_what_was_opened(serve: Serve, read: Read) -> None:
    serve("org/plain", PLAIN)
    table = read("org/plain", first=5)
    assert (len(table), table.complete, table.format, table.sha256) == (5, False, "jsonl", None)
    assert table.source == Source(hub="org/plain", config="default", split="train", revision=COMMIT, first=5)
    assert values(table)[4] == {
        "question": "q4 é\u2028", "zip": "02139", "when": "2024-02-31", "n": Json("4"),
    }  # fmt: skip
    again = read("org/plain", revision=COMMIT, config="default", split="train", first=5)
    assert again.page().rows == table.page().rows


def test_a_named_split_that_ends_in_time_is_complete(serve: Serve, read: Read) -> None:
    serve("org/plain", PLAIN)
    told: list[tuple[int, int | None, int]] = []
    table = read("org/plain", split="test", progress=lambda *said: told.append(said))
    assert (len(table), table.complete, table.source.first) == (1, True, 1000)
    assert told[-1] == (table.bytes, None, 1)


LATE = b"\n".join(
    [
        b'{"when": "2019-04-25T12:57:54Z", "n": 1}',
        b'{"when": "2024-02-31", "n": 2.50, "late": [1,  2]}',
        b"not json",
        b"",
        b'{"when": null}',
    ]
)


def test_lines_of_json_files_come_as_they_stand_there(serve: Serve, read: Read) -> None:
    serve("org/late", {"train-1.jsonl.gz": gzip.compress(LATE), "train-2.jsonl": b'{"when": ""}\nnor this\n'})
    table = read("org/late", first="all")
    assert asdict(table.counts) == {"read": 7, "accepted": 4, "quarantined": 2, "blank": 1}
    assert table.complete
    assert values(table) == [
        {"when": "2019-04-25T12:57:54Z", "n": Json("1")},
        {"when": "2024-02-31", "n": Json("2.50"), "late": Json("[1,  2]")},
        {"when": None},
        {"when": ""},
    ]
    assert [(bad.file, bad.line) for bad in table.quarantine()] == [
        ("train-1.jsonl.gz", 3),
        ("train-2.jsonl", 2),
    ]
    assert [(r.file, r.line) for r in table.page().rows][2:] == [
        ("train-1.jsonl.gz", 5),
        ("train-2.jsonl", 1),
    ]


@pytest.mark.detail
def test_lamini_docs_keeps_its_source_splits(serve: Serve, read: Read) -> None:
    files = {
        f"data/{split}-00000-of-00001-abc.parquet": parquet(
            {"question": [f"{split} q{n}" for n in range(count)], "answer": ["a"] * count}
        )
        for split, count in (("train", 1260), ("test", 140))
    }
    serve("lamini/lamini_docs", files)
    whole = read("lamini/lamini_docs", split="all", first="all")
    first = read("lamini/lamini_docs", split="all")
    assert (len(whole), whole.complete, whole.splits) == (1400, True, ("train", "test"))
    assert (len(first), first.complete, first.source.first) == (1140, False, 1000)
    assert [record.file for record in first.page(offset=999, limit=2).rows] == list(files)
    assert whole.record(1260)["question"] == "test q0"
    assert first.record(1000)["question"] == "test q0"
    assert whole.source.split == "all"


C4 = b"""---
configs:
- config_name: en
  data_files:
  - {split: train, path: en/c4-train.*.json.gz}
  - {split: validation, path: en/c4-validation.*.json.gz}
- config_name: realnewslike
  data_files: realnewslike/*.json.gz
---
"""


def test_the_first_five_of_c4_fetch_no_later_shard(serve: Serve, read: Read) -> None:
    lines = b"".join(
        json.dumps({"text": f"page {n}", "timestamp": "2019-04-25T12:57:54Z", "url": "http://a.b"}).encode()
        + b"\n"
        for n in range(50)
    )
    shards = {f"en/c4-train.{n:05}-of-00004.json.gz": gzip.compress(lines) for n in range(4)}
    later = {"en/c4-validation.00000-of-00001.json.gz": gzip.compress(lines), "realnewslike/a.json.gz": b""}
    hub = serve("allenai/c4", {"README.md": C4, **shards, **later})
    table = read("allenai/c4", config="en", split="train", first=5)
    assert [record["text"] for record in table.page().rows] == [f"page {n}" for n in range(5)]
    assert {record["timestamp"] for record in table.page().rows} == {"2019-04-25T12:57:54Z"}
    fetched = {asked.rpartition("/")[2] for asked in hub.asked if asked.endswith(".gz")}
    assert fetched == {"c4-train.00000-of-00004.json.gz"}


ALIKE = {
    "a.csv": b'zip,answer\n02139,NA\n"1,5",""\n007,null\nragged\n',
    "b.tsv": b"zip\tn\n02139\t1.50\n",
    "c.json": b'[{"zip": "02139", "n": 1.50}, {"zip": null}]',
    "d.txt": b"one line\n\n02139\n",
    "e.jsonl.xz": lzma.compress(b'{"zip": "2024-02-31"}\nno\n'),
    "f.csv.bz2": bz2.compress("zip\né\n".encode("utf-16")),
    "g.parquet": parquet({"zip": ["02139", None], "n": [2**53 + 1, None]}),
}


def test_files_of_a_hub_dataset_read_as_from_disk(
    serve: Serve, read: Read, tmp_path: Path, settings: Settings
) -> None:
    parts = "".join(f"  - {{split: {name[0]}, path: {name}}}\n" for name in ALIKE)
    readme = f"---\nconfigs:\n- config_name: default\n  data_files:\n{parts}---\n"
    serve("org/alike", {"README.md": readme.encode(), **ALIKE})
    table = read("org/alike", split="all")
    wanted, refused = [], []
    for name, content in ALIKE.items():
        (tmp_path / name).write_bytes(content)
        own = read_source(Source(path=str(tmp_path / name)), tmp_path / f"own-{name}", settings)
        wanted += [(record.file, record.line, dict(record)) for record in own.page().rows]
        refused += list(own.quarantine())
    assert [(record.file, record.line, dict(record)) for record in table.page().rows] == wanted
    assert list(table.quarantine()) == refused
    assert [(file.name, file.split) for file in table.files] == [(name, name[0]) for name in ALIKE]
    print(f"{len(ALIKE)} files, {len(wanted)} records, {len(refused)} refused lines, all as from disk")


@pytest.mark.detail
def test_what_a_readme_says_about_reading_is_followed_or_refused(serve: Serve, read: Read) -> None:
    readme = b"""---
configs:
- {config_name: semi, data_files: a.csv, sep: ";"}
- {config_name: field, data_files: b.json, field: data}
- {config_name: skip, data_files: a.csv, skiprows: 2}
---
"""
    files = {"README.md": readme, "a.csv": b"x;y\n1,5;2\n", "b.json": b'{"v": 1, "data": [{"a": "02139"}]}'}
    serve("org/said", files)
    semi = read("org/said", config="semi")
    assert values(semi) == [{"x": "1,5", "y": "2"}]
    assert SourceSpec.from_source(semi.source).to_source() == semi.source
    assert values(read("org/said", config="field")) == [{"a": "02139"}]
    with pytest.raises(HubError, match="has skip read with skiprows: 2, which is not known here"):
        read("org/said", config="skip")


def test_types_of_parquet_are_kept_and_media_described(serve: Serve, read: Read) -> None:
    png = b"\x89PNG\r\n\x1a\n" + b"x" * 12_337
    columns = {
        "id": pa.array([1, 2**53 + 1, None]),
        "score": pa.array([0.5, float("nan"), 2.5]),
        "made": pa.array([0, 1, 1_614_859_200_250_000], pa.timestamp("us")),
        "image": pa.array([{"bytes": png, "path": "a.png"}] * 3),
        "zip": pa.array(["02139", "x", None]),
    }
    serve("org/typed", {"train.parquet": parquet(columns)})
    table = read("org/typed")
    assert values(table) == [
        {
            "id": Json("1"), "score": Json("0.5"), "made": "1970-01-01T00:00:00.000000",
            "image": Json('{"bytes":"<12,345 bytes, PNG>","path":"a.png"}'), "zip": "02139",
        },
        {
            "id": None, "score": Json("2.5"), "made": "2021-03-04T12:00:00.250000",
            "image": Json('{"bytes":"<12,345 bytes, PNG>","path":"a.png"}'), "zip": None,
        },
    ]  # fmt: skip
    assert table.format == "parquet"
    assert {column.name: column.source_type for column in table.columns}["made"] == "timestamp[us]"
    (bad,) = table.quarantine()
    assert (bad.line, bad.reason) == (2, "score is NaN, which JSON cannot spell")


@pytest.mark.detail
def test_times_of_the_old_kind_are_read_as_from_a_file(serve: Serve, read: Read) -> None:
    far = dt.datetime(9999, 12, 31)
    columns = {"made": pa.array([dt.datetime(2021, 3, 4), far], pa.timestamp("us"))}
    serve("org/old", {"train.parquet": parquet(columns, use_deprecated_int96_timestamps=True)})
    assert [record["made"] for record in read("org/old").page().rows] == [
        "2021-03-04T00:00:00.000000",
        "9999-12-31T00:00:00.000000",
    ]


@pytest.mark.detail
def test_the_first_rows_of_a_parquet_file_fetch_no_later_row_group(serve: Serve, read: Read) -> None:
    texts = [f"{n:06} " + "".join(chr(97 + (n * k) % 26) for k in range(2000)) for n in range(6000)]
    stored = parquet({"text": texts}, row_group_size=500, compression="none", use_dictionary=False)
    hub = serve("org/large", {"train.parquet": stored})
    table = read("org/large", first=5)
    assert [record["text"] for record in table.page().rows] == texts[:5]
    assert len(stored) > 11_000_000
    print(f"5 rows of {len(stored):,} bytes: {hub.sent['train.parquet']:,} bytes fetched")
    assert hub.sent["train.parquet"] < 6_500_000


@pytest.mark.detail
def test_arrow_files_and_members_of_a_zip_are_read(serve: Serve, read: Read) -> None:
    table = pa.table({"zip": ["02139", None], "n": pa.array([1, 2], pa.int32())})
    stream, file, archive = io.BytesIO(), io.BytesIO(), io.BytesIO()
    with pa.ipc.new_stream(stream, table.schema) as writer:
        writer.write_table(table)
    with pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as members:
        members.writestr("b/two.csv", "zip\n02139\n")
        members.writestr("a/one.csv", "zip\nNA\n")
        members.writestr("__MACOSX/._one.csv", "junk")
    serve("org/arrow", {"a-train.arrow": stream.getvalue(), "b-train.arrow": file.getvalue()})
    arrow = read("org/arrow", first="all")
    assert values(arrow) == [{"zip": "02139", "n": Json("1")}, {"zip": None, "n": Json("2")}] * 2
    assert [column.source_type for column in arrow.columns] == ["string", "int32"]
    serve("org/zip", {"train.zip": archive.getvalue()})
    packed = read("org/zip")
    assert [(r.file, r["zip"]) for r in packed.page().rows] == [
        ("train.zip/a/one.csv", "NA"),
        ("train.zip/b/two.csv", "02139"),
    ]


@pytest.mark.detail
def test_media_files_are_named_and_not_fetched(serve: Serve, read: Read) -> None:
    files = {"train/cat/1.png": b"x" * 12_345, "train/dog/2.jpg": b"y" * 7}
    hub = serve("org/pictures", files)
    assert values(read("org/pictures")) == [
        {"file_name": "train/cat/1.png", "media": "<12,345 bytes, PNG>"},
        {"file_name": "train/dog/2.jpg", "media": "<7 bytes, JPEG>"},
    ]
    serve("org/captions", {**files, "train/metadata.csv": b"file_name,text\n1.png,02139\n"})
    assert values(read("org/captions")) == [{"file_name": "1.png", "text": "02139"}]
    assert not [asked for asked in hub.asked if asked.endswith((".png", ".jpg"))]


LINES = b"".join(json.dumps({"n": n, "text": "x" * 1000}).encode() + b"\n" for n in range(200))


def test_records_of_a_slow_stream_are_there_before_its_end(serve: Serve, read: Read) -> None:
    hub = serve("org/slow", {"train.jsonl": LINES}, pause=0.01)
    hub.sent.clear()
    seen: list[int] = []

    def look(done: int, total: int | None, records: int) -> None:
        if records >= 5 and not seen:
            seen.append(hub.sent["train.jsonl"])

    table = read("org/slow", first="all", progress=look)
    assert len(table) == 200
    print(f"five records after {seen[0]:,} of {len(LINES):,} bytes")
    assert seen[0] < len(LINES) * 0.9


@pytest.mark.detail
def test_a_reading_that_is_stopped_keeps_what_has_come(serve: Serve, read: Read) -> None:
    serve("org/slow", {"train.jsonl": LINES}, pause=0.01)

    def stop(done: int, total: int | None, records: int) -> None:
        if records > 20:
            raise Stopped

    table = read("org/slow", first="all", progress=stop)
    assert table.partial
    assert 20 < len(table) < 200
    assert table.source.first == len(table)
    assert values(table)[-1]["n"] == Json(str(len(table) - 1))


def test_a_connection_that_breaks_is_taken_up_where_it_broke(serve: Serve, read: Read) -> None:
    hub = serve("org/cut", {"train.jsonl": LINES}, cut={"train.jsonl": 100_001}, once=True)
    table = read("org/cut", first="all")
    assert [record["n"] for record in table.page(limit=200).rows] == [Json(str(n)) for n in range(200)]
    assert hub.asked.count(hub.asked[-1]) == 2


def test_a_connection_that_keeps_breaking_is_an_error_and_what_came_stays(
    serve: Serve, tmp_path: Path, settings: Settings
) -> None:
    serve("org/broken", {"train.jsonl": LINES}, cut={"train.jsonl": 100_001})
    hasty = replace(settings, limits=replace(settings.limits, network_seconds=10))
    with pytest.raises(HubError, match=r"broke off at byte 100,001 of [\d,]+ in train\.jsonl"):
        read_hub(Source(hub="org/broken", first="all"), tmp_path / "kept", hasty, live=True)
    kept = Table.open(tmp_path / "kept")
    assert (len(kept), kept.partial, kept.complete) == (LINES[:100_001].count(b"\n"), True, False)
