"""What a cell of an Excel sheet holds, in the words of JSON.

    text      "a_x000D_b"            "a\\rb", as Excel means it
    number    4.3499999999999996     4.35, the shortest that is the same number; 1.0 and 1 are both 1
    date      45351 (dd/mm/yyyy)     "2024-02-29"; "2024-02-29T12:00:00" when it has a time, or shows one
    time      0.5 (hh:mm)            "12:00:00"
    duration  1.5 ([h]:mm)           "PT129600S"

Times are exact to the millisecond, as Excel's are. Knows nothing of XML or of rows.
"""

import re
from datetime import date, timedelta
from typing import Literal, NamedTuple

import msgspec

TimeKind = Literal["date", "time", "datetime", "duration"]
Kind = Literal["text", "number", "boolean", "error"] | TimeKind

_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")
_EXACT = 1 << 53
_DAY = 86_400_000
_NOT_SHOWN = re.compile(r'"[^"]*"|[\\_*].|\[(?!h+\]|m+\]|s+\])[^\]]*\]|AM/PM|A/P|General', re.IGNORECASE)
_ELAPSED = re.compile(r"\[[hms]+\]", re.IGNORECASE)
_KNOWN_KINDS: dict[TimeKind, tuple[int, ...]] = {
    "date": (14, 15, 16, 17, *range(27, 32), 36, *range(50, 55), 57, 58),
    "time": (18, 19, 20, 21, 32, 33, 34, 35, 45, 47, 55, 56),
    "datetime": (22,),
    "duration": (46,),
}


class Value(NamedTuple):
    """The JSON spelling of what a cell holds; `fault` says why it is no value."""

    spelling: bytes
    kind: Kind
    fault: str = ""


def decode_text(text: str) -> Value:
    """A text as it stands in the file, where `_x000D_` is a carriage return and `_x005F_` an underscore."""
    plain = _ESCAPE.sub(lambda escape: chr(int(escape[1], 16)), text) if "_x" in text else text
    try:
        if not plain.isascii() and plain is not text:
            plain = plain.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        return Value(msgspec.json.encode(text), "text", "text with a lone surrogate")
    return Value(msgspec.json.encode(plain), "text")


def decode_number(text: str) -> Value:
    """A number; raises ValueError for what is none."""
    if _INTEGER.fullmatch(text):
        return Value(text.encode(), "number")
    number = float(text)
    if not abs(number) < float("inf"):
        return Value(msgspec.json.encode(text), "number", "a number that is too large")
    whole = number.is_integer() and abs(number) < _EXACT
    return Value(msgspec.json.encode(int(number) if whole else number), "number")


def decode_boolean(text: str) -> Value:
    """A truth; raises ValueError for anything but 1 and 0."""
    return Value(b"true" if int(text) else b"false", "boolean")


def decode_error(text: str) -> Value:
    """What a formula gave that has no value, such as #N/A."""
    return Value(msgspec.json.encode(text), "error", f"{text}, an error of the sheet")


def decode_unsaved() -> Value:
    """A formula that no program has calculated before the file was saved."""
    return Value(b"null", "error", "a formula whose value was not saved")


def decode_time(text: str, kind: TimeKind, since_1904: bool) -> Value:
    """A number of days that is shown as a time; raises ValueError for what is no number."""
    count = round(float(text) * _DAY)
    if kind == "duration":
        return _quote(f"{'-' if count < 0 else ''}PT{_spell_seconds(abs(count))}S", kind)
    days, rest = divmod(count, _DAY)
    if days == 0 and (kind == "time" or not since_1904) and (rest or kind != "date"):
        return _quote(_spell_clock(rest), "time")
    day = _find_day(days, since_1904)
    if day is None:
        return Value(msgspec.json.encode(text), kind, "a day outside the calendar")
    if kind == "date" and not rest:
        return _quote(day.isoformat(), "date")
    return _quote(f"{day.isoformat()}T{_spell_clock(rest)}", "datetime")


def decode_iso_time(text: str) -> Value:
    """A time that stands in the file in words."""
    return _quote(text, "datetime" if "T" in text else "date")


def classify_format(code: str) -> TimeKind | None:
    """What numbers of this number format are shown as; None for a number."""
    shown = _NOT_SHOWN.sub("", code.partition(";")[0]).lower()
    if _ELAPSED.search(shown):
        return "duration"
    has_clock = bool(re.search("[hs]", shown))
    has_day = bool(re.search("[yd]", shown)) or ("m" in shown and not has_clock)
    if has_day:
        return "datetime" if has_clock else "date"
    return "time" if has_clock else None


def classify_known_format(number: int) -> TimeKind | None:
    """The same for a format that every workbook has without saying so."""
    return next((kind for kind, numbers in _KNOWN_KINDS.items() if number in numbers), None)


def _quote(text: str, kind: TimeKind) -> Value:
    return Value(msgspec.json.encode(text), kind)


def _find_day(days: int, since_1904: bool) -> date | None:
    """The day of this number; None for 29 February 1900 and others that are none."""
    if days < (0 if since_1904 else 1) or (days == 60 and not since_1904):
        return None
    first = date(1904, 1, 1) if since_1904 else date(1899, 12, 31 if days < 60 else 30)
    try:
        return first + timedelta(days=days)
    except OverflowError:
        return None


def _spell_clock(count: int) -> str:
    seconds, milliseconds = divmod(count, 1000)
    clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return f"{clock}.{milliseconds:03}" if milliseconds else clock


def _spell_seconds(count: int) -> str:
    seconds, milliseconds = divmod(count, 1000)
    return f"{seconds}.{milliseconds:03}" if milliseconds else str(seconds)
