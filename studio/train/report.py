"""The worker's voice: states and events into the run's folder, and an ear for the stop file.

Knows the clock and the run's folder; knows nothing of models.
"""

import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from studio.run import Event, RunDir, RunPhase, RunState, write_event, write_state

HEARTBEAT_SECONDS = 2.0


class Stopped(Exception):  # noqa: N818 - not an error: the person asked for it
    """The stop file is there, and what had to be saved is saved."""


class Report:
    """What the worker says while it works; seconds count from its creation."""

    def __init__(self, run_dir: RunDir) -> None:
        self.run_dir = run_dir
        self._clock = time.monotonic()
        started = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.state = RunState(run=run_dir.run, state="starting", started=started)

    @property
    def seconds(self) -> float:
        """Seconds since the worker started, whatever the wall clock does."""
        return round(time.monotonic() - self._clock, 2)

    def enter(self, phase: RunPhase, **changes: Any) -> None:
        """Write the state and an event that tells of it."""
        self._write(state=phase, **changes)
        self.say("state", state=phase, message=self.state.reason or None)

    def step(self, step: int, steps: int) -> None:
        """Write how far the training is."""
        self._write(step=step, steps=steps)

    def say(self, event: str, *, details: Mapping[str, Any] | None = None, **fields: Any) -> None:
        """Append an event, and a line of the log; `fields` are those of Event."""
        said = Event(event=event, seconds=self.seconds, details=details, **fields)
        write_event(self.run_dir, said)
        print(_spell_line(said))  # noqa: T201 - the log

    def check_stop(self) -> None:
        """Raise Stopped when the person has asked for it."""
        if self.run_dir.stop.exists():
            raise Stopped

    def beat(self) -> None:
        """Touch the heartbeat from now on, from a thread of its own."""
        threading.Thread(target=self._beat_forever, daemon=True).start()

    def _beat_forever(self) -> None:
        while True:
            self.run_dir.heartbeat.touch()
            time.sleep(HEARTBEAT_SECONDS)

    def _write(self, **changes: Any) -> None:
        self.state = replace(self.state, seconds=self.seconds, **changes)
        write_state(self.run_dir, self.state)


def _spell_line(event: Event) -> str:
    values = event.to_dict()
    seconds, name = values.pop("seconds"), values.pop("event")
    values.pop("details", None)
    words = (
        f"{key} {value:.4g}" if isinstance(value, float) else f"{key} {value}"
        for key, value in values.items()
    )
    return f"{seconds:7.1f} s  {name}: {', '.join(words)}"
