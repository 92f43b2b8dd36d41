"""In which language a record asks and answers, as far as a light detector can tell (py3langid).

    asked en, answered fr, where most are asked en and answered en   →   mixed-languages

A side with fewer than 60 letters is too short to tell; so is one of which the detector is not sure. Close
relatives, such as Danish and Norwegian, count as one.
"""

import re
from collections import Counter
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.uint8]

FEWEST_LETTERS = 60
SURE = 0.9
MAIN_SHARE = 0.6
UNKNOWN = 0
_LOOKED_AT = 200  # characters of a side
_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`|https?://\S+|<[^<>\n]{1,200}>", re.DOTALL)
_RELATIVES = {
    code: kin
    for kin, codes in {
        "no": ("da", "nn", "no", "fo"),
        "sr": ("hr", "bs", "sr"),
        "id": ("ms", "jv", "id"),
        "es": ("gl", "an", "es", "ext", "oc", "ca"),
        "cs": ("sk", "cs"),
        "zh": ("wuu", "yue", "zh"),
        "en": ("pcm", "en"),
        "it": ("vec", "lij", "it"),
        "nl": ("af", "fy", "nl"),
        "ar": ("ary", "arz", "ar"),
    }.items()
    for code in codes
}
_NAMES = {
    "ar": "Arabic",
    "bg": "Bulgarian",
    "bn": "Bengali",
    "cs": "Czech",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "et": "Estonian",
    "fa": "Persian",
    "fi": "Finnish",
    "fr": "French",
    "he": "Hebrew",
    "hi": "Hindi",
    "hu": "Hungarian",
    "id": "Indonesian",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "nl": "Dutch",
    "no": "Scandinavian",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "sr": "Serbo-Croatian",
    "sv": "Swedish",
    "ta": "Tamil",
    "te": "Telugu",
    "th": "Thai",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "ur": "Urdu",
    "vi": "Vietnamese",
    "zh": "Chinese",
}


def detect_language(text: str) -> int:
    """The number of the language, from 1 on; UNKNOWN where the text is too short or the detector not sure."""
    plain = _CODE.sub(" ", text[: 2 * _LOOKED_AT])[:_LOOKED_AT]
    if sum(map(str.isalpha, plain)) < FEWEST_LETTERS and not _is_dense(plain):
        return UNKNOWN
    code, share = _identifier().classify(plain)
    return _languages().index(_RELATIVES.get(code, code)) + 1 if share >= SURE and code != "zxx" else UNKNOWN


def find_mixed(asked: Codes, answered: Codes) -> tuple[NDArray[np.bool_], int, int]:
    """Which records are in other languages than most, and in which most are asked and answered.

    Where the answer is not in the language of the question, the record is one of them, unless that is how
    most of them are.
    """
    main = _find_main(asked), _find_main(answered)
    mixed = np.zeros(len(asked), bool)
    for codes, most in zip((asked, answered), main, strict=True):
        if most != UNKNOWN:
            mixed |= (codes != UNKNOWN) & (codes != most)
    both = (asked != UNKNOWN) & (answered != UNKNOWN) & (asked != answered)
    usual = (asked == main[0]) & (answered == main[1])
    return mixed | (both & ~usual), *main


def name_language(number: int) -> str:
    """The name of a language in English, or its code; "too short to tell" for UNKNOWN."""
    if number == UNKNOWN:
        return "too short to tell"
    code = _languages()[number - 1]
    return _NAMES.get(code, code)


def _find_main(codes: Codes) -> int:
    told = Counter(codes[codes != UNKNOWN].tolist())
    if not told:
        return UNKNOWN
    language, count = told.most_common(1)[0]
    return int(language) if count >= MAIN_SHARE * told.total() else UNKNOWN


def _is_dense(text: str) -> bool:
    """Whether a text is long enough in a script in which one character is a word or half of one."""
    return (
        sum("\u3040" <= char <= "\u9fff" or "\uac00" <= char <= "\ud7a3" for char in text)
        >= FEWEST_LETTERS // 3
    )


@cache
def _languages() -> list[str]:
    return list(_identifier().labels)


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
