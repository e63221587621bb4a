"""The typer: what a library says -> what it means, with every type known and every error told (CQL 1.5.3).

>>> from bedside.questions.cql.typer import translate
>>> translate("define Answer: 40 + 2").library.expressions["Answer"].expression.type
NamedType(namespace='System', name='Integer')
"""

from __future__ import annotations

from bedside.questions.cql.typer import (  # noqa: F401  (each enters its nodes)
    conditionals,
    functions,
    literals,
    names,
    operators,
    properties,
    queries,
    retrieve,
    timing,
)
from bedside.questions.cql.typer.cache import Kept
from bedside.questions.cql.typer.library import Sources, Translation, translate

__all__ = ["Kept", "Sources", "Translation", "translate"]
