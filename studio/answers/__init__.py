"""Models of a finished run that answer when they are asked: the whole test part, or a prompt of one's own.

    evaluating   the test part answered by base, tuned or a checkpoint, with any decoding: a task, and files
    asking       the run's template filled in by hand, or a bare prompt
    answerer     the processes that hold models in memory
    trying       one prompt answered by one or two models, as it comes, and the history of all that were

The models live in child processes (`studio.train.answering`); this one reads files and hears lines. Knows
nothing of torch, scores or screens.
"""

from studio.answers.answerer import Answerers
from studio.answers.asking import Asked, Field, fill_template, list_fields, take_prompt
from studio.answers.evaluating import (
    evaluate_side,
    find_evaluation,
    stop_evaluation,
    wait_side,
)
from studio.answers.trying import Try, check_wanted, list_tries, try_prompt
from studio.run.sides import list_sides

__all__ = [
    "Answerers",
    "Asked",
    "Field",
    "Try",
    "check_wanted",
    "evaluate_side",
    "fill_template",
    "find_evaluation",
    "list_fields",
    "list_sides",
    "list_tries",
    "stop_evaluation",
    "take_prompt",
    "try_prompt",
    "wait_side",
]
