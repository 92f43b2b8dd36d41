"""`studio render --tokenizer`: the tokens of a record, as a program and as a person reads them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from studio.cli import app
from studio.errors import TokenizerError

Render = Callable[..., str]


@pytest.fixture
def render(tmp_path: Path, write_jsonl: Callable[..., Path], question_rows: list[dict[str, Any]]) -> Render:
    path = write_jsonl(question_rows)

    def run(*arguments: str) -> str:
        command = ["render", str(path), "--workspace", str(tmp_path / "workspace"), *arguments]
        return str(CliRunner().invoke(app, command, catch_exceptions=False, standalone_mode=False).stdout)

    return run


def test_the_answer_has_the_tokens_of_each_record(render: Render) -> None:
    first, second = json.loads(render("--rows", "0:2", "--tokenizer", "tiny", "--json"))
    assert list(first)[-2:] == ["tokens", "length"]
    assert list(first["tokens"][0]) == ["id", "text", "trained", "special"]
    assert len(second["tokens"]) == second["length"]
    seen = "".join(token["text"] for token in first["tokens"])
    assert seen == first["prompt"] + first["completion"] + "<|endoftext|>"
    assert "".join(token["text"] for token in first["tokens"] if not token["trained"]) == first["prompt"]


def test_a_max_length_says_what_it_leaves(render: Render) -> None:
    [answer] = json.loads(render("--tokenizer", "tiny", "--max-length", "3", "--json"))
    assert (answer["fate"], answer["max_length"]) == ("lost", 3)
    assert [token["cut"] for token in answer["tokens"]] == [False] * 3 + [True] * (answer["length"] - 3)


def test_a_person_reads_tokens_between_bars(render: Render) -> None:
    *_, head, asked, answered = render("--tokenizer", "tiny", "--max-length", "500").splitlines()
    assert head.startswith("[") and head.endswith("fit within 500]")
    assert asked.startswith("  ###|") and asked.replace("|", "").endswith(r"\n\n### Answer:")
    assert answered.startswith("+ ") and answered.endswith("|<|endoftext|>")


def test_without_a_tokenizer_there_are_no_tokens(render: Render) -> None:
    assert "tokens" not in render("--json")


def test_an_unknown_tokenizer_is_refused(render: Render) -> None:
    with pytest.raises(TokenizerError, match="names no tokenizer"):
        render("--tokenizer", "no such")
