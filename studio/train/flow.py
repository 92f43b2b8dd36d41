"""One run from the first line read to the last score written.

The order is the promise: the base model is saved before the first step, the validation rows choose the
checkpoint, and the test rows are only scored, by models that are read back from disk. Knows the stages of a
run; each is a neighbour.
"""

import io
import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import datasets
import jsonlines
import transformers

from studio.durable import write_file
from studio.run import MAX_LENGTH, RunDir, RunSpec, write_json
from studio.run.checkpoints import read_trainer_state, take_up
from studio.train.base import Base, compute_dtype, make_tiny, open_base, save_tuned
from studio.train.card import write_card
from studio.train.data import (
    Parts,
    Row,
    count_losses,
    keep_answered,
    read_parts,
    refuse_unlearnable,
    split_last_answer,
)
from studio.train.device import describe_hardware, find_device, release_memory, use_threads
from studio.train.fit import fit_model
from studio.train.report import Report
from studio.train.samples import Samples, choose_samples
from studio.train.score import complete_rows, order_batches, score_rows, sum_losses
from studio.train.tiny import hash_weights, load_model
from studio.train.voice import Checkpoints, Signs, Voice

PARTS = ("train", "validation", "test")
MODELS = ("base", "tuned")


def fine_tune(run_dir: RunDir, spec: RunSpec, report: Report) -> None:
    """Do the whole run and leave it `succeeded`; raises Stopped, or whatever went wrong."""
    quieten()
    use_threads()
    options = {"max_length": MAX_LENGTH, "seed": 42} | dict(spec.train)
    report.note(hardware=describe_hardware(compute_dtype(options)))
    parts = read_parts(run_dir, spec, options["seed"])
    base = open_base(run_dir, spec) if spec.model else make_tiny(run_dir, parts, options["seed"])
    parts = prepare_parts(parts, spec, base, options["max_length"], report)
    resume_from = _find_past(run_dir, options, report)
    report.check_stop()
    hashes, kept = _train_base(run_dir, spec, options, parts, base, resume_from, report)
    base = replace(base, model=None)
    release_memory()  # the base and the tuned model are read back from disk
    report.enter("evaluating")
    metrics = evaluate_run(run_dir, spec, parts.test, hashes, report, base) | kept
    write_json(run_dir.metrics, metrics)
    write_card(run_dir, spec, metrics)
    report.enter("succeeded", metrics=metrics)


def _train_base(
    run_dir: RunDir,
    spec: RunSpec,
    options: dict[str, Any],
    parts: Parts,
    base: Base,
    resume_from: Path | None,
    report: Report,
) -> tuple[dict[str, str], dict[str, int]]:
    """Train and save; returns the hashes of both models' weights, and the best step and the parameters."""
    base_hash = hash_weights(base.model)
    rows = choose_samples(parts, base.encode, options["seed"])
    samples = Samples(report, base.tokenizer, rows, spec.max_new_tokens)
    model, best = fit_model(
        base.model,
        base.tokenizer,
        parts.train,
        parts.validation,
        options=options,
        prompted=spec.example_type == "prompt-completion",
        folder=run_dir.checkpoints,
        report=report,
        base=base if base.real else None,
        callbacks=(Signs(report.pulse), Voice(report), samples, Checkpoints(report)),
        resume_from=resume_from,
    )
    model = save_tuned(model, base.tokenizer, spec, run_dir.final)
    write_json(run_dir.final / "template.json", {"template": spec.template, "type": spec.example_type})
    parameters = sum(weight.numel() for weight in model.parameters())
    return {"base": base_hash, "tuned": hash_weights(model)}, {"best_step": best, "parameters": parameters}


def _find_past(run_dir: RunDir, options: dict[str, Any], report: Report) -> Path | None:
    """The checkpoint of an earlier attempt to go on from, None for the beginning; says which."""
    found = take_up(run_dir.checkpoints)
    if report.state.attempt > 1:
        # Without a checkpoint a new calibration could choose another number of steps.
        options["max_steps"] = options.get("max_steps") or report.state.steps
        step = read_trainer_state(found).get("global_step", 0) if found else 0
        words = f"Attempt {report.state.attempt} goes on from {f'step {step}' if found else 'the beginning'}."
        report.say("resumed", step=step, message=words, details={"attempt": report.state.attempt})
    return found


def quieten() -> None:
    """Keep progress bars, and one warning that TRL's own default causes, out of the log."""
    datasets.disable_progress_bars()
    transformers.utils.logging.disable_progress_bar()
    warnings.filterwarnings("ignore", message="`gradient_checkpointing` is deprecated")


