import json
from pathlib import Path

import polars as pl
import pytest

from studio.errors import TemplateError
from studio.record import Column
from studio.styles import STYLES, fit_columns, fitting_styles, propose_style, style_template
from studio.template.values import text_of

GOLDEN = Path(__file__).parent / "golden" / "styles.json"

ALPACA_WITH_INPUT = (
    "Below is an instruction that describes a task, paired with an input that provides further context. "
    "Write a response that appropriately completes the request.\n\n"
    "### Instruction:\nAdd.\n\n### Input:\n1 and 2\n\n### Response:"
)
ALPACA_WITHOUT_INPUT = (
    "Below is an instruction that describes a task. "
    "Write a response that appropriately completes the request.\n\n### Instruction:\nAdd.\n\n### Response:"
)
RECORD = {
    "question": "Q?",
    "answer": "A.",
    "instruction": "Add.",
    "input": "1 and 2",
    "output": "3",
    "response": "R",
    "text": "T",
}


def write_golden():
    """What every style makes of its own example."""
    texts = {
        name: style_template(name, style.example).render(style.example).to_dict()
        for name, style in STYLES.items()
    }
    return json.dumps(texts, ensure_ascii=False, indent=1) + "\n"


@pytest.mark.parametrize(
    ("style", "prompt", "completion"),
    [
        ("question-answer", "### Question:\nQ?\n\n### Answer:", "\nA."),
        ("question-only", "### Question:\nQ?\n\n### Answer:", "A."),
        (
            "alpaca-short",
            ALPACA_WITHOUT_INPUT.replace("\n\n### Response", "\n\n### Input:\n1 and 2\n\n### Response"),
            "\n3",
        ),
        ("alpaca", ALPACA_WITH_INPUT, "3"),
        ("instruction-response", "### Instruction:\nAdd.\n\n### Response:", "\nR"),
        ("input-output", "### Input:\n1 and 2\n\n### Output:", "\n3"),
        ("concatenate", "Q?", "A."),
    ],
)
def test_style_writes_its_golden_text(style, prompt, completion):
    example = style_template(style, RECORD).render(RECORD)
    assert (example.prompt, example.completion) == (prompt, completion)


@pytest.mark.parametrize(("style", "end"), [("alpaca", "3"), ("alpaca-short", "\n3")])
@pytest.mark.parametrize("record", [RECORD | {"input": ""}, {"instruction": "Add.", "output": "3"}])
def test_alpaca_without_input_has_no_input_heading(style, end, record):
    example = style_template(style, record).render(record)
    assert (example.prompt, example.completion) == (ALPACA_WITHOUT_INPUT, end)


def test_text_and_concatenate_fall_back_to_text():
    assert style_template("text", ["text"]).render({"text": "T"}).text == "T"
    assert style_template("concatenate", ["text"]).type == "text"
    assert style_template("concatenate", ["input", "output"]).render(RECORD).prompt == "1 and 2"


@pytest.mark.parametrize(
    ("columns", "style"),
    [
        (["question", "answer"], "question-answer"),
        (["instruction", "input", "output"], "alpaca-short"),
        (["instruction", "output"], "alpaca-short"),
        (["instruction", "response"], "instruction-response"),
        (["input", "output"], "input-output"),
        (["text", "url"], "text"),
        (["text", "label"], "classify"),
        (["context", "question", "answer"], "rag"),
        (["instruction", "context", "response"], "dolly"),
        (["prompt", "completion"], "completion"),
        (["prompt", "chosen", "rejected"], "preference-chosen"),
        (["a", "b"], None),
    ],
)
def test_style_that_fits_the_columns_is_proposed(columns, style):
    assert propose_style(columns) == style


def test_every_style_fits_its_own_example():
    for name, style in STYLES.items():
        assert fit_columns(name, style.example), name
        assert name in fitting_styles(style.example)


def test_the_library_writes_what_stands_in_the_golden_file():
    """Changed on purpose? `python -m tests.test_styles` writes the file anew."""
    assert write_golden() == GOLDEN.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", STYLES)
def test_one_record_and_a_whole_column_are_the_same_text(name):
    style = STYLES[name]
    for record in (style.example, dict.fromkeys(style.example, ""), dict.fromkeys(style.example)):
        template = style_template(name, style.example)
        texts = {key: None if value is None else text_of(value) for key, value in record.items()}
        columns = [Column(name=key, type="text") for key in record]
        frame = pl.DataFrame({key: [value] for key, value in texts.items()}, dict.fromkeys(texts, pl.String))
        found = frame.select(**template.render_column(columns)).row(0, named=True)
        if style.reads_turns and record is not style.example:
            assert found == {"messages": None}
        else:
            assert found == template.render(texts).to_dict()


