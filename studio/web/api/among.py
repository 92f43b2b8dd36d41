"""The part of a question that names records by what was found of them: a finding, or a range of tokens.

?check=9c…&finding=answer-cut&max_length=512      ?check=9c…&tokens=120-139      ?survey=4d…&finding=refusal
"""

import re
from typing import Annotated

from fastapi import Depends
from fastapi import Query as Parameter

from studio.check import choose_length, find_rows
from studio.errors import TableError, WorkspaceError
from studio.survey import find_rows as find_surveyed_rows
from studio.survey import open_survey
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
    survey: Text = "",
    finding: Text = "",
    tokens: Text = "",
    max_length: MaxLength = None,
) -> Among | None:
    """The records that an address names so; None when it names neither a check nor a survey."""
    if not check and not survey:
        return None
    return find_among(workspace, table_id, check, survey, finding, tokens, max_length)


AmongOf = Annotated[Among | None, Depends(read_among)]


def find_among(
    workspace: Workspace,
    table_id: str,
    check: str,
    survey: str,
    finding: str,
    tokens: str,
    max_length: int | None,
) -> Among:
    """The records of a finding of this check or survey, or of so many tokens, "120-139", both included.

    Raises WorkspaceError when the check or survey is not there any more, TableError for anything else that is
    wrong.
    """
    bounds = _RANGE.fullmatch(tokens)
    if bool(check) == bool(survey) or bool(finding) == bool(tokens) or (tokens and not bounds):
        raise TableError(
            f"Records are asked for by the finding {finding!r:.60} and the tokens {tokens!r:.60}.",
            "Give a check with a finding or tokens such as 120-139, or a survey with a finding.",
        )
    if survey:
        return _find_surveyed(workspace, table_id, survey, finding)
    state = find_check(workspace, table_id, check)
    wanted = (int(bounds[1]), int(bounds[2])) if bounds else finding
    length = max_length or choose_length(workspace.draft(table_id))
    name = f"{check} {state.done} {wanted} {length}"
    return Among(name, find_rows(workspace, state, wanted, length))


def _find_surveyed(workspace: Workspace, table_id: str, survey_id: str, finding: str) -> Among:
    """What was excluded since is still shown: the rows are those of the stored table."""
    survey = open_survey(workspace, survey_id)
    if not survey.is_of(workspace.table(table_id)):
        raise WorkspaceError(
            "These findings are of other records than these.", "Clear the filter, or look again."
        )
    return Among(f"{survey_id} {finding}", find_surveyed_rows(workspace, survey, finding))
