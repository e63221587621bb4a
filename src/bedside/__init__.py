"""Bedside: the open working system of a university medical centre, on one FHIR R4 record."""
