"""Terminology: what the codes in the record mean.

Code systems, value sets and concept maps will live here. The first resident is `bedside.terms.ucum`, which
reads units of measure (UCUM, case-sensitive), brings quantities to base units for search, and converts and
compares them exactly. This room imports nothing but `bedside.fhir`.
"""
