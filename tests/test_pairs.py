"""Pairs: which are asked for, in which order, what a person marked, which training records are near."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from studio.compare import Pair, Side
from studio.compare.marks import mark_pair, read_marks, undo_mark
from studio.compare.nearest import find_nearest
from studio.compare.query import Ask, count_changes, judge_change, key_pair, measure_improvement, query_pairs
from studio.errors import RunError, TableError
from studio.run import DataFile, RunDir, RunSpec, write_json


def make_pair(row: int, base: str | None, tuned: str | None, expected: str = "yes", **of_tuned: Any) -> Pair:
    """A pair whose scores are those of its texts; `of_tuned` are other values of the side after."""
    from studio.compare import exact_match, token_f1

    def score(completion: str | None, **values: Any) -> Side:
        told = completion is not None
        scored = {
            "exact_match": exact_match(completion or "", expected) if told else None,
            "token_f1": token_f1(completion or "", expected) if told else None,
        }
        side = {"completion": completion, "finished": True if told else None, "loss": 1.0, "tokens": 2}
        return Side(**(side | scored | values))

    return Pair(
        row=row, prompt=f"p{row}", expected=expected, base=score(base), tuned=score(tuned, **of_tuned)
    )


PAIRS = (
    make_pair(0, "no", "yes"),
    make_pair(1, "yes", "no", finished=False),
    make_pair(2, "no", "nope", loss=3.0),
    make_pair(3, "no", "yes and no"),
)


def rows(marks: dict[str, str] | None = None, **ask: Any) -> list[int]:
    return [pair.row for pair in query_pairs(PAIRS, marks or {}, Ask(**ask))]


def test_what_got_better_and_worse_can_be_asked_for_alone() -> None:
    assert rows() == [0, 1, 2, 3]
    assert rows(only="better") == [0, 3]
    assert rows(only="worse") == [1]
    assert rows(only="same") == [2]
    assert rows(only="exact") == [0]
    assert rows(only="unfinished") == [1]
    assert rows({key_pair(PAIRS[2]): "worse"}, only="marked") == [2]
    assert count_changes(PAIRS, {}) == {
        "all": 4,
        "worse": 1,
        "better": 2,
        "same": 1,
        "unfinished": 1,
        "exact": 1,
        "marked": 0,
    }


def test_pairs_are_sorted_by_what_changed() -> None:
    assert rows(sort="improvement") == [0, 3, 2, 1]
    assert rows(sort="worse") == [1, 2, 3, 0]
    assert rows(sort="loss") == [2, 0, 1, 3]


def test_all_four_texts_are_searched_in_any_case() -> None:
    assert rows(search="NOPE") == [2]
    assert rows(search="P3") == [3]
    assert rows(search="yes", only="worse", sort="worse") == [1]
    assert rows(search=".*") == []
    assert query_pairs((), {}, Ask(search="a")) == []


def test_of_answers_with_the_same_words_the_exact_one_is_better() -> None:
    pair = make_pair(0, "Yes.", "yes")
    assert (measure_improvement(pair), judge_change(pair)) == (0.0, "better")


def test_without_answers_the_loss_says_what_got_better() -> None:
    pair = make_pair(0, None, None, loss=0.25)
    assert (measure_improvement(pair), judge_change(pair)) == (0.75, "better")


@pytest.mark.parametrize("asked", [{"sort": "sideways"}, {"only": "blue"}])
def test_what_cannot_be_asked_for_is_said(asked: dict[str, Any]) -> None:
    with pytest.raises(RunError, match="Pairs have no"):
        Ask(**asked)


def test_half_a_character_is_no_search() -> None:
    with pytest.raises(TableError, match="half a character"):
        Ask(search="\ud800")


def test_a_key_names_a_record_by_its_prompt_and_its_answer() -> None:
    assert key_pair(PAIRS[0]) == hashlib.sha256(b"p0\0yes").hexdigest()[:16]
    assert len({key_pair(pair) for pair in PAIRS}) == 4


def test_the_last_mark_counts_and_can_be_undone(tmp_path: Path) -> None:
    run_dir = RunDir(tmp_path)
    assert read_marks(run_dir).marks == {}
    mark_pair(run_dir, "a", "better")
    mark_pair(run_dir, "a", "worse")
    assert mark_pair(run_dir, "b", "same").count(["a", "b", "c"]) == {"better": 0, "worse": 1, "same": 1}
    assert mark_pair(run_dir, "b", None).marks == {"a": "worse"}
    assert undo_mark(run_dir).marks == {"a": "worse", "b": "same"}
    assert undo_mark(run_dir).marks == {"a": "worse"}
    assert (undo_mark(run_dir).marks, undo_mark(run_dir).marks) == ({"a": "better"}, {})
    with pytest.raises(RunError, match="no mark to undo"):
        undo_mark(run_dir)


def test_the_same_mark_again_is_no_decision(tmp_path: Path) -> None:
    run_dir = RunDir(tmp_path)
    mark_pair(run_dir, "a", "better")
    mark_pair(run_dir, "a", "better")
    assert undo_mark(run_dir).marks == {}


def test_marks_belong_to_the_two_sides_that_were_compared(tmp_path: Path) -> None:
    run_dir = RunDir(tmp_path)
    mark_pair(run_dir, "a", "better")
    mark_pair(run_dir, "a", "worse", "base", "step-40")
    assert read_marks(run_dir).marks == {"a": "better"}
    assert undo_mark(run_dir, "base", "step-40").marks == {}
    assert read_marks(run_dir).marks == {"a": "better"}


def test_a_torn_line_costs_one_mark_and_no_other(tmp_path: Path) -> None:
    run_dir = RunDir(tmp_path)
    mark_pair(run_dir, "a", "better")
    with (tmp_path / "eval" / "marks.jsonl").open("ab") as file:
        file.write(b'[1]\n{"left": "base", "right": "tuned", "key": 3, "mark": "x"}\n{"left": "ba')
    assert mark_pair(run_dir, "b", "same").marks == {"a": "better", "b": "same"}


def test_a_mark_is_one_of_three(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="no mark 'great'"):
        mark_pair(RunDir(tmp_path), "a", "great")  # type: ignore[arg-type]


def make_run(folder: Path, train: list[dict[str, Any]], **parts: int) -> RunDir:
    """A run that learnt from these records."""
    run_dir = RunDir(folder / "r1")
    run_dir.data.mkdir(parents=True)
    (run_dir.data / "train.jsonl").write_text("".join(json.dumps(one) + "\n" for one in train))
    counts = {"train": len(train), "validation": 1} | parts
    spec = RunSpec(
        run="r1",
        recipe={},
        template={},
        example_type="prompt-completion",
        base_model="tiny",
        train={},
        data={
            part: DataFile(file=f"data/{part}.jsonl", records=count, sha256="")
            for part, count in counts.items()
        },
    )
    write_json(run_dir.spec_file, spec.to_dict())
    return run_dir


TRAIN = [
    {"prompt": f"### Question:\n{question}\n\n### Answer:", "completion": answer}
    for question, answer in (
        ("Can you sneeze with your eyes open?", "Let’s keep the discussion relevant."),
        ("Where is the documentation?", "It is on the web, at the address of the project."),
        ("How does a llama sleep?", "On its knees, mostly at night."),
    )
]


def ask(question: str, tuned: str) -> Pair:
    return Pair(
        row=0,
        prompt=f"### Question:\n{question}\n\n### Answer:",
        expected="no",
        base=make_pair(0, "no", "no").base,
        tuned=make_pair(0, "no", tuned).tuned,
    )


def test_an_answer_that_was_learnt_by_heart_names_its_record(tmp_path: Path) -> None:
    pair = ask("Is the moon made of cheese?", "let’s keep the  discussion relevant.")
    first, *_ = find_nearest(make_run(tmp_path, TRAIN), pair)
    assert (first.row, first.answer_similarity) == (0, 1.0)
    assert first.prompt_similarity is not None
    assert first.prompt_similarity < 0.3  # what all prompts begin and end with does not count
    assert first.to_dict()["similarity"] == 1.0


def test_a_prompt_that_was_nearly_learnt_names_its_record(tmp_path: Path) -> None:
    near = find_nearest(make_run(tmp_path, TRAIN), ask("Where is all the documentation?", ""), most=1)
    assert [one.row for one in near] == [1]
    assert near[0].answer_similarity == 0.0
    assert near[0].prompt_similarity is not None
    assert 0.6 < near[0].prompt_similarity < 1


def test_records_that_were_held_back_are_not_looked_at(tmp_path: Path) -> None:
    train = [{"prompt": f"q{n}", "completion": f"the answer of number {n}"} for n in range(40)]
    run_dir = make_run(tmp_path, train, validation=0)
    exact = [find_nearest(run_dir, ask("x", one["completion"]), most=1)[0] for one in train]
    assert sum(near.answer_similarity < 1 for near in exact) == 2  # 5 % of 40


def test_texts_are_compared_as_wholes(tmp_path: Path) -> None:
    run_dir = make_run(tmp_path, [{"text": "one two three"}, {"text": "four five six"}])
    text = make_pair(0, None, None, expected="four five six seven")
    pair = Pair(row=0, prompt="", expected=text.expected, base=text.base, tuned=text.tuned)
    first, *_ = find_nearest(run_dir, pair)
    assert (first.row, first.prompt, first.prompt_similarity) == (1, "", None)


def test_a_conversation_is_its_last_answer_and_what_came_before(tmp_path: Path) -> None:
    messages = [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Hello, what can I do?"},
        {"role": "user", "content": "Sing"},
        {"role": "assistant", "content": "La la la la"},
    ]
    [near] = find_nearest(make_run(tmp_path, [{"messages": messages}]), ask("x", "La la la la"))
    assert (near.prompt, near.completion) == ("Hi\nHello, what can I do?\nSing", "La la la la")


def test_a_train_part_that_is_gone_is_said(tmp_path: Path) -> None:
    run_dir = make_run(tmp_path, TRAIN)
    (run_dir.data / "train.jsonl").unlink()
    with pytest.raises(RunError, match="gone or damaged"):
        find_nearest(run_dir, PAIRS[0])
