"""What can be wrong with the files of a terminology."""

from __future__ import annotations

from bedside.fhir.outcome import Unprocessable


class BrokenRelease(Unprocessable):
    """The files are not what they say they are; the message names the file, and the line where that is known."""

    code = "structure"


class UnknownRelease(Unprocessable):
    """Nothing that is known here was found in these files."""

    code = "not-supported"
