import pytest

from studio.durable import new_folder, remove_folder, write_file


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


def test_a_folder_goes_away_whole_and_a_missing_one_is_no_problem(tmp_path):
    folder = tmp_path / "work"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "file").write_text("x")
    remove_folder(folder)
    remove_folder(folder)
    assert list(tmp_path.iterdir()) == []
