"""Terminology: what the codes in the record mean.

Code systems, value sets and concept maps as values, and the engine that asks them: members, expansion, validation,
subsumption, translation. `bedside.terms.ucum` reads units of measure. This room imports nothing but `bedside.fhir` and
does no I/O but for its own package data: who calls it hands in a `Source` that finds what a canonical URL stands for.
Begin with `systems.py` (what a code system is), then `members.py` and `compose.py` (what a value set is).
"""
