"""A list of turns is told from any other value."""

import json
from typing import Any

import pytest

from studio.conversation import read_turns
from studio.record import Message

OPENAI = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": ""}]
SHAREGPT = [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "שלום", "weight": 1}]


@pytest.mark.parametrize("turns", [OPENAI, SHAREGPT])
def test_both_spellings_are_read_with_their_roles_as_they_are(turns: list[dict[str, Any]]) -> None:
    read = read_turns(" \n" + json.dumps(turns))
    assert read == tuple(
        Message(role=turn.get("role", turn.get("from")), content=turn.get("content", turn.get("value")))
        for turn in turns
    )


@pytest.mark.parametrize(
    "value",
    [[], {}, "text", 3, None, OPENAI[0], ["user"], [*OPENAI, SHAREGPT[0]], [*OPENAI, None],
     [{"role": "user", "content": None}], [{"role": 1, "content": "x"}], [{"content": "x"}],
     [{"role": "user", "content": [{"type": "text", "text": "x"}]}]],
)  # fmt: skip
def test_anything_else_is_none(value: Any) -> None:
    assert read_turns(json.dumps(value)) is None


@pytest.mark.parametrize("spelling", ["", "[", "[" * 100_000, '[{"role": "user"', "nonsense"])
def test_what_is_no_json_is_none(spelling: str) -> None:
    assert read_turns(spelling) is None
