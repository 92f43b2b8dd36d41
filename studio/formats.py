"""The shapes of an exported file: which fields a record has, under which names, in which bytes.

    {"prompt": "### Question:\\n…", "completion": "\\n…"}      prompt-completion
    {"text": "### Question:\\n…"}                             text
    {"messages": [{"role": "user", "content": "…"}, …]}      messages
    the record's own bytes                                   records

Knows templates and columns; nothing of splits, folders or manifests.
"""

import io
from collections.abc import Mapping, Sequence

import polars as pl

from studio.errors import ExportError
from studio.record import Column
from studio.template import Template, fields_of


def resolve_format(template: Template, wanted: str | None) -> str:
    """The example type to write: `wanted`, or the template's own.

    A prompt-completion template may be written as text (prompt + completion, joined with nothing); nothing
    else converts. Raises ExportError.
    """
    if wanted is None or wanted == template.type:
        return template.type
    if wanted == "records":
        return wanted
    if (template.type, wanted) == ("prompt-completion", "text"):
        return "text"
    raise ExportError(
        f"A {template.type} template cannot be exported as {wanted}.",
        "Choose the template's own format, or a template of that type.",
    )


def resolve_names(kind: str, names: Mapping[str, str]) -> dict[str, str]:
    """Field → name in the file, in field order; fields without a name keep their own.

    Raises ExportError for an unknown field and for two fields under one name.
    """
    fields = () if kind == "records" else fields_of(kind)
    for field in names:
        if field not in fields:
            known = ", ".join(fields)
            hint = f"Its fields are: {known}." if known else "Untouched records keep their own names."
            raise ExportError(f"The format {kind} has no field {field}.", hint)
    resolved = {field: names.get(field, field) for field in fields}
    if len(set(resolved.values())) < len(resolved):
        doubled = ", ".join(resolved.values())
        raise ExportError(f"Two fields have the same name in the file: {doubled}.", "Name them apart.")
    return resolved


def express_fields(
    template: Template, columns: Sequence[Column], kind: str, names: Mapping[str, str]
) -> list[pl.Expr]:
    """One expression per field of the format, in order, named as in the file."""
    texts = template.render_column(columns)
    if kind == "text" and template.type == "prompt-completion":
        texts = {"text": texts["prompt"] + texts["completion"]}
    return [texts[field].alias(name) for field, name in resolve_names(kind, names).items()]


def encode_lines(frame: pl.DataFrame) -> bytes:
    """The frame as JSON Lines: UTF-8, one compact object a row, `\\n` after each; no rows give no bytes."""
    lines = io.BytesIO()
    frame.write_ndjson(lines)
    return lines.getvalue()
