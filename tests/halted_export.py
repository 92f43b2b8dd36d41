"""The worker of an export that stands still once the first records are written, until it is told to stop."""

import time
from pathlib import Path
from typing import Any

from studio.exporting import open_request, write_into
from studio.task import Progress, run_task


def export(folder: Path, request: dict[str, Any], progress: Progress) -> None:
    recipe, table = open_request(request)

    def halt(done: int, total: int) -> None:
        while True:
            progress(done, total)
            time.sleep(0.05)

    write_into(recipe, table, Path(request["folder"]), request["replace"], halt)


if __name__ == "__main__":
    run_task(export)
