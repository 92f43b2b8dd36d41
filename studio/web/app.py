"""The application: the guard around the login around the net around the API, the assets and the screen.

Knows the order of these; what each does stands in its own file.
"""

import mimetypes
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from anyio.to_thread import run_sync
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

import studio
from studio.answers import Answerers
from studio.durable import sweep_parts
from studio.job import enforce_stops, revive_queue
from studio.settings import ASSETS, Settings
from studio.web.api import build_router
from studio.web.api.uploads import sweep_uploads
from studio.web.fetches import Fetches
from studio.web.guard import LOOPBACK, Guard, Hosts
from studio.web.login import Login, LoginGate
from studio.web.refusals import Net, answer_problems
from studio.web.screen import ScreenGate
from studio.web.searches import Searches
from studio.web.tokenizers import Tokenizers
from studio.workspace import Workspace

# Gradio serves its own files under /assets too: only these sub-folders are ours.
ASSET_FOLDERS = ("fonts", "scripts", "styles", "logo")

_EVERY_METHOD = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def create_app(
    settings: Settings, *, login: Login | None = None, hosts: Hosts = LOOPBACK, ui: bool = True
) -> FastAPI:
    """The studio as one ASGI application. With `ui` false it is the API alone, and gradio is not imported.

    Raises WorkspaceError when the workspace cannot be used.
    """
    workspace = Workspace(settings)
    app = FastAPI(
        title="Dataset Studio",
        version=studio.__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=_lifespan,
        middleware=_list_middleware(settings, login, hosts),
    )
    app.state.workspace = workspace
    app.state.searches = Searches()
    app.state.tokenizers = Tokenizers(workspace)
    app.state.answerers = Answerers()
    app.state.fetches = Fetches(workspace)
    answer_problems(app)
    app.add_api_route("/healthz", _answer_health, methods=["GET"])
    app.include_router(build_router())
    # The screen is mounted at the root and would answer for the API's unknown addresses.
    app.add_api_route("/api/{rest:path}", _answer_unknown, methods=_EVERY_METHOD)
    _mount_assets(app)
    if ui:
        from studio.ui.app import mount_ui

        mount_ui(app, workspace)
    return app


def _list_middleware(settings: Settings, login: Login | None, hosts: Hosts) -> list[Middleware]:
    limits = settings.limits
    guard = Middleware(Guard, hosts=hosts, body_bytes=limits.body_bytes, upload_bytes=limits.upload_bytes)
    gate = [Middleware(LoginGate, login=login)] if login else []
    return [guard, *gate, Middleware(Net), Middleware(ScreenGate)]


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    await run_sync(sweep_uploads, app.state.workspace.uploads)
    workspace: Workspace = app.state.workspace
    for folder in (workspace.exports, workspace.runs, workspace.runs / ".removed"):
        if folder.exists():
            await run_sync(sweep_parts, folder)
    await run_sync(enforce_stops, app.state.workspace.runs)
    await run_sync(revive_queue, app.state.workspace.runs)
    yield
    app.state.searches.close()
    app.state.tokenizers.close()
    await run_sync(app.state.answerers.close)


class _Assets(StaticFiles):
    """Files that a browser asks about each time, so that no page runs the scripts of an older version."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["cache-control"] = "no-cache"
        return response


async def _answer_health() -> dict[str, str]:
    return {"status": "ok", "version": studio.__version__}


async def _answer_unknown(rest: str) -> None:
    raise HTTPException(404, "There is nothing at this address")


def _mount_assets(app: FastAPI) -> None:
    # A browser runs no script of another type under nosniff, and not every system's own list knows these.
    mimetypes.add_type("text/javascript", ".js")
    mimetypes.add_type("font/woff2", ".woff2")
    for name in ASSET_FOLDERS:
        if (ASSETS / name).is_dir():
            app.mount(f"/assets/{name}", _Assets(directory=ASSETS / name), name=name)
