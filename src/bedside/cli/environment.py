"""Settings from environment variables: `BEDSIDE_` and the name of the setting in capitals.

Every field of the record's and the API's settings has one; docs/settings.md lists them, and a test compares.
"""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Mapping
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from bedside.api.settings import ApiSettings
from bedside.record.model import Settings

T = TypeVar("T")

PREFIX = "BEDSIDE_"
# Variables that are no setting: options of commands, and where the tests find outside data.
OTHERS = frozenset(("BEDSIDE_DATA", "BEDSIDE_DATABASE_URL", "BEDSIDE_SUITES"))
_TRUTH = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


class BadSetting(ValueError):
    """A variable that cannot be read; the message is a sentence for the person who set it."""


def variables() -> dict[str, Any]:
    """Every variable that is a setting, with its type."""
    found = {}
    for settings in (Settings, ApiSettings):
        hints = get_type_hints(settings)
        found.update({PREFIX + field.name.upper(): hints[field.name] for field in dataclasses.fields(settings)})
    return found


def read_settings(environment: Mapping[str, str]) -> tuple[Settings, ApiSettings]:
    """The settings that an environment says. Raises BadSetting for a value that fits not, or an unknown name."""
    known = variables()
    for name in environment:
        if name.startswith(PREFIX) and name not in known and name not in OTHERS:
            near = difflib.get_close_matches(name, known, 1)
            raise BadSetting(f"{name} is no setting of Bedside.{f' Did you mean {near[0]}?' if near else ''}")
    return _read(Settings, environment, known), _read(ApiSettings, environment, known)


def _read(settings: type[T], environment: Mapping[str, str], types: Mapping[str, Any]) -> T:
    values = {}
    for field in dataclasses.fields(settings):  # type: ignore[arg-type]
        name = PREFIX + field.name.upper()
        if name in environment:
            values[field.name] = _value(name, environment[name], types[name])
    return settings(**values)


def _value(name: str, text: str, kind: Any) -> Any:
    if kind is bool:
        if text.lower() not in _TRUTH:
            raise BadSetting(f"{name} must be true or false, not {text!r}.")
        return _TRUTH[text.lower()]
    if kind is int:
        if not (text.isascii() and text.isdigit() and len(text) < 16) or int(text) == 0:
            raise BadSetting(f"{name} must be a number above zero, not {text!r}.")
        return int(text)
    if get_origin(kind) is Literal:
        if text not in get_args(kind):
            raise BadSetting(f"{name} must be {' or '.join(get_args(kind))}, not {text!r}.")
        return text
    if get_origin(kind) is tuple:
        return tuple(part.strip().lower() for part in text.split(",") if part.strip())
    return text or None
