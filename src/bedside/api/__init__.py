"""The FHIR R4 REST face of the record (https://hl7.org/fhir/R4/http.html): one interaction, one module.

`dispatcher` takes a request from the ASGI server to the interaction that `interactions` names for its place and
method, and the reply back; `batch` sends the entries of a bundle through the same dispatch. An interaction is a
function `(service, request) -> reply`; it knows no socket.
"""
