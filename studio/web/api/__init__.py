"""/api/v1: the workspace over HTTP, for the page's own scripts and for a person's.

One file per concept; `context` holds what all of them need. Every id is 128 random bits, so that knowing one
is being allowed to use it.
"""

from fastapi import APIRouter

from studio.web.api import (
    changes,
    checks,
    commands,
    comparisons,
    completions,
    datasets,
    export,
    exports,
    finetune,
    hub,
    ingests,
    judge,
    library,
    pairs,
    parts,
    preview,
    prompt,
    push,
    quality,
    quarantine,
    recipes,
    records,
    rows,
    runs,
    split,
    stats,
    tables,
    takeaway,
    tokens,
    uploads,
    watching,
)


def build_router() -> APIRouter:
    """All routes of /api/v1; they read the workspace from the application's state."""
    router = APIRouter(prefix="/api/v1")
    for part in (
        datasets,
        tables,
        changes,
        checks,
        commands,
        quality,
        rows,
        records,
        tokens,
        prompt,
        preview,
        library,
        stats,
        split,
        quarantine,
        ingests,
        recipes,
        hub,
        uploads,
        export,
        parts,
        exports,
        push,
        finetune,
        runs,
        takeaway,
        watching,
        comparisons,
        pairs,
        completions,
        judge,
    ):
        router.include_router(part.router)
    return router
