"""and, or, xor, implies, not: logic with three values (ELM 13).

    and    T F N     or     T F N     xor    T F N     implies  T F N     not
    T      T F N     T      T T T     T      F T N     T        T F N     T  F
    F      F F F     F      T F N     F      T F N     F        T T T     F  T
    N      N F N     N      T N N     N      N N N     N        T N N     N  N

N is null. CQL leaves it open whether the right operand is looked at when the left decides; here it is not.
"""

from __future__ import annotations

from collections.abc import Callable

from bedside.questions.cql.operators.registry import operator

Truth = bool | None
Operand = Callable[[], Truth]
"""A function that computes the operand when it is wanted."""


@operator("And", "(Boolean, Boolean) Boolean", clause="13.1", nulls=True, lazy=True)
def and_(left: Operand, right: Operand) -> Truth:
    """False when one is false, null when one is null, else true."""
    one = left()
    if one is False:
        return False
    other = right()
    if other is False:
        return False
    return None if one is None or other is None else True


@operator("Or", "(Boolean, Boolean) Boolean", clause="13.4", nulls=True, lazy=True)
def or_(left: Operand, right: Operand) -> Truth:
    """True when one is true, null when one is null, else false."""
    one = left()
    if one is True:
        return True
    other = right()
    if other is True:
        return True
    return None if one is None or other is None else False


@operator("Xor", "(Boolean, Boolean) Boolean", clause="13.5")
def xor(left: bool, right: bool) -> bool:
    """True when exactly one is true; null when one is null."""
    return left is not right


@operator("Implies", "(Boolean, Boolean) Boolean", clause="13.2", nulls=True, lazy=True)
def implies(left: Operand, right: Operand) -> Truth:
    """True when the left is false or the right true; false for true and false; else null."""
    one = left()
    if one is False:
        return True
    other = right()
    if other is True or one is True:
        return other
    return None


@operator("Not", "(Boolean) Boolean", clause="13.3")
def not_(operand: bool) -> bool:
    """Null stays null."""
    return not operand
