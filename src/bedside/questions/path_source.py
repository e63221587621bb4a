"""A path from a known type as Python source: one function with a loop for every element that repeats.

`path.make_plan` does the same with a closure for each step, handles every shape that JSON may have, and is the
reference. Generated functions take the usual shapes straight (a list where the element repeats, an object where it
does not, no shadows) and hand whatever is unusual to those closures. Making one takes a third of a millisecond, which
is worth it only for a path that is walked often (`path.WARM`).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from bedside.questions.data import Collection, DataNode
from bedside.questions.model import Member, Type
from bedside.questions.path import Plan, follow, make_plan, nowhere

MAX_CHOICES = 12
"""Choices of more types than this (only those of extensions and their kin) are left to the closures."""


@lru_cache(maxsize=8192)
def generated(type_: Type, names: tuple[str, ...], *, plain: bool) -> Plan:
    """The walk from an object of a type along the names. With `plain` it gives JSON values and not nodes."""
    reference = make_plan(type_, names)
    if reference is nowhere:
        return nowhere
    if not names or type_.is_primitive or type_.is_any_resource or type_.namespace != "FHIR":
        return plainly(reference) if plain else reference
    writer = _Writer(plain)
    writer.step("value", type_, names, 1)
    source = "\n".join(["def plan(value, shadow, found):", *writer.lines])
    exec(compile(source, f"<path {'.'.join(names)} of {type_.name}>", "exec"), writer.known)
    plan: Plan = writer.known["plan"]
    return plan


def plainly(plan: Plan) -> Plan:
    """The same walk, without nodes around what it finds."""

    def plain(value: Any, shadow: Any, found: Collection) -> None:
        nodes: Collection = []
        plan(value, shadow, nodes)
        found.extend([each.value if each.__class__ is DataNode else each for each in nodes])

    return plain


class _Writer:
    """Writes the body of one function. `known` are the names that it uses; no text of the expression gets into it but
    names of elements, which are R4's own.
    """

    def __init__(self, plain: bool) -> None:
        self.plain = plain
        self.lines: list[str] = []
        self.known: dict[str, Any] = {"DataNode": DataNode}
        self.count = 0

    def name(self, value: Any = None) -> str:
        """A fresh name, of a local variable or for something that the function refers to."""
        self.count += 1
        name = f"x{self.count}"
        if value is not None:
            self.known[name] = value
        return name

    def line(self, depth: int, text: str) -> None:
        self.lines.append("    " * depth + text)

    def step(self, of: str, type_: Type, names: tuple[str, ...], depth: int) -> None:
        """From the object in the variable `of` along the names."""
        member = type_.members.get(names[0])
        rest = names[1:]
        live = [] if member is None else [each for each in member.choices if follow(*each, rest) is not nowhere]
        if member is None or not live:
            self.line(depth, "pass")
        elif len(member.choices) == 1:
            self.property(of, *live[0], member, rest, depth)
        elif len(live) > MAX_CHOICES:
            self.call(of, make_plan(type_, names), depth)
        else:
            word = "if"
            for json, child in live:
                shadow = f' or "_{json}" in {of}' if child.is_primitive else ""
                self.line(depth, f'{word} "{json}" in {of}{shadow}:')
                self.property(of, json, child, member, rest, depth + 1)
                word = "elif"

    def call(self, of: str, plan: Plan, depth: int) -> None:
        self.line(depth, f"{self.name(plainly(plan) if self.plain else plan)}({of}, None, found)")

    def property(self, of: str, json: str, child: Type, member: Member, rest: tuple[str, ...], depth: int) -> None:
        if child.is_any_resource or (rest and child.is_primitive):
            self.call(of, follow(json, child, rest), depth)
            return
        held = self.name()
        self.line(depth, f'{held} = {of}.get("{json}")')
        if child.namespace == "System":
            self.line(depth, f"if {held} is not None: found.append({held})")
        elif child.is_primitive:
            self.primitive(of, held, json, child, member, depth)
        else:
            self.complex(held, child, member, rest, depth)

    def item(self, of: str, type_: Type) -> str:
        return of if self.plain else f"DataNode({of}, {self.name(type_)})"

    def primitive(self, of: str, held: str, json: str, child: Type, member: Member, depth: int) -> None:
        each = self.name()
        self.line(depth, f'if "_{json}" in {of}:')
        self.call(of, follow(json, child, ()), depth + 1)
        many = (
            f"if {held}.__class__ is list:",
            f"found.extend([{self.item(each, child)} for {each} in {held} if {each} is not None])",
        )
        one = (f"if {held} is not None:", f"found.append({self.item(held, child)})")
        if not member.many:
            many = (f"if {held}.__class__ is list:", many[1])
        self.line(depth, "el" + many[0])
        self.line(depth + 1, many[1])
        self.line(depth, "el" + one[0])
        self.line(depth + 1, one[1])

    def complex(self, held: str, child: Type, member: Member, rest: tuple[str, ...], depth: int) -> None:
        each = self.name()
        if not rest:
            self.line(depth, f"if {held}.__class__ is dict: found.append({self.item(held, child)})")
            self.line(depth, f"elif {held}.__class__ is list:")
            kept = f"[{self.item(each, child)} for {each} in {held} if {each}.__class__ is dict]"
            self.line(depth + 1, f"found.extend({kept})")
            return
        one, many = f"if {held}.__class__ is dict:", f"if {held}.__class__ is list:"
        if member.many:
            self.line(depth, many)
            self.line(depth + 1, f"for {each} in {held}:")
            self.line(depth + 2, f"if {each}.__class__ is dict:")
            self.step(each, child, rest, depth + 3)
            self.line(depth, "el" + one)
            self.call(held, make_plan(child, rest), depth + 1)
        else:
            self.line(depth, one)
            self.step(held, child, rest, depth + 1)
            self.line(depth, "el" + many)
            self.line(depth + 1, f"for {each} in {held}:")
            self.line(depth + 2, f"if {each}.__class__ is dict:")
            self.call(each, make_plan(child, rest), depth + 3)
