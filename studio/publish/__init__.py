"""Files onto the Hub, in a process of its own: what would be sent, the sending, and how far it is.

    Asked                                            what a person asked for
    begin_push, look_at_push, end_push, send_files   begun, looked at, ended, waited for   (sending.py)
    start_push, read_push, stop_push, push_folder    the same of an export                 (pushing.py)
    __main__                                         the worker: python -m studio.publish FOLDER LOCK

The token reaches the worker in its environment and is written nowhere: not in the request, the state, the
log or an answer. `huggingface_hub` is imported in the worker alone, which imports little else.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A repository `repo` as org/name, private or public; nothing is sent by a dry run.

    `kind` is what it holds: a dataset, a model, or an adapter, which is a model to the Hub. `replace` agrees
    to what the push overwrites.
    """

    repo: str
    private: bool = True
    dry_run: bool = False
    replace: bool = False
    kind: Literal["dataset", "model", "adapter"] = "dataset"

    @property
    def repo_kind(self) -> Literal["dataset", "model"]:
        """What the Hub calls it."""
        return "dataset" if self.kind == "dataset" else "model"
