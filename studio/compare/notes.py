"""Sentences on what the scores of a comparison cannot say, and what has to be known beside them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from studio.compare.differences import has_same_tokens
from studio.compare.pairs import Pair, select_side
from studio.compare.sides import Evaluated
from studio.run import RunDir


def spell_decoding(decoding: Mapping[str, Any]) -> str:
    """A decoding for a person: `greedy, at most 64 new tokens`."""
    method = decoding.get("method", "not written down")
    words = [str(method)]
    if "max_new_tokens" in decoding:
        words.append(f"at most {decoding['max_new_tokens']} new tokens")
    if method == "sample":
        words += [
            f"{name.replace('_', ' ')} {decoding[name]}"
            for name in ("temperature", "top_p", "seed")
            if name in decoding
        ]
    return ", ".join(words)


def list_notes(left: Evaluated, right: Evaluated, pairs: Sequence[Pair]) -> Iterator[str]:
    """The sentences that the answers themselves call for."""
    if left.weights_sha256 and left.weights_sha256 == right.weights_sha256:
        yield "Both sides are the same weights: what differs is the decoding, if anything."
    if left.decoding != right.decoding:
        yield (
            f"The left side decoded by {spell_decoding(left.decoding)}; the right one by "
            f"{spell_decoding(right.decoding)}."
        )
    elif right.decoding.get("method") == "sample":
        yield "The answers were drawn at random: with another seed their scores are others."
    if right.chosen_of is not None:
        yield f"The {len(pairs):,} records are a seeded choice from the {right.chosen_of:,} of the test part."
    if not has_same_tokens(pairs):
        yield (
            "The two models cut texts into different tokens, so a loss by token compares nothing: go by bits "
            "per byte."
        )
    empty = [sum(side.completion == "" for side in select_side(pairs, name)) for name in ("base", "tuned")]
    if any(empty):
        yield f"Empty answers: {empty[0]:,} on the left, {empty[1]:,} on the right."


def list_losses(run_dir: RunDir) -> Iterator[str]:
    """What of the left run is gone by now."""
    if run_dir.base.is_dir() and not any(path.exists() for path in run_dir.base.glob("*.safetensors")):
        yield (
            "The weights of the base model are gone. Its answers were kept, so the scores stand; it can be "
            "asked nothing more."
        )
