"""Notices: what the screen says after an event, as plain values that a script draws as text.

    {"kind": "error", "message": "There is no file lamini.jsonl.", "hint": "Check the path.", "serial": 7}

`go` names a stage where more is said of it. `serial` makes two notices with the same words differ, so that
the second is shown too. Knows no gradio.
"""

import itertools
import logging
from typing import Any

from studio.errors import CheckError, StudioError

log = logging.getLogger("studio.ui")

Notice = dict[str, Any]

_serials = itertools.count(1)


def no_notice() -> Notice:
    """Nothing to say; takes away what was said before."""
    return {"serial": next(_serials)}


def tell_done(message: str, hint: str = "") -> Notice:
    """What was done, and where it is."""
    return {"kind": "done", "message": message, "hint": hint, "serial": next(_serials)}


def tell_error(error: StudioError) -> Notice:
    """What the person can mend, in the error's own words; of findings the Prompt stage says more."""
    more = {"go": "prompt"} if isinstance(error, CheckError) else {}
    return {"kind": "error", "message": error.message, "hint": error.hint, **more, "serial": next(_serials)}


def tell_bug(error: Exception) -> Notice:
    """A bug: its traceback goes to the log, and the screen says where that is."""
    log.error("an event of the screen failed", exc_info=error)
    message = "Something went wrong inside the studio; your work is safe."
    hint = "Its details are in logs/studio.log in the workspace."
    return {"kind": "error", "message": message, "hint": hint, "serial": next(_serials)}
