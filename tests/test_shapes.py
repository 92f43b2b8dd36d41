"""Shapes: what kind of records a table holds, and why."""

import gzip
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from studio.pipeline import load_table
from studio.record import Column, FeatureType, Json
from studio.settings import Settings
from studio.shapes import RECORDS_LOOKED_AT, Shape, detect_formatted, detect_shapes, look_at
from studio.source import parse_source
from studio.styles import STYLES, propose_style, style_template
from studio.table import Table
from tests.examples import examples

TURNS = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]
SHAREGPT = [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello"}]

Rows = Sequence[Mapping[str, Any]]


def as_records(rows: Rows) -> list[dict[str, Any]]:
    """Rows as a table's records: whatever is no text in its JSON spelling."""
    return [
        {
            name: value if isinstance(value, str) or value is None else Json(json.dumps(value))
            for name, value in row.items()
        }
        for row in rows
    ]


def name_type(values: Iterable[Any]) -> FeatureType:
    """The feature type of a column; of several kinds of values it is json."""
    kinds = {type(value) for value in values} - {type(None)}
    return "text" if kinds <= {str} else "integer" if kinds == {int} else "json"


def detect(*rows: Mapping[str, Any]) -> tuple[Shape, ...]:
    names = dict.fromkeys(name for row in rows for name in row)
    columns = [Column(name=name, type=name_type(row.get(name) for row in rows)) for name in names]
    return detect_shapes(columns, as_records(rows))


def fill(*names: str) -> dict[str, str]:
    return {name: f"the {name}" for name in names}


@pytest.fixture
def load(tmp_path: Path, settings: Settings):
    def read(path: Path) -> Table:
        return load_table(parse_source(str(path)), tmp_path / f"{path.stem}.table", settings)

    return read


@pytest.mark.parametrize(
    ("names", "shape", "style"),
    [
        (("question", "answer"), "question-answer", "question-answer"),
        (("instruction", "response"), "instruction-response", "instruction-response"),
        (("input", "output"), "input-output", "input-output"),
        (("prompt", "completion"), "prompt-completion", "completion"),
        (("prompt", "response"), "prompt-response", "completion"),
        (("instruction", "input", "output"), "alpaca", "alpaca-short"),
        (("instruction", "output"), "alpaca-without-input", "alpaca-short"),
        (("instruction", "context", "response", "category"), "dolly", "dolly"),
        (("context", "question", "answer"), "rag", "rag"),
        (("prompt", "chosen", "rejected"), "preference", "preference-chosen"),
        (("text",), "text", "text"),
        (("text", "label"), "classify", "classify"),
        (("document", "summary"), "summarize", "summarize"),
    ],
)
def test_names_of_columns_say_the_shape(names: tuple[str, ...], shape: str, style: str) -> None:
    first = detect(fill(*names))[0]
    assert (first.name, first.style, dict(first.columns), first.certain) == (shape, style, {}, True)
    assert first.reasons[0].startswith("has ") or shape == "text"
    assert style == propose_style(names)


def test_the_reason_names_the_columns_that_are_there() -> None:
    assert detect(fill("instruction", "input", "output"))[0].reasons == ("has instruction, input and output",)
    assert detect(fill("question", "answer"))[0].reasons == ("has question and answer",)


@pytest.mark.parametrize(
    ("names", "columns"),
    [
        (("Question", "ANSWER"), {"question": "Question", "answer": "ANSWER"}),
        (("question_text", "answer_text"), {"question": "question_text", "answer": "answer_text"}),
        (("questionText", "the answer"), {"question": "questionText", "answer": "the answer"}),
        (("questions", "answers"), {"question": "questions", "answer": "answers"}),
        (("query", "answer"), {"question": "query"}),
        (("id", "question", "Question", "answer"), {}),
    ],
)
def test_near_names_give_a_column_map_with_its_reason(
    names: tuple[str, ...], columns: dict[str, str]
) -> None:
    first = detect(fill(*names))[0]
    assert (first.style, dict(first.columns), first.certain) == ("question-answer", columns, True)
    for placeholder, column in columns.items():
        taken = f"is taken for {placeholder}: "
        assert any(taken in reason and column in reason for reason in first.reasons)


def test_a_name_that_only_looks_like_another_is_not_certain() -> None:
    first = detect(fill("qestion", "answer"))[0]
    assert dict(first.columns) == {"question": "qestion"} and not first.certain
    assert "not certain: qestion only looks like question" in first.reasons


@pytest.mark.parametrize(
    "names", [("content", "contexts"), ("a", "b"), ("quest", "answering"), ("x", "output")]
)
def test_other_words_are_no_near_names(names: tuple[str, ...]) -> None:
    assert not any(shape.style in ("question-answer", "input-output") for shape in detect(fill(*names)))


def test_a_column_that_is_empty_or_holds_lists_is_not_certain() -> None:
    rows = [{"question": "Q", "answer": ""}, {"question": "Q", "answer": None}]
    assert "not certain: answer is empty in all 2 records looked at" in detect(*rows)[0].reasons
    first = detect({"question": "Q", "answer": ["a", "b"]})[0]
    assert "not certain: answer is a list or an object in 1 of 1 records looked at" in first.reasons
    assert not first.certain


def test_an_alpaca_file_without_any_input_is_alpaca_all_the_same() -> None:
    assert detect({"instruction": "I", "input": "", "output": "O"})[0].certain


def test_the_only_column_of_text_is_taken_and_said_to_be_uncertain() -> None:
    (shape,) = detect({"id": 1, "verse": "Roses are red."}, {"id": 2, "verse": "Violets are blue."})
    assert (shape.style, dict(shape.columns), shape.certain) == ("text", {"text": "verse"}, False)
    assert "no other column holds text" in shape.reasons[0]


def test_columns_that_say_nothing_give_no_shape() -> None:
    assert detect({"a": "x", "b": "y"}) == () and detect() == ()


@pytest.mark.parametrize(
    ("column", "turns", "style", "columns"),
    [
        ("conversations", SHAREGPT, "sharegpt", {}),
        ("conversation", SHAREGPT, "sharegpt", {"conversations": "conversation"}),
        ("messages", TURNS, "messages", {}),
        ("conversations", TURNS, "messages", {"messages": "conversations"}),
        ("my chat", TURNS, "messages", {"messages": "my chat"}),
        ("messages", SHAREGPT, "sharegpt", {"conversations": "messages"}),
    ],
)
def test_a_list_of_turns_is_a_conversation_whatever_its_name(
    column: str, turns: list[dict[str, str]], style: str, columns: dict[str, str]
) -> None:
    row = {"id": 1, column: turns}
    first = detect(*[row] * 100)[0]
    assert (first.style, dict(first.columns), first.certain) == (style, columns, True)
    keys = "from and value" if turns is SHAREGPT else "role and content"
    assert f"is a list of turns with {keys} in 100 of 100 records looked at" in first.reasons[0]
    (record,) = as_records([row])
    assert len(first.to_template(row).render(record).messages) == 2


def test_a_conversation_in_text_is_read_as_well() -> None:
    assert detect({"messages": json.dumps(TURNS)})[0].style == "messages"


def test_a_system_column_comes_first_and_is_named() -> None:
    first = detect({"conversations": SHAREGPT, "system_prompt": "Be brief."})[0]
    assert dict(first.columns) == {"system": "system_prompt"}
    assert "system_prompt comes first where a conversation has no system turn" in first.reasons
    record = as_records([{"conversations": SHAREGPT, "system_prompt": "Be brief."}])[0]
    assert first.to_template(record).render(record).messages[0].content == "Be brief."


def test_other_keys_and_roles_give_a_template_of_its_own() -> None:
    turns = [{"speaker": "Bot", "text": "Hi"}, {"speaker": "human", "text": "Hello"}]
    first = detect({"dialog": turns})[0]
    assert first.style is None and first.template == {
        "type": "messages",
        "from": "dialog",
        "role": "speaker",
        "content": "text",
        "roles": {"Bot": "assistant", "human": "user"},
    }
    record = as_records([{"dialog": turns}])[0]
    roles = [message.role for message in first.to_template(["dialog"]).render(record).messages]
    assert roles == ["assistant", "user"]


def test_conversations_that_cannot_be_read_are_counted_with_the_first_reason() -> None:
    odd = [*SHAREGPT, {"from": "critic", "value": "Well."}]
    first = detect({"conversations": SHAREGPT}, {"conversations": odd}, {"conversations": SHAREGPT})[0]
    assert first.style == "sharegpt" and not first.certain
    assert "in 2 of 3 records looked at" in first.reasons[0]
    assert "not certain: 1 cannot be read" in first.reasons[-1] and "critic" in first.reasons[-1]


def test_a_conversation_without_an_answer_is_not_certain() -> None:
    first = detect({"messages": TURNS[:1]})[0]
    assert not first.certain and "not certain: messages holds no turn of an assistant" in first.reasons


@pytest.mark.parametrize(
    "value", [[], [1, 2], [{"a": 1}], [["role", "content"]], {"role": "user"}, [[]], [None]]
)
def test_other_lists_are_no_conversation(value: Any) -> None:
    assert not any(
        shape.name in ("messages", "sharegpt", "conversation") for shape in detect({"list": value})
    )


def test_of_a_preference_pair_the_chosen_conversation_is_taken() -> None:
    first = detect({"prompt": "Hi", "chosen": TURNS, "rejected": TURNS})[0]
    assert (first.name, first.style, first.certain) == ("preference", "preference-chosen-turns", True)


def test_a_preference_pair_whose_question_stands_elsewhere_is_never_certain() -> None:
    shapes = detect({"prompt": TURNS[:1], "chosen": TURNS[1:], "rejected": TURNS[1:]})
    assert not any(shape.certain for shape in shapes)


def test_a_preference_pair_of_texts_is_known_by_any_of_its_names() -> None:
    for asked in ("prompt", "question", "instruction"):
        first = detect(fill(asked, "chosen", "rejected"))[0]
        assert (first.name, first.style) == ("preference", "preference-chosen")
        assert first.reasons == (f"has {asked}, chosen and rejected",)


WORDS = st.sampled_from(
    [
        *(
            "question",
            "answer",
            "instruction",
            "input",
            "output",
            "response",
            "context",
            "prompt",
            "completion",
        ),
        *(
            "text",
            "chosen",
            "rejected",
            "system",
            "messages",
            "conversations",
            "document",
            "summary",
            "label",
        ),
        *("Question", "answer_text", "Inputs", "qestion", "a.b", "", '"x"', "🙂", "{", "code", "a", "q"),
    ]
)
VALUES = st.sampled_from(
    [
        "",
        "words",
        "### Question:\nx\n\n### Answer:",
        "[INST] a [/INST] b",
        TURNS,
        SHAREGPT,
        [],
        ["x"],
        None,
        5,
    ]
)


@hypothesis_settings(max_examples=examples(150), deadline=None)
@given(st.lists(st.dictionaries(WORDS, VALUES, min_size=1, max_size=7), min_size=1, max_size=3))
def test_the_template_of_every_shape_checks_against_the_columns(rows: list[dict[str, Any]]) -> None:
    names = list(dict.fromkeys(name for row in rows for name in row))
    for shape in detect(*rows):
        template = shape.to_template(names)
        template.check(names)
        assert shape.reasons and all(reason and "\n" not in reason for reason in shape.reasons)
        assert shape.certain or any("not certain" in reason or "on top" in reason for reason in shape.reasons)
        assert (shape.style in STYLES) != (shape.template is not None)
        assert not set(shape.columns.values()) - set(names)


def test_at_most_200_records_from_all_over_the_table_are_looked_at(load, write_jsonl) -> None:
    table = load(write_jsonl([{"question": str(n), "answer": "a"} for n in range(1_001)]))
    records = look_at(table)
    rows = [int(record["question"]) for record in records]
    assert len(rows) == RECORDS_LOOKED_AT and rows[0] == 0 and rows[-1] > 990 and rows == sorted(set(rows))


def test_real_data_of_the_courses_has_its_shapes(lamini_docs: Path, instruction_data: Path, load) -> None:
    table = load(lamini_docs)
    assert [shape.style for shape in detect_shapes(table.columns, look_at(table))] == ["question-answer"]
    assert detect_formatted(look_at(table), table.names) == ()
    table = load(instruction_data)
    first = detect_shapes(table.columns, look_at(table))[0]
    assert (first.name, first.style, first.certain) == ("alpaca", "alpaca-short", True)
    assert detect_formatted(look_at(table), table.names) == ()


def test_the_courses_processed_file_is_used_as_it_is(course_data: Path, tmp_path: Path, load) -> None:
    path = tmp_path / "lamini_docs_processed.jsonl"
    path.write_bytes(gzip.decompress((course_data / "lamini_docs_processed.jsonl.gz").read_bytes()))
    table = load(path)
    (found,) = detect_formatted(table.take(range(len(table))), table.names)
    assert (found.column, found.marks, found.style) == (
        "question",
        ("### Question:", "### Answer:"),
        "question-answer",
    )
    assert found.records == found.of == 1400
    first, *others = detect_shapes(table.columns, look_at(table))
    assert (first.name, first.style, dict(first.columns)) == (
        "formatted",
        "completion",
        {"prompt": "question", "completion": "answer"},
    )
    assert first.certain and not any(other.certain for other in others)
    record = table.record(0)
    example = first.to_template(table.names).render(record)
    assert (example.prompt, example.completion) == (record["question"], record["answer"])


MARKED = {
    "question-answer": "question-answer",
    "question-only": "question-answer",
    "alpaca-short": "alpaca-short",
    "alpaca": "alpaca",
    "instruction-response": "instruction-response",
    "input-output": "input-output",
    "dolly": "dolly",
    "user-assistant": "user-assistant",
    "rag": "rag",
    "chatml": "chatml",
    "llama-2": "mistral",
    "llama-3": "llama-3",
    "mistral": "mistral",
    "gemma": "gemma",
    "phi-3": "phi-3",
    "zephyr": "zephyr",
    "qwen": "qwen",
    "vicuna": "vicuna",
}


@pytest.mark.parametrize("style", MARKED)
def test_what_a_style_has_written_is_known_for_it(style: str) -> None:
    """Llama 2 and Mistral write the same where there is no system prompt."""
    example = style_template(style, STYLES[style].example).render(STYLES[style].example)
    rows = [{"text": example.prompt + example.completion}, {"text": example.prompt + example.completion}]
    (found,) = detect_formatted(rows, ["text"])
    assert (found.column, found.style, found.records, found.of) == ("text", MARKED[style], 2, 2)
    first = detect(*rows)[0]
    assert (first.name, first.style, dict(first.columns), first.certain) == ("formatted", "text", {}, True)
    pair = {"prompt": example.prompt, "completion": example.completion}
    first = detect(pair, pair)[0]
    assert (first.style, dict(first.columns)) == ("completion", {})


def test_a_system_prompt_tells_llama_2_from_mistral() -> None:
    (found,) = detect_formatted([{"a": "[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nHi [/INST] Hello"}], ["a"])
    assert found.style == "llama-2"


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("\n\nHuman: Hi\n\nAssistant: Hello", ("Human:", "Assistant:")),
        ("### Human: Hi\n### Assistant: Hello", ("### Human:", "### Assistant:")),
    ],
)
def test_marks_of_no_style_are_said_all_the_same(text: str, marks: tuple[str, ...]) -> None:
    (found,) = detect_formatted([{"text": text}], ["text"])
    assert (found.marks, found.style) == (marks, None)


