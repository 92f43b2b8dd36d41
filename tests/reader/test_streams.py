"""Streams that stand one on another: what is read ahead is the same bytes, and the same hash."""

import hashlib
import io
import random

import pytest

from studio.reader import streams
from studio.reader.streams import AheadStream, StoredStream


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading ahead begins after a few bytes, and takes few."""
    monkeypatch.setattr(streams, "_AHEAD_FROM_BYTES", 100)
    monkeypatch.setattr(streams, "_AHEAD_BYTES", 64)


@pytest.mark.parametrize("size", [0, 1, 99, 100, 101, 163, 164, 165, 5_000])
def test_what_is_read_ahead_is_what_stands_there(size: int) -> None:
    data = random.Random(size).randbytes(size)
    chance = random.Random(1)
    stream, found = AheadStream(StoredStream(io.BytesIO(data))), []
    while chunk := stream.read(wanted := chance.choice([1, 7, 63, 64, 65, 500])):
        assert len(chunk) <= wanted
        found.append(chunk)
        assert stream.bytes_read == sum(map(len, found))
    assert b"".join(found) == data and stream.read(5) == b""
    assert stream.hash_whole(lambda: None) == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("taken", [0, 50, 100, 150, 400])
def test_the_hash_is_of_the_whole_wherever_reading_stopped(taken: int) -> None:
    data = random.Random(2).randbytes(1_000)
    stream = AheadStream(StoredStream(io.BytesIO(data)))
    while stream.bytes_read < taken:
        stream.read(30)
    assert stream.hash_whole(lambda: None) == hashlib.sha256(data).hexdigest()
    assert stream.bytes_read == 1_000


def test_what_came_before_an_error_comes_before_it() -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() >= 300:
                raise OSError("the disk has gone")
            return super().read(size)

    stream, found = AheadStream(StoredStream(Broken(bytes(1_000)))), 0
    with pytest.raises(OSError, match="the disk has gone"):
        while chunk := stream.read(50):
            found += len(chunk)
    assert found >= 300
