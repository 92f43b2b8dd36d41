"""What the Hub and its libraries raise, in words that name the dataset and what to do.

Part of the child process.
"""

from studio.errors import HubError
from studio.hub.download import is_network_error

MEMORY_BYTES = 4 << 30


def explain(error: Exception, name: str) -> HubError:
    """The words for an exception. No token is in them, whatever a library has put into its message."""
    if isinstance(error, HubError):
        return error
    known = _explain_answer(error, name)
    if known is not None:
        return known
    if is_network_error(error):
        return HubError(
            f"The Hub cannot be reached for {name}.", "Check the network, or load a file instead."
        )
    if isinstance(error, MemoryError):
        return HubError(
            f"{name} takes more memory than the {MEMORY_BYTES >> 30} GB that its reading may have.",
            "Its texts may repeat or its row groups be very large: download it, and save it in smaller ones.",
        )
    said = _hide_token((str(error).strip().splitlines() or [""])[0])[:300]
    return HubError(
        f"{name} cannot be read from the Hub: {type(error).__name__}: {said}", "Try another dataset."
    )


def _explain_answer(error: Exception, name: str) -> HubError | None:
    from datasets.data_files import EmptyDatasetError
    from huggingface_hub import errors as hub

    if isinstance(error, hub.GatedRepoError):
        return HubError(
            f"{name} is gated: the Hub asks you to accept its terms.",
            f"Accept them on the page of {name}, then run `hf auth login`, or set HF_TOKEN to your token.",
        )
    if isinstance(error, hub.RevisionNotFoundError):
        return HubError(f"{name} has no such revision on the Hub.", "Check the part after @.")
    if isinstance(error, hub.RepositoryNotFoundError | hub.HFValidationError):
        return HubError(
            f"The Hub has no dataset {name} that you may read.",
            "Check the name; for a private dataset set HF_TOKEN. A file of yours needs its path.",
        )
    if isinstance(error, EmptyDatasetError):
        return HubError(f"{name} holds no data files that can be read.", "Look at its files on the Hub.")
    if isinstance(error, FileNotFoundError):
        said = str(error).splitlines()[0][:200]
        return HubError(f"{name} lacks a file that it names: {said}", "Look at its files on the Hub.")
    if isinstance(error, hub.OfflineModeIsEnabled):
        return HubError(f"{name} was not read: HF_HUB_OFFLINE is set.", "Unset it to use the Hub.")
    return None


def _hide_token(text: str) -> str:
    from huggingface_hub import get_token

    token = get_token()
    return text.replace(token, "…") if token else text
