"""What every route needs: the workspace, ids of the right form, one page's bounds, names for a download.

Knows nothing of tables, exports or runs.
"""

from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, Path, Query, Request

from studio.errors import StudioError
from studio.web.searches import Searches
from studio.workspace import Workspace


async def find_workspace(request: Request) -> Workspace:
    """The workspace of this application."""
    workspace: Workspace = request.app.state.workspace
    return workspace


async def find_searches(request: Request) -> Searches:
    """The searches that go on in this application."""
    searches: Searches = request.app.state.searches
    return searches


SearchesOf = Annotated[Searches, Depends(find_searches)]
WorkspaceOf = Annotated[Workspace, Depends(find_workspace)]
# Its form is the workspace's to check, so that an id that is none is answered as an unknown one is.
Id = Annotated[str, Path(max_length=64)]
Offset = Annotated[int, Query(ge=0, le=10**15)]
Limit = Annotated[int, Query(ge=1)]


def check_limit(limit: int, most: int) -> int:
    """`limit`; StudioError when it is over `most`."""
    if limit > most:
        raise StudioError(f"{limit} rows are too many for one page.", f"Ask for at most {most:,} at a time.")
    return limit


def name_download(name: str) -> dict[str, str]:
    """The header that makes a browser save the answer as `name`, in any script (RFC 5987)."""
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\%' else "_" for c in name)
    return {
        "content-disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    }
