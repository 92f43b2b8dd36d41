"""An export that is killed, or for which there is no room, leaves the old one or the new, and says why."""

import errno
import json
import subprocess
import sys
from pathlib import Path

import pytest

from studio.errors import ExportError
from studio.export import open_export
from studio.formats import FILES
from studio.pipeline import build_table, load_table
from studio.recipe import Recipe
from studio.source import parse_source
from tests.killing import tell

ROWS = [{"question": f"q{n}", "answer": f"a{n}"} for n in range(12)]


@pytest.fixture
def table(tmp_path, settings, write_jsonl):
    return load_table(parse_source(str(write_jsonl(ROWS))), tmp_path / "table", settings)


def recipe_of(file, question="{question}"):
    values = {"source": {"path": "data.jsonl"}, "template": {"text": question}, "export": {"file": file}}
    return Recipe.model_validate(values)


def kill(folder, stride, file):
    command = [sys.executable, "-m", "tests.killing", str(folder), str(stride), file]
    shown = subprocess.run(command, capture_output=True, text=True, check=True)
    found = json.loads(shown.stdout)
    print(f"{file}: {found['points']} kill points tried, {found['partial']} partial exports found")
    return found


def test_a_killed_export_leaves_the_old_one_or_the_new(table, tmp_path):
    found = kill(tmp_path, 25, "jsonl")
    assert found["points"] > 40 and found["old"] and found["new"]
    assert (found["partial"], found["lost"], found["left"]) == (0, 0, 0)


@pytest.mark.nightly
@pytest.mark.parametrize("file", ["jsonl", "parquet", "dataset"])
def test_an_export_killed_at_any_line_leaves_the_old_one_or_the_new(table, tmp_path, file):
    found = kill(tmp_path, 1, file)
    assert found["points"] > 400 and found["old"] and found["new"]
    assert (found["partial"], found["lost"], found["left"]) == (0, 0, 0)


class SmallDisk:
    """Files as `Path.open` gives them, on a disk that takes so many bytes more."""

    def __init__(self, room: int) -> None:
        self.room = room
        self._open = Path.open

    def open(self, path: Path, mode: str = "r", *args, **options):
        file = self._open(path, mode, *args, **options)
        return _Limited(file, self) if "b" in mode and mode != "rb" else file


class _Limited:
    def __init__(self, file, disk: SmallDisk) -> None:
        self._file, self._disk = file, disk

    def __getattr__(self, name: str):
        return getattr(self._file, name)

    def __enter__(self):
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, data) -> int:
        self._disk.room -= len(data)
        if self._disk.room < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return self._file.write(data)


@pytest.mark.parametrize("file", FILES)
def test_a_full_disk_is_said_in_words_and_the_old_export_stays(table, tmp_path, monkeypatch, file):
    out = tmp_path / "out"
    old = tell(build_table(recipe_of(file), table, out).folder)
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    tried = 0
    for room in range(0, size, max(1, size // 12)):
        with monkeypatch.context() as patched:
            disk = SmallDisk(room)
            patched.setattr(
                Path, "open", lambda path, *args, disk=disk, **more: disk.open(path, *args, **more)
            )
            with pytest.raises(ExportError, match=r"The disk is full: .* MB are free") as caught:
                build_table(recipe_of(file, "new {question}"), table, out, replace=True)
        assert "Make room" in caught.value.hint
        assert tell(out) == old
        assert [entry.name for entry in tmp_path.iterdir() if "out" in entry.name] == ["out"]
        tried += 1
    print(f"{file}: {tried} full disks, 0 partial exports")


def test_a_full_disk_says_how_much_is_needed(tmp_path, settings, write_jsonl, monkeypatch):
    monkeypatch.setattr("studio.export.parts._RENDERED_AT_ONCE", 100)
    monkeypatch.setattr("studio.formats.encoding.LineWriter.bytes_at_once", 1)
    path = write_jsonl([{"question": "x" * 5_000} for _ in range(1_000)])
    table = load_table(parse_source(str(path)), tmp_path / "table", settings)
    disk = SmallDisk(4_000_000)
    with monkeypatch.context() as patched:
        patched.setattr(Path, "open", lambda path, *args, **more: disk.open(path, *args, **more))
        with pytest.raises(ExportError, match=r"takes about [345] MB"):
            build_table(recipe_of("jsonl"), table, tmp_path / "out")


def test_a_folder_that_cannot_be_written_to_is_said_in_words(table, tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(ExportError, match=r"Cannot write .*file.out: "):
        build_table(recipe_of("jsonl"), table, tmp_path / "file" / "out")


def test_an_export_takes_the_place_of_another_and_what_was_left_is_swept(table, tmp_path):
    build_table(recipe_of("dataset"), table, tmp_path / "out")
    (tmp_path / ".out.part-0123abcd").mkdir()
    build_table(recipe_of("csv"), table, tmp_path / "out", replace=True)
    assert open_export(tmp_path / "out.previous").manifest["export"]["file"] == "dataset"
    assert [entry.name for entry in tmp_path.iterdir() if entry.name.startswith(".out")] == []


def test_of_two_that_write_one_folder_the_second_is_refused(table, tmp_path):
    def build_other(done, total):
        build_table(recipe_of("csv"), table, tmp_path / "out")

    with pytest.raises(ExportError, match=r"The folder .*out exists"):
        build_table(recipe_of("jsonl"), table, tmp_path / "out", progress=build_other)
    assert open_export(tmp_path / "out").manifest["export"]["file"] == "csv"
    assert sorted(path.name for path in tmp_path.iterdir() if "out" in path.name) == ["out"]
