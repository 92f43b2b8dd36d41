"""What is found of records as a whole: twins, lengths, other templates; and of the courses' own data."""

import numpy as np
import pytest

from studio.quality import KINDS, NO_TWIN, OPTIONAL, scan_records
from studio.quality.lengths import FEWEST, measure_spread
from studio.quality.texts import iter_sides, read_texts
from tests.quality_cases import look_at

TURNS = {"type": "messages", "from": "turns"}


def ask(question: str, answer: str) -> dict[str, str]:
    return {"question": question, "answer": answer}


def test_of_the_very_same_records_all_but_the_first_are_duplicates(tmp_path):
    rows = [ask("a", "b"), ask("a", "c"), ask("a", "b"), ask("A", "b"), ask("a", "b"), ask("a", "b ")]
    looked = look_at(tmp_path, rows)
    assert looked.rows("exact-duplicates") == [2, 4]
    assert [one.twin for one in looked.told("exact-duplicates")] == [0, 0]


def test_one_question_with_another_answer_later_is_a_conflict(tmp_path):
    rows = [
        ask("What is it?", "A cat."),
        ask(" what  IS it? ", "A dog."),
        ask("What is it?", "a cat. "),
        ask("What is that?", "A dog."),
        ask("", "Say something."),
        ask("", "Yes?"),
        ask("What is it?", ""),
    ]
    looked = look_at(tmp_path, rows)
    assert looked.rows("conflicting-answers") == [1]
    (told,) = looked.told("conflicting-answers")
    assert (told.text, told.twin, told.twin_text) == ("A dog.", 0, "A cat.")


def test_a_question_that_was_not_answered_first_is_compared_with_the_first_answer(tmp_path):
    rows = [ask("Why?", ""), ask("Why?", "So."), ask("Why?", "Because.")]
    looked = look_at(tmp_path, rows)
    assert [(one.row, one.twin) for one in looked.told("conflicting-answers")] == [(2, 1)]


def test_near_duplicates_name_the_nearest_and_leave_out_the_very_same(tmp_path):
    text = "Lamini is a platform for developers who want to train large language models on their own data"
    rows = [
        ask("What is Lamini?", f"{text}."),
        ask("What is Lamini?", f"{text}."),
        ask("What is Lamini?", f"{text}!"),
        ask("Who wrote Hamlet?", "William Shakespeare wrote it around the year 1600."),
    ]
    looked = look_at(tmp_path, rows, also=["near-duplicates"])
    assert (looked.rows("exact-duplicates"), looked.rows("near-duplicates")) == ([1], [2])
    (told,) = looked.told("near-duplicates")
    assert told.twin == 0
    assert told.similarity is not None
    assert 0.9 < told.similarity < 1


def test_answers_far_from_the_median_are_long_or_short(tmp_path):
    usual = [ask(f"Question {n}?", "word " * (40 + n)) for n in range(40)]
    rows = [*usual, ask("How?", "word " * 2_000), ask("Who?", "I."), ask("When?", "word " * 25), ask("?", "")]
    looked = look_at(tmp_path, rows)
    assert (looked.rows("long-answer"), looked.rows("short-answer")) == ([40], [41])
    assert looked.told("long-answer")[0].why == "10,000 characters"
    assert looked.told("short-answer")[0].why == "answered “I.”"


@pytest.mark.parametrize(
    ("lengths", "far"),
    [
        ([100] * 100 + [799], []),
        ([100] * 100 + [801], [801]),
        ([100] * 100 + [13], []),
        ([100] * 100 + [12], [12]),
        ([3, 8] * 50, []),
        ([0] * 100 + [50] * FEWEST, []),
    ],
)
def test_far_is_eight_times_as_long_where_lengths_hardly_differ(lengths, far):
    spread = measure_spread(np.array(lengths, np.uint32))
    assert spread is not None
    assert [one for one in lengths if one and not spread.low <= one <= spread.high] == far


def test_of_few_answers_none_is_long(tmp_path):
    rows = [ask(f"Q {n}", "word " * 20) for n in range(FEWEST - 2)] + [ask("Why?", "word " * 9_000)]
    assert look_at(tmp_path, rows).counts() == {}


def test_a_template_that_does_not_tell_the_answer_says_what_is_not_looked_for(tmp_path):
    rows = [ask("Hi", ""), ask("Hi", "")]
    looked = look_at(tmp_path, rows, template={"text": "{question}\n{answer}"})
    assert looked.counts() == {"exact-duplicates": 1}
    needs = {code for code, kind in KINDS.items() if kind.needs_answer}
    assert set(looked.findings.skipped) == needs | {"already-formatted"}


def test_a_prompt_that_reads_no_column_makes_no_conflicts(tmp_path):
    rows = [ask("", "A joke."), ask("", "Another joke.")]
    looked = look_at(tmp_path, rows, template={"prompt": "### Tell a joke:", "completion": "{answer}"})
    assert looked.counts() == {}
    assert set(looked.findings.skipped) == {"conflicting-answers", "question-in-answer"}


