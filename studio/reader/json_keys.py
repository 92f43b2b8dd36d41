"""The keys of one JSON object, found in a stream with flat memory; values are passed over by their brackets.

    {"version": 3, "data": [{"question": …}, …]}   →   version at byte 12, data at byte 23

Checks the object itself, and nothing inside its values. Knows nothing of records.
"""

import json
import re
from typing import NamedTuple

from studio.reader.lines import BOM, CHUNK_BYTES, HEAD_BYTES, ByteStream, describe_size
from studio.reader.strict import Fault

_SPACE = re.compile(rb"[ \t\n\r]*")
_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*("?)', re.DOTALL)
_STRING_OR_BRACKET = re.compile(_STRING.pattern + rb"|[\[\]{}]", re.DOTALL)
_INSIDE = re.compile(rb'(?:[^"\[\]{}]++|"[^"\\]*+(?:\\.[^"\\]*+)*+")*+', re.DOTALL)  # up to the next bracket
_OPENING = re.compile(rb"(\[)[ \t\n\r]*([^ \t\n\r])|[^\[]", re.DOTALL)
_SCALAR_END = re.compile(rb"[ \t\n\r,\]}]")
_ENDS = "it ends in the middle of a value"


class Entry(NamedTuple):
    """A key, the first letter of its value (of an array the first two), and where the value stands.

    `end` is None when the bytes end inside the value.
    """

    key: str
    opening: bytes
    start: int
    end: int | None = None


class KeyReader:
    """Walks over the keys of the object that a stream holds. Every method raises Fault when it is none."""

    def __init__(self, stream: ByteStream, limit: int) -> None:
        self._stream, self._limit = stream, limit
        self._held = b""
        self._base = self._at = 0
        self._begun = False

    @property
    def offset(self) -> int:
        """How many bytes of the stream have been passed over."""
        return self._base + self._at

    @property
    def head(self) -> bytes:
        """The start of what has not been passed over."""
        return self._held[self._at : self._at + HEAD_BYTES]

    def next_key(self) -> str | None:
        """The next key; its value is what follows. None after the last, where nothing may follow."""
        letter = self._begin() if not self._begun else self._letter()
        if letter == b"," and self._begun:
            self._at += 1
            letter = self._letter()
        elif letter == b"}":
            self._end()
            return None
        elif self._begun:
            raise self._unexpected("a comma or }")
        self._begun = True
        if letter != b'"':
            raise self._unexpected("a key in double quotes")
        key = self._parse_key(self._take_string())
        if self._letter() != b":":
            raise self._unexpected("a colon")
        self._at += 1
        self._letter()
        return key

    def opening(self) -> bytes:
        """The first letter of the value that follows, of an array the first two: b'"', b"{", b"[{"."""
        while (found := _OPENING.match(self._held, self._at)) is None:
            if not self._fill():
                return self._held[self._at :][:1]
        return b"[" + found[2] if found[1] else found[0]

    def skip_value(self) -> None:
        """Pass over the value that follows."""
        letter = self._letter()
        if letter == b'"':
            self._take_string()
        elif letter in (b"[", b"{"):
            self._skip_brackets()
        else:
            self._skip_scalar()

    def hand_over(self) -> tuple[ByteStream, int]:
        """What follows, as a stream of its own, and the offset at which it begins."""
        return _Joined(self._held[self._at :], self._stream), self.offset

    def take_back(self, rest: bytes, offset: int) -> None:
        """Go on behind a value that was read from what was handed over."""
        self._held, self._base, self._at = rest, offset, 0

    def _begin(self) -> bytes:
        self._fill()
        self._at = len(BOM) if self._held.startswith(BOM) else 0
        if self._letter() != b"{":
            raise self._unexpected("{")
        self._at += 1
        return self._letter()

    def _end(self) -> None:
        self._at += 1
        if self._letter():
            raise Fault(f"more text after the object, at byte {self.offset + 1}")

    def _letter(self) -> bytes:
        """The next byte that is no space, or b"" at the end."""
        while True:
            space = _SPACE.match(self._held, self._at)
            assert space is not None
            self._at = space.end()
            if self._at < len(self._held) or not self._fill():
                return self._held[self._at : self._at + 1]

    def _take_string(self) -> bytes:
        while (found := _STRING.match(self._held, self._at)) is None or not found[1]:
            if not self._fill():
                raise Fault(_ENDS)
        self._at = found.end()
        return found[0]

    def _skip_brackets(self) -> None:
        depth = 0
        while True:
            inside = _INSIDE.match(self._held, self._at)
            token = _STRING_OR_BRACKET.search(self._held, inside.end() if inside else self._at)
            if token is None or (token[0][:1] == b'"' and not token[1]):
                self._at = len(self._held) if token is None else token.start()
                if not self._fill():
                    raise Fault(_ENDS)
                continue
            self._at = token.end()
            letter = token[0]
            depth += (letter in (b"[", b"{")) - (letter in (b"]", b"}"))
            if depth == 0:
                return

    def _skip_scalar(self) -> None:
        while (end := _SCALAR_END.search(self._held, self._at)) is None:
            if not self._fill():
                raise Fault(_ENDS)
        if end.start() == self._at:
            raise self._unexpected("a value")
        self._at = end.start()

    def _fill(self) -> bool:
        if len(self._held) - self._at > self._limit:
            raise Fault(f"a value over {describe_size(self._limit)} at byte {self.offset + 1}")
        chunk = self._stream.read(CHUNK_BYTES)
        self._base += self._at
        self._held, self._at = self._held[self._at :] + chunk, 0
        return bool(chunk)

    def _parse_key(self, spelling: bytes) -> str:
        try:
            return str(json.loads(spelling.decode("utf-8")))
        except ValueError as error:
            raise Fault(f"a key that cannot be read, before byte {self.offset + 1}") from error

    def _unexpected(self, wanted: str) -> Fault:
        return Fault(f"expecting {wanted} at byte {self.offset + 1}" if self._letter() else _ENDS)


class _Joined:
    """Some bytes, and then a stream."""

    def __init__(self, head: bytes, stream: ByteStream) -> None:
        self._head, self._stream = head, stream

    def read(self, size: int, /) -> bytes:
        taken, self._head = self._head[:size], self._head[size:]
        return taken or self._stream.read(size)
