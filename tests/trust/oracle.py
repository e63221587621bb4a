"""Who may see what, said again from the rules and straight from the JSON, slowly and without the code under test.

Only dates are read with the project's own reader. Where the policy is a choice of ours, the rule is in a comment.
"""

from __future__ import annotations

from typing import Any

from bedside.fhir import dates

Resource = dict[str, Any]
DAY = 86_400_000_000
MINE = {
    "Observation": ["subject", "performer"], "Condition": ["subject"], "Specimen": ["subject"],
    "Coverage": ["beneficiary"], "Task": ["for"],
}  # fmt: skip
UP = {
    "ETREAT": "TREAT", "BTG": "ETREAT", "FAMRQT": "PATRQT", "PWATRNY": "PATRQT", "SUPNWK": "PATRQT",
    "BIORCH": "HRESCH", "CLINTRCH": "HRESCH",
}  # fmt: skip
LEVELS = ["U", "L", "M", "N", "R", "V"]
DOCTOR, NURSE, PHARMACIST = "doctor", "nurse", "pharmacist"


def up(purpose: str) -> list[str]:
    return [purpose, *(up(UP[purpose]) if purpose in UP else [])]


def patients(resource: Resource) -> list[str]:
    if resource["resourceType"] == "Patient":
        return ["Patient/" + resource["id"]]
    found = []
    for name in MINE.get(resource["resourceType"], []):
        value = resource.get(name)
        for each in value if isinstance(value, list) else [value]:
            if each and "/Patient/" in each.get("reference", "//Patient/"):
                found.append("elsewhere")  # nobody of this record, or nobody knows
            elif each and each["reference"].startswith("Patient/"):
                found.append(each["reference"])
    return found


def when(resource: Resource) -> tuple[int, int] | None:
    text = resource.get("effectiveDateTime") or resource.get("recordedDate")
    text = text or resource.get("collection", {}).get("collectedDateTime")
    return dates.interval(text) if text else None


def labels(resource: Resource) -> list[tuple[str, str]]:
    return [(s["system"].rsplit("/", 1)[1], s["code"]) for s in resource.get("meta", {}).get("security", [])]


def span(period: Resource | None) -> tuple[int, int]:
    period = period or {}
    low = dates.interval(period["start"])[0] if "start" in period else dates.MIN
    return low, dates.interval(period["end"])[1] if "end" in period else dates.MAX


