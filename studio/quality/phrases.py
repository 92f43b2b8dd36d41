"""Phrases by which answers are told, as data: one list for each of what is looked for.

REFUSALS are patterns of the linear-time kind (RE2, no look-around) for the start of an answer in lower case;
a \\b is an ASCII one, beside which letters of other scripts are none. OPEN_WORDS are words after which a
sentence goes on, in lower case; of each language those that never end a sentence, and that are no other word
in another of these languages.
"""

_MACHINE = "(?:ai|artificial intelligence|language model)"
_KIND = "(?:large |advanced |responsible |ethical |helpful )*"
_SORRY = "(?:i(?:['’]?m| am) (?:very |really |so )?(?:sorry|afraid)|sorry|unfortunately)"
_CANNOT = "(?:cannot|can not|can['’]?t|am unable to|am not able to|won['’]t|will not)"
_UNABLE = "i(?:['’]m| am) (?:unable|not able) to"
_HELP = (
    "(?:assist|help|fulfil+|comply|provide|support|generate|create|write|answer|participate|engage|discuss|share|offer"
    "|give|access|browse|predict|do that)"
)
_ASKED = "(?:that|this|your|requests?|illegal|harmful|such|any|opinions?)"

REFUSALS = (
    # English
    rf"\bas an? {_KIND}{_MACHINE}(?: language)?(?: model| assistant| chatbot|,| i\b)",
    rf"\bi['’ ]a?m (?:just |only |simply )?an? {_KIND}{_MACHINE}\b"
    r"[^.]*(?:\bnot\b|n['’]t\b|unable|cannot)",
    rf"{_SORRY}[,;:.]? (?:but )?(?:as an? [^,.]+, ?)?(?:i {_CANNOT}|{_UNABLE})\b",
    rf"^\W*i {_CANNOT} {_HELP}\b[^.]*\b{_ASKED}\b",
    rf"^\W*{_UNABLE} {_HELP}\b",
    r"\bi do(?: not|n['’]t) have (?:personal (?:opinions?|feelings|experiences?|preferences|beliefs|emotions)"
    r"|feelings|emotions|opinions|a physical body|access to (?:real-time|current|up-to-date))",
    r"\bmy (?:knowledge|training data) ?(?:cut-?off|only goes|goes|ends)",
    r"\b(?:against|violates?) (?:my|our|openai['’]?s?) "
    r"(?:programming|guidelines|(?:content |use[- ]case )?polic(?:y|ies))",
    r"\blet['’]?s keep (?:the|this|our) (?:discussion|conversation|chat) (?:relevant|focused|on topic)",
    # German
    r"\bals (?:ki|künstliche intelligenz)\b|\bals (?:ein )?(?:ki-)?(?:sprachmodell|ki-modell|ki-assistent)",
    r"\b(?:tut mir (?:sehr )?leid|leider)\b[^.]*\b(?:kann|darf) ich\b[^.]*\b(?:nicht|keine)\b"
    r"[^.]*\b(?:helfen|weiterhelfen|unterstützen|beantworten|bereitstellen)",
    # French
    r"\ben tant qu['’](?:ia|intelligence artificielle|assistant ia)\b",
    r"\ben tant que (?:grand )?modèle de langage",
    r"\bje (?:suis (?:vraiment )?désolée?|regrette)[^.]*\bmais je ne (?:peux|suis)\b",
    # Spanish, Portuguese, Italian
    r"\bcomo (?:un |una )?(?:modelo de lenguaje|inteligencia artificial|asistente de ia|ia,)",
    r"\blo siento,? pero no puedo\b",
    r"\bcomo (?:um |uma )?(?:modelo de linguagem|inteligência artificial)\b",
    r"\b(?:desculpe|sinto muito|lamento),? mas (?:eu )?não posso\b",
    r"\bin quanto (?:modello linguistico|intelligenza artificiale|ia)\b|\bcome modello linguistico\b",
    r"\bmi dispiace,? ma non posso\b",
    # Dutch, Polish
    r"\bals (?:ai-)?taalmodel\b|\bhet spijt me,? maar ik kan\b",
    r"\bjako (?:model językowy|sztuczna inteligencja)\b|\bprzykro mi,? ale nie mogę\b",
    # Russian
    r"как (?:языковая модель|искусственный интеллект|ии[ ,])|извините,? но я не могу",
    r"^\W*я не могу (?:помочь|выполнить)",
    # Chinese, Japanese, Korean
    r"作为(?:一个|一名|一款)?(?:人工智能|ai|大?语言模型|大型语言模型)|(?:很?抱歉|对不起)，?我(?:不能|无法)",
    r"(?:ai|人工知能|言語モデル)(?:アシスタント)?として",
    r"申し訳(?:ありません|ございません)が[^。]*(?:できません|いたしかねます)",
    r"(?:ai|인공지능|언어 모델)(?:로서|으로서|이기 때문에)|죄송하지만[^.]*(?:수 없습니다|어렵습니다)",
    # Arabic, Hindi
    r"(?:بصفتي|باعتباري) (?:نموذج|ذكاء)|(?:عذرا|عذرًا|آسف)،? (?:لكن )?لا (?:يمكنني|أستطيع)",
    r"एक (?:एआई|ai|भाषा मॉडल)[^।]*के रूप में",
)

OPEN_WORDS = (
    *("and", "or", "but", "because", "the", "of", "your", "our", "their", "its", "whose", "than", "into"),
    *("which", "with", "from", "while", "via", "every", "including", "whereas", "and/or", "such"),
    *("und", "oder", "aber", "weil", "dass", "eine", "einen", "einem", "einer", "sowie", "zur", "zum", "für"),
    *("et", "ou", "des", "les", "une", "avec", "dans", "parce", "leurs", "afin"),
    *("el", "los", "las", "del", "porque", "según", "mediante"),
    *("gli", "della", "delle", "dei", "perché", "oppure", "nel", "nella"),
    *("uma", "pela", "pelo", "porém"),
    *("het", "een", "omdat", "maar", "zoals"),
    *("oraz", "lub", "który", "która", "ponieważ"),
    *("и", "или", "но", "что", "для", "который", "которая", "которые", "потому", "чтобы"),
)
