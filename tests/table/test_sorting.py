"""Texts and numbers are sorted as plain Python sorts them, however long their common beginnings are."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.table.sorting import sort_numbers, sort_texts

BEGINNINGS = st.sampled_from(["", "Question: ", "é" * 40, "same " * 20, "日本", "a", "A" * 31, "x\0"])
TEXTS = st.lists(st.tuples(BEGINNINGS, st.text("aAbBéÉ日\0 z", max_size=12)).map("".join), max_size=30)


@settings(deadline=None, max_examples=300)
@given(TEXTS, BEGINNINGS, st.booleans())
def test_texts_are_in_the_order_of_their_lower_case(texts: list[str], common: str, descending: bool) -> None:
    texts = [common + text for text in texts]
    order = sort_texts(pl.Series(values=texts, dtype=pl.String), descending).tolist()
    assert order == sorted(range(len(texts)), key=lambda at: texts[at].lower(), reverse=descending)


@settings(deadline=None)
@given(st.lists(st.floats(allow_nan=False) | st.integers(-3, 3).map(float)), st.booleans())
def test_numbers_are_in_the_order_of_their_values(numbers: list[float], descending: bool) -> None:
    order = sort_numbers(pl.Series(values=numbers, dtype=pl.Float64), descending).tolist()
    assert order == sorted(range(len(numbers)), key=lambda at: numbers[at], reverse=descending)


@pytest.mark.parametrize("descending", [False, True])
def test_many_equal_texts_stay_in_their_order(descending: bool) -> None:
    texts = pl.Series(values=["Train", "test"] * 5_000, dtype=pl.String)
    order = sort_texts(texts, descending).tolist()
    trains, tests = list(range(0, 10_000, 2)), list(range(1, 10_000, 2))
    assert order == (trains + tests if descending else tests + trains)
