"""A search finds a text in any script, as a person means it, and marks what it found."""

import random
import re
import time
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.errors import TableError
from studio.settings import Limits
from studio.source import Source
from studio.table import TableWriter
from studio.table.query import Query, Search, highlight
from studio.table.search import find_hits
from tests.table.conftest import HOSTILE_NAMES, Store

ALPHABET = "aAbBsSkK1 2.,_-*\\\"'{}[]()\n\tßéÉµ日本語שלוםاЖж😀e\u0301\u200f"
TEXTS = st.text(alphabet=ALPHABET, max_size=12)
quietly = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40
)


def fold(text: str) -> str:
    """What the engine's simple case folding makes equal, for the letters of these tests."""
    return "".join({"ſ": "s", "\u212a": "k", "μ": "µ", "Μ": "µ"}.get(c, c.lower()) for c in text)


def is_word_char(text: str) -> bool:
    return bool(re.fullmatch(r"[\w\u0301]", text))


def holds(value: str, search: Search) -> bool:
    """Whether the text contains the search, letter by letter."""
    text, wanted = (value, search.text) if search.case else (fold(value), fold(search.text))
    places = [at for at in range(len(text) - len(wanted) + 1) if text.startswith(wanted, at)]
    if not search.word:
        return bool(places)
    return any(
        not (at and is_word_char(text[at - 1])) and not is_word_char(text[at + len(wanted) :][:1])
        for at in places
    )


@quietly
@given(st.lists(TEXTS, min_size=1, max_size=30), TEXTS.filter(bool), st.booleans(), st.booleans())
def test_a_search_finds_what_plain_python_finds(
    store: Store, texts: list[str], wanted: str, case: bool, word: bool
) -> None:
    search = Search(wanted, case=case, word=word)
    table = store([{"a": "-", "b": text} if index % 2 else {"b": text} for index, text in enumerate(texts)])
    found = [record.row for record in table.page(0, 100, Query(search=search)).rows]
    expected = [
        row for row, text in enumerate(texts) if holds(text, search) or (row % 2 and holds("-", search))
    ]
    assert found == expected


@quietly
@given(st.lists(TEXTS, min_size=1, max_size=10), TEXTS.filter(bool), st.booleans(), st.booleans())
def test_marks_are_what_was_searched(
    store: Store, texts: list[str], wanted: str, case: bool, word: bool
) -> None:
    search = Search(wanted, case=case, word=word)
    for text, hits in zip(texts, find_hits(search, texts), strict=True):
        assert bool(hits) == holds(text, search)
        assert [fold(text[start:end]) for start, end in hits] == [fold(wanted)] * len(hits)
        assert all(earlier[1] <= later[0] for earlier, later in pairwise(hits))


TURKISH = ["İstanbul", "istanbul", "ISTANBUL", "ıstanbul"]


@pytest.mark.parametrize("wanted", TURKISH)
def test_the_four_letters_i_are_one_unless_case_counts(store: Store, wanted: str) -> None:
    table = store([{"city": city} for city in TURKISH])
    assert table.page(query=wanted).total == 4
    exact = table.page(query=Query(search=Search(wanted, case=True)))
    assert [row["city"] for row in exact.rows] == [wanted]


@pytest.mark.parametrize(
    ("value", "search", "found"),
    [
        ("The end", Search("the"), True),
        ("The end", Search("the", case=True), False),
        ("exploratory LoRA, adapters", Search("lora", word=True), True),
        ("exploratory", Search("lora", word=True), False),
        ("c++ and c", Search("c++", word=True), True),
        ("c++x", Search("c++", word=True), False),
        ("日本語", Search("日本"), True),
        ("日本語", Search("日本", word=True), False),
        ("日本 語", Search("日本", word=True), True),
        ("שלום עולם", Search("עולם", word=True), True),
        ("in 2024", Search("2024", word=True), True),
        ("20245", Search("2024", word=True), False),
        ("is it", Search("it", word=True), True),
        ("a1b22", Search(r"^[a-z]\d[a-z]\d+$", regex=True), True),
        ("A1B22", Search(r"^[a-z]\d[a-z]\d+$", regex=True, case=True), False),
        ("foo bar", Search("ba|fo", regex=True, word=True), False),
        ("foo bar", Search("ba.|fo", regex=True, word=True), True),
        ("a.c", Search("a.c", regex=False), True),
        ("abc", Search("a.c", regex=False), False),
    ],
)
def test_case_word_and_expression_say_how(store: Store, value: str, search: Search, found: bool) -> None:
    assert table_has(store, value, search) is found
    assert bool(highlight(search, [value])[0]) is found


@pytest.mark.parametrize(
    ("value", "search", "found"),
    [
        ([{"role": "user", "content": "one\ntwo"}], Search("two", word=True), True),
        ([{"role": "user", "content": "one\ntwo"}], Search("wo", word=True), False),
        (["café"], Search("café", case=True), True),
        (["café"], Search("CAFÉ", case=True), False),
        (["a/b"], Search("a/b"), True),
        ({"k": 12}, Search("12", word=True), True),
        (["TRUE"], Search("true", case=True), False),
    ],
)
def test_a_search_reads_json_as_it_is_meant(store: Store, value: Any, search: Search, found: bool) -> None:
    assert table_has(store, value, search) is found


def test_escapes_of_json_hide_nothing(tmp_path: Any) -> None:
    spelling = rb'["caf\u00E9", "\ud83d\ude00", "say \"hi\"", "a\/b"]'
    with TableWriter(tmp_path / "t", source=Source(path="a"), kind="jsonl", limits=Limits()) as writer:
        writer.add({"a": spelling}, line=1, offset=0, length=1)
        table = writer.finish(complete=True, sha256=None, size=0)
    for wanted in ("café", "CAFÉ", "😀", 'say "hi"'):
        assert table.page(query=wanted).total == 1, wanted
    assert table.page(query=Query(search=Search("café", case=True))).total == 1
    [hits] = find_hits(Search("café"), [spelling.decode()], spelled=True)
    assert [spelling.decode()[start:end] for start, end in hits] == [r"caf\u00E9"]


