"""The test part answered by another model of a run, or with another decoding: begun, looked at, stopped.

    evaluate_side(run_dir, "step-40")   →   eval/step-40.jsonl and, last, eval/step-40.json

The work is a task in runs/<id>/answers/<name>/, which outlives the server; begun again after a stop it goes
on after the last line written.
"""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from studio.errors import RunError, WorkspaceError
from studio.job import require_training
from studio.run import RunDir, read_spec
from studio.run.decoding import Decoding
from studio.run.sides import find_side, own_decoding, read_summary, side_file
from studio.task import TaskState, read_task, start_task, stop_task, wait_task
from studio.worker import is_held

MODULE = "studio.train.answering.evaluating"
MOST_RUNNING = 2

Progress = Callable[[int, int], None]


def evaluate_side(run_dir: RunDir, which: str, decoding: Decoding | None = None) -> TaskState:
    """Begin to answer a finished run's test part, join who does, or find that it is done.

    `which` is base, tuned or a checkpoint such as step-40; without a decoding that of the run. Its answer,
    when it is done, is the summary that `read_summary` gives. RunError, in words, for a model that there is
    not, one whose base is gone, a run without a test part, and when as many evaluations go on as may.
    """
    chosen = decoding or own_decoding(read_spec(run_dir))
    side_file(run_dir, which, chosen)
    known = find_evaluation(run_dir, which, chosen)
    if known is not None and known.state in ("running", "done"):
        return known
    _refuse_no_test(run_dir)
    find_side(run_dir, which)
    require_training()
    _refuse_crowd(run_dir)
    request = {"run": str(run_dir.path.absolute()), "which": which, "decoding": chosen.to_dict()}
    return start_task(_task_folder(run_dir, which, chosen), MODULE, request)


def find_evaluation(run_dir: RunDir, which: str, decoding: Decoding | None = None) -> TaskState | None:
    """Where the answering by a model stands; None when nobody has asked for it."""
    chosen = decoding or own_decoding(read_spec(run_dir))
    folder = _task_folder(run_dir, which, chosen)
    with suppress(WorkspaceError):
        state = read_task(folder)
        if state.goes_on:
            return state
    summary = read_summary(run_dir, which, chosen)
    if summary is not None:
        records = summary["records"]
        return TaskState(id=folder.name, state="done", done=records, total=records, answer=summary)
    with suppress(WorkspaceError):
        state = read_task(folder)
        # What was done when its files are gone has to be done again.
        return None if state.state == "done" else state
    return None


def stop_evaluation(run_dir: RunDir, which: str, decoding: Decoding | None = None) -> TaskState | None:
    """End an evaluation that goes on; the lines so far are kept."""
    chosen = decoding or own_decoding(read_spec(run_dir))
    with suppress(WorkspaceError):
        stop_task(_task_folder(run_dir, which, chosen))
    return find_evaluation(run_dir, which, chosen)


def wait_side(
    run_dir: RunDir, which: str, decoding: Decoding | None = None, *, progress: Progress | None = None
) -> TaskState:
    """`evaluate_side`, and the state once it is done; an interrupt stops it.

    Raises RunError in the evaluation's own words when it fails or is stopped.
    """
    state = evaluate_side(run_dir, which, decoding)
    if state.goes_on:
        folder = run_dir.path / "answers" / state.id
        try:
            wait_task(folder, progress=progress)
        except KeyboardInterrupt:
            stop_task(folder)
            raise
    found = find_evaluation(run_dir, which, decoding)
    if found is None or found.state == "stopped":
        raise RunError("The evaluation was stopped.", "Begin it again: the lines so far are kept.")
    if found.state == "failed":
        raise RunError(found.message, found.hint)
    return found


def _task_folder(run_dir: RunDir, which: str, decoding: Decoding) -> Path:
    return run_dir.path / "answers" / side_file(run_dir, which, decoding).stem


def _refuse_no_test(run_dir: RunDir) -> None:
    part = read_spec(run_dir).data.get("test")
    if part is None or not part.records:
        raise RunError(
            f"Run {run_dir.run} has no test part, so there is nothing to compare.",
            "Give the split a test part and train again.",
        )


def _refuse_crowd(run_dir: RunDir) -> None:
    going = sum(map(is_held, run_dir.path.parent.glob("*/answers/*/lock")))
    if going >= MOST_RUNNING:
        raise RunError(
            f"{going} evaluations go on already, and each holds a model in memory.",
            "Wait until one is done, or stop it.",
        )
