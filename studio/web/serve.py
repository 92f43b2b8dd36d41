"""The listening server: who may reach it, where it listens, when that is said, how it ends.

Knows nothing of routes.
"""

import asyncio
import errno
import ipaddress
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import closing, contextmanager
from dataclasses import replace

import uvicorn
from starlette.types import ASGIApp

from studio.errors import SettingsError
from studio.settings import Settings
from studio.web.guard import LOOPBACK, Hosts
from studio.web.login import VARIABLE, Login, take_login
from studio.web.logs import log_stderr, open_logs

HOSTS_VARIABLE = "STUDIO_HOSTS"
ENVIRONMENT: Mapping[str, str] = {"GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_DISABLE_TELEMETRY": "1"}

# Gradio's override arguments; FastAPI's and OpenTelemetry's can send what is served to another machine.
_OVERRIDING = ("GRADIO_", "FASTAPI_", "OTEL_")
_SECONDS_TO_FINISH = 1


def serve(
    settings: Settings,
    host: str = "127.0.0.1",
    port: int = 7860,
    expose: bool = False,
    announce: Callable[[dict[str, str]], None] = lambda address: None,
    *,
    ui: bool = True,
) -> None:
    """Serve until Ctrl-C or a termination signal, then return.

    `announce` is called with {"url": …} once requests are answered; `port` 0 takes a free one. Raises
    SettingsError for a host beyond loopback without `expose` and a login, and for an unusable address.
    """
    login = take_login(os.environ)
    warning = check_exposure(host, expose, login)
    os.umask(0o077)
    clear_environment(os.environ)
    with _ending_quietly(), closing(bind_socket(host, port)) as listener:
        settings = replace(settings, local_paths=is_loopback(host))
        app = _build_app(settings, login, name_hosts(host, os.environ.get(HOSTS_VARIABLE, "")), ui)
        sys.stderr.write(warning)
        url = name_url(host, listener.getsockname()[1])
        with log_stderr():
            _Server(app, lambda: announce({"url": url})).run(sockets=[listener])


def check_exposure(host: str, expose: bool, login: Login | None) -> str:
    """What to tell the person about who can reach this host; empty for loopback.

    Raises SettingsError that names what is missing when other machines could reach it.
    """
    if is_loopback(host):
        return ""
    missing = [] if expose else ["--expose"]
    if login is None:
        missing.append(f"a login in {VARIABLE}")
    if missing:
        raise SettingsError(
            f"Other machines could reach {host or 'every address'}, which needs {' and '.join(missing)}.",
            f"Set {VARIABLE}=name:password and give --expose, or stay on 127.0.0.1.",
        )
    return (
        f"Everyone who can reach {host} and knows the login can read and change all work in the workspace "
        "and start fine-tunes. The connection is not encrypted: put a TLS proxy in front.\n"
    )


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the host."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def name_hosts(host: str, more: str = "") -> Hosts:
    """The names to answer to: loopback, the host, and those of the comma-separated list `more`."""
    extra = {name.strip().lower() for name in more.split(",") if name.strip()}
    if is_loopback(host):
        return Hosts(names=LOOPBACK.names | {_bracket(host)} | extra)
    own = {_bracket(host).lower(), socket.gethostname().lower()}
    return Hosts(names=LOOPBACK.names | own | extra, any_address=True)


def name_url(host: str, port: int) -> str:
    """The address to open; for a host that stands for every address, the one on this machine."""
    every = host in ("", "0.0.0.0", "::")  # noqa: S104 -- compared, not bound
    return f"http://{'127.0.0.1' if every else _bracket(host)}:{port}"


def clear_environment(env: MutableMapping[str, str]) -> None:
    """Before gradio is imported: remove the variables that override arguments, and turn telemetry off."""
    for name in [name for name in env if name.startswith(_OVERRIDING)]:
        del env[name]
    env.update(ENVIRONMENT)


def bind_socket(host: str, port: int) -> socket.socket:
    """A bound socket that does not listen yet. Raises SettingsError when the address cannot be used."""
    if not 0 <= port <= 65_535:
        raise SettingsError(f"There is no port {port}.", "Give --port a number from 0 to 65535.")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (socket.gaierror, UnicodeError) as error:
        raise SettingsError(f"{host} is no address of this machine.", "Use --host 127.0.0.1.") from error
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        listener.close()
        raise _explain(error, host, port) from error
    return listener


@contextmanager
def _ending_quietly() -> Iterator[None]:
    """Ctrl-C and SIGTERM end the block as if it were done."""
    in_charge = threading.current_thread() is threading.main_thread()
    previous = signal.signal(signal.SIGTERM, signal.default_int_handler) if in_charge else None
    try:
        yield
    except KeyboardInterrupt:
        pass
    finally:
        if in_charge:
            signal.signal(signal.SIGTERM, previous)


def _explain(error: OSError, host: str, port: int) -> SettingsError:
    if error.errno == errno.EADDRINUSE:
        return SettingsError(f"Port {port} is in use.", "Stop what uses it, or choose another with --port.")
    if error.errno == errno.EACCES:
        return SettingsError(
            f"Port {port} may not be used by this account.", "Choose one over 1023 with --port."
        )
    return SettingsError(f"Cannot listen on {host}: {error.strerror}.", "Use --host 127.0.0.1.")


def _build_app(settings: Settings, login: Login | None, hosts: Hosts, ui: bool) -> ASGIApp:
    from studio.web.app import create_app

    open_logs(settings.workspace / "logs")
    return create_app(settings, login=login, hosts=hosts, ui=ui)


class _Server(uvicorn.Server):
    """Uvicorn, told nothing by its environment, that says when it listens."""

    def __init__(self, app: ASGIApp, on_listening: Callable[[], None]) -> None:
        config = uvicorn.Config(
            app,
            http="h11",
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=2 * _SECONDS_TO_FINISH,
        )
        super().__init__(config)
        self._on_listening = on_listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().startup(sockets)
        except OSError as error:
            # Two servers can bind one port at once; only one of them gets to listen.
            port = sockets[0].getsockname()[1] if sockets else 0
            raise _explain(error, "", port) from error
        self._on_listening()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # An open page holds streams that never end by themselves.
        asyncio.get_running_loop().call_later(_SECONDS_TO_FINISH, self._hang_up)
        await super().shutdown(sockets)

    def _hang_up(self) -> None:
        for connection in list(self.server_state.connections):
            connection.transport.close()


def _bracket(host: str) -> str:
    return f"[{host}]" if ":" in host else host
