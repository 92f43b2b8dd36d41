"""The part of a question that names records by what a check found of them: a finding, or a range of tokens.

?check=9c…&finding=answer-cut&max_length=512      ?check=9c…&tokens=120-139
"""

import re
from typing import Annotated

from fastapi import Depends
from fastapi import Query as Parameter

from studio.check import choose_length, find_rows
from studio.errors import TableError
from studio.table.query import Among
from studio.web.api.checks import MaxLength, find_check
from studio.web.api.context import Id, WorkspaceOf
from studio.workspace import Workspace

_RANGE = re.compile(r"(\d{1,9})-(\d{1,9})")

Text = Annotated[str, Parameter(max_length=64)]


def read_among(
    table_id: Id,
    workspace: WorkspaceOf,
    check: Text = "",
    finding: Text = "",
    tokens: Text = "",
    max_length: MaxLength = None,
) -> Among | None:
    """The records that an address names so; None when it names no check."""
    return find_among(workspace, table_id, check, finding, tokens, max_length) if check else None


AmongOf = Annotated[Among | None, Depends(read_among)]


def find_among(
    workspace: Workspace, table_id: str, check: str, finding: str, tokens: str, max_length: int | None
) -> Among:
    """The records of a finding of this check, or of so many tokens, "120-139", both bounds included.

    Raises WorkspaceError when the check is not there any more, TableError for anything else that is wrong.
    """
    state = find_check(workspace, table_id, check)
    bounds = _RANGE.fullmatch(tokens)
    if bool(finding) == bool(tokens) or (tokens and not bounds):
        raise TableError(
            f"The check is asked for the finding {finding!r:.60} and the tokens {tokens!r:.60}.",
            "Give a finding, or tokens such as 120-139.",
        )
    wanted = (int(bounds[1]), int(bounds[2])) if bounds else finding
    length = max_length or choose_length(workspace.draft(table_id))
    name = f"{check} {state.done} {wanted} {length}"
    return Among(name, find_rows(workspace, state, wanted, length))
