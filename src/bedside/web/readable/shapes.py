"""What a template can draw: the few shapes that all FHIR data types are reduced to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from bedside.web.locale import Moment

Level = Literal["normal", "attention", "danger"]


@dataclass(frozen=True, slots=True)
class Flag:
    """How a value compares with what is normal. Never colour alone: an arrow, and a word."""

    arrow: str
    """`↑`, `↓`, doubled when critical; `!` when only "abnormal" is known."""
    word: str
    level: Level


@dataclass(frozen=True, slots=True)
class Text:
    """Words on one line."""

    text: str
    foreign: bool = False
    """Left in English because the reader's language has no word for it."""
    kind: ClassVar[str] = "text"


@dataclass(frozen=True, slots=True)
class Prose:
    """Several lines as they were written, or narrative already reduced to safe markup."""

    text: str
    markup: bool = False
    kind: ClassVar[str] = "prose"


@dataclass(frozen=True, slots=True)
class Exact:
    """Characters that must be read one by one: identifiers, addresses of systems, hashes."""

    text: str
    kind: ClassVar[str] = "exact"


@dataclass(frozen=True, slots=True)
class When:
    """A date or time."""

    moment: Moment
    note: str = ""
    """What follows it, such as an age."""
    kind: ClassVar[str] = "when"


@dataclass(frozen=True, slots=True)
class During:
    """A period; an end that is missing is open."""

    start: Moment | None
    end: Moment | None
    kind: ClassVar[str] = "during"


@dataclass(frozen=True, slots=True)
class Code:
    """One code with the name of its system, as it shows behind the words."""

    code: str
    system: str
    """Short name when we know it (`LOINC`), else the address."""
    address: str
    display: str
    version: str


@dataclass(frozen=True, slots=True)
class Coded:
    """Words, with the codes that they stand for one click away."""

    text: str
    codes: tuple[Code, ...]
    foreign: bool = False
    kind: ClassVar[str] = "coded"


@dataclass(frozen=True, slots=True)
class Measure:
    """A number with its unit; the number keeps the digits it was written with."""

    number: str
    unit: str
    code: Code | None = None
    flag: Flag | None = None
    kind: ClassVar[str] = "measure"


@dataclass(frozen=True, slots=True)
class Between:
    """A range, a ratio, or anything else of two values with a sign between them."""

    low: Measure | None
    high: Measure | None
    sign: str
    kind: ClassVar[str] = "between"


@dataclass(frozen=True, slots=True)
class Link:
    """A way to another resource of this record, or the address of something that is not here."""

    text: str
    href: str | None
    note: str = ""
    """The type of what is linked to."""
    kind: ClassVar[str] = "link"


@dataclass(frozen=True, slots=True)
class Missing:
    """A value that is not there, and why."""

    reason: str
    kind: ClassVar[str] = "missing"


@dataclass(frozen=True, slots=True)
class Group:
    """Several named values that belong together."""

    fields: tuple[Field, ...]
    title: str = ""
    kind: ClassVar[str] = "group"


@dataclass(frozen=True, slots=True)
class Column:
    """The head of a column; numbers are set to the right."""

    label: str
    name: str
    foreign: bool
    numbers: bool


@dataclass(frozen=True, slots=True)
class Table:
    """Several small groups of the same few elements: one line each."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Value | None, ...], ...]
    kind: ClassVar[str] = "table"


Value = Text | Prose | Exact | When | During | Coded | Measure | Between | Link | Missing | Group | Table


@dataclass(frozen=True, slots=True)
class Field:
    """One element: its name in words, its name in FHIR, and its values."""

    label: str
    name: str
    values: tuple[Value, ...]
    foreign: bool = False
    """The label is English on a page in another language."""
    source: str = ""
    """For an extension, the address that defines it."""

    @property
    def groups(self) -> bool:
        return any(isinstance(value, Group | Table) for value in self.values)


@dataclass(frozen=True, slots=True)
class Title:
    """The line by which a person recognises a resource."""

    type: str
    """The type's code: `MedicationRequest`."""
    kind: str
    """The type in words: `Medication request`."""
    text: str
    value: Value | None = None
    normal: str = ""
    """The reference range of the value, in its unit: `3.5–5.0`."""
    when: Moment | None = None
    status: Text | None = None
    about: Link | None = None
    """Whom or what it is about."""
    details: tuple[Text | When, ...] = ()
