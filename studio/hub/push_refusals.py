"""What goes wrong in a push, in words that name the repository and what to do. Part of the child process."""

from typing import Literal

from studio.errors import HubError
from studio.hub.child import hide_token
from studio.hub.download import is_network_error

Kind = Literal["dataset", "model"]


def explain_push(error: Exception, repo: str, token: str | None, kind: Kind = "dataset") -> HubError:
    """The words for what went wrong. No token is in them."""
    from huggingface_hub import errors as hub

    if isinstance(error, HubError):
        return HubError(_hide(error.message, token), _hide(error.hint, token))
    if isinstance(error, hub.OfflineModeIsEnabled):
        return HubError(f"{repo} was not pushed: HF_HUB_OFFLINE is set.", "Unset it to use the Hub.")
    if is_network_error(error):
        return HubError(
            f"The Hub cannot be reached for {repo}.",
            "Check the network, and push again: nothing was changed.",
        )
    if isinstance(error, hub.HfHubHTTPError) and error.response is not None:
        return _explain_answer(error.response.status_code, _first_line(error, token), repo)
    if isinstance(error, ValueError) and "Invalid metadata in README.md" in str(error):
        said = _hide(" ".join(str(error).split()), token)[:300]
        return HubError(f"The Hub does not take the {kind} card: {said}", "Correct what it names.")
    return HubError(
        f"{repo} was not pushed: {type(error).__name__}: {_first_line(error, token)}", "Try again later."
    )


def _explain_answer(status: int, said: str, repo: str) -> HubError:
    owner = repo.partition("/")[0]
    if status == 401:
        return HubError(
            "The Hub does not know this token.", "Copy it anew from huggingface.co/settings/tokens."
        )
    if status == 403:
        return HubError(
            f"Your token may not write to {repo}.",
            f"It needs the role write for {owner}: see huggingface.co/settings/tokens.",
        )
    if status == 404:
        return HubError(
            f"The Hub has no place {owner} that you may write to.", "Check the name before the slash."
        )
    if status in (409, 412):
        return HubError(
            f"{repo} was made or changed by another meanwhile.", "Look at it on the Hub, and push again."
        )
    if status in (413, 429):
        return HubError(f"The Hub takes no more for now: {said}", "Try again later, or push less at once.")
    return HubError(f"The Hub answered {status} for {repo}: {said}", "Try again later.")


def _first_line(error: Exception, token: str | None) -> str:
    return _hide((str(error).strip().splitlines() or [""])[0], token)[:300]


def _hide(text: str, token: str | None) -> str:
    return hide_token(text.replace(token, "…") if token else text)
