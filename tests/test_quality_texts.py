"""Characters, languages, secrets, addresses, on cases written by hand: what is found, what must not be."""

import ftfy
import pytest

from studio.quality.languages import detect_language, name_language
from studio.quality.marks import is_mojibake
from tests.quality_cases import find_answers, look_at

SPOILT = [
    "The cafÃ© is closed.",
    "Itâ€™s a nice day.",
    "GrÃ¼ÃŸe aus MÃ¼nchen",
    "naÃ¯ve, dÃ©jÃ  vu",
    "Ð¿Ñ€Ð¸Ð²ÐµÑ‚",
    "æ—¥æœ¬èªž",
    "It costs Â£20 or more",
    "bytes were lost\ufffd here",
    "He said â€œhelloâ€\x9d to me",
]
SOUND = [
    "The café is closed.",
    "It’s a nice day — “really”.",
    "Grüße aus München, ÄÖÜ",
    "naïve, déjà vu, ça va, À bientôt, ÉTÉ",
    "Привет, мир! Вот и всё.",
    "日本語のテキスト",
    "It costs £20 or €25 ± 3 %, 20 °C, ½ µm, x² × y³ ≠ 0 ÷ 1",
    "Ελληνικά και Ωμέγα",
    "Åse Ørsted, Łódź, Žižkov, İstanbul, Đà Nẵng, Việt Nam",
    "😀👍🏽 ¯\\_(ツ)_/¯ ( ͡° ͜ʖ ͡°) (◕‿◕) ಠ_ಠ",
    "¿Qué? ¡No! «Oui» „Ja“ 『はい』",
    "§ 3 ¶ 4 © 2020 ® ™ • · † ‡",
    "مرحبا بالعالم، שלום עולם",
    "नमस्ते दुनिया, สวัสดีชาวโลก, 안녕하세요",
]


def test_mojibake_is_found_and_shown_with_what_it_stands_for(tmp_path):
    assert find_answers(tmp_path, "mojibake", SPOILT) == SPOILT
    looked = look_at(
        tmp_path, [{"question": "Q", "answer": SPOILT[0]}, {"question": SPOILT[7], "answer": "A"}]
    )
    assert [one.why for one in looked.told("mojibake")] == [
        "“cafÃ©” stands for “café”",
        "holds � where bytes were lost",
    ]


def test_letters_of_any_language_are_not_mojibake(tmp_path):
    assert find_answers(tmp_path, "mojibake", SOUND) == []


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "cp1251", "mac_roman", "cp437"])
def test_every_text_that_ftfy_itself_would_mend_passes_the_columnar_sieve(tmp_path, encoding):
    texts = [text.encode().decode(encoding, "replace") for text in SOUND] + SOUND
    spoilt = [text for text in texts if is_mojibake(text)]
    assert spoilt
    assert any(ftfy.fix_encoding(text) != text for text in spoilt)
    assert find_answers(tmp_path, "mojibake", texts) == spoilt


def test_characters_that_nobody_sees_are_found_and_named(tmp_path):
    rows = [
        {"question": "Q", "answer": "It is \x1b[31mred\x1b[0m."},
        {"question": "a\x00b", "answer": "A"},
        {"question": "Q", "answer": "\u202etxet"},
        {"question": "Q", "answer": "It\ufeff is"},
        {"question": "Q", "answer": "bell\x07"},
        {"question": "Q", "answer": "\x85"},
        {"question": "Q", "answer": "tab\tline\nreturn\r\nnon-breaking\u00a0space soft\u00adhyphen"},
        {"question": "Q", "answer": "family 👨‍👩‍👧, flag 🏴󠁧󠁢󠁥󠁮󠁧󠁿, می‌خواهم, ก\u200bข, \u200fשלום\u200e"},
    ]
    looked = look_at(tmp_path, rows)
    assert looked.rows("control-characters") == [0, 1, 2, 3, 4, 5]
    assert [one.why for one in looked.told("control-characters")] == [
        "U+001B at character 7",
        "U+0000 at character 2",
        "U+202E (right-to-left override) at character 1",
        "U+FEFF (zero width no-break space) at character 3",
        "U+0007 at character 5",
        "U+0085 at character 1",
    ]


