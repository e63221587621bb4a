"""CodeSystem/$lookup, $validate-code and $subsumes."""

from __future__ import annotations

from bedside.api.messages import Request
from bedside.api.terminology.inputs import Inputs
from bedside.api.terminology.which import code_system, codings, known_system, refuse_past
from bedside.fhir.outcome import FhirError, Invalid
from bedside.record.model import Resource
from bedside.record.record import Record
from bedside.terms.errors import Unanswerable
from bedside.terms.lookup import lookup as looked_up
from bedside.terms.lookup import subsumes as related
from bedside.terms.validate import Coding, Validation, in_system

LOOKUP = frozenset(("code", "system", "version", "coding", "date", "displayLanguage", "property"))
VALIDATE = frozenset(("url", "codeSystem", "code", "version", "display", "coding", "codeableConcept", "date",
                      "abstract", "displayLanguage"))  # fmt: skip
SUBSUMES = frozenset(("codeA", "codeB", "system", "version", "codingA", "codingB"))


def lookup(record: Record, request: Request, inputs: Inputs) -> Resource:
    """R4 codesystem-operation-lookup.html."""
    refuse_past(inputs)
    coding, code = inputs.coding("coding"), inputs.text("code")
    if (coding is None) == (code is None):
        raise Invalid("Give `code` with `system`, or `coding`.", code="required")
    wanted = coding or Coding(inputs.text("system"), code or "", inputs.text("version"))
    if not wanted.system:
        raise Invalid("Say which system the code is of.", code="required")
    system = known_system(record.terminology.current(), wanted.system, wanted.version)
    return looked_up(system, wanted.code, properties=inputs.texts("property"), language=inputs.language)


def validate_code(record: Record, request: Request, inputs: Inputs) -> Resource:
    """R4 codesystem-operation-validate-code.html. Unknown systems are errors, codes that do not exist are `false`."""
    state = record.terminology.current()
    url = inputs.text("url")
    wanted = codings(inputs, url, None)
    named = url or next((each.system for each in wanted if each.system), None)
    system = code_system(record, state, request, inputs, named)
    found = Validation(False, "The concept has no coding with a code.")
    doubt: FhirError | None = None
    for each in wanted:
        if each.system is not None and each.system != system.url:
            found = Validation(False, f"The coding is of {each.system}, not of {system.url}.")
            continue
        own = system
        if each.version and each.version != system.version and not request.id:
            own = known_system(state, system.url, each.version)
        try:
            found = in_system(own, each, abstract=inputs.boolean("abstract"), language=inputs.language)
        except Unanswerable as error:
            doubt = doubt or error
            continue
        if found.result:
            return found.parameters()
    if doubt is not None:
        raise doubt
    return found.parameters()


def subsumes(record: Record, request: Request, inputs: Inputs) -> Resource:
    """R4 codesystem-operation-subsumes.html."""
    first = inputs.coding("codingA") or _code(inputs, "codeA")
    second = inputs.coding("codingB") or _code(inputs, "codeB")
    if first.system != second.system and first.system is not None and second.system is not None:
        raise Invalid("Only codes of one system can be compared.", code="value")
    named = first.system or second.system or inputs.text("system")
    version = first.version or second.version
    named = f"{named}|{version}" if named and version and "version" not in inputs else named
    system = code_system(record, record.terminology.current(), request, inputs, named)
    outcome = related(system, first.code, second.code)
    return {"resourceType": "Parameters", "parameter": [{"name": "outcome", "valueCode": outcome}]}


def _code(inputs: Inputs, name: str) -> Coding:
    code = inputs.text(name)
    if code is None:
        raise Invalid(f"Give `{name}`, or `coding{name[-1]}`.", code="required")
    return Coding(inputs.text("system"), code)
