"""The files that a path stands for: one file, the data files beneath a folder, or what a pattern matches.

    data/                every data file beneath it
    data/*.jsonl         those in it that match; ** is any number of folders

Tells data files by what their names end with; opens none.
"""

import os
import re
from collections.abc import Collection, Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path

from studio.errors import SourceError
from studio.reader.compression import split_compression
from studio.source import DATA_SUFFIXES

_MAGIC = re.compile(r"[*?\[]")
_NAMES_TOLD = 5


def list_files(path: str) -> tuple[Path, ...]:
    """The files of `path`, sorted: the file itself, or the data files of a folder or a pattern.

    Hidden files, links that lead out of the folder, and links to files that are listed anyway are left out.
    Raises SourceError when there is nothing, or when a folder cannot be looked into.
    """
    root = Path(path)
    try:
        if root.is_dir():
            return _list(root, ["**"], path)
        if root.exists():
            return (root,)
        parts = root.parts
        magic = next((at for at, part in enumerate(parts) if _MAGIC.search(part)), None)
        if magic is None:
            raise SourceError(f"There is no file {path}.", "Check the path.")
        return _list(Path(*parts[:magic]), _merge_stars(parts[magic:]), path)
    except PermissionError as error:
        raise SourceError(f"{error.filename} may not be read.", "Change its permissions.") from error
    except OSError as error:
        raise SourceError(f"{path} cannot be opened: {error.strerror}.", "Check the path.") from error
    except RecursionError as error:
        raise SourceError(f"{path} holds folders nested too deep.", "Name one further inside.") from error


def is_data_name(name: str) -> bool:
    """Whether a file of this name is taken for data, packed or not."""
    stem, compression = split_compression(name.lower())
    return stem.endswith(DATA_SUFFIXES) or (not compression and stem.endswith(".zip"))


def _list(base: Path, parts: Sequence[str], path: str) -> tuple[Path, ...]:
    matched = dict.fromkeys(_expand(base, parts) if base.is_dir() else ())
    data = [file for file in matched if is_data_name(file.name)]
    if not data:
        raise SourceError(f"There is no data file in {path}.", _hint(matched, base))
    within = base.resolve()
    inside: dict[Path, Path] = {}
    for file in sorted(data, key=lambda file: (file.is_symlink(), file.as_posix())):
        if (real := file.resolve()).is_relative_to(within):
            inside.setdefault(real, file)
    if not inside:
        raise SourceError(
            f"The data files in {path} are links that lead out of {base}.",
            "Name the folder that they lead to.",
        )
    return tuple(sorted(inside.values(), key=lambda file: file.as_posix()))


def _merge_stars(parts: Sequence[str]) -> list[str]:
    """Many ** in a row say no more than one, and would take long to try."""
    return [part for at, part in enumerate(parts) if part != "**" or list(parts[at + 1 : at + 2]) != ["**"]]


def _expand(folder: Path, parts: Sequence[str]) -> Iterator[Path]:
    """Everything that matches and is no folder, a name at a time; a pattern matches no hidden name."""
    first, rest = parts[0], parts[1:]
    if not _MAGIC.search(first):
        yield from _step(folder / first, rest)
        return
    with os.scandir(folder) as entries:
        found = sorted((entry for entry in entries if not entry.name.startswith(".")), key=lambda e: e.name)
    if first == "**" and rest:
        yield from _expand(folder, rest)
    for entry in found:
        child = folder / entry.name
        if first != "**":
            if fnmatch(entry.name, first):
                yield from _step(child, rest)
        elif entry.is_dir(follow_symlinks=False):
            yield from _expand(child, parts)
        elif not rest and not entry.is_dir():
            yield child


def _step(child: Path, rest: Sequence[str]) -> Iterator[Path]:
    if rest and child.is_dir():
        yield from _expand(child, rest)
    elif not rest and not child.is_dir() and os.path.lexists(child):
        yield child


def _hint(matched: Collection[Path], base: Path) -> str:
    if not base.is_dir():
        return f"There is no folder {base}."
    there = sorted(path for path in base.iterdir() if not path.name.startswith("."))
    names = [path.relative_to(base).as_posix() for path in matched or there]
    if not names:
        return "It is empty, or holds hidden files only."
    more = f" and {len(names) - _NAMES_TOLD:,} more" if len(names) > _NAMES_TOLD else ""
    return f"There are: {', '.join(names[:_NAMES_TOLD])}{more}. Files are read by name, such as .jsonl."
