"""Our ELM beside that of the reference translator: reading the latter, bringing both to one form, and comparing them.

The reference's ELM is `measures/elm-translated` of the suites; without it the translator itself (npm @cqframework/cql)
is run, from the folder that `$BEDSIDE_CQL_TRANSLATOR` names, where `npm install` has put it, or from where
`python -m benchmarks.run cql` did.

`REWRITES` are differences of form that both sides are rid of before they are compared, each with its reason. What
differs even then is listed in elm-differences.toml by library and definition.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tomllib
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from bedside.fhir import json as exact
from bedside.questions.cql.elm import Options, to_elm
from bedside.questions.cql.typer import translate
from questions.suites import SUITES, suite

Json = dict[str, Any]
SOURCES = SUITES / "measures" / "cql"
OWN = Path(__file__).with_name("libraries")
"""Libraries of our own, for what the shared ones do not have."""
DIFFERENCES = Path(__file__).with_name("elm-differences.toml")
BESIDE = Path(__file__).parents[3] / ".bench" / "peers" / "npm"
TRANSLATOR = Path(os.environ.get("BEDSIDE_CQL_TRANSLATOR", BESIDE))
SCRIPT = Path(__file__).with_name("elm_reference.mjs")


def reference_folder(scratch: Callable[[], Path]) -> Path:
    """The folder with the reference's ELM of the shared measures; skips the test where it cannot be had."""
    ready = suite("measures") / "elm-translated"
    return ready if ready.exists() else reference_of(SOURCES, scratch())


def reference_of(sources: Path, folder: Path) -> Path:
    """The reference's ELM of all libraries in a folder; skips the test where there is no translator."""
    if not (TRANSLATOR / "node_modules" / "@cqframework" / "cql").exists() or shutil.which("node") is None:
        pytest.skip(f"the reference translator is not there (npm install @cqframework/cql in {TRANSLATOR})")
    command = ["node", str(SCRIPT), str(suite("modelinfo")), str(sources), str(folder), str(SOURCES)]
    subprocess.run(command, cwd=TRANSLATOR, check=True, capture_output=True, timeout=300)
    return folder


def source(name: str, version: str | None = None) -> str | None:
    for folder in (OWN, SOURCES):
        path = folder / f"{name}.cql"
        if path.exists():
            return path.read_text()
    return None


@cache
def ours(name: str) -> Json:
    text = source(name)
    assert text is not None
    translation = translate(text, libraries=source)
    assert translation.library is not None, translation.problems
    written = exact.encode(to_elm(translation.library, Options(result_types=True)))
    found: Json = json.loads(written)
    return found


def statements(elm: Json) -> dict[tuple[str, int], Json]:
    """The definitions by name and number, for functions may share a name."""
    found: dict[tuple[str, int], Json] = {}
    for each in elm["library"]["statements"]["def"]:
        number = sum(name == each["name"] for name, _ in found)
        found[each["name"], number] = each
    return found


def differences() -> dict[str, dict[str, str]]:
    """Library -> definition -> reason, for the definitions whose nodes differ."""
    read = tomllib.loads(DIFFERENCES.read_text())
    reasons: dict[str, str] = read.pop("reasons")
    return {library: {name: reasons[key] for name, key in found.items()} for library, found in read.items()}


def type_of(node: Json) -> str | None:
    """The result type of a node in one notation, the alternatives of choices sorted."""
    if "resultTypeName" in node:
        return _specified({"type": "NamedTypeSpecifier", "name": node["resultTypeName"]})
    if "resultTypeSpecifier" in node:
        return _specified(node["resultTypeSpecifier"])
    return None


def _specified(node: Json) -> str:
    match node["type"]:
        case "NamedTypeSpecifier":
            return str(node["name"]).rpartition("}")[2]
        case "ListTypeSpecifier":
            return f"List<{_specified(node['elementType'])}>"
        case "IntervalTypeSpecifier":
            return f"Interval<{_specified(node['pointType'])}>"
        case "ChoiceTypeSpecifier":
            return f"Choice<{', '.join(sorted({_specified(each) for each in node['choice']}))}>"
        case "TupleTypeSpecifier":
            parts = sorted(f"{each['name']} {_specified(each['elementType'])}" for each in node["element"])
            return f"Tuple<{', '.join(parts)}>"
    raise ValueError(node)


# Differences of form, and why they are none of meaning.


def _is_choice(node: Json | None) -> bool:
    if node is None:
        return False
    if node["type"] == "ListTypeSpecifier":
        return _is_choice(node["elementType"])
    return node["type"] == "ChoiceTypeSpecifier"


