"""Hostile templates: each is refused in words, or renders what a second reader of the grammar says.

STUDIO_HOSTILE=200000 pytest -m nightly -s tests/nightly/test_hostile_templates.py
"""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from json.decoder import scanstring
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from studio.errors import TemplateError
from studio.record import Column, Json
from studio.settings import Limits
from studio.template import parse_template, scan_text
from tests.nightly.hostile import NAMES, make_hostile

FEW = 500
MANY = int(os.environ.get("STUDIO_HOSTILE", 200_000))
HANG_MS = 2_000
EVERY = 20
DEEPEST = 50

SEEN: list[str] = []
WATCHED = (
    "exec",
    "compile",
    "import",
    "open",
    "os.",
    "subprocess.",
    "socket.",
    "ctypes.",
    "object.__getattr__",
)
watched_thread: int | None = None


def _watch(event: str, about: tuple[Any, ...]) -> None:
    """Events are of the whole process: those of other threads, such as a server's, are not a template's."""
    if threading.get_ident() == watched_thread and event.startswith(WATCHED):
        SEEN.append(f"the event {event} of {about[:1]}")


def _report(name: str) -> Callable[..., Any]:
    def method(*_: object, **__: object) -> Any:
        SEEN.append(name)
        raise AssertionError(f"{name} was touched")

    return method


class Untouchable:
    """A value that the hostile templates reach for and none names; whatever is asked of it is reported."""

    __getattribute__ = _report("an attribute of the object")
    for _name in ("call", "getitem", "iter", "len", "bool", "eq", "str", "repr", "format"):
        locals()[f"__{_name}__"] = _report(f"__{_name}__ of the object")


class Canary(str):
    """Text that renders, and that reports everything but its being text."""

    __slots__ = ()

    def __getattribute__(self, name: str) -> Any:
        if name != "__class__":
            SEEN.append(f"{name} of a text")
        return super().__getattribute__(name)

    for _name in ("format", "getitem", "iter", "mod", "str", "repr", "add", "call", "html"):
        locals()[f"__{_name}__"] = _report(f"__{_name}__ of a text")


class CanaryRecord(dict[str, Any]):
    """A record that reports everything but the asking for a value."""

    def __getattribute__(self, name: str) -> Any:
        if name not in ("get", "__class__"):
            SEEN.append(f"{name} of the record")
        return super().__getattribute__(name)


CELLS: dict[str, str | None] = {
    "a": "{b} {{7*7}} ${x} {#a}{/a} {object}",
    "b": "<script>",
    "text": "x" * 50,
    "empty": "",
    "none": None,
}
RECORD = CanaryRecord(
    **{name: cell if cell is None else Canary(cell) for name, cell in CELLS.items()},
    number=Json("2.50"),
    list=Json("[ ]"),
    object=Untouchable(),
)
PLAIN = {**CELLS, "number": "2.50", "list": "[ ]"}
COLUMNS = [Column(name=name, type="json" if name in ("number", "list") else "text") for name in NAMES]
FRAME = pl.DataFrame({name: [PLAIN[name]] for name in NAMES}, schema=dict.fromkeys(NAMES, pl.String))


@dataclass(slots=True)
class Tally:
    """What came of the templates; the findings name the template by its number."""

    templates: int = 0
    refused: int = 0
    columnar: int = 0
    longest_ms: float = 0.0
    longest: int = 0
    escapes: list[str] = field(default_factory=list)
    hangs: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.templates:,} hostile templates, {len(self.escapes)} escapes, {len(self.hangs)} hangs, "
            f"longest {self.longest_ms:.1f} ms (number {self.longest}); {self.refused:,} refused in words, "
            f"{self.columnar:,} rendered as a column too"
        )


@pytest.fixture(scope="module", autouse=True)
def audit() -> None:
    sys.addaudithook(_watch)


def test_a_few_hostile_templates_escape_nowhere(capsys: pytest.CaptureFixture[str]) -> None:
    _check(range(FEW), capsys)


@pytest.mark.nightly
def test_many_hostile_templates_escape_nowhere_and_none_hangs(capsys: pytest.CaptureFixture[str]) -> None:
    tally = _check(range(MANY), capsys)
    assert not tally.hangs, "\n".join(tally.hangs[:10])


def test_the_canaries_do_report() -> None:
    for touch in (
        lambda: f"{RECORD['a']}",
        lambda: RECORD["a"].upper(),
        lambda: RECORD["object"].x,
        lambda: RECORD.keys(),
    ):
        SEEN.clear()
        try:
            touch()
        except AssertionError:
            pass
        assert SEEN
    SEEN.clear()


