"""The journal of changes: undo without limit, over restarts, and through a torn last line."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from studio.errors import TableError, WorkspaceError
from studio.journal import Journal, Slot, Standing
from studio.record import Exclusion

HASH = "0123456789abcdef"
ROOT = Path(__file__).parent.parent
ACTIONS = st.one_of(
    st.tuples(st.just("exclude"), st.lists(st.integers(1, 5), min_size=1, max_size=3, unique=True)),
    st.tuples(st.just("restore"), st.lists(st.integers(1, 5), min_size=1, max_size=3, unique=True)),
    st.tuples(st.just("edit"), st.integers(1, 5), st.sampled_from("ab"), st.none() | st.text(max_size=3)),
    st.tuples(st.just("revert"), st.integers(1, 5), st.sampled_from("ab")),
    st.tuples(st.just("undo")),
    st.tuples(st.just("redo")),
)


def record(line: int) -> Exclusion:
    return Exclusion(line=line, hash=HASH)


def act(journal: Journal, action: tuple) -> Standing:
    match action:
        case ("exclude", lines):
            return journal.exclude([record(line) for line in lines], "f")
        case ("restore", lines):
            return journal.restore([record(line) for line in lines])
        case ("edit", line, column, value):
            return journal.edit(record(line), column, value, text=True, of="f")
        case ("revert", line, column):
            return journal.revert(record(line), column)
        case ("undo",):
            return journal.undo()
    return journal.redo()


def model(state: dict, action: tuple) -> dict:
    match action:
        case ("exclude", lines):
            return {**state, **{(line, None): "out" for line in lines}}
        case ("restore", lines):
            return {slot: value for slot, value in state.items() if slot[1] or slot[0] not in lines}
        case ("edit", line, column, value):
            return {**state, (line, column): value}
    _, line, column = action
    return {slot: value for slot, value in state.items() if slot != (line, column)}


def seen(standing: Standing) -> dict:
    return {
        (slot.line, slot.column): "out" if slot.column is None else mark.value
        for slot, mark in standing.marks.items()
    }


@given(actions=st.lists(ACTIONS, max_size=25), restarts=st.sets(st.integers(0, 24)))
@hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_random_actions_agree_with_a_list_of_states(
    tmp_path: Path, actions: list[tuple], restarts: set[int]
) -> None:
    path = tmp_path / "journal.jsonl"
    path.unlink(missing_ok=True)
    journal, other = Journal(path), Journal(path)
    states, at = [{}], 0
    for number, action in enumerate(actions):
        if number in restarts:
            journal = Journal(path)
        if (action == ("undo",) and at == 0) or (action == ("redo",) and at == len(states) - 1):
            with pytest.raises(TableError, match="nothing to"):
                act(journal, action)
            continue
        standing = act(journal, action)
        if action[0] in ("undo", "redo"):
            at += 1 if action[0] == "redo" else -1
        else:
            states[at + 1 :] = [model(states[at], action)]
            at += 1
        assert seen(standing) == states[at] == seen(other.read()) == seen(Journal(path).read())
        assert (standing.undo is None, standing.redo is None) == (at == 0, at == len(states) - 1)


def test_what_can_be_undone_is_said_in_words(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "a.jsonl")
    assert journal.exclude([record(1), record(2), record(3)], "f").undo == "exclude 3 records"
    assert journal.edit(record(1), "answer", "x", text=True, of="f").undo == "edit answer"
    standing = journal.undo()
    assert (standing.undo, standing.redo, standing.changed) == ("exclude 3 records", "edit answer", 1)
    assert standing.touched == Slot("", 1, "answer")
    assert journal.restore([record(2)]).undo == "restore 1 record"
    assert journal.read().redo is None


@pytest.mark.parametrize("torn", [b'{"do": "exclu', b'{"do": "undo"}', b"\0\0\0\0\n", b'{"do": "exclude"}\n'])
def test_a_torn_last_line_is_as_if_it_had_not_been_written(tmp_path: Path, torn: bytes) -> None:
    path = tmp_path / "a.jsonl"
    Journal(path).exclude([record(1)], "f")
    whole = path.read_bytes()
    path.write_bytes(whole + torn)
    journal = Journal(path)
    assert seen(journal.read()) == {(1, None): "out"}
    journal.exclude([record(2)], "f")
    assert path.read_bytes().startswith(whole + b'{"do": "exclude"')
    assert [json.loads(line)["do"] for line in path.read_text().splitlines()] == ["exclude", "exclude"]
    assert seen(Journal(path).read()) == {(1, None): "out", (2, None): "out"}


def test_a_line_cut_at_any_byte_never_harms_what_was_before(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    Journal(path).exclude([record(1)], "f")
    whole = path.read_bytes()
    Journal(path).edit(record(2), "é", "ü\n", text=True, of="f")
    longer = path.read_bytes()
    for end in range(len(whole), len(longer)):
        path.write_bytes(longer[:end])
        assert seen(Journal(path).read()) == {(1, None): "out"}


def test_a_journal_that_is_damaged_in_the_middle_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    journal = Journal(path)
    journal.exclude([record(1)], "f")
    path.write_bytes(b"no json\n" + path.read_bytes())
    with pytest.raises(WorkspaceError, match="damaged 0 bytes into"):
        Journal(path).read()


def test_a_journal_that_was_taken_away_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    journal = Journal(path)
    journal.exclude([record(1)], "f")
    path.unlink()
    assert journal.read() == Standing()
    assert seen(journal.exclude([record(2)], "f")) == {(2, None): "out"}


WRITE_ON = """
import sys
from pathlib import Path
from studio.journal import Journal
from studio.record import Exclusion

journal = Journal(Path(sys.argv[1]))
for line in range(1, 1_000_000):
    journal.exclude([Exclusion(line=line, hash="0" * 16)] * 200, "f")
    print(line, flush=True)
"""


def test_what_was_answered_is_there_after_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITE_ON, str(path)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert writer.stdout is not None
    while int(writer.stdout.readline()) < 20:
        pass
    writer.kill()
    answered = max([20, *(int(line) for line in writer.stdout.read().split())])
    writer.wait()
    standing = Journal(path).read()
    assert len(standing.marks) in (answered, answered + 1)
    assert seen(Journal(path).undo()) == {(line, None): "out" for line in range(1, len(standing.marks))}
