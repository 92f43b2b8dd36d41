"""studio extract: the response in each generated text of a file."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from studio.errors import ReadError

_COLUMNS = "Name them with --text and --prompt."


def extract(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="JSON Lines, or a JSON array of objects.")],
    text: Annotated[str, typer.Option(help="The column of the generated text.")] = "generated_text",
    prompt: Annotated[
        str | None, typer.Option(help="The column of the prompt, which the text may repeat.")
    ] = None,
    into: Annotated[str, typer.Option(help="The column of the response.")] = "model_response",
    out: Annotated[Path | None, typer.Option(help="A new file, instead of the screen.")] = None,
) -> None:
    """The response in each generated text: without the repeated prompt, its marker and made-up turns."""
    from studio.compare import extract_response
    from studio.durable import write_file

    if out is not None and out.exists():
        raise ReadError(f"{out} is there already.", "Name another file with --out, or remove it.")
    lines = []
    for number, record in enumerate(_read_records(file), start=1):
        asked = None if prompt is None else _text_of(record, prompt, number, file)
        record[into] = extract_response(_text_of(record, text, number, file), asked)
        lines.append(json.dumps(record, ensure_ascii=False) + "\n")
    if out is None:
        print(*lines, sep="", end="")
        return
    write_file(out, "".join(lines))
    print(f"{out}: the response of {len(lines):,} record{'' if len(lines) == 1 else 's'}, in {into}.")


def _read_records(path: Path) -> list[dict[str, Any]]:
    try:
        whole = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ReadError(f"{path} cannot be read: {error}.", "Give a file of JSON in UTF-8.") from error
    records = _read_array(whole, path) if whole.lstrip().startswith("[") else _read_lines(whole, path)
    if not records:
        raise ReadError(f"{path} holds no record.", "Give a file with one JSON object a line.")
    return records


def _read_array(whole: str, path: Path) -> list[dict[str, Any]]:
    try:
        found = json.loads(whole)
    except ValueError as error:
        raise ReadError(f"{path} is not JSON: {error}.", "Mend the file.") from error
    if not all(isinstance(record, dict) for record in found):
        raise ReadError(f"{path} is no list of JSON objects.", "Give one object for each record.")
    return list(found)


def _read_lines(whole: str, path: Path) -> list[dict[str, Any]]:
    records = []
    for number, line in enumerate(whole.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except ValueError:
            record = None
        if not isinstance(record, dict):
            raise ReadError(f"Line {number} of {path} is no JSON object.", "Mend the line, or remove it.")
        records.append(record)
    return records


def _text_of(record: dict[str, Any], column: str, number: int, path: Path) -> str:
    value = record.get(column)
    if not isinstance(value, str):
        shown = ", ".join(record) or "none"
        raise ReadError(
            f"Record {number} of {path} has no text in {column}.", f"Its columns: {shown}. {_COLUMNS}"
        )
    return value
