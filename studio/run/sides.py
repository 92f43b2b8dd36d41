"""The models of one run that can answer, and where the lines of their answers lie.

    base        as it was before the first step      eval/base.jsonl
    tuned       what the run made                    eval/tuned.jsonl
    step-40     a complete checkpoint                eval/step-40.jsonl    eval/step-40.json

With another decoding than the run's own the files are `<which>.<name of the decoding>.jsonl` and `.json`. The
`.json` is written last: present means complete. Knows files; loads no model.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from studio.errors import RunError
from studio.run import RunDir, RunSpec, RunState, read_spec, read_state, write_json
from studio.run.checkpoints import is_complete, list_steps, step_folder
from studio.run.decoding import Decoding

BASE, TUNED = "base", "tuned"
ADAPTER = "adapter_config.json"
_STEP = re.compile(r"step-([1-9]\d{0,11}|0)")


def own_decoding(spec: RunSpec) -> Decoding:
    """The decoding that a run answers its test part with when it ends."""
    return Decoding(max_new_tokens=spec.max_new_tokens)


def list_sides(run_dir: RunDir) -> list[str]:
    """The models that there are, `base` first, then the complete checkpoints by step, `tuned` last."""
    steps = [step for step in list_steps(run_dir.checkpoints) if is_complete(_checkpoint(run_dir, step))]
    there = ((BASE, run_dir.base), (TUNED, run_dir.final))
    base, tuned = ([which] if (folder / "config.json").exists() else [] for which, folder in there)
    return [*base, *(f"step-{step}" for step in steps), *tuned]


def find_side(run_dir: RunDir, which: str) -> Path:
    """The folder of a model of a run that is over, or of its adapter.

    Raises RunError, in words, for one that there is not, and for one whose base model is gone.
    """
    state = read_state(run_dir)
    if not state.finished:
        raise RunError(f"Run {state.run} is still {state.state}.", "Ask it when it has ended.")
    there = list_sides(run_dir)
    if which not in there:
        raise _explain_missing(state, which, there)
    folder = {BASE: run_dir.base, TUNED: run_dir.final}.get(which, run_dir.checkpoints / which)
    if needs_base(folder):
        find_side(run_dir, BASE)
    for path in sorted(folder.iterdir()):
        if path.is_symlink() and not path.exists():
            raise RunError(
                f"The base model {read_spec(run_dir).base_model} is gone: there is no {path.readlink()}.",
                "Put its folder back where it was, or choose a model that stands by itself.",
            )
    return folder


def needs_base(folder: Path) -> bool:
    """Whether a model's folder holds an adapter alone, which answers on its base."""
    return (folder / ADAPTER).exists() and not (folder / "config.json").exists()


def answers_file(run_dir: RunDir, name: str) -> Path:
    """Where the answers of this name lie, `base` or `step-40.1a2b3c4d`; the `.json` beside it comes last."""
    return run_dir.metrics.with_name(f"{name}.jsonl")


def side_file(run_dir: RunDir, which: str, decoding: Decoding) -> Path:
    """Where the lines of a model's answers lie, or would; `which` is one of `list_sides`.

    Raises RunError for a name that no model can have.
    """
    if which not in (BASE, TUNED) and not _STEP.fullmatch(which):
        raise RunError(
            f"A run has no model {which!r:.40}.", "There are base, tuned and checkpoints: step-40."
        )
    more = "" if decoding == own_decoding(read_spec(run_dir)) else f".{decoding.name}"
    return answers_file(run_dir, f"{which}{more}")


def read_summary(run_dir: RunDir, which: str, decoding: Decoding) -> dict[str, Any] | None:
    """`which decoding weights_sha256 records loss perplexity bits_per_byte tokens` of a model that has
    answered the whole test part; None for any other.
    """
    path = side_file(run_dir, which, decoding)
    state = read_state(run_dir)
    measured = state.metrics.get(which) if state.state == "succeeded" else None
    if measured and path == side_file(run_dir, which, own_decoding(read_spec(run_dir))):
        head = {"which": which, "decoding": decoding.to_dict()}
        return head | {"records": state.metrics["records"]} | dict(measured)
    try:
        values = json.loads(path.with_suffix(".json").read_bytes())
    except (OSError, ValueError):
        return None
    return values if isinstance(values, dict) else None


def write_summary(path: Path, summary: Mapping[str, Any]) -> None:
    """Say beside the lines at `path` that they are complete."""
    write_json(path.with_suffix(".json"), summary)


def _checkpoint(run_dir: RunDir, step: int) -> Path:
    return step_folder(run_dir.checkpoints, step)


def _explain_missing(state: RunState, which: str, there: list[str]) -> RunError:
    known = f"It has: {', '.join(there)}." if there else "It kept no model; resume it or start another run."
    if which == BASE:
        return RunError(f"Run {state.run} ended before it had its base model.", known)
    if which == TUNED:
        return RunError(f"Run {state.run} has no tuned model: it is {state.state}.", known)
    return RunError(f"Run {state.run} has no complete checkpoint {which!r:.40}.", known)
