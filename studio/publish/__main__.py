"""The worker: pushes the files that the folder's request names, or says what that would do.

python -m studio.publish FOLDER LOCK
"""

import os
from pathlib import Path
from typing import Any

from studio.hub.push import plan_push, push_files
from studio.publish import Asked
from studio.task import Progress, run_task


def push(folder: Path, request: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """The plan of a dry run, or the push as it was done."""
    asked = Asked(**request["asked"])
    files = {name: Path(path) for name, path in request["files"].items()}
    token = os.environ.get("HF_TOKEN")
    if asked.dry_run:
        plan = plan_push(files, asked.repo, private=asked.private, token=token, kind=asked.repo_kind)
        return plan.to_dict()
    return push_files(
        files,
        asked.repo,
        private=asked.private,
        replace=asked.replace,
        token=token,
        kind=asked.repo_kind,
        progress=progress,
    )


if __name__ == "__main__":
    run_task(push)
