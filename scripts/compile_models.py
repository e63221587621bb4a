"""Compile the model information of FHIR 4.0.1, QICore 6.0.0 and US Core 6.1.0 for CQL into package data.

The published files (Apache-2.0) come in two Maven artifacts, fetched by their coordinates with `mvn`. Artifacts and
files are pinned by SHA-256 and refused when they differ. Descriptions, bindings, constraints and search paths are left
out. The System model is part of the code (`bedside.questions.cql.types`); its file is only compared with it.
The output is deterministic: the same input gives the same bytes.

    python scripts/compile_models.py                  # download, compile, write
    python scripts/compile_models.py --check          # fail when the committed data differs from what would be written
    python scripts/compile_models.py --folder FOLDER  # read the XML files from a folder instead of downloading them
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import msgspec

from bedside.fhir import definitions
from bedside.questions.cql.models.schema import (
    ContextRecord,
    ConversionRecord,
    ElementRecord,
    Header,
    TypeRecord,
    read_type,
)
from bedside.questions.cql.types import SYSTEM_BASE, SYSTEM_ELEMENTS, system

DATA = Path(__file__).parent.parent / "src" / "bedside" / "questions" / "cql" / "models" / "data"
COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy"
XML = "{urn:hl7-org:elm-modelinfo:r1}"
XSI = "{http://www.w3.org/2001/XMLSchema-instance}type"


class Artifact(NamedTuple):
    coordinates: str
    sha256: str
    folder: str
    files: dict[str, str]
    """File name -> SHA-256."""


ARTIFACTS = (
    Artifact(
        "info.cqframework:model:3.27.0",
        "5938dbe015098e379f58ab0aab6dca7b8a9e4e20931005f58b8fce7eb5ddbf81",
        "org/hl7/elm/r1/",
        {"system-modelinfo.xml": "358032d73c989739a09b6c3e06504a2d977c340014c87c60d2dd081ba2ae7d6a"},
    ),
    Artifact(
        "info.cqframework:quick:3.27.0",
        "419ca83a4bfd1a68d920baef0b02f0cd42576e4b1f3b05795447033878fdfb5f",
        "org/hl7/fhir/",
        {
            "fhir-modelinfo-4.0.1.xml": "16fa8119e074ebfb6a301b58af72417c2360dca899e89f6e3bd1d9a0e4789722",
            "qicore-modelinfo-6.0.0.xml": "75cf34cca8b6ce28f0841201681ff6f2db2235cdcd4ad39bd84c01b8ea76ad33",
            "uscore-modelinfo-6.1.0.xml": "02bf593edc5cc00a14b9d1ae172571cc8662e45312332d44dcbededde198b20f",
        },
    ),
)

Xml = ElementTree.Element


def verified(content: bytes, sha256: str, what: str) -> bytes:
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise SystemExit(f"{what} has SHA-256 {found}, not {sha256}: refused")
    return content


def fetch(artifact: Artifact, folder: Path) -> zipfile.ZipFile:
    """The artifact's jar, downloaded into `folder` and verified."""
    where = f"-DoutputDirectory={folder}"
    subprocess.run(["mvn", "-q", "-B", COPY, f"-Dartifact={artifact.coordinates}", where], check=True)
    _, name, version = artifact.coordinates.split(":")
    jar = folder / f"{name}-{version}.jar"
    verified(jar.read_bytes(), artifact.sha256, jar.name)
    return zipfile.ZipFile(jar)


def read_files(folder: Path | None) -> dict[str, Xml]:
    """File name -> root of the model information, each file verified."""
    found = {}
    with tempfile.TemporaryDirectory() as downloads:
        for artifact in ARTIFACTS:
            jar = None if folder else fetch(artifact, Path(downloads))
            for name, sha256 in artifact.files.items():
                content = (folder / name).read_bytes() if folder else jar.read(artifact.folder + name)  # type: ignore[union-attr]
                found[name] = ElementTree.fromstring(verified(content, sha256, name))
    return found


def kind(specifier: Xml) -> str:
    return specifier.get(XSI, "").rpartition(":")[2]


def children(parent: Xml, tag: str) -> Iterator[Xml]:
    return parent.iterfind(XML + tag)


def specified(specifier: Xml) -> str:
    """The notation of a type specifier."""
    match kind(specifier):
        case "NamedTypeSpecifier":
            return f"{specifier.attrib['namespace']}.{specifier.attrib['name']}"
        case "ListTypeSpecifier":
            return f"List<{inner(specifier, 'elementType', 'elementTypeSpecifier')}>"
        case "IntervalTypeSpecifier":
            return f"Interval<{inner(specifier, 'pointType', 'pointTypeSpecifier')}>"
        case "ChoiceTypeSpecifier":
            alternatives = sorted({specified(each) for each in children(specifier, "choice")})
            return f"Choice<{', '.join(alternatives)}>" if len(alternatives) > 1 else alternatives[0]
        case other:
            raise SystemExit(f"type specifier {other} is not known to this compiler")


def inner(holder: Xml, attribute: str, child: str) -> str:
    """A type that is given by an attribute or by a specifier below."""
    if attribute in holder.attrib:
        return holder.attrib[attribute]
    return specified(next(children(holder, child)))


ELEMENT_KNOWN = {"name", "elementType", "target", "mustSupport", "description", "definition", "comment"}