def test_marks_of_a_template_are_found_in_what_a_template_is_put_around(tmp_path):
    rows = [
        {"question": "### Question:\nWhat is it?\n\n### Answer:", "answer": "It."},
        {"question": "Q", "answer": "It is.\n\n### Instruction:\nNow say more.\n\n### Response:\nMore."},
        {"question": "Q", "answer": "<|im_start|>assistant\nHello<|im_end|>"},
        {"question": "[INST] Hi [/INST]", "answer": "Hi"},
        {"question": "What does ### mean in Markdown?", "answer": "### is a heading: ### Like this"},
        {"question": "What is a user?", "answer": "User: a person who uses a thing."},
        {"question": "Is a < b | c > d?", "answer": "It may be so <|> or not."},
    ]
    looked = look_at(tmp_path, rows)
    assert looked.rows("already-formatted") == [0, 1, 2, 3]
    assert looked.told("already-formatted")[0].why == "holds ### Question: and ### Answer:"


def test_a_template_that_adds_nothing_cannot_add_a_mark_twice(tmp_path):
    rows = [{"question": "### Question:\nWhat?\n\n### Answer:", "answer": "It."}]
    looked = look_at(tmp_path, rows, template={"prompt": "{question}", "completion": "{answer}"})
    assert "already-formatted" not in looked.findings.found
    assert looked.findings.skipped["already-formatted"].startswith("The template adds no marks")


ENGLISH = (
    "The quick brown fox jumps over the lazy dog, and then it goes home to sleep for the rest of the day."
)
GERMAN = (
    "Der schnelle braune Fuchs springt über den faulen Hund und geht danach nach Hause, um dort zu schlafen."
)
FRENCH = "Le renard brun et rapide saute par-dessus le chien paresseux, puis il rentre chez lui pour dormir."
JAPANESE = "素早い茶色の狐がのろまな犬を飛び越えて、それから家に帰って一日中眠っていました。"
CODE = "```python\nfor number in range(10):\n    print(number, number ** 2, 'and so on')\n```"


def test_records_in_another_language_than_most_are_found(tmp_path):
    rows = [{"question": f"{ENGLISH} {n}", "answer": ENGLISH} for n in range(8)]
    rows += [
        {"question": ENGLISH, "answer": FRENCH},
        {"question": GERMAN, "answer": GERMAN},
        {"question": ENGLISH, "answer": "Oui, bien sûr."},
        {"question": ENGLISH, "answer": CODE},
        {"question": "Why?", "answer": JAPANESE},
    ]
    looked = look_at(tmp_path, rows, also=["languages"])
    assert looked.rows("mixed-languages") == [8, 9, 12]
    assert [one.why for one in looked.told("mixed-languages")] == [
        "asked: English, answered: French",
        "asked: German, answered: German",
        "asked: too short to tell, answered: Japanese",
    ]


def test_translations_are_not_mixed_where_most_records_are_translations(tmp_path):
    rows = [{"question": f"{ENGLISH} {n}", "answer": FRENCH} for n in range(8)]
    rows += [{"question": ENGLISH, "answer": ENGLISH}, {"question": FRENCH, "answer": ENGLISH}]
    assert look_at(tmp_path, rows, also=["languages"]).rows("mixed-languages") == [8, 9]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (ENGLISH, "English"),
        (GERMAN, "German"),
        (FRENCH, "French"),
        (JAPANESE, "Japanese"),
        ("Быстрая коричневая лиса перепрыгивает через ленивую собаку и идёт домой спать.", "Russian"),
        ("敏捷的棕色狐狸跳过了懒惰的狗，然后回家睡了一整天的觉。", "Chinese"),
        ("El zorro marrón rápido salta sobre el perro perezoso y se va a su casa a dormir.", "Spanish"),
        ("What is LoRA?", "too short to tell"),
        ("https://lamini-ai.github.io/a/very/long/address/that/is/no/language", "too short to tell"),
        (CODE, "too short to tell"),
        ("1234567890 " * 20, "too short to tell"),
        ("", "too short to tell"),
    ],
)  # fmt: skip
def test_a_language_is_told_where_there_is_enough_of_it(text, language):
    assert name_language(detect_language(text)) == language


