"""Show the command: each line goes through the real command line and gives what the page's API gives."""

import json
import shlex
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from starlette.testclient import TestClient
from typer.testing import CliRunner

from studio.cli import app
from studio.command import join_words, spell_reading
from studio.ingest import start_ingest, wait_ingest
from studio.near import NEAR
from studio.settings import Settings
from studio.source import Source, parse_source
from studio.survey import survey_table
from studio.web.app import create_app
from studio.workspace import Workspace
from tests.web.boundary import store_run

RECORDS = [
    {
        "question": f"What is {n} plus {n}?" if n % 4 else f"It's “{n}”\nfor $HOME?",
        "answer": f"It is {2 * n}.",
    }
    for n in range(40)
]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(Settings(workspace=tmp_path / "my work"))


@pytest.fixture
def client(workspace: Workspace) -> Iterator[TestClient]:
    with TestClient(create_app(workspace.settings, ui=False), base_url="http://127.0.0.1:7860") as client:
        yield client


@pytest.fixture
def load(workspace: Workspace, tmp_path: Path) -> Callable[..., str]:
    """Have records read from a JSON Lines file, or a text from a file of this name; answers with the id."""

    def read(text: str = "", name: str = "two words.jsonl", **options: Any) -> str:
        path = tmp_path / name
        path.write_text(text or "".join(json.dumps(record) + "\n" for record in RECORDS), encoding="utf-8")
        state = start_ingest(parse_source(str(path), **options), workspace)
        return wait_ingest(workspace, state.id).id

    return read


def show(client: TestClient, table: str, stage: str, **asked: Any) -> list[dict[str, Any]]:
    answer = client.get(f"/api/v1/tables/{table}/command", params={"stage": stage, **asked})
    assert answer.status_code == 200, answer.text
    commands: list[dict[str, Any]] = answer.json()["commands"]
    return commands