def test_a_pair_of_marked_texts_is_learned_from_its_chosen_side_alone() -> None:
    marked = "\n\nHuman: Hi\n\nAssistant: Hello"
    (shape,) = detect({"chosen": marked, "rejected": marked})
    assert (shape.style, dict(shape.columns)) == ("text", {"text": "chosen"})


def test_an_unformatted_pair_beside_its_formatted_text_comes_first() -> None:
    row = fill("instruction", "input", "output")
    text = "Below is an instruction that describes a task.\n\n### Instruction:\nx\n\n### Response:\ny"
    shapes = detect(row | {"text": text})
    assert shapes[0].name == "alpaca" and shapes[0].certain
    assert "formatted" in [shape.name for shape in shapes]


def test_an_earlier_answer_in_the_prompt_does_not_make_it_the_whole_text() -> None:
    prompt = "USER: a ASSISTANT: b USER: c ASSISTANT:"
    first = detect({"prompt": prompt, "completion": " d"})[0]
    assert first.style == "completion"


TALK = [
    "In ChatML a turn begins with <|im_start|> and ends with <|im_end|>, as in <|im_start|>user.",
    "Write the prompt as ### Question: and then ### Answer: on one line.",
    "Alpaca's headings are ### Instruction: and ### Response:.",
    "The user: she wrote. The assistant: it answered.",
    "Llama wraps it in [INST].",
    "USER and ASSISTANT are the roles of Vicuna.",
    "<|user|> is a mark of Zephyr.",
    "Our assistant: ready at nine.\nUsers: many.",
]


