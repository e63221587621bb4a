"""The command line of the benchmarks: `python -m benchmarks.run NAME [options] [--write]`.

Each prints its section as Markdown; with `--write` it also replaces that section of docs/performance.md. `all` runs
them one after the other with their defaults. The exit status is 1 when a target was missed.
"""

from __future__ import annotations

import argparse
import shlex
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Protocol

from benchmarks import (
    cql_cold,
    cql_peers,
    crash,
    create,
    fhirpath,
    load,
    memory,
    questions,
    read,
    report,
    search,
    size,
    startup,
    terminology,
    terminology_load,
)


class Benchmark(Protocol):
    """What a module offers to be a subcommand."""

    HELP: str
    EXAMPLE: str

    def add_arguments(self, parser: argparse.ArgumentParser, /) -> None: ...

    def run(self, options: argparse.Namespace, /) -> report.Section: ...


#: In the order of `all`: `load` leaves the store that the next ones use.
BENCHMARKS: dict[str, Benchmark] = {
    "load": load,
    "size": size,
    "startup": startup,
    "read": read,
    "search": search,
    "memory": memory,
    "create": create,
    "crash": crash,
    "terminology": terminology,
    "terminology-load": terminology_load,
    "questions": questions,
    "fhirpath": fhirpath,
    "cql": cql_peers,
    "translate": cql_cold,
}


def parser() -> argparse.ArgumentParser:
    """The whole command line; every subcommand's help ends with an example."""
    top = argparse.ArgumentParser(
        prog="python -m benchmarks.run",
        description="Measure Bedside and write what was found to docs/performance.md.",
        epilog="Example: python -m benchmarks.run read --seconds 5",
    )
    commands = top.add_subparsers(dest="name", required=True, metavar="NAME")
    for name, module in BENCHMARKS.items():
        one = commands.add_parser(name, help=module.HELP, description=module.HELP, epilog=f"Example: {module.EXAMPLE}")
        module.add_arguments(one)
        one.add_argument("--write", action="store_true", help="replace this section of docs/performance.md")
    every = commands.add_parser(
        "all", help="all of them, with their defaults", epilog="Example: python -m benchmarks.run all --write"
    )
    every.add_argument("--write", action="store_true", help="replace the sections of docs/performance.md")
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the command line asks for; 0, or 1 when a target was missed."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    options = parser().parse_args(given)
    if options.name != "all":
        return _one(options, given)
    write = ["--write"] if options.write else []
    lines = [[name, *write] for name in BENCHMARKS]
    return max(_one(parser().parse_args(line), line) for line in lines)


def _one(options: argparse.Namespace, given: Sequence[str]) -> int:
    started = time.perf_counter()
    try:
        section = BENCHMARKS[options.name].run(options)
    except report.Skipped as reason:
        print(f"{options.name} is skipped: {reason}", file=sys.stderr)
        return 0
    command = "python -m benchmarks.run " + shlex.join(_as_told(given))
    print(report.render(section, command))
    print(f"{options.name}: {time.perf_counter() - started:.0f} s", file=sys.stderr)
    if options.write:
        report.write_section(section, command)
    return 1 if section.failures else 0


def _as_told(given: Sequence[str]) -> Iterator[str]:
    """The words of a command as a document shows them: where this machine keeps the data says nothing."""
    words = iter(given)
    for word in words:
        if word == "--bundles":
            next(words, None)
        elif word != "--write" and not word.startswith("--bundles="):
            yield word


if __name__ == "__main__":
    sys.exit(main())
