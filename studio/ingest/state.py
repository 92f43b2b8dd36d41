"""The folder of one background reading: the files that the server and the worker agree on.

    ingests/<id>/ request.json state.json lock stop log.txt

The worker holds `lock` as long as it lives; a reading whose worker is gone without a last word was
interrupted.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from dataclasses import field as with_default
from pathlib import Path
from typing import Any, Literal

import msgspec

from studio.durable import write_file
from studio.errors import WorkspaceError
from studio.record import Repair
from studio.settings import Settings
from studio.source import Source
from studio.worker import is_held

Phase = Literal["reading", "done", "stopped", "failed", "interrupted"]


@dataclass(frozen=True, slots=True)
class IngestDir:
    """The folder of a reading and its files."""

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
    def lock(self) -> Path:
        return self.path / "lock"

    @property
    def stop(self) -> Path:
        return self.path / "stop"

    @property
    def log(self) -> Path:
        return self.path / "log.txt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is to be read, and how."""

    source: Source
    settings: Settings
    repairs: tuple[Repair, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestState:
    """Where a reading stands: `bytes` of `total` as stored (None: unknown), `records` in `seconds`.

    `message` and `hint` say why it failed, and `proposal` names options that would help, with their choices.
    `reused` says that nothing had to be read.
    """

    id: str
    name: str
    state: Phase
    bytes: int = 0
    total: int | None = None
    records: int = 0
    seconds: float = 0.0
    message: str = ""
    hint: str = ""
    proposal: Mapping[str, list[str]] = with_default(default_factory=dict)
    reused: bool = False

    @property
    def left(self) -> float | None:
        """Seconds left at the speed so far; None while nothing can be said."""
        if self.state != "reading" or not self.total or not self.bytes or self.seconds < 0.5:
            return None
        return max(0.0, self.seconds * (self.total - self.bytes) / self.bytes)


def write_request(ingest: IngestDir, request: Request) -> None:
    """Keep what is to be read."""
    write_file(ingest.request, msgspec.json.encode(request, enc_hook=str))


def read_request(ingest: IngestDir) -> Request:
    """What is to be read. Raises WorkspaceError when the folder was damaged."""
    try:
        return msgspec.json.decode(ingest.request.read_bytes(), type=Request, dec_hook=_decode_path)
    except (OSError, msgspec.DecodeError) as error:
        raise WorkspaceError(f"The reading {ingest.id} is damaged.", "Load the source again.") from error


def _decode_path(kind: type, value: Any) -> Any:
    return kind(value)


def write_state(ingest: IngestDir, state: IngestState) -> None:
    """Replace the state in one step."""
    write_file(ingest.state, json.dumps(asdict(state), ensure_ascii=False))


def read_state(ingest: IngestDir) -> IngestState:
    """The state as it is now: of a worker that is gone without a last word, `interrupted`."""
    alive = is_held(ingest.lock)
    state = _stored_state(ingest)
    if state.state != "reading" or alive:
        return state
    state = _stored_state(ingest)  # its last word may have come after the first look
    if state.state != "reading":
        return state
    return replace(
        state,
        state="interrupted",
        message=f"Reading {state.name} was interrupted.",
        hint="Go on to read it to the end; what was read is there.",
    )


def _stored_state(ingest: IngestDir) -> IngestState:
    try:
        values: dict[str, Any] = json.loads(ingest.state.read_bytes())
        return IngestState(**values)
    except (OSError, ValueError, TypeError):
        return IngestState(id=ingest.id, name=read_request(ingest).source.name, state="reading")
