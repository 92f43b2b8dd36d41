"""Recipes over HTTP: opened again, asked for their file, refused with the line of every problem."""

import hashlib
from pathlib import Path

from starlette.testclient import TestClient

API = "/api/v1"
LINES = b"".join(b'{"question":"q%d","answer":"a%d"}\n' % (n, n) for n in range(12))
RECIPE = (
    "source: {{path: faq.jsonl{more}}}\ntemplate: {{style: question-answer}}\nsplit: {{train: 8, test: 4}}\n"
)


def upload(client: TestClient, data: bytes = LINES) -> str:
    answer: str = client.put(f"{API}/uploads/faq.jsonl", content=data).json()["id"]
    return answer


def test_a_recipe_asks_for_its_file_and_is_in_place_once_it_has_it(client: TestClient) -> None:
    text = RECIPE.format(more="")
    asked = client.post(f"{API}/recipes", json={"text": text}).json()
    assert asked == {"reading": None, "needs": {"file": "faq.jsonl", "sha256": None}}
    reading = client.post(f"{API}/recipes", json={"text": text, "upload": upload(client)}).json()["reading"]
    assert (reading["state"], reading["records"]) == ("done", 12)
    parts = client.get(f"{API}/tables/{reading['id']}/split").json()["parts"]
    assert [(part["name"], part["records"]) for part in parts] == [("train", 8), ("test", 4)]


def test_the_file_of_a_dataset_is_found_by_its_hash(client: TestClient, tmp_path: Path) -> None:
    path = tmp_path / "faq.jsonl"
    path.write_bytes(LINES)
    first = client.post(f"{API}/ingests", json={"source": str(path)}).json()
    text = RECIPE.format(more=f", sha256: {hashlib.sha256(LINES).hexdigest()}")
    assert client.post(f"{API}/recipes", json={"text": text}).json()["reading"]["id"] == first["id"]
    again = client.post(f"{API}/recipes", json={"text": text}).json()["reading"]["id"]
    assert again != first["id"]
    assert client.put(f"{API}/tables/{again}/recipe", json={"text": text}).json() == {"table": again}


def test_all_problems_of_a_recipe_are_answered_with_their_lines(client: TestClient) -> None:
    text = "source: {path: a}\ntemplate: {styel: x}\nsplits: 1\n"
    refused = client.post(f"{API}/recipes", json={"text": text, "name": "mine.yaml"})
    assert refused.status_code == 400
    assert refused.json()["error"].startswith("mine.yaml: line 2: template: give a style;")
    assert "line 3: splits: unknown key" in refused.json()["error"]


def test_another_file_is_refused_and_leaves_no_dataset(client: TestClient) -> None:
    text = RECIPE.format(more=f", sha256: {'ab' * 32}")
    refused = client.post(f"{API}/recipes", json={"text": text, "upload": upload(client)})
    assert refused.status_code == 400
    assert "is not the recipe's file" in refused.json()["error"]
    assert client.get(f"{API}/datasets").json()["datasets"] == []