def prepare_parts(parts: Parts, spec: RunSpec, base: Base, max_length: int, report: Report) -> Parts:
    """The parts without the rows that truncation leaves no answer; says what is learnt from."""
    tokens = base.encode(parts.train)
    refuse_unlearnable(tokens)
    counts = count_losses(tokens, max_length)
    parts = replace(
        parts,
        train=keep_answered(parts.train, tokens, max_length),
        validation=keep_answered(parts.validation, base.encode(parts.validation), max_length),
        test=tuple(map(split_last_answer, parts.test, base.encode(parts.test))),
    )
    details = {
        **{name: len(getattr(parts, name)) for name in PARTS},
        "records": {part: file.records for part, file in spec.data.items()},
        "read": parts.read,
        "held_back": parts.held_back,
        "max_length": max_length,
        "vocabulary": len(base.tokenizer),
        "truncation": counts,
    }
    report.say("data", message=_describe_data(details), details=details)
    return parts


def evaluate_run(
    run_dir: RunDir, spec: RunSpec, test: Sequence[Row], hashes: dict[str, str], report: Report, base: Base
) -> dict[str, Any]:
    """Score the base and the tuned model, read back from disk, on the test rows; writes eval/*.jsonl."""
    if not test:
        return {"records": 0, "base": None, "tuned": None, "reason": "no test part"}
    folders = {"base": run_dir.base, "tuned": run_dir.final}
    models = {name: load_model(folder, base.dtype) for name, folder in folders.items()}
    metrics: dict[str, Any] = {"records": len(test), "of": spec.data["test"].records}
    losses: dict[str, list[tuple[float, int]]] = {}
    for name in MODELS:
        model, _ = models[name]
        if hash_weights(model) != hashes[name]:
            raise RuntimeError(f"The {name} model on disk is not the one that was saved.")
        losses[name] = score_rows(model.to(find_device()), base.encode, test)
        metrics[name] = sum_losses(losses[name], test) | {"weights_sha256": hashes[name]}
        report.check_stop()
    metrics["decoding"] = {"method": "greedy", "max_new_tokens": spec.max_new_tokens}
    _complete_test(run_dir, spec, test, models, losses, report)
    return metrics


def _complete_test(
    run_dir: RunDir,
    spec: RunSpec,
    test: Sequence[Row],
    models: dict[str, tuple[Any, Any]],
    losses: dict[str, list[tuple[float, int]]],
    report: Report,
) -> None:
    """Write each batch as soon as both models have answered it; the files end in the test part's order."""
    paths = dict(zip(MODELS, (run_dir.base_completions, run_dir.tuned_completions), strict=True))
    for path in paths.values():
        for file in (path.with_suffix(".json"), path):  # an earlier attempt may have begun it
            file.unlink(missing_ok=True)
    place = {row.row: at for at, row in enumerate(test)}
    lines: dict[str, list[dict[str, Any]]] = {name: [] for name in MODELS}
    for batch in order_batches(test):
        for name in MODELS:
            report.check_stop()
            answers = complete_rows(*models[name], batch, spec.max_new_tokens)
            new = [
                {
                    "row": row.row,
                    "prompt": row.prompt,
                    "expected": row.completion,
                    "completion": answer.completion,
                    "finished": answer.finished,
                    "loss": losses[name][place[row.row]][0] / max(1, losses[name][place[row.row]][1]),
                    "tokens": losses[name][place[row.row]][1],
                }
                for row, answer in zip(batch, answers, strict=True)
            ]
            lines[name] += new
            _append_lines(paths[name], new)
        report.say("scoring", step=len(lines["tuned"]), steps=len(test))
    for name in MODELS:
        _replace_lines(paths[name], sorted(lines[name], key=lambda line: int(line["row"])))


def _append_lines(path: Path, lines: Sequence[dict[str, Any]]) -> None:
    with jsonlines.open(path, "a") as writer:
        writer.write_all(lines)


def _replace_lines(path: Path, lines: Sequence[dict[str, Any]]) -> None:
    text = io.StringIO()
    jsonlines.Writer(text).write_all(lines)
    write_file(path, text.getvalue())


def _describe_data(details: dict[str, Any]) -> str:
    counts, length = details["truncation"], details["max_length"]
    words = [f"{details['train']} train, {details['validation']} validation, {details['test']} test rows"]
    if details["held_back"]:
        words.append(f"{details['held_back']} train rows are held back to choose the best checkpoint")
    for name, asked in details["records"].items():
        if asked > details["read"][name]:
            words.append(f"the {name} rows are a seeded choice from {asked} records")
    if counts["without_answer"]:
        words.append(f"{counts['without_answer']} train rows dropped: no answer within {length} tokens")
    if counts["cut"]:
        words.append(f"{counts['cut']} train rows lose the end of their answer after {length} tokens")
    if counts["merged"]:
        words.append(f"{counts['merged']} prompts melt into their completion")
    return "; ".join(words)
