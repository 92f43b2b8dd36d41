"""Before and after: what the base and the tuned model made of the same test prompts, decoded in the same way.

Losses were measured by the worker; the scores of completions are computed here, from the text alone. Knows a
finished run's folder; knows no model.
"""

from studio.compare.comparison import Comparison, open_comparison
from studio.compare.differences import Difference, measure_differences
from studio.compare.extracting import extract_response
from studio.compare.pairs import Pair, Side, read_pairs
from studio.compare.scores import exact_match, token_f1

__all__ = [
    "Comparison",
    "Difference",
    "Pair",
    "Side",
    "exact_match",
    "extract_response",
    "measure_differences",
    "open_comparison",
    "read_pairs",
    "token_f1",
]
