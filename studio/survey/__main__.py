"""The worker: looks at every record of one survey, and keeps the rows of each finding in a file.

python -m studio.survey SURVEY_FOLDER LOCK
"""

from pathlib import Path
from typing import Any

from studio.durable import write_file
from studio.pipeline import resolve_template, select_left
from studio.quality import scan_records
from studio.survey import finding_file
from studio.survey.request import Request
from studio.task import Progress, run_task


def survey_records(folder: Path, _: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """The counts by code and the figures; every finding's records are in the folder by then."""
    request = Request.read(folder)
    recipe, table = request.given.open_recipe(), request.given.open_table()
    template, left = resolve_template(recipe, table), select_left(recipe, table)
    findings = scan_records(table, template, left.rows, request.also, progress)
    for code, found in findings.found.items():
        if len(found):
            write_file(finding_file(folder, code), found.tobytes())
    return {
        "records": findings.records,
        "counts": {code: len(found) for code, found in findings.found.items()},
        "facts": dict(findings.facts),
    }


if __name__ == "__main__":
    run_task(survey_records)
