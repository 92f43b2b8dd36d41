"""The worker: writes one export, and says how far it is.

python -m studio.exporting TASK_FOLDER LOCK
"""

from pathlib import Path
from typing import Any

from studio.exporting import open_request, write_into
from studio.task import Progress, run_task


def export(folder: Path, request: dict[str, Any], progress: Progress) -> None:
    """Write what the request asks for; when it is stopped nothing is left."""
    recipe, table = open_request(request)
    write_into(recipe, table, Path(request["folder"]), request["replace"], progress)


if __name__ == "__main__":
    run_task(export)
