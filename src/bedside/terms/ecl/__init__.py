"""The Expression Constraint Language of SNOMED CT, 2.2 (https://docs.snomed.org): which concepts are meant.

`parse` gives the tree of a text, `evaluate` the concepts of it in an edition that is known through a protocol
(`ontology.Ontology`), so that it may lie in tables, in memory, or behind a test.
"""

from bedside.terms.ecl.errors import EclError, EclUnsupported
from bedside.terms.ecl.evaluate import evaluate
from bedside.terms.ecl.ontology import Description, Ontology
from bedside.terms.ecl.parser import parse

__all__ = ["Description", "EclError", "EclUnsupported", "Ontology", "evaluate", "parse"]
