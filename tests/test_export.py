"""An export in every format and file: what the files hold, that they repeat, and what is refused."""

import csv
import gzip
import hashlib
import io
import json
import re

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from studio.errors import ExportError, TemplateError
from studio.export.parts import stream_part as stream_batches
from studio.formats import FILES, FORMATS, Encoding, resolve_file, resolve_names
from studio.formats.encoding import FORMULA
from studio.pipeline import build_table, load_table, preview_export, resolve_recipe, stream_part
from studio.recipe import Recipe
from studio.source import parse_source

ROWS = [
    {"instruction": f"Do {n}: “é😀” \u2028", "input": "" if n % 3 else f"- {n}", "output": f'\n{n},"x"\r\n=1'}
    for n in range(50)
]
PAIR = {"style": "alpaca"}
CHAT = {
    "messages": [
        {"role": "system", "content": "Short."},
        {"role": "user", "content": "{instruction}"},
        {"role": "assistant", "content": "{output}"},
    ]
}
SPLIT = {"method": "random", "train": 0.7, "validation": 0.1, "test": 0.1}


@pytest.fixture
def table(tmp_path, settings, write_jsonl):
    return load_table(parse_source(str(write_jsonl(ROWS))), tmp_path / "table", settings)


def recipe_of(template=PAIR, split=SPLIT, **export):
    values = {"source": {"path": "data.jsonl"}, "template": template, "split": split, "export": export}
    return Recipe.model_validate(values)


def read_part(export, name="train"):
    """The records of a part, by a reader of that kind of file that is not ours."""
    path, file = export.part(name), export.manifest["export"]["file"]
    if file == "parquet":
        return pq.read_table(path).to_pylist()
    if file == "dataset":
        return pa.ipc.open_stream(path / "data-00000-of-00001.arrow").read_all().to_pylist()
    data = path.read_bytes()
    if file == "jsonl.gz":
        data = gzip.decompress(data)
    if file == "jsonl.zst":
        data = pa.CompressedInputStream(pa.BufferReader(data), "zstd").read()
    if file == "json":
        return json.loads(data)
    if file == "csv":
        return list(csv.DictReader(io.StringIO(data.decode(), newline="")))
    return [json.loads(line) for line in data.decode().split("\n")[:-1]]


def hash_folder(folder):
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


FITTING = [
    (kind, file)
    for kind, format_ in FORMATS.items()
    for file, type_ in FILES.items()
    if not (file == "csv" and format_.turns) and (kind != "records" or type_.lines)
]


@pytest.mark.parametrize("kind", FORMATS)
def test_every_file_holds_the_same_records_and_repeats(table, tmp_path, kind):
    expected = None
    for file in (file for of, file in FITTING if of == kind):
        recipe = recipe_of(format=kind, file=file)
        export = build_table(recipe, table, tmp_path / file)
        assert hash_folder(build_table(recipe, table, tmp_path / f"{file} again").folder) == hash_folder(
            export.folder
        )
        parts = {name: read_part(export, name) for name in ("train", "validation", "test")}
        assert {name: len(rows) for name, rows in parts.items()} == {"train": 35, "validation": 5, "test": 5}
        if file == "csv":
            parts = {name: [unguard(row) for row in rows] for name, rows in parts.items()}
        expected = expected or parts
        assert parts == expected
        manifest = export.manifest
        hashes = {name: entry["sha256"] for name, entry in manifest["files"].items()}
        assert hashes == {
            name: digest for name, digest in hash_folder(export.folder).items() if name != "manifest.json"
        }
        assert [path.relative_to(export.folder).as_posix() for path in export.files] == [
            *hashes,
            "manifest.json",
        ]


def unguard(row):
    return {name: text[1:] if text.startswith("'") else text for name, text in row.items()}


@pytest.mark.parametrize(("kind", "file"), [(kind, file) for kind, file in FITTING if FILES[file].streams])
def test_a_streamed_part_has_the_bytes_of_its_file(table, tmp_path, kind, file):
    recipe = recipe_of(format=kind, file=file)
    export = build_table(recipe, table, tmp_path / "out")
    for part in export.manifest["parts"]:
        assert b"".join(stream_part(recipe, table, part)) == export.part(part).read_bytes()


def test_what_cannot_be_streamed_is_refused_before_the_first_byte(table):
    with pytest.raises(ExportError, match="is a folder"):
        stream_part(recipe_of(file="dataset"), table, "train")
    with pytest.raises(ExportError, match="no part dev"):
        stream_part(recipe_of(), table, "dev")


@pytest.mark.parametrize(("kind", "file"), FITTING)
def test_a_preview_is_the_beginning_of_the_file(table, tmp_path, settings, kind, file):
    recipe = recipe_of(format=kind, file=file)
    export = build_table(recipe, table, tmp_path / "out")
    for part, shown in preview_export(recipe, table, settings, 3).items():
        if file in ("jsonl", "json", "csv"):
            assert export.part(part).read_bytes().decode().startswith(shown)
        else:
            assert [json.loads(line) for line in shown.split("\n")[:-1]] == read_part(export, part)[:3]


