"""Base models that are being fetched in the background, so that a launch need not wait in a request.

A request begins the fetch, or finds it under way; asked again it finds what has become of it. Knows nothing
of HTTP.
"""

import logging
from threading import Lock, Thread
from time import monotonic

from studio.errors import ModelError, StudioError
from studio.models import find_model, prepare_model
from studio.web.tokenizers import WAIT_SECONDS, Preparing
from studio.workspace import Workspace

log = logging.getLogger("studio.web")


class Fetches:
    """The models of one workspace that are being fetched; of each one at a time."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._lock = Lock()
        self._fetches: dict[str, Preparing] = {}

    def find(self, name: str) -> str | None:
        """What is being done to fetch a model, in words; None once a run can open it.

        Raises ModelError for what is no base model, or cannot be fetched.
        """
        if find_model(self._workspace, name) is not None:
            return None
        fetch = self._join(name)
        fetch.ended.wait(WAIT_SECONDS)
        if fetch.problem is not None:
            raise fetch.problem
        return None if fetch.ended.is_set() else fetch.words

    def _join(self, name: str) -> Preparing:
        with self._lock:
            known = self._fetches.get(name)
            if known is not None and known.stands_for(name):
                return known
            fetch = self._fetches[name] = Preparing(wanted=name, words="asking the Hub")
        Thread(target=self._run, args=(fetch,), name="studio-model", daemon=True).start()
        return fetch

    def _run(self, fetch: Preparing) -> None:
        def say(words: str) -> None:
            fetch.words = words

        try:
            prepare_model(self._workspace, fetch.wanted, say)
        except StudioError as error:
            fetch.problem = error
        except Exception:
            log.exception("fetching the model %s", fetch.wanted)
            fetch.problem = ModelError(
                f"The model {fetch.wanted} could not be fetched.", "The log of the workspace says why."
            )
        fetch.ended_at = monotonic()
        fetch.ended.set()
