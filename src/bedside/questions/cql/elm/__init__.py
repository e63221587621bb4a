"""The typed tree as ELM JSON, HL7's Expression Logical Model release 1 (https://cql.hl7.org/elm.html).

>>> from bedside.questions.cql.typer import translate
>>> to_elm(translate("define Answer: 42").library)["library"]["statements"]["def"][0]["expression"]
{'type': 'Literal', 'valueType': '{urn:hl7-org:elm-types:r1}Integer', 'value': '42'}
"""

from __future__ import annotations

from bedside.questions.cql.elm.library import Options, to_elm

__all__ = ["Options", "to_elm"]
