import fcntl
import os

import pytest

from studio import durable
from studio.durable import exchange_paths, new_folder, remove_folder, sweep_parts, write_file


def test_file_is_replaced_in_one_step(tmp_path):
    path = tmp_path / "a.json"
    write_file(path, "old")
    write_file(path, b"new")
    assert path.read_bytes() == b"new"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.json"]


def test_folder_appears_whole(tmp_path):
    with new_folder(tmp_path / "out") as aside:
        (aside / "a").write_text("x")
        assert not (tmp_path / "out").exists()
        assert aside.name.startswith(".out.part-")
    assert (tmp_path / "out" / "a").read_text() == "x"
    assert [entry.name for entry in tmp_path.iterdir()] == ["out"]


def test_error_leaves_nothing_and_keeps_the_old(tmp_path):
    with new_folder(tmp_path / "out") as aside:
        (aside / "a").write_text("old")
    with pytest.raises(ZeroDivisionError), new_folder(tmp_path / "out") as aside:
        (aside / "a").write_text("new")
        _ = 1 / 0
    assert [entry.name for entry in tmp_path.iterdir()] == ["out"]
    assert (tmp_path / "out" / "a").read_text() == "old"


def test_old_folder_is_kept_as_previous(tmp_path):
    for text in ("1", "2", "3"):
        with new_folder(tmp_path / "out") as aside:
            (aside / "a").write_text(text)
    assert (tmp_path / "out" / "a").read_text() == "3"
    assert (tmp_path / "out.previous" / "a").read_text() == "2"


def fill(path, text):
    with new_folder(path) as aside:
        (aside / "deep").mkdir()
        (aside / "deep" / "a").write_text(text)


def test_folders_change_places_in_one_step(tmp_path):
    if not exchange_paths(*(make_folder(tmp_path / name) for name in "ab")):
        pytest.skip("this file system cannot exchange")
    assert ((tmp_path / "a" / "b").exists(), (tmp_path / "b" / "a").exists()) == (True, True)
    with pytest.raises(FileNotFoundError):
        exchange_paths(tmp_path / "a", tmp_path / "none")


def make_folder(path):
    (path / path.name).mkdir(parents=True)
    return path


def test_old_folder_is_kept_as_previous_where_the_system_cannot_exchange(tmp_path, monkeypatch):
    monkeypatch.setattr(durable, "exchange_paths", lambda one, other: False)
    for text in ("1", "2", "3"):
        fill(tmp_path / "out", text)
    assert (tmp_path / "out" / "deep" / "a").read_text() == "3"
    assert (tmp_path / "out.previous" / "deep" / "a").read_text() == "2"
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["out", "out.previous"]


def test_what_killed_processes_left_is_swept_and_what_a_living_one_fills_is_not(tmp_path):
    for name in (".out.part-0a", ".other.part-0b", ".hidden", ".out.part-living"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text("x")
    lock = os.open(tmp_path / ".out.part-living", os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    fill(tmp_path / "out", "1")
    left = [".hidden", ".other.part-0b", ".out.part-living", "out"]
    assert sorted(entry.name for entry in tmp_path.iterdir()) == left
    with new_folder(tmp_path / "new"):
        assert sweep_parts(tmp_path) == 1
    os.close(lock)
    assert sweep_parts(tmp_path) == 1
    assert sorted(entry.name for entry in tmp_path.iterdir()) == [".hidden", "new", "out"]


def test_a_folder_goes_away_whole_and_a_missing_one_is_no_problem(tmp_path):
    folder = tmp_path / "work"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "file").write_text("x")
    remove_folder(folder)
    remove_folder(folder)
    assert list(tmp_path.iterdir()) == []
