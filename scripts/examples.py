"""Run the examples of a document against the demo hospital, and write what they really answer beneath them.

    .venv/bin/python scripts/examples.py docs/api.md

An example is a block of type `console` that begins with `$ curl`, `$ bedside` or `$ python`. They run from the top down
against a fresh server with a small hospital, so that a later one may use what an earlier one made.
`http://127.0.0.1:8000` in a command stands for that server, `data/small` for the directory of its record. Headers that
say nothing about the example (date, length, vary, cache) are left out. A command that is to fail ends with `|| true`.
"""

from __future__ import annotations

import os
import re
import shlex
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import msgspec

PATIENTS, SEED = 20, 1
SHOWN = "http://127.0.0.1:8000"
FOLDER = "data/small"
ROOT = Path(__file__).parents[1]
BLOCK = re.compile(r"```console\n(\$ (?:curl|bedside|python) .*?)\n```", re.DOTALL)
HERE = re.compile(r"<<'(\w+)'")
NOISE = ("date:", "content-length:", "vary:", "cache-control:")


class Hospital(NamedTuple):
    """The address of a server and the directory of its record."""

    url: str
    folder: str


def command_of(block: str) -> str:
    """The command of a block: its first line, and more until quotes are closed, no backslash ends the line, and what is
    fed to it (`<<'END'`) has ended."""
    lines = block.split("\n")
    fed = HERE.search(lines[0])
    if fed is not None:
        return "\n".join(lines[: lines.index(fed[1]) + 1])
    for end in range(1, len(lines) + 1):
        command = "\n".join(lines[:end])
        try:
            shlex.split(command)
        except ValueError:
            continue
        if not command.endswith("\\"):
            return command
    raise SystemExit(f"this command has no end: {lines[0]}")


def run(command: str, hospital: Hospital) -> str:
    """What the command answers, as a document shows it: what it tells of errors is part of it."""
    url, folder = hospital
    shell = command.removeprefix("$ ").replace(SHOWN, url).replace(FOLDER, folder)
    names = f'bedside() {{ "{sys.executable}" -m bedside.cli.main "$@"; }}\npython() {{ "{sys.executable}" "$@"; }}\n'
    errors = subprocess.PIPE if shell.startswith("curl") else subprocess.STDOUT
    zone = {**os.environ, "TZ": "Europe/Amsterdam"}
    done = subprocess.run(
        ["bash", "-c", names + shell], stdout=subprocess.PIPE, stderr=errors, text=True, timeout=60, cwd=ROOT, env=zone
    )
    if done.returncode:
        raise SystemExit(f"this example fails:\n{command}\n{done.stdout}{done.stderr or ''}")
    text = done.stdout.replace(url, SHOWN).replace(folder, FOLDER).replace("\r", "")
    head, _, body = text.partition("\n\n") if text.startswith("HTTP/") else ("", "", text)
    kept = [line for line in head.split("\n") if line and not line.lower().startswith(NOISE)]
    return "\n".join([*kept, *([_folded(body)] if body.strip() else [])])


def _folded(body: str) -> str:
    """A body of one long line is shown indented."""
    body = body.strip("\n")
    return msgspec.json.format(body, indent=2) if body[:1] == "{" and "\n" not in body else body


def refresh(text: str, hospital: Hospital) -> str:
    """The document with the answers of now."""

    def answered(match: re.Match[str]) -> str:
        command = command_of(match[1])
        return f"```console\n{command}\n{run(command, hospital)}\n```"

    return BLOCK.sub(answered, text)


@contextmanager
def hospital() -> Iterator[Hospital]:
    """A server with a fresh demo hospital."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    with tempfile.TemporaryDirectory() as folder:
        arguments = ["demo", "--data", folder, "--patients", str(PATIENTS), "--seed", str(SEED), "--port", port]
        command = [sys.executable, "-m", "bedside.cli.main", *arguments]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            _wait(int(port), server)
            yield Hospital(f"http://127.0.0.1:{port}", folder)
        finally:
            server.terminate()
            server.wait(30)


def _wait(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(6000):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if server.poll() is not None:
                raise SystemExit("the server ended before it answered") from None
            time.sleep(0.05)
        else:
            return


def main(paths: list[Path]) -> None:
    for path in paths:
        with hospital() as place:
            path.write_text(refresh(path.read_text(), place))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    main([Path(argument) for argument in sys.argv[1:]])
