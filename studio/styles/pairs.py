"""What a person asks and what the model answers, by the names that columns have in the field.

    instruction, input, output   →   asked: "{instruction}{#input}\\n\\n{input}{/input}", answered: "{output}"

So that a chat format is written once and fits them all.
"""

from collections.abc import Callable

Pair = tuple[str, str]

PAIRS: tuple[Pair, ...] = (
    ("{instruction}{#input}\n\n{input}{/input}", "{output}"),
    ("{instruction}{#context}\n\n{context}{/context}", "{response}"),
    ("{instruction}", "{output}"),
    ("{instruction}", "{response}"),
    ("{question}", "{answer}"),
    ("{prompt}", "{completion}"),
    ("{prompt}", "{response}"),
    ("{input}", "{output}"),
)


def write_variants(write: Callable[[str, str], Pair], system: str = "") -> tuple[Pair, ...]:
    """The variants of a chat format: with a column `system` first, then without.

    `write` makes (prompt, completion) of what is asked and answered; `system`, with `{system}` in it, is what
    stands before the prompt where that column is not empty.
    """
    plain = tuple(write(asked, answered) for asked, answered in PAIRS)
    if not system:
        return plain
    told = f"{{#system}}{system}{{/system}}"
    return (*((told + prompt, completion) for prompt, completion in plain), *plain)
