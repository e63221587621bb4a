"""FHIR search over the index tables (https://hl7.org/fhir/R4/search.html); docs/search.md tells how one travels.

`parse` reads the parameters of a request into a `Search`, knowing no database; `run` answers it on a session.
"""

from bedside.record.search.context import Lookups
from bedside.record.search.everything import everything
from bedside.record.search.model import Search
from bedside.record.search.query import CURSOR, parse
from bedside.record.search.run import explain, find_rids, run

__all__ = ["CURSOR", "Lookups", "Search", "everything", "explain", "find_rids", "parse", "run"]
