"""What can be wrong with a unit, as typed errors that say where and what to write instead."""

from __future__ import annotations

from functools import cached_property


class UcumError(ValueError):
    """A code that is not a valid UCUM unit, or a value that its unit cannot hold.

    `code` is the whole expression, `position` the offset (from 0) of `symbol`, the part that is wrong, and
    `problem` a sentence without a full stop. `suggestion` is the code that was probably meant, or None; it is
    searched for only when asked, because an index that meets a bad code a million times does not ask.
    """

    def __init__(self, code: str, problem: str, position: int = 0, symbol: str = "") -> None:
        super().__init__(code, problem, position, symbol)
        self.code = code
        self.problem = problem
        self.position = position
        self.symbol = symbol

    @cached_property
    def suggestion(self) -> str | None:
        """The valid code that was probably meant ('mm[Hg]' for 'mmHg'), or None."""
        from bedside.terms.ucum.suggest import suggest

        return suggest(self)

    def __str__(self) -> str:
        text = f"'{self.code}' is not a valid UCUM unit: {self.problem} (at character {self.position + 1})"
        return f"{text}; did you mean '{self.suggestion}'?" if self.suggestion else text


class UcumDimensionError(UcumError):
    """Two valid units that measure different things ('kg' and 'm'), so that no number turns one into the other."""

    def __init__(self, code: str, other: str, canonical: str, other_canonical: str) -> None:
        problem = f"'{code}' ({canonical}) and '{other}' ({other_canonical}) measure different things"
        super().__init__(code, problem)
        self.other = other

    @cached_property
    def suggestion(self) -> str | None:
        """Always None: both codes are valid."""
        return None

    def __str__(self) -> str:
        return self.problem


class UcumValueError(UcumError):
    """A number that has no meaning in its unit: not finite, beyond all bounds, a logarithm of nothing."""

    def __init__(self, code: str, problem: str) -> None:
        super().__init__(code, problem)

    @cached_property
    def suggestion(self) -> str | None:
        """Always None: the code is valid."""
        return None

    def __str__(self) -> str:
        return f"unit '{self.code}': {self.problem}"
