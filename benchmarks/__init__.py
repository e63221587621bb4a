"""What Bedside is measured with. Every figure in docs/performance.md is written by a command of this package.

`run.py` is the command line; one module per subcommand (`load`, `create`, `read`, `search`, `memory`, `startup`,
`size`, `crash`, `terminology`, `questions`, `fhirpath`; `cql_peers` is `cql`, `cql_cold` is `translate`). Below them:
`http_load` (requests and latencies, in a process of its own), `server` (the server under test and its store), `data`
(the synthea-615 set), `naive` (the baseline), `peers` (other engines, run beside ours), `wire` (a small HTTP client),
`machine` and `report`. Measuring stays on the loopback interface, and every run is bounded in time or count; only what
installs the peers, once, asks npm and PyPI.
"""
