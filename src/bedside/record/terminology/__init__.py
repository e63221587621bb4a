"""Terminology from the record: its CodeSystems, ValueSets, ConceptMaps and NamingSystems, with those of R4 behind.

`Terminology` belongs to a record; `current()` gives what holds now, as one state that does not change while a question
uses it. docs/terminology.md tells how it travels.
"""

from bedside.record.terminology.closures import closure
from bedside.record.terminology.state import PathTerminology, QuestionTerminology, State, ValueSet
from bedside.record.terminology.terminology import Provider, Terminology

__all__ = ["PathTerminology", "Provider", "QuestionTerminology", "State", "Terminology", "ValueSet", "closure"]
