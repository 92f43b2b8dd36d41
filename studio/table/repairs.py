"""Repairs while a source is read: each is taken when its line comes by, and none may be left at the end.

Knows nothing of how a line is decoded, nor of what becomes of it.
"""

from collections.abc import Iterable

from studio.errors import ReadError
from studio.record import Repair


class Repairs:
    """The repairs that still wait for their lines; `name` is what a person calls the source."""

    def __init__(self, repairs: Iterable[Repair], name: str) -> None:
        self._waiting = {(repair.file, repair.line): repair for repair in repairs}
        self._name = name

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def take(self, file: str, line: int, digest: str, *, alone: bool) -> Repair | None:
        """The repair of a line that does not parse; `alone` says that the source is a single file.

        Raises ReadError when the line is not the one that was repaired.
        """
        # A recipe names the file only where there are several.
        named = file if (file, line) in self._waiting else ""
        if not named and not alone:
            return None
        repair = self._waiting.get((named, line))
        if repair is None:
            return None
        if repair.hash != digest:
            raise ReadError(
                f"Line {line} of {named or self._name} is not the line that was repaired.",
                "The file has changed; take the repair out of the recipe, or give the original file.",
            )
        return self._waiting.pop((named, line))

    def refuse_unused(self) -> None:
        """Raise ReadError for a repair whose line was not there."""
        for file, line in self._waiting:
            raise ReadError(
                f"Line {line} of {file or self._name} has a repair, but it is no line that is refused.",
                "Take the repair out of the recipe.",
            )
