"""Consent: what patients decided about their data, from FHIR R4 Consent resources to an answer for one request.

`read` makes a Consent a value, `broad` reads the German broad consent into the same value, `evaluate` says what
many of them mean together, `therapeutic` and `proxy` hold what is particular to those two uses.
"""
