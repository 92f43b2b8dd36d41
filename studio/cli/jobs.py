"""Commands for fine-tunes: train, runs, compare."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from studio.cli.answer import AsJson, WorkspaceFolder, say
from studio.cli.work import list_fitting, open_workspace

if TYPE_CHECKING:
    from studio.job.plan import RunPlan
    from studio.run import Event, RunDir
    from studio.workspace import Workspace

RunId = Annotated[str, typer.Argument(metavar="RUN", help="A run's id; its first characters will do.")]

runs = typer.Typer(help="List, show, follow, cancel, resume, order, label and remove fine-tunes.")


def train(
    recipe: Annotated[Path, typer.Argument(metavar="RECIPE", help="A recipe.yaml.")],
    wait: Annotated[
        bool, typer.Option("--wait", help="Stay until the run is over, with its progress.")
    ] = False,
    source: Annotated[
        Path | None, typer.Option(help="The recipe's file, if elsewhere.", metavar="FILE")
    ] = None,
    plan: Annotated[
        bool, typer.Option("--plan", help="Only say what would be done: options, steps, memory.")
    ] = False,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Start although the memory is likely not to do.")
    ] = False,
    workspace: WorkspaceFolder = None,
    as_json: AsJson = False,
) -> None:
    """Check the records, and start a fine-tune in the background; it goes on when this command has ended.

    Ends with 3 when a finding stops it.
    """
    from studio.cli.checking import warn_findings
    from studio.job import describe_run
    from studio.job.launch import launch_recipe, plan_recipe
    from studio.recipe import load_recipe

    work = open_workspace(workspace)
    if plan:
        _say_plan(
            plan_recipe(load_recipe(recipe), work, source_file=source, recipe_folder=recipe.parent), as_json
        )
        return
    run = launch_recipe(
        load_recipe(recipe),
        work,
        source_file=source,
        recipe_folder=recipe.parent,
        on_report=warn_findings,
        anyway=anyway,
        progress=lambda words: print(f"{words} …", file=sys.stderr),
    )
    if not wait:
        answer = describe_run(run)
        say(
            answer,
            [f"Started run {answer['run']}. Follow it: studio runs logs {answer['run']}"],
            as_json=as_json,
        )
        return
    _stay_until_over(run, as_json)


def _say_plan(plan: "RunPlan", as_json: bool) -> None:
    steps = "as many steps as fit in about a minute" if plan.steps is None else f"{plan.steps:,} steps"
    held = f"; {plan.held_back:,} more choose the best checkpoint" if plan.held_back else ""
    lines = [
        f"{plan.model.name}: {plan.model.words}",
        f"{plan.records:,} records to learn from{held}; {steps}",
        f"about {plan.memory.total / 1e9:.1f} GB of memory, an estimate",
        *(f"{name}: {value}" for name, value in plan.options.items()),
        *([f"It would be refused: {plan.problem}"] if plan.problem else []),
    ]
    say(plan.to_dict(), lines, as_json=as_json)


@runs.command("list")
def list_(
    removed: Annotated[bool, typer.Option("--removed", help="Those that were removed.")] = False,
    workspace: WorkspaceFolder = None,
    as_json: AsJson = False,
) -> None:
    """Every run of the workspace, the newest first."""
    from studio.job import describe_run, list_removed, list_runs

    work = open_workspace(workspace)
    if removed:
        states = [state.to_dict() for state in list_removed(work.runs)]
        lines = [f"{state['run']}  {state['state']}  {state['started']}" for state in states]
        say(states, lines or ["No runs were removed."], as_json=as_json)
        return
    answer = [describe_run(work.run(state.run)) for state in list_runs(work.runs)]
    say(answer, [_run_line(run) for run in answer] or ["No runs yet."], as_json=as_json)


@runs.command()
def show(run: RunId, workspace: WorkspaceFolder = None, as_json: AsJson = False) -> None:
    """One run: its state, steps, scores."""
    from studio.job import describe_run

    answer = describe_run(_find_run(open_workspace(workspace), run))
    say(answer, [f"{name}: {value}" for name, value in answer.items()], as_json=as_json)


@runs.command()
def logs(run: RunId, workspace: WorkspaceFolder = None, as_json: AsJson = False) -> None:
    """What the run's process wrote."""
    from studio.run import read_log

    text = read_log(_find_run(open_workspace(workspace), run))
    say({"log": text}, text.splitlines(), as_json=as_json)


@runs.command()
def cancel(run: RunId, workspace: WorkspaceFolder = None, as_json: AsJson = False) -> None:
    """Stop a run; what it has learnt is kept as a checkpoint."""
    from studio.job import cancel_job, describe_run

    found = _find_run(open_workspace(workspace), run)
    cancel_job(found, wait=True)
    answer = describe_run(found)
    say(answer, [_run_line(answer)], as_json=as_json)


