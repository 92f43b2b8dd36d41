"""A SplitPlan cuts the records of a table into train, validation and test.

    random, train 0.9, test 0.1, seed 42 over 1 400 records     →  1 260 and 140 row ids
    grouped, train 1 260, test 140 over 1 397 different keys    →  those that share a key share a part
    published, over source splits of 1 260 and 140 records      →  those very records

Same plan, same records, same parts: on any machine and Python. Knows records by their position and, where a
method wants one, by a key, which is a text; what the keys are is for the caller.

    SplitPlan, parse_plan             what was asked, and its problems in words   (plan.py)
    Splits, split_rows, count_parts   the cutting, method by method               (cutting.py)
    grouped, stratified, hash         those that want keys                        (keyed.py)
    part_of_split                     the splits that a source came in            (published.py)
"""

from studio.split.cutting import Splits, count_parts, split_rows
from studio.split.keyed import Keys, RowIds, number_keys
from studio.split.plan import LEAST_NEAR, METHODS, PART_NAMES, SplitPlan, check_near, parse_plan
from studio.split.published import Published, part_of_split

__all__ = [
    "LEAST_NEAR",
    "METHODS",
    "PART_NAMES",
    "Keys",
    "Published",
    "RowIds",
    "SplitPlan",
    "Splits",
    "check_near",
    "count_parts",
    "number_keys",
    "parse_plan",
    "part_of_split",
    "split_rows",
]
