"""Which of Gradio's own routes the studio needs; all others answer 404.

Gradio serves much more than a page: a proxy, a fetcher of foreign URLs, uploads into a cache that all share,
a code assistant, monitoring, run history. None of it is used here, so none of it can be reached, whatever a
later release adds. Files come and go through /api/v1.
"""

from starlette.types import ASGIApp, Receive, Scope, Send

from studio.web.refusals import Refusal

PREFIX = "/gradio_api/"
# The first part of the path below /gradio_api that the page calls.
OPEN = frozenset(
    {
        "app_id",
        "call",
        "cancel",
        "heartbeat",
        "info",
        "login_check",
        "queue",
        "reset",
        "run",
        "startup-events",
        "theme.css",
    }
)
CLOSED_PAGES = ("/monitoring", "/login", "/logout", "/docs", "/redoc", "/openapi.json", "/pwa_icon")
_CLOSED = Refusal(404, "There is nothing at this address.", "Check the address.")


class ScreenGate:
    """ASGI middleware: closes the routes of Gradio that the page does not need."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or is_open(scope["path"]):
            await self.app(scope, receive, send)
        else:
            await _CLOSED.response()(scope, receive, send)


def is_open(path: str) -> bool:
    """Whether the page needs this path, or it is none of Gradio's."""
    if path.startswith(PREFIX):
        return path.removeprefix(PREFIX).split("/", 1)[0] in OPEN
    return not any(path == page or path.startswith(f"{page}/") for page in CLOSED_PAGES)
