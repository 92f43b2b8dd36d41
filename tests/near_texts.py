"""Texts with near-duplicates among them, and their similarity in plain Python: no code of the studio's."""

import unicodedata
from functools import cache
from itertools import combinations

NEAR = 0.8
WORDS = [
    "model",
    "data",
    "train",
    "answer",
    "question",
    "gradient",
    "layer",
    "token",
    "loss",
    "batch",
    "rate",
]
HAN = "大语言模型是一种能够理解和生成文本的人工智能系统它在许多任务上表现出色并且可以微调以适应新的数据"
THAI = "โมเดลภาษาขนาดใหญ่คือระบบปัญญาประดิษฐ์ที่สามารถเข้าใจและสร้างข้อความได้อย่างเป็นธรรมชาติ"


@cache
def normalise(text):
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def is_dense(char):
    return any(
        low <= ord(char) <= high for low, high in [(0x3040, 0xA4CF), (0xAC00, 0xD7A3), (0x20000, 0x3FFFF)]
    )


@cache
def shingles(text):
    return {text[at : at + (3 if is_dense(text[at]) else 5)] for at in range(max(1, len(text) - 2)) if text}


def jaccard(one, other):
    one, other = shingles(normalise(one)), shingles(normalise(other))
    return len(one & other) / len(one | other) if one | other else 0.0


def count_near(texts, threshold=NEAR):
    """All pairs of different texts, the earlier first."""
    first = {normalise(text): at for at, text in reversed(list(enumerate(texts)))}
    places = sorted(at for text, at in first.items() if text)
    return {
        (later, earlier): similarity
        for earlier, later in combinations(places, 2)
        if (similarity := jaccard(texts[earlier], texts[later])) >= threshold
    }


def write_texts(chance, count):
    """Texts in several scripts, a third of them another's twin but for a character or a few."""
    texts = []
    for _ in range(count):
        if texts and chance.random() < 0.33:
            text = list(chance.choice(texts))
            for _ in range(chance.randrange(1, 6)):
                text[chance.randrange(len(text))] = chance.choice("abz 字ก")
            texts.append("".join(text))
        elif chance.random() < 0.5:
            texts.append(" ".join(chance.choices(WORDS, k=chance.randrange(3, 40))))
        else:
            texts.append("".join(chance.choices(chance.choice([HAN, THAI]), k=chance.randrange(4, 90))))
    return texts
