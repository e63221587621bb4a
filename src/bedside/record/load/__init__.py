"""Loading what other systems export: NDJSON, bundles, folders and archives of them, by all cores, resumably."""

from bedside.record.load.load import Progress, Report, load
from bedside.record.load.rejects import Reject

__all__ = ["Progress", "Reject", "Report", "load"]