def test_cells_that_a_spreadsheet_would_run_are_guarded_and_counted(table, tmp_path):
    export = build_table(recipe_of(format="alpaca", file="csv"), table, tmp_path / "out")
    rows = [row for part in export.manifest["parts"] for row in read_part(export, part)]
    lines = {f"{row['instruction']}": row for row in ROWS}
    guarded = sum(row["input"] == "'" + lines[row["instruction"]]["input"] for row in rows)
    assert guarded and guarded == sum(part.get("guarded", 0) for part in export.manifest["parts"].values())
    assert export.manifest["warnings"] == [
        f"{guarded} texts that a spreadsheet would run as formulas got an apostrophe in front."
    ]
    plain = build_table(recipe_of(format="alpaca"), table, tmp_path / "plain")
    assert plain.manifest["warnings"] == [] and b"'-" not in plain.part("train").read_bytes()


FORMULAS = [
    *(
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "=cmd|'/C calc'!A0",
        '=HYPERLINK("http://x")',
        "-2+3+cmd|' /C calc'!A0",
    ),
    *("\t=1", "\r=1", "\n=1", " =1", "\x00=1", "\u00a0=1", "\u2003+1", "\u3000@x", "\n\n\t -1", "\x0b=1"),
    *("＝1", "＋1", "－1", "＠x", " ＝1", "=", "+", "-", "@", "--", "=-1", "@@", "- an item", "+49 30 123"),
    *("=IMPORTXML(1)", '=DDE("cmd";"/C calc";"!A0A0")', "@import", "=A1:B2", "\u2028=1"),
]
HARMLESS = ["", "1", "a=b", "x - y", "'=1", '"=1"', "\nAnswer", "1-2", "a@b.c", "(=1)", "·=1"]


def test_the_known_formulas_are_guarded_and_nothing_else():
    assert len(FORMULAS) >= 30
    encoding = Encoding("text", {"text": "text"}, "csv")
    for texts, guarded in ((FORMULAS, len(FORMULAS)), (HARMLESS, 0)):
        batch = encoding.encode(pl.DataFrame({"text": texts}))
        assert batch.guarded == guarded
        rows = [row[0] for row in csv.reader(io.StringIO(batch.piece.decode(), newline=""))]
        assert rows == [("'" if guarded else "") + text for text in texts]


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@pytest.mark.parametrize("file", FILES)
@examples(max_examples=40)
@given(rows=st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=6))
def test_any_text_survives_every_file(file, rows):
    kind = "prompt-completion" if file == "csv" else "sharegpt"
    names = resolve_names(kind, {})
    frame = pl.DataFrame(rows, schema=["prompt", "completion"], orient="row")
    if kind == "sharegpt":
        turns = [[{"from": a, "value": b}, {"from": b, "value": a}] for a, b in rows]
        frame = pl.DataFrame({"conversations": turns})
    encoding = Encoding(kind, names, file)
    data = b"".join(stream_batches(iter([{"train": encoding.encode(frame)}]), encoding, "train"))
    assert read_back(data, file) == [
        {name: guard(value, file) for name, value in row.items()} for row in frame.to_dicts()
    ]


def guard(value, file):
    return f"'{value}" if file == "csv" and re.match(FORMULA, value) else value


def read_back(data, file):
    if file == "parquet":
        return pq.read_table(io.BytesIO(data)).to_pylist()
    if file == "dataset":
        return pa.ipc.open_stream(data).read_all().to_pylist()
    if file == "csv":
        return list(csv.DictReader(io.StringIO(data.decode(), newline="")))
    if file == "json":
        return json.loads(data)
    data = gzip.decompress(data) if file == "jsonl.gz" else data
    data = pa.input_stream(io.BytesIO(data), compression="zstd").read() if file == "jsonl.zst" else data
    return [json.loads(line) for line in data.decode().split("\n")[:-1]]


def test_a_packed_file_holds_no_time_and_no_name(table, tmp_path):
    export = build_table(recipe_of(file="jsonl.gz"), table, tmp_path / "out")
    assert export.part("train").read_bytes()[:10] == b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"


def test_an_array_has_a_record_a_line_and_may_be_empty(table, tmp_path):
    export = build_table(recipe_of(file="json"), table, tmp_path / "out")
    first, *lines, last, end = export.part("test").read_bytes().split(b"\n")
    assert (first, last, end, len(lines)) == (b"[", b"]", b"", 5)
    encoding = Encoding("text", {"text": "text"}, "json")
    assert b"".join(stream_batches(iter([]), encoding, "train")) == b"[]\n"


