"""Quality: what may be wrong with records, before anything is learnt from them.

    1 400 records   →   conflicting-answers 2, question-in-answer 5, truncated-answer 11, …

Findings are heuristics: hints where to look, each with its records and what to do about them. They change and
stop nothing.

    scan_records, Findings     the pass over all records, and what it found      (scan.py, texts.py)
    KINDS, OPTIONAL            the codes in words; what is looked for on demand   (kinds.py)
    explain_record             why one record is in a finding                     (words.py)
    answers.py, lengths.py     what an answer tells, and its length
    marks.py, languages.py     wrong characters; languages
    private.py                 secrets and e-mail addresses
    phrases.py                 the phrases that are looked for, as data

Knows nothing of processes or the screen.
"""

from studio.quality.kinds import KINDS, OPTIONAL, Kind
from studio.quality.scan import NO_TWIN, RECORD, Findings, Found, find_skipped, scan_records
from studio.quality.texts import Sides
from studio.quality.words import Described, describe_finding, explain_record

__all__ = [
    "KINDS",
    "NO_TWIN",
    "OPTIONAL",
    "RECORD",
    "Described",
    "Findings",
    "Found",
    "Kind",
    "Sides",
    "describe_finding",
    "explain_record",
    "find_skipped",
    "scan_records",
]
