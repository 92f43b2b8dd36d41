"""A judging seen from outside of its worker: planned, begun, looked at, ended, waited for."""

import hashlib
from dataclasses import dataclass
from typing import Any

from studio.compare import Pair
from studio.errors import JudgeError, RunError
from studio.judge.asked import (
    Asked,
    JudgePlan,
    check_asked,
    list_calls,
    name_judging,
    render_call,
    set_budget,
)
from studio.judge.endpoint import check_key, check_reach
from studio.judge.folder import list_folders, open_folder, read_answers, read_replies
from studio.judge.scores import JudgeScores, sum_up
from studio.run import RunDir, read_state
from studio.settings import Settings
from studio.task import Progress, TaskState, read_task, start_task, stop_task, wait_task

KEY_VARIABLE = "STUDIO_JUDGE_KEY"
_MODULE = "studio.judge"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judging:
    """A judging as it stands: `chosen` of the `of` test records are judged.

    `sent` requests of `asked.budget` were sent, `failed` of them without a reply.
    """

    judge: str
    run: str
    asked: Asked
    task: TaskState
    of: int
    chosen: int
    sent: int
    failed: int
    scores: JudgeScores

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values: what was asked, where it stands, what came of it."""
        task, failed = self.task, self.task.state == "failed"
        return {
            "judge": self.judge,
            "run": self.run,
            "state": task.state,
            "seconds": task.seconds,
            "left": task.left,
            "problem": {"message": task.message, "hint": task.hint} if failed else None,
            **self.asked.to_dict(),
            "of": self.of,
            "chosen": self.chosen,
            "sent": self.sent,
            "failed": self.failed,
            **self.scores.to_dict(),
        }


def plan_judging(run_dir: RunDir, asked: Asked, settings: Settings) -> JudgePlan:
    """What a judging takes, without asking anything. Raises StudioError for what cannot be asked."""
    asked, pairs = check_asked(asked, settings), open_pairs(run_dir)
    folder = open_folder(run_dir, name_judging(asked, hash_answers(run_dir)))
    answered = read_replies(folder.read_lines())
    budget = set_budget(asked, len(pairs), len(answered), folder.sent, settings)
    calls = list_calls(asked, [pair.row for pair in pairs], budget)
    by_row = {pair.row: pair for pair in pairs}
    questions = [render_call(asked, call, by_row[call.row]) for call in calls]
    return JudgePlan(
        judge=folder.judge,
        records=len({call.row for call in calls}),
        of=len(pairs),
        calls=len(calls),
        asked=sum(call in answered for call in calls),
        budget=budget,
        sent=folder.sent,
        characters=sum(map(len, questions)),
        example=questions[0],
    )


def start_judging(run_dir: RunDir, asked: Asked, settings: Settings, key: str = "") -> Judging:
    """Begin a judging in a process of its own, go on with one that was asked the same, or join it.

    What is answered is not asked again; a larger budget adds records. The key reaches the worker in its
    environment, and is written nowhere. Raises StudioError for what cannot be asked.
    """
    asked, key, pairs = check_asked(asked, settings), check_key(key), open_pairs(run_dir)
    private = settings.local_paths or settings.private_urls
    check_reach(asked.endpoint, private=private, has_key=bool(key))
    answers = hash_answers(run_dir)
    folder = open_folder(run_dir, name_judging(asked, answers))
    if not (folder.path / "state.json").exists() or not read_task(folder.path).goes_on:
        folder.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        answered = len(read_replies(folder.read_lines()))
        budget = set_budget(asked, len(pairs), answered, folder.sent, settings)
        folder.write_spec(asked, budget, answers)
    limits = settings.limits
    request = {"private": private, "seconds": limits.judge_seconds, "most_bytes": limits.judge_bytes}
    start_task(folder.path, _MODULE, request, secrets={KEY_VARIABLE: key})
    return read_judging(run_dir, folder.judge)


def read_judging(run_dir: RunDir, judge: str) -> Judging:
    """A judging as it stands. Raises JudgeError for an unknown one."""
    folder = open_folder(run_dir, judge)
    asked, pairs = folder.read_spec(), read_answers(run_dir)
    calls, lines = list_calls(asked, [pair.row for pair in pairs], asked.budget or 0), folder.read_lines()
    return Judging(
        judge=judge,
        run=run_dir.run,
        asked=asked,
        task=read_task(folder.path),
        of=len(pairs),
        chosen=len({call.row for call in calls}),
        sent=folder.sent,
        failed=sum("error" in line for line in lines),
        scores=sum_up(asked, calls, read_replies(lines), {pair.row: pair for pair in pairs}),
    )


def list_judgings(run_dir: RunDir) -> list[Judging]:
    """Every judging of a run, the one begun last first."""
    return [read_judging(run_dir, folder.judge) for folder in list_folders(run_dir)]


def stop_judging(run_dir: RunDir, judge: str) -> Judging:
    """End a judging; what is answered is kept, and it can be gone on with."""
    folder = open_folder(run_dir, judge)
    folder.read_spec()
    stop_task(folder.path)
    return read_judging(run_dir, judge)


def judge_run(
    run_dir: RunDir, asked: Asked, settings: Settings, key: str = "", *, progress: Progress | None = None
) -> Judging:
    """Judge a run and wait for the end; an interrupt ends the judging too, and keeps what is answered.

    Raises JudgeError in the worker's words when it fails.
    """
    started = start_judging(run_dir, asked, settings, key)
    folder = open_folder(run_dir, started.judge)
    try:
        state = wait_task(folder.path, progress=progress)
    except BaseException:
        stop_task(folder.path)
        raise
    if state.state == "failed":
        raise JudgeError(state.message, state.hint)
    return read_judging(run_dir, started.judge)


def open_pairs(run_dir: RunDir) -> tuple[Pair, ...]:
    """The answers of a run that succeeded, in order. Raises StudioError where there is nothing to judge."""
    state = read_state(run_dir)
    if state.state != "succeeded":
        raise RunError(f"Run {run_dir.run} is {state.state}.", "Judge it when it has ended well.")
    pairs = read_answers(run_dir)
    if not pairs:
        raise RunError(
            f"Run {run_dir.run} has no test part, so there is nothing to judge.",
            "Give the split a test part and train again.",
        )
    if any(pair.base.completion is None or pair.tuned.completion is None for pair in pairs):
        raise JudgeError(
            "The examples are plain text: there is no prompt to answer, and so no answer to judge.",
            "Choose a template of prompt and completion, or of messages, and train again.",
        )
    return pairs


def hash_answers(run_dir: RunDir) -> str:
    """The SHA-256 of what both sides answered."""
    found = hashlib.sha256()
    for path in (run_dir.base_completions, run_dir.tuned_completions):
        found.update(path.read_bytes())
    return found.hexdigest()
