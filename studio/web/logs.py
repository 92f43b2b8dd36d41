"""Where the server writes: logs/server.log what it does, logs/studio.log the tracebacks of bugs.

Requests are not logged: their addresses hold what a person searches for. Nothing goes to the terminal.
"""

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from logging.handlers import RotatingFileHandler
from pathlib import Path

from studio.run import clean_log

_FILES = {"server.log": ("uvicorn", "py.warnings"), "studio.log": ("studio",)}
_LARGEST = 5_000_000


class CleanFormatter(logging.Formatter):
    """One line a record and its traceback, with control characters spelled out and tokens hidden."""

    def format(self, record: logging.LogRecord) -> str:
        return clean_log(super().format(record))


def open_logs(folder: Path) -> list[Path]:
    """Send the server's and the studio's log records to files in `folder`, and nowhere else."""
    logging.captureWarnings(True)
    paths = []
    for file_name, loggers in _FILES.items():
        path = folder / file_name
        handler = RotatingFileHandler(path, maxBytes=_LARGEST, backupCount=2, encoding="utf-8", delay=True)
        handler.setFormatter(CleanFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        for name in loggers:
            logger = logging.getLogger(name)
            _close_handlers(logger)
            logger.addHandler(handler)
            logger.setLevel(logging.INFO)
            logger.propagate = False
        paths.append(path)
    return paths


@contextmanager
def log_stderr() -> Iterator[None]:
    """Send to the studio's log what is written to stderr: Gradio prints the tracebacks of handlers there."""
    # A record that cannot be written must not be complained about on the stream that writes records.
    complaining, logging.raiseExceptions = logging.raiseExceptions, False
    try:
        with redirect_stderr(_LogStream()):
            yield
    finally:
        logging.raiseExceptions = complaining


class _LogStream(io.TextIOBase):
    def __init__(self) -> None:
        self._rest = ""

    def write(self, text: str) -> int:
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            logging.getLogger("studio.stderr").error("%s", line)
        return len(text)


def _close_handlers(logger: logging.Logger) -> None:
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
        handler.close()
