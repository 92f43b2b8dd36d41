"""Styles of whole conversations: every turn is kept, and the tokenizer's own chat template writes the marks.

    {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]}
    {"conversations": [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello"}]}

Where there is a column `system`, it becomes the first turn of a conversation that has none of its own.
"""

from collections.abc import Mapping
from typing import Any

from studio.styles.style import Style, Variant

SHAREGPT_KEYS: Mapping[str, Any] = {
    "role": "from",
    "content": "value",
    "roles": {"human": "user", "gpt": "assistant", "chatgpt": "assistant"},
}


def _write_variants(*columns: str, **keys: Any) -> tuple[Variant, ...]:
    """The variants for each of these columns: those with a column `system` first, then those without."""
    plain = [{"type": "messages", "from": column, **keys} for column in columns]
    return (*(variant | {"system": "{system}"} for variant in plain), *plain)


TURNS = (
    Style(
        name="messages",
        label="Messages",
        group="Conversations",
        description="A conversation of several turns, each with role and content.",
        source="OpenAI's chat format, as documented, and TRL's conversational format.",
        variants=_write_variants("messages", "conversation", "conversations"),
        example={
            "messages": [
                {"role": "system", "content": "Answer in one word."},
                {"role": "user", "content": "Is water wet?"},
                {"role": "assistant", "content": "Yes."},
                {"role": "user", "content": "And ice?"},
                {"role": "assistant", "content": "No."},
            ]
        },
    ),
    Style(
        name="sharegpt",
        label="ShareGPT",
        group="Conversations",
        description="A conversation of several turns, each with from (human, gpt) and value.",
        source="The keys and roles that ShareGPT files have in common use; the format alone.",
        variants=_write_variants("conversations", "conversation", **SHAREGPT_KEYS),
        example={
            "conversations": [
                {"from": "human", "value": "Is water wet?"},
                {"from": "gpt", "value": "Yes."},
                {"from": "human", "value": "And ice?"},
                {"from": "gpt", "value": "No."},
            ]
        },
    ),
    Style(
        name="preference-chosen-turns",
        label="Preference, chosen conversation",
        group="Conversations",
        description="Of a preference pair of conversations, the one that was preferred.",
        source="The column names of TRL's preference format.",
        variants=_write_variants("chosen"),
        example={
            "chosen": [
                {"role": "user", "content": "Say hello."},
                {"role": "assistant", "content": "Hello!"},
            ],
            "rejected": [
                {"role": "user", "content": "Say hello."},
                {"role": "assistant", "content": "What?"},
            ],
        },
    ),
)
