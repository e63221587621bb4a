"""Values from small pools, so that resources and queries meet: boundaries, zones, accents, separators."""

from __future__ import annotations

SYSTEMS = ["http://loinc.org", "http://mrn.example/a|b", "urn:oid:1.2.3"]
CODES = ["1", "A", "a", "x|y", "c,d", "e$f", "back\\slash"]
WORDS = [
    "Eve", "eve", "Evelyn", "Müller", "muller", "Mu\u0308ller", "MÜLLER", "Ørsted", "a b", "a  b", "Straße", "strasse",
    "é", "%", "_x", "ﬁ", "İ",
]  # fmt: skip
DATES = [
    "2019", "2020", "2020-02", "2020-02-29", "2020-03-01", "2020-02-29T23:59:59Z", "2020-02-29T23:30:00-05:00",
    "2020-03-01T00:00:00.5Z", "2020-03-01T00:00:00.500Z", "2020-12-31", "2021", "1969-12-31", "2035-06-01",
]  # fmt: skip
SEARCH_DATES = [*DATES, "2020-02-29T23:59", "2020-02-29T23:59:59", "2020-03-01T04:30Z", "2020-03"]
DAYS = [date for date in DATES if "T" not in date]
PERIOD_ENDS = ["2020-12-31", "2021", "2035-06-01"]
NUMBERS = [
    "0", "0.1", "0.10", "1", "1.0", "1.04", "1.05", "0.95", "0.9500", "2", "10", "99.5", "100", "100.5", "-1", "-0.5",
]  # fmt: skip
SEARCH_NUMBERS = [*NUMBERS, "1e0", "1e2", "1.00e2", "100.00", "0.0", "1.1"]
PREFIXES = ["", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"]
URLS = [
    "http://x.example/a", "http://x.example/a/", "http://x.example/a/b", "http://x.example/a|1.0",
    "http://x.example/a/b|2", "urn:uuid:1",
]  # fmt: skip
FAR = ["http://far.example/fhir/Patient/1", "http://x.example/a|1.0", "urn:uuid:1"]
UNITS = ["mg", "g", "ug", "cm", "m", "{drops}", "foo"]
UCUM = "http://unitsofmeasure.org"
UNIT_SYSTEMS = [UCUM, UCUM, "http://units.example"]
GENDERS = ["male", "female", "other"]


def escape(text: str) -> str:
    """A value as it stands in a search."""
    return text.replace("\\", "\\\\").replace(",", "\\,").replace("$", "\\$").replace("|", "\\|")
