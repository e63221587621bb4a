"""Did you mean: from a code that is not UCUM to the one that was probably meant.

Only ever a suggestion in an error message; nothing here changes how a code is read. A suggestion is always valid.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Final

from bedside.terms.ucum import units
from bedside.terms.ucum.errors import UcumError

#: Habits of spelling seen in laboratory and device data, as whole symbols, compared without regard to case.
HABITS: Final = {
    "mmhg": "mm[Hg]", "cmh2o": "cm[H2O]", "mmh2o": "mm[H2O]", "torr": "mm[Hg]", "inhg": "[in_i'Hg]",
    "mcg": "ug", "mcl": "uL", "mcmol": "umol", "cc": "mL", "gm": "g", "gms": "g", "kgs": "kg", "mgs": "mg",
    "lb": "[lb_av]", "lbs": "[lb_av]", "pound": "[lb_av]", "pounds": "[lb_av]",
    "oz": "[oz_av]", "ounce": "[oz_av]", "ounces": "[oz_av]", "floz": "[foz_us]", "stone": "[stone_av]",
    "in": "[in_i]", "inch": "[in_i]", "inches": "[in_i]", "ft": "[ft_i]", "foot": "[ft_i]", "feet": "[ft_i]",
    "yd": "[yd_i]", "yard": "[yd_i]", "yards": "[yd_i]", "mi": "[mi_i]", "mile": "[mi_i]", "miles": "[mi_i]",
    "pt": "[pt_us]", "pint": "[pt_us]", "pints": "[pt_us]", "gal": "[gal_us]", "gallon": "[gal_us]",
    "tsp": "[tsp_us]", "tbsp": "[tbs_us]", "cup": "[cup_us]", "qt": "[qt_us]", "drop": "[drp]", "drops": "[drp]",
    "gtt": "[drp]", "sec": "s", "secs": "s", "second": "s", "seconds": "s", "msec": "ms", "mins": "min",
    "minute": "min", "minutes": "min", "hr": "h", "hrs": "h", "hour": "h", "hours": "h", "day": "d", "days": "d",
    "week": "wk", "weeks": "wk", "wks": "wk", "month": "mo", "months": "mo", "mos": "mo", "mon": "mo",
    "yr": "a", "yrs": "a", "year": "a", "years": "a", "y": "a",
    "degc": "Cel", "celsius": "Cel", "degf": "[degF]", "fahrenheit": "[degF]", "kelvin": "K",
    "percent": "%", "pct": "%", "iu": "[iU]", "usp": "[USP'U]", "au": "[AU]", "unit": "U", "units": "U",
    "mol%": "mmol/mol", "mval": "meq", "gram": "g", "grams": "g", "liter": "L", "litre": "L", "liters": "L",
    "litres": "L", "meter": "m", "metre": "m", "meters": "m", "metres": "m", "mole": "mol", "moles": "mol",
    "ltr": "L", "lit": "L", "molar": "mol/L", "hpf": "[HPF]", "lpf": "[LPF]", "bpm": "/min", "dpt": "[diop]",
    "dioptre": "[diop]", "diopter": "[diop]", "mets": "[MET]", "met": "[MET]", "ph": "[pH]", "fr": "[Ch]",
}  # fmt: skip

#: Whole codes with no good reading symbol by symbol.
_SPELLINGS: Final = (
    (re.compile(r"[µμ]"), "u"),
    (re.compile(r"[·⋅×]|(?<=[a-zA-Z\]])\*(?=[a-zA-Z\[])"), "."),
    (re.compile(r"°\s*C\b"), "Cel"),
    (re.compile(r"°\s*F\b"), "[degF]"),
    (re.compile(r"Ω"), "Ohm"),
    (re.compile(r"Å"), "Ao"),
    (re.compile(r"²"), "2"),
    (re.compile(r"³"), "3"),
    (re.compile(r"(?:\b[xX]\s*|\b)10\s*(?:\*\*|[eE^*])\s*(-?[0-9]{1,2})(?![0-9])"), r"10*\1"),
    (re.compile(r"\s+per\s+"), "/"),
    (re.compile(r"\b([cm]?m)\s*H2O\b", re.IGNORECASE), r"\1[H2O]"),
    (re.compile(r"\b([cm]?m)\s*Hg\b", re.IGNORECASE), r"\1[Hg]"),
    (re.compile(r"/\(?1\.73\s*\.?\s*m\^?2\)?"), "/{1.73_m2}"),
    (re.compile(r"(?<=[a-zA-Z])\s+([A-Za-z]\w+)$"), r"{\1}"),
    (re.compile(r"^([0-9]+)(?=[a-zA-Z\[])(?!0\*)"), r"\1."),
    (re.compile(r"\s+"), ""),
)


def suggest(error: UcumError) -> str | None:
    """A valid code near the one that failed, or None."""
    code = error.code
    if not code or len(code) > 80:
        return None
    for pattern, replacement in _SPELLINGS:
        code = pattern.sub(replacement, code)
    if code.isupper() and not _valid(code) and _valid(code.lower()):
        return code.lower()
    for _ in range(4):  # one unknown symbol is mended per round
        try:
            units.evaluate(code)
        except UcumError as fault:
            mended = _mend(code, fault)
            if mended is None:
                return None
            code = mended
        else:
            return code if code != error.code else None
    return None


def _valid(code: str) -> bool:
    try:
        units.evaluate(code)
    except UcumError:
        return False
    return True


def _mend(code: str, fault: UcumError) -> str | None:
    inner = re.fullmatch(r"\(([A-Za-z_-]+)\)", code)
    if inner and units.split(inner[1]) is None:
        return f"{{{inner[1]}}}"
    if not fault.symbol or code[fault.position : fault.position + len(fault.symbol)] != fault.symbol:
        return None
    if units.split(fault.symbol) is not None:  # known, but not allowed here
        return None
    better = _better_symbol(fault.symbol)
    if better is None:
        return None
    before, after = code[: fault.position], code[fault.position + len(fault.symbol) :]
    if "/" in better:
        if better.startswith("/") and not before:
            return better + after
        return None if before or after else better
    return before + better + after


def _better_symbol(symbol: str) -> str | None:
    folded = symbol.lower()
    if folded in HABITS:
        return HABITS[folded]
    known = units.symbols()
    if f"[{symbol}]" in known:
        return f"[{symbol}]"
    if singular := _same_letters(folded, known):
        return singular
    for prefix in units.PREFIXES:  # mIU -> m[IU], mEq -> meq, MEQ -> Meq
        if folded.startswith(prefix.lower()) and len(folded) > len(prefix):
            rest = symbol[len(prefix) :]
            better = f"[{rest}]" if f"[{rest}]" in known else _same_letters(rest.lower(), known)
            if better and units.is_metric(better):
                return ("m" if symbol[0] in "mM" and prefix in "mM" else prefix) + better
    close = get_close_matches(symbol, known, n=1, cutoff=0.75)
    if close:
        return close[0]
    if re.fullmatch(r"[A-Za-z][A-Za-z_-]{3,}", symbol):
        return f"{{{symbol}}}"
    return None


def _same_letters(folded: str, known: list[str]) -> str | None:
    """The symbol of the table that differs only in case or in brackets."""
    for candidate in known:
        if candidate.lower() in (folded, f"[{folded}]"):
            return candidate
    return None
