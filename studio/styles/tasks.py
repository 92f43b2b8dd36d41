"""Styles for one task each: summarise, classify, extract, translate, write code, answer from a context."""

from studio.styles.style import Style

TASKS = (
    Style(
        name="summarize",
        label="Summarize",
        group="Tasks",
        description="A document, and its summary as the completion.",
        source="Written for this studio.",
        variants=tuple(
            (f"Summarize the following text.\n\n{{{text}}}\n\nSummary:", f" {{{summary}}}")
            for text, summary in (
                ("document", "summary"),
                ("article", "highlights"),
                ("dialogue", "summary"),
                ("text", "summary"),
            )
        ),
        example={
            "document": "The meeting was moved from Monday to Tuesday.",
            "summary": "Meeting on Tuesday.",
        },
    ),
    Style(
        name="classify",
        label="Classify",
        group="Tasks",
        description="A text, and its label as the completion.",
        source="Written for this studio.",
        variants=tuple(
            (f"Classify the following text.\n\nText: {{{text}}}\nLabel:", f" {{{label}}}")
            for text, label in (
                ("text", "label"),
                ("sentence", "label"),
                ("review", "sentiment"),
                ("text", "category"),
            )
        ),
        example={"text": "The delivery was late again.", "label": "complaint"},
    ),
    Style(
        name="extract",
        label="Extract",
        group="Tasks",
        description="A text, and what it holds as JSON.",
        source="Written for this studio.",
        variants=tuple(
            (
                f"Extract the facts from the following text as JSON.\n\nText: {{{text}}}\nJSON:",
                f" {{{facts}}}",
            )
            for text, facts in (("text", "entities"), ("document", "entities"), ("text", "json"))
        ),
        example={"text": "Ada was born in London.", "entities": {"person": "Ada", "place": "London"}},
    ),
    Style(
        name="translate",
        label="Translate",
        group="Tasks",
        description="A text and its translation; names the languages where there are columns for them.",
        source="Written for this studio.",
        variants=(
            (
                "Translate from {source_language} to {target_language}.\n\n{source}\n\nTranslation:",
                " {target}",
            ),
            ("Translate the following text.\n\n{source}\n\nTranslation:", " {target}"),
            ("Translate the following text.\n\n{text}\n\nTranslation:", " {translation}"),
        ),
        example={
            "source_language": "German",
            "target_language": "English",
            "source": "Guten Morgen.",
            "target": "Good morning.",
        },
    ),
    Style(
        name="code",
        label="Code with context",
        group="Tasks",
        description="A task, the code around it where there is some, and the code to write.",
        source="Written for this studio.",
        variants=(
            (
                "{#context}### Context:\n{context}\n\n{/context}### Task:\n{instruction}\n\n### Code:",
                "\n{code}",
            ),
            ("### Task:\n{instruction}\n\n### Code:", "\n{code}"),
            ("### Task:\n{prompt}\n\n### Code:", "\n{code}"),
        ),
        example={
            "context": "import math",
            "instruction": "Write a function for the area of a circle.",
            "code": "def area(r):\n    return math.pi * r * r",
        },
    ),
    Style(
        name="rag",
        label="Answer from a context",
        group="Tasks",
        description="Retrieval: the passage first, then the question about it.",
        source="Written for this studio.",
        variants=tuple(
            (
                "Answer the question from the context alone.\n\n"
                f"### Context:\n{{{passage}}}\n\n### Question:\n{{question}}\n\n### Answer:",
                "\n{answer}",
            )
            for passage in ("context", "passage", "documents")
        ),
        example={
            "context": "The library opens at nine.",
            "question": "When does the library open?",
            "answer": "At nine.",
        },
    ),
    Style(
        name="preference-chosen",
        label="Preference, chosen side",
        group="Tasks",
        description="Of a preference pair, the prompt and the answer that was preferred.",
        source="The column names of TRL's preference format.",
        variants=(("{prompt}", "{chosen}"), ("{question}", "{chosen}"), ("{instruction}", "{chosen}")),
        example={"prompt": "Say hello.\n", "chosen": "Hello!", "rejected": "What?"},
    ),
)
