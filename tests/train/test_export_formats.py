"""TRL's own checks on the formats that it trains on, made of one table."""

import json
from pathlib import Path
from typing import Any

import pytest

from studio.pipeline import build_table, load_table
from studio.recipe import Recipe
from studio.settings import Settings
from studio.source import parse_source

pytestmark = pytest.mark.train
TEMPLATE = {"prompt": "Q: {q}", "completion": " {a}"}
CHATML = "{% for m in messages %}<{{ m['role'] }}>{{ m['content'] }}{% endfor %}"


@pytest.fixture
def made(tmp_path: Path) -> dict[str, dict[str, Any]]:
    """Format → the first record of its file."""
    (tmp_path / "data.jsonl").write_text('{"q": "x", "a": "y"}\n')
    source = parse_source(str(tmp_path / "data.jsonl"))
    table = load_table(source, tmp_path / "table", Settings(workspace=tmp_path / "work"))
    found = {}
    for kind in ("text", "prompt-completion", "messages", "openai", "sharegpt"):
        values = {"source": {"path": "data.jsonl"}, "template": TEMPLATE, "export": {"format": kind}}
        export = build_table(Recipe.model_validate(values), table, tmp_path / kind)
        found[kind] = json.loads(export.part("train").read_text())
    return found


def test_trl_knows_conversations_from_texts(made: dict[str, dict[str, Any]]) -> None:
    from trl.data_utils import is_conversational, is_conversational_from_value

    assert {kind: is_conversational(record) for kind, record in made.items()} == {
        "text": False,
        "prompt-completion": False,
        "messages": True,
        "openai": True,
        "sharegpt": False,
    }
    assert is_conversational_from_value(made["sharegpt"])


def test_trl_takes_sharegpt_for_the_same_messages(made: dict[str, dict[str, Any]]) -> None:
    from trl.data_utils import maybe_convert_to_chatml

    turns = maybe_convert_to_chatml(made["sharegpt"])["messages"]
    assert [turn["content"] for turn in turns] == [turn["content"] for turn in made["messages"]["messages"]]
    assert [turn["role"] for turn in turns] == ["human", "gpt"]


def test_trl_renders_messages_with_a_chat_template_and_leaves_texts(
    made: dict[str, dict[str, Any]], tokenizer: Any
) -> None:
    from trl.data_utils import maybe_apply_chat_template

    own = tokenizer.__class__(tokenizer_object=tokenizer.backend_tokenizer)
    own.chat_template = CHATML
    for kind in ("text", "prompt-completion"):
        assert maybe_apply_chat_template(made[kind], own) == made[kind]
    for kind in ("messages", "openai"):
        assert maybe_apply_chat_template(made[kind], own) == {"text": "<user>Q: x<assistant> y"}