def test_the_watch_sees_this_thread_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    SEEN.clear()
    monkeypatch.setattr(sys.modules[__name__], "watched_thread", threading.get_ident())
    other = threading.Thread(target=Path(os.devnull).read_bytes)
    other.start()
    other.join()
    assert not [seen for seen in SEEN if seen.startswith("the event open")]
    Path(os.devnull).read_bytes()
    monkeypatch.undo()
    assert [seen for seen in SEEN if seen.startswith("the event open")]
    SEEN.clear()


def _check(numbers: Iterable[int], capsys: pytest.CaptureFixture[str]) -> Tally:
    tally = Tally()
    for number in numbers:
        _try_template(tally, number, make_hostile(number))
    with capsys.disabled():
        print(f"\n{tally}")
    assert not tally.escapes, "\n".join(tally.escapes[:10])
    return tally


def _try_template(tally: Tally, number: int, source: str) -> None:
    tally.templates += 1
    expected, names = read_again(source)
    if "object" in names:
        return
    SEEN.clear()
    began = time.thread_time()
    text = _render_watched(source)
    spent = (time.thread_time() - began) * 1000
    if spent > tally.longest_ms:
        tally.longest_ms, tally.longest = spent, number
    if spent > HANG_MS:
        tally.hangs.append(f"{number}: {spent:.0f} ms for {source[:200]!r}")
    tally.refused += text is None
    if text != expected or SEEN:
        tally.escapes.append(f"{number}: {source[:200]!r} gives {str(text)[:200]!r}, {SEEN[:5]}")
    if number % EVERY == 0 and text is not None:
        tally.columnar += 1
        if _render_column(source, names.difference(NAMES)) != text:
            tally.escapes.append(f"{number}: {source[:200]!r} gives another text as a column")


def _render_column(source: str, others: Iterable[str]) -> str:
    """The text of the only row; the columns that are not in the record are there, and null."""
    nulls = [pl.lit(None, pl.String).alias(name) for name in others]
    columns = [*COLUMNS, *(Column(name=name, type="text") for name in others)]
    field = parse_template({"text": source}).render_column(columns)
    return FRAME.with_columns(nulls).select(pl.all(), field["text"].alias("<rendered>"))["<rendered>"][0]


def _render_watched(source: str) -> str | None:
    """The text, or None where it is refused in words; the spans have to agree."""
    global watched_thread
    watched_thread = threading.get_ident()
    try:
        spans = scan_text(source)
        text = parse_template({"text": source}).render(RECORD).text
    except TemplateError as error:
        assert error.message and error.hint
        assert any(span.kind == "error" for span in spans)
        return None
    finally:
        watched_thread = None
    assert not any(span.kind == "error" for span in spans)
    return text


def read_again(source: str) -> tuple[str | None, set[str]]:
    """What a text renders by the grammar, letter by letter, None where it is refused; and the names in it."""
    names: set[str] = set()
    try:
        _refuse(len(source) > Limits().template_characters)
        source.encode()
        out, opened, shown, at = [], [], True, 0
        while at < len(source):
            letter = source[at]
            if letter not in "{}":
                out.append(letter if shown else "")
                at += 1
            elif source[at : at + 2] == letter * 2:
                out.append(letter if shown else "")
                at += 2
            else:
                mark, name, at = _read_tag(source, at)
                names.add(name)
                if mark == "/":
                    _refuse(not opened or opened[-1][0] != name)
                    shown = opened.pop()[1]
                elif mark:
                    _refuse(len(opened) == DEEPEST)
                    opened.append((name, shown))
                    shown = shown and (name in FULL) == (mark == "#")
                else:
                    out.append((PLAIN.get(name) or "") if shown else "")
        _refuse(bool(opened))
    except ValueError:
        return None, set()
    return "".join(out), names


FULL = ("a", "b", "text", "number")


def _read_tag(source: str, at: int) -> tuple[str, str, int]:
    _refuse(source[at] == "}")
    at += 1
    mark = source[at] if source[at : at + 1] in ("#", "^", "/") and at < len(source) else ""
    at += len(mark)
    if source[at : at + 1] == '"':
        name, at = scanstring(source, at + 1)
        name.encode()
    else:
        start = at
        while at < len(source) and (
            source[at].isalnum() or source[at] == "_" or (at > start and source[at] == "-")
        ):
            at += 1
        name = source[start:at]
        _refuse(not name or name[0].isdecimal())
    _refuse(source[at : at + 1] != "}")
    return mark, name, at + 1


def _refuse(wrong: bool) -> None:
    if wrong:
        raise ValueError("the grammar does not allow it")
