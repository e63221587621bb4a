"""The operations of R4's terminology service (https://hl7.org/fhir/R4/terminology-service.html), over the terminology
of the record."""

from bedside.api.terminology.table import OPERATIONS

__all__ = ["OPERATIONS"]
