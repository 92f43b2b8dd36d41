"""A fine-tune as a command tells of it: the run of an id, its line, its progress until it is over."""

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from studio.cli.answer import say
from studio.cli.work import list_fitting

if TYPE_CHECKING:
    from studio.run import Event, RunDir
    from studio.workspace import Workspace

RunId = Annotated[str, typer.Argument(metavar="RUN", help="A run's id; its first characters will do.")]


def stay_until_over(run: "RunDir", as_json: bool, offset: int = 0) -> None:
    """Show the progress of this attempt, then the sum of the run; exit 1 unless it has succeeded."""
    from studio.job import summarize_run, wait_job, watch_job

    for event in watch_job(run, offset=offset):
        print(_event_line(event), file=sys.stderr)
    state = wait_job(run)
    answer = summarize_run(run)
    say(answer, _summary_lines(answer, state.reason), as_json=as_json)
    if state.state != "succeeded":
        raise typer.Exit(1)


def find_run(work: "Workspace", given: str) -> Any:
    """The run of an id, or of the first characters of one where they are enough."""
    fitting = list_fitting(work.run_ids(), given)
    return work.run(fitting[0] if len(fitting) == 1 else given)


def curve_lines(curve: dict[str, list[list[Any]]]) -> list[str]:
    """A line for each step at which something was measured."""
    steps: dict[int, str] = {}
    for step, loss, rate in curve["train"]:
        steps[step] = f"loss {loss:.3f}  learning rate {rate:.2g}"
    for step, speed, memory in curve["speed"]:
        held = "" if memory is None else f"  {memory / 1e9:.2f} GB"
        steps[step] = f"{steps.get(step, '')}  {speed:,.0f} tokens/s{held}"
    for step, loss in curve["validation"]:
        steps[step] = f"{steps.get(step, '')}  validation loss {loss:.3f}"
    return [f"{step:>8,}  {words.strip()}" for step, words in sorted(steps.items())]


def samples_lines(steps: list[dict[str, Any]]) -> list[str]:
    """The answers step by step, each below its prompt."""
    lines = []
    for step in steps:
        lines.append(f"Step {step['step']:,}")
        for sample in step["samples"]:
            lines += [
                f"  row {sample['row']}: {sample['prompt']}",
                f"    expected:   {sample['expected']}",
                f"    completion: {sample['completion']}",
            ]
    return lines


def _event_line(event: "Event") -> str:
    """One line for a person: `progress 40/550  loss 4.97  63 s left`."""
    words = [event.event]
    if event.step is not None:
        words.append(f"{event.step}/{event.steps}" if event.steps else str(event.step))
    if event.loss is not None:
        words.append(f"loss {event.loss:.2f}")
    if event.eval_loss is not None:
        words.append(f"validation loss {event.eval_loss:.2f}")
    if event.eta is not None:
        words.append(f"{event.eta:.0f} s left")
    return "  ".join([*words, *(text for text in (event.state, event.message) if text)])


def _summary_lines(answer: dict[str, Any], reason: str) -> list[str]:
    head = f"Run {answer['run']} {answer['state']} after {answer['seconds']:.0f} s, {answer['steps']} steps."
    if reason:
        head += f" {reason}"
    if answer["test_loss"] is None:
        return [head, f"In {answer['folder']}"]
    before, after = answer["base_test_loss"], answer["test_loss"]
    return [
        head,
        f"Test loss {before:.2f} → {after:.2f} nats a token ({answer['bits_per_byte']:.2f} bits a byte).",
        f"In {answer['folder']}",
    ]
