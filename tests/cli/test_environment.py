"""Settings from environment variables."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bedside.api.settings import ApiSettings
from bedside.cli.environment import BadSetting, read_settings, variables
from bedside.record.model import Settings


def test_nothing_set_is_the_default() -> None:
    assert read_settings({"PATH": "/bin"}) == (Settings(), ApiSettings())


@pytest.mark.parametrize(
    ("name", "text", "field", "value"),
    [
        ("BEDSIDE_CHECK_STRUCTURE", "false", "check_structure", False),
        ("BEDSIDE_CHECK_REFERENCES", "Off", "check_references", False),
        ("BEDSIDE_UPDATE_CREATES", "0", "update_creates", False),
        ("BEDSIDE_CACHE_MEGABYTES", "16", "cache_megabytes", 16),
    ],
)
def test_settings_of_the_record(name: str, text: str, field: str, value: Any) -> None:
    assert read_settings({name: text})[0] == replace(Settings(), **{field: value})


@pytest.mark.parametrize(
    ("name", "text", "field", "value"),
    [
        ("BEDSIDE_PUBLIC_URL", "https://a.org/fhir", "public_url", "https://a.org/fhir"),
        ("BEDSIDE_PUBLIC_URL", "", "public_url", None),
        ("BEDSIDE_TRUST_FORWARDED", "yes", "trust_forwarded", True),
        ("BEDSIDE_ALLOWED_HOSTS", "a.org, B.org", "allowed_hosts", ("a.org", "b.org")),
        ("BEDSIDE_MAX_BODY", "1000", "max_body", 1000),
        ("BEDSIDE_CONDITIONAL_DELETE", "single", "conditional_delete", "single"),
        ("BEDSIDE_HANDLING", "strict", "handling", "strict"),
    ],
)
def test_settings_of_the_api(name: str, text: str, field: str, value: Any) -> None:
    assert read_settings({name: text})[1] == replace(ApiSettings(), **{field: value})


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("BEDSIDE_CHECK_STRUCTURE", "maybe", "true or false"),
        ("BEDSIDE_THREADS", "0", "above zero"),
        ("BEDSIDE_THREADS", "-1", "above zero"),
        ("BEDSIDE_MAX_BODY", "1e6", "above zero"),
        ("BEDSIDE_HANDLING", "loose", "strict or lenient"),
        ("BEDSIDE_TREADS", "4", "Did you mean BEDSIDE_THREADS?"),
        ("BEDSIDE_XYZZY", "4", "no setting"),
    ],
)
def test_what_is_wrong_is_said(name: str, text: str, said: str) -> None:
    with pytest.raises(BadSetting, match=said.replace("?", r"\?")):
        read_settings({name: text})


def test_every_setting_has_a_variable_of_its_own() -> None:
    fields = len(Settings.__dataclass_fields__) + len(ApiSettings.__dataclass_fields__)
    assert len(variables()) == fields
