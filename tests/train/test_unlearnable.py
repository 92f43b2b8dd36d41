"""The last defence before the first step: rows of which nothing is learnt, or not where they end."""

import pytest

pytest.importorskip("torch")

from studio.errors import RunError
from studio.tokens import Tokens
from studio.train.data import refuse_unlearnable

pytestmark = pytest.mark.train


def make_tokens(answers: tuple[tuple[int, int], ...], *, ended: bool) -> Tokens:
    return Tokens(
        ids=[5, 6, 7],
        text="a b c",
        answers=answers,
        end_trained=ended,
        encoding=None,
        specials=frozenset(),
    )


def test_rows_that_are_learnt_to_their_end_pass() -> None:
    refuse_unlearnable([make_tokens(((1, 3),), ended=True)])


def test_a_row_without_a_token_to_learn_is_refused_in_words() -> None:
    with pytest.raises(RunError, match="1 row has no token to learn"):
        refuse_unlearnable([make_tokens(((1, 3),), ended=True), make_tokens((), ended=False)])


def test_rows_that_do_not_end_with_a_token_that_is_learnt_are_refused_in_words() -> None:
    with pytest.raises(RunError, match="2 rows end without"):
        refuse_unlearnable([make_tokens(((1, 2),), ended=False)] * 2)
