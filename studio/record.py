"""The words for rows: a record as it was read, its columns, and a record once rendered.

A record of lamini_docs:

    Record(row=3, line=4, values={"question": "Does the documentation …", "answer": "Our documentation …"})

Knows nothing of files, tables or templates.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

_PARTICULAR = re.compile(
    r"""[ ,;]+(at (?:byte|character) .*|only its start .*|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')"""
)

FeatureType = Literal["text", "integer", "float", "boolean", "json"]
ExampleType = Literal["text", "prompt-completion", "messages"]


@dataclass(frozen=True, slots=True)
class Json:
    """A value that is not a string, in the source's own JSON spelling: `2.50`, `["a", "b"]`, `true`."""

    spelling: str

    @property
    def value(self) -> Any:
        """The decoded value; its spelling is lost."""
        return json.loads(self.spelling)


@dataclass(frozen=True, slots=True)
class Record(Mapping[str, str | Json | None]):
    """One raw row, never modified: a mapping of column name to `str`, `Json`, or None for null.

    A missing key is absent from the mapping, so that it differs from a null. `row` is the zero-based position
    in the table; `line` the one-based physical line where the record starts (element or row number where a
    format has no lines), in the source's file named `file`.
    """

    row: int
    line: int
    values_by_name: Mapping[str, str | Json | None]
    file: str = ""

    def __getitem__(self, name: str) -> str | Json | None:
        return self.values_by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.values_by_name)

    def __len__(self) -> int:
        return len(self.values_by_name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A named field of all records; `missing`, `null` and `empty` are counts of records.

    `empty` counts `""`, `[]` and `{}`; it does not count the missing and the null. `source_type` is the
    type that a typed source (Parquet, Arrow) gave it, such as timestamp[us]; empty for untyped ones.
    """

    name: str
    type: FeatureType
    missing: int = 0
    null: int = 0
    empty: int = 0
    source_type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """A line that did not parse. `raw` is its text; bytes that are not UTF-8 are shown as `\\xNN`.

    `hash` is the first 16 hex digits of SHA-256 of the line's bytes; empty when only its start was kept.
    """

    file: str
    line: int
    reason: str
    raw: str
    hash: str = ""

    @property
    def kind(self) -> str:
        """The reason without the place or the value that it names, so that lines can be counted by it."""
        return _PARTICULAR.sub(lambda found: " …" if found[1][0] in "'\"" else "", self.reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """What a person put in the place of a quarantined line; `hash` is that of the line it replaces.

    `file` is empty where the source is a single file.
    """

    line: int
    hash: str
    raw: str
    file: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A value that a person put in the place of another; `hash` is that of the record in the source.

    `value` is the text of a text column, the JSON spelling of any other; None is null. `file` is empty where
    the source is a single file.
    """

    line: int
    hash: str
    column: str
    value: str | None
    file: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion:
    """A record that a person took out; `hash` and `file` as in an Edit."""

    line: int
    hash: str
    file: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What became of every line of a source: `read = accepted + quarantined + blank`, always."""

    read: int
    accepted: int
    quarantined: int
    blank: int

    def __post_init__(self) -> None:
        if self.read != self.accepted + self.quarantined + self.blank:
            raise AssertionError(f"counts do not add up: {self}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One turn of a conversation."""

    role: str
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One rendered record, in one of TRL's dataset formats.

    `text` is set for type "text"; `prompt` and `completion` for "prompt-completion"; `messages` for
    "messages".
    """

    type: ExampleType
    text: str = ""
    prompt: str = ""
    completion: str = ""
    messages: tuple[Message, ...] = field(default=())

    def to_dict(self) -> dict[str, Any]:
        """The fields of this type only, in TRL's names and order."""
        if self.type == "text":
            return {"text": self.text}
        if self.type == "prompt-completion":
            return {"prompt": self.prompt, "completion": self.completion}
        return {"messages": [{"role": m.role, "content": m.content} for m in self.messages]}
