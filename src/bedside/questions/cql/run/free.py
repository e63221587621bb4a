"""Which names of enclosing constructs an expression depends on.

What depends on none has one value in a whole session, so the compiler lets loops and functions compute it once; a
`with` whose source does not depend on the query's items is read once, and so on. Names are told apart by a prefix:
`alias X`, `let X`, `operand X`, and `this`, `index`, `total`.
"""

from __future__ import annotations

from typing import Any

from bedside.questions.cql import tree

NONE: frozenset[str] = frozenset()
_SCOPES = frozenset({"this", "index"})


class FreeNames:
    """Finds and remembers the free names of the nodes of one tree. The tree must be kept alive as long as this."""

    def __init__(self) -> None:
        self._known: dict[int, frozenset[str]] = {}

    def of(self, node: tree.Expression) -> frozenset[str]:
        """The names that the node needs from outside."""
        found = self._known.get(id(node))
        if found is None:
            found = self._known[id(node)] = self._find(node)
        return found

    def _find(self, node: tree.Expression) -> frozenset[str]:
        match node:
            case tree.AliasRef(name=name):
                return frozenset({f"alias {name}"})
            case tree.QueryLetRef(name=name):
                return frozenset({f"let {name}"})
            case tree.OperandRef(name=name):
                return frozenset({f"operand {name}"})
            case tree.Current() | tree.IdentifierRef():
                return frozenset({"this"})
            case tree.Iteration():
                return frozenset({"index"})
            case tree.Total():
                return frozenset({"total"})
            case tree.Query():
                return self._of_query(node)
            case tree.Filter(source=source, condition=inner) | tree.ForEach(source=source, element=inner):
                return self.of(source) | (self.of(inner) - _SCOPES)
            case tree.Repeat(source=source, element=inner):
                return self.of(source) | (self.of(inner) - _SCOPES)
            case tree.AggregateOver(source=source, iteration=inner, initial=initial):
                start = self.of(initial) if initial is not None else NONE
                return self.of(source) | start | (self.of(inner) - _SCOPES - {"total"})
            case tree.Sort(source=source, by=keys):
                return self.of(source) | self._of_keys(keys)
        return self._of_parts(node)

    def _of_parts(self, node: Any) -> frozenset[str]:
        found = NONE
        for name in node.__struct_fields__:
            found |= self._of_value(getattr(node, name))
        return found

    def _of_value(self, value: Any) -> frozenset[str]:
        if isinstance(value, tree.Expression):
            return self.of(value)
        if value.__class__ is tuple:
            found = NONE
            for each in value:
                found |= self._of_value(each)
            return found
        return NONE

    def _of_keys(self, keys: tuple[tree.SortBy, ...]) -> frozenset[str]:
        found = NONE
        for each in keys:
            if each.expression is not None:
                found |= self.of(each.expression)
        return found - _SCOPES

    def _of_query(self, node: tree.Query) -> frozenset[str]:
        found = NONE
        bound: set[str] = set()
        for source in node.sources:
            found |= self.of(source.expression) - bound
            bound.add(f"alias {source.alias}")
        for name, expression in node.lets:
            found |= self.of(expression) - bound
            bound.add(f"let {name}")
        for each in node.relationships:
            found |= self.of(each.source.expression) - bound
            found |= self.of(each.such_that) - bound - {f"alias {each.source.alias}"}
        if node.where is not None:
            found |= self.of(node.where) - bound
        if node.returns is not None:
            found |= self.of(node.returns.expression) - bound
        if node.aggregate is not None:
            found |= self.of(node.aggregate.starting) - bound
            found |= self.of(node.aggregate.expression) - bound - {f"let {node.aggregate.name}"}
        return found | (self._of_keys(node.sort) - bound)
