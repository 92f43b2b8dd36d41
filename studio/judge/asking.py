"""Asking with patience: a question is asked again after a while, as long as that may help and is paid for.

Knows neither records nor scores.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any

from studio.errors import JudgeError
from studio.judge.endpoint import Answer, PassingError

ATTEMPTS = 4
PAUSE = 1.0  # seconds before the second attempt; twice as many before each one after it
LONGEST_WAIT = 60.0  # seconds that an endpoint may ask for


class BudgetUsedError(Exception):
    """No more requests may be sent."""


def ask_patiently(
    ask: Callable[[Mapping[str, Any]], Answer],
    question: Mapping[str, Any],
    *,
    spend: Callable[[], None],
    note: Callable[[int, str], None],
) -> Answer | None:
    """The answer, or None when ATTEMPTS did not bring one.

    `spend` is called before each request, and may raise; `note` is told of each that failed, with its number
    from 1 on. Raises JudgeError where asking again cannot help, or only after a long time.
    """
    for attempt in range(1, ATTEMPTS + 1):
        spend()
        try:
            return ask(question)
        except PassingError as error:
            note(attempt, error.words)
            wait = PAUSE * 2 ** (attempt - 1) if error.wait is None else error.wait
            if wait > LONGEST_WAIT:
                raise JudgeError(
                    f"The judge asks to wait for {wait:,.0f} seconds: {error.words}.",
                    "Go on after that; what is answered is kept.",
                ) from error
        if attempt < ATTEMPTS:
            time.sleep(wait)
    return None
