"""Many files as one zip: never held, of a known length, and never well ended when a file changed."""

import io
import zipfile
from pathlib import Path

import pytest

from studio.packing import ChangedError, Content, measure_zip, stream_zip


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Content]:
    (tmp_path / "weights").write_bytes(bytes(range(256)) * 9_000)
    (tmp_path / "empty").touch()
    names = {"model/model.safetensors": "weights", "model/ü.json": "empty"}
    return {name: tmp_path / file for name, file in names.items()} | {"model/README.md": b"# Mine\n"}


@pytest.mark.parametrize("compressed", [True, False])
def test_what_is_unpacked_is_what_was_packed(files: dict[str, Content], compressed: bool) -> None:
    data = b"".join(stream_zip(files, compressed=compressed))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == list(files)
        for name, content in files.items():
            expected = content if isinstance(content, bytes) else content.read_bytes()
            assert archive.read(name) == expected
    assert data == b"".join(stream_zip(files, compressed=compressed))


@pytest.mark.parametrize("limit", [zipfile.ZIP64_LIMIT, 9_000, 2, -1])
def test_the_length_of_a_stored_zip_is_known_before(
    files: dict[str, Content], monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", limit)  # as if the files were that much larger
    for some in (files, dict(list(files.items())[:1]), {}):
        assert measure_zip(some) == len(b"".join(stream_zip(some, compressed=False)))


def test_many_files_have_a_known_length_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 3)
    some: dict[str, Content] = {f"{n}": b"x" for n in range(5)}
    assert measure_zip(some) == len(b"".join(stream_zip(some, compressed=False)))


def test_it_is_never_held_whole(tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    path.write_bytes(bytes(range(256)) * 40_000)
    pieces = list(stream_zip({"train.jsonl": path}))
    assert len(pieces) > 5
    assert max(len(piece) for piece in pieces) < 2 << 20


@pytest.mark.parametrize("now", [b"", b"longer than it was"])
def test_a_file_that_changes_meanwhile_leaves_no_whole_zip(tmp_path: Path, now: bytes) -> None:
    (tmp_path / "a").write_bytes(b"a" * (3 << 20))
    (tmp_path / "b").write_bytes(b"four")
    data = b""
    with pytest.raises(ChangedError, match="b changed while it was packed"):
        for piece in stream_zip({"a": tmp_path / "a", "b": tmp_path / "b"}, compressed=False):
            data += piece
            (tmp_path / "b").write_bytes(now)
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(io.BytesIO(data))
