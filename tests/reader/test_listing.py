"""The files that a path stands for."""

import os
from pathlib import Path

import pytest

from studio.errors import SourceError
from studio.reader.listing import list_files

EVERYTHING = [
    "a.csv.gz",
    "b.jsonl",
    "hidden-target.jsonl",
    "sub.json",
    "sub/c.parquet",
    "sub/deep/d.TXT",
    "z.zip",
]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A folder with data, other files, hidden ones, and links inside and out."""
    folder = tmp_path / "data"
    for name in ["b.jsonl", "a.csv.gz", "sub/c.parquet", "sub/deep/d.TXT", "sub.json", "z.zip",
                 "README.md", "model.bin", "x.zip.gz", ".hidden.jsonl", ".git/e.jsonl",
                 "sub/.cache/f.jsonl"]:  # fmt: skip
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.jsonl").write_bytes(b"")
    (folder / "leads-out.jsonl").symlink_to(outside / "secret.jsonl")
    (folder / "folder-out").symlink_to(outside)
    (folder / "again.jsonl").symlink_to("b.jsonl")
    (folder / "hidden-target.jsonl").symlink_to(".hidden.jsonl")
    (folder / "sub" / "loop").symlink_to(folder)
    return folder


def names(path: Path, base: Path) -> list[str]:
    return [file.relative_to(base).as_posix() for file in list_files(str(path))]


def test_a_file_is_itself_whatever_its_name(tree: Path) -> None:
    assert list_files(str(tree / "model.bin")) == (tree / "model.bin",)
    assert list_files(str(tree / ".hidden.jsonl")) == (tree / ".hidden.jsonl",)
    assert list_files(str(tree / "leads-out.jsonl")) == (tree / "leads-out.jsonl",)


def test_a_folder_is_every_data_file_beneath_it_once(tree: Path) -> None:
    assert names(tree, tree) == EVERYTHING
    assert names(tree / "sub", tree) == ["sub/c.parquet", "sub/deep/d.TXT"]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*.jsonl", ["b.jsonl", "hidden-target.jsonl"]),
        ("*", ["a.csv.gz", "b.jsonl", "hidden-target.jsonl", "sub.json", "z.zip"]),
        ("**/*.parquet", ["sub/c.parquet"]),
        ("**/*.json*", ["b.jsonl", "hidden-target.jsonl", "sub.json"]),
        ("**", EVERYTHING),
        ("sub/**/*.TXT", ["sub/deep/d.TXT"]),
        ("**/**/**/d.*", ["sub/deep/d.TXT"]),
        ("s?b/[cd].parquet", ["sub/c.parquet"]),
        ("*/deep/d.TXT", ["sub/deep/d.TXT"]),
        (".git/*.jsonl", [".git/e.jsonl"]),
        ("*/../b.jsonl", ["sub/../b.jsonl"]),
    ],
)  # fmt: skip
def test_a_pattern_is_what_it_matches(tree: Path, pattern: str, expected: list[str]) -> None:
    assert names(tree / pattern, tree) == expected


def test_relative_paths_stay_relative(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tree)
    assert list_files("*.jsonl") == (Path("b.jsonl"), Path("hidden-target.jsonl"))
    assert list_files("sub") == (Path("sub/c.parquet"), Path("sub/deep/d.TXT"))


def test_a_name_with_the_signs_of_a_pattern_is_a_name_first(tmp_path: Path) -> None:
    path = tmp_path / "a[1].jsonl"
    path.write_bytes(b"")
    assert list_files(str(path)) == (path,)
    (tmp_path / "b[2]").mkdir()
    (tmp_path / "b[2]" / "c.csv").write_bytes(b"")
    assert list_files(str(tmp_path / "b[2]")) == (tmp_path / "b[2]" / "c.csv",)


def test_nothing_found_is_said_with_what_is_there(tree: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "others").mkdir()
    for number in range(7):
        (tmp_path / "others" / f"{number}.md").write_bytes(b"")
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / "a.jsonl").symlink_to(tree / "b.jsonl")
    for path, message, hint in [
        ("none.jsonl", "There is no file", "Check the path."),
        ("none/a*.jsonl", "There is no data file in", "There is no folder"),
        ("empty", "There is no data file in", "It is empty"),
        ("others", "There is no data file in", "There are: 0.md, 1.md, 2.md, 3.md, 4.md and 2 more"),
        ("others/*.md", "There is no data file in", "There are: 0.md"),
        (
            "data/*.parquet",
            "There is no data file in",
            "There are: README.md, a.csv.gz, again.jsonl, b.jsonl",
        ),
        ("links", "are links that lead out of", "Name the folder"),
        ("data/folder-out/../../outside/none", "There is no file", "Check"),
        ("a\0b", "There is no file", "Check"),
        ("x" * 5000, "cannot be opened", "Check"),
    ]:
        with pytest.raises(SourceError) as raised:
            list_files(str(tmp_path / path))
        assert message in raised.value.message, path
        assert hint in raised.value.hint, path


def test_many_stars_and_deep_folders_end_soon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = tmp_path.joinpath(*("d" * 60))
    deep.mkdir(parents=True)
    (deep / "a.csv").write_bytes(b"")
    assert list_files(f"{tmp_path}{'/**' * 40}/a.csv") == (deep / "a.csv",)
    monkeypatch.chdir(tmp_path)
    for _ in range(1500):  # deeper than a path can be spelled
        Path("d").mkdir(exist_ok=True)
        os.chdir("d")
    with pytest.raises(SourceError, match=r"nested too deep|cannot be opened"):
        list_files(str(tmp_path))
    for _ in range(1500):  # what tidies up could not take them away either
        os.chdir("..")
        if not any(Path("d").iterdir()):
            Path("d").rmdir()


def test_a_folder_that_may_not_be_looked_into_is_named(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scan = os.scandir

    def refuse(path: Path) -> object:
        if Path(path).name == "deep":
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(SourceError, match="deep may not be read"):
        list_files(str(tree))
