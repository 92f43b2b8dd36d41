"""Source: the address of rows, as a person gives it and as a recipe keeps it. What it is, never the rows.

    lamini_docs.jsonl                          a path
    https://example.org/data/train.jsonl.gz    a URL, of which the first N records are read
    hf://datasets/lamini/lamini_docs           a Hub dataset, likewise; lamini/lamini_docs for short

Knows nothing of formats, and opens nothing: whether a path holds what its name says is the reader's to find
out.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from studio.errors import SourceError

DATA_SUFFIXES = (".jsonl", ".json", ".csv", ".jsonl.gz", ".json.gz", ".csv.gz")

_WHAT_IS_READ = (
    "Give a .jsonl, .json or .csv file (or .gz of one), an https:// URL, or a Hub id such as org/name."
)
_HUB_PREFIX = "hf://datasets/"
_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}", re.ASCII)
_FILE_SUFFIX = re.compile(r"\.(jsonl|ndjson|json|csv|tsv|txt|gz|zip|parquet|arrow|xlsx)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where rows are: exactly one of `path`, `url` and `hub` is set.

    `config`, `split` and `revision` belong to a Hub dataset. `first` is how many records are kept (None:
    all of a file, the default number of a stream). `sha256` is of the file's bytes as stored, when they
    were read to the end.
    """

    path: str | None = None
    url: str | None = None
    hub: str | None = None
    config: str | None = None
    split: str | None = None
    revision: str | None = None
    first: int | None = None
    sha256: str | None = None

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
        """Whether the rows come over the network, so that only the first of them are kept."""
        return self.path is None


def parse_source(
    text: str, *, config: str | None = None, split: str | None = None, first: int | None = None
) -> Source:
    """Tell what `text` addresses: an existing path, then a URL, then a Hub id.

    Raises SourceError when nothing of that name exists here and it can be no Hub id, when a URL carries a
    password, or when `config` and `split` are given for something that has none.
    """
    if first is not None and first < 1:
        raise SourceError(f"The first {first} records are none.", "Ask for at least one record.")
    source = _address(text)
    if (config or split) and source.hub is None:
        raise SourceError(
            f"{source.name} has no config or split.", "Only a Hub dataset has; leave them empty."
        )
    return Source(
        path=source.path,
        url=source.url,
        hub=source.hub,
        revision=source.revision,
        config=config or None,
        split=split or None,
        first=first,
    )


def _address(text: str) -> Source:
    if text and "\0" not in text and _exists(text):
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


def _exists(text: str) -> bool:
    try:
        return Path(text).exists()
    except OSError:  # a name longer than the file system allows
        return False


def _hint_for_missing(text: str) -> str:
    folder = Path(text).parent
    if folder.is_dir():
        beside = sorted(p.name for p in folder.iterdir() if p.name.lower().endswith(DATA_SUFFIXES))[:5]
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
    name, _, revision = text.removeprefix(_HUB_PREFIX).partition("@")
    if not _HUB_ID.fullmatch(name):
        raise SourceError(
            f"{text} is not a Hub dataset.",
            "Write hf://datasets/org/name, or org/name; a file inside it is not read.",
        )
    return Source(hub=name, revision=revision or None)