def test_parquet_is_written_in_row_groups(tmp_path, monkeypatch, table):
    monkeypatch.setattr("studio.formats.typed.ParquetFile.records_at_once", 10)
    monkeypatch.setattr("studio.export.parts._RENDERED_AT_ONCE", 4)
    export = build_table(recipe_of(file="parquet"), table, tmp_path / "out")
    groups = pq.ParquetFile(export.part("train")).metadata.num_row_groups
    assert groups > 1
    assert [row["completion"] for row in read_part(export)] == [
        row["completion"] for row in read_part(build_table(recipe_of(), table, tmp_path / "lines"))
    ]


def test_a_record_that_the_format_does_not_take_is_named_by_its_line(tmp_path, settings, write_jsonl):
    turns = [{"role": "user", "content": "x"}, {"role": "assistant", "content": "y"}]
    path = write_jsonl([{"turns": turns}, {"turns": turns[:1]}, {"turns": turns[:1]}])
    table = load_table(parse_source(str(path)), tmp_path / "table", settings)
    recipe = recipe_of({"from": "turns"}, {"train": 1.0}, format="openai")
    with pytest.raises(ExportError, match=r"Line 2 of data\.jsonl has turns .* 2 of 3 records"):
        build_table(recipe, table, tmp_path / "out")
    with pytest.raises(ExportError, match="Line 2"):
        preview_export(recipe, table, settings)
    with pytest.raises(ExportError, match="Line 2"):
        b"".join(stream_part(recipe, table, "train"))
    assert (
        len(
            read_part(
                build_table(
                    recipe_of({"from": "turns"}, {"train": 1.0}, format="sharegpt"), table, tmp_path / "s"
                )
            )
        )
        == 3
    )
    strict = recipe_of({"from": "turns", "roles": {}, "role": "rolle"}, {"train": 1.0}, format="openai")
    with pytest.raises(TemplateError, match="Line 1"):
        build_table(strict, table, tmp_path / "out")


def test_files_that_hold_no_records_or_turns_are_refused_before_anything_is_written(table, tmp_path):
    for export in ({"format": "records", "file": "parquet"}, {"format": "sharegpt", "file": "csv"}):
        with pytest.raises(ExportError, match=r"Untouched records|plain texts"):
            build_table(recipe_of(**export), table, tmp_path / "deep" / "out")
    assert not (tmp_path / "deep").exists()
    assert resolve_file("text", "csv").warnings


def test_recipes_that_mean_the_same_export_resolve_to_the_same(table):
    long = recipe_of(
        format="prompt-completion",
        names={"completion": "answer", "prompt": "prompt"},
        file="jsonl",
        configs=["unsloth", "trl", "unsloth"],
        card={"license": "mit", "language": []},
    )
    short = recipe_of(names={"completion": "answer"}, configs=["trl", "unsloth"], card={"license": "mit"})
    assert resolve_recipe(long, table) == resolve_recipe(short, table)
    assert resolve_recipe(resolve_recipe(long, table), table) == resolve_recipe(long, table)


def test_the_manifest_says_how_it_was_made(table, tmp_path):
    manifest = build_table(recipe_of(format="sharegpt", file="dataset"), table, tmp_path / "out").manifest
    assert manifest["export"] == {
        "format": "sharegpt",
        "file": "dataset",
        "names": {"conversations": "conversations", "from": "from", "value": "value"},
        "features": {
            "conversations": [
                {
                    "from": {"dtype": "string", "_type": "Value"},
                    "value": {"dtype": "string", "_type": "Value"},
                }
            ]
        },
        "made": "The rendered prompt is the user's turn, the completion the assistant's.",
    }
    assert set(manifest["versions"]) == {"studio", "pyarrow"}
    assert manifest["counts"]["unused"] == 5
    assert list(manifest["files"]) == [
        "train/data-00000-of-00001.arrow",
        "validation/data-00000-of-00001.arrow",
        "test/data-00000-of-00001.arrow",
        "dataset_dict.json",
        *(
            f"{part}/{name}.json"
            for part in ("train", "validation", "test")
            for name in ("dataset_info", "state")
        ),
        "recipe.yaml",
    ]


def test_what_stops_an_export_leaves_nothing_of_it(table, tmp_path):
    def stop(done, total):
        raise KeyboardInterrupt

    for file in FILES:
        with pytest.raises(KeyboardInterrupt):
            build_table(recipe_of(file=file), table, tmp_path / "new" / file, progress=stop)
    assert list((tmp_path / "new").iterdir()) == []


def test_records_of_a_typed_source_are_spelled_from_their_values(tmp_path, settings):
    pq.write_table(
        pa.table({"q": ["é"], "n": [2.5], "none": pa.array([None], pa.string())}), tmp_path / "a.parquet"
    )
    table = load_table(parse_source(str(tmp_path / "a.parquet")), tmp_path / "table", settings)
    export = build_table(
        recipe_of({"text": "{q}"}, {"train": 1.0}, format="records"), table, tmp_path / "out"
    )
    assert export.part("train").read_bytes() == '{"q": "é", "n": 2.5, "none": null}\n'.encode()
    assert "spelled from their values" in export.manifest["export"]["made"]
