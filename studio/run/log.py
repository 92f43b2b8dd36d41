"""A run's log as a person may see it: no control characters, no tokens."""

import os
import re
from collections import deque

from studio.run.folder import RunDir

_SECRETS = re.compile(
    r"hf_[A-Za-z0-9]{8,}|gh[a-z]_[A-Za-z0-9]{20,}|sk-[A-Za-z0-9_-]{20,}|A[KS]IA[0-9A-Z]{16}"
    r"|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069]")


def read_log(run_dir: RunDir, lines: int = 200, search: str = "") -> str:
    """The last lines of the log, cleaned by `clean_log`; empty when there is none.

    With `search` the last of those lines of the whole log that hold it, in whatever case.
    """
    try:
        with run_dir.log.open("rb") as file:
            if search:
                wanted = search.casefold()
                cleaned = (clean_log(line.decode("utf-8", "replace")).rstrip("\n") for line in file)
                return "\n".join(deque((line for line in cleaned if wanted in line.casefold()), lines))
            file.seek(max(0, file.seek(0, os.SEEK_END) - 400 * lines))
            text = file.read().decode("utf-8", "replace")
    except FileNotFoundError:
        return ""
    return "\n".join(clean_log(text).splitlines()[-lines:])


def hide_secrets(text: str) -> str:
    """`text` without tokens of the Hub and other services, and without names and passwords in URLs."""
    return _SECRETS.sub("[hidden]", text)


def clean_log(text: str) -> str:
    """`text` with control characters spelled out and tokens hidden; newlines and tabs stay."""
    hidden = hide_secrets(text.replace("\r\n", "\n"))
    return _CONTROL.sub(lambda match: match.group().encode("unicode_escape").decode(), hidden)
