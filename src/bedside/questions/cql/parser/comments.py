"""Comments of definitions as text, and text as comments. What an author says of a definition stays with it.

The tags in comments (`@author: ...`) are left in the text (CQL 1.5.3, 02 "Tags").
"""

from __future__ import annotations

import re

_COMMENT = re.compile(r"//([^\r\n]*)|/\*(.*?)(?:\*/|\Z)", re.DOTALL)
_LINE_END = re.compile(r"\r\n|\r|\n")


def comment_in(gap: str, *, first: bool) -> str:
    """The text of the comments in what stands before a definition, without their marks, line by line.

    What follows on the line of the token before (there is none before the `first`) belongs to that token.
    """
    if "/" not in gap:
        return ""
    lines: list[str] = []
    seen = 0
    below = first
    for match in _COMMENT.finditer(gap):
        below = below or _LINE_END.search(gap, seen, match.start()) is not None
        seen = match.start()
        if not below:
            continue
        line, block = match.groups()
        lines += [line.strip()] if line is not None else [_undecorated(each) for each in _LINE_END.split(block)]
    while lines and not lines[-1]:
        lines.pop()
    return "\n".join(lines).lstrip("\n")


def _undecorated(line: str) -> str:
    """A line of a comment without the stars that often stand before each."""
    line = line.strip()
    return line.lstrip("*").strip() if line.startswith("*") else line


def as_comment(text: str) -> str:
    """Lines of comment that `comment_in` reads as this text again; nothing for no text."""
    return "".join(f"// {line}".rstrip() + "\n" for line in text.split("\n")) if text else ""
