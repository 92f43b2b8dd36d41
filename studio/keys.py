"""Keys: the text by which two records count as the same, over a whole table, some records at a time.

    "What is  LoRA?\n", "what is lora?", "Ｗhat is LoRA?"   →   "what is lora?"

Normalised is NFKC, then case folded, then every run of white space as one blank and none at the ends: in
Python `" ".join(unicodedata.normalize("NFKC", text).casefold().split())`, here by polars, whose Unicode is
not that of the Python at hand. Characters that are in no version of Unicode yet may still change.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray
from polars import selectors as cs

from studio.ahead import map_ahead
from studio.table import Table
from studio.table.values import find_column
from studio.template import Template
from studio.template.sides import express_asked, express_given
from studio.template.values import express_text

Rows = NDArray[np.uint32]

_BATCH_ROWS = 32_768

# Characters that NFKC leaves alone wherever they stand: most of what is written. It takes ten times as long
# as all the rest.
_NORMAL = (
    r"\x00-\x7fÀ-ıĴ-ľŁ-ňŊ-žΑ-ΡΣ-ώЀ-ҁҊ-ԯא-תء-غف-ي一-鿿가-힣ぁ-ゖァ-ヺー、。「」–—‘’“”"
    r"\x{1F300}-\x{1FAFF}"
)
_MAYBE_NOT_NORMAL = f"[^{_NORMAL}]"
_SPACE = r"[\s\x1c-\x1f]"
# Runs but for a single blank, which is what nearly all are.
_RUN = rf" *[\t-\r\x1c-\x1f\x{{85}}\x{{1680}}\x{{2028}}\x{{2029}}]{_SPACE}*| {{2,}}"

# What case folding makes of lower case, in the blocks where it makes anything.
_FOLDED_BLOCKS = (range(0xDF, 0x588), range(0x13F8, 0x13FE), range(0x1C80, 0x1C89), range(0x1E96, 0x2000))
_FOLDED = {
    char: char.casefold()
    for block in (*_FOLDED_BLOCKS, range(0xAB70, 0xABC0))
    for char in map(chr, block)
    if char.lower() == char != char.casefold()
}


def normalise_texts(texts: pl.Series) -> pl.Series:
    """Texts, none of them null, as keys."""
    foreign = (texts.str.len_bytes() != texts.str.len_chars()).arg_true()
    if not len(foreign):
        texts = texts.str.to_lowercase()
    else:
        folded = _fold_texts(texts.gather(foreign))
        texts = texts.str.to_lowercase().scatter(foreign, folded)
    return _strip_texts(texts.str.replace_all(_RUN, " "))


def _strip_texts(texts: pl.Series) -> pl.Series:
    # To strip all takes as long as the rest, and few have a blank at an end.
    edged = (texts.str.starts_with(" ") | texts.str.ends_with(" ")).arg_true()
    return texts.scatter(edged, texts.gather(edged).str.strip_chars(" ")) if len(edged) else texts


def _fold_texts(texts: pl.Series) -> pl.Series:
    """Texts in any script, in NFKC and case folded."""
    strange = texts.str.contains(_MAYBE_NOT_NORMAL).arg_true()
    if len(strange):
        texts = texts.scatter(strange, texts.gather(strange).str.normalize("NFKC"))
    return texts.str.to_lowercase().str.replace_many(list(_FOLDED), list(_FOLDED.values()))


def iter_keys(table: Table, column: str, rows: Rows | None, *, normalised: bool) -> Iterator[pl.Series]:
    """The column's values of the records at `rows` (None: all), in table order, as text; no value is "".

    Raises TableError when there is no such column.
    """
    text = express_text(find_column(table, column)).alias("key")
    values = (batch.select(text).to_series() for batch in iter_left(table, [column], rows))
    return map_ahead(normalise_texts, values) if normalised else values


def iter_prompts(table: Table, template: Template, rows: Rows | None) -> Iterator[pl.Series]:
    """The normalised prompts of the records at `rows` (None: all), in table order."""
    texts = iter_texts(table, [express_asked(template, table.columns)], template.columns, rows)
    return map_ahead(normalise_texts, (prompts for [prompts] in texts))


def iter_given(table: Table, template: Template, rows: Rows | None) -> Iterator[pl.Series]:
    """Of the prompts of the records at `rows` (None: all) the values alone, as they are, in table order."""
    for [given] in iter_texts(table, [express_given(template, table.columns)], template.columns, rows):
        yield given


def iter_texts(
    table: Table,
    texts: Sequence[pl.Expr],
    columns: Sequence[str],
    rows: Rows | None,
    size: int = _BATCH_ROWS,
) -> Iterator[tuple[pl.Series, ...]]:
    """Each of these texts of the records at `rows` (None: all), as it is; `columns` are what they read."""
    names = [f"text {at}" for at in range(len(texts))]
    for batch in iter_left(table, columns, rows, size):
        # Beside a column, since a text without a placeholder would be one row alone.
        found = batch.lazy().with_columns(text.alias(name) for name, text in zip(names, texts, strict=True))
        yield tuple(found.select(cs.by_name(*names)).collect())


def iter_left(
    table: Table, columns: Sequence[str], rows: Rows | None, size: int = _BATCH_ROWS
) -> Iterator[pl.DataFrame]:
    """These columns of the records at `rows` (None: all), in table order, those of `size` rows at a time."""
    # A text may read no column at all; the bookkeeping's says how many records there are.
    names = [*columns, table.bookkeeping.missing]
    start = 0
    for batch in table.iter_batches(size, names):
        stop = start + batch.height
        if rows is None:
            yield batch
        else:
            inside = rows[slice(*np.searchsorted(rows, (start, stop)))] - start
            if len(inside):
                yield batch[inside]
        start = stop
