"""The headless door: `studio …` = `python -m studio …`.

Exit 0: done. Exit 2: the person's input, one line `error: …` and one `hint: …` on stderr. Exit 1: a bug,
whose traceback goes to the log. Exit 3: a check stops a launch. Imports no stage before a command runs, so
that `--help` comes at once.
"""

import os
import sys

import typer

from studio.cli import (
    browsing,
    building,
    checking,
    compare,
    data,
    datasets,
    extracting,
    judging,
    models,
    pairs,
    push,
    quality,
    reading,
    runs,
    screen,
    splitting,
    takeaway,
    templates,
    train,
    trying,
)
from studio.cli.answer import report_bug, report_problem
from studio.errors import CheckError, StudioError

app = typer.Typer(
    name="studio",
    help="Turn data into a fine-tuned model: inspect, render, split, build, train, compare; serve the page.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command("serve", short_help="Open the page.")(screen.serve)
app.command("inspect", short_help="Say what a source holds.")(data.inspect)
app.command("load", short_help="Read a source into the workspace.")(reading.load)
app.command("rows", short_help="Search, filter, sort and show records.")(browsing.rows)
app.command("stats", short_help="Say what each column holds.")(browsing.stats)
app.add_typer(datasets.datasets, name="datasets")
app.add_typer(templates.templates, name="templates")
app.command("render", short_help="Show the text that records become.")(data.render)
app.command("check", short_help="Say what would go wrong in training.")(checking.check)
app.command("quality", short_help="Say what may be wrong with records.")(quality.quality)
app.command("split", short_help="Show the parts of a split and the twins across them.")(splitting.split)
app.command("build", short_help="Write an export from a recipe.")(building.build)
app.command("push", short_help="Put an export onto the Hub.")(push.push)
app.add_typer(models.models, name="models")
app.command("train", short_help="Start a fine-tune in the background.")(train.train)
app.add_typer(runs.runs, name="runs")
app.add_typer(pairs.pairs, name="pairs")
for taking in takeaway.COMMANDS:
    runs.runs.command()(taking)
app.command("compare", short_help="Show a model before and after.")(compare.compare)
app.command("judge", short_help="Let another model score both answers.")(judging.judge)
app.command("extract", short_help="Take the response out of generated text.")(extracting.extract)
app.command("try", short_help="Ask a model before and after.")(trying.try_)


def main() -> None:
    """Run the command of `sys.argv` and leave with its exit code."""
    sys.exit(_run())


def _run() -> int:
    try:
        return int(app(standalone_mode=False) or 0)
    except CheckError as error:
        report_problem(error.message, error.hint)
        return 3
    except StudioError as error:
        return report_problem(error.message, error.hint)
    except typer.Abort:
        return report_problem("Stopped.", "Nothing was left half-written.")
    except typer.TyperException as error:
        words = getattr(error, "format_message", error.__str__)()
        return report_problem(words, f"See `{_describe_command(error)} --help`.")
    except BrokenPipeError:
        # The reader of our output has left; a second complaint at exit would only confuse.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        return report_bug(error)


def _describe_command(error: typer.TyperException) -> str:
    context = getattr(error, "ctx", None)
    return str(context.command_path) if context else "studio"
