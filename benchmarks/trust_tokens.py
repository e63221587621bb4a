"""What it costs to ask what an access token allows, and to check a password: `python -m benchmarks.trust_tokens`.

Two thousand tokens of a backend service in a trust store on SQLite; each is asked about once, in one thread.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from bedside.trust.accounts.passwords import Passwords
from bedside.trust.accounts.store import open_store
from bedside.trust.smart.grants import Grants

TOKENS = 2000
PASSWORDS = 5


def main() -> None:
    """Print both."""
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(Path(folder))
        grants = Grants(store)
        tokens = [grants.backend("client", "system/*.rs").access for _ in range(TOKENS)]
        began = time.perf_counter()
        for token in tokens:
            grants.verify(token)
        print(f"verify an access token: {(time.perf_counter() - began) / TOKENS * 1e6:.0f} us")
        store.close()
    passwords = Passwords()
    kept = passwords.hash("seven green lamps")
    began = time.perf_counter()
    for _ in range(PASSWORDS):
        passwords.verify(kept, "seven green lamps")
    print(f"check a password: {(time.perf_counter() - began) / PASSWORDS * 1e3:.0f} ms")


if __name__ == "__main__":
    main()
