"""All search expressions and invariants of R4: they parse, check, compile and run, on generated and real resources."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from full_resources import VARIANTS, all_types, full_resource
from suites import suite

from bedside.fhir import json
from bedside.fhir.definitions import (
    Invariant,
    SearchParameter,
    invariants,
    is_subtype,
    search_parameters,
    type_definition,
    type_names,
)
from bedside.questions.check import check_types
from bedside.questions.data import DataNode
from bedside.questions.environment import Environment
from bedside.questions.expression import compile
from bedside.questions.parser import parse
from bedside.questions.printer import show

EXPRESSIONS = [parameter for parameter in search_parameters() if parameter.expression]
INVARIANTS = {(each.key, each.path): each for name in type_names() for each in invariants(name)}.values()


class Nowhere:
    """Follows no reference."""

    def resolve(self, reference: str) -> dict[str, Any] | None:
        return None


ALONE = Environment(references=Nowhere())


def test_there_are_as_many_as_r4_has() -> None:
    assert len(EXPRESSIONS) >= 1_380
    assert len({each.key for each in INVARIANTS}) >= 220


def test_all_print_and_parse_to_the_same_tree() -> None:
    for expression in [*(each.expression for each in EXPRESSIONS), *(each.expression for each in INVARIANTS)]:
        assert expression is not None
        tree = parse(expression)
        assert parse(show(tree)) == tree


def test_search_expressions_pass_the_static_check() -> None:
    """A parameter of several types names them all, so steps from the types it is not asked of do not count."""
    wrong = [
        f"{parameter.code} on {base}: {error}"
        for parameter in EXPRESSIONS
        for base in parameter.base
        for error in check_types(parameter.expression or "", base)
        if not error.problem.startswith("this is asked of a")
    ]
    assert wrong == []


ERRATA = {"cid-0": "R4 gives ChargeItemDefinition an invariant about a name, which it does not have"}


@cache
def context_types(path: str) -> tuple[str, ...]:
    """The types of the element that an invariant is about: `Organization.telecom` is a ContactPoint."""
    try:
        return (type_definition(path).name,)
    except KeyError:
        parent, _, name = path.rpartition(".")
        return type_definition(context_types(parent)[0]).elements[name].types


def test_invariants_pass_the_static_check() -> None:
    """Of a choice element one type is enough: ras-1 is about the Range that may stand in place of a decimal."""
    wrong = [
        f"{each.key} on {each.path}"
        for each in INVARIANTS
        if each.key not in ERRATA and all(check_types(each.expression, type_) for type_ in context_types(each.path))
    ]
    assert wrong == []


@pytest.fixture(scope="module")
def full() -> dict[str, list[dict[str, Any]]]:
    """A dozen variants of every resource type."""
    return {name: [full_resource(name, variant) for variant in range(12)] for name in all_types()}


def test_every_search_expression_finds_something(full: dict[str, list[dict[str, Any]]]) -> None:
    missing = []
    for parameter in EXPRESSIONS:
        for name in _concrete(parameter):
            found = any(_searched(parameter, resource) for resource in full[name])
            # The generated resources have no extensions.
            if not found and "xtension('" not in (parameter.expression or ""):
                missing.append(f"{parameter.code} on {name}: {parameter.expression}")
    assert missing == []


def _concrete(parameter: SearchParameter) -> Iterator[str]:
    """The resource types that a parameter is for; for Resource and DomainResource one that stands for all."""
    for base in parameter.base:
        yield "Observation" if base in ("Resource", "DomainResource") else base


def _searched(parameter: SearchParameter, resource: dict[str, Any]) -> list[Any]:
    assert parameter.expression is not None
    return compile(parameter.expression, as_filters=True).evaluate(resource, environment=ALONE)


def _check_invariants(resource: dict[str, Any]) -> list[str]:
    """The keys of the error invariants that a resource breaks, evaluating all of its type and its elements' types."""
    name = resource["resourceType"]
    root = compile("$this").nodes(resource)[0]
    variables = {"resource": root, "rootResource": root}
    broken = []
    nodes = [root, *compile("descendants()").nodes(resource)]
    for node in nodes:
        for each in _invariants_of(node):
            for context in _contexts(each, node):
                test = compile(each.expression, as_filters=True)
                if test.test(context, variables=variables, environment=ALONE) is False:
                    broken.append(f"{each.key} on {name} ({each.severity})")
    return broken


def _invariants_of(node: Any) -> tuple[Invariant, ...]:
    if not isinstance(node, DataNode) or node.type.kind == "backbone":
        return ()
    return invariants(node.type.name)


def _contexts(each: Invariant, node: DataNode) -> list[Any]:
    """The elements inside a node that an invariant is about."""
    steps = each.path.split(".")[1:]
    if not steps:
        return [node]
    return compile("$this." + ".".join(f"`{step}`" for step in steps)).nodes(node)


def test_invariants_run_on_every_generated_resource(full: dict[str, list[dict[str, Any]]]) -> None:
    """Nonsense data: any answer will do, but each must come without an error."""
    for resources in full.values():
        _check_invariants(resources[0])
        _check_invariants(resources[5])


def synthea(limit: int) -> Iterator[dict[str, Any]]:
    """The resources of the first patients of the Synthea set."""
    with tarfile.open(suite("record") / "synthea-615.tar.xz", "r|xz") as archive:
        for member in archive:
            if member.name.endswith(".json"):
                file = archive.extractfile(member)
                assert file is not None
                yield from (entry["resource"] for entry in json.decode(file.read())["entry"])
                limit -= 1
            if not limit:
                return


def test_search_expressions_and_invariants_hold_on_real_resources() -> None:
    by_type: dict[str, list[dict[str, Any]]] = {}
    for resource in synthea(3):
        by_type.setdefault(resource["resourceType"], []).append(resource)
    assert len(by_type) >= 12
    broken = [problem for group in by_type.values() for each in group[:8] for problem in _check_invariants(each)]
    assert [each for each in broken if each.endswith("(error)")] == []
    for name, group in by_type.items():
        for parameter in EXPRESSIONS:
            if any(is_subtype(name, base) for base in parameter.base):
                for resource in group[:8]:
                    _searched(parameter, resource)


def test_extension_has_a_variant_for_every_type() -> None:
    types = type_definition("Extension").elements["value"].types
    assert len(types) == VARIANTS
    for variant, name in enumerate(types):
        json_name = "value" + name[0].upper() + name[1:]
        node = DataNode(full_resource_part(variant), compile("$this").nodes({"resourceType": "Patient"})[0].type)
        found = compile("extension.value").nodes(node)
        assert [each.type.name for each in found] == [name], json_name


def full_resource_part(variant: int) -> dict[str, Any]:
    """A patient with one extension, whose value has the nth of the types that a value can have."""
    element = type_definition("Extension").elements["value"]
    json_name, type_name = list(element.json_names.items())[variant]
    task = full_resource("Task", variant)
    value = task["input"][0][json_name]
    assert type_name
    return {"resourceType": "Patient", "extension": [{"url": "http://example.org/x", json_name: value}]}
