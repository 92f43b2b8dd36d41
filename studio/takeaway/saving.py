"""A bundle in a place of one's own: a folder, or a zip where the name ends so; whole or not there."""

import shutil
from pathlib import Path
from typing import Any

from studio.durable import name_aside, new_folder, sync_path
from studio.errors import RunError
from studio.packing import ChangedError, stream_zip
from studio.takeaway.bundle import Bundle


def save_bundle(bundle: Bundle, target: Path) -> dict[str, Any]:
    """Write a bundle to `target`; `Bundle.to_dict` with `path`.

    Raises RunError where something is there already, and where a file of the run changes meanwhile.
    """
    if target.exists() or target.is_symlink():
        raise RunError(f"{target} exists.", "Give another name with --out, or move it away.")
    try:
        if target.suffix == ".zip":
            _write_zip(bundle, target)
        else:
            _write_folder(bundle, target)
    except OSError as error:
        raise RunError(
            f"{target} cannot be written: {error.strerror or error}.", "Choose another place, or make room."
        ) from error
    except ChangedError as error:
        raise RunError(f"{target} was not written: {error}.", "Try again.") from error
    return bundle.to_dict() | {"path": str(target)}


def _write_zip(bundle: Bundle, target: Path) -> None:
    aside = name_aside(target)
    try:
        with aside.open("xb") as file:
            file.writelines(stream_zip(bundle.packed, compressed=False))
        sync_path(aside)
        aside.rename(target)
        sync_path(target.absolute().parent)
    finally:
        aside.unlink(missing_ok=True)


def _write_folder(bundle: Bundle, target: Path) -> None:
    with new_folder(target.absolute(), replace=False) as folder:
        for name, content in bundle.files.items():
            if isinstance(content, bytes):
                (folder / name).write_bytes(content)
            else:
                shutil.copyfile(content, folder / name)
