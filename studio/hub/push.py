"""Files into a dataset or model repository of the Hub: what would be sent, and the sending, in one commit.

    plan_push   →  what each file is to the repository: new, changed or the same; what it holds besides
    push_files  →  the repository made where there is none, the files sent, and one commit of them

Nothing is overwritten that the person did not agree to, nothing is deleted, and a repository that everyone
can see is not written to where a private one is meant. The commit names the one that was looked at, so that
what another has put there meanwhile is not overwritten either. Part of a child process: `huggingface_hub`
lives here, and no token is in what is returned or raised.
"""

import hashlib
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from studio.errors import HubError
from studio.hub.push_refusals import Kind, explain_push

if TYPE_CHECKING:
    from huggingface_hub import HfApi

State = Literal["new", "changed", "same"]
Progress = Callable[[int, int], None]

_NAME = re.compile(r"(?!.*(--|\.\.))[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9_][\w.-]{0,95}", re.ASCII)
_TOKEN = re.compile(r"[!-~]{1,500}")
_OWN = frozenset((".gitattributes",))  # what the Hub itself puts into a new repository
_CHUNK = 1 << 20
_MESSAGES = {"dataset": "Push an export of Dataset Studio", "model": "Push a model of Dataset Studio"}
_PATHS = {"dataset": "datasets/", "model": ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class PushFile:
    """One file: its path in the repository, how large it is, and what it is to what is there."""

    path: str
    bytes: int
    state: State


@dataclass(frozen=True, slots=True, kw_only=True)
class PushPlan:
    """What a push would do.

    `private` is what the repository is or will be. `user` is whom the token belongs to. `others` are files
    of the repository that the push leaves as they are.
    """

    repo: str
    user: str
    exists: bool
    private: bool
    commit: str
    files: tuple[PushFile, ...]
    others: tuple[str, ...]
    kind: Kind = "dataset"

    @property
    def bytes(self) -> int:
        """How much is sent: the files that are not there yet as they are."""
        return sum(file.bytes for file in self.files if file.state != "same")

    @property
    def asks(self) -> bool:
        """Whether a person must agree: the repository holds something that is not of this push."""
        return bool(self.others) or any(file.state == "changed" for file in self.files)

    def to_dict(self) -> dict[str, Any]:
        """JSON values; `bytes` and `asks` too."""
        return asdict(self) | {"bytes": self.bytes, "asks": self.asks}


def check_repo_name(repo: str, kind: Kind = "dataset") -> str:
    """`repo`; HubError when it is no name of a repository, org/name."""
    if not _NAME.fullmatch(repo) or repo.endswith((".git", ".ipynb", ".", "-")):
        raise HubError(
            f"{repo!r:.120} is no name of a {kind} on the Hub.",
            "Write org/name, or your-name/name: letters, digits, - _ and . in it.",
        )
    return repo


def check_token(token: str) -> str:
    """`token` without the space around it; HubError when it cannot be one."""
    token = token.strip()
    if not _TOKEN.fullmatch(token):
        raise HubError("This is no token of the Hub.", "Copy it from huggingface.co/settings/tokens.")
    return token


def plan_push(
    files: Mapping[str, Path], repo: str, *, private: bool, token: str | None, kind: Kind = "dataset"
) -> PushPlan:
    """Ask the Hub what a push of these files, path in the repository → file, would do. Sends none of them.

    Raises HubError in words: no token, a token that the Hub does not know, a name that is none, no network.
    """
    check_repo_name(repo, kind)
    try:
        return _plan(_open_api(token), files, repo, private, kind)
    except Exception as error:
        raise explain_push(error, repo, token, kind) from None


def push_files(
    files: Mapping[str, Path],
    repo: str,
    *,
    private: bool,
    replace: bool,
    token: str | None,
    kind: Kind = "dataset",
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Send the files in one commit; the plan as it was done, with `url` and the new `commit`.

    `progress` is called with (bytes sent, bytes in all) after each file. Raises HubError as `plan_push` does,
    when the repository holds other files and `replace` is false, and when it is public and `private` was
    asked.
    """
    check_repo_name(repo, kind)
    left = ""
    try:
        api = _open_api(token)
        plan = _plan(api, files, repo, private, kind)
        refuse_unasked(plan, private=private, replace=replace)
        if not plan.exists:
            api.create_repo(repo, repo_type=kind, private=private)
            left = " The repository was made, and is empty."
        done = _commit(api, plan, files, progress)
    except Exception as error:
        known = explain_push(error, repo, token, kind)
        raise HubError(known.message, known.hint + left) from None
    return plan.to_dict() | done


def refuse_unasked(plan: PushPlan, *, private: bool, replace: bool) -> None:
    """Raise HubError for what the person has not agreed to."""
    if private and not plan.private:
        raise HubError(
            f"{plan.repo} is public: everyone would see the files.",
            "Choose another name, make it private on the Hub, or push as public (--public).",
        )
    if plan.asks and not replace:
        changed = [file.path for file in plan.files if file.state == "changed"]
        words = f"Overwritten would be {_list(changed)}." if changed else "None of them would be overwritten."
        found = [*changed, *plan.others]
        raise HubError(
            f"{plan.repo} exists, and holds other files: {_list(found)}. {words}",
            "Look at them on the Hub; then agree to replace (--replace), or choose another name.",
        )


def _open_api(token: str | None) -> "HfApi":
    from huggingface_hub import HfApi, get_token

    found = token or get_token()
    if not found:
        raise HubError(
            "The Hub needs a token to push.", "Give one with the role write: huggingface.co/settings/tokens."
        )
    return HfApi(endpoint=os.environ.get("HF_ENDPOINT") or None, token=found)


def _plan(api: "HfApi", files: Mapping[str, Path], repo: str, private: bool, kind: Kind) -> PushPlan:
    from huggingface_hub.errors import RepositoryNotFoundError

    user = str(api.whoami()["name"])
    try:
        info: Any = api.repo_info(repo, repo_type=kind, files_metadata=True)
    except RepositoryNotFoundError:
        info = None
    there = {file.rfilename: file for file in (info.siblings if info is not None else None) or ()}
    listed = [
        PushFile(path=path, bytes=file.stat().st_size, state=_compare(file, there.get(path)))
        for path, file in files.items()
    ]
    return PushPlan(
        repo=repo,
        user=user,
        exists=info is not None,
        private=bool(info.private) if info is not None else private,
        commit=str(info.sha or "") if info is not None else "",
        files=tuple(listed),
        others=tuple(sorted(set(there) - set(files) - _OWN)),
        kind=kind,
    )


def _compare(file: Path, there: Any) -> State:
    """What a file is to the one of its name in the repository, which the Hub tells by a hash."""
    if there is None:
        return "new"
    size = file.stat().st_size
    if there.size not in (None, size):
        return "changed"
    if there.lfs is not None:
        return "same" if _digest(file, hashlib.sha256()) == there.lfs.sha256 else "changed"
    blob = hashlib.sha1(f"blob {size}\0".encode(), usedforsecurity=False)
    return "same" if _digest(file, blob) == there.blob_id else "changed"


def _commit(
    api: "HfApi", plan: PushPlan, files: Mapping[str, Path], progress: Progress | None
) -> dict[str, Any]:
    from huggingface_hub import CommitOperationAdd

    sent = 0
    operations = []
    for file in plan.files:
        if file.state == "same":
            continue
        operation = CommitOperationAdd(path_in_repo=file.path, path_or_fileobj=str(files[file.path]))
        api.preupload_lfs_files(plan.repo, [operation], repo_type=plan.kind, free_memory=False)
        operations.append(operation)
        sent += file.bytes
        if progress:
            progress(sent, plan.bytes)
    url = f"{api.endpoint}/{_PATHS[plan.kind]}{plan.repo}"
    if not operations:
        return {"url": url, "commit": plan.commit}
    done = api.create_commit(
        plan.repo,
        operations,
        commit_message=_MESSAGES[plan.kind],
        repo_type=plan.kind,
        parent_commit=plan.commit or None,
    )
    return {"url": url, "commit": str(done.oid)}


def _digest(path: Path, digest: "hashlib._Hash") -> str:
    with path.open("rb") as file:
        while piece := file.read(_CHUNK):
            digest.update(piece)
    return digest.hexdigest()


def _list(names: Sequence[str]) -> str:
    return ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
