"""Around the hospital: partner hospitals near and far, general practices, insurers. All of them are invented."""

from __future__ import annotations

from random import Random
from typing import NamedTuple

from bedside.demo.codes import BASE, HL7, TAG, Json, coding, concept
from bedside.demo.hospital.staff import FUNCTIONS, Employee
from bedside.demo.people.names import draw_name, draw_origin


class Partner(NamedTuple):
    """A hospital that refers to UMC Scheldemond or takes patients back."""

    key: str
    name: str
    city: str
    country: str
    kind: str
    speaks: str


class Practice(NamedTuple):
    """A general practice with its one doctor."""

    key: str
    name: str
    town: str
    country: str
    doctor: Employee


class Insurer(NamedTuple):
    """Who pays: a Dutch health insurer or a Belgian mutual fund."""

    key: str
    name: str
    country: str


PARTNERS: tuple[Partner, ...] = (
    Partner("zwin", "Streekziekenhuis Het Zwin", "Oostburg", "NL", "general hospital", "nl"),
    Partner("oosterschelde", "Ziekenhuis Oosterschelde", "Goes", "NL", "general hospital", "nl"),
    Partner("walcheren", "Gasthuis Walcheren", "Middelburg", "NL", "general hospital", "nl"),
    Partner("sint-amelberga", "AZ Sint-Amelberga", "Gent", "BE", "general hospital", "nl"),
    Partner("meetjesland", "AZ Meetjesland-Noord", "Eeklo", "BE", "general hospital", "nl"),
    Partner("revalidatie", "Revalidatiecentrum De Kreek", "Terneuzen", "NL", "rehabilitation centre", "nl"),
    Partner("rivierenhof", "Verpleeghuis Rivierenhof", "Hulst", "NL", "nursing home", "nl"),
    Partner("niederrhein", "Klinikum am Niederrhein", "Kleve", "DE", "university hospital", "de"),
    Partner("haute-lys", "CHU de la Haute-Lys", "Lille", "FR", "university hospital", "fr"),
    Partner("wanica", "Streekhospitaal Wanica", "Lelydorp", "SR", "general hospital", "nl"),
)

INSURERS: tuple[Insurer, ...] = (
    Insurer("zeepolis", "ZeePolis Zorgverzekeringen (fictief)", "NL"),
    Insurer("deltazorg", "DeltaZorg Onderlinge (fictief)", "NL"),
    Insurer("lage-landen", "Waarborg Lage Landen (fictief)", "NL"),
    Insurer("mutualiteit", "Mutualiteit Meetjesland (fictief)", "BE"),
    Insurer("ziekenfonds", "Ziekenfonds De Reinaert (fictief)", "BE"),
)

_PRACTICES = (
    ("De Vlasbloem", "Terneuzen", "NL"), ("Havenzicht", "Terneuzen", "NL"), ("De Schans", "Hulst", "NL"),
    ("Aan de Kreek", "Sas van Gent", "NL"), ("Het Roosje", "Vlissingen", "NL"), ("De Veste", "Middelburg", "NL"),
    ("Ganzepoort", "Goes", "NL"), ("De Markiezaten", "Bergen op Zoom", "NL"), ("De Spil", "Gent", "BE"),
    ("Ter Leie", "Gent", "BE"), ("Kanaalzone", "Zelzate", "BE"), ("De Wase Linde", "Sint-Niklaas", "BE"),
    ("Zeewind", "Knokke-Heist", "BE"), ("De Halve Maan", "Brugge", "BE"),
)  # fmt: skip

_KIND = HL7 + "organization-type"


def practices(seed: int) -> list[Practice]:
    """The general practices of the region, each with a doctor."""
    rng = Random(f"{seed}/practices")
    found = []
    for number, (name, town, country) in enumerate(_PRACTICES, 1):
        sex = rng.choice(("male", "female"))
        doctor = draw_name(rng, draw_origin(rng, country), sex, rng.randint(1962, 1992))
        key = f"gp-{number:02d}"
        found.append(
            Practice(
                key,
                f"{'Huisartsenpraktijk' if country == 'NL' else 'Groepspraktijk'} {name}",
                town,
                country,
                Employee(f"prac-{key}", f"role-{key}", "gp", key, doctor, sex, "dr."),
            )
        )
    return found


def _organization(key: str, kind: tuple[str, str], name: str, words: str = "") -> Json:
    return {
        "resourceType": "Organization",
        "id": f"org-{key}",
        "meta": TAG,
        "identifier": [{"system": f"{BASE}/id/organization", "value": key}],
        "active": True,
        "type": [concept(words or kind[1], coding(_KIND, *kind))],
        "name": name,
    }


def partner_resources(partner: Partner) -> list[Json]:
    """The Organization, Location and Endpoint of a partner hospital."""
    organization = _organization(partner.key, ("prov", "Healthcare Provider"), partner.name, partner.kind.capitalize())
    address = {"city": partner.city, "country": partner.country}
    organization["address"] = [address]
    organization["endpoint"] = [{"reference": f"Endpoint/endpoint-{partner.key}"}]
    endpoint: Json = {
        "resourceType": "Endpoint",
        "id": f"endpoint-{partner.key}",
        "meta": TAG,
        "status": "active",
        "connectionType": coding(HL7 + "endpoint-connection-type", "hl7-fhir-rest", "HL7 FHIR"),
        "name": f"FHIR address of {partner.name}",
        "payloadType": [concept("Any", coding(HL7 + "endpoint-payload-type", "any", "Any"))],
        "payloadMimeType": ["application/fhir+json"],
        "address": f"https://{partner.key}.example/fhir",
    }
    location: Json = {
        "resourceType": "Location",
        "id": f"site-{partner.key}",
        "meta": TAG,
        "status": "active",
        "name": partner.name,
        "mode": "instance",
        "type": [concept("Hospital", coding(HL7 + "v3-RoleCode", "HOSP", "Hospital"))],
        "address": address,
        "managingOrganization": {"reference": f"Organization/org-{partner.key}"},
    }
    return [endpoint, organization, location]


def practice_resources(practice: Practice) -> list[Json]:
    """The Organization of a general practice, and its doctor."""
    organization = _organization(practice.key, ("prov", "Healthcare Provider"), practice.name, "General practice")
    organization["address"] = [{"city": practice.town, "country": practice.country}]
    doctor = practice.doctor
    practitioner: Json = {
        "resourceType": "Practitioner",
        "id": doctor.id,
        "meta": TAG,
        "active": True,
        "name": [
            {
                "use": "official",
                "text": f"dr. {doctor.name.full}",
                "family": doctor.name.family,
                "given": [doctor.name.given],
                "prefix": ["dr."],
            }
        ],
        "gender": doctor.sex,
    }
    role: Json = {
        "resourceType": "PractitionerRole",
        "id": doctor.role_id,
        "meta": TAG,
        "active": True,
        "practitioner": doctor.reference,
        "organization": {"reference": f"Organization/org-{practice.key}"},
        "code": [FUNCTIONS["gp"]],
    }
    return [organization, practitioner, role]


def insurer_resources() -> list[Json]:
    """The Organizations of the insurers."""
    return [_organization(i.key, ("ins", "Insurance Company"), i.name) for i in INSURERS]