def compile_element(element: Xml) -> ElementRecord | None:
    """One element; None for the two that are published without a type and with the extension URL `null`."""
    if "elementType" not in element.attrib and element.find(XML + "elementTypeSpecifier") is None:
        if element.get("target", "").endswith("[url='null']"):
            return None
        raise SystemExit(f"element {element.attrib['name']} has no type")
    if strange := set(element.keys()) - ELEMENT_KNOWN:
        raise SystemExit(f"element {element.attrib['name']}: {sorted(strange)} are not known to this compiler")
    written = inner(element, "elementType", "elementTypeSpecifier")
    if str(read_type(written)) != written:
        raise SystemExit(f"element {element.attrib['name']}: {written} cannot be read back")
    return ElementRecord(element.attrib["name"], written, element.get("target"))


class Compiler:
    """Compiles one model; knows the names of R4's types without regard to case (`Observation.Component`)."""

    def __init__(self, root: Xml) -> None:
        self.root = root
        self.name = root.attrib["name"]
        self.types = {each.attrib["name"]: each for each in children(root, "typeInfo")}
        heads = definitions.type_names()
        self.r4 = {name.lower(): name for head in heads for name in definitions._type_family(head)}

    def base(self, info: Xml) -> str:
        return inner(info, "baseType", "baseTypeSpecifier")

    def fhir_type(self, name: str) -> str | None:
        """The R4 type whose JSON an instance of the type is: by its own name, its target, or its base.

        None for what is a System value by the time it is seen, such as QICore.EncounterStatus, a String.
        """
        info = self.types[name]
        if own := self.r4.get(info.get("target", name).lower()):
            return own
        base = self.base(info)
        if base == "FHIR.Element" and [each.get("elementType") for each in children(info, "element")] == [
            "System.String"
        ]:
            return "code"  # The FHIR model has a type for each required binding of a code.
        namespace, _, local = base.partition(".")
        return self.fhir_type(local) if namespace == self.name else None

    def compile_type(self, name: str) -> TypeRecord:
        info = self.types[name]
        label = info.get("label")
        return TypeRecord(
            base=self.base(info),
            fhir_type=self.fhir_type(name),
            identifier=info.get("identifier"),
            label=label,
            retrievable=info.get("retrievable") == "true",
            primary_code_path=info.get("primaryCodePath"),
            target=info.get("target"),
            elements=tuple(e for each in children(info, "element") if (e := compile_element(each))),
            relationships=tuple(
                (each.attrib["context"], each.attrib["relatedKeyElement"])
                for each in children(info, "contextRelationship")
            ),
        )

    def conversions(self) -> tuple[ConversionRecord, ...]:
        found: dict[tuple[str, str], list[str]] = {}
        for each in children(self.root, "conversionInfo"):
            key = (each.attrib["functionName"], each.attrib["toType"])
            found.setdefault(key, []).append(each.attrib["fromType"])
        return tuple(ConversionRecord(*key, tuple(sorted(sources))) for key, sources in sorted(found.items()))

    def contexts(self) -> Iterator[ContextRecord]:
        for each in children(self.root, "contextInfo"):
            of = next(children(each, "contextType")).attrib
            yield ContextRecord(
                each.attrib["name"],
                f"{of['namespace']}.{of['name']}",
                each.attrib["keyElement"],
                each.get("birthDateElement"),
            )

    def header(self) -> Header:
        given = self.root.attrib
        labels = {t.attrib["label"]: name for name, t in self.types.items() if t.get("label", name) != name}
        return Header(
            name=self.name,
            version=given["version"],
            url=given["url"],
            target_url=given.get("targetUrl"),
            patient_class=given["patientClassName"].removeprefix(self.name + "."),
            birth_date_element=given["patientBirthDatePropertyName"],
            required=tuple((r.attrib["name"], r.attrib["version"]) for r in children(self.root, "requiredModelInfo")),
            contexts=tuple(self.contexts()),
            conversions=self.conversions(),
            labels=dict(sorted(labels.items())),
        )

    def compile(self) -> bytes:
        entries: dict[str, Header | TypeRecord] = {"": self.header()}
        entries.update((name, self.compile_type(name)) for name in sorted(self.types))
        rows = (msgspec.json.encode(k) + b":" + msgspec.json.encode(v) for k, v in entries.items())
        return b"{\n" + b",\n".join(rows) + b"\n}\n"


def compare_system(root: Xml) -> None:
    """Stop when the published System model has a type or an element that the code does not have, or other ones."""
    for info in children(root, "typeInfo"):
        type_ = system(info.attrib["name"].removeprefix("System."))
        base = SYSTEM_BASE.get(type_)
        if (str(base) if base else None) != info.get("baseType"):
            raise SystemExit(f"{type_}: the supertype is {info.get('baseType')}, not {base}")
        for element in children(info, "element"):
            mine = SYSTEM_ELEMENTS[type_][element.attrib["name"]]
            if str(mine) != inner(element, "type", "typeSpecifier"):
                raise SystemExit(f"{type_}.{element.attrib['name']} is not {mine}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, help="read the XML files from this folder instead of downloading them")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when the data would change")
    options = parser.parse_args()
    roots = read_files(options.folder)
    compare_system(roots.pop("system-modelinfo.xml"))
    files = {
        name.replace("-modelinfo", "").replace(".xml", ".json"): Compiler(r).compile() for name, r in roots.items()
    }
    changed = [n for n, c in files.items() if not (DATA / n).is_file() or (DATA / n).read_bytes() != c]
    if options.check:
        print("changed: " + ", ".join(changed) if changed else "the package data is up to date")
        return 1 if changed else 0
    DATA.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (DATA / name).write_bytes(content)
        print(f"{len(content):>9,} bytes  {hashlib.sha256(content).hexdigest()[:16]}  {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
