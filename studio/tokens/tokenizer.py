"""A prepared tokenizer: examples in, tokens and their loss mask out, as TRL 1.16's SFTTrainer makes them.

    text                text + end token, unless it ends with it; all is learnt
    prompt-completion   the same with the completion; learnt from where prompt and whole begin to differ
    messages            the chat template's text without added tokens; learnt where it marks the answers

Knows the `tokenizers` package; a chat template is rendered elsewhere.
"""

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from studio.errors import TokenizerError
from studio.record import Example
from studio.tokens.about import TOKENIZER_FILE, About, ChatTemplate, read_about, read_chat
from studio.tokens.chat import Chat
from studio.tokens.example import Tokens
from studio.tokens.tail import find_tail


def open_tokenizer(folder: Path) -> "Tokenizer":
    """The tokenizer that was made ready in a folder; close it when it is not needed any more.

    Raises TokenizerError when there is none, or when this version cannot read it.
    """
    import tokenizers

    about, chat = read_about(folder), read_chat(folder)
    try:
        backend = tokenizers.Tokenizer.from_file(str(folder / TOKENIZER_FILE))
    except Exception as error:  # what `tokenizers` raises is a bare Exception
        raise TokenizerError(
            f"The tokenizer {about.name} cannot be read: {str(error)[:200]}",
            "Choose it again, so that it is made ready anew.",
        ) from error
    return Tokenizer(backend, about, chat)


class Tokenizer:
    """A `tokenizers.Tokenizer` with what it is used with; a context manager that ends its process."""

    def __init__(self, backend: Any, about: About, chat: ChatTemplate | None = None) -> None:
        self.about = about
        backend.no_truncation()
        backend.no_padding()
        backend.encode_special_tokens = about.plain_specials
        self._backend = backend
        self._template = chat
        self._chat = Chat(about.name, chat) if chat is not None else None
        added = backend.get_added_tokens_decoder()
        self._added = frozenset(added)
        self._specials = frozenset(number for number, token in added.items() if token.special)
        self._start = None if about.start_token is None else backend.token_to_id(about.start_token)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the process that renders the chat template, if there is one."""
        if self._chat is not None:
            self._chat.close()

    @property
    def special_texts(self) -> tuple[str, ...]:
        """The texts that become control tokens where they stand in data, the longest first."""
        if self.about.plain_specials:
            return ()
        template = self._template.template if self._template is not None else ""
        added = self._backend.get_added_tokens_decoder().values()
        texts = {token.content for token in added if token.special or token.content in template}
        return tuple(sorted((text for text in texts if text.strip()), key=lambda text: (-len(text), text)))

    def count(self, texts: Sequence[str]) -> list[int]:
        """How many tokens each text has by itself, without start and end token."""
        return [len(found) for found in self._backend.encode_batch(list(texts), add_special_tokens=False)]

    def encode(self, examples: Sequence[Example]) -> list[Tokens]:
        """The tokens of each example, in order; all examples are of one type.

        Raises TokenizerError for messages when there is no chat template, and ChatRefusedError, which says
        the place, for messages that it does not take.
        """
        if not examples:
            return []
        kind = examples[0].type
        if kind == "text":
            return self._encode_texts([self._end(example.text) for example in examples])
        if kind == "prompt-completion":
            return self._encode_pairs([(one.prompt, self._end(one.completion)) for one in examples])
        return self._encode_chats(examples)

    def _encode_texts(self, texts: Sequence[str]) -> list[Tokens]:
        return [
            self._make(text, whole, ((0, len(whole)),) if len(whole) else ())
            for text, whole in zip(texts, self._encode(texts), strict=True)
        ]

    def _encode_pairs(self, pairs: Sequence[tuple[str, str]]) -> list[Tokens]:
        texts = [prompt + completion for prompt, completion in pairs]
        tails = [find_tail(prompt) if self.about.source == "tiny" else 0 for prompt, _ in pairs]
        asked = self._encode([prompt[tail:] for (prompt, _), tail in zip(pairs, tails, strict=True)])
        found = []
        for text, tail, prompt, whole in zip(texts, tails, asked, self._encode(texts), strict=True):
            before = whole.char_to_token(tail) if tail else 0
            ids = whole.ids
            same = before + _count_same(prompt.ids, ids[before:])
            answers = ((same, len(ids)),) if same < len(ids) else ()
            found.append(self._make(text, whole, answers, merged=same < before + len(prompt.ids)))
        return found

    def _encode_chats(self, examples: Sequence[Example]) -> list[Tokens]:
        if self._chat is None:
            raise TokenizerError(
                f"{self.about.name} has no chat template.",
                "Use a template of prompt and completion, or choose a tokenizer that has one.",
            )
        rendered = self._chat.render([example.messages for example in examples])
        encoded = self._encode([text for text, _ in rendered], added=False)
        return [
            self._make(text, whole, _find_answers(whole, answers))
            for (text, answers), whole in zip(rendered, encoded, strict=True)
        ]

    def _end(self, text: str) -> str:
        end = self.about.end_token
        return text if end is None or text.endswith(end) else text + end

    def _encode(self, texts: Sequence[str], *, added: bool = True) -> list[Any]:
        found: list[Any] = self._backend.encode_batch(list(texts), add_special_tokens=added)
        return found

    def _make(
        self, text: str, encoding: Any, answers: tuple[tuple[int, int], ...], *, merged: bool = False
    ) -> Tokens:
        ids: list[int] = encoding.ids
        return Tokens(
            ids=ids,
            text=text,
            answers=answers,
            merged=merged,
            double_start=self._start is not None and ids[:2] == [self._start, self._start],
            end_trained=self._ends(ids, answers),
            encoding=encoding,
            specials=self._specials,
        )

    def _ends(self, ids: Sequence[int], answers: tuple[tuple[int, int], ...]) -> bool:
        """Whether the last token learnt, white space aside, is one that only stands at an end."""
        for start, stop in reversed(answers):
            for place in range(stop - 1, start - 1, -1):
                if ids[place] in self._added:
                    return True
                if self._backend.decode([ids[place]], skip_special_tokens=False).strip():
                    return False
        return False


def _count_same(one: Sequence[int], other: Sequence[int]) -> int:
    """How many tokens two sequences have in common at their beginning."""
    if one == other[: len(one)]:
        return len(one)
    return next((place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(other))


def _find_answers(encoding: Any, characters: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """The ranges of tokens that stand for ranges of characters, as transformers finds them."""
    learnt: set[int] = set()
    for start, stop in characters:
        first, last = encoding.char_to_token(start), encoding.char_to_token(stop - 1)
        if first is None:
            break
        learnt |= set(range(first, last + 1 if last else len(encoding)))
    return _join_places(sorted(learnt))


def _join_places(places: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """Ascending places as ranges: 3 4 5 9 are (3, 6) and (9, 10)."""
    ranges: list[tuple[int, int]] = []
    for place in places:
        if ranges and ranges[-1][1] == place:
            ranges[-1] = (ranges[-1][0], place + 1)
        else:
            ranges.append((place, place + 1))
    return tuple(ranges)
