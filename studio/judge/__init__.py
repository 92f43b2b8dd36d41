"""The judge: another model scores, from 0 to 100, what the base and the tuned model answered. Optional, off.

After chapter 7 of "Build a Large Language Model (From Scratch)" (Raschka 2024), over any OpenAI-compatible
endpoint, Ollama's among them:

    Asked                                          which judge, and how it is asked         (asked.py)
    plan_judging                                   what it takes, asking nothing            (judging.py)
    judge_run, start_judging, read_judging, …      done and waited for; begun, looked at
    list_replies                                   the calls one by one                     (replies.py)
    __main__                                       the worker: python -m studio.judge FOLDER LOCK

The key reaches the worker in its environment and is written nowhere. What a judge says is a model's opinion:
it can be talked into a score by the very answer that it reads.
"""

from studio.judge.asked import PER_RECORD, Asked, Call, JudgePlan
from studio.judge.endpoint import OLLAMA
from studio.judge.judging import (
    KEY_VARIABLE,
    Judging,
    judge_run,
    list_judgings,
    plan_judging,
    read_judging,
    start_judging,
    stop_judging,
)
from studio.judge.prompt import MODES, PROMPTS, Mode, list_placeholders
from studio.judge.replies import list_replies
from studio.judge.scores import JudgeScores

__all__ = [
    "KEY_VARIABLE",
    "MODES",
    "OLLAMA",
    "PER_RECORD",
    "PROMPTS",
    "Asked",
    "Call",
    "JudgePlan",
    "JudgeScores",
    "Judging",
    "Mode",
    "judge_run",
    "list_judgings",
    "list_placeholders",
    "list_replies",
    "plan_judging",
    "read_judging",
    "start_judging",
    "stop_judging",
]
