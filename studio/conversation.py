"""Conversations: a JSON value that is a list of turns, told from any other list.

    [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]     as OpenAI writes it
    [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Hello"}]              as ShareGPT does

The roles stay as they are in the source. Knows nothing of templates or of how a conversation is shown.
"""

import json

from studio.record import Message

_KEYS = (("role", "content"), ("from", "value"))


def read_turns(spelling: str) -> tuple[Message, ...] | None:
    """The turns of a conversation in order; None for any other value, and where a turn has no text."""
    if not spelling.lstrip(" \t\n\r").startswith("["):
        return None
    try:
        turns = json.loads(spelling)
    except (ValueError, RecursionError):
        return None
    for role, content in _KEYS:
        if turns and all(_is_turn(turn, role, content) for turn in turns):
            return tuple(Message(role=turn[role], content=turn[content]) for turn in turns)
    return None


def _is_turn(turn: object, role: str, content: str) -> bool:
    return isinstance(turn, dict) and isinstance(turn.get(role), str) and isinstance(turn.get(content), str)
