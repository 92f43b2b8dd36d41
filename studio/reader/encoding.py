"""Text in another encoding as UTF-8, on the fly: UTF-16 with a mark, and what the person names.

Bytes that the encoding has no character for become bytes that are not UTF-8 (byte 0x81 the surrogate U+DC81,
so that which byte it was can still be seen): the reader of lines then quarantines exactly the lines that
hold them, and nothing is replaced in silence.

Knows nothing of lines or formats.
"""

import codecs
import re

from studio.errors import ReadError, SourceError
from studio.reader.lines import ByteStream

UTF_8 = "utf-8"

_MARKS = {
    "utf-16": (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE),
    "utf-32": (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE),
}
_NAME = re.compile(r"[A-Za-z0-9][\w .:-]{0,39}", re.ASCII)
# Codecs of text by Python's account that are escapes, need the whole text at once, or depend on the machine.
_NO_ENCODINGS = frozenset(
    [
        "charmap",
        "idna",
        "mbcs",
        "oem",
        "punycode",
        "raw_unicode_escape",
        "undefined",
        "unicode_escape",
        "utf_7",
    ]
)


def check_encoding(name: str) -> str:
    """The encoding's own name, such as cp1252 for windows-1252. Raises SourceError when `name` is none."""
    try:
        if not _NAME.fullmatch(name):
            raise LookupError(name)
        b"text".decode(name, "ignore")  # refuses codecs between bytes and bytes, such as base64
        found = codecs.lookup(name)
    except (LookupError, ValueError) as error:
        raise _unknown(name) from error
    own = found.name.replace("-", "_").lower()
    if own in _NO_ENCODINGS or found.incrementaldecoder is None:
        raise _unknown(name)
    return UTF_8 if own in ("utf_8", "utf_8_sig") else found.name


def choose_encoding(head: bytes, asked: str | None, name: str) -> str:
    """The encoding of text that begins with `head`: the one asked for, UTF-16 when marked, else UTF-8.

    Raises SourceError when what was asked for is no encoding, ReadError when it needs a mark that is missing.
    """
    if asked is None:
        marked = head.startswith(_MARKS["utf-16"]) and not head.startswith(_MARKS["utf-32"])
        return "utf-16" if marked else UTF_8
    encoding = check_encoding(asked)
    marks = _MARKS.get(encoding)
    if marks and head and not head.startswith(marks):
        order = "be" if head[:2].startswith(b"\0") else "le"
        raise ReadError(
            f"{name} has no mark that tells the byte order of its {encoding.upper()}.",
            f"Its bytes look like {encoding}-{order}: give --encoding {encoding}-{order}.",
        )
    return encoding


class TranscodedStream:
    """The bytes of `stream`, which are text in `encoding`, as UTF-8. A piece may be longer than asked for."""

    def __init__(self, stream: ByteStream, encoding: str, name: str) -> None:
        self._stream, self._encoding, self._name = stream, encoding, name
        self._decoder = codecs.getincrementaldecoder(encoding)(errors=_KEEP)
        self._ended = False

    def read(self, size: int, /) -> bytes:
        """The next bytes, decoded from at most `size`; b"" only at the end."""
        while not self._ended:
            chunk = self._stream.read(size)
            self._ended = not chunk
            if text := self._decode(chunk):
                return text.encode("utf-8", "surrogatepass")
        return b""

    def _decode(self, chunk: bytes) -> str:
        try:
            return self._decoder.decode(chunk, self._ended)
        except UnicodeError as error:  # the ISO 2022 decoders give up on some escapes that are cut
            raise ReadError(
                f"{self._name} cannot be read as {self._encoding}: {error}.", "Name another --encoding."
            ) from error


_KEEP = "studio.keep-undecodable"


def _keep_undecodable(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(chr(0xDC00 + byte) for byte in error.object[error.start : error.end]), error.end


codecs.register_error(_KEEP, _keep_undecodable)


def _in_words(letters: str) -> str:
    return f"(?<={letters}){letters}|{letters}(?={letters})"


# What common characters look like once the text is decoded rightly; the first of equals is taken.
_LOOKS = (
    ("shift_jis", re.compile("[ぁ-んァ-ヶー、。]")),
    ("euc_jp", re.compile("[ぁ-んァ-ヶー、。]")),
    ("cp949", re.compile(_in_words("[가-힣]"))),
    ("gb18030", re.compile("[的一是不了在人有我他这中大来上国个到说们为子和你地出，。]")),
    ("big5", re.compile("[的一是不了在人有我他這中大來上國個到說們為子和你地出，。]")),
    ("windows-1251", re.compile(_in_words("[а-яё]"))),
    ("koi8-r", re.compile(_in_words("[а-яё]"))),
    ("windows-1252", re.compile("(?<![À-ÿ])[à-öø-ÿßœ‘’“”–—…€£°«»](?![À-ÿ])")),
    ("windows-1250", re.compile("[áčďéěíňóřšťúůýžąćęłńśźżőű]")),
)
_LIKELY_SHARE = 0.1
_LIKELY_COUNT = 3
_CUT_BYTES = 1 << 10


def describe_undecodable(head: bytes) -> str:
    """What bytes that are not UTF-8 look like, and the option that would read them; "" for UTF-8.

    A guess from letters that are common in a language: it is told to the person and never acted upon.
    """
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) * 5 > len(head):
        encoding = "utf-16-be" if even > odd else "utf-16-le"
        return f"Its bytes look like UTF-16 without a mark: give --encoding {encoding}."
    if _is_utf8(head):
        return ""
    scores = {encoding: _score(head, encoding, look) for encoding, look in _LOOKS}
    best = max(scores, key=lambda encoding: scores[encoding])
    if scores[best] < _LIKELY_SHARE:
        return "It is text in another encoding: name it, for example with --encoding windows-1252."
    return f"Its bytes look like {best}: give --encoding {best}."


def _is_utf8(head: bytes) -> bool:
    try:
        head.decode(UTF_8)
    except UnicodeDecodeError as error:
        # The end of a long head may fall into a character; that of a short one is the end of the file.
        return error.reason == "unexpected end of data" and len(head) >= _CUT_BYTES
    return True


def _score(head: bytes, encoding: str, look: re.Pattern[str]) -> float:
    """Which share of the characters beyond ASCII looks right; 0 when the bytes cannot be this encoding."""
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(head)
    except UnicodeDecodeError:
        return 0
    beyond = sum(not character.isascii() for character in text)
    right = len(look.findall(text))
    return right / beyond if right >= min(_LIKELY_COUNT, beyond) > 0 else 0


def _unknown(name: str) -> SourceError:
    return SourceError(
        f"{name!r:.60} is not a text encoding.",
        "Give one such as windows-1252, latin-1, utf-16-le, shift_jis or gb18030.",
    )
