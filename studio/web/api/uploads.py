"""Uploads: one file, streamed to disk under a name ending in .part, and given its own name when it is whole.

The limit on its size is the guard's. Knows nothing of what the file holds.
"""

import errno
import fcntl
import logging
import os
import re
import shutil
import unicodedata
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.requests import ClientDisconnect

from studio.durable import sync_path
from studio.errors import SourceError
from studio.web.api.context import WorkspaceOf
from studio.web.refusals import Refusal, RefusedError

PART = "upload.part"

_LONGEST_NAME = 200
_BATCH = 1 << 20
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_NAME_HINT = "Rename the file: letters, digits, spaces, dots and dashes are safe."

log = logging.getLogger("studio.web")
router = APIRouter(tags=["uploads"])


class UploadBody(BaseModel):
    """A finished upload."""

    id: str
    name: str
    bytes: int


# `:path`, so that a name with a slash in it is refused in words rather than not found.
@router.put("/uploads/{name:path}", status_code=201)
async def put_upload(name: str, request: Request, workspace: WorkspaceOf) -> UploadBody:
    """Store the request's body as a file of this name; nothing is left of one that breaks off."""
    check_name(name)
    upload_id = workspace.new_id()
    folder = workspace.uploads / upload_id
    try:
        size = await _receive(request.stream(), folder, name)
    except ClientDisconnect:
        # Nobody is left to read an answer.
        raise RefusedError(Refusal(400, "The upload broke off.", "Upload the file again.")) from None
    except OSError as error:
        raise _explain(error) from error
    return UploadBody(id=upload_id, name=name, bytes=size)


def check_name(name: str) -> None:
    """SourceError unless `name` can be one file's name on any system; spaces and every script are welcome."""
    problem = _find_name_problem(name)
    if problem:
        raise SourceError(f"The file name {_show(name)} {problem}.", _NAME_HINT)


def sweep_uploads(uploads: Path) -> int:
    """Remove what unfinished uploads left, and say how many; a living upload holds its lock and stays."""
    swept = 0
    for part in uploads.glob(f"*/{PART}"):
        with part.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            shutil.rmtree(part.parent, ignore_errors=True)
            swept += 1
    return swept


def _find_name_problem(name: str) -> str:
    if not name:
        return "is empty"
    if any(mark in name for mark in "/\\:"):
        return "has a slash, a backslash or a colon in it"
    if any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") for c in name):
        return "has invisible characters in it"
    if name[0] in ".- " or name[-1] in ". ":
        return "begins or ends with a dot, a dash or a space"
    if len(name.encode()) > _LONGEST_NAME:
        return f"is longer than {_LONGEST_NAME} bytes"
    if _RESERVED.fullmatch(name) or name.endswith(".part"):
        return "is reserved"
    return ""


async def _receive(chunks: AsyncIterator[bytes], folder: Path, name: str) -> int:
    file = await run_sync(_open_part, folder)
    kept = False
    try:
        size = await _copy(chunks, file)
        await run_sync(_finish, file, folder, name)
        kept = True
    finally:
        # No await here: a cancelled upload must still clean up. A full disk can make closing fail as well.
        with suppress(OSError):
            file.close()
        if not kept:
            shutil.rmtree(folder, ignore_errors=True)
    return size


async def _copy(chunks: AsyncIterator[bytes], file: BinaryIO) -> int:
    batch, size = bytearray(), 0
    async for chunk in chunks:
        batch += chunk
        size += len(chunk)
        if len(batch) >= _BATCH:
            await run_sync(file.write, bytes(batch))
            batch.clear()
    await run_sync(file.write, bytes(batch))
    return size


def _open_part(folder: Path) -> BinaryIO:
    folder.mkdir(mode=0o700)
    file = (folder / PART).open("xb")
    fcntl.flock(file, fcntl.LOCK_EX)
    return file


def _finish(file: BinaryIO, folder: Path, name: str) -> None:
    file.flush()
    os.fsync(file.fileno())
    (folder / PART).rename(folder / name)
    sync_path(folder)


def _explain(error: OSError) -> RefusedError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        words = "The disk that holds the workspace is full.", "Make room, then upload again."
    else:
        log.error("an upload could not be stored", exc_info=error)
        words = f"The file could not be stored: {error.strerror}.", "See logs/studio.log in the workspace."
    return RefusedError(Refusal(507, *words))


def _show(name: str) -> str:
    """The name for a message: cut, and with invisible characters spelled out."""
    return ascii(name[:80]) if not name.isprintable() else f"{name[:80]!r}"
