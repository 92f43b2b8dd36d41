"""The shapes of an exported file: which fields a record has, under which names, in which bytes.

    {"text": "### Question:\\n…"}                                        text
    {"prompt": "### Question:\\n…", "completion": "\\n…"}                 prompt-completion
    {"messages": [{"role": "user", "content": "…"}, …]}                 messages, openai
    {"conversations": [{"from": "human", "value": "…"}, …]}             sharegpt
    {"instruction": "…", "input": "", "output": "…"}                    alpaca
    the record's own bytes                                              records

    FORMATS, PRESETS, resolve_format, resolve_names    what a record becomes              (format.py)
    FILES, resolve_file                                what the records are put into      (file.py)
    express_fields                                     the columns of a file              (fields.py)
    Encoding, encode_lines, describe_dataset           its bytes           (writing.py, encoding.py, typed.py)

The two registries are all there is: the page, the command line and `docs/exports.md` read from them. Knows
templates and columns; nothing of splits, folders or manifests.
"""

from studio.formats.encoding import Sink, encode_lines
from studio.formats.fields import express_fields, misfit_words
from studio.formats.file import FILES, FileType, resolve_file
from studio.formats.format import (
    FORMATS,
    PRESETS,
    Format,
    Preset,
    explain_format,
    resolve_format,
    resolve_names,
)
from studio.formats.typed import DATA_FILE, describe_dataset, describe_features
from studio.formats.writing import Batch, Encoding, PartWriter

__all__ = [
    "DATA_FILE",
    "FILES",
    "FORMATS",
    "PRESETS",
    "Batch",
    "Encoding",
    "FileType",
    "Format",
    "PartWriter",
    "Preset",
    "Sink",
    "describe_dataset",
    "describe_features",
    "encode_lines",
    "explain_format",
    "express_fields",
    "misfit_words",
    "resolve_file",
    "resolve_format",
    "resolve_names",
]
