"""What a pass finds of records: each finding with its rows, the lengths, the fates at a max length."""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from studio.check import scan as scanning
from studio.check.arrays import Scanned, append_records, read_records
from studio.check.findings import KINDS, Report, build_report, find_lengths, find_records
from studio.check.lengths import MOST_BARS, measure_lengths
from studio.check.scan import scan_table
from studio.errors import TableError
from studio.pipeline import load_table
from studio.record import Example
from studio.settings import ASSETS
from studio.source import Source
from studio.table import Table
from studio.template import parse_template
from studio.tokens import Tokens
from studio.tokens.chat import ChatRefusedError
from studio.tokens.tiny import train_tiny
from studio.tokens.tokenizer import Tokenizer

PROMPT = {"type": "prompt-completion", "prompt": "Question: {question}\nAnswer:", "completion": "{answer}"}
CHAT = {"type": "messages", "from": "turns", "roles": {"human": "user", "gpt": "assistant"}}


@dataclass
class Words:
    """A tokenizer whose tokens are words: <s> is its start token, . its end; it refuses what says NO."""

    special_texts: tuple[str, ...] = ("<|end|>",)
    asked: int = 0

    def encode(self, examples: Sequence[Example]) -> list[Tokens]:
        self.asked += len(examples)
        return [self._encode(place, example) for place, example in enumerate(examples)]

    def _encode(self, place: int, example: Example) -> Tokens:
        turns = [(turn.role == "assistant", turn.content) for turn in example.messages] or [
            (False, example.prompt),
            (True, example.completion + example.text),
        ]
        if any("NO" in text for _, text in turns):
            raise ChatRefusedError("It says NO.", "Take it out.", place=place)
        words, answers = list[str](), list[tuple[int, int]]()
        for learnt, text in turns:
            start, words = len(words), [*words, *text.split()]
            if learnt and len(words) > start:
                answers.append((start, len(words)))
        return Tokens(
            ids=list(range(len(words))),
            text=" ".join(words),
            answers=tuple(answers),
            merged="melts" in words,
            double_start=words[:2] == ["<s>", "<s>"],
            end_trained=words[-1:] == ["."],
            encoding=None,
            specials=frozenset(),
        )


@pytest.fixture
def load(write_jsonl, settings, tmp_path):
    def load_records(records: list[dict[str, Any]]) -> Table:
        return load_table(Source(path=str(write_jsonl(records))), tmp_path / "table", settings)

    return load_records


def scan(table: Table, template: dict[str, Any], tokenizer: Any = None, rows: Any = None, batch: int = 3):
    parts = list(scan_table(table, parse_template(template), rows, tokenizer or Words(), batch))
    whole = {name: [getattr(part, name) for part, _ in parts] for name in Scanned.__dataclass_fields__}
    found = Scanned(**{name: np.concatenate(some) for name, some in whole.items()})
    return found, next((problem for _, problem in parts if problem), "")


def report(table: Table, template: dict[str, Any], max_length: int = 512) -> Report:
    found, problem = scan(table, template)
    return build_report(found, max_length, len(found), problem)


def rows_by_code(found: Report) -> dict[str, list[int]]:
    return {one.code: list(one.rows) for one in found.findings if one.count and one.code != "rendered"}


def ask(answer: Any = "Yes .", question: Any = "Why?") -> dict[str, Any]:
    return {"question": question, "answer": answer}


def test_every_kind_of_finding_names_the_rows_that_have_it(load):
    table = load(
        [
            ask(),
            ask(answer="  \n"),
            ask(question=None),
            {"answer": "Yes ."},
            ask(answer="No <|end|> ."),
            ask(answer="Question: Again?\nAnswer: No ."),
            ask(question="melts"),
            ask(answer="no end"),
            ask(answer="word " * 20 + "."),
            ask(question="word " * 20),
        ]
    )
    assert rows_by_code(report(table, PROMPT, max_length=10)) == {
        "blank-completion": [1],
        "missing-value": [2, 3],
        "too-long": [9],
        "answer-cut": [8],
        "merged-boundary": [6],
        "control-tokens": [4],
        "template-marks": [5],
        "end-not-trained": [7],
        "nothing-trained": [1],
    }


def test_a_blank_prompt_and_a_start_token_twice_are_found(load):
    table = load([ask(question=" "), ask(question="<s> <s> Hi"), ask(question="<s> Hi")])
    template = {"type": "prompt-completion", "prompt": "{question}", "completion": "{answer}"}
    assert rows_by_code(report(table, template)) == {"blank-prompt": [0], "double-start": [1]}


