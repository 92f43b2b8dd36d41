"""What transformers, the Hub and its libraries raise, in words that name the tokenizer and what to do.

Part of the child process.
"""

from studio.errors import TokenizerError
from studio.hub.child import hide_token
from studio.hub.download import is_network_error


def explain(error: Exception, name: str) -> TokenizerError:
    """The words for an exception; no token is in them."""
    if isinstance(error, TokenizerError):
        return error
    known = _explain_answer(error, name)
    if known is not None:
        return known
    if is_network_error(error):
        return TokenizerError(
            f"The Hub cannot be reached for {name}.", "Check the network, or choose tiny or a folder."
        )
    if isinstance(error, MemoryError):
        return TokenizerError(f"The tokenizer {name} takes too much memory.", "Choose another tokenizer.")
    said = hide_token((str(error).strip().splitlines() or [""])[0])[:300]
    return TokenizerError(
        f"The tokenizer {name} cannot be read: {type(error).__name__}: {said}", "Choose another tokenizer."
    )


def _explain_answer(error: Exception, name: str) -> TokenizerError | None:
    from huggingface_hub import errors as hub

    if isinstance(error, hub.GatedRepoError):
        return TokenizerError(
            f"{name} is gated: the Hub asks you to accept its terms.",
            f"Accept them on the page of {name}, then run `hf auth login`, or set HF_TOKEN to your token.",
        )
    if isinstance(error, hub.RevisionNotFoundError):
        return TokenizerError(f"{name} has no such revision on the Hub.", "Check the part after @.")
    if isinstance(error, hub.RepositoryNotFoundError | hub.HFValidationError):
        return TokenizerError(
            f"The Hub has no model {name} that you may read.",
            "Check the name; for a private one set HF_TOKEN. A folder of yours needs its path.",
        )
    if isinstance(error, hub.OfflineModeIsEnabled):
        return TokenizerError(f"{name} was not read: HF_HUB_OFFLINE is set.", "Unset it to use the Hub.")
    return None