def test_library_says_of_each_style_what_it_is_and_where_it_comes_from():
    for name, style in STYLES.items():
        assert style.name == name and style.label and style.group
        assert style.description.endswith(".") and style.source.endswith(".")
        types = {template.type for template in style.templates}
        assert types == {"messages"} if style.reads_turns else types <= {"text", "prompt-completion"}
    assert len({style.label for style in STYLES.values()}) == len(STYLES)


def test_every_variant_of_a_style_is_the_one_for_its_own_columns():
    for name, style in STYLES.items():
        for template in style.templates:
            assert style_template(name, template.columns) == template, name


TURNS = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]
SHAREGPT = [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello"}]


@pytest.mark.parametrize(
    ("style", "record"),
    [
        ("messages", {"messages": TURNS}),
        ("messages", {"conversation": TURNS}),
        ("messages", {"conversations": TURNS}),
        ("sharegpt", {"conversations": SHAREGPT}),
        ("sharegpt", {"conversation": SHAREGPT}),
        ("preference-chosen-turns", {"chosen": TURNS, "rejected": []}),
    ],
)
def test_every_turn_of_a_conversation_is_kept(style, record):
    found = style_template(style, record).render(record).to_dict()
    assert found == {"messages": TURNS}
    told = record | {"system": "Be brief."}
    first = {"role": "system", "content": "Be brief."}
    assert style_template(style, told).render(told).to_dict() == {"messages": [first, *TURNS]}


def test_sharegpt_keeps_system_and_tool_turns_and_refuses_roles_that_nobody_knows():
    turns = [{"from": role, "value": role} for role in ("system", "human", "chatgpt", "tool", "gpt")]
    template = style_template("sharegpt", ["conversations"])
    roles = [message.role for message in template.render({"conversations": turns}).messages]
    assert roles == ["system", "user", "assistant", "tool", "assistant"]
    with pytest.raises(TemplateError, match="critic"):
        template.render({"conversations": [{"from": "critic", "value": "x"}]})


@pytest.mark.parametrize(
    "columns", [["messages"], ["conversations"], ["chosen", "rejected"], ["id", "messages"]]
)
def test_a_style_of_conversations_is_never_proposed_by_names_alone(columns):
    assert propose_style(columns) is None
    assert all(STYLES[name].reads_turns for name in fitting_styles(columns)) and fitting_styles(columns)


@pytest.mark.parametrize(
    ("style", "record", "prompt", "completion"),
    [
        (
            "chatml",
            {"instruction": "Add.", "input": "1 and 2", "output": "3", "system": "Be brief."},
            "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nAdd.\n\n1 and 2<|im_end|>\n"
            "<|im_start|>assistant\n",
            "3<|im_end|>",
        ),
        (
            "llama-2",
            {"question": "Q?", "answer": "A.", "system": ""},
            "[INST] Q? [/INST]",
            " A.",
        ),
        (
            "llama-2",
            {"question": "Q?", "answer": "A.", "system": "S"},
            "[INST] <<SYS>>\nS\n<</SYS>>\n\nQ? [/INST]",
            " A.",
        ),
        (
            "qwen",
            {"question": "Q?", "answer": "A."},
            "<|im_start|>system\nYou are Qwen, created by Alibaba Cloud. You are a helpful assistant."
            "<|im_end|>\n"
            "<|im_start|>user\nQ?<|im_end|>\n<|im_start|>assistant\n",
            "A.<|im_end|>",
        ),
    ],
)
def test_chat_formats_take_a_system_prompt_where_there_is_one(style, record, prompt, completion):
    example = style_template(style, record).render(record)
    assert (example.prompt, example.completion) == (prompt, completion)


def test_style_that_does_not_fit_names_the_missing_columns():
    with pytest.raises(TemplateError, match="needs the columns question, answer") as caught:
        style_template("question-answer", ["a", "b"])
    assert "Columns are: a, b" in caught.value.message
    assert style_template("question-answer", ["a", "b"], {"question": "a", "answer": "b"})


def test_unknown_style_lists_the_known():
    with pytest.raises(TemplateError, match="No prompt style named alpacca") as caught:
        style_template("alpacca", ["a"])
    assert "alpaca-short" in caught.value.hint


if __name__ == "__main__":
    GOLDEN.write_text(write_golden(), encoding="utf-8")
