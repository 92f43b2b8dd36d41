"""What it takes to look for each finding, and the whole pass as the page starts it.

    python benchmarks/quality.py [--records 1000000] [--style alpaca] [--no-also]

Of the records 2 % are exact twins of others, and 2 % ask the same with another answer. First each finding
is looked for alone, batch by batch, in this process: seconds without the reading and rendering, which all
share, and microseconds a record. Then the pass is timed in a process of its own, without and with all that is
optional: from the question to the answer, with its own memory at its most, without the pages of mapped files.
Asserts nothing; wanted: exact duplicates of a million under 3 s, near-duplicates under 20 µs a record.
"""

import argparse
import json
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from check import load
from split import write_twins

Clock = Counter[str]


@contextmanager
def timed(clock: Clock, name: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    clock[name] += time.perf_counter() - started  # type: ignore[assignment]


def list_looks(also: bool) -> dict[str, Callable[[Any], Any]]:
    """What is done with a batch for each finding that looks at one record alone."""
    from studio.quality.answers import express_answers
    from studio.quality.languages import detect_language
    from studio.quality.marks import express_control, find_formatted, find_mojibake
    from studio.quality.private import find_emails, find_secrets

    def detect_each(texts: Any) -> None:
        for side in ("asked", "answered"):
            list(map(detect_language, texts[side]))

    signs = {"control-characters": express_control(), **express_answers()}
    looks: dict[str, Callable[[Any], Any]] = {
        code: lambda texts, sign=sign: texts.select(sign.alias("found")) for code, sign in signs.items()
    }
    looks |= {"already-formatted": find_formatted, "mojibake": find_mojibake}
    optional = {"secrets": find_secrets, "emails": find_emails, "mixed-languages": detect_each}
    return looks | optional if also else looks


def time_findings(table: Any, template: Any, also: bool) -> Clock:
    """The seconds of each finding."""
    from studio.near import find_near
    from studio.quality.texts import iter_sides, iter_values

    clock: Clock = Counter()
    looks, held = list_looks(also), Held(clock)
    few = add_normal(next(iter_sides(table, template, None))[:100])
    for look in looks.values():  # what is imported is not counted
        look(few)
    batches = iter_sides(table, template, None)
    while True:
        with timed(clock, "(reading and rendering)"):
            texts = next(batches, None)
        if texts is None:
            break
        with timed(clock, "(normalising)"):
            texts = add_normal(texts)
        for code, look in looks.items():
            with timed(clock, code):
                look(texts)
        held.add(texts)
    held.finish()
    if also:
        with timed(clock, "near-duplicates"):
            find_near(iter_values(table, template, None))
    return clock


def add_normal(texts: Any) -> Any:
    """The texts, and beside them the normalised ones that findings look at."""
    from studio.keys import normalise_texts

    names = {"question": "question", "answer": "answered"}
    return texts.with_columns(
        **{f"normal_{short}": normalise_texts(texts[name]) for short, name in names.items()}
    )


class Held:
    """What findings hold of all records until the end."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.wholes: list[Any] = []
        self.prompts: list[Any] = []
        self.answers: list[Any] = []
        self.lengths: list[Any] = []

    def add(self, texts: Any) -> None:
        from studio.keys import normalise_texts

        with timed(self.clock, "exact-duplicates"):
            self.wholes.append(texts["whole"].hash())
        with timed(self.clock, "conflicting-answers"):
            self.prompts.append(normalise_texts(texts["asked"]).hash())
            self.answers.append(texts["normal_answer"].hash())
        with timed(self.clock, "long-answer, short-answer"):
            self.lengths.append(texts["answered"].str.len_chars().to_numpy())

    def finish(self) -> None:
        from studio.quality.lengths import measure_spread
        from studio.split import number_keys

        with timed(self.clock, "exact-duplicates"):
            number_keys(self.wholes)
        with timed(self.clock, "conflicting-answers"):
            number_keys(self.prompts)
            number_keys(self.answers)
        with timed(self.clock, "long-answer, short-answer"):
            measure_spread(np.concatenate(self.lengths))


def time_pass(workspace: Any, table: Any, recipe: Any, also: list[str]) -> dict[str, Any]:
    """Seconds, the most memory in MB, and the counts of what was found."""
    from studio.survey import open_survey, remove_surveys, start_survey

    remove_surveys(workspace, table.folder)
    started = time.perf_counter()
    survey = start_survey(recipe, table, workspace, also)
    folder, peak = workspace.survey_folder(survey.id), 0.0
    while survey.task.goes_on:
        time.sleep(0.02)
        peak = max(peak, read_memory(folder / "lock"))
        survey = open_survey(workspace, survey.id)
    assert survey.task.state == "done", survey.task
    counts = {finding.code: finding.count for finding in survey.findings if finding.count}
    return {"seconds": time.perf_counter() - started, "peak": peak, "counts": counts}


def read_memory(lock: Path) -> float:
    """The worker's own memory in MB; 0 when it has ended."""
    try:
        status = Path(f"/proc/{json.loads(lock.read_text())['pid']}/status").read_text()
        return int(status.split("RssAnon:")[1].split()[0]) / 1e3
    except (OSError, ValueError, IndexError):
        return 0.0


def say(what: str, seconds: float, records: int, more: str = "") -> None:
    print(
        f"{what:<32} {seconds:>8.2f} s {1e6 * seconds / records:>8.2f} µs a record   {more}".rstrip(),
        flush=True,
    )


def main() -> None:
    """Make the records, and time what is looked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--style", default="alpaca")
    parser.add_argument("--no-also", action="store_true", help="leave out what is optional")
    asked = parser.parse_args()
    from studio.pipeline import resolve_template
    from studio.quality import OPTIONAL

    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "records.jsonl"
        write_twins(path, asked.records)
        workspace, table, recipe = load(Path(name), path, asked.style)
        template = resolve_template(recipe, table)
        for what, seconds in time_findings(table, template, not asked.no_also).items():
            say(what, seconds, len(table))
        for also in [[]] if asked.no_also else [[], list(OPTIONAL)]:
            found = time_pass(workspace, table, recipe, also)
            words = "the whole pass" + (", with all that is optional" if also else "")
            say(words, found["seconds"], len(table), f"{found['peak']:.0f} MB at most")
            print(f"    {found['counts']}")


if __name__ == "__main__":
    main()
