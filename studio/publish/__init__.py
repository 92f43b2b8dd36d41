"""An export onto the Hub, in a process of its own: what would be sent, the sending, and how far it is.

    Asked                                         what a person asked for
    start_push, read_push, stop_push, push_folder begun, looked at, ended, waited for   (pushing.py)
    __main__                                      the worker: python -m studio.publish FOLDER LOCK

The token reaches the worker in its environment and is written nowhere: not in the request, the state, the
log or an answer. `huggingface_hub` is imported in the worker alone, which imports little else.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A dataset `repo` as org/name, private or public; nothing is sent by a dry run.

    `replace` agrees to what the push overwrites.
    """

    repo: str
    private: bool = True
    dry_run: bool = False
    replace: bool = False
