"""XML as a run of events, with flat memory: no tree, no entities of its own, nothing fetched.

    <c r="A2" t="s"><v>17</v></c>   →   open c {r: A2, t: s} · open v · close v "17" · close c ""

Names are without their namespaces. Knows nothing of what the elements mean.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple
from xml.parsers.expat import ExpatError, ParserCreate

from studio.reader.lines import ByteStream, describe_size

_CHUNK_BYTES = 64 << 10
_DEPTH = 100


class Broken(ValueError):  # noqa: N818 - a finding about bytes, not an error of the program
    """Why bytes are not the XML that is read here, in words."""


class Event(NamedTuple):
    """The start of an element with its attributes, or its end with the text that stands directly in it."""

    opens: bool
    name: str
    attributes: Mapping[str, str]
    text: str


def iter_events(stream: ByteStream, limit: int) -> Iterator[Event]:
    """Every start and end in the stream. Raises Broken, also for an element or a text over `limit` bytes."""
    events = _Events(limit)
    while chunk := stream.read(_CHUNK_BYTES):
        yield from events.feed(chunk)
    yield from events.feed(b"", last=True)


class _Events:
    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._found: list[Event] = []
        self._texts: list[list[str]] = [[]]
        self._silent = 0
        self._parser = ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._open
        self._parser.EndElementHandler = self._close
        self._parser.CharacterDataHandler = self._hold
        self._parser.StartDoctypeDeclHandler = self._refuse_doctype

    def feed(self, chunk: bytes, *, last: bool = False) -> list[Event]:
        self._found = []
        self._silent += len(chunk)
        try:
            self._parser.Parse(chunk, last)
        except ExpatError as error:
            raise Broken(f"not XML: {error}") from error
        if self._silent > self._limit:
            raise Broken(f"an element over {describe_size(self._limit)}")
        return self._found

    def _open(self, name: str, attributes: dict[str, str]) -> None:
        self._silent = 0
        self._texts.append([])
        if len(self._texts) > _DEPTH:
            raise Broken(f"elements nested deeper than {_DEPTH}")
        self._found.append(Event(True, name.rpartition(" ")[2], attributes, ""))

    def _close(self, name: str) -> None:
        self._silent = 0
        self._found.append(Event(False, name.rpartition(" ")[2], {}, "".join(self._texts.pop())))

    def _hold(self, text: str) -> None:
        self._texts[-1].append(text)

    def _refuse_doctype(self, *_: object) -> None:
        raise Broken("XML with a document type of its own")