def test_of_a_conversation_the_last_answer_is_looked_at(tmp_path):
    def talk(*texts: str) -> dict[str, object]:
        roles = ["user", "assistant"] * 2
        return {"turns": [{"role": role, "content": text} for role, text in zip(roles, texts, strict=False)]}

    rows = [
        talk("Hi", "Hello.", "What is the capital of France?", "What is the capital of France? Paris."),
        talk("Who are you?", "As an AI language model, I have no name."),
        talk("Hi", ""),
        talk("Hi"),
        talk("Hi", "As an AI language model, I greet you.", "Thanks", "You are welcome."),
    ]
    looked = look_at(tmp_path, rows, template=TURNS)
    assert looked.counts() == {"question-in-answer": 1, "refusal": 1, "empty-answer": 2}
    assert (looked.rows("refusal"), looked.rows("empty-answer")) == ([1], [2, 3])


@pytest.mark.parametrize(
    "template",
    [
        {"prompt": "{#a}# {a}{/a}\n{b}", "completion": " {c}!"},
        {"prompt": "{b}", "completion": "{c}{a}"},
        {"text": "{a} {c}"},
        {"prompt": "Say:", "completion": "{c}"},
        {"messages": [{"role": "system", "content": "{a}"}, {"role": "assistant", "content": "{c}"}]},
        {"from": "turns"},
        {"from": "turns", "system": "Be {a}."},
    ],
)
def test_the_texts_of_one_record_are_those_of_the_whole_table(tmp_path, template):
    user, assistant = {"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello\n"}
    rows = [
        {"a": "x", "b": "y", "c": "z", "turns": [user, assistant]},
        {"a": "", "b": None, "c": " ", "turns": [user, assistant, {"role": "user", "content": "Bye"}]},
        {"b": 1.50, "c": ["é", 1], "turns": [assistant]},
        {"a": None, "c": True, "turns": "none"},
        {"a": "\n", "b": "\n", "c": "", "turns": [user]},
    ]
    looked = look_at(tmp_path, rows, template=template)
    (texts,) = iter_sides(looked.table, looked.template, None)
    told = [read_texts(looked.template, record) for record in looked.table.take(range(len(rows)))]
    assert told == texts.select("asked", "answered", "question").to_dicts()


def test_long_records_are_looked_at_a_few_at_a_time(tmp_path):
    looked = look_at(tmp_path, [ask(f"{n}", "word " * 100_000) for n in range(40)])
    assert [len(batch) for batch in iter_sides(looked.table, looked.template, None)] == [16, 16, 8]


def test_only_the_records_that_are_left_are_looked_at_under_their_own_rows(tmp_path):
    rows = [ask("a", "b"), ask("a", "b"), ask("c", ""), ask("a", "b"), ask("d", "e")]
    looked = look_at(tmp_path, rows)
    left = np.array([1, 2, 3, 4], np.uint32)
    findings = scan_records(looked.table, looked.template, left)
    assert findings.records == 4
    duplicates = findings.found["exact-duplicates"]
    assert (duplicates["row"].tolist(), duplicates["twin"].tolist()) == ([3], [1])
    assert findings.found["empty-answer"]["row"].tolist() == [2]
    assert findings.found["empty-answer"]["twin"].tolist() == [NO_TWIN]


def test_odd_names_and_values_of_columns_are_looked_at_as_any(tmp_path):
    rows = [{"": "x", "*": 1, "^a$": None}, {"": "x", "*": 1, "^a$": [1, 2]}, {"": "x", "*": 1}]
    template = {"prompt": '{""} {"*"}', "completion": '{"^a$"}'}
    assert look_at(tmp_path, rows, template=template).counts() == {"exact-duplicates": 1, "empty-answer": 2}


def test_no_record_left_finds_nothing(tmp_path):
    looked = look_at(tmp_path, [ask("a", "b")])
    found = scan_records(looked.table, looked.template, np.empty(0, np.uint32), list(OPTIONAL)).found
    assert {len(rows) for rows in found.values()} == {0}


def test_progress_counts_all_that_is_looked_at(tmp_path):
    looked = look_at(tmp_path, [ask(str(n), "b") for n in range(10)])
    said: list[tuple[int, int]] = []
    scan_records(looked.table, looked.template, None, progress=lambda done, total: said.append((done, total)))
    assert said == [(10, 10)]


def test_every_kind_says_what_it_means_and_what_to_do_in_a_few_words():
    for kind in KINDS.values():
        assert 40 < len(kind.explanation) < 320
        assert kind.explanation.endswith(".")
    assert {KINDS[code].optional for code in OPTIONAL.values()} == set(OPTIONAL)
