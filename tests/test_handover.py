"""What another process is given comes back as it was."""

import json
from pathlib import Path

import msgspec
import pytest

from studio.handover import Handover, parse_request, spell_request

GIVEN = Handover(
    table=Path("/studio/tables/t1"),
    edits={3: {"answer": "blue", "note": None}},
    excluded=(7, 9),
    recipe={"version": 1, "source": {"path": "a.jsonl"}},
)


def test_a_handover_comes_back_from_json_as_it_was() -> None:
    assert parse_request(json.loads(json.dumps(spell_request(GIVEN))), Handover) == GIVEN


def test_a_damaged_one_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        parse_request({**spell_request(GIVEN), "edits": {"third": {}}}, Handover)
