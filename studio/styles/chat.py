"""Formats of chat models as text, for one turn: what the model's own chat template writes.

The tokens that only a tokenizer may add (beginning and end of the text) are left to it. A tokenizer that
does not know a format's marks takes them for plain text, which the preview shows.
"""

from studio.styles.pairs import Pair, write_variants
from studio.styles.style import Style

_EXAMPLE = {"question": "What is a learning rate?", "answer": "The size of each step of the optimizer."}
_VICUNA = (
    "A chat between a curious user and an artificial intelligence assistant. The assistant gives helpful, "
    "detailed, and polite answers to the user's questions."
)
_QWEN = "You are Qwen, created by Alibaba Cloud. You are a helpful assistant."


def _style(name: str, label: str, description: str, source: str, variants: tuple[Pair, ...]) -> Style:
    return Style(
        name=name,
        label=label,
        group="Chat models",
        description=description,
        source=source,
        variants=variants,
        example=_EXAMPLE,
    )


CHAT = (
    _style(
        "chatml",
        "ChatML",
        "<|im_start|>role … <|im_end|>, as many open models use it.",
        "OpenAI's Chat Markup Language, as documented; the format alone.",
        write_variants(
            lambda asked, answered: (
                f"<|im_start|>user\n{asked}<|im_end|>\n<|im_start|>assistant\n",
                f"{answered}<|im_end|>",
            ),
            "<|im_start|>system\n{system}<|im_end|>\n",
        ),
    ),
    _style(
        "llama-2",
        "Llama 2 chat",
        "[INST] … [/INST], the system prompt between <<SYS>> marks.",
        "The prompt format in Meta's documentation of Llama 2; the format alone.",
        (
            *write_variants(
                lambda asked, answered: (
                    f"[INST] {{#system}}<<SYS>>\n{{system}}\n<</SYS>>\n\n{{/system}}{asked} [/INST]",
                    f" {answered}",
                )
            ),
            *write_variants(lambda asked, answered: (f"[INST] {asked} [/INST]", f" {answered}")),
        ),
    ),
    _style(
        "llama-3",
        "Llama 3 instruct",
        "Headers with the role, each turn ends with <|eot_id|>.",
        "The prompt format in Meta's documentation of Llama 3; the format alone.",
        write_variants(
            lambda asked, answered: (
                f"<|start_header_id|>user<|end_header_id|>\n\n{asked}<|eot_id|>"
                "<|start_header_id|>assistant<|end_header_id|>\n\n",
                f"{answered}<|eot_id|>",
            ),
            "<|start_header_id|>system<|end_header_id|>\n\n{system}<|eot_id|>",
        ),
    ),
    _style(
        "mistral",
        "Mistral instruct",
        "[INST] … [/INST]; a system prompt stands before the first question.",
        "The instruction format in Mistral's documentation; the format alone.",
        (
            *write_variants(
                lambda asked, answered: (
                    f"[INST] {{#system}}{{system}}\n\n{{/system}}{asked} [/INST]",
                    f" {answered}",
                )
            ),
            *write_variants(lambda asked, answered: (f"[INST] {asked} [/INST]", f" {answered}")),
        ),
    ),
    _style(
        "gemma",
        "Gemma",
        "<start_of_turn>user … <end_of_turn>; the model's role is called model.",
        "The formatting section of Google's Gemma documentation; the format alone.",
        (
            *write_variants(
                lambda asked, answered: (
                    f"<start_of_turn>user\n{{#system}}{{system}}\n\n{{/system}}{asked}<end_of_turn>\n"
                    "<start_of_turn>model\n",
                    f"{answered}<end_of_turn>",
                )
            ),
            *write_variants(
                lambda asked, answered: (
                    f"<start_of_turn>user\n{asked}<end_of_turn>\n<start_of_turn>model\n",
                    f"{answered}<end_of_turn>",
                )
            ),
        ),
    ),
    _style(
        "phi-3",
        "Phi-3",
        "<|user|> … <|end|>, each role on a line of its own.",
        "The chat format of Microsoft's Phi-3 model cards (MIT).",
        write_variants(
            lambda asked, answered: (
                f"<|user|>\n{asked}<|end|>\n<|assistant|>\n",
                f"{answered}<|end|>",
            ),
            "<|system|>\n{system}<|end|>\n",
        ),
    ),
    _style(
        "zephyr",
        "Zephyr",
        "<|user|> … </s>, each role on a line of its own.",
        "The chat format of Hugging Face's Zephyr (Apache-2.0 handbook).",
        write_variants(
            lambda asked, answered: (
                f"<|user|>\n{asked}</s>\n<|assistant|>\n",
                f"{answered}</s>",
            ),
            "<|system|>\n{system}</s>\n",
        ),
    ),
    _style(
        "qwen",
        "Qwen 2.5",
        "ChatML with Qwen's own system prompt where the record has none.",
        "The chat format of Alibaba's Qwen2.5 (Apache-2.0).",
        (
            *write_variants(
                lambda asked, answered: (
                    f"<|im_start|>system\n{{#system}}{{system}}{{/system}}{{^system}}{_QWEN}{{/system}}<|im_end|>\n"
                    f"<|im_start|>user\n{asked}<|im_end|>\n<|im_start|>assistant\n",
                    f"{answered}<|im_end|>",
                )
            ),
            *write_variants(
                lambda asked, answered: (
                    f"<|im_start|>system\n{_QWEN}<|im_end|>\n"
                    f"<|im_start|>user\n{asked}<|im_end|>\n<|im_start|>assistant\n",
                    f"{answered}<|im_end|>",
                )
            ),
        ),
    ),
    _style(
        "vicuna",
        "Vicuna",
        "One line of context, then USER: … ASSISTANT: on the same line.",
        "The v1.1 conversation of LMSYS FastChat (Apache-2.0).",
        write_variants(
            lambda asked, answered: (f"{_VICUNA} USER: {asked} ASSISTANT:", f" {answered}"),
        ),
    ),
)
