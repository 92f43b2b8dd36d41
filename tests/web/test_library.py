"""Templates over HTTP: kept under a name, read in, written out."""

import json
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from studio.library import read_yaml

TEMPLATE = {"type": "prompt-completion", "prompt": "### {q}\n", "completion": "{a}"}
NAMES = ["mine", "Größe", "a/b", "../x", "a b", "100%", "?#", "a/file", "read", "write", "🙂", '"', "x.yaml"]


def path(name: str) -> str:
    return f"/api/v1/templates/{quote(name, safe='')}"


def test_a_template_is_kept_listed_and_removed_under_any_name(client: TestClient) -> None:
    for name in NAMES:
        kept = {"name": name, "type": "prompt-completion", "template": TEMPLATE}
        assert client.put(path(name), json={"template": TEMPLATE}).json() == kept
    listed = client.get("/api/v1/templates").json()
    assert {one["name"] for one in listed} == set(NAMES) and len(listed) == len(NAMES)
    for name in NAMES:
        file = client.get(f"{path(name)}/file")
        assert read_yaml(file.text).to_mapping() == TEMPLATE
        assert file.headers["content-type"].startswith("application/yaml")
        assert "attachment" in file.headers["content-disposition"]
        assert client.delete(path(name)).status_code == 204
    assert client.get("/api/v1/templates").json() == []


def test_a_template_is_replaced_unless_it_is_said_not_to(client: TestClient) -> None:
    client.put(path("mine"), json={"template": TEMPLATE, "replace": False})
    other = {"type": "text", "text": "{a}"}
    refused = client.put(path("mine"), json={"template": other, "replace": False})
    assert refused.status_code == 409 and refused.json()["error"] == "There is a template named mine already."
    assert client.get("/api/v1/templates").json()[0]["template"] == TEMPLATE
    client.put(path("mine"), json={"template": other})
    assert client.get("/api/v1/templates").json()[0]["template"] == other


def test_every_kind_of_text_is_read(client: TestClient) -> None:
    for text, name, kind in (
        ('text: "{a}"', "", "yaml"),
        ("{{ q }} ||| {{ a }}", "", "promptsource"),
        ("{% for m in messages %}{{ m.content }}{% endfor %}", "chat_template.jinja", "chat-template"),
    ):
        answer = client.post("/api/v1/templates/read", json={"text": text, "name": name}).json()
        assert answer["kind"] == kind and answer["words"] and answer["template"]["type"]


def test_a_template_that_is_not_kept_is_written_as_yaml(client: TestClient) -> None:
    answer = client.post("/api/v1/templates/write", json={"template": TEMPLATE, "name": "a/b\n"})
    assert answer.text.startswith("# a/b\n") and read_yaml(answer.text).to_mapping() == TEMPLATE
    assert 'filename="a-b.yaml"' in answer.headers["content-disposition"]


@pytest.mark.parametrize(
    ("method", "place", "body", "status"),
    [
        ("POST", "read", {"text": "{{ a | upper }} ||| b"}, 400),
        ("POST", "read", {"text": "text: !!python/object/apply:os.system [id]"}, 400),
        ("POST", "read", {"text": "text: &a [*a]", "name": "x.yaml"}, 400),
        ("POST", "read", {"text": ""}, 400),
        ("POST", "read", {"text": "x", "run": True}, 400),
        ("POST", "read", {"text": "x" * 1_000_000}, 400),
        ("POST", "write", {"template": {"text": "{"}}, 400),
        ("POST", "write", {"template": {"text": "a"}, "name": "\ud800"}, 400),
        ("PUT", "mine", {"template": {"text": 5}}, 400),
        ("PUT", "mine", {"template": {}}, 400),
        ("PUT", "mine", {"template": {"messages": [{"role": "\ud800", "content": "a"}]}}, 400),
        ("POST", "write", {"template": {"from": "\ud800"}}, 400),
        ("POST", "read", {"text": 'from: "\\uD800"'}, 400),
        ("PUT", "mine", {}, 400),
        ("PUT", "x" * 81, {"template": {"text": "a"}}, 400),
        ("PUT", "%00", {"template": {"text": "a"}}, 400),
        ("PUT", "%E2%80%AE", {"template": {"text": "a"}}, 400),
        ("DELETE", "nope", None, 404),
        ("GET", "nope/file", None, 404),
    ],
)
def test_what_cannot_be_done_is_said_in_words(
    client: TestClient, method: str, place: str, body: object, status: int
) -> None:
    sent = json.dumps(body).encode()
    headers = {"content-type": "application/json"}
    answer = client.request(method, f"/api/v1/templates/{place}", content=sent, headers=headers)
    assert answer.status_code == status
    assert answer.json()["error"] and answer.json()["hint"]
    assert client.get("/api/v1/templates").json() == []
