"""docs/quality.md says what the code looks for, and what it finds in the courses' data."""

import gzip
import json
import re
from pathlib import Path

import pytest

from studio.quality import KINDS, OPTIONAL
from studio.quality.answers import REFUSAL_WITHIN
from studio.quality.languages import FEWEST_LETTERS, MAIN_SHARE, SURE
from studio.quality.lengths import FAR, FEWEST, LEAST_TIMES
from studio.quality.private import name_secrets
from tests.quality_cases import look_at

PAGE = (Path(__file__).parent.parent / "docs" / "quality.md").read_text(encoding="utf-8")
ALPACA = {"prompt": "### Instruction:\n{instruction}\n{input}", "completion": "{output}"}
ASKED = {"prompt": "### Question:\n{question}", "completion": "{answer}"}


def rows_below(heading: str) -> list[list[str]]:
    section = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines]


def test_the_table_names_every_code_in_order_and_what_is_on_demand():
    told = [(code, also) for code, _, also in rows_below("What is looked for")]
    assert told == [(code, kind.optional) for code, kind in KINDS.items()]
    assert f"--also {next(iter(OPTIONAL))}" in PAGE


def test_the_table_gives_the_figures_of_the_code():
    told = {code: words for code, words, _ in rows_below("What is looked for")}
    assert f"over {FAR} median" in told["long-answer"]
    assert f"{LEAST_TIMES} times as long" in told["long-answer"]
    assert f"of {FEWEST} answers or more" in told["short-answer"]
    assert f"first {REFUSAL_WITHIN} characters" in told["refusal"]
    assert f"{SURE} sure" in told["mixed-languages"]
    assert f"than {MAIN_SHARE} of" in told["mixed-languages"]
    assert f"fewer than {FEWEST_LETTERS} letters" in PAGE
    assert len(name_secrets()) == 18 + 4


@pytest.mark.parametrize(
    ("column", "name", "template"), [(1, "lamini_docs", ASKED), (2, "instruction-data", ALPACA)]
)
def test_the_courses_data_has_in_it_what_the_page_says(tmp_path, course_data, column, name, template):
    if name == "lamini_docs":
        lines = gzip.decompress((course_data / "lamini_docs.jsonl.gz").read_bytes()).splitlines()
        rows = [json.loads(line) for line in lines]
    else:
        rows = json.loads((course_data / "instruction-data.json").read_bytes())
    found = look_at(tmp_path, rows, template=template, also=list(OPTIONAL)).findings.found
    told = {row[0]: int(row[column]) for row in rows_below("What it finds in the courses' data")}
    assert {code: len(rows) for code, rows in found.items()} == told
    assert re.search(r"1 400 and 1 100 records", PAGE)
