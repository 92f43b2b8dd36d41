"""Rows, tokens and labels, and what truncation costs; no torch in here."""

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("tokenizers")
pytest.importorskip("torch")

from studio.errors import RunError
from studio.tokens import chosen
from studio.train.data import IGNORED, Row, count_losses, read_parts, tokenize_row
from tests.train.small_runs import make_lines, make_run

pytestmark = pytest.mark.train


def test_without_a_validation_part_a_seeded_share_of_train_is_held_back(tmp_path: Path) -> None:
    run_dir, spec = make_run(tmp_path, {"train": make_lines(100), "test": make_lines(3, 200)})
    parts, again, other = (read_parts(run_dir, spec, seed) for seed in (1, 1, 2))
    assert (len(parts.train), len(parts.validation), parts.held_back) == (95, 5, 5)
    assert parts == again
    assert parts.validation != other.validation
    assert not {row.row for row in parts.train} & {row.row for row in parts.validation}
    assert len(parts.test) == 3


def test_a_validation_part_leaves_train_whole(tmp_path: Path) -> None:
    run_dir, spec = make_run(tmp_path, {"train": make_lines(50), "validation": make_lines(4, 90)})
    parts = read_parts(run_dir, spec, 1)
    assert (len(parts.train), len(parts.validation), parts.held_back, parts.test) == (50, 4, 0, ())


def test_a_handful_of_rows_is_all_learnt_from(tmp_path: Path) -> None:
    run_dir, spec = make_run(tmp_path, {"train": make_lines(5)})
    assert (len(read_parts(run_dir, spec, 1).train), read_parts(run_dir, spec, 1).held_back) == (5, 0)


def test_a_large_part_is_a_seeded_choice_in_file_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chosen, "SCORED_ROWS", 5)
    run_dir, spec = make_run(tmp_path, {"train": make_lines(5), "test": make_lines(50)})
    found = [row.row for row in read_parts(run_dir, spec, 1).test]
    assert len(found) == 5
    assert found == sorted(found)
    assert found != list(range(5))
    assert found == [row.row for row in read_parts(run_dir, spec, 1).test]


def test_labels_cover_the_completion_and_the_end_token(tokenizer: Any, rows: list[Row]) -> None:
    tokens = tokenize_row(tokenizer, rows[7])
    trained = [token for token in tokens.labels if token != IGNORED]
    assert tokenizer.decode(trained) == rows[7].completion + tokenizer.eos_token
    assert tokenizer.decode(tokens.ids[: tokens.first_trained]) == rows[7].prompt
    assert trained[-1] == tokenizer.eos_token_id
    assert not tokens.merged


def test_a_prompt_that_melts_into_its_completion_is_counted(tokenizer: Any) -> None:
    tokens = tokenize_row(tokenizer, Row(row=0, prompt="Which col", completion="our has box"))
    assert tokens.merged
    assert count_losses([tokens], 100)["merged"] == 1


def test_truncation_is_counted_before_the_first_step(tokenizer: Any) -> None:
    short = tokenize_row(tokenizer, Row(row=0, prompt="Box", completion=" is red"))
    long_answer = tokenize_row(tokenizer, Row(row=1, prompt="Box", completion=" is red" * 20))
    long_prompt = tokenize_row(tokenizer, Row(row=2, prompt=" is red" * 20, completion=" is"))
    counts = count_losses([short, long_answer, long_prompt], 16)
    assert counts == {"rows": 3, "without_answer": 1, "cut": 1, "merged": 0}


def test_a_part_without_any_answer_left_is_refused(tokenizer: Any) -> None:
    long_prompt = tokenize_row(tokenizer, Row(row=2, prompt=" is red" * 20, completion=" is"))
    with pytest.raises(RunError, match="max_length 16"):
        count_losses([long_prompt], 16)
