"""Source: the address of rows, as a person gives it and as a recipe keeps it. What it is, never the rows.

    lamini_docs.jsonl                          a path
    data/, data/*.jsonl                        a folder, or the paths that a pattern matches, as one source
    https://example.org/data/train.jsonl.gz    a URL, of which the first N records are read
    hf://datasets/lamini/lamini_docs           a Hub dataset, likewise; lamini/lamini_docs for short

Knows nothing of formats, and opens nothing: whether a path holds what its name says is the reader's to find
out.
"""

import dataclasses
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from glob import iglob
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

from studio.errors import SourceError

DATA_SUFFIXES = (
    *(".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".txt"),
    *(".parquet", ".arrow", ".feather", ".ipc", ".xlsx"),
)
"""What a file's name ends with, before .gz, .zst, .bz2 or .xz; a .zip holds files of these."""
PACKED_SUFFIXES = (".gz", ".zst", ".bz2", ".xz", ".zip")
COLUMN_TYPES = ("integer", "float", "boolean")

_WHAT_IS_READ = (
    "Give a file (JSON Lines, JSON, CSV, Parquet, text, Excel), a folder, an https:// URL, or a Hub id "
    "such as org/name."
)
_FILE_OPTIONS = ("member", "sheet", "types")
_HUB_PREFIX = "hf://datasets/"
_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}", re.ASCII)
_FILE_SUFFIX = re.compile(
    "(?:" + "|".join(map(re.escape, DATA_SUFFIXES + PACKED_SUFFIXES)) + ")$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where rows are: exactly one of `path`, `url` and `hub` is set.

    `config`, `split` and `revision` belong to a Hub dataset; `split` "all" keeps every source split. `first`
    is how many records are kept (None: all of a file, the default number of a stream; "all": all of a
    stream). `sha256` is of the file's bytes as stored, when they were read to the end.

    The rest says how the bytes are read, where a format leaves a choice; None is the format's own default.
    `member` is a file inside a zip archive, `sheet` one of a workbook, `field` the key under which the
    records of a JSON object stand, `delimiter` and `quote` those of a CSV, `types` the columns of a CSV that
    are not text (name → integer, float or boolean), `records` how plain text is cut (line or block).
    """

    path: str | None = None
    url: str | None = None
    hub: str | None = None
    config: str | None = None
    split: str | None = None
    revision: str | None = None
    first: int | Literal["all"] | None = None
    sha256: str | None = None
    member: str | None = None
    sheet: str | None = None
    field: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    quote: str | None = None
    types: Mapping[str, str] = dataclasses.field(default_factory=dict)
    records: Literal["line", "block"] | None = None

    @property
    def name(self) -> str:
        """What a person sees: the file's name, org/name, or the last part of the URL."""
        if self.path is not None:
            return Path(self.path).name or self.path
        if self.url is not None:
            address = urlsplit(self.url)
            return unquote(address.path.rstrip("/").rsplit("/", 1)[-1]) or address.netloc
        return self.hub or ""

    @property
    def streamed(self) -> bool:
        """Whether the rows come over the network, so that only the first of them are kept by default."""
        return self.path is None

    def limit(self, stream_records: int) -> int | None:
        """How many records are kept at most; of a stream `stream_records` when nothing was said."""
        if self.first == "all":
            return None
        return self.first or (stream_records if self.streamed else None)


def parse_source(text: str, **options: Any) -> Source:
    """Tell what `text` addresses: an existing path, then a URL, then a Hub id.

    `options` are the other fields of a Source; one that is None or empty was not given. Raises SourceError
    when nothing of that name exists here and it can be no Hub id, when a URL carries a password, and for an
    option that the address does not have or that has no such value.
    """
    return with_options(_address(text), **options)


def with_options(source: Source, **options: Any) -> Source:
    """The same address with other options; one that is None or empty stays as it is. Raises SourceError."""
    given = {name: value for name, value in options.items() if value not in (None, "", {})}
    if given.get("quote") == "none":  # every quote is a letter then
        given["quote"] = ""
    source = replace(source, **given)
    _check_options(source)
    return source


def _address(text: str) -> Source:
    if text and "\0" not in text and (_exists(text) or _is_pattern(text)):
        return Source(path=text)
    text = text.strip()
    if not text:
        raise SourceError("No source was given.", _WHAT_IS_READ)
    if text.lower().startswith(("https://", "http://")):
        return Source(url=_checked_url(text))
    if text.startswith(_HUB_PREFIX):
        return _hub_source(text)
    if _HUB_ID.fullmatch(text) and not _FILE_SUFFIX.search(text):
        return Source(hub=text)
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", text):
        raise SourceError(f"{text} is an address of a kind that is not read.", _WHAT_IS_READ)
    raise SourceError(f"There is no file {text}.", _hint_for_missing(text))


def _check_options(source: Source) -> None:
    if source.first != "all" and source.first is not None and source.first < 1:
        raise SourceError(f"The first {source.first} records are none.", "Ask for at least one record.")
    if (source.config or source.split or source.revision) and source.hub is None:
        raise SourceError(
            f"{source.name} has no config, split or revision.", "Only a Hub dataset has; leave them empty."
        )
    asked = next((name for name in _FILE_OPTIONS if getattr(source, name)), None)
    if source.hub is not None and asked:
        raise SourceError(f"{source.name} takes no {asked}.", "That is for files; leave it empty.")
    for name in ("delimiter", "quote"):
        if len(getattr(source, name) or "-") != 1 or getattr(source, name) in ("\n", "\r", "\0"):
            raise SourceError(
                f"The {name} {getattr(source, name)!r} is not one character.", "Give one, such as ; or a tab."
            )
    for column, kind in source.types.items():
        if kind not in COLUMN_TYPES:
            raise SourceError(
                f"{column} cannot be of type {kind}.",
                f"A column of a CSV is text, or {_listed(COLUMN_TYPES)}.",
            )
    if source.records not in (None, "line", "block"):
        raise SourceError(f"Plain text has no records by {source.records}.", "Choose line or block.")


def _listed(words: Iterable[str]) -> str:
    *some, last = words
    return f"{', '.join(some)} or {last}"


def _is_pattern(text: str) -> bool:
    """Whether the text is a pattern that some path matches; one without a match is a missing file."""
    try:
        found = iglob(text, recursive=True)  # noqa: PTH207 - a Path would lose what the text says
        return any(mark in text for mark in "*?[") and next(found, None) is not None
    except (OSError, re.error):
        return False


def _exists(text: str) -> bool:
    try:
        return Path(text).exists()
    except OSError:  # a name longer than the file system allows
        return False


def _hint_for_missing(text: str) -> str:
    folder = Path(text).parent
    if folder.is_dir():
        known = DATA_SUFFIXES + PACKED_SUFFIXES
        beside = sorted(p.name for p in folder.iterdir() if p.name.lower().endswith(known))[:5]
        return f"In that folder are: {', '.join(beside)}." if beside else _WHAT_IS_READ
    return f"There is no folder {folder} either. Check the path."


def _checked_url(text: str) -> str:
    try:
        address = urlsplit(text)
        host, _ = address.hostname, address.port
    except ValueError as error:
        raise SourceError(f"{text} is not a URL: {error}.", "Copy the file's download link again.") from error
    if not host:
        raise SourceError(f"{text} names no host.", "Copy the file's download link again.")
    if "@" in address.netloc:
        raise SourceError(
            f"The URL on {host} carries a user name or password.",
            "Take them out: a recipe keeps the URL in the clear. Download the file yourself instead.",
        )
    return text


def _hub_source(text: str) -> Source:
    address = re.fullmatch(
        r"([^/@]+/[^/@]+)(?:@([^/]+))?(?:/([^/@]+))?/?", text.removeprefix(_HUB_PREFIX), re.ASCII
    )
    if address is None or not _HUB_ID.fullmatch(address[1]) or _FILE_SUFFIX.search(address[3] or ""):
        raise SourceError(
            f"{text} is not a Hub dataset.",
            "Write hf://datasets/org/name, with @revision and /config if need be; a file inside is not read.",
        )
    return Source(hub=address[1], revision=address[2] and unquote(address[2]), config=address[3])
