"""What a finished run gives away, file by file: the whole model, or the adapter alone.

    open_bundle(run_dir, "model").files   →   {"README.md": b"---…", "config.json": Path(…), …}

Only what a model is opened with is in it: weights as safetensors, JSON and text, each looked at, never a
pickle. The card and Ollama's Modelfile are made when they are asked for.
"""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from studio.card.model import describe_model_card
from studio.compare import open_comparison
from studio.errors import ModelError, RunError
from studio.packing import Content, measure, measure_zip
from studio.run import RunDir, read_spec, read_state
from studio.run.folder import read_json
from studio.run.log import hide_secrets
from studio.run.telling import tell_run
from studio.takeaway.modelfile import describe_modelfile
from studio.weights import check_folder
from studio.weights.files import TEXTS
from studio.weights.headers import read_header

What = Literal["model", "adapter"]
WHATS: tuple[What, ...] = ("model", "adapter")
CARD, TEMPLATE, MODELFILE = "README.md", "template.json", "Modelfile"

_ADAPTER = ("adapter_config.json", "adapter_model.safetensors")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """A model or an adapter as it is taken away: its files by name, the card first, the weights last."""

    run: str
    what: What
    files: dict[str, Content]

    @property
    def name(self) -> str:
        """The name of a folder or an archive of it."""
        return f"{self.what}-{self.run[:8]}"

    @property
    def packed(self) -> dict[str, Content]:
        """The files as they lie in an archive: in one folder."""
        return {f"{self.name}/{name}": content for name, content in self.files.items()}

    def to_dict(self) -> dict[str, Any]:
        """`what name files[{name bytes}] bytes archive`: sizes in bytes, `archive` that of the zip."""
        files = [{"name": name, "bytes": measure(content)} for name, content in self.files.items()]
        return {
            "what": self.what,
            "name": self.name,
            "files": files,
            "bytes": sum(file["bytes"] for file in files),
            "archive": measure_zip(self.packed),
        }


def list_bundles(run_dir: RunDir) -> list[Bundle]:
    """What a run gives: the model, and the adapter where one was trained. RunError as `open_bundle`."""
    whats = WHATS if (run_dir.final / "adapter").is_dir() else WHATS[:1]
    return [open_bundle(run_dir, what) for what in whats]


def open_bundle(run_dir: RunDir, what: What) -> Bundle:
    """The files of one of them; RunError for a run that has not succeeded or whose weights are not whole."""
    require_success(run_dir)
    if what not in WHATS:
        raise RunError(f"{what!r:.40} is nothing that a run gives.", f"Ask for one of: {', '.join(WHATS)}.")
    folder = run_dir.final / "adapter" if what == "adapter" else run_dir.final
    if what == "adapter" and not folder.is_dir():
        raise RunError(
            f"Run {run_dir.run} trained all weights, so there is no adapter.", "Take the model away."
        )
    weights = _list_adapter(folder) if what == "adapter" else _list_model(run_dir, folder)
    files: dict[str, Content] = {CARD: describe_card(run_dir, what).encode()}
    if (run_dir.final / TEMPLATE).is_file():
        files[TEMPLATE] = run_dir.final / TEMPLATE
    modelfile = describe_modelfile(run_dir) if what == "model" else None
    if modelfile is not None and modelfile.text:
        files[MODELFILE] = modelfile.text.encode()
    names = [name for name in TEXTS if name != CARD and (folder / name).is_file()]
    files |= {name: folder / name for name in sorted({*names} - {*weights}) if _is_plain(folder / name)}
    return Bundle(run=run_dir.run, what=what, files=files | {name: folder / name for name in weights})


def require_success(run_dir: RunDir) -> None:
    """RunError, in words, for a run that is not over or has failed: what it holds is not the model."""
    state = read_state(run_dir)
    if state.state == "succeeded":
        return
    if state.finished:
        because = f": {state.reason}" if state.reason else ""
        raise RunError(
            f"Run {state.run} is {state.state}{because}", "There is nothing to take away; go on with it."
        )
    raise RunError(
        f"Run {state.run} is still {state.state}.", "Take the model away when the run has succeeded."
    )


def describe_card(run_dir: RunDir, what: What = "model") -> str:
    """The model card of a run that succeeded, with the intervals of its comparison; no secret is in it."""
    require_success(run_dir)
    return _render_card(run_dir.path, what, run_dir.metrics.stat().st_mtime_ns)


@lru_cache(maxsize=32)
def _render_card(path: Path, what: What, stamp: int) -> str:
    run_dir = RunDir(path)
    told = tell_run(run_dir, read_spec(run_dir), read_json(run_dir, run_dir.metrics), what)
    try:
        compared = open_comparison(run_dir).to_dict(limit=0)
        told["scores"] = {name: compared[name] for name in ("base", "tuned", "difference", "verdict")}
    except RunError:  # a run without a test part has nothing to compare
        pass
    return hide_secrets(describe_model_card(told))


def _list_model(run_dir: RunDir, folder: Path) -> list[str]:
    if not folder.is_dir():
        raise RunError(f"The model of run {run_dir.run} is gone: it has no {folder.name}/ any more.", _AGAIN)
    try:
        _, weights = check_folder(folder, f"Run {run_dir.run}")
        for name in weights:
            _check_weights(folder / name)
    except ModelError as error:
        raise RunError(f"The model of run {run_dir.run} is not whole: {error.message}", _AGAIN) from error
    return weights


def _list_adapter(folder: Path) -> list[str]:
    missing = [name for name in _ADAPTER if not _is_plain(folder / name)]
    if missing:
        raise RunError(f"The adapter is not whole: {missing[0]} is missing.", _AGAIN)
    try:
        json.loads((folder / _ADAPTER[0]).read_bytes())
        _check_weights(folder / _ADAPTER[1])
    except (ModelError, ValueError) as error:
        raise RunError(f"The adapter is not whole: {error}", _AGAIN) from error
    return list(_ADAPTER)


_AGAIN = "Start the run again."


def _check_weights(path: Path) -> None:
    if not _is_plain(path):
        raise ModelError(f"{path.name} is no file of the run.", _AGAIN)
    read_header(path)


def _is_plain(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()
