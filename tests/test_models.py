"""Base models made ready: tiny, a folder, the Hub at one commit; and what is refused without being opened."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from studio.cli import app
from studio.errors import ModelError
from studio.models import find_model, look_at_model, pin_choice, prepare_model
from studio.settings import Settings
from studio.workspace import Workspace
from tests.hub_server import COMMIT, HubServer, Repository
from tests.model_folders import plant_payloads, write_model

Serve = Callable[..., HubServer]


@pytest.fixture
def workspace(settings: Settings) -> Workspace:
    return Workspace(settings)


@pytest.fixture
def serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """`serve("org/name", folder, **repository)`: a Hub with the files of a folder as a model."""
    hub = HubServer({}, {}, {})
    monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_HUB_OFFLINE", "HF_TOKEN_PATH"):
        monkeypatch.delenv(name, raising=False)

    def add(name: str, folder: Path, **repository: Any) -> HubServer:
        hub.models = {name: {path.name: path.read_bytes() for path in folder.iterdir()}}
        hub.repositories = {name: Repository(**repository)}
        return hub

    with hub:
        yield add


def list_fetched(hub: HubServer) -> set[str]:
    return {path.rpartition("/")[2] for path in hub.asked if "/resolve/" in path}


def test_tiny_is_known_without_a_folder(workspace: Workspace) -> None:
    made = prepare_model(workspace, "tiny")
    assert (made.choice, made.folder, made.description.parameters) == ("tiny", None, 1_317_632)


def test_a_folder_is_used_where_it_is(workspace: Workspace, tmp_path: Path) -> None:
    folder = write_model(tmp_path / "small")
    made = prepare_model(workspace, str(folder))
    assert (made.choice, made.folder) == (str(folder), folder)
    assert made.description == look_at_model(workspace, str(folder))


def test_a_model_of_the_hub_is_looked_at_without_its_weights_and_stays_at_its_commit(
    workspace: Workspace, serve: Serve, tmp_path: Path
) -> None:
    folder = write_model(tmp_path / "small")
    plant_payloads(folder, tmp_path / "marker")
    hub = serve("org/small", folder)
    described = look_at_model(workspace, "org/small")
    assert (described.kind, described.revision, described.licence) == ("hub", COMMIT, "apache-2.0")
    assert (described.parameters, described.dtype) == (12_800, "bfloat16")
    assert [path.name for path in workspace.models.iterdir()] == ["looked"]
    assert find_model(workspace, "org/small") is None
    before = list(hub.asked)
    pinned = pin_choice("org/small", described)
    assert (pinned, look_at_model(workspace, pinned)) == (f"org/small@{COMMIT}", described)
    assert hub.asked == before  # a commit never changes
    said: list[str] = []
    made = prepare_model(workspace, "org/small", said.append)
    assert made.choice == f"org/small@{COMMIT}"
    assert made.description == described
    assert any(words.startswith("fetching model.safetensors, ") for words in said)
    assert list_fetched(hub) == {
        *("config.json", "README.md", "tokenizer.json", "tokenizer_config.json", "model.safetensors")
    }
    assert made.folder is not None
    assert (made.folder / "model.safetensors").read_bytes() == (folder / "model.safetensors").read_bytes()
    hub.asked.clear()
    for text in ("org/small", made.choice):
        assert prepare_model(workspace, text) == find_model(workspace, text) == made
        assert look_at_model(workspace, text) == described
    assert hub.asked == []
    # The cache was emptied: it is fetched again, and nothing is half there.
    (made.folder / "model.safetensors").resolve().unlink()
    assert prepare_model(workspace, "org/small") == made
    assert not (tmp_path / "marker").exists()


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"auto_map": {"AutoModelForCausalLM": "own.Own"}}, "asks to run its own program"),
        ({"architectures": ["ViTForImageClassification"]}, "ViTForImageClassification"),
    ],
)
def test_no_weight_is_fetched_of_a_model_that_may_not_be_opened(
    workspace: Workspace, serve: Serve, tmp_path: Path, config: dict[str, Any], words: str
) -> None:
    folder = write_model(tmp_path / "small", **config)
    (folder / "own.py").write_text("raise SystemExit('it ran')")
    hub = serve("org/small", folder)
    with pytest.raises(ModelError, match=words):
        prepare_model(workspace, "org/small")
    assert not {"own.py"} & list_fetched(hub)
    assert not list(workspace.models.iterdir())


def test_pickled_weights_of_the_hub_are_refused_with_the_reason(
    workspace: Workspace, serve: Serve, tmp_path: Path
) -> None:
    folder = write_model(tmp_path / "small")
    plant_payloads(folder, tmp_path / "marker")
    (folder / "model.safetensors").unlink()
    hub = serve("org/small", folder)
    with pytest.raises(ModelError, match=r"only as flax_model\.msgpack, which can run"):
        prepare_model(workspace, "org/small")
    assert list_fetched(hub) == {"config.json", "README.md", "tokenizer.json", "tokenizer_config.json"}


@pytest.mark.parametrize(
    ("name", "repository", "words"),
    [
        ("org/other", {}, "The Hub has no model org/other"),
        ("org/small@v9", {}, "org/small has no such revision"),
        ("org/small", {"gated": True}, "org/small is gated"),
    ],
)
def test_a_hub_that_does_not_give_a_model_says_why(
    workspace: Workspace, serve: Serve, tmp_path: Path, name: str, repository: dict[str, Any], words: str
) -> None:
    serve("org/small", write_model(tmp_path / "small"), **repository)
    with pytest.raises(ModelError, match=words):
        look_at_model(workspace, name)
    assert not list(workspace.models.iterdir())


@pytest.mark.parametrize(
    "name",
    [
        *(
            "",
            " ",
            "gpt2",
            "../x/y/z",
            "org/name; rm -rf /",
            "org/na me",
            "-org/name",
            "org/name@",
            "\0",
            "a" * 999,
        ),
        *(
            "/nowhere",
            "./nowhere",
            "~nobody/x",
            "/dev/null",
            "http://x/y",
            "org/name@$(id)",
            "{question}/x\n",
        ),
    ],
)
def test_a_hostile_name_is_refused_in_words(workspace: Workspace, name: str) -> None:
    with pytest.raises(ModelError):
        look_at_model(workspace, name)


def test_others_on_the_network_name_no_folder(tmp_path: Path) -> None:
    shared = Workspace(Settings(workspace=tmp_path / "workspace", local_paths=False))
    with pytest.raises(ModelError, match="are not read"):
        look_at_model(shared, str(write_model(tmp_path / "small")))


def test_the_command_shows_a_model(settings: Settings, tmp_path: Path) -> None:
    folder = write_model(tmp_path / "small")
    (folder / "pytorch_model.bin").write_bytes(b"x")
    options = ["--workspace", str(settings.workspace)]
    shown = CliRunner().invoke(app, ["models", "show", str(folder), *options])
    assert shown.output.splitlines() == [
        "small: LlamaForCausalLM",
        "12,800 parameters in bfloat16, 0 MB",
        "512 tokens of context, vocabulary 400, 2 layers of 16",
        "without a chat template",
        "licence: apache-2.0",
        "never opened, as they could run a program: pytorch_model.bin",
    ]
    answer = json.loads(CliRunner().invoke(app, ["models", "show", str(folder), "--json", *options]).output)
    assert (answer["parameters"], answer["kind"]) == (12_800, "folder")
