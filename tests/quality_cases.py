"""Records that are looked at for quality: stored as a reader stores them, and what was found by code."""

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from studio.pipeline import load_table
from studio.quality import Described, Findings, explain_record, scan_records
from studio.settings import Settings
from studio.source import parse_source
from studio.table import Table
from studio.template import Template, parse_template

ASKED = {"prompt": "### Question:\n{question}\n\n### Answer:", "completion": "{answer}"}


class Looked:
    """A table that was looked at; ask it for the rows of a finding, or for the words on them."""

    def __init__(self, table: Table, template: Template, findings: Findings) -> None:
        self.table, self.template, self.findings = table, template, findings

    def rows(self, code: str) -> list[int]:
        return self.findings.found[code]["row"].tolist()

    def told(self, code: str) -> list[Described]:
        return explain_record(self.table, self.template, code, self.findings.found[code])

    def counts(self) -> dict[str, int]:
        return {code: len(found) for code, found in self.findings.found.items() if len(found)}


def look_at(
    folder: Path,
    rows: Sequence[Mapping[str, Any]],
    *,
    template: Mapping[str, Any] = ASKED,
    also: Sequence[str] = (),
) -> Looked:
    path = folder / "records.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    stored = Path(tempfile.mkdtemp(dir=folder)) / "table"
    table = load_table(parse_source(str(path)), stored, Settings(workspace=folder / "work"))
    parsed = parse_template(template)
    return Looked(table, parsed, scan_records(table, parsed, None, also))


def find_answers(folder: Path, code: str, answers: Sequence[str], **more: Any) -> list[str]:
    """Those of the answers, each to a question of its own, that are in a finding."""
    rows = [{"question": f"Case {number}?", "answer": answer} for number, answer in enumerate(answers)]
    return [answers[row] for row in look_at(folder, rows, **more).rows(code)]
