"""The operators of CQL, one file a family. Each overload is a plain function of values, entered with its signature.

    @operator("Add", "(Integer, Integer) Integer", clause="16.3")
    def add_integers(left: int, right: int) -> int | None: ...

The typer chooses among `OVERLOADS[name]` by the types of the operands; the interpreter calls what was chosen.
Clauses are those of CQL 1.5.3, appendix B (https://cql.hl7.org/09-b-cqlreference.html).
"""