def _casts_to_choice(node: Json) -> Json:
    """`x as Choice<A, B>` of an A changes nothing, so we do not write it; nor a query over a list that does it."""
    if node.get("type") == "As" and _is_choice(node.get("asTypeSpecifier")):
        operand: Json = node["operand"]
        return operand
    if node.get("type") == "Query" and node["source"][0]["alias"] == "X":
        returned = node.get("return", {}).get("expression", {})
        if (returned.get("type"), returned.get("name")) == ("AliasRef", "X"):
            items: Json = node["source"][0]["expression"]
            return items
    return node


def _same_cases(node: Json) -> Json:
    """A choice of the reference may have a type twice (two models call it DateTime), and a case for each."""
    if node.get("type") != "Case":
        return node
    items: list[Json] = []
    for each in node["caseItem"]:
        if list(outline(each)) not in [list(outline(one)) for one in items]:
            items.append(each)
    return {**node, "caseItem": items}


def _paths(node: Json) -> Json:
    """`Property path="a.b" scope="X"` is the step b from the step a from X."""
    if node.get("type") != "Property":
        return node
    inner = node.get("source") or _aliases({"type": "AliasRef", "name": node["scope"]})
    if "scope" in node and not node.get("source"):
        node = {key: value for key, value in node.items() if key != "scope"}
    *before, last = node["path"].split(".")
    for step in before:
        inner = {"type": "Property", "path": step, "source": inner}
    return {**node, "path": last, "source": inner}


def _sorted_items(node: Json) -> Json:
    """In `sort by` the reference names an element of the item (IdentifierRef), we step to it from the item."""
    if node.get("type") == "Property" and node["source"].get("type") == "Current":
        return {"type": "IdentifierRef", "name": node["path"]}
    return node


def _aliases(node: Json) -> Json:
    """The query that goes through a reference to a medication needs two aliases, which are nobody's."""
    names = {"$resource": "MR", "$referenced": "M"}
    if node.get("type") == "AliasRef" and node["name"] in names:
        return {**node, "name": names[node["name"]]}
    return node


def _vocabularies(node: Json) -> Json:
    """A value set of InValueSet stands in `valueset` by its name, or as a ValueSetRef in `valuesetExpression`."""
    inner = node.get("valuesetExpression")
    if isinstance(inner, dict) and inner.get("type") == "ValueSetRef":
        rest = {key: value for key, value in node.items() if key != "valuesetExpression"}
        return {**rest, "valueset": {key: value for key, value in inner.items() if key != "type"}}
    return node


def _unions(node: Json) -> Json:
    """A chain of unions may be nested in any way."""
    if node.get("type") != "Union":
        return node
    flat: list[Json] = []
    for each in node["operand"]:
        flat += each["operand"] if each.get("type") == "Union" else [each]
    return {**node, "operand": flat}


REWRITES = (_casts_to_choice, _same_cases, _paths, _sorted_items, _aliases, _vocabularies, _unions)


def formed(node: Any) -> Any:
    """A node in the form that both sides have in common."""
    if isinstance(node, list):
        return [formed(each) for each in node]
    if not isinstance(node, dict):
        return node
    node = {key: formed(value) for key, value in node.items()}
    for rewrite in REWRITES:
        node = rewrite(node)
    return node


NAMED = ("FunctionRef", "ExpressionRef", "AliasRef", "QueryLetRef", "OperandRef", "IdentifierRef")
NAMED += ("ValueSetRef", "CodeRef", "ParameterRef")
WORDS = ("name", "path", "value", "precision")


def _word(value: str | float | Decimal) -> str:
    return value if isinstance(value, str) else f"{float(value):g}"


def outline(node: Any, depth: int = 0) -> Iterator[str]:
    """One line a node: what it is, with its names, values and precision, and below it what it has."""
    if isinstance(node, list):
        for each in node:
            yield from outline(each, depth)
        return
    if not isinstance(node, dict) or str(node.get("type", "")).endswith("TypeSpecifier"):
        return
    if isinstance(node.get("type"), str):
        words = [_word(node[key]) for key in WORDS if isinstance(node.get(key), str | int | float | Decimal)]
        yield "  " * depth + " ".join([node["type"], *words])
        depth += 1
    for key in sorted(node):
        if key not in ("annotation", "signature") and not key.endswith("TypeSpecifier"):
            yield from outline(node[key], depth)
