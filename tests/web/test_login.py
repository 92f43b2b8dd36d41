"""The login stands before everything but /healthz, tells nothing, and cannot be guessed quickly."""

import base64

import pytest
from starlette.testclient import TestClient

from studio.errors import SettingsError
from studio.settings import Settings
from studio.web.app import create_app
from studio.web.login import FAILURES_PER_MINUTE, Login, LoginGate, Throttle, take_login

TEXT = "ada:correct horse battery"


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def client(settings: Settings) -> TestClient:
    app = create_app(settings, login=Login.parse(TEXT), ui=False)
    return TestClient(app, base_url="http://127.0.0.1:7860")


def basic(text: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(text.encode()).decode()}


def test_nothing_but_the_health_check_answers_without_the_login(client: TestClient) -> None:
    assert client.get("/healthz").status_code == 200
    for path in ("/", "/api/v1/tables", "/assets/scripts/x.js", "/gradio_api/info", "/nowhere", "/healthz/"):
        answer = client.get(path)
        assert answer.status_code == 401, path
        assert answer.headers["www-authenticate"].startswith("Basic ")
        assert "content-security-policy" in answer.headers


def test_the_right_login_opens_and_every_other_does_not(client: TestClient) -> None:
    wrong = ["ada:", ":correct horse battery", "Ada:correct horse battery", "ada:correct horse batter", "ada"]
    for text in wrong:
        assert client.get("/api/v1/tables", headers=basic(text)).status_code == 401, text
    for value in ("Basic", "Basic !!!", "Bearer x", "Basic " + base64.b64encode(b"\xff:\xfe").decode()):
        assert client.get("/api/v1/tables", headers={"authorization": value}).status_code == 401, value
    assert client.get("/api/v1/tables", headers=basic(TEXT)).status_code == 200
    assert client.get("/api/v1/tables", headers=basic(TEXT)).status_code == 200


def test_after_ten_failures_an_address_waits(client: TestClient) -> None:
    guesses = [client.get("/api/v1/tables", headers=basic(f"ada:{n}")).status_code for n in range(30)]
    print(f"login: {guesses.count(401)} of {len(guesses)} guesses were judged in a minute")
    assert guesses == [401] * FAILURES_PER_MINUTE + [429] * 20
    late = client.get("/api/v1/tables", headers=basic(TEXT))
    assert (late.status_code, late.headers["retry-after"]) == (429, "60")


def test_the_right_password_is_not_counted_as_a_failure(client: TestClient) -> None:
    for _ in range(FAILURES_PER_MINUTE * 2):
        assert client.get("/api/v1/tables", headers=basic(TEXT)).status_code == 200


def test_failures_are_forgotten_after_a_minute() -> None:
    clock = Clock()
    throttle = Throttle(clock)
    for _ in range(FAILURES_PER_MINUTE):
        throttle.count("10.0.0.1")
    assert not throttle.admits("10.0.0.1")
    assert throttle.admits("10.0.0.2")
    clock.now += 61
    assert throttle.admits("10.0.0.1")
    throttle.count("10.0.0.2")
    assert list(throttle._failures) == ["10.0.0.2"]


def test_a_remembered_password_is_throttled_like_any_other() -> None:
    clock = Clock()
    gate = LoginGate(lambda scope, receive, send: None, login=Login.parse(TEXT), throttle=Throttle(clock))  # type: ignore[arg-type]
    gate._accepted = b"x"
    for _ in range(FAILURES_PER_MINUTE):
        gate.throttle.count("10.0.0.1")
    assert not gate.throttle.admits("10.0.0.1")


@pytest.mark.parametrize("text", ["ada", ":password1", "ada:tiny", "ada:"])
def test_a_login_that_is_none_is_refused_without_showing_it(text: str) -> None:
    with pytest.raises(SettingsError) as caught:
        take_login({"STUDIO_LOGIN": text})
    assert "tiny" not in caught.value.message + caught.value.hint


def test_the_password_is_kept_nowhere() -> None:
    env = {"STUDIO_LOGIN": TEXT}
    login = take_login(env)
    assert login is not None
    assert env == {}
    assert "horse" not in repr(login)
    assert take_login({}) is None