class Oracle:
    def __init__(self, now: int, actor: Any, purpose: str, action: str, world: Any) -> None:
        self.now, self.actor, self.purpose, self.action, self.world = now, actor, purpose, action, world
        self.me = [actor.reference, *actor.also]
        self.roles = {role.rpartition("|")[2] for role in actor.roles}

    def sees(self, resource: Resource) -> bool:
        about = patients(resource)
        if not about:
            looking = self.action in ("access", "use", "disclose") or self.actor.kind == "system"
            return resource["resourceType"] == "Organization" and looking
        return all(self.sees_of(patient, resource) for patient in about)

    def sees_of(self, patient: str, resource: Resource) -> bool:
        if patient == "elsewhere":
            return False
        kind, told = self.actor.kind, ("v3-ActCode", "NOPAT") not in labels(resource)
        if kind == "practitioner":
            return self.treating(patient, resource)
        if kind == "patient":
            mine = patient == self.actor.reference and "PATRQT" in up(self.purpose)
            return mine and self.action in ("access", "disclose") and told
        if kind == "proxy":
            asked = "PATRQT" in up(self.purpose) and self.action == "access"
            return asked and told and self.granted(patient, resource)
        if kind == "researcher":
            if "HRESCH" not in up(self.purpose) or self.action not in ("access", "use"):
                return False
            return any(self.permitted(permit, patient, resource) for permit in self.world.permits)
        return False

    # care

    def treating(self, patient: str, resource: Resource) -> bool:
        if "TREAT" not in up(self.purpose) or self.actor.person == patient:
            return False
        ours = [
            c for c in self.consents(patient, "patient-privacy") if not self.category(c, "therapeutic-relationship")
        ]
        direct = self.relations(patient)
        if direct is not None and self.may_see_labels(resource, direct):
            said = self.newest(ours, self.purpose, resource, "")
            if said != "deny":
                return True
        return self.glass(patient) and self.newest(ours, "BTG", resource, "purpose") != "deny"

    def glass(self, patient: str) -> bool:
        return any(
            g.actor == self.actor.reference and g.patient == patient and g.reason.strip() != ""
            and g.opened <= self.now < g.until and self.now < g.opened + 4 * 3_600_000_000
            for g in self.world.glasses
        )  # fmt: skip

    def relations(self, patient: str) -> bool | None:
        """None without a relation; else whether one names the person."""
        names = []
        for r in self.world.relations:
            found = self.window(r)
            if found and found[0] == patient and found[1] in self.me and found[2] <= self.now < found[3]:
                names.append(found[1])
        for c in self.consents(patient, "patient-privacy"):
            root = c.get("provision", {})
            if not self.category(c, "therapeutic-relationship") or "modifierExtension" in c or "dateTime" not in c:
                continue
            if self.kind(root, c, True) == "permit" and self.in_time(root):
                for a in root.get("actor", []):
                    reference = a.get("reference", {}).get("reference")
                    if a["role"]["coding"][0]["code"] != "CST" and reference in self.me:
                        names.append(reference)
        return any(n.startswith("Practitioner") for n in names) if names else None

    def window(self, r: Resource) -> tuple[str, str, int, int] | None:
        kind, status = r["resourceType"], r["status"]
        if kind in ("Encounter", "CareTeam"):
            low, high = span(r["period"])
            ended = "end" in r["period"]
            if kind == "Encounter":
                who, after = r["participant"][0]["individual"], 90
                if status not in ("in-progress", "finished"):
                    return None
                if status == "finished" and not ended:
                    high = dates.interval(r["period"]["start"])[1]
            else:
                who, after = r["participant"][0]["member"], 30
                if status == "proposed" or (status == "inactive" and not ended):
                    return None
            return r["subject"]["reference"], who["reference"], low, high + after * DAY
        if kind == "Appointment":
            if status == "cancelled":
                return None
            low, high = dates.interval(r["start"])
            patient, who = (p["actor"]["reference"] for p in r["participant"])
            return patient, who, low - 14 * DAY, high + 30 * DAY
        if status not in ("active", "accepted", "completed"):
            return None
        low, high = dates.interval(r["authoredOn"])
        if status != "completed":
            high = low + 365 * DAY
        who = r["owner"] if kind == "Task" else r["performer"][0]
        return (r.get("for") or r["subject"])["reference"], who["reference"], low, high + 30 * DAY

    def may_see_labels(self, resource: Resource, direct: bool) -> bool:
        for system, label in labels(resource):
            if system == "v3-Confidentiality":
                ok = label in ("U", "L", "M", "N")
                ok = ok or (label == "R" and bool(self.roles & {DOCTOR, NURSE, PHARMACIST}))
                ok = ok or (label == "V" and DOCTOR in self.roles and direct)
            else:
                needs = {"PSY": "394587001", "SEX": "394808002"}
                ok = label == "NOPAT" or (label == "EMP" and direct) or needs.get(label) in self.roles
            if not ok:
                return False
        return True

    # consents

    def consents(self, patient: str, scope: str) -> list[Resource]:
        """Those that count now, newest first: no date comes first, a date to come does not count."""
        found = [
            c for c in self.world.consents
            if c["status"] == "active" and c["patient"]["reference"] == patient
            and c["scope"]["coding"][0]["code"] == scope
            and ("dateTime" not in c or dates.interval(c["dateTime"])[0] <= self.now)
        ]  # fmt: skip
        return sorted(found, key=self.age_of, reverse=True)

    @staticmethod
    def age_of(c: Resource) -> tuple[int, int, str]:
        made = dates.interval(c["dateTime"])[0] if "dateTime" in c else dates.MAX
        return made, dates.interval(c["meta"]["lastUpdated"])[0], "Consent/" + c["id"]

    @staticmethod
    def category(c: Resource, code: str) -> bool:
        return any(x["code"] == code for k in c.get("category", []) for x in k["coding"])

    @staticmethod
    def kind(p: Resource, consent: Resource, root: bool) -> str | None:
        if "type" in p:
            return str(p["type"])
        if not root:
            return "deny"
        rule = consent.get("policyRule", {}).get("coding", [{}])[0].get("code", "")
        return {"OPTIN": "permit", "OPTOUT": "deny", "OPTINR": "permit", "OPTOUTE": "deny"}.get(rule)

    def in_time(self, p: Resource) -> bool:
        low, high = span(p.get("period"))
        return low <= self.now < high

    def newest(self, consents: list[Resource], purpose: str, resource: Resource, must_name: str) -> str | None:
        for c in consents:
            said = self.says(c, purpose, resource, must_name)
            if said == "deny" or (said == "permit" and self.can_permit(c)):
                return said
        return None

    @staticmethod
    def can_permit(c: Resource) -> bool:
        return "modifierExtension" not in c and "dateTime" in c

    def says(self, c: Resource, purpose: str, resource: Resource, must_name: str) -> str | None:
        root = c.get("provision", {})
        if any("777.24.5.3" in str(rule.get("code")) for rule in root.get("provision", [])) or (
            # a broad consent of which every policy was left out is just a deny
            False
        ):
            return self.broad(root, purpose, resource)
        return self.rule(root, c, purpose, resource, must_name, False, True)

    def rule(
        self, p: Resource, c: Resource, purpose: str, resource: Resource, must_name: str, named: bool, root: bool
    ) -> str | None:
        kind = self.kind(p, c, root)
        # What is not understood: in a permit it matches nothing, in a deny (or a root without a type) everything.
        wide = kind != "permit"
        if not wide and "modifierExtension" in p:
            return None
        if not self.in_time(p) or not self.request_fits(p, purpose, wide) or not self.data_fits(p, resource, wide):
            return None
        if must_name == "purpose":
            codes = [x["code"] for x in p.get("purpose", []) if x["system"].endswith("v3-ActReason")]
            strange = wide and any(not x["system"].endswith("v3-ActReason") for x in p.get("purpose", []))
            named = named or (purpose in codes and not strange)
        elif must_name == "actor":
            parties = [a for a in p.get("actor", []) if a["role"]["coding"][0]["code"] != "CST"]
            lost = wide and any("identifier" in a.get("reference", {}) for a in parties)
            named = named or (any(a.get("reference", {}).get("reference") in self.me for a in parties) and not lost)
        below = [self.rule(x, c, purpose, resource, must_name, named, False) for x in p.get("provision", [])]
        if "deny" in below:
            return "deny"
        if "permit" in below:
            return "permit"
        if must_name and not named and not (must_name == "actor" and kind == "deny"):
            return None
        return kind

    def request_fits(self, p: Resource, purpose: str, wide: bool) -> bool:
        actions = [x["coding"][0]["code"] for x in p.get("action", [])]
        if actions and self.action not in actions and not (wide and "burn" in actions):
            return False
        purposes = p.get("purpose", [])
        strange = any(not x["system"].endswith("v3-ActReason") for x in purposes)
        if purposes and not (wide and strange):
            codes = [x["code"] for x in purposes if x["system"].endswith("v3-ActReason")]
            if not set(codes) & set(up(purpose)):
                return False
        parties = [a for a in p.get("actor", []) if a["role"]["coding"][0]["code"] != "CST"]
        if not parties:
            return True
        return any(self.is_me(a, wide) for a in parties)

    def is_me(self, a: Resource, wide: bool) -> bool:
        if "reference" not in a:
            return a["role"]["coding"][0]["code"] in self.roles
        return wide if "identifier" in a["reference"] else a["reference"]["reference"] in self.me

    def data_fits(self, p: Resource, r: Resource, wide: bool) -> bool:
        if "class" in p and not any(
            x["code"] == r["resourceType"] or (wide and x["code"] == "Unheard") for x in p["class"]
        ):
            return False
        if "code" in p:
            mine = [x["code"] for x in r.get("code", {}).get("coding", [])]
            if p["code"][0]["coding"][0]["code"] not in mine:
                return False
        if "securityLabel" in p and not any(self.label_fits(x, r, wide) for x in p["securityLabel"]):
            return False
        if "dataPeriod" in p:
            (low, high), at = span(p["dataPeriod"]), when(r)
            inside = (
                wide if at is None else (at[1] > low and at[0] < high) if wide else (low <= at[0] and at[1] <= high)
            )
            if not inside:
                return False
        if "data" in p:
            meaning, target = p["data"][0]["meaning"], p["data"][0]["reference"]["reference"]
            itself = target == f"{r['resourceType']}/{r['id']}"
            refers = f"'{target}'" in str({k: v for k, v in r.items() if k != "id"})
            wrote = any(x["reference"] == target for x in r.get("performer", []))
            fits = {"instance": itself, "dependents": itself or refers, "authoredby": wrote}
            if not fits.get(meaning, wide or itself or refers):
                return False
        return True

    @staticmethod
    def label_fits(x: Resource, r: Resource, wide: bool) -> bool:
        system, code = x["system"].rsplit("/", 1)[1], x["code"]
        if system != "v3-Confidentiality":
            return (system, code) in labels(r)
        if code not in LEVELS:
            return wide
        mine = [LEVELS.index(c) if c in LEVELS else 99 for s, c in labels(r) if s == system] or [LEVELS.index("N")]
        return max(mine) >= LEVELS.index(code) if wide else max(mine) <= LEVELS.index(code)

    # the German broad consent

    def broad(self, root: Resource, purpose: str, r: Resource) -> str | None:
        if not self.in_time(root) or "HRESCH" not in up(purpose):
            return None
        rules = [
            (x["type"], span(x["period"]), x["code"][0]["coding"][0]["code"].rpartition(".")[2])
            for x in root["provision"]
        ]
        if r["resourceType"] == "Coverage":
            return "deny"
        use, collect, backs = ("22", "19", ()) if r["resourceType"] == "Specimen" else ("8", "6", ("45", "46"))

        def periods(kind: str, *codes: str) -> list[tuple[int, int]]:
            return [when for found, when, code in rules if found == kind and code in codes]

        def current(spans: list[tuple[int, int]]) -> bool:
            return any(low <= self.now < high for low, high in spans)

        if current(periods("deny", use)) or not current(periods("permit", use)) or self.action not in ("access", "use"):
            return "deny"
        windows, at = periods("permit", collect), when(r)
        if r["resourceType"] == "Patient":
            return "permit" if windows else "deny"
        for low, high in periods("deny", collect):
            if at is None or (at[1] > low and at[0] < high):
                return "deny"
        if at is None:
            return "deny"
        if windows and current(periods("deny", *backs)) and at[0] < min(low for low, _ in windows):
            return "deny"
        back = current(periods("permit", *backs))
        return "permit" if any((back or low <= at[0]) and at[1] <= high for low, high in windows) else "deny"

    # proxies

    def granted(self, patient: str, r: Resource) -> bool:
        birth = self.world.births.get(patient)
        # birthdays by the calendar, in whole days; 29 February is 1 March in other years
        age = None if birth is None else self.years(birth, "2025-06-15")

        def mine(c: Resource) -> bool:
            return any(x["reference"] == patient for x in c.get("performer", []))

        def old_enough(c: Resource, years: int) -> bool:
            return "dateTime" in c and birth is not None and self.years(birth, c["dateTime"]) >= years

        def rank(c: Resource) -> tuple[bool, tuple[int, int, str]]:
            teen = age is None or (age >= 12 and old_enough(c, 12))
            return mine(c) and teen, self.age_of(c)

        ordinary = all(s == "v3-Confidentiality" and c in ("U", "L", "M", "N") for s, c in labels(r))
        for c in sorted(self.consents(patient, "patient-privacy"), key=rank, reverse=True):
            said = self.says(c, self.purpose, r, "actor")
            if said == "deny":
                return False
            if said == "permit" and self.can_permit(c):
                if age is None or age >= 16:
                    counts = mine(c) or (self.category(c, "legal-representative") and old_enough(c, 16))
                else:
                    counts = age < 12 or mine(c) or ordinary
                if counts:
                    return True
        return False

    @staticmethod
    def years(birth: str, day: str) -> int:
        (y, m, d), (yy, mm, dd) = (map(int, text.split("-")) for text in (birth, day))
        return yy - y - ((mm, dd) < (m, d))

    # research

    def permitted(self, permit: Any, patient: str, r: Resource) -> bool:
        if not set(permit.researchers) & set(self.me) or not {str(p) for p in permit.purposes} & set(up(self.purpose)):
            return False
        if permit.people is not None and patient not in permit.people:
            return False
        if not permit.valid[0] <= self.now < permit.valid[1] or r["resourceType"] not in permit.types:
            return False
        if permit.codes and not any(x["code"] == "a" for x in r.get("code", {}).get("coding", [])):
            return False
        if permit.data[0] > dates.MIN:
            at = when(r)
            if at is None or at[0] < permit.data[0]:
                return False
        for system, label in labels(r):
            fine = system == "v3-Confidentiality" and label in ("U", "L", "M", "N")
            if not fine and not (label == "PSY" and permit.labels):
                return False
        said = self.newest(self.consents(patient, "research"), self.purpose, r, "")
        return said == "permit" or (said is None and permit.basis == "no-objection")
