"""The models that a CQL library can say it uses, and the types that they give it.

    >>> qicore = load("QICore", "6.0.0")
    >>> encounter = qicore.find_type("QICore Encounter")
    >>> str(encounter), qicore.fhir_type(encounter), qicore.info(encounter).primary_code_path
    ('QICore.Encounter', 'Encounter', 'type')
    >>> period = qicore.element(encounter, "period")
    >>> str(period.type), period.target
    ('Interval<System.DateTime>', 'FHIRHelpers.ToInterval(%value)')

The data is compiled by `scripts/compile_models.py` from the published model information.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from bedside.questions.cql.models.model import SYSTEM, Context, Conversion, Element, Model, TypeInfo
from bedside.questions.cql.models.schema import header, records
from bedside.questions.errors import CheckError, did_you_mean

__all__ = ["KNOWN", "SYSTEM", "Context", "Conversion", "Element", "Model", "TypeInfo", "load"]

_DATA = Path(__file__).parent / "data"

KNOWN: dict[str, tuple[str, ...]] = {
    "System": ("1.0.0",),
    "FHIR": ("4.0.1", "4.0.0"),
    "QICore": ("6.0.0",),
    "USCore": ("6.1.0",),
}
"""Name -> versions, the one that is meant when none is said first.

FHIR 4.0.1 is a technical correction of 4.0.0 with the same types, so that either gives the model of 4.0.1.
"""


def load(name: str, version: str | None = None) -> Model:
    """The model of a name and a version. Loading costs a few milliseconds once; types are read as they are needed.

    Raises CheckError, without a place, for a model or a version that there is not; `expected` says what there is.
    """
    versions = KNOWN.get(name)
    if versions is None:
        available = ", ".join(f"{known} {each[0]}" for known, each in KNOWN.items())
        raise CheckError(f"there is no model {name}", expected=available, suggestion=did_you_mean(name, KNOWN))
    if version is not None and version not in versions:
        raise CheckError(f"there is no version {version} of the model {name}", expected=" or ".join(versions))
    return SYSTEM if name == "System" else _load(name, versions[0])


@cache
def _load(name: str, version: str) -> Model:
    found = records.decode((_DATA / f"{name.lower()}-{version}.json").read_bytes())
    return Model(header.decode(found.pop("")), found)
