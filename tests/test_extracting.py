"""The response in a generated text: the book's step, and what its cut by length would get wrong."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from studio.cli import app
from studio.compare import extract_response
from studio.errors import ReadError

ALPACA = "Below is an instruction.\n\n### Instruction:\nName a pet."
QUESTION = "### Question:\nWhat is Lamini?\n\n### Answer:"


@pytest.mark.parametrize(
    ("text", "prompt", "response"),
    [
        # The book: the prompt ends before the marker, which the model writes itself.
        (f"{ALPACA}\n\n### Response:\nA cat.", ALPACA, "A cat."),
        (f"{ALPACA}\n\n### Response:\nA cat.", f"{ALPACA}\n\n### Response:", "A cat."),
        (f"{ALPACA}\n\n### Response:\nA cat.", None, "A cat."),
        (f"\n{ALPACA}\n\n### Response:\nA cat.", ALPACA + "\n", "A cat."),
        (f"{QUESTION}\nAn engine.", QUESTION, "An engine."),
        # A prompt that was not repeated is not cut out of the answer by its length.
        ("\n A cat.\n", ALPACA, "A cat."),
        ("A cat.", None, "A cat."),
        # A turn that the model makes up.
        (f"{QUESTION}\nAn engine.\n\n### Question:\nAnd what", QUESTION, "An engine."),
        ("### Response:\nA cat.\n### Response:\nA dog.", None, "A cat."),
        ("A cat.\n\n### End", ALPACA, "A cat."),
        ("A cat.<|endoftext|>Once upon", ALPACA, "A cat."),
        # What only looks like a turn stays.
        ("Write ### Instruction first.", None, "Write ### Instruction first."),
        ("### Instructions for cats", ALPACA, "### Instructions for cats"),
        # Nothing.
        (f"{ALPACA}\n\n### Response:", ALPACA, ""),
        ("", None, ""),
        (f"{QUESTION}\n### Question:\nAnother?", QUESTION, ""),
    ],
)
def test_the_response_is_what_the_model_answered(text: str, prompt: str | None, response: str) -> None:
    assert extract_response(text, prompt) == response


def test_the_markers_can_be_ones_own() -> None:
    assert extract_response("USER: hi ASSISTANT: hello", markers=("ASSISTANT:",)) == "hello"
    assert extract_response("### Response: hello", markers=()) == ""
    assert extract_response("hello", markers=("",)) == "hello"


def test_a_response_is_extracted_once() -> None:
    for text in (f"{ALPACA}\n\n### Response:\nA cat.", f"{QUESTION}\nAn engine.\n\n### Question:\nAnd"):
        once = extract_response(text)
        assert extract_response(once) == once


def extract(tmp_path: Path, written: str, *words: str) -> str:
    path = tmp_path / "generated.jsonl"
    path.write_text(written)
    done = CliRunner().invoke(app, ["extract", str(path), *words])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.output


def test_a_file_gets_the_response_of_each_record(tmp_path: Path) -> None:
    lines = [{"instruction": "Name a pet.", "generated_text": f"{ALPACA}\n\n### Response:\nA cät."}]
    written = json.dumps(lines[0]) + "\n\n"
    assert json.loads(extract(tmp_path, written)) == lines[0] | {"model_response": "A cät."}
    out = tmp_path / "out.jsonl"
    assert "1 record" in extract(tmp_path, json.dumps(lines), "--out", str(out))
    assert json.loads(out.read_text()) == lines[0] | {"model_response": "A cät."}
    with pytest.raises(ReadError, match="is there already"):
        extract(tmp_path, json.dumps(lines), "--out", str(out))


def test_a_file_may_name_its_columns(tmp_path: Path) -> None:
    written = json.dumps({"asked": QUESTION, "said": f"{QUESTION}\nAn engine."}) + "\n"
    found = extract(tmp_path, written, "--text", "said", "--prompt", "asked", "--into", "said")
    assert json.loads(found) == {"asked": QUESTION, "said": "An engine."}


@pytest.mark.parametrize(
    ("written", "words", "said"),
    [
        ("{}\n", (), "Record 1 .* has no text in generated_text"),
        ('{"generated_text": 5}\n', (), "Record 1 .* has no text in generated_text"),
        ('{"generated_text": "a"}\n', ("--prompt", "asked"), "Record 1 .* has no text in asked"),
        ('{"generated_text": "a"}\nnonsense\n', (), "Line 2 .* is no JSON object"),
        ("[1]", (), "is no list of JSON objects"),
        ("", (), "holds no record"),
    ],
)
def test_what_cannot_be_extracted_is_named(
    tmp_path: Path, written: str, words: tuple[str, ...], said: str
) -> None:
    with pytest.raises(ReadError, match=said):
        extract(tmp_path, written, *words)
