"""What should not reach a model or a reader: secrets, and e-mail addresses.

    "postgres://admin:Tr0ub4dor@db.corp"   →   secrets: Basic Auth Credentials
    "write to ann.lee@corp.com"            →   emails: ann.lee@corp.com

Secrets are told by their form, with the plugins of detect-secrets that know one: those which go by names of
variables or by entropy take prose for secrets. Nothing is ever verified over the network: of a plugin only
its patterns are asked. What a text writes as an example or a placeholder is none.
"""

import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

Places = NDArray[np.uint32]

_PLUGINS = (
    ("aws", "AWSKeyDetector"),
    ("azure_storage_key", "AzureStorageKeyDetector"),
    ("basic_auth", "BasicAuthDetector"),
    ("discord", "DiscordBotTokenDetector"),
    ("github_token", "GitHubTokenDetector"),
    ("gitlab_token", "GitLabTokenDetector"),
    ("jwt", "JwtTokenDetector"),
    ("mailchimp", "MailchimpDetector"),
    ("npm", "NpmDetector"),
    ("openai", "OpenAIDetector"),
    ("private_key", "PrivateKeyDetector"),
    ("pypi_token", "PypiTokenDetector"),
    ("sendgrid", "SendGridDetector"),
    ("slack", "SlackDetector"),
    ("square_oauth", "SquareOAuthDetector"),
    ("stripe", "StripeDetector"),
    ("telegram_token", "TelegramBotTokenDetector"),
    ("twilio", "TwilioKeyDetector"),
)
# Of services that the plugins do not know yet, in the form in which each of them documents its own.
_OWN = {
    "Hugging Face Token": re.compile(r"\bhf_[A-Za-z0-9]{34}\b"),
    "Google API Key": re.compile(r"\bAIza[0-9A-Za-z_-]{35}\b"),
    "Anthropic API Key": re.compile(r"\bsk-ant-[A-Za-z0-9_-]{32,}"),
    "OpenAI Project Key": re.compile(r"\bsk-proj-[A-Za-z0-9_-]{40,}"),
}
_MAYBE_SECRET = r"[A-Za-z0-9_\-+=/.]{20}|://[^\s/@]+:[^\s/@]+@|PRIVATE KEY"  # noqa: S105
_PIECE, _OVERLAP = 2_000, 600  # characters of a line that are looked at at once
_PLACEHOLDER = re.compile(
    r"(?i)example|placeholder|password|passwd|^pass$|^pwd$|^secret$|^token$|your|xxx|\*\*\*|\.\.\.|…|<|>|\{|\}|\$|%|"
    r"^changeme$|^test$|^admin$|^user$|0123456789|1234567|abcdef|^(.)\1*$"
)

_EMAIL = re.compile(
    r"\b[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@(?:[A-Za-z0-9][A-Za-z0-9-]{0,62}\.){1,8}[A-Za-z]{2,24}\b"
)
# Reserved for examples and tests (RFC 2606 and 6761), and what people write in their place.
_NO_PERSON = re.compile(
    r"(?i)@(?:(?:[\w-]+\.)*example\.\w+|(?:[\w-]+\.)*(?:example|test|invalid|localhost)|(?:your-?)?(?:domain|company|website|email)\.\w+)$"
    r"|^(?:git|user(?:name)?|name|you|your[._-]?\w*|someone|somebody|email|no-?reply|firstname\.lastname|example)@"
    r"|\.(?:png|jpe?g|gif|svg|css|js|py)$"
)


def find_secrets(texts: pl.DataFrame) -> tuple[Places, NDArray[np.uint32]]:
    """The places of the records of a batch that hold a secret, and the number of its kind."""
    maybe = pl.col("asked").str.contains(_MAYBE_SECRET) | pl.col("answered").str.contains(_MAYBE_SECRET)
    places = texts.select(maybe).to_series().arg_true()
    found = []
    for place, pair in zip(places, texts.select("asked", "answered")[places].iter_rows(), strict=True):
        kind = next(filter(None, map(_find_secret, pair)), None)
        if kind is not None:
            found.append((place, name_secrets().index(kind)))
    both = np.array(found, np.uint32).reshape(-1, 2)
    return both[:, 0], both[:, 1]


def _find_secret(text: str) -> str | None:
    """The kind of the first secret; None where there is none."""
    for piece in _iter_pieces(text):
        for plugin in _plugins():
            if any(not _PLACEHOLDER.search(secret) for secret in plugin.analyze_string(piece)):
                return str(plugin.secret_type)
        for kind, pattern in _OWN.items():
            if any(not _PLACEHOLDER.search(secret) for secret in pattern.findall(piece)):
                return kind
    return None


def _iter_pieces(text: str) -> Iterator[str]:
    """The lines; of a long one pieces that overlap, since some patterns take the square of the length."""
    for line in text.splitlines():
        for start in range(0, max(1, len(line) - _OVERLAP), _PIECE - _OVERLAP):
            yield line[start : start + _PIECE]


@cache
def name_secrets() -> tuple[str, ...]:
    """The kinds of secrets, in a fixed order."""
    return (*(str(plugin.secret_type) for plugin in _plugins()), *_OWN)


@cache
def _plugins() -> tuple[Any, ...]:
    return tuple(getattr(import_module(f"detect_secrets.plugins.{file}"), name)() for file, name in _PLUGINS)


def find_emails(texts: pl.DataFrame) -> Places:
    """The places of the records of a batch that hold an e-mail address of somebody."""
    there = [pl.col(name).str.contains("@", literal=True) for name in ("asked", "answered")]
    maybe = texts.select(pl.any_horizontal(there)).to_series().arg_true()
    pairs = texts.select("asked", "answered")[maybe].iter_rows()
    found = [place for place, pair in zip(maybe, pairs, strict=True) if list_emails(*pair)]
    return np.array(found, np.uint32)


def list_emails(*texts: str) -> list[str]:
    """The addresses in the texts, without those that are nobody's."""
    return [one for text in texts for one in _EMAIL.findall(text) if not _NO_PERSON.search(one)]
