"""Tokenizers made ready: found or made once, then opened with the light `tokenizers` package alone.

    find_tokenizer, prepare_tokenizer   of a choice, for a recipe on a table                    (preparing.py)
    Choice, parse_choice                "tiny", a folder, or org/name@revision of the Hub          (choice.py)
    list_choices                        those that were used before                                (choice.py)

A prepared tokenizer is a folder of the workspace, `tokenizers/<key>/`, there whole or not at all. `tiny` is
made from the very rows that a run of the recipe would make it from (rows.py). A folder or a Hub id is read by
transformers, in a child process (foreign.py; __main__.py, reading.py, fetching.py and refusals.py in it).
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from studio.tokenizing.choice import Choice, list_choices, parse_choice
    from studio.tokenizing.preparing import Progress, find_tokenizer, prepare_tokenizer

__all__ = [
    "INSTALL_HINT",
    "Choice",
    "Progress",
    "find_tokenizer",
    "list_choices",
    "parse_choice",
    "prepare_tokenizer",
]

INSTALL_HINT = 'pip install -e ".[train]" -c constraints.txt'
_HOMES = {
    **dict.fromkeys(("Choice", "list_choices", "parse_choice"), "choice"),
    **dict.fromkeys(("Progress", "find_tokenizer", "prepare_tokenizer"), "preparing"),
}


def __getattr__(name: str) -> Any:
    # The child is of this package too; it starts sooner without tables and templates.
    if name in _HOMES:
        return getattr(import_module(f"studio.tokenizing.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__} has no attribute {name}")
