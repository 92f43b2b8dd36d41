"""The writing side of the small Hub: who one is, a repository made, files taken, a commit of them.

Speaks what huggingface_hub 2.4 does without Xet: /api/whoami-v2, /api/repos/create, /api/validate-yaml,
…/preupload/REVISION, NAME.git/info/lfs/objects/batch, a PUT of each large file, …/commit/REVISION.
"""

import base64
import hashlib
import json
from typing import Any

import yaml

LARGE = 4_096
Answer = tuple[int, Any, dict[str, str]]


def answer(hub: Any, command: str, path: str, token: str | None, body: bytes) -> Answer | None:
    """The answer to a request of the writing side; None for any other."""
    if path == "/api/whoami-v2":
        return _say_who(hub, token)
    if command == "PUT" and path.startswith("/large/"):
        hub.large[hashlib.sha256(body).hexdigest()] = body
        return 200, {}, {}
    if command != "POST":
        return None
    if path == "/api/validate-yaml":
        return _validate(json.loads(body)["content"])
    if path == "/api/repos/create":
        return _create(hub, token, json.loads(body))
    kind, *parts = path.removeprefix("/api").strip("/").split("/")
    name, shelf = "/".join(parts[:2]), _shelf(hub, kind)
    if path.endswith("/info/lfs/objects/batch"):
        name = path.removeprefix("/datasets").removesuffix(".git/info/lfs/objects/batch").strip("/")
        return _take_large(hub, json.loads(body)) if _may_write(hub, token, name) else _refuse(403)
    if "/preupload/" in path:
        return _choose_modes(shelf, name, json.loads(body)) if _may_write(hub, token, name) else _refuse(403)
    if "/commit/" in path:
        return _commit(hub, shelf, name, body) if _may_write(hub, token, name) else _refuse(403)
    return None


def hash_blob(data: bytes) -> str:
    """The id that git gives to a file."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


def _may_write(hub: Any, token: str | None, name: str) -> bool:
    return name.partition("/")[0] in hub.accounts.get(token, ())


def _say_who(hub: Any, token: str | None) -> Answer:
    if token not in hub.accounts:
        return 401, {"error": f"Invalid credentials in Authorization header: Bearer {token}"}, {}
    user, *orgs = hub.accounts[token]
    return 200, {"type": "user", "name": user, "orgs": [{"name": org} for org in orgs]}, {}


def _validate(content: str) -> Answer:
    said = yaml.safe_load(content.split("---\n")[1]) if content.startswith("---\n") else {}
    if said.get("license") == "refused":
        return 400, {"errors": [{"message": '"license" must be one of [...]'}], "warnings": []}, {}
    return 200, {"errors": [], "warnings": []}, {}


def _create(hub: Any, token: str | None, said: dict[str, Any]) -> Answer:
    from tests.hub_server import Repository

    name, shelf = f"{said['organization']}/{said['name']}", _shelf(hub, said.get("type") or "model")
    if not _may_write(hub, token, name):
        return _refuse(403)
    if name in shelf:
        return 409, {"error": "You already created this repo", "url": ""}, {}
    private = said["visibility"] == "private"
    shelf[name] = {".gitattributes": b"*.parquet filter=lfs\n"}
    hub.repositories[name] = Repository(private=private, readers=frozenset((token or "",)))
    return 200, {"url": f"{hub.endpoint}/datasets/{name}"}, {}


def _shelf(hub: Any, kind: str) -> Any:
    """Where repositories of a kind lie: `dataset` or `model`, or their names in an address."""
    return hub.datasets if kind.startswith("dataset") else hub.models


def _choose_modes(shelf: Any, name: str, said: dict[str, Any]) -> Answer:
    held = shelf.get(name, {})
    files = [
        {
            "path": file["path"],
            "uploadMode": "lfs" if file["size"] >= LARGE else "regular",
            "shouldIgnore": False,
            "oid": hash_blob(held[file["path"]]) if file["path"] in held else None,
        }
        for file in said["files"]
    ]
    return 200, {"files": files}, {}


def _take_large(hub: Any, said: dict[str, Any]) -> Answer:
    objects = [
        {**wanted, "actions": {"upload": {"href": f"{hub.endpoint}/large/{wanted['oid']}"}}}
        for wanted in said["objects"]
    ]
    return 200, {"transfer": "basic", "objects": objects}, {}


def _commit(hub: Any, shelf: Any, name: str, body: bytes) -> Answer:
    from tests.hub_server import COMMIT

    if hub.repository(name).moved:
        return 412, {"error": "A commit has happened since. Please refresh and try again."}, {}
    if hub.repository(name).full:
        return 413, {"error": "Storage limit reached"}, {}
    files = dict(shelf[name])
    for line in map(json.loads, body.splitlines()):
        said = line["value"]
        if line["key"] == "file":
            files[said["path"]] = base64.b64decode(said["content"])
        elif line["key"] == "lfsFile":
            files[said["path"]] = hub.large[said["oid"]]
    shelf[name] = files
    url = f"{hub.endpoint}/datasets/{name}/commit/{COMMIT}"
    return 200, {"success": True, "commitOid": COMMIT, "commitUrl": url, "hookOutput": ""}, {}


def _refuse(status: int) -> Answer:
    said = "Forbidden: you don't have the required permissions"
    return status, {"error": said}, {"X-Error-Message": said}
