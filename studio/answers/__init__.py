"""Models of a finished run that answer when they are asked: the whole test part, or a prompt of one's own.

    evaluating   the test part answered by base, tuned or a checkpoint, with any decoding: a task, and files

The models live in child processes (`studio.train.answering`); this one reads files and hears lines. Knows
nothing of torch, scores or screens.
"""

from studio.answers.evaluating import (
    evaluate_side,
    find_evaluation,
    list_evaluations,
    stop_evaluation,
    wait_side,
)
from studio.run.sides import list_sides, read_summary, side_file

__all__ = [
    "evaluate_side",
    "find_evaluation",
    "list_evaluations",
    "list_sides",
    "read_summary",
    "side_file",
    "stop_evaluation",
    "wait_side",
]
