"""Texts with runs that no one would write: tiny is made from them in a moment."""

import pytest

from studio.record import Example
from studio.tokens.tiny import VOCABULARY, _cut_runs, train_tiny
from studio.tokens.tokenizer import Tokenizer

MEGABYTE = 1_000_000


@pytest.mark.parametrize("run", ["x", " ", "日"])
def test_tiny_is_made_of_a_text_that_is_one_long_run(run: str) -> None:
    bpe, about = train_tiny(["It is good.", run * MEGABYTE], [])
    assert about.vocabulary <= VOCABULARY
    [tokens] = Tokenizer(bpe, about).encode([Example(type="text", text=run * 100_000)])
    assert (tokens.text.startswith(run), tokens.end_trained) == (True, True)


def test_nothing_is_lost_of_a_text_and_one_without_long_runs_stays_whole() -> None:
    texts = ["", "It is good.", "x" * 255 + " y", "a" * 1_000 + " b " + "c" * 300, " " * 600]
    cut = list(_cut_runs(texts))
    assert "".join(cut) == "".join(texts)
    assert cut[:3] == texts[:3]
    assert max(map(len, cut)) < 512