# Written in two halves, so that no one who looks for secrets in these files finds any.
SECRETS = {
    "AWS Access Key": "The key is AKIA" + "Q3EGRIT7JZ5ZXK2M.",
    "GitHub Token": "export T=ghp_" + "9aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA",
    "Hugging Face Token": "login with hf_" + "qWzKtRvBnMxLpOjHgFdSaYuIeCwQzXtRvB",
    "Private Key": "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIEow",
    "Basic Auth Credentials": "postgres://root:" + "Tr0ub4dor@db.corp.io/main",
    "Slack Token": "xoxb-" + "263594206564-FGqddMF8t08v8N7Oq4i57vs1",
    "Stripe Access Key": "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc",
    "Google API Key": "AIza" + "SyD9x8f7Gh6Jk5Lm4Nb3Vc2Xz1Qw0Er9TyU",
}
NO_SECRETS = [
    "The key is AKIAIOSFODNN7" + "EXAMPLE.",
    "postgres://user:password@localhost/db",
    "https://user:${PASSWORD}@host/",
    "api_key = 'your-api-key-here'",
    "The password is a secret that nobody knows.",
    "See https://lamini-ai.github.io/documentation/getting-started-with-the-platform",
    "SHA-256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "uuid 123e4567-e89b-12d3-a456-426614174000",
    "sk_live_xxxxxxxxxxxxxxxxxxxxxxxx",
]


def test_secrets_are_told_by_their_form_and_not_shown_in_the_reason(tmp_path):
    rows = [{"question": "Q", "answer": text} for text in (*SECRETS.values(), *NO_SECRETS)]
    looked = look_at(tmp_path, rows, also=["secrets"])
    assert [one.why for one in looked.told("secrets")] == [f"looks like: {kind}" for kind in SECRETS]


@pytest.mark.parametrize("before", [0, 1_795, 1_999, 3_777, 50_000])
def test_a_secret_is_found_wherever_it_stands_in_a_long_line(tmp_path, before):
    answer = "x " * (before // 2) + SECRETS["GitHub Token"] + " y" * 3_000
    assert find_answers(tmp_path, "secrets", [answer], also=["secrets"]) == [answer]


def test_secrets_and_addresses_are_looked_for_on_demand_alone(tmp_path):
    looked = look_at(tmp_path, [{"question": "Q", "answer": SECRETS["GitHub Token"]}])
    assert not {"secrets", "emails", "mixed-languages", "near-duplicates"} & set(looked.findings.found)


def test_nothing_is_sent_anywhere_to_verify_a_secret(tmp_path, monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("the network was asked")

    monkeypatch.setattr("socket.socket.connect", refuse)
    monkeypatch.setattr("socket.getaddrinfo", refuse)
    answers = list(SECRETS.values())
    assert find_answers(tmp_path, "secrets", answers, also=["secrets"]) == answers


def test_addresses_of_people_are_found_and_those_of_nobody_are_not(tmp_path):
    found = ["Write to ann.lee@corp.com.", "a_b+c@uni-köln.de or <j.doe@mail.uni-koeln.ac.uk>", "X@y.io"]
    others = [
        "Write to ann@example.com or bob@test.example.org",
        "git@github.com:lamini-ai/docs.git",
        "user@host, @handle, a@b, foo@bar.png",
        "your.name@company.com, noreply@github.com",
        "pip install 'x @ git+https://github.com/a/b'",
        "decorators such as @property",
    ]
    assert find_answers(tmp_path, "emails", [*found, *others], also=["emails"]) == found
    looked = look_at(tmp_path, [{"question": "Q", "answer": found[0]}], also=["emails"])
    assert looked.told("emails")[0].why == "ann.lee@corp.com"
