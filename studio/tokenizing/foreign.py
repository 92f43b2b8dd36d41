"""A tokenizer of a folder or of the Hub, read by transformers in a child process: the parent's end.

Only the files of a tokenizer are ever looked at: no weights, no pickle, no code. A folder's are copied to
where the child finds nothing else; of a Hub id the child fetches them. What the two tell each other,
__main__.py says.
"""

import hashlib
import importlib.util
import os
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from studio.errors import TokenizerError
from studio.hub.child import pass_hub_environment
from studio.tokenizing import INSTALL_HINT
from studio.tokenizing.asking import ask_child
from studio.tokenizing.choice import Choice
from studio.tokenizing.files import MOST_BYTES, copy_files, hash_files, list_files
from studio.worker import pass_environment
from studio.workspace import Workspace

LOADER = (sys.executable, "-I", "-m", "studio.tokenizing", "load")
ENVIRONMENT = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR", "TZ", "LD_LIBRARY_PATH")
FIXED = {"HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "TOKENIZERS_PARALLELISM": "false"}


def tell_folder(workspace: Workspace, choice: Choice) -> str:
    """The key of a folder's tokenizer: its files, and the version of what reads them.

    Raises TokenizerError when the folder is none, or holds no tokenizer, or may not be read.
    """
    folder = _check_folder(workspace, choice)
    try:
        files = list_files(folder)
        large = next((path for path in files if path.stat().st_size > MOST_BYTES), None)
        key = _make_key("folder", choice.name, hash_files(files)) if large is None else ""
    except OSError as error:
        raise TokenizerError(f"Cannot read {folder}: {error.strerror}.", "Check the path.") from error
    if not files:
        raise TokenizerError(
            f"{folder} holds no tokenizer.",
            "Give a folder with a tokenizer.json, such as one that save_pretrained has written.",
        )
    if large is not None:
        raise TokenizerError(
            f"{large.name} of {choice.name} is larger than {MOST_BYTES >> 20} MB.",
            "Choose another tokenizer.",
        )
    return key


def load_foreign(workspace: Workspace, choice: Choice, scratch: Path, say: Callable[[str], None]) -> str:
    """Have `scratch/made` filled with the prepared tokenizer, and return its key.

    Raises TokenizerError in words for whatever hinders it.
    """
    _require_transformers(choice)
    (scratch / "given").mkdir()
    asked = {"name": choice.name, "revision": choice.revision, "folder": str(scratch), "hub": False}
    environment = pass_environment(os.environ, ENVIRONMENT) | FIXED
    if choice.kind == "folder":
        key = tell_folder(workspace, choice)
        copy_files(list_files(choice.folder), scratch / "given")
        ask_child(LOADER, asked, environment, _name(choice), TokenizerError, say)
        return key
    hub = pass_hub_environment(os.environ, workspace.settings) | {"TOKENIZERS_PARALLELISM": "false"}
    made = ask_child(LOADER, asked | {"hub": True}, hub, _name(choice), TokenizerError, say)
    return _make_key("hub", made["name"], made["revision"])


def _check_folder(workspace: Workspace, choice: Choice) -> Path:
    if not workspace.settings.local_paths:
        raise TokenizerError(
            "Folders of this machine are not read, since others can reach this page.",
            "Choose tiny or a Hub id.",
        )
    if not os.path.isdir(choice.folder):  # noqa: PTH112 -- unlike Path's, it raises nothing
        raise TokenizerError(f"There is no folder {choice.folder}.", "Check the path.")
    return choice.folder


def _require_transformers(choice: Choice) -> None:
    if importlib.util.find_spec("transformers") is None:
        raise TokenizerError(
            f"The tokenizer {choice.name} needs the [train] extra.",
            f"Install it: {INSTALL_HINT}; or choose tiny, which needs nothing.",
        )


def _make_key(kind: str, *parts: str) -> str:
    # Another version may read the same files in another way.
    told = "\0".join((*parts, version("transformers"), version("tokenizers")))
    return f"{kind}-{hashlib.sha256(told.encode()).hexdigest()[:32]}"


def _name(choice: Choice) -> str:
    return f"the tokenizer {choice.name}"
