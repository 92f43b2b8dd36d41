import pytest

from studio.errors import TemplateError
from studio.styles import STYLES, fitting_styles, propose_style, style_template

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
        (["a", "b"], None),
    ],
)
def test_style_that_fits_the_columns_is_proposed(columns, style):
    assert propose_style(columns) == style


def test_every_style_is_proposed_somewhere():
    assert set(fitting_styles(RECORD)) == set(STYLES)


def test_style_that_does_not_fit_names_the_missing_columns():
    with pytest.raises(TemplateError, match="needs the columns question, answer") as caught:
        style_template("question-answer", ["a", "b"])
    assert "Columns are: a, b" in caught.value.message
    assert style_template("question-answer", ["a", "b"], {"question": "a", "answer": "b"})


def test_unknown_style_lists_the_known():
    with pytest.raises(TemplateError, match="No prompt style named alpacca") as caught:
        style_template("alpacca", ["a"])
    assert "alpaca-short" in caught.value.hint
