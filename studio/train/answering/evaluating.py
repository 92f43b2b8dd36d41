"""The whole test part answered by one model of a finished run, with the run's decoding or another one.

python -m studio.train.answering.evaluating TASK_FOLDER LOCK

Does what the run itself does when it ends, on the same rows. Lines that an earlier attempt has written are
kept, if the weights are the same; the summary beside them is written last.
"""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from studio.durable import write_file
from studio.errors import RunError
from studio.run import RunDir, read_lines, read_spec
from studio.run.decoding import Decoding
from studio.run.sides import side_file, write_summary
from studio.task import Progress, run_task
from studio.worker import is_held

BEGUN = "begun.json"  # in the task's folder: which weights the lines so far are of
LARGE = 50_000_000  # parameters from which on fewer rows are answered at once without a GPU
FEW_ROWS = 8


def evaluate_side(folder: Path, request: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """The summary of the side, once all its lines are written."""
    # torch takes seconds, and a word of a stop has to be heard meanwhile.
    from studio.train.answering import opening
    from studio.train.data import read_parts
    from studio.train.decode import check_room
    from studio.train.device import use_threads
    from studio.train.score import score_rows, sum_losses

    opening.quieten()
    use_threads()
    run_dir = RunDir(Path(request["run"]))
    which, decoding = request["which"], Decoding.from_dict(request["decoding"])
    spec = read_spec(run_dir)
    [side] = opening.open_sides(run_dir, spec, [which])
    check_room(side.model, decoding)
    encode = opening.open_rows_encoder(run_dir, spec, side.tokenizer)
    test = opening.as_asked(read_parts(run_dir, spec, spec.train.get("seed", 42)).test, encode)
    losses = score_rows(side.model, encode, test)
    path = side_file(run_dir, which, decoding)
    kept = _keep_lines(path, folder / BEGUN, side.sha256)
    loss_of = {row.row: loss for row, loss in zip(test, losses, strict=True)}
    _answer_rows(run_dir, side, test, loss_of, decoding, path, kept, progress)
    lines = {line["row"]: line for line in read_lines(path)}
    write_file(path, "".join(_spell(lines[row.row]) for row in test))
    summary = {
        "which": which,
        "decoding": decoding.to_dict(),
        "weights_sha256": side.sha256,
        "records": len(test),
        **sum_losses(losses, test),
    }
    write_summary(path, summary)
    return summary


def _answer_rows(
    run_dir: RunDir,
    side: Any,
    test: Sequence[Any],
    losses: Mapping[int, tuple[float, int]],
    decoding: Decoding,
    path: Path,
    kept: set[int],
    progress: Progress,
) -> None:
    """Append the lines of the rows that have none yet, batch by batch."""
    from studio.train.score import complete_rows, order_batches

    left = [row for row in test if row.row not in kept]
    done = len(test) - len(left)
    for batch in order_batches(left, *_few_rows(side.model)):
        if is_held(run_dir.lock):
            raise RunError(f"Run {run_dir.run} goes on again.", "Evaluate it when it has ended.")
        progress(done, len(test))
        answers = complete_rows(side.model, side.tokenizer, batch, decoding)
        with path.open("a", encoding="utf-8") as file:
            for row, answer in zip(batch, answers, strict=True):
                file.write(_spell(_make_line(row, answer, losses[row.row])))
        done += len(batch)
    progress(done, len(test))


def _keep_lines(path: Path, begun: Path, sha256: str) -> set[int]:
    """The rows that have a line of these weights; a file of others begins anew, a torn line is left out."""
    path.parent.mkdir(exist_ok=True)
    path.with_suffix(".json").unlink(missing_ok=True)
    try:
        same = json.loads(begun.read_bytes())["weights_sha256"] == sha256
    except (OSError, ValueError, KeyError, TypeError):
        same = False
    lines = list(read_lines(path)) if same else []
    write_file(path, "".join(map(_spell, lines)))
    write_file(begun, json.dumps({"weights_sha256": sha256}))
    return {line["row"] for line in lines}


def _make_line(row: Any, answer: Any, loss: tuple[float, int]) -> dict[str, Any]:
    nats, tokens = loss
    return {
        "row": row.row,
        "prompt": row.prompt,
        "expected": row.completion,
        "completion": answer.completion,
        "finished": answer.finished,
        "loss": nats / max(1, tokens),
        "tokens": tokens,
    }


def _few_rows(model: Any) -> tuple[int, ...]:
    large = sum(weight.numel() for weight in model.parameters()) > LARGE
    return (FEW_ROWS,) if large and next(model.parameters()).device.type == "cpu" else ()


def _spell(line: dict[str, Any]) -> str:
    return json.dumps(line, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    os.environ |= {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
    sys.stdout = sys.stderr
    run_task(evaluate_side)