@pytest.mark.parametrize("talk", TALK)
def test_a_text_that_speaks_of_marks_is_not_formatted(talk: str) -> None:
    assert detect_formatted([{"answer": talk}] * 10, ["answer"]) == ()


def test_marks_in_fewer_than_a_fifth_of_the_records_raise_no_alarm() -> None:
    marked = {"question": "How is it written?", "answer": "So:\n### Question:\nWhat?\n\n### Answer:\nThat."}
    plain = {"question": "Q", "answer": "A"}
    assert detect_formatted([marked, *[plain] * 5], ["question", "answer"]) == ()
    assert all(shape.certain for shape in detect(marked, *[plain] * 5))
    (found,) = detect_formatted([marked, *[plain] * 4], ["question", "answer"])
    assert (found.column, found.records, found.of) == ("answer", 1, 5)


def test_a_table_that_is_partly_formatted_is_used_neither_way_with_certainty() -> None:
    marked = {"question": "### Question:\nQ\n\n### Answer:", "answer": "A"}
    plain = {"question": "Q", "answer": "A"}
    shapes = detect(marked, plain, plain)
    assert [shape.style for shape in shapes] == ["question-answer"] and not shapes[0].certain
    assert "in 1 of 3 records looked at: this template would come on top of them" in shapes[0].reasons[-1]


def test_long_cells_are_known_by_their_beginning_and_their_end() -> None:
    long = "[INST] " + "word " * 50_000 + " [/INST] answer"
    (found,) = detect_formatted([{"text": long}], ["text"])
    assert found.style == "mistral"