@runs.command()
def label(
    run: RunId,
    name: Annotated[str | None, typer.Option(help="A name for it.")] = None,
    notes: Annotated[str | None, typer.Option(help="What it was for.")] = None,
    workspace: WorkspaceFolder = None,
    as_json: AsJson = False,
) -> None:
    """Give a run a name or notes; what is not given stays."""
    from studio.job import describe_run, label_run

    found = _find_run(open_workspace(workspace), run)
    label_run(found, name=name, notes=notes)
    answer = describe_run(found)
    say(answer, [_run_line(answer)], as_json=as_json)


@runs.command()
def remove(run: RunId, workspace: WorkspaceFolder = None, as_json: AsJson = False) -> None:
    """Put a run away that is over; `restore` brings it back."""
    from studio.job import remove_run

    found = _find_run(open_workspace(workspace), run)
    remove_run(found)
    say({"removed": found.run}, [f"Removed. Bring it back: studio runs restore {found.run}"], as_json=as_json)


@runs.command()
def restore(run: RunId, workspace: WorkspaceFolder = None, as_json: AsJson = False) -> None:
    """Bring a removed run back."""
    from studio.job import describe_run, list_removed, restore_run

    work = open_workspace(workspace)
    fitting = list_fitting([state.run for state in list_removed(work.runs)], run)
    answer = describe_run(restore_run(work.runs, fitting[0] if len(fitting) == 1 else run))
    say(answer, [_run_line(answer)], as_json=as_json)


@runs.command()
def order(
    first: Annotated[list[str], typer.Argument(metavar="RUN…", help="Queued runs, the next one first.")],
    workspace: WorkspaceFolder = None,
    as_json: AsJson = False,
) -> None:
    """Put queued runs first, in the order given; the others follow as they were."""
    from studio.run.queue import order_queue

    work = open_workspace(workspace)
    queue = order_queue(work.runs, [_find_run(work, run).run for run in first])
    say({"queue": queue}, [f"{place}. {run}" for place, run in enumerate(queue, start=1)], as_json=as_json)


@runs.command()
def resume(
    run: RunId,
    wait: Annotated[
        bool, typer.Option("--wait", help="Stay until the run is over, with its progress.")
    ] = False,
    workspace: WorkspaceFolder = None,
    as_json: AsJson = False,
) -> None:
    """Go on with a failed or cancelled run from its last complete checkpoint."""
    from studio.job import describe_run, resume_job

    found = _find_run(open_workspace(workspace), run)
    said = found.events.stat().st_size if found.events.exists() else 0
    state = resume_job(found)
    if wait:
        _stay_until_over(found, as_json, said)
        return
    say(describe_run(found), [f"Run {state.run} goes on: attempt {state.attempt}."], as_json=as_json)


def compare(
    run: RunId,
    workspace: WorkspaceFolder = None,
    examples: Annotated[int, typer.Option(help="How many records to show to people.", min=0)] = 5,
    as_json: AsJson = False,
) -> None:
    """The base and the tuned model on the test part: the same prompts, their completions, scores."""
    from studio.compare import open_comparison

    comparison = open_comparison(_find_run(open_workspace(workspace), run))
    answer = comparison.to_dict(limit=comparison.records)
    say(answer, _comparison_lines(answer, examples), as_json=as_json)


def _stay_until_over(run: "RunDir", as_json: bool, offset: int = 0) -> None:
    """Show the progress of this attempt, then the sum of the run; exit 1 unless it has succeeded."""
    from studio.job import summarize_run, wait_job, watch_job

    for event in watch_job(run, offset=offset):
        print(_event_line(event), file=sys.stderr)
    state = wait_job(run)
    answer = summarize_run(run)
    say(answer, _summary_lines(answer, state.reason), as_json=as_json)
    if state.state != "succeeded":
        raise typer.Exit(1)


def _find_run(work: "Workspace", given: str) -> Any:
    """The run of an id, or of the first characters of one where they are enough."""
    fitting = list_fitting(work.run_ids(), given)
    return work.run(fitting[0] if len(fitting) == 1 else given)


def _run_line(run: dict[str, Any]) -> str:
    told = f"place {run['place']} in the queue" if run["place"] else run["reason"]
    reason = f" ({told})" if told else ""
    name = f"  {run['name']}" if run["name"] else ""
    head = f"{run['run']}{name}  {run['state']}{reason}"
    return f"{head}  {run['step']}/{run['steps']} steps  {run['seconds']:.0f} s"


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


def _comparison_lines(answer: dict[str, Any], examples: int) -> list[str]:
    lines = [f"Run {answer['run']}, {answer['label']}: {answer['records']} test records, before → after"]
    for score, before in answer["base"].items():
        after = answer["tuned"].get(score)
        if isinstance(before, float) and isinstance(after, float):
            lines.append(f"  {score}: {before:.3f} → {after:.3f}")
    for example in answer["examples"][:examples]:
        before, after = example["base"]["completion"], example["tuned"]["completion"]
        lines += ["", f"— test record {example['row']}", example["prompt"]]
        lines += [f"[expected] {example['expected']}", f"[before] {before}", f"[after] {after}"]
    return lines
