"""The registry of files: what the records of a part are put into, and what of it can go wrong elsewhere.

resolve_file("messages", "csv")   →   ExportError: csv holds texts only …
"""

from dataclasses import dataclass

from studio.errors import ExportError
from studio.formats.format import FORMATS

_NESTED_HINT = "Choose jsonl, parquet or dataset, or a format of plain fields."
_RECORDS_HINT = "Choose jsonl, jsonl.gz, jsonl.zst or json, which keep every value as it is spelled."


@dataclass(frozen=True, slots=True, kw_only=True)
class FileType:
    """One kind of file.

    `suffix` follows the name of the part; "" where the part is a folder. `lines` tells whether it holds JSON,
    a record a line, and `nested` whether a field may be a list. `streams` is whether its bytes can be sent
    while they are made. `warnings` are sentences for a person, before the file is written.
    """

    name: str
    suffix: str
    label: str
    description: str
    lines: bool = False
    nested: bool = True
    streams: bool = True
    warnings: tuple[str, ...] = ()


FILES: dict[str, FileType] = {
    each.name: each
    for each in (
        FileType(
            name="jsonl",
            suffix=".jsonl",
            label="JSON Lines",
            description="One JSON object a line; what trainers read.",
            lines=True,
        ),
        FileType(
            name="jsonl.gz",
            suffix=".jsonl.gz",
            label="JSON Lines, gzip",
            description="The same lines, packed; opens everywhere.",
            lines=True,
        ),
        FileType(
            name="jsonl.zst",
            suffix=".jsonl.zst",
            label="JSON Lines, Zstandard",
            description="The same lines, packed faster and smaller.",
            lines=True,
            warnings=("datasets and trainers read it only with the package zstandard installed.",),
        ),
        FileType(
            name="json",
            suffix=".json",
            label="JSON array",
            description="One array, with a record a line.",
            lines=True,
            warnings=("Most readers hold a whole array in memory; for large data choose JSON Lines.",),
        ),
        FileType(
            name="csv",
            suffix=".csv",
            label="CSV",
            description="UTF-8, commas, quotes where needed, a line feed after each record.",
            nested=False,
            warnings=(
                "Texts that a spreadsheet would run as formulas get an apostrophe in front, and are counted.",
                "Many readers take an empty text, or a word such as NA, for no value.",
            ),
        ),
        FileType(
            name="parquet",
            suffix=".parquet",
            label="Parquet",
            description="Columns with their types, in row groups; what the Hub shows.",
        ),
        FileType(
            name="dataset",
            suffix="",
            label="datasets folder",
            description="A DatasetDict that datasets.load_from_disk opens without reading it.",
            streams=False,
        ),
    )
}


def resolve_file(kind: str, wanted: str) -> FileType:
    """The file to write a format into. Raises ExportError where it cannot hold it."""
    if wanted not in FILES:
        raise ExportError(f"No file type named {wanted}.", f"File types are: {', '.join(FILES)}.")
    file = FILES[wanted]
    if kind == "records" and not file.lines:
        raise ExportError(f"Untouched records cannot be kept as they are in {wanted}.", _RECORDS_HINT)
    if FORMATS[kind].turns and not file.nested:
        raise ExportError(f"{wanted} holds plain texts, and {kind} has a list of turns.", _NESTED_HINT)
    return file
