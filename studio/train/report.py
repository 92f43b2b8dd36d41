"""The worker's voice: states and events into the run's folder, and an ear for the stop file.

Knows the clock and the run's folder; knows nothing of models.
"""

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from studio.run import Event, RunDir, RunPhase, RunState, read_stored_state, write_event, write_state
from studio.run.events import mend_events
from studio.train.pulse import Pulse


class Stopped(BaseException):
    """The person has asked for a stop, and what had to be saved is saved; no error, so none catches it."""


class Report:
    """What the worker says while it works; seconds count from its creation, on top of earlier attempts'."""

    def __init__(self, run_dir: RunDir, pulse: Pulse | None = None) -> None:
        self.run_dir = run_dir
        self.pulse = pulse or Pulse(run_dir)
        self._clock = time.monotonic()
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        stored = read_stored_state(run_dir) if run_dir.state_file.exists() else None
        state = stored or RunState(run=run_dir.run, state="queued")
        self._before = state.seconds
        self.state = replace(state, state="starting", started=state.started or now)
        mend_events(run_dir)

    @property
    def seconds(self) -> float:
        """Seconds that the run has worked, in all attempts, whatever the wall clock does."""
        return round(self._before + time.monotonic() - self._clock, 2)

    def enter(self, phase: RunPhase, **changes: Any) -> None:
        """Write the state and an event that tells of it."""
        self._write(state=phase, **changes)
        self.say("state", state=phase, message=self.state.reason or None)

    def note(self, **changes: Any) -> None:
        """Write what has become known into the state, without an event."""
        self._write(**changes)

    def step(self, step: int, steps: int) -> None:
        """Write how far the training is."""
        self._write(step=step, steps=steps)

    def say(self, event: str, *, details: Mapping[str, Any] | None = None, **fields: Any) -> None:
        """Append an event, and a line of the log; `fields` are those of Event."""
        self.pulse.mark()
        said = Event(event=event, seconds=self.seconds, details=details, **fields)
        write_event(self.run_dir, said)
        print(_spell_line(said))  # noqa: T201 - the log

    def check_stop(self) -> None:
        """Raise Stopped when the person has asked for it; a sign that the work goes on."""
        self.pulse.mark()
        if self.run_dir.stop.exists():
            raise Stopped

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
