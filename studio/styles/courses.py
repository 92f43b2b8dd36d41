"""The styles of two courses, and plain ones: headings in words, no marks of any model."""

from studio.styles.style import Style

ALPACA_TASK = "Below is an instruction that describes a task"
ALPACA_WRITE = "Write a response that appropriately completes the request."
_ALPACA_CONTEXT = f"{ALPACA_TASK}, paired with an input that provides further context. {ALPACA_WRITE}"
_ALPACA_INPUT = "\n\n### Input:\n{input}"

COURSES = (
    Style(
        name="question-answer",
        label="Question / answer",
        group="Courses",
        description="### Question and ### Answer; the answer starts on its own line.",
        source="The course “Finetuning Large Language Models”.",
        example={"question": "What is LoRA?", "answer": "A way to train few weights."},
        variants=(("### Question:\n{question}\n\n### Answer:", "\n{answer}"),),
    ),
    Style(
        name="question-only",
        label="Question only",
        group="Courses",
        description="The same prompt; the answer follows as it is (the course's processed file).",
        source="The course “Finetuning Large Language Models”: its processed file.",
        example={"question": "What is LoRA?", "answer": "A way to train few weights."},
        variants=(("### Question:\n{question}\n\n### Answer:", "{answer}"),),
    ),
    Style(
        name="alpaca-short",
        label="Alpaca, short",
        group="Courses",
        description="One Alpaca prompt; ### Input only where there is one.",
        source="“Build a Large Language Model (From Scratch)”, after Stanford Alpaca (Apache-2.0).",
        example={"instruction": "Correct the spelling.", "input": "freind", "output": "friend"},
        variants=(
            (
                f"{ALPACA_TASK}. {ALPACA_WRITE}\n\n### Instruction:\n{{instruction}}"
                f"{{#input}}{_ALPACA_INPUT}{{/input}}\n\n### Response:",
                "\n{output}",
            ),
            (
                f"{ALPACA_TASK}. {ALPACA_WRITE}\n\n### Instruction:\n{{instruction}}\n\n### Response:",
                "\n{output}",
            ),
        ),
    ),
    Style(
        name="alpaca",
        label="Alpaca",
        group="Courses",
        description="Stanford's two prompts, one with an input and one without.",
        source="Stanford Alpaca (Apache-2.0).",
        example={"instruction": "Correct the spelling.", "input": "freind", "output": "friend"},
        variants=(
            (
                f"{{#input}}{_ALPACA_CONTEXT}{{/input}}{{^input}}{ALPACA_TASK}. {ALPACA_WRITE}{{/input}}"
                f"\n\n### Instruction:\n{{instruction}}{{#input}}{_ALPACA_INPUT}{{/input}}\n\n### Response:",
                "{output}",
            ),
            (
                f"{ALPACA_TASK}. {ALPACA_WRITE}\n\n### Instruction:\n{{instruction}}\n\n### Response:",
                "{output}",
            ),
        ),
    ),
    Style(
        name="instruction-response",
        label="Instruction / response",
        group="Plain",
        description="### Instruction and ### Response.",
        source="Written for this studio, after common use.",
        example={"instruction": "Name a colour.", "response": "Green."},
        variants=(("### Instruction:\n{instruction}\n\n### Response:", "\n{response}"),),
    ),
    Style(
        name="input-output",
        label="Input / output",
        group="Plain",
        description="### Input and ### Output.",
        source="Written for this studio, after common use.",
        example={"input": "2 + 2", "output": "4"},
        variants=(("### Input:\n{input}\n\n### Output:", "\n{output}"),),
    ),
    Style(
        name="concatenate",
        label="Concatenate",
        group="Plain",
        description="The first matching pair joined with nothing between; no template.",
        source="The course “Finetuning Large Language Models”: the first step, without a template.",
        example={"question": "What is LoRA?", "answer": " A way to train few weights."},
        variants=(
            ("{question}", "{answer}"),
            ("{instruction}", "{response}"),
            ("{input}", "{output}"),
            ("{text}",),
        ),
    ),
    Style(
        name="text",
        label="Text",
        group="Plain",
        description="The column text as it is, for plain language modeling.",
        source="No template.",
        example={"text": "Once upon a time there was a model."},
        variants=(("{text}",),),
    ),
)