def run_line(line: str, *more: str) -> Any:
    """What the command line answers, as JSON; the line is one line, and taken apart as a shell does."""
    assert "\n" not in line
    program, *words = shlex.split(line)
    assert program == "studio"
    done = CliRunner().invoke(app, [*words, *more, "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


@pytest.fixture
def beside(client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Put a table's recipe.yaml, as the page lets one download it, in the current folder."""

    def put(table: str) -> None:
        folder = tmp_path / "elsewhere"
        folder.mkdir()
        (folder / "recipe.yaml").write_bytes(client.get(f"/api/v1/tables/{table}/recipe.yaml").content)
        monkeypatch.chdir(folder)

    return put


def test_the_line_of_load_reads_the_same_table(client: TestClient, load: Callable[..., str]) -> None:
    rows = [["first name", "note"], ["Ann", "a;b"], ["Ben", "'c'"]]
    text = "\n".join(";".join(f'"{cell}"' for cell in row) for row in rows)
    table = load(text, "a b.csv")
    [command] = show(client, table, "load")
    assert "--delimiter ';' --quote '\"'" in command["line"]
    assert not command["recipe"]
    answer = run_line(command["line"])
    assert (answer["id"], answer["reused"]) == (table, True)


@pytest.mark.parametrize(
    "source",
    [
        Source(path="a.csv", delimiter="\t", quote="", types={"a=b": "integer", "c": "boolean"}),
        Source(path="a.zip", member="in/two words.jsonl", encoding="utf-16"),
        Source(path="a.xlsx", sheet="Q's", first=7),
        Source(path="a.json", field="data"),
        Source(path="a.txt", records="block"),
        Source(hub="org/name", config="c", split="all", revision="a/b", first="all"),
    ],
    ids=lambda source: source.name,
)
def test_every_option_of_a_reading_is_in_the_line(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, Any] = {}

    def open_table(text: str, workspace: str | None, options: dict[str, Any]) -> Any:
        seen.update(options)
        raise RuntimeError("seen")

    monkeypatch.setattr("studio.cli.tables.opened_table", open_table)
    line = join_words(["inspect", source.name, *spell_reading(source)])
    CliRunner().invoke(app, shlex.split(line))
    address = {"path": source.path, "hub": source.hub}
    if "quote" in seen:
        seen["quote"] = seen["quote"].replace("none", "")
    assert Source(**address, **seen) == source


@pytest.mark.parametrize("edited", [False, True], ids=["as it came", "edited"])
def test_the_line_of_browse_shows_the_same_records(
    client: TestClient, load: Callable[..., str], beside: Callable[[str], None], edited: bool
) -> None:
    table = load()
    if edited:
        change = {"edit": {"row": 8, "column": "answer", "value": "It's “put right”"}}
        assert client.post(f"/api/v1/tables/{table}/changes", json=change).status_code == 200
    beside(table)
    asked = {
        "search": "t's “", "case": True, "sort": "answer", "descending": True, "offset": 2, "limit": 5,
        "filter": ['{"column": "answer", "is": "equals", "value": "It\'s \\n", "not": true}',
                   '{"column": "question", "is": "length", "value": [3, null]}'],
    }  # fmt: skip
    [command] = show(client, table, "browse", **asked)
    assert command["recipe"] == edited
    page = client.get(f"/api/v1/tables/{table}/rows", params=asked).json()
    answer = run_line(command["line"])
    assert page["total"] == answer["total"] > 5
    assert [(row["row"], [cell["text"] for cell in row["cells"]]) for row in page["rows"]] == [
        (row["row"], list(row["values"].values())) for row in answer["rows"]
    ]
    assert [row["row"] for row in page["rows"]] == [row["row"] for row in answer["rows"]] != []


@pytest.mark.parametrize("own", [False, True], ids=["a style", "a template of one's own"])
def test_the_line_of_prompt_renders_the_same_text(
    client: TestClient, load: Callable[..., str], beside: Callable[[str], None], own: bool
) -> None:
    table = load()
    template = {"prompt": "{question}'s\n", "completion": "{answer}"} if own else {"style": "alpaca"}
    columns = {"instruction": "question", "output": "answer"}
    change = {"template": template} | ({} if own else {"columns": columns})
    assert client.put(f"/api/v1/tables/{table}/prompt", json=change).status_code == 200
    beside(table)
    render, check = show(client, table, "prompt", row=4)
    assert render["recipe"] == own
    example = client.get(f"/api/v1/tables/{table}/records/4/example").json()
    [shown] = run_line(render["line"])
    assert (shown["prompt"], shown["completion"]) == (example["prompt"], example["completion"])
    assert run_line(check["line"])["records"] == 40


def test_the_lines_of_split_and_export_give_the_same_parts_and_bytes(
    client: TestClient, workspace: Workspace, load: Callable[..., str], beside: Callable[[str], None],
    tmp_path: Path,
) -> None:  # fmt: skip
    from studio.pipeline import build_table

    table = load()
    client.post(f"/api/v1/tables/{table}/changes", json={"exclude": {"rows": [3, 9]}})
    beside(table)
    [split, near], [export] = show(client, table, "split"), show(client, table, "export")
    assert split["recipe"] and export["recipe"]
    page = client.get(f"/api/v1/tables/{table}/split").json()
    parts = [(part["name"], part["records"]) for part in run_line(split["line"])["parts"]]
    assert (
        parts == [(part["name"], part["records"]) for part in page["parts"]] == [("train", 34), ("test", 4)]
    )
    assert run_line(near["line"])["looked"] == NEAR
    built = build_table(workspace.draft(table), workspace.result(table), tmp_path / "by the page")
    answer = run_line(export["line"])
    for file in built.files:
        assert (Path(answer["folder"]) / file.name).read_bytes() == file.read_bytes()


def test_the_lines_of_fine_tune_and_compare_are_commands(
    client: TestClient, workspace: Workspace, load: Callable[..., str]
) -> None:
    table = load()
    train, plan = show(client, table, "finetune")
    assert show(client, table, "compare") == []
    run = "0" * 32
    compare, pairs = show(client, table, "compare", run=run)
    sides, worse = show(client, table, "compare", run=run, right="step-4", by="a b", only="worse", offset=10)
    *_, tried = show(client, table, "compare", run=store_run(workspace, "succeeded").run)
    assert "--prompt '…'" in tried["line"]
    for command in (train, plan, compare, pairs, sides, worse, tried):
        _, *words = shlex.split(command["line"])
        group: Any = typer.main.get_command(app)
        while hasattr(group, "commands"):
            name, *words = words
            group = group.commands[name]
        assert group.make_context(name, words).params["workspace"]
    assert f"studio compare {run}/base --with {run}/step-4 --by 'a b'" in sides["line"]
    assert f"studio pairs list {run} --right step-4 --only worse --offset 10" in worse["line"]


def test_an_uploaded_file_is_named_by_its_name_alone_and_the_workspace_where_it_is_another(
    client: TestClient, workspace: Workspace, beside: Callable[[str], None], tmp_path: Path
) -> None:
    body = "".join(json.dumps(record) + "\n" for record in RECORDS).encode()
    upload = client.put("/api/v1/uploads/my file.jsonl", content=body).json()
    table = client.post("/api/v1/ingests", json={"upload": upload["id"]}).json()["id"]
    [rows], [build] = show(client, table, "browse"), show(client, table, "export")
    own = f"--workspace '{workspace.root}'"
    assert rows["line"] == f"studio rows 'my file.jsonl' --limit 50 {own}"
    assert rows["notes"] == ["Run it in the folder that holds my file.jsonl."]
    assert build["line"] == f"studio build recipe.yaml --out export {own}"
    beside(table)
    Path("my file.jsonl").write_bytes(body)
    assert run_line(rows["line"])["total"] == 40
    assert run_line(build["line"])["counts"]["accepted"] == 40


def test_where_others_can_reach_the_page_no_path_of_the_machine_is_told(
    load: Callable[..., str], workspace: Workspace
) -> None:
    table = load()
    settings = Settings(workspace=workspace.root, local_paths=False)
    with TestClient(create_app(settings, ui=False), base_url="http://127.0.0.1:7860") as client:
        for stage in ("load", "browse", "prompt", "split", "export", "finetune"):
            assert str(workspace.root.parent) not in json.dumps(show(client, table, stage))


def test_what_no_line_can_say_is_said_beside_it(client: TestClient, load: Callable[..., str]) -> None:
    table = load()
    rows, check = show(client, table, "browse", finding="answer-cut")
    assert "The filter “answer-cut” is not in the line." in rows["notes"]
    assert check["line"].startswith("studio check recipe.yaml")
    client.post(f"/api/v1/tables/{table}/changes", json={"exclude": {"rows": [3]}})
    [load_again] = show(client, table, "load")
    assert "is in recipe.yaml, and not in this line" in load_again["notes"][0]


def test_the_line_of_quality_finds_the_same(
    client: TestClient, workspace: Workspace, load: Callable[..., str], beside: Callable[[str], None]
) -> None:
    table = load()
    client.post(f"/api/v1/tables/{table}/changes", json={"edit": {"row": 8, "column": "answer", "value": ""}})
    beside(table)
    survey_table(workspace.draft(table), workspace.result(table), workspace, ["emails"])
    page = client.get(f"/api/v1/tables/{table}/quality").json()
    asked = {"quality": True, "also": "emails,nonsense"}
    _, whole = show(client, table, "browse", **asked)
    counts = [(finding["code"], finding["count"]) for finding in page["findings"]]
    found = run_line(whole["line"])["findings"]
    assert [(finding["code"], finding["count"]) for finding in found] == counts
    _, one = show(client, table, "browse", **asked, finding="empty-answer")
    assert [record["row"] for record in run_line(one["line"])["records"]] == [8]
    _, mixed = show(client, table, "browse", quality=True, finding="mixed-languages")
    assert "--also languages --rows mixed-languages" in mixed["line"]


def test_a_line_stays_one_line_and_steers_no_terminal() -> None:
    words = ["plain", "it's", "a\nb\\n'c'", "\x1b[31m\u202eé 漢", "$(touch x) `y` !z", ""]
    line = join_words(words)
    assert line.isprintable()
    shell = ["bash", "-c", f"printf '%s\\0' {line}"]
    said = subprocess.run(shell, capture_output=True, text=True, check=True).stdout
    assert said.split("\0")[:-1] == words


def test_a_recipe_says_itself_how_its_source_is_read(
    client: TestClient, load: Callable[..., str], beside: Callable[[str], None]
) -> None:
    beside(load())
    for words in (
        ["rows", "recipe.yaml", "--delimiter", ";"],
        ["render", "recipe.yaml", "--style", "alpaca"],
    ):
        done = CliRunner().invoke(app, words)
        assert "A recipe says itself what --" in str(done.exception)
    done = CliRunner().invoke(app, ["rows", "a.jsonl", "--source", "b.jsonl"])
    assert "no recipe" in str(done.exception)
