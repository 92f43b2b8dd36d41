"""Files and folders that are there whole or not at all: written aside, fsynced, renamed.

Knows nothing of what is written.
"""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def write_file(path: Path, data: bytes | str) -> None:
    """Put `data` at `path` in one step; a reader sees the old bytes or the new, never a mixture."""
    aside = name_aside(path)
    try:
        with aside.open("xb") as file:
            file.write(data.encode("utf-8") if isinstance(data, str) else data)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
    sync_path(path.parent)


def name_aside(path: Path) -> Path:
    """A hidden sibling `.NAME.part-ID`, under which a folder is filled before it is published."""
    return path.with_name(f".{path.name}.part-{secrets.token_hex(4)}")


def publish_folder(aside: Path, path: Path) -> None:
    """Make a filled folder durable and name it in one step; an existing `path` becomes NAME.previous."""
    for file in (entry for entry in aside.rglob("*") if entry.is_file()):
        sync_path(file)
    sync_path(aside)
    if path.exists():
        previous = path.with_name(f"{path.name}.previous")
        shutil.rmtree(previous, ignore_errors=True)
        path.rename(previous)
    aside.rename(path)
    sync_path(path.parent)


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """A folder to fill that is published as `path` at the end; an error leaves nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = name_aside(path)
    aside.mkdir()
    try:
        yield aside
        publish_folder(aside, path)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def remove_folder(path: Path) -> None:
    """Take a folder away in one step, as far as others can see, and then what it held."""
    gone = name_aside(path)
    try:
        path.rename(gone)
    except FileNotFoundError:
        return
    shutil.rmtree(gone, ignore_errors=True)


def sync_path(path: Path) -> None:
    """Make a file's bytes, or the names in a folder, durable."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
