"""What the child process opens and whom it asks, seen from within: its repository, and nothing else."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.hub.conftest import Serve
from tests.hub_server import HubServer

WATCHED = """
import json, runpy, sys
seen = open(sys.argv[1], "a", buffering=1)

def watch(event, arguments):
    if event in ("open", "os.listdir", "os.scandir", "glob.glob", "socket.connect", "socket.getaddrinfo",
                 "subprocess.Popen", "os.system", "pickle.find_class"):
        print(event, arguments, file=seen)

sys.addaudithook(watch)
"""
READ = WATCHED + 'runpy.run_module("studio.hub", run_name="__main__")\n'
LOOK_UP = (
    WATCHED
    + """
from studio.hub.refusals import explain
from studio.hub.repository import open_repository

for name in json.load(sys.stdin):
    try:
        repository = open_repository(name, None)
        for split, patterns in repository.find_splits("default").items():
            repository.find_files("default", split, patterns)
        print("read")
    except Exception as error:
        print(explain(error, name).message)
"""
)


def start(tmp_path: Path, program: str, hub: HubServer) -> "subprocess.Popen[str]":
    """A watched child, whose events go to the file `seen`."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "HF_ENDPOINT": hub.endpoint}
    environment |= {"HF_HOME": str(tmp_path / "hf"), "HF_UPDATE_DOWNLOAD_COUNTS": "0"}
    environment |= {"PYTHONPATH": str(Path(__file__).parents[2])}
    command = [sys.executable, "-c", program, str(tmp_path / "seen")]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, env=environment, cwd=tmp_path, stdin=pipe, stdout=pipe, text=True)


def asked_elsewhere(seen: list[str], hub: HubServer) -> list[str]:
    port = hub.endpoint.rpartition(":")[2]
    return [line for line in seen if line.startswith("socket.") and f", {port}" not in line]


def test_files_outside_of_the_repository_are_not_opened(serve: Serve, tmp_path: Path) -> None:
    outside = tmp_path / "canary"
    outside.mkdir()
    (outside / "a.jsonl").write_text('{"password": "canary"}\n')
    hub = serve("org/other", {"train.jsonl": b'{"a": 1}\n'})
    elsewhere = "http://127.0.0.1:1/a.jsonl"
    patterns = [
        f"{outside}/a.jsonl", f"{outside}/*.jsonl", f"file://{outside}/a.jsonl", f"file:{outside}/a.jsonl",
        "../../../org/other@main/train.jsonl", "x/../../other/train.jsonl", "..\\other\\train.jsonl",
        elsewhere, elsewhere.replace("http", "HTTP"), f"zip://*.jsonl::{outside}/a.zip",
        f"x.zip::{elsewhere}", "hf://datasets/org/other/train.jsonl", "C:/canary/a.jsonl", "s3://bucket/a.jsonl",
        "//127.0.0.1:1/a.jsonl", "simplecache::http://127.0.0.1:1/a.jsonl",
    ]  # fmt: skip
    names = []
    for pattern in patterns:
        for field in ("data_files", "data_dir"):
            names.append(f"thief/n{len(names)}")
            readme = f"---\nconfigs:\n- {{config_name: default, {field}: {json.dumps(pattern)}}}\n---\n"
            serve(names[-1], {"README.md": readme.encode(), "train.jsonl": b'{"a": 1}\n'})
    said = start(tmp_path, LOOK_UP, hub).communicate(json.dumps(names))[0].splitlines()
    seen = (tmp_path / "seen").read_text().splitlines()
    opened = [line for line in seen if str(outside) in line]
    asked = asked_elsewhere(seen, hub)
    print(f"{len(said)} names of files outside, {len(opened)} opened, {len(asked)} asked for")
    assert [text for text in said if "names files outside of its repository" not in text] == []
    assert len(said) == len(patterns) * 2
    assert (opened, asked) == ([], [])


def test_reading_asks_no_other_server_and_runs_nothing(serve: Serve, tmp_path: Path) -> None:
    hub = serve("org/plain", {"train.jsonl": b'{"a": 1}\n'})
    request = {"ask": "read", "hub": "org/plain", "config": None, "split": None, "revision": None}
    child = start(tmp_path, READ, hub)
    assert child.stdin and child.stdout
    print(json.dumps(request), file=child.stdin)
    print("file", file=child.stdin, flush=True)
    assert [child.stdout.readline()[0] for _ in range(5)] == ["O", "F", "B", "{", "N"]
    print("file", file=child.stdin, flush=True)
    assert child.stdout.readline() == "Z {}\n"
    child.communicate()
    seen = (tmp_path / "seen").read_text().splitlines()
    assert [line for line in seen if line.startswith("socket.connect")]
    assert asked_elsewhere(seen, hub) == []
    assert [line for line in seen if line.startswith(("subprocess", "os.system", "pickle"))] == []


def test_a_child_whose_parent_has_gone_ends(serve: Serve, tmp_path: Path) -> None:
    hub = serve("org/plain", {"train.jsonl": b'{"a": 1}\n'})
    child = start(tmp_path, READ, hub)
    assert child.stdin and child.stdout
    request = {"ask": "read", "hub": "org/plain", "config": None, "split": None, "revision": None}
    print(json.dumps(request), file=child.stdin, flush=True)
    assert child.stdout.readline()[0] == "O"
    child.stdin.close()
    assert child.wait(10) == 0
