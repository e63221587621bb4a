"""What a reference names, as far as policy may rely on it.

Only a relative reference (`Type/id`) names a resource of this record. An absolute URL may be another server's, whose
`Patient/1` is somebody else; whoever calls the core makes references to the record's own base relative first. Logical
references (by identifier) and contained resources name nobody that a decision could be about.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_LOCAL = re.compile(r"([A-Z][A-Za-z]+/[A-Za-z0-9\-.]{1,64})(?:/_history/[A-Za-z0-9\-.]{1,64})?")

SOMEBODY = "Patient/"
"""A patient of whom no fact is known. No id is empty, so no resource is ever about it."""
UNKNOWN = "Patient?"
"""Stands for a patient that a resource is about without saying which: nobody has a ground for it."""


def local_text(text: Any) -> str | None:
    """`Type/id` of the text of a reference, without its version; None unless it is relative."""
    match = _LOCAL.fullmatch(text) if isinstance(text, str) else None
    return match[1] if match else None


def local(value: Any) -> str | None:
    """`Type/id` of a Reference; None unless it is literal and relative."""
    return local_text(value.get("reference")) if isinstance(value, Mapping) else None


def is_patient(name: str) -> bool:
    """Whether a name is that of a patient of this record."""
    return name.startswith("Patient/") and local_text(name) == name