def test_a_blank_text_is_a_blank_completion(load):
    assert rows_by_code(report(load([ask(), ask(answer="")]), {"text": "{answer}"})) == {
        "blank-completion": [1],
        "nothing-trained": [1],
    }


@pytest.mark.parametrize(
    ("prompt", "missing"),
    [
        ("{question}", [1, 2]),
        ("{#question}Q: {question}{/question}", []),
        ("{^question}none{/question}", []),
        ("{^question}{question}{/question}", [1, 2]),
        ("{#answer}{question}{/answer}", [1]),
        ("{#question}{#answer}{question}{/answer}{/question}", []),
    ],
)
def test_a_value_is_missing_only_where_it_would_be_written(load, prompt, missing):
    table = load([ask(), {"answer": "Yes ."}, {"question": None, "answer": ""}, ask(question="")])
    template = {"type": "prompt-completion", "prompt": prompt, "completion": "{#answer}{answer}{/answer}"}
    assert rows_by_code(report(table, template)).get("missing-value", []) == missing


def test_a_cell_is_read_as_text_whatever_the_type_of_its_column(load):
    table = load([ask(answer=3), ask(answer={"a": "<|end|>"}), ask(answer="<|end|>"), ask(answer="ok")])
    assert rows_by_code(report(table, PROMPT))["control-tokens"] == [1, 2]


def test_columns_that_the_template_does_not_read_are_not_looked_at(load):
    table = load([ask() | {"other": "<|end|>", "none": None}])
    assert rows_by_code(report(table, PROMPT)) == {}


def test_a_template_without_a_placeholder_has_one_text_for_all_records(load):
    found = report(load([ask(), ask(), ask(), ask()]), {"text": "Hello ."})
    assert (found.lengths.records, found.lengths.max, found.blocking) == (4, 2, ())


