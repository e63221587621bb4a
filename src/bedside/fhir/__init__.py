"""FHIR R4 (4.0.1) as data and types: definitions, exact JSON, dates, checks and references.

No I/O but this package's own data. Start at `definitions` for what a type holds, `json` for reading and
writing, `check` for whether a resource is structurally valid, `references` for what it points to, `dates` for
instants as integers, and `outcome` for errors.
"""
