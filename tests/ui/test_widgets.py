import logging

import pytest

from studio.errors import SourceError
from studio.ui.widgets import catch_problems


def test_a_problem_becomes_a_notice_and_outputs_stay() -> None:
    def handler(name: str) -> list[str]:
        raise SourceError(f"There is no file {name}.", "Check the path.")

    notice, *outputs = catch_problems(handler, 2)("<b>x</b>.jsonl")
    assert (notice["kind"], notice["message"]) == ("error", "There is no file <b>x</b>.jsonl.")
    assert notice["hint"] == "Check the path."
    assert [output["__type__"] for output in outputs] == ["update", "update"]


def test_the_same_problem_twice_is_two_notices() -> None:
    def handler() -> list[str]:
        raise SourceError("There is no file.", "Check the path.")

    tell = catch_problems(handler, 0)
    assert tell()[0] != tell()[0]


def test_a_bug_is_logged_and_its_traceback_not_shown(caplog: pytest.LogCaptureFixture) -> None:
    def handler() -> list[str]:
        raise ZeroDivisionError("secret 42")

    with caplog.at_level(logging.ERROR, logger="studio.ui"):
        notice, *outputs = catch_problems(handler, 1)()
    assert "secret" not in notice["message"] + notice["hint"]
    assert "logs/studio.log" in notice["hint"]
    assert len(outputs) == 1
    assert caplog.records[0].exc_info is not None


def test_what_was_said_before_is_taken_away() -> None:
    notice, output = catch_problems(lambda: ["value"], 1)()
    assert "message" not in notice
    assert output == "value"
