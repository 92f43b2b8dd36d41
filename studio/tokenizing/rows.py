"""The texts that a run of a recipe would make `tiny` from, and what tells them from others.

Rows are chosen first and rendered then, with the expressions of an export, so that a table of a million
records is never held.
"""

import hashlib
import json
from collections.abc import Iterator
from importlib.metadata import version

import numpy as np
from numpy.typing import NDArray

from studio.errors import TokenizerError
from studio.formats import express_fields
from studio.pipeline import plan_splits, resolve_template
from studio.recipe import Recipe
from studio.table import Table
from studio.table.stored import TABLE_FILE
from studio.template import Template
from studio.tokens.chosen import choose_rows

_AT_ONCE = 65_536

Rows = NDArray[np.int64]


def tell_rows(recipe: Recipe, table: Table) -> str:
    """A digest of all that the texts depend on; nothing of the table is read. Raises TemplateError."""
    template = _check_template(recipe, table)
    stored = (table.folder / TABLE_FILE).read_text(encoding="utf-8")
    values = {
        # Of what is not read to its end only the place is sure.
        "table": [stored, "" if table.sha256 else str(table.folder.absolute())],
        "edits": [[row, dict(cells)] for row, cells in table.changes.edits.items()],
        "excluded": list(table.changes.excluded),
        "template": [template.to_mapping(), dict(template.column_map)],
        "recipe": recipe.model_dump(mode="json", include={"filter", "split"}),
        "seed": recipe.train.seed,
        "tokenizers": version("tokenizers"),
    }
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


def read_texts(recipe: Recipe, table: Table) -> tuple[list[str], list[str]]:
    """The texts of the rows that a run learns from, and of those that it holds back, validates and tests on.

    Raises the stages' errors, and TokenizerError when there is no train part.
    """
    template = _check_template(recipe, table)
    splits = plan_splits(recipe, table)
    if "train" not in splits.parts:
        raise TokenizerError(
            "tiny is made from the train part, and the split has none.", "Give the split a train part."
        )
    chosen = choose_rows(splits.counts, recipe.train.seed)
    parts = {name: np.asarray(rows, dtype=np.int64) for name, rows in splits.parts.items()}
    learnt = parts["train"][list(chosen.train)]
    others = [parts["train"][list(chosen.held_back)]]
    others += [
        parts[name][list(places)]
        for name, places in (("validation", chosen.validation), ("test", chosen.test))
        if places
    ]
    wanted = np.unique(np.concatenate([learnt, *others]))
    texts = dict(zip(wanted.tolist(), _render_rows(template, table, wanted), strict=True))
    return [texts[row] for row in learnt.tolist()], [texts[row] for rows in others for row in rows.tolist()]


def _check_template(recipe: Recipe, table: Table) -> Template:
    if table.reading:
        raise TokenizerError(
            f"tiny is made from the train part, and {table.name} is still being read.",
            "Wait until it is done, or choose another tokenizer.",
        )
    template = resolve_template(recipe, table)
    if template.type == "messages":
        raise TokenizerError(
            "tiny has no chat template.",
            "Use a template of prompt and completion, or choose a tokenizer that has one.",
        )
    return template


def _render_rows(template: Template, table: Table, wanted: Rows) -> Iterator[str]:
    """The whole texts of rows, which ascend, in their order."""
    fields = express_fields(template, table.columns, "text", {})
    # A template may read no column at all; the bookkeeping's says how many records there are.
    names = [*template.columns, table.bookkeeping.missing]
    start = 0
    for batch in table.iter_batches(_AT_ONCE, names):
        inside = wanted[slice(*np.searchsorted(wanted, (start, start + batch.height)))] - start
        start += batch.height
        if len(inside):
            # with_columns: a template without a placeholder has one text for all of the rows.
            rendered = batch[inside].lazy().with_columns(fields).select("text").collect()
            yield from rendered.to_series().to_list()
