"""Identifiers of SNOMED CT that its own formats and languages are written with (Release File Specification,
ECL appendix on dialect aliases), and its check digit."""

from __future__ import annotations

IS_A = "116680003"
CORE_MODULE = "900000000000207008"
DEFINED_STATUS, PRIMITIVE_STATUS = "900000000000073002", "900000000000074008"
FULLY_SPECIFIED, SYNONYM, DEFINITION = "900000000000003001", "900000000000013009", "900000000000550004"
PREFERRED, ACCEPTABLE = "900000000000548007", "900000000000549004"
ATTRIBUTE = "762705008"
REFERENCE_SET = "900000000000455006"
SAME_AS, REPLACED_BY, POSSIBLY_EQUIVALENT, MOVED_TO, WAS_A, ALTERNATIVE, PARTIALLY, POSSIBLY_REPLACED = (
    "900000000000527005",
    "900000000000526001",
    "900000000000523009",
    "900000000000524003",
    "900000000000528000",
    "900000000000530003",
    "1186924009",
    "1186921001",
)
TYPES = {"fsn": FULLY_SPECIFIED, "syn": SYNONYM, "def": DEFINITION}

DIALECTS = {
    "900000000000509007": "en-US",
    "900000000000508004": "en-GB",
    "32570271000036106": "en-AU",
    "19491000087109": "en-CA",
    "21000220103": "en-IE",
    "271000210107": "en-NZ",
    "554461000005103": "da-DK",
    "31000146106": "nl-NL",
    "31000172101": "nl-BE",
    "21000172104": "fr-BE",
    "20581000087109": "fr-CA",
    "722131000": "fr",
    "448879004": "es",
    "450828004": "es-AR",
    "5641000179103": "es-UY",
    "71000181105": "et-EE",
    "722130004": "de",
    "722129009": "ja",
    "722128001": "zh",
    "61000202103": "nb-NO",
    "91000202106": "nn-NO",
    "46011000052107": "sv-SE",
    "999001261000000100": "en-GB",
    "999000691000001104": "en-GB",
}
"""Language reference set -> language tag."""

ALIASES = {tag.lower(): refset for refset, tag in reversed(DIALECTS.items())} | {
    "en-uk": "900000000000508004",
    "en-nhs-clinical": "999001261000000100",
    "en-nhs-pharmacy": "999000691000001104",
}
"""Dialect alias of ECL -> language reference set."""


def preferences(language: str) -> list[str]:
    """The language reference sets to look in for a term in a language, the best first."""
    tag = language.lower()
    exact = [refset for refset, each in DIALECTS.items() if each.lower() == tag]
    wider = [refset for refset, each in DIALECTS.items() if each.lower().partition("-")[0] == tag.partition("-")[0]]
    return list(dict.fromkeys([*exact, *wider]))


# The dihedral group of order ten (J. Verhoeff, Error Detecting Decimal Codes, 1969): product, and the permutation
# of digits by place.
_PRODUCT = [
    [(a + b) % 5 if a < 5 and b < 5
     else 5 + (a + b) % 5 if a < 5
     else 5 + (a - b) % 5 if b < 5
     else (a - b) % 5 for b in range(10)]
    for a in range(10)
]  # fmt: skip
_FIRST = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)


def _permutations() -> list[tuple[int, ...]]:
    found = [tuple(range(10))]
    for _ in range(7):
        found.append(tuple(_FIRST[digit] for digit in found[-1]))
    return found


_PLACES = _permutations()


def is_identifier(code: str) -> bool:
    """Whether a code has the form and the check digit of an identifier of SNOMED CT (6 to 18 digits)."""
    if not (code.isascii() and code.isdecimal() and 6 <= len(code) <= 18):
        return False
    check = 0
    for place, digit in enumerate(reversed(code)):
        check = _PRODUCT[check][_PLACES[place % 8][int(digit)]]
    return check == 0


def with_check_digit(digits: str) -> str:
    """An identifier: the digits with their check digit behind."""
    return next(code for check in "0123456789" if is_identifier(code := digits + check))
