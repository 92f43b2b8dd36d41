"""The sample dataset that ships with the studio: its form, not its words."""

import json
from pathlib import Path

SAMPLE = Path(__file__).parent.parent / "assets" / "sample.jsonl"
PAIRS = [json.loads(line) for line in SAMPLE.read_text(encoding="utf-8").splitlines()]


def test_the_sample_has_at_least_200_pairs() -> None:
    assert len(PAIRS) >= 200


def test_every_pair_has_a_question_and_an_answer_and_nothing_else() -> None:
    assert [pair for pair in PAIRS if list(pair) != ["question", "answer"]] == []


def test_every_value_is_a_string_with_text_in_it() -> None:
    values = [value for pair in PAIRS for value in pair.values()]
    assert [value for value in values if not isinstance(value, str) or not value] == []


def test_no_value_has_whitespace_around_it() -> None:
    assert [value for pair in PAIRS for value in pair.values() if value != value.strip()] == []


def test_no_question_is_asked_twice_even_in_other_capitals_or_spaces() -> None:
    questions = [" ".join(pair["question"].casefold().split()) for pair in PAIRS]
    assert sorted(questions) == sorted(set(questions))


def test_no_answer_is_given_twice_or_is_over_400_characters() -> None:
    answers = [pair["answer"] for pair in PAIRS]
    assert len(answers) == len(set(answers))
    assert [answer for answer in answers if len(answer) > 400] == []


def test_every_line_is_one_plain_json_object_with_its_newline() -> None:
    written = "".join(json.dumps(pair, ensure_ascii=False) + "\n" for pair in PAIRS)
    assert SAMPLE.read_bytes() == written.encode()
