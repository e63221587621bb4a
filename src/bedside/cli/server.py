"""Running the server: one socket, one process or several, and an orderly end."""

from __future__ import annotations

import ipaddress
import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

import typer

from bedside.api.settings import ApiSettings
from bedside.cli.environment import BadSetting, read_settings
from bedside.cli.options import is_address, stop
from bedside.fhir.outcome import FhirError
from bedside.record.model import Settings
from bedside.record.record import Record, open_record

if TYPE_CHECKING:
    import uvicorn

    from bedside.app import App

_BACKLOG = 2048
_GRACE_SECONDS = 20
_KEEP_ALIVE_SECONDS = 65
# A process that does not answer the one that started it for so long is taken for dead and replaced.
_HEALTH_SECONDS = 60

Announce = Callable[[str, Record], Sequence[str]]
"""(URL, record) -> further lines to print when the server is ready."""


def run(place: str, host: str, port: int, workers: int = 1, announce: Announce | None = None) -> None:
    """Serve the record at `place` until interrupted. Ends the process with a sentence when it cannot."""
    try:
        settings, api = read_settings(os.environ)
    except BadSetting as error:
        stop(str(error))
    require_loopback(host)
    api = replace(
        api,
        allowed_hosts=api.allowed_hosts or _own_names(host),
        export_folder=api.export_folder or default_exports(place),
    )
    listener = listen(host, port)
    record = open_or_stop(place, settings)
    url = f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"
    lines = list(announce(url, record)) if announce is not None else []
    for line in (*_warning(url), *lines):
        typer.echo(line, err=not sys.stdout.isatty() and line.startswith("!"))
    sys.stdout.flush()
    if workers == 1:
        _serve_here(record, api, listener)
    else:
        record.close()
        _serve_in_processes(place, settings, api, listener, workers)


def require_loopback(host: str) -> None:
    """End the command unless the host is this machine's own loopback address: the server is open."""
    try:
        loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        stop(
            f"will not listen on {host}: without sign-in, everyone on that network could read and change the record."
            " Use 127.0.0.1, and a tunnel to reach it from elsewhere."
        )


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Ends the command when the port is taken or the address is not this machine's."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        if error.errno == 98 or "in use" in str(error):
            stop(f"port {port} on {host} is taken by another program. Stop it, or choose another with --port.", 1)
        stop(f"cannot listen on {host}, port {port}: {error.strerror}.", 1)
    listener.set_inheritable(True)
    return listener


def open_or_stop(place: str, settings: Settings) -> Record:
    """The record, open. Ends the command with the reason when it cannot be opened."""
    try:
        return open_record(place, settings)
    except FhirError as error:
        stop("; ".join(issue.message for issue in error.issues), 1)
    except OSError as error:
        stop(f"cannot open the record at {place}: {error.strerror or error}.", 1)


def default_exports(place: str) -> str:
    """The folder for exported files: beside the record's file; for a database, where a user's programs keep state."""
    if not is_address(place):
        return str(Path(place) / "exports")
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return str(Path(state) / "bedside" / "exports")


def _own_names(host: str) -> tuple[str, ...]:
    """Names under which a browser on this machine may ask for an open server."""
    return tuple({"localhost", "127.0.0.1", "[::1]", "::1", host, f"[{host}]"})


def _warning(url: str) -> list[str]:
    return [
        "!",
        "!  OPEN: this server asks nobody who they are. Everyone on this machine can read and change the record.",
        "!",
        f"Bedside is at {url}/  (FHIR API: {url}/fhir). Ctrl-C stops it.",
    ]


def patient_threads() -> None:
    """Let a thread finish what it does before another may take the interpreter.

    The event loop and the record's writer hand each other short pieces of work; with Python's 5 ms they interrupt
    each other in the middle of those, which costs a fifth of the durable writes a second.
    """
    sys.setswitchinterval(0.02)


def _config(app: object, workers: int, *, factory: bool) -> uvicorn.Config:
    import uvicorn

    from bedside.cli.http import OneWriteProtocol

    return uvicorn.Config(
        app,  # type: ignore[arg-type]
        factory=factory,
        workers=workers,
        loop="uvloop" if sys.platform != "win32" else "asyncio",
        http=OneWriteProtocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,  # addresses of searches hold names and birth dates
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=_GRACE_SECONDS,
        timeout_worker_healthcheck=_HEALTH_SECONDS,
        backlog=_BACKLOG,
    )


def _serve_here(record: Record, api: ApiSettings, listener: socket.socket) -> None:
    from uvicorn.server import Server

    from bedside.app import create_app

    patient_threads()
    server = Server(_config(create_app(record, api, close_record=True), 1, factory=False))
    signal.signal(signal.SIGTERM, _end)
    try:
        with suppress(KeyboardInterrupt):
            server.run([listener])
    finally:
        record.close()
    typer.echo("Stopped.")


def _end(number: int, frame: FrameType | None) -> NoReturn:
    """What a second SIGTERM does, and the one that the server passes on when it has ended in order."""
    raise KeyboardInterrupt


def _serve_in_processes(
    place: str, settings: Settings, api: ApiSettings, listener: socket.socket, workers: int
) -> None:
    from uvicorn.supervisors.multiprocess import Multiprocess

    config = _config(partial(worker_app, place, settings, api), workers, factory=True)
    with suppress(KeyboardInterrupt):
        Multiprocess(config, [listener]).run()
    typer.echo("Stopped.")


def worker_app(place: str, settings: Settings, api: ApiSettings) -> App:
    """The application of one of several processes, with its own connections to the shared store."""
    from bedside.app import create_app

    patient_threads()
    return create_app(open_record(place, settings), api, close_record=True)
