"""What ELM calls the operands of an operator. Where nothing is said here it is `operand`: one of them an object, more a
list.
"""

from __future__ import annotations

AGGREGATES = (
    *("AllTrue", "AnyTrue", "Avg", "Count", "GeometricMean", "Max", "Median", "Min", "Mode", "PopulationStdDev"),
    *("PopulationVariance", "Product", "StdDev", "Sum", "Variance"),
)

OPERANDS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys((*AGGREGATES, "First", "Last", "Children", "Descendents"), ("source",)),
    "Slice": ("source", "startIndex", "endIndex"),
    "IndexOf": ("source", "element"),
    "Combine": ("source", "separator"),
    "Split": ("stringToSplit", "separator"),
    "SplitOnMatches": ("stringToSplit", "separatorPattern"),
    "PositionOf": ("pattern", "string"),
    "LastPositionOf": ("pattern", "string"),
    "Substring": ("stringToSub", "startIndex", "length"),
    "Round": ("operand", "precision"),
    "DateTime": ("year", "month", "day", "hour", "minute", "second", "millisecond", "timezoneOffset"),
    "Date": ("year", "month", "day"),
    "Time": ("hour", "minute", "second", "millisecond"),
    "InValueSet": ("code", "valueset"),
    "AnyInValueSet": ("codes", "valueset"),
    "InCodeSystem": ("code", "codesystem"),
    "AnyInCodeSystem": ("codes", "codesystem"),
    "Message": ("source", "condition", "code", "severity", "message"),
}

LISTS = frozenset(("Coalesce",))
"""Operators whose operands are a list even when there is only one."""
