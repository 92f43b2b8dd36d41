"""The folder of one check: the files that the server and the worker agree on.

    checks/<key>/ request.json state.json records.bin lock stop log.txt

The worker holds `lock` as long as it lives. The state says how many of the records in the file count.
"""

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

import msgspec

from studio.durable import write_file
from studio.errors import WorkspaceError
from studio.handover import Handover, parse_request, spell_request
from studio.settings import Settings
from studio.worker import is_held

Phase = Literal["preparing", "running", "done", "failed"]

GOING_ON = ("preparing", "running")


@dataclass(frozen=True, slots=True)
class CheckDir:
    """The folder of a check and its files."""

    path: Path

    @property
    def id(self) -> str:
        return self.path.name

    @property
    def request(self) -> Path:
        return self.path / "request.json"

    @property
    def state(self) -> Path:
        return self.path / "state.json"

    @property
    def records(self) -> Path:
        return self.path / "records.bin"

    @property
    def lock(self) -> Path:
        return self.path / "lock"

    @property
    def stop(self) -> Path:
        """There when the check was told to make room for another."""
        return self.path / "stop"

    @property
    def log(self) -> Path:
        return self.path / "log.txt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is to be checked, with which tokenizer. `given` has a recipe without the overlay, which is in the
    changes; `stamp` is when the table was put there.
    """

    given: Handover
    tokenizer: str
    max_length: int
    settings: Settings
    stamp: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckState:
    """Where a check of the table in the folder `table` stands: `done` of `total` records (0 until known).

    `message` and `hint` say why it failed; `prepared` names the tokenizer's folder; `first_problem` says why
    the first record that does not render does not. `attempt` counts how often it was begun. `stamp` is when
    the table was put there.
    """

    id: str
    table: str
    tokenizer: str
    max_length: int
    stamp: int
    state: Phase
    done: int = 0
    total: int = 0
    message: str = ""
    hint: str = ""
    prepared: str = ""
    first_problem: str = ""
    attempt: int = 1

    @property
    def goes_on(self) -> bool:
        """Whether there is more to come."""
        return self.state in GOING_ON


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The state as the disk tells it; `died` when its worker is gone without a last word."""

    state: CheckState
    died: bool = False


def write_request(check: CheckDir, request: Request) -> None:
    """Keep what is to be checked."""
    write_file(check.request, msgspec.json.encode(spell_request(request)))


def read_request(check: CheckDir) -> Request:
    """What is to be checked. Raises WorkspaceError when the check is gone or damaged."""
    try:
        return parse_request(msgspec.json.decode(check.request.read_bytes()), Request)
    except (OSError, msgspec.DecodeError) as error:
        raise WorkspaceError(
            "This check is not there any more.", "Clear the filter, or check again in Prompt."
        ) from error


def write_state(check: CheckDir, state: CheckState) -> None:
    """Replace the state in one step."""
    write_file(check.state, json.dumps(asdict(state), ensure_ascii=False))


def read_standing(check: CheckDir) -> Standing:
    """Where the check stands now. Raises WorkspaceError when it is gone."""
    alive = is_held(check.lock)
    state = _stored_state(check)
    if alive or not state.goes_on:
        return Standing(state=state)
    state = _stored_state(check)  # its last word may have come after the first look
    if not state.goes_on:
        return Standing(state=state)
    if check.stop.exists():
        words = "This check made room for a newer one."
        return Standing(state=replace(state, state="failed", message=words, hint="Check again."))
    return Standing(state=state, died=True)


def _stored_state(check: CheckDir) -> CheckState:
    try:
        values: dict[str, Any] = json.loads(check.state.read_bytes())
        return CheckState(**values)
    except (OSError, ValueError, TypeError):
        return first_state(check, read_request(check))


def first_state(check: CheckDir, request: Request, attempt: int = 1) -> CheckState:
    """The state of a check that has not begun."""
    return CheckState(
        id=check.id,
        table=str(request.given.table),
        tokenizer=request.tokenizer,
        max_length=request.max_length,
        stamp=request.stamp,
        state="preparing",
        attempt=attempt,
    )
