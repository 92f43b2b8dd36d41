"""The lines of a source that did not parse, written one by one as they come.

    {"file": "a", "line": 3, "reason": "not JSON", "raw": "oops", "hash": "…", "offset": 9, "length": 4}

Knows nothing of the records beside them.
"""

import hashlib
import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

import jsonlines

from studio.record import Quarantined

_RAW_CHARACTERS = 1 << 20
_MOST_KINDS = 1_000


class QuarantineFile:
    """Lines that did not parse: `lines` counts them, `kinds` their reasons; `first` is the first."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines = 0
        self.first: Quarantined | None = None
        self.kinds: Counter[str] = Counter()
        self._file = path.open("w", encoding="utf-8", newline="\n")
        self._writer = jsonlines.Writer(self._file, dumps=_dump_line)

    def add(self, raw: bytes, reason: str, *, file: str, line: int, offset: int, length: int) -> None:
        """Keep a line of so many bytes, of which `raw` may be only the start."""
        text = raw.decode("utf-8", "backslashreplace")[:_RAW_CHARACTERS]
        digest = hash_line(raw) if length <= len(raw) else ""
        refused = Quarantined(file=file, line=line, reason=reason, raw=text, hash=digest)
        self._writer.write(asdict(refused) | {"offset": offset, "length": length})
        self.lines += 1
        if refused.kind in self.kinds or len(self.kinds) < _MOST_KINDS:
            self.kinds[refused.kind] += 1
        self.first = self.first or refused

    def flush(self) -> None:
        """Make what was kept so far readable."""
        self._file.flush()

    def close(self) -> None:
        """End the file; may be called again."""
        self._writer.close()
        self._file.close()


def hash_line(raw: bytes) -> str:
    """What names the bytes of a line: the first 16 hex digits of their SHA-256."""
    return hashlib.sha256(raw).hexdigest()[:16]


def _dump_line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
