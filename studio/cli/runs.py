"""studio runs: list, show, follow, cancel, resume, order, label and remove fine-tunes."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from studio.cli.answer import AsJson, WorkspaceFolder, say
from studio.cli.following import RunId, curve_lines, find_run, samples_lines, stay_until_over
from studio.cli.work import list_fitting, open_workspace

if TYPE_CHECKING:
    from studio.workspace import Workspace

runs = typer.Typer(help="List, show, follow, cancel, resume, order, label and remove fine-tunes.")


@runs.command("list")
def list_(
    sort: Annotated[
        str, typer.Option(help="started, name, state, steps, loss or seconds; -loss the other way round.")
    ] = "-started",
    active: Annotated[bool, typer.Option("--active", help="Those that are not over.")] = False,
    removed: Annotated[bool, typer.Option("--removed", help="Those that were removed.")] = False,
    workspace: WorkspaceFolder = None,
    as_json: AsJson = False,
) -> None:
    """Every run of the workspace, the newest first."""
    from studio.job import describe_removed, describe_runs

    folder = open_workspace(workspace).runs
    answer = describe_removed(folder) if removed else describe_runs(folder, sort=sort, active=active)
    none = "No runs were removed." if removed else "No runs yet."
    say(answer, [_run_line(run) for run in answer] or [none], as_json=as_json)


@runs.command()
def show(run: RunId, workspace: WorkspaceFolder = None, as_json: AsJson = False) -> None:
    """One run: its state, steps, scores."""
    from studio.job import describe_run

    answer = describe_run(find_run(open_workspace(workspace), run))
    say(answer, [f"{name}: {value}" for name, value in answer.items()], as_json=as_json)


@runs.command()
def logs(
    run: RunId,
    search: Annotated[str, typer.Option(help="Only lines that hold this, in whatever case.")] = "",
    tail: Annotated[int, typer.Option(min=1, help="The last so many lines.")] = 200,
    workspace: WorkspaceFolder = None,
    as_json: AsJson = False,
) -> None:
    """What the run's process wrote."""
    from studio.run import read_log

    text = read_log(find_run(open_workspace(workspace), run), tail, search)
    say({"log": text}, text.splitlines(), as_json=as_json)


@runs.command()
def curve(run: RunId, workspace: WorkspaceFolder = None, as_json: AsJson = False) -> None:
    """Loss, learning rate, tokens a second and memory by step, over all attempts."""
    from studio.run import read_events
    from studio.run.events import read_curve

    answer = read_curve(read_events(find_run(open_workspace(workspace), run))[0])
    say(answer, curve_lines(answer) or ["Nothing is measured yet."], as_json=as_json)


@runs.command()
def samples(
    run: RunId,
    step: Annotated[int | None, typer.Option(help="The evaluation at this step alone.")] = None,
    workspace: WorkspaceFolder = None,
    as_json: AsJson = False,
) -> None:
    """What the model answered to the same few prompts at every evaluation."""
    from studio.run import read_events
    from studio.run.events import read_samples

    found = read_samples(read_events(find_run(open_workspace(workspace), run))[0])
    answer = [one for one in found if step is None or one["step"] == step]
    say(answer, samples_lines(answer) or ["No answers were drawn."], as_json=as_json)


@runs.command()
def cancel(run: RunId, workspace: WorkspaceFolder = None, as_json: AsJson = False) -> None:
    """Stop a run; what it has learnt is kept as a checkpoint."""
    from studio.job import cancel_job, describe_run

    found = find_run(open_workspace(workspace), run)
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

    found = find_run(open_workspace(workspace), run)
    label_run(found, name=name, notes=notes)
    answer = describe_run(found)
    say(answer, [_run_line(answer)], as_json=as_json)


@runs.command()
def remove(run: RunId, workspace: WorkspaceFolder = None, as_json: AsJson = False) -> None:
    """Put a run away that is over; `restore` brings it back."""
    from studio.job import remove_run

    found = find_run(open_workspace(workspace), run)
    remove_run(found)
    say({"removed": found.run}, [f"Removed. Bring it back: studio runs restore {found.run}"], as_json=as_json)


@runs.command()
def restore(run: RunId, workspace: WorkspaceFolder = None, as_json: AsJson = False) -> None:
    """Bring a removed run back."""
    from studio.job import describe_run, restore_run

    work = open_workspace(workspace)
    answer = describe_run(restore_run(work.runs, _find_removed(work, run)))
    say(answer, [_run_line(answer)], as_json=as_json)


@runs.command()
def delete(run: RunId, workspace: WorkspaceFolder = None, as_json: AsJson = False) -> None:
    """Delete a removed run for good."""
    from studio.job import delete_run

    work = open_workspace(workspace)
    found = _find_removed(work, run)
    delete_run(work.runs, found)
    say({"deleted": found}, [f"Deleted {found}."], as_json=as_json)


@runs.command()
def order(
    first: Annotated[
        list[str] | None, typer.Argument(metavar="[RUN…]", help="Queued runs, the next one first.")
    ] = None,
    workspace: WorkspaceFolder = None,
    as_json: AsJson = False,
) -> None:
    """Put queued runs first, in the order given; the others follow. Without any: show the queue."""
    from studio.run.queue import order_queue

    work = open_workspace(workspace)
    queue = order_queue(work.runs, [find_run(work, run).run for run in first or ()])
    lines = [f"{place}. {run}" for place, run in enumerate(queue, start=1)]
    say({"queue": queue}, lines or ["No run waits."], as_json=as_json)


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

    found = find_run(open_workspace(workspace), run)
    said = found.events.stat().st_size if found.events.exists() else 0
    state = resume_job(found)
    if wait:
        stay_until_over(found, as_json, said)
        return
    say(describe_run(found), [f"Run {state.run} goes on: attempt {state.attempt}."], as_json=as_json)


def _find_removed(work: "Workspace", run: str) -> str:
    from studio.job import list_removed

    fitting = list_fitting([state.run for state in list_removed(work.runs)], run)
    return fitting[0] if len(fitting) == 1 else run


def _run_line(run: dict[str, Any]) -> str:
    told = (
        f"place {run['place']} in the queue"
        if run["place"]
        else run["reason"].partition(" Its last log lines")[0]
    )
    reason = f" ({told})" if told else ""
    name = f"  {run['name']}" if run["name"] else ""
    head = f"{run['run']}{name}  {run['state']}{reason}"
    return f"{head}  {run['step']}/{run['steps']} steps  {run['seconds']:.0f} s"
