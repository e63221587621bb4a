"""The switches of the API; what each does stands in docs/settings.md."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """How requests are answered. Sizes are in bytes, counts in resources, times in seconds."""

    public_url: str | None = None
    """Base of every absolute URL (`https://fhir.example.org/fhir`); None: taken from each request."""
    trust_forwarded: bool = False
    """Believe X-Forwarded-Proto, -Host, -Port and -Prefix. Only behind a proxy that sets them itself."""
    allowed_hosts: tuple[str, ...] = ()
    """Host names that requests may be for, without port; empty: any. Closes an open server to DNS rebinding."""
    max_body: int = 128 * 1024 * 1024
    default_count: int = 50
    max_count: int = 1000
    threads: int = 4
    """Threads that search, read histories and apply transactions."""
    max_waiting: int = 512
    """Requests that may wait for such a thread; more are told to come back (503)."""
    conditional_delete: Literal["single", "multiple"] = "multiple"
    """Whether a conditional delete that matches several resources deletes them all or is refused (412)."""
    export_folder: str | None = None
    """Where the files of bulk exports are made; None: there are no exports. `bedside serve` gives a default."""
    export_days: int = 7
    """How long the files of a finished export are kept, if they are not removed before."""
    handling: Literal["strict", "lenient"] = "lenient"
    """What happens to search parameters that are not understood, where the client does not say (`Prefer`)."""
    check_cql: Literal["refuse", "warn"] = "refuse"
    """Whether a Library whose CQL cannot be translated is refused (422) or kept with warnings."""
    question_seconds: int = 30
    """How long one question may take of one subject, before it is given up."""
