"""Files and folders that are there whole or not at all: written aside, fsynced, renamed.

A folder that takes the place of another is exchanged with it in one step, so that at no instant there is none
under its name. Where the system cannot exchange (it is not Linux, or a file system that does not know how),
it takes two renames: between them the old one is NAME.previous, and nothing is NAME.

What a killed process leaves is a hidden `.NAME.part-ID`; `sweep_parts` removes it. A process that lives holds
the lock of the folders that it fills. Knows nothing of what is written.
"""

import errno
import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_EXCHANGE = 2  # RENAME_EXCHANGE of renameat2(2)
_HERE = -100  # AT_FDCWD
_CANNOT_EXCHANGE = (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EPERM)


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


def publish_folder(aside: Path, path: Path, *, replace: bool = True) -> None:
    """Make a filled folder durable and name it in one step; an existing `path` becomes NAME.previous.

    Without `replace` it is left, and OSError is raised where it holds anything. A NAME.previous that is there
    already is left at `aside`. A process that is killed on the way leaves at `path` the old one or the new;
    what may be lost is the NAME.previous of before.
    """
    for entry in aside.rglob("*"):
        sync_path(entry)
    sync_path(aside)
    if replace and path.exists():
        _replace_folder(aside, path)
    else:
        aside.rename(path)
    sync_path(path.parent)


def _replace_folder(aside: Path, path: Path) -> None:
    previous = path.with_name(f"{path.name}.previous")
    if not previous.exists():
        aside.rename(previous)
    elif not exchange_paths(aside, previous):
        shutil.rmtree(previous)
        aside.rename(previous)
    if exchange_paths(previous, path):
        return
    new = name_aside(path)
    previous.rename(new)
    path.rename(previous)
    new.rename(path)


def exchange_paths(one: Path, other: Path) -> bool:
    """Let two paths that exist change places, in one step; False where the system cannot."""
    import ctypes

    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    if rename(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in _CANNOT_EXCHANGE:
        return False
    raise OSError(code, os.strerror(code), str(other))


@contextmanager
def new_folder(path: Path, *, replace: bool = True) -> Iterator[Path]:
    """A folder to fill that is published as `path` at the end; an error leaves nothing.

    `replace` as in `publish_folder`. What processes that are gone left of the same folder is swept.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    sweep_parts(path.parent, path.name)
    aside, lock = make_aside(path)
    try:
        yield aside
        publish_folder(aside, path, replace=replace)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
        os.close(lock)


def make_aside(path: Path) -> tuple[Path, int]:
    """A new hidden sibling, and the descriptor that holds its lock as long as this process lives.

    Whoever made it closes the descriptor; without the lock the folder may be swept.
    """
    while True:
        aside = name_aside(path)
        aside.mkdir()
        lock = os.open(aside, os.O_RDONLY)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            aside.stat()
        except (BlockingIOError, FileNotFoundError):  # swept before it was locked
            os.close(lock)
            continue
        except OSError:  # a file system without locks, where nothing is swept
            pass
        return aside, lock


def sweep_parts(folder: Path, name: str = "*") -> int:
    """Remove what killed processes left of the folder `name` in `folder`, or of every one; how many."""
    prefix = "." if name == "*" else f".{name}.part-"
    left = [entry for entry in os.scandir(folder) if entry.name.startswith(prefix) and entry.is_dir()]
    return sum(_sweep(Path(entry.path)) for entry in left if ".part-" in entry.name)


def _sweep(aside: Path) -> bool:
    try:
        lock = os.open(aside, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(aside, ignore_errors=True)
    except OSError:  # its process lives
        return False
    finally:
        os.close(lock)
    return True


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
