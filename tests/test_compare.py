"""The comparison: scores worked out by hand, and what cannot be compared."""

import json
from pathlib import Path

import pytest

from studio.compare import (
    SCORES,
    Pair,
    Side,
    measure_differences,
    open_comparison,
    read_pairs,
)
from studio.errors import RunError
from studio.run import RunDir
from tests.compared import Line, make_line, make_run


def test_both_sides_are_scored_and_paired_by_row(tmp_path: Path) -> None:
    base = [make_line(0, "no"), make_line(1, "yes it is", expected="it is")]
    tuned = [make_line(1, "it is", expected="it is", loss=0.5), make_line(0, "\nyes ", loss=0.5)]
    comparison = open_comparison(make_run(tmp_path, base, tuned))
    assert [pair.row for pair in comparison.pairs] == [0, 1]
    assert comparison.label == "trained from scratch (demo)"
    assert comparison.base["exact_match"] == 0.0
    assert comparison.tuned["exact_match"] == 1.0
    assert comparison.base["token_f1"] == pytest.approx((0 + 0.8) / 2)
    assert (comparison.base["loss"], comparison.tuned["loss"]) == (1.0, 0.5)
    assert comparison.difference["loss"].value == pytest.approx(-0.5)
    assert comparison.difference["exact_match"].value == 1.0


def test_the_answer_has_the_promised_names_and_one_page_of_examples(tmp_path: Path) -> None:
    lines = [make_line(row, "yes") for row in range(8)]
    comparison = open_comparison(make_run(tmp_path, lines, lines))
    answer = comparison.to_dict()
    assert {"run", "label", "records", "base", "tuned", "difference", "examples"} < set(answer)
    assert {"verdict", "left", "right", "decoding", "hashes", "expected", "notes"} < set(answer)
    assert set(answer["base"]) == set(answer["tuned"]) == set(SCORES)
    assert set(answer["examples"][0]["tuned"]) >= {"rouge_l", "words", "distinct_3"}
    assert set(answer["difference"]["loss"]) == {"value", "low", "high"}
    assert [example["row"] for example in answer["examples"]] == [0, 1, 2, 3, 4]
    assert len(comparison.to_dict(limit=None)["examples"]) == 8
    assert [pair.row for pair in comparison.page(6, 5)] == [6, 7]
    json.dumps(answer)


def test_the_same_answers_give_the_same_interval() -> None:
    pairs = tuple(make_pair(row, exact=float(row % 3 == 0)) for row in range(60))
    first, again = measure_differences(pairs), measure_differences(pairs)
    assert first == again
    assert first["exact_match"].value == pytest.approx(1 / 3)
    assert first["exact_match"].low < 1 / 3 < first["exact_match"].high
    # A proportion of 20 in 60: the normal approximation's interval, roughly.
    assert first["exact_match"].low == pytest.approx(1 / 3 - 1.96 * 0.0609, abs=0.03)
    assert first["exact_match"].high == pytest.approx(1 / 3 + 1.96 * 0.0609, abs=0.03)


def test_the_loss_is_weighted_by_tokens() -> None:
    short = make_pair(0, base_loss=4.0, tuned_loss=2.0, tokens=1)
    long = make_pair(1, base_loss=4.0, tuned_loss=3.0, tokens=9)
    assert measure_differences([short, long])["loss"].value == pytest.approx(-(2 * 1 + 1 * 9) / 10)


def make_pair(
    row: int, *, exact: float = 0.0, base_loss: float = 1.0, tuned_loss: float = 1.0, tokens: int = 1
) -> Pair:
    def side(loss: float, score: float) -> Side:
        return Side(completion="", finished=True, loss=loss, tokens=tokens, exact_match=score, token_f1=score)

    return Pair(row=row, prompt="", expected="", base=side(base_loss, 0.0), tuned=side(tuned_loss, exact))


def test_text_examples_have_losses_and_no_completions(tmp_path: Path) -> None:
    comparison = open_comparison(make_run(tmp_path, [make_line(0, None)], [make_line(0, None)]))
    assert comparison.base["exact_match"] is None
    assert set(comparison.difference) == {"loss", "perplexity", "bits_per_byte"}


def test_a_running_run_shows_the_pairs_it_has(tmp_path: Path) -> None:
    run_dir = make_run(tmp_path, [make_line(row, "a") for row in (4, 0, 2)], [make_line(0, "b")])
    assert [pair.row for pair in read_pairs(run_dir)] == [0]
    assert read_pairs(RunDir(tmp_path / "none")) == ()


@pytest.mark.parametrize(
    ("state", "word"),
    [
        ({"state": "cancelled", "reason": "stopped on request"}, "Run r1 is cancelled: stopped on request"),
        ({"state": "failed", "reason": "The disk is full."}, "Run r1 is failed: The disk is full"),
        ({"metrics": {"records": 0, "base": None, "tuned": None}}, "no test part"),
    ],
)
def test_what_cannot_be_compared_is_said(tmp_path: Path, state: Line, word: str) -> None:
    run_dir = make_run(tmp_path, [make_line(0, "a")], [make_line(0, "a")], **state)
    with pytest.raises(RunError, match=word):
        open_comparison(run_dir)


def test_answers_that_are_missing_are_damage_not_a_smaller_comparison(tmp_path: Path) -> None:
    run_dir = make_run(tmp_path, [make_line(0, "a"), make_line(1, "a")], [make_line(0, "a")])
    with pytest.raises(RunError, match="damaged"):
        open_comparison(run_dir)
