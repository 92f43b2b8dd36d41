"""The server says its address when it listens, stays on this machine unless told, and ends cleanly."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from studio.errors import SettingsError
from studio.run import hold_run
from studio.settings import Settings
from studio.web.app import create_app
from studio.web.login import Login
from studio.web.serve import _Server, bind_socket, check_exposure, clear_environment, name_hosts, name_url
from studio.workspace import Workspace
from tests.web.boundary import start_server, store_run

LOGIN = Login.parse("ada:correct horse battery")
BEYOND = [
    "0.0.0.0",
    "::",
    "",
    "192.168.1.5",
    "studio.example",
    "127.1",
    "0x7f000001",
    "localhost.example",
    "2130706433",
]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_address_is_said_once_it_answers_and_a_signal_ends_it(tmp_path: Path, number: int) -> None:
    with start_server(tmp_path) as process:
        assert process.stdout is not None
        answer = json.loads(process.stdout.readline())
        with urllib.request.urlopen(answer["url"] + "/healthz") as health:
            assert json.load(health)["status"] == "ok"
        process.send_signal(number)
        out, err = process.communicate()
    assert (process.returncode, out, err) == (0, "", "")
    assert list(answer) == ["url"]
    assert "Shutting down" in (tmp_path / "logs" / "server.log").read_text()


def test_a_port_in_use_is_said_in_words_and_nothing_is_announced(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with start_server(tmp_path, port) as process:
            out, err = process.communicate()
    assert (process.returncode, out) == (2, "")
    assert err == f"error: Port {port} is in use.\nhint: Stop what uses it, or choose another with --port.\n"


def test_a_bound_socket_does_not_listen_yet() -> None:
    with bind_socket("127.0.0.1", 0) as bound, pytest.raises(ConnectionRefusedError):
        socket.create_connection(bound.getsockname()[:2])


@pytest.mark.parametrize(("host", "port"), [("no such host", 0), ("203.0.113.7", 0), ("127.0.0.1", 99_999)])
def test_an_address_that_cannot_be_used_is_said_in_words(host: str, port: int) -> None:
    with pytest.raises(SettingsError) as caught:
        bind_socket(host, port)
    assert caught.value.hint


@pytest.mark.parametrize("host", BEYOND)
def test_a_host_beyond_this_machine_needs_both_the_flag_and_a_login(host: str) -> None:
    for expose, login, missing in (
        (False, None, "--expose and a login"),
        (True, None, "needs a login in STUDIO_LOGIN"),
        (False, LOGIN, "needs --expose\\."),
    ):
        with pytest.raises(SettingsError, match=missing) as caught:
            check_exposure(host, expose, login)
        assert "STUDIO_LOGIN=name:password" in caught.value.hint
    assert "knows the login" in check_exposure(host, True, LOGIN)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.10", "::1", "localhost"])
def test_this_machine_needs_neither(host: str) -> None:
    assert check_exposure(host, False, None) == ""


def test_the_names_that_a_server_answers_to() -> None:
    assert not name_hosts("127.0.0.1").allows("192.168.1.5")
    assert name_hosts("127.0.0.9").allows("127.0.0.9:80")
    assert name_hosts("0.0.0.0").allows("192.168.1.5:7860")
    assert not name_hosts("0.0.0.0").allows("evil.example")
    assert name_hosts("0.0.0.0", "studio.example, Other.example").allows("other.example")


def test_the_address_to_open() -> None:
    assert name_url("::1", 80) == "http://[::1]:80"
    assert name_url("0.0.0.0", 7860) == "http://127.0.0.1:7860"


def test_no_variable_that_overrides_stays() -> None:
    env = {
        "FASTAPI_OTEL_AUTO_CONFIGURE": "true",
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://example.org",
        "GRADIO_SHARE": "1",
        "GRADIO_ALLOWED_PATHS": "/",
        "GRADIO_ANALYTICS_ENABLED": "True",
        "HOME": "/home",
    }
    clear_environment(env)
    assert env == {"HOME": "/home", "GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_DISABLE_TELEMETRY": "1"}


def test_the_login_is_read_from_the_environment_and_asked_for(tmp_path: Path) -> None:
    with start_server(tmp_path, STUDIO_LOGIN="ada:correct horse battery") as process:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        with pytest.raises(urllib.error.HTTPError, match="401"):
            urllib.request.urlopen(url + "/api/v1/tables")
        process.terminate()


def test_importing_the_server_brings_neither_gradio_nor_torch() -> None:
    code = "import sys, studio.web.app; print({'gradio', 'torch', 'datasets'} & set(sys.modules))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=dict(os.environ))
    assert shown.stdout == "set()\n"


def test_an_open_stream_does_not_keep_the_server_alive(tmp_path: Path) -> None:
    run_dir = store_run(Workspace(Settings(workspace=tmp_path)), "running")
    hold_run(run_dir)
    with start_server(tmp_path) as process:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        with urllib.request.urlopen(f"{url}/api/v1/runs/{run_dir.run}/events") as stream:
            assert stream.readline().startswith(b"id: ")
            process.send_signal(signal.SIGINT)
            out, err = process.communicate()
    assert (process.returncode, out, err) == (0, "", "")
    log = (tmp_path / "logs" / "server.log").read_text()
    assert "Traceback" not in log and "Cancel" not in log


def test_of_two_servers_that_bind_one_port_only_one_listens(tmp_path: Path) -> None:
    with bind_socket("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with bind_socket("127.0.0.1", port) as second:
            first.listen()
            server = _Server(
                create_app(Settings(workspace=tmp_path), ui=False), lambda: pytest.fail("announced")
            )
            with pytest.raises(SettingsError, match=f"Port {port} is in use"):
                server.run(sockets=[second])
