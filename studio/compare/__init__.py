"""Before and after: what two models made of the same test prompts, decoded in the same way.

    open_comparison(run_dir)                 the base and the tuned model of a run     (comparison.py)
    open_comparison_of(left, right, …)       two checkpoints, or two runs

Losses were measured by the worker; the scores of completions are computed here, from the text alone. Knows
the folders of runs; knows no model.
"""

from studio.compare.comparison import Comparison, open_comparison, open_comparison_of
from studio.compare.differences import SCORES, Difference, Score, measure_differences
from studio.compare.extracting import extract_response
from studio.compare.notes import spell_decoding
from studio.compare.pairs import Pair, Side, read_pairs
from studio.compare.scores import exact_match, rouge_l, token_f1
from studio.compare.sides import Address, list_comparable, list_sides, parse_address
from studio.compare.verdict import judge_difference, spell_difference

__all__ = [
    "SCORES",
    "Address",
    "Comparison",
    "Difference",
    "Pair",
    "Score",
    "Side",
    "exact_match",
    "extract_response",
    "judge_difference",
    "list_comparable",
    "list_sides",
    "measure_differences",
    "open_comparison",
    "open_comparison_of",
    "parse_address",
    "read_pairs",
    "rouge_l",
    "spell_decoding",
    "spell_difference",
    "token_f1",
]