def test_a_text_among_other_values_is_searched_as_text(store: Store) -> None:
    table = store([{"a": "one"}, {"a": ["one"]}, {"a": 'say "one"'}])
    assert [row.row for row in table.page(query=Query(search=Search("^one", regex=True))).rows] == [0]
    assert [row.row for row in table.page(query='"one"').rows] == [1, 2]


def table_has(store: Store, value: Any, search: Search) -> bool:
    return bool(store([{"cell": value}]).page(query=Query(search=search)).total)


def test_marks_are_in_utf_16_units_and_never_empty() -> None:
    assert highlight(Search("b"), ["a😀b b"]) == [[(3, 4), (5, 6)]]
    assert highlight(Search("x*", regex=True), ["axxb"]) == [[(1, 3)]]
    assert highlight(Search(""), ["a", "b"]) == [[], []]
    assert highlight(Search("a"), []) == []


def test_texts_that_hold_the_marks_are_marked_with_others() -> None:
    text = "".join(map(chr, range(0xFDD0, 0xFDF0))) + "$1 ${0} x"
    assert find_hits(Search("x"), [text]) == [[(len(text) - 1, len(text))]]
    assert find_hits(Search("$1"), [text]) == [[(32, 34)]]


@pytest.mark.parametrize("wrong", ["(", "a)(b", "[z-a]", "*", r"(?=a)", r"\1", "(?P<n", "a{2000}", "x" * 201])
def test_what_is_no_expression_is_said_in_words(store: Store, wrong: str) -> None:
    table = store([{"a": "x"}])
    with pytest.raises(TableError) as raised:
        table.page(query=Query(search=Search(wrong, regex=True)))
    assert raised.value.hint and len(raised.value.message) < 200
    assert "Error" not in raised.value.message and "\n" not in raised.value.message


def test_half_a_character_is_refused(store: Store) -> None:
    with pytest.raises(TableError, match="half a character"):
        store([{"a": "x"}]).page(query="x\ud83d")


def test_a_text_of_no_end_is_refused(store: Store) -> None:
    with pytest.raises(TableError, match="10,001 characters"):
        store([{"a": "x"}]).page(query="x" * 10_001)


REDOS = [
    "(a+)+$", "([a-zA-Z]+)*$", "(a|aa)+$", "(a|a?)+$", "(.*a){12}$", "(.*)*$", "(a*)*b", "(a+)*b",
    "(a|b|ab)*c", "((a+)+)+$", "(x+x+)+y", "(x+x+)+?y", "(\\w+\\s?)*$", "^(\\w+\\s?)*$", "(\\d+)+$",
    "^(([a-z])+.)+[A-Z]([a-z])+$", "(.*?,){11}P", "^(a?){25}a{25}$", "(a?){25}a{25}", "[01]*1[01]{500}$",
    "(0|1)*1(0|1){200}x", "a.{300}b", "(a.|aa){300}$", "\\w{300}\\W", ".{1,500}x$", ".{1,30}.{1,30}y$",
    "(.{1,10}){1,90}z", "(?:a{1,30}){1,30}b", "(?:x{0,30}){0,30}y", "(((a{10}){10}){10})b",
    "\\p{L}{150}\\P{L}", "(\\p{L}+)+\\d$", "[^\"]*\"[^\"]*\"$", "(a|á|à|ä)*$", "(?i)(straße|STRASSE)+$",
    "^(.|\\n)*$", "(\\b\\w+\\b\\s*)+$", "(^|\\s)(\\S+\\s+)*x$", "(a+b*)+c", "((ab)*)*c", "(a*b*)*c",
    "(a{0,50}b{0,20})*c", "([^a]|a)+x", "(.+)+=.*", "x*x*x*x*x*x*x*x*y", ".*.*.*.*.*=.*", "(\\s*,\\s*)+;",
    "(?:(?:a|b)*c)*d", "[\\w.]+@[\\w.]+\\.[a-z]{2,}$", "(?s).*?(.*?)*b", "(a{1,1000}){1}b",
    "(?:\\w{0,1000})x", "(\\p{L}{30}){30}\\P{L}", "(.{0,30}é){30}x", "(\\w{1,9}\\W){99}",
]  # fmt: skip


def test_no_expression_takes_long(store: Store) -> None:
    chance = random.Random(1)
    cells = ["a" * 100_000, "x" * 100_000, "01" * 50_000, "".join(chance.choices("01", k=100_000)),
             "".join(chance.choices("abcxyzé ,日\n", k=50_000)), "a" * 99_999 + "!"]  # fmt: skip
    table = store([{"cell": cell} for cell in cells])
    assert len(REDOS) >= 50
    longest, which, refused = 0.0, "", 0
    for expression in REDOS:
        started = time.perf_counter()
        try:
            table.page(query=Query(search=Search(expression, regex=True)))
        except TableError:
            refused += 1
        took = time.perf_counter() - started
        longest, which = max((longest, which), (took, expression))
    print(f"expressions: {len(REDOS)}, {refused} refused, the longest took {longest:.2f} s: {which}")
    assert longest < 10


def test_a_column_of_any_name_is_searched(store: Store) -> None:
    table = store([{name: f"found {index}!" for index, name in enumerate(HOSTILE_NAMES)}])
    for index in range(len(HOSTILE_NAMES)):
        assert table.page(query=f"found {index}!").total == 1
