"""Case: one fault file and its truth.

    make_case("late new key", '{"a": "x"}\n{"a": "y", "b": 2.50}',
              (1, {"a": "x"}),
              (2, {"a": "y", "b": J("2.50")}))

A string is text, `J` a value in its own JSON spelling, None a null; a missing key is not there.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from studio.record import Json

J = Json
Cell = str | Json | None
Row = tuple[int, Mapping[str, Cell]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A file by the bytes or their builder, and what must become of it.

    `records` are line and values of each record, in order; `bad` line and a part of the reason of each line
    that goes to the quarantine; `blank` counts the rest. `refused` is a part of the message when the whole
    file is refused; then there is nothing else. `limits` replace those of the settings. `lenient` are the
    rows that a reader of laxer rules or larger limits may give without having changed anything.
    """

    name: str
    suffix: str
    content: bytes | Callable[[], bytes]
    records: tuple[Row, ...] = ()
    bad: tuple[tuple[int, str], ...] = ()
    blank: int = 0
    refused: str = ""
    lenient: tuple[Mapping[str, Cell], ...] = ()
    source_types: Mapping[str, str] = field(default_factory=dict)
    limits: Mapping[str, int] = field(default_factory=dict)

    @property
    def bytes(self) -> "bytes":
        """What the file holds."""
        return self.content if isinstance(self.content, bytes) else self.content()

    def write(self, folder: Path) -> Path:
        """The file, put into a folder."""
        path = folder / (re.sub(r"\W+", "-", self.name) + self.suffix)
        path.write_bytes(self.bytes)
        return path


def make_case(
    name: str,
    content: "str | bytes | Callable[[], bytes]",
    *records: Row,
    bad: Sequence[tuple[int, str]] = (),
    blank: int = 0,
    refused: str = "",
    lenient: Sequence[Mapping[str, Cell]] = (),
    suffix: str = ".jsonl",
    types: Mapping[str, str] | None = None,
    **limits: int,
) -> Case:
    """A case in short; text is written as UTF-8."""
    return Case(
        name=name,
        suffix=suffix,
        content=content.encode() if isinstance(content, str) else content,
        records=records,
        bad=tuple(bad),
        blank=blank,
        refused=refused,
        lenient=tuple(lenient),
        source_types=types or {},
        limits=limits,
    )
