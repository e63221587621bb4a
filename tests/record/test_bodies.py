"""Bodies as they lie on disk, also when many threads begin to compress at the same time."""

from __future__ import annotations

import subprocess
import sys

import pytest

from bedside.record import bodies


@pytest.mark.parametrize("body", [b"", b"{}", b'{"resourceType":"Patient"}' * 1000, bytes(range(256))])
def test_round_trip(body: bytes) -> None:
    assert bodies.decompress(bodies.compress(body)) == body


def test_a_dictionary_that_this_version_does_not_have() -> None:
    with pytest.raises(ValueError, match="newer Bedside"):
        bodies.decompress(b"\xfe" + bodies.compress(b"{}")[1:])


def test_threads_share_the_dictionary() -> None:
    """In a process of its own: to prepare a dictionary twice frees it under the threads that use it, and that ends
    the process."""
    code = """
import threading
from bedside.record import bodies

def work():
    for i in range(2000):
        body = b'{"resourceType":"Patient","n":%d}' % i
        assert bodies.decompress(bodies.compress(body)) == body

bodies.compress(b"x")
for _ in range(5):
    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