def test_a_conversation_of_another_shape_is_named_with_its_line_and_stops_a_launch(load):
    turns = [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello ."}]
    odd = [{"from": "oracle", "value": "Hi"}]
    table = load([{"turns": value} for value in (turns, turns, turns, odd, None, "text", turns)])
    template = CHAT | {"role": "from", "content": "value"}
    found = report(table, template)
    assert rows_by_code(found)["not-rendered"] == [3, 4, 5]
    assert [one.code for one in found.blocking] == ["not-rendered"]
    assert "Line 4" in found.blocking[0].explanation
    assert "oracle" in found.blocking[0].explanation
    assert found.lengths.records == 4


def test_what_the_chat_template_refuses_is_not_rendered_and_the_others_are(load):
    said = ["Hi", "NO", "Hi", "Hi", "NO", "NO", "Hi", "Hi"]
    turns = [[{"role": "user", "content": text}, {"role": "assistant", "content": "Yes ."}] for text in said]
    table = load([{"turns": one} for one in turns])
    found, problem = scan(table, CHAT, batch=100)
    assert find_records(found, "not-rendered", 512).tolist() == [1, 4, 5]
    assert found.length.tolist() == [3, 0, 3, 3, 0, 0, 3, 3]
    assert problem == "It says NO."


def test_a_batch_that_is_refused_whole_is_not_asked_for_again_and_again(load):
    tokenizer, turns = Words(), [{"role": "user", "content": "NO"}]
    scan(load([{"turns": turns}] * 300), CHAT, tokenizer, batch=300)
    assert tokenizer.asked < 20 * 300


def test_only_the_chosen_rows_are_looked_at(load):
    table = load([ask(f"{number} .") for number in range(10)])
    found, _ = scan(table, PROMPT, rows=np.array([0, 1, 7], np.uint32))
    assert found.row.tolist() == [0, 1, 7]


def test_the_tokens_are_those_that_training_sees(load):
    table = load([ask(f"It is {number}.", f"What is {number}?") for number in range(7)])
    template = parse_template(PROMPT)
    examples = [template.render(record) for record in table.iter_records()]
    tokenizer = Tokenizer(*train_tiny([one.prompt + one.completion for one in examples], []))
    found, _ = scan(table, PROMPT, tokenizer)
    tokens = tokenizer.encode(examples)
    assert found.length.tolist() == [one.length for one in tokens]
    assert found.first.tolist() == [one.first_trained for one in tokens]
    assert not build_report(found, 512, 7).blocking


def test_all_records_lost_stop_a_launch_and_one_that_is_left_does_not(load):
    table = load([ask(), ask(question="word " * 20)])
    assert [one.code for one in report(table, PROMPT, max_length=1).blocking] == ["nothing-trained"]
    assert report(table, PROMPT, max_length=10).blocking == ()


def test_an_empty_table_has_nothing_to_say():
    found = build_report(Scanned.empty(0), 512, 0)
    assert (found.blocking, found.warnings, found.lengths.bars) == ((), (), ())
    assert [one.code for one in found.findings] == list(KINDS)


def test_any_is_every_record_with_a_problem(load):
    found, _ = scan(load([ask(), ask(answer=""), ask(), ask(question=None)]), PROMPT)
    assert find_records(found, "any", 512).tolist() == [1, 3]
    assert find_records(found, "rendered", 512).tolist() == [0, 1, 2, 3]


def test_the_page_calls_findings_by_their_titles():
    script = (ASSETS / "scripts" / "browse" / "among.js").read_text()
    named = {code: kind.title for code, kind in KINDS.items()}
    titles = script[script.index("const TITLES") : script.index("const QUALITY")]
    told = dict(re.findall(r'^  "?([a-z-]+)"?: "(.+)",$', titles, re.MULTILINE))
    assert told == {"any": "any problem", **named}


def test_an_unknown_finding_is_refused_in_words():
    with pytest.raises(TableError, match="no finding 'nonsense'"):
        find_records(Scanned.empty(1), "nonsense", 512)


def make_scanned(lengths: Sequence[int]) -> Scanned:
    """Records of which all but the first token are trained."""
    found = Scanned.empty(len(lengths))
    found.row[:] = np.arange(len(lengths))
    found.length[:], found.stop[:] = lengths, lengths
    found.first[:] = np.minimum(1, lengths)
    return found


def test_a_fate_is_that_of_the_tokens_themselves():
    chance = random.Random(5)
    for _ in range(300):
        length = chance.randint(0, 12)
        ends = sorted(chance.sample(range(length + 1), min(length + 1, 2 * chance.randint(0, 2)) // 2 * 2))
        answers = tuple(zip(ends[::2], ends[1::2], strict=True))
        tokens = Tokens(ids=[0] * length, text="", answers=answers, encoding=None, specials=frozenset())
        found = Scanned.empty(1)
        found.length[0], found.first[0] = tokens.length, tokens.first_trained
        found.stop[0] = answers[-1][1] if answers else 0
        for max_length in range(1, 14):
            lengths = measure_lengths(found, max_length)
            fates = {"fit": lengths.fit, "cut": lengths.cut, "lost": lengths.lost}
            assert fates.pop(tokens.fate(max_length)) == 1
            assert set(fates.values()) == {0}


def test_percentiles_are_lengths_that_records_have():
    lengths = measure_lengths(make_scanned(range(1, 101)), 512)
    assert (lengths.median, lengths.p95, lengths.p99, lengths.max) == (50, 95, 99, 100)
    assert measure_lengths(make_scanned([7]), 512).median == 7


@pytest.mark.parametrize(
    "lengths",
    [
        [5],
        [0],
        range(60),
        range(1, 62),
        [9, 10],
        range(7, 5_000),
        [*range(1, 500), 90_000],
        [3] * 9 + [10**6],
    ],
)
def test_bars_hold_every_record_once_and_exactly_what_they_say(lengths):
    found = make_scanned(list(lengths))
    bars = measure_lengths(found, 512).bars
    assert sum(bar.count for bar in bars) == len(found)
    assert len(bars) <= MOST_BARS
    assert all(one.high == other.low for one, other in pairwise(bars))
    for bar in bars:
        assert len(find_lengths(found, bar.low, bar.high - 1)) == bar.count


def test_a_long_tail_leaves_the_other_bars_narrow():
    bars = measure_lengths(make_scanned([*range(1, 500), 90_000]), 512).bars
    assert (bars[0].high - bars[0].low, bars[-1].high) == (10, 90_001)


def test_records_come_back_from_the_file_as_far_as_they_count(tmp_path: Path):
    path = tmp_path / "records.bin"
    append_records(path, make_scanned([3, 4, 5]))
    append_records(path, make_scanned([6, 7]))
    assert read_records(path, 5).length.tolist() == [3, 4, 5, 6, 7]
    assert read_records(path, 3).length.tolist() == [3, 4, 5]
    assert len(read_records(path, 0)) == len(read_records(tmp_path / "none", 9)) == 0


def test_long_records_are_encoded_a_few_at_once(load, monkeypatch):
    table = load([ask(answer="word " * 200 + ".") for _ in range(6)] + [ask()] * 3)
    sizes: list[int] = []
    monkeypatch.setattr(scanning, "_CHARACTERS", 2_500)
    tokenizer = Words()
    encode = tokenizer.encode
    monkeypatch.setattr(tokenizer, "encode", lambda asked: sizes.append(len(asked)) or encode(asked))
    found, _ = scan(table, PROMPT, tokenizer, batch=100)
    assert sizes == [2, 2, 2 + 3]
    assert (found.length > 0).all()
