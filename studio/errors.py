"""What a person can cause, in words.

    StudioError             message (what happened, with the value) and hint (what to do next)
    ├── SettingsError       an option, an environment variable, a login
    ├── SourceError         a path, URL or Hub id that cannot be opened
    ├── ReadError           a file that is not what its name says, or holds no record
    ├── TableError          a row or column that the table does not have
    ├── TemplateError       the grammar, or a placeholder without a column
    ├── TokenizerError      a tokenizer that cannot be found, read or made
    ├── ModelError          a base model that cannot be found, or may not be opened
    ├── SplitError          fractions, methods, parts without a record
    ├── ExportError         formats, field names, a folder that exists
    ├── RecipeError         every problem of a recipe file, with its place
    ├── HubError            the Hugging Face Hub's answer
    ├── CheckError          findings that stop a launch
    ├── WorkspaceError      an id that the workspace does not hold
    ├── RunError            a fine-tune that cannot start, stop or be compared
    └── JudgeError          a judge that cannot be asked, or whose prompt does not fit

Anything else that is raised is a bug: its traceback goes to the log.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType


class StudioError(Exception):
    """A problem that the person can mend.

    `message` is one line that names the thing; `hint` is one line that says what to do next.
    """

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class SettingsError(StudioError):
    """An option, an environment variable or a login that cannot be used."""


class SourceError(StudioError):
    """A path, URL or Hub id that cannot be opened."""


class ReadError(StudioError):
    """Bytes that are not what their name says, or that hold no record.

    `proposal` names an option of the Source that would help and the values to choose from, such as
    {"member": ["train.csv", "test.csv"]}.
    """

    def __init__(
        self, message: str, hint: str, *, proposal: Mapping[str, Sequence[str]] = MappingProxyType({})
    ) -> None:
        super().__init__(message, hint)
        self.proposal = proposal


class TableError(StudioError):
    """A row or a column that the table does not have."""


class TemplateError(StudioError):
    """A template that does not parse, or a placeholder without a column.

    `position` is the zero-based character in the part named `part`, when one place is to blame.
    """

    def __init__(self, message: str, hint: str, *, part: str = "", position: int | None = None) -> None:
        super().__init__(message, hint)
        self.part = part
        self.position = position


class TokenizerError(StudioError):
    """A tokenizer that cannot be found, read or made, or that cannot do what an example asks of it."""


class ModelError(StudioError):
    """A base model that cannot be found, is none, or may not be opened."""


class SplitError(StudioError):
    """Fractions that do not add up, an unknown method, a part without a record."""


class ExportError(StudioError):
    """A format, a field name or a folder that an export cannot use."""


class RecipeError(StudioError):
    """A recipe file with problems; the message lists all of them with their place."""


class HubError(StudioError):
    """An answer of the Hugging Face Hub that stops the work."""


class CheckError(StudioError):
    """Findings about the records of a table that stop a launch."""


class WorkspaceError(StudioError):
    """An id that the workspace does not hold, or a workspace that cannot be written."""


class RunError(StudioError):
    """A fine-tune that cannot start, stop, or be compared."""


class JudgeError(StudioError):
    """A judge that cannot be asked, or whose prompt does not fit."""
