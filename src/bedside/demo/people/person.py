"""A person, before any illness: who, when, where, with whom. Drawn from the person's own random stream."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from bedside.demo.clock import YEAR, at, day_of, year_of
from bedside.demo.codes import Json
from bedside.demo.people.names import Name, Origin, draw_name, draw_origin
from bedside.demo.people.places import Town, draw_address, draw_town


@dataclass(slots=True)
class Relative:
    """Somebody near a patient: relationship (v3-RoleCode and words), name, sex and phone."""

    code: str
    words: str
    name: Name
    sex: str
    phone: str


@dataclass(slots=True)
class Person:
    """Who somebody is. `birth` and moments are seconds since 1970 (see `clock`)."""

    number: int
    id: str
    sex: str
    birth: int
    name: Name
    origin: Origin
    town: Town
    address: Json
    language: str
    marital: str
    phone: str
    smoking: str
    """`never`, `former` or `current`."""
    relatives: list[Relative] = field(default_factory=list)
    allergies: list[str] = field(default_factory=list)
    maiden: str = ""

    def age(self, moment: int) -> float:
        """Age in years at a moment."""
        return (moment - self.birth) / YEAR


def phone(rng: Random, country: str) -> str:
    """A telephone number that nobody has: the block of zeros is not given out."""
    digits = rng.randrange(10_000)
    return f"+31 6 0000 {digits:04d}" if country == "NL" else f"+32 400 00 {digits // 100:02d} {digits % 100:02d}"


def draw_person(rng: Random, number: int, sex: str, ages: tuple[float, float], until: int) -> Person:
    """A person of this sex whose age at `until` lies in the range."""
    town = draw_town(rng)
    origin = draw_origin(rng, town.country)
    years = rng.uniform(*ages)
    birth = at(day_of(until - int(years * YEAR)), rng.randrange(24), rng.randrange(60))
    name = draw_name(rng, origin, sex, year_of(birth))
    adult = years >= 18
    language = origin.language if years > 50 or (origin.language in ("fr", "en") and adult) else "nl"
    address = draw_address(rng, town)
    since = birth + int(18 * YEAR)
    address["period"] = {"start": str(max(1985, min(year_of(until) - 1, year_of(since) + rng.randrange(14))))}
    person = Person(
        number=number,
        id=f"pat-{number:06d}",
        sex=sex,
        birth=birth,
        name=name,
        origin=origin,
        town=town,
        address=address,
        language=language,
        marital=_marital(rng, years),
        phone=phone(rng, town.country),
        smoking=_smoking(rng, years, sex),
        allergies=_allergies(rng),
    )
    _relatives(rng, person, years)
    if sex == "female" and years > 45 and person.marital in ("M", "W") and rng.random() < 0.6:
        person.maiden = draw_name(rng, origin, sex, year_of(birth)).family
    return person


def _marital(rng: Random, years: float) -> str:
    if years < 22:
        return "S"
    if years > 74 and rng.random() < (years - 65) / 45:
        return "W"
    return rng.choices(("M", "S", "D", "T"), (0.55, 0.22, 0.13, 0.10))[0]


def _smoking(rng: Random, years: float, sex: str) -> str:
    if years < 15:
        return "never"
    former = 0.45 if years > 55 else 0.2
    current = 0.12 if years > 70 else 0.2 if sex == "male" else 0.16
    draw = rng.random()
    return "current" if draw < current else "former" if draw < current + former else "never"


def _allergies(rng: Random) -> list[str]:
    found = []
    for key, share in (
        ("penicillin", 0.07),
        ("nsaid", 0.015),
        ("sulfonamide", 0.015),
        ("contrast", 0.012),
        ("latex", 0.008),
        ("nuts", 0.015),
        ("wasp", 0.01),
        ("pollen", 0.05),
        ("dust-mite", 0.03),
        ("egg", 0.006),
    ):
        if rng.random() < share:
            found.append(key)
    return found


def _relative(rng: Random, person: Person, code: str, words: str, sex: str, years: float, family: str) -> Relative:
    birth_year = year_of(person.birth - int(years * YEAR))
    name = draw_name(rng, person.origin, sex, birth_year)
    return Relative(
        code, words, Name(name.given, name.second, family or name.family), sex, phone(rng, person.town.country)
    )


def _relatives(rng: Random, person: Person, years: float) -> None:
    own = person.name.family
    if years < 18:
        person.relatives.append(
            _relative(rng, person, "MTH", "mother", "female", rng.uniform(21, 40), "" if rng.random() < 0.6 else own)
        )
        if rng.random() < 0.85:
            person.relatives.append(_relative(rng, person, "FTH", "father", "male", rng.uniform(23, 44), own))
        return
    if person.marital in ("M", "T"):
        sex = "male" if (person.sex == "female") == (rng.random() < 0.95) else "female"
        code = "HUSB" if sex == "male" else "WIFE"
        code, words = (
            (code, "husband" if sex == "male" else "wife") if person.marital == "M" else ("DOMPART", "partner")
        )
        person.relatives.append(_relative(rng, person, code, words, sex, rng.uniform(-5, 5), ""))
    if years > 45 and rng.random() < 0.75:
        sex = rng.choice(("male", "female"))
        code, words = ("SON", "son") if sex == "male" else ("DAU", "daughter")
        person.relatives.append(
            _relative(rng, person, code, words, sex, -rng.uniform(20, 36), own if person.sex == "male" else "")
        )
    if not person.relatives and rng.random() < 0.7:
        if years < 45:
            person.relatives.append(_relative(rng, person, "MTH", "mother", "female", rng.uniform(22, 36), ""))
        else:
            sex = rng.choice(("male", "female"))
            code, words = ("BRO", "brother") if sex == "male" else ("SIS", "sister")
            person.relatives.append(_relative(rng, person, code, words, sex, rng.uniform(-8, 8), own))
