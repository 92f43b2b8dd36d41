"""The name and the notes that a person gave to a run."""

import json

from studio.run.folder import RunDir


def read_label(run_dir: RunDir) -> dict[str, str]:
    """`name` and `notes`; empty where none were given, or the file is damaged."""
    try:
        stored = json.loads(run_dir.label.read_bytes())
        return {field: str(stored[field]) for field in ("name", "notes")}
    except (OSError, ValueError, KeyError, TypeError):
        return {"name": "", "notes": ""}
