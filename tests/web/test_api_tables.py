"""Tables over HTTP: pages, records and the quarantine are the stored values, said exactly."""

from starlette.testclient import TestClient

from studio.workspace import Workspace
from tests.web.boundary import store_table

LINES: list[dict[str, object] | str] = [
    {"question": "What is a split?", "answer": "A part.", "votes": 3, "good": True, "tags": ["a"]},
    {"question": "<script>alert(1)</script>", "answer": None, "votes": 4, "good": False, "tags": {}},
    "{broken \u001b[31m" + "x" * 500,
    {"question": "Long: " + "é" * 20_000, "votes": 5, "good": True, "tags": []},
]


def test_the_list_and_the_description_of_a_table(client: TestClient, workspace: Workspace) -> None:
    table_id = store_table(workspace, LINES)
    listed = client.get("/api/v1/tables").json()
    line = {"id": table_id, "name": "faq.jsonl", "format": "jsonl", "records": 3, "bytes": 123}
    assert listed == [line | {"complete": True, "partial": False, "reading": False}]
    table = client.get(f"/api/v1/tables/{table_id}").json()
    assert table["counts"] == {"read": 4, "accepted": 3, "quarantined": 1, "blank": 0}
    assert [column["name"] for column in table["columns"]] == ["question", "answer", "votes", "good", "tags"]
    counts = {"missing": 1, "null": 1, "empty": 0}
    assert table["columns"][1] == {"name": "answer", "type": "text", "source_type": ""} | counts
    assert "private" not in str(table)


def test_a_page_says_what_every_cell_is(client: TestClient, workspace: Workspace) -> None:
    table_id = store_table(workspace, LINES)
    page = client.get(f"/api/v1/tables/{table_id}/rows").json()
    assert (page["offset"], page["total"], page["all"]) == (0, 3, 3)
    kinds = [[cell["kind"] for cell in row["cells"]] for row in page["rows"]]
    assert kinds == [
        ["text", "text", "number", "boolean", "json"],
        ["text", "null", "number", "boolean", "json"],
        ["text", "missing", "number", "boolean", "json"],
    ]
    assert [row["line"] for row in page["rows"]] == [1, 2, 4]
    long = page["rows"][2]["cells"][0]
    assert (long["truncated"], long["characters"], len(long["text"])) == (True, 20_006, 600)
    assert page["rows"][1]["cells"][0]["text"] == "<script>alert(1)</script>"


def test_a_search_counts_what_matches(client: TestClient, workspace: Workspace) -> None:
    table_id = store_table(workspace, LINES)
    page = client.get(f"/api/v1/tables/{table_id}/rows", params={"search": "SPLIT", "limit": 1}).json()
    assert (page["total"], page["all"], [row["row"] for row in page["rows"]]) == (1, 3, [0])


def test_a_record_is_whole_up_to_the_limit_of_a_cell(client: TestClient, workspace: Workspace) -> None:
    table_id = store_table(workspace, LINES)
    record = client.get(f"/api/v1/tables/{table_id}/records/2").json()
    assert (record["row"], record["line"]) == (2, 4)
    question = record["cells"][0]
    assert (question["name"], len(question["text"]), question["truncated"]) == ("question", 10_000, True)


def test_the_quarantine_is_paged_and_cut(client: TestClient, workspace: Workspace) -> None:
    table_id = store_table(workspace, LINES)
    answer = client.get(f"/api/v1/tables/{table_id}/quarantine").json()
    assert answer["total"] == 1
    [bad] = answer["rows"]
    assert (bad["file"], bad["line"], bad["reason"], len(bad["raw"])) == ("faq.jsonl", 3, "not JSON", 200)
    assert client.get(f"/api/v1/tables/{table_id}/quarantine?offset=1").json()["rows"] == []


def test_the_recipe_comes_as_a_file(client: TestClient, workspace: Workspace) -> None:
    table_id = store_table(workspace, LINES)
    answer = client.get(f"/api/v1/tables/{table_id}/recipe.yaml")
    assert answer.status_code == 200
    assert "recipe.yaml" in answer.headers["content-disposition"]
    assert "question-answer" in answer.text


def test_an_id_that_is_none_and_one_that_is_unknown_are_not_found(client: TestClient) -> None:
    for table_id in ("0" * 32, "abc", "..%2f..%2fetc", "%00", "A" * 32, "x" * 64):
        answer = client.get(f"/api/v1/tables/{table_id}")
        assert answer.status_code == 404, table_id
        assert set(answer.json()) == {"error", "hint"}


def test_what_does_not_fit_is_refused_in_words(client: TestClient, workspace: Workspace) -> None:
    path = f"/api/v1/tables/{store_table(workspace, LINES)}"
    for part in (
        "/rows?limit=101",
        "/rows?limit=0",
        "/rows?offset=-1",
        "/rows?offset=x",
        "/records/3",
        "/records/-1",
    ):
        answer = client.get(path + part)
        assert answer.status_code == 400, part
        assert answer.json()["error"] and answer.json()["hint"]
    assert client.get(path + "/rows?offset=999999").json()["rows"] == []


def test_one_damaged_table_does_not_hide_the_others(client: TestClient, workspace: Workspace) -> None:
    table_id = store_table(workspace, LINES)
    workspace.table_folder("f" * 32).mkdir()
    assert [table["id"] for table in client.get("/api/v1/tables").json()] == [table_id]
