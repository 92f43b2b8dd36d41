"""Instruction styles of well-known datasets, and two that only mark where the answer begins."""

from studio.styles.courses import ALPACA_TASK, ALPACA_WRITE
from studio.styles.pairs import write_variants
from studio.styles.style import Style

_TASK = f"{ALPACA_TASK}. {ALPACA_WRITE}"

INSTRUCT = (
    Style(
        name="dolly",
        label="Dolly",
        group="Instructions",
        description="Databricks' prompt; Input: only where there is a context, and an end mark.",
        source="Databricks Dolly (Apache-2.0).",
        variants=(
            (
                f"{_TASK}\n\n### Instruction:\n{{instruction}}\n"
                "{#context}\nInput:\n{context}\n{/context}\n### Response:\n",
                "{response}\n\n### End",
            ),
            (f"{_TASK}\n\n### Instruction:\n{{instruction}}\n\n### Response:\n", "{response}\n\n### End"),
        ),
        example={
            "instruction": "When does the library open?",
            "context": "The library opens at nine.",
            "response": "At nine.",
        },
    ),
    Style(
        name="user-assistant",
        label="User / assistant",
        group="Instructions",
        description="User: … and Assistant: …, in plain words.",
        source="Written for this studio, after common use.",
        variants=write_variants(
            lambda asked, answered: (f"User: {asked}\n\nAssistant:", f" {answered}"), "{system}\n\n"
        ),
        example={"question": "What is an epoch?", "answer": "One pass over the training data."},
    ),
    Style(
        name="completion",
        label="Prompt and completion",
        group="Plain",
        description="The two columns as they are; nothing is added.",
        source="TRL's prompt-completion format.",
        variants=(("{prompt}", "{completion}"), ("{prompt}", "{response}")),
        example={"prompt": "The sky is", "completion": " blue."},
    ),
)
