"""Other engines that are run beside ours, and how they come here: from npm and PyPI by name, into the scratch folder.

Nothing of them is in this repository. A peer that cannot be had (no node, no network) makes the benchmark skip with
the reason. The programs that drive them (`*.mjs`, `fhirpath_worker.py`) lie beside this file.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks.report import Skipped
from benchmarks.server import WORK

HERE = Path(__file__).resolve().parent
SCRATCH = Path(os.environ.get("BEDSIDE_PEERS", WORK / "peers"))

NPM = {
    "cql-execution": "3.3.2",
    "cql-exec-fhir": "2.2.0",
    "@cqframework/cql": "5.3.0",
    "fhirpath": "5.2.2",
}
PYPI = {"fhirpathpy": "2.2.4"}
_PATIENCE = 300


def node() -> str:
    """The path of node. Raises `Skipped` where it is not installed."""
    found = shutil.which("node")
    if found is None or shutil.which("npm") is None:
        raise Skipped("node and npm are not installed")
    return found


def npm() -> Path:
    """The folder that holds `node_modules` with the peers from npm, installed when first asked for."""
    node()
    folder = SCRATCH / "npm"
    if all((folder / "node_modules" / name / "package.json").exists() for name in NPM):
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "package.json").write_text("{}")
    wanted = [f"{name}@{version}" for name, version in NPM.items()]
    _install(["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", *wanted], folder)
    return folder


def pypi() -> Path:
    """A folder for PYTHONPATH with the peers from PyPI, installed when first asked for."""
    folder = SCRATCH / "python"
    if all((folder / name).exists() for name in PYPI):
        return folder
    wanted = [f"{name}=={version}" for name, version in PYPI.items()]
    uv = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
    _install([uv, "pip", "install", "--quiet", "--python", sys.executable, "--target", str(folder), *wanted], None)
    return folder


def _install(command: list[str], folder: Path | None) -> None:
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=_PATIENCE, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Skipped(f"{command[0]} did not install the peers: {error}") from error
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["no reason given"]
        raise Skipped(f"{Path(command[0]).name} did not install the peers: {lines[-1]}")


def script(name: str) -> Path:
    """A program of ours that drives a peer, copied beside `node_modules`, where node looks for packages."""
    target = npm() / name
    target.write_text((HERE / name).read_text())
    return target


def environment(**more: str) -> dict[str, str]:
    """The environment of a child process: compiled modules are kept, as they are for a user."""
    found = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return found | more
