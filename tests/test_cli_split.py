"""`studio split`: parts, twins and a proposal from a source or a recipe, with stable names."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from studio.cli import main

PROMPT = len("### Question:\nWhat is 1?\n\n### Answer:")
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def studio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command line: (exit code, stdout, stderr)."""
    monkeypatch.setenv("STUDIO_WORKSPACE", str(tmp_path / "workspace"))

    def run(*args: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["studio", *map(str, args)])
        with pytest.raises(SystemExit) as left:
            main()
        assert isinstance(left.value.code, int)
        return left.value.code, *capsys.readouterr()

    return run


@pytest.fixture
def path(write_jsonl) -> Path:
    rows = [{"question": f"What is {n % 18}?", "answer": f"{n % 19}"} for n in range(20)]
    return write_jsonl(rows)


def looks(completion: float) -> dict[str, object]:
    return {"prompt": PROMPT, "completion": completion, "categories": {}}


def test_a_source_is_split_as_asked(studio: Run, path: Path) -> None:
    code, out, err = studio(
        "split", path, "--method", "sequential", "--train", 18, "--test", 2, "--seed", 0, "--json"
    )
    assert code == 0, err
    answer = json.loads(out)
    reason = "2 records repeat the prompt of an earlier one, and not all in the same part. "
    pairs = [{"row": 18, "twin": 0, "exact": False}, {"row": 19, "twin": 1, "exact": False}]
    assert answer == {
        "source": "data.jsonl", "records": 20, "changes": "", "method": "sequential", "by": None,
        "near": None, "seed": 0,
        "parts": [
            {"name": "train", "records": 18, "profile": looks(2.0)},
            {"name": "test", "records": 2, "profile": looks(2.5)},
        ],
        "unused": 0,
        "hints": answer["hints"],
        "category": None,
        "twins": [
            {"part": "test", "of": "train", "records": 2, "exact": 0, "prompt": 2, "pairs": pairs,
             "near": None, "near_pairs": []}
        ],
        "repeated": 2,
        "looked": None,
        "proposal": {"method": "grouped", "reason": reason + "Grouped keeps the same prompt in one part.",
                     "near": None},
    }  # fmt: skip
    assert [hint["code"] for hint in answer["hints"]] == ["small-train", "small-test"]


def test_a_recipe_is_split_as_it_says_and_people_read_it(studio: Run, path: Path, tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(
        "source: {path: data.jsonl}\ntemplate: {style: question-answer}\n"
        "split: {method: stratified, by: answer, test: 0.5, train: 0.5}\n"
    )
    code, out, err = studio("split", recipe)
    assert code == 0, err
    assert out.startswith(
        "data.jsonl: 20 records, stratified by answer, seed 42\n  test: 10 records, prompts of"
    )
    code, out, _ = studio("split", recipe, "--method", "grouped", "--train", 0.8, "--test", 0.2)
    assert code == 0
    assert "grouped, seed 42" in out
    assert "test: 0 of 4 have their prompt in train, 0 their whole text" in out
    assert "proposed" not in out


def test_what_cannot_be_split_is_said_in_words(studio: Run, path: Path) -> None:
    code, out, err = studio("split", path, "--method", "grouped", "--by", "topic")
    assert (code, out) == (2, "")
    assert err == "error: No column named topic.\nhint: Columns are: question, answer.\n"
    code, _, err = studio("split", path, "--train", 0.9, "--test", 2)
    assert code == 2
    assert err.startswith("error: train 0.9 is a fraction, and test 2 is a count.\n")


def test_near_duplicates_are_looked_for_and_kept_together(studio: Run, write_jsonl) -> None:
    story = "Once upon a time there was a token that wanted to become a word, and it went to school."
    rows = [{"question": f"{n} {chr(97 + n)}" * 9, "answer": f"{n}"} for n in range(18)]
    path = write_jsonl(
        [*rows, {"question": story, "answer": ""}, {"question": story + " Why?", "answer": ""}]
    )
    sizes = ("--train", 19, "--test", 1)
    code, out, err = studio("split", path, "--method", "sequential", *sizes, "--near", 0.8)
    assert code == 0, err
    assert "test: 1 more have it nearly, 0.8 or more alike\n  row 19 and row 18 (0.9" in out
    assert (
        "proposed: --method grouped --near 0.8. 1 record repeats the prompt of an earlier one or nearly"
        in out
    )
    code, out, err = studio("split", path, "--method", "grouped", *sizes, "--near", 0.75)
    assert code == 0, err
    assert "20 records, grouped with near-duplicates from 0.75 on, seed 42" in out
    assert "test: 0 more have it nearly, 0.75 or more alike" in out
    code, _, err = studio("split", path, "--near", 0.2)
    assert code == 2
    assert err.startswith(
        "error: near is 0.2, no similarity that can be asked for.\nhint: Give a similarity from"
    )
