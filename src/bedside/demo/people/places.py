"""Where people live: towns on both sides of the border, with streets that every town has."""

from __future__ import annotations

from random import Random
from typing import NamedTuple

from bedside.demo.codes import Json


class Town(NamedTuple):
    """A town, its postcode (a Dutch one gets two letters), country, region and weight in the catchment area."""

    name: str
    postcode: str
    country: str
    region: str
    weight: int
    latitude: str
    longitude: str


TOWNS: tuple[Town, ...] = (
    Town("Terneuzen", "4531", "NL", "Zeeland", 20, "51.336", "3.828"),
    Town("Hulst", "4561", "NL", "Zeeland", 9, "51.280", "4.053"),
    Town("Sas van Gent", "4551", "NL", "Zeeland", 6, "51.227", "3.798"),
    Town("Oostburg", "4501", "NL", "Zeeland", 5, "51.326", "3.488"),
    Town("Vlissingen", "4381", "NL", "Zeeland", 12, "51.442", "3.573"),
    Town("Middelburg", "4331", "NL", "Zeeland", 14, "51.499", "3.614"),
    Town("Goes", "4461", "NL", "Zeeland", 12, "51.504", "3.889"),
    Town("Zierikzee", "4301", "NL", "Zeeland", 4, "51.650", "3.917"),
    Town("Bergen op Zoom", "4611", "NL", "Noord-Brabant", 10, "51.495", "4.288"),
    Town("Roosendaal", "4701", "NL", "Noord-Brabant", 6, "51.531", "4.465"),
    Town("Breda", "4811", "NL", "Noord-Brabant", 4, "51.589", "4.776"),
    Town("Gent", "9000", "BE", "Oost-Vlaanderen", 22, "51.054", "3.725"),
    Town("Eeklo", "9900", "BE", "Oost-Vlaanderen", 7, "51.187", "3.556"),
    Town("Zelzate", "9060", "BE", "Oost-Vlaanderen", 7, "51.198", "3.812"),
    Town("Sint-Niklaas", "9100", "BE", "Oost-Vlaanderen", 9, "51.166", "4.143"),
    Town("Lokeren", "9160", "BE", "Oost-Vlaanderen", 4, "51.103", "3.992"),
    Town("Knokke-Heist", "8300", "BE", "West-Vlaanderen", 6, "51.351", "3.287"),
    Town("Brugge", "8000", "BE", "West-Vlaanderen", 9, "51.209", "3.225"),
    Town("Antwerpen", "2000", "BE", "Antwerpen", 7, "51.219", "4.402"),
)
_DUTCH = [
    "Dorpsstraat",
    "Kerkstraat",
    "Molenweg",
    "Schoolstraat",
    "Havenkade",
    "Oranjelaan",
    "Beatrixstraat",
    "Zeedijk",
    "Lindelaan",
    "Noordstraat",
    "Polderweg",
    "Scheldekade",
    "Vlasstraat",
    "Westsingel",
    "Burgemeesterslaan",
    "Duinweg",
]
_BELGIAN = [
    "Kerkstraat",
    "Stationsstraat",
    "Molenstraat",
    "Kapelstraat",
    "Nieuwstraat",
    "Veldstraat",
    "Kasteellaan",
    "Bloemenlaan",
    "Dorpsplein",
    "Sint-Jansstraat",
    "Meersstraat",
    "Processiestraat",
    "Leeuwstraat",
    "Eikenlaan",
    "Kanaaldijk",
]
_LETTERS = "ABCDEGHJKLMNPRSTVWXZ"


def draw_town(rng: Random) -> Town:
    """A town, by its weight."""
    return rng.choices(TOWNS, [town.weight for town in TOWNS])[0]


def draw_address(rng: Random, town: Town) -> Json:
    """An Address in that town; street and number are invented."""
    if town.country == "NL":
        street = rng.choice(_DUTCH)
        postcode = f"{int(town.postcode) + rng.randrange(8)} {rng.choice(_LETTERS)}{rng.choice(_LETTERS)}"
    else:
        street, postcode = rng.choice(_BELGIAN), town.postcode
    line = f"{street} {rng.randrange(1, 180)}{rng.choice(('', '', '', '', 'a', 'b'))}"
    return {
        "use": "home",
        "type": "both",
        "text": f"{line}, {postcode} {town.name}",
        "line": [line],
        "city": town.name,
        "state": town.region,
        "postalCode": postcode,
        "country": town.country,
    }
