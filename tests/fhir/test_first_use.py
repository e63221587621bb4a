"""The definitions may be first used by many threads at once.

msgspec 0.22 ends the process when two threads decode a Struct for the first time together, as the first requests of a
server do; so it has to be told of ours while they are imported.
"""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys, threading
sys.setswitchinterval(1e-6)
from bedside.fhir import definitions

def together(use):
    ready = threading.Barrier(8)
    def run():
        ready.wait()
        use()
    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

for use in (
    lambda: definitions.type_definition("Patient"),
    definitions.search_parameters,
    lambda: definitions.invariants("Patient"),
    definitions.compartments,
):
    together(use)
print("well")
"""


def test_threads_may_use_the_definitions_first_together() -> None:
    for _ in range(5):
        done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (0, "well\n")
