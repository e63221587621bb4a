"""What is measured, as a function of the latent state: one small formula for each analyte and vital sign.

They are rough on purpose, with the right direction and order of magnitude. Two are published and exact, so that
a reader can recompute them: eGFR (CKD-EPI 2009 without the factor for race, Levey 2009; for children the bedside
Schwartz formula, 2009) and LDL cholesterol (Friedewald 1972).
"""

from __future__ import annotations

from collections.abc import Callable
from math import exp, pow, sqrt
from typing import Protocol

from bedside.demo.body import growth
from bedside.demo.catalog.labs import Range


class State(Protocol):
    """What a formula may ask of a snapshot of a body."""

    sex: str
    age: float

    @property
    def gfr(self) -> float: ...
    def latent(self, name: str) -> float: ...
    def positive(self, name: str) -> float: ...
    def trait(self, name: str) -> float: ...
    def healthy(self, key: str) -> float: ...
    def limits(self, key: str) -> Range: ...
    def true(self, key: str) -> float: ...


def egfr(umol: float, sex: str, age: float, cm: float) -> float:
    """eGFR in mL/min/1.73 m2 from creatinine in umol/L (CKD-EPI 2009; Schwartz 2009 below 18 years)."""
    if age < 18:
        return 36.5 * cm / umol
    kappa, alpha = (61.9, -0.329) if sex == "female" else (79.6, -0.411)
    ratio = umol / kappa
    value = 141 * pow(min(ratio, 1.0), alpha) * pow(max(ratio, 1.0), -1.209) * pow(0.993, age)
    return value * 1.018 if sex == "female" else value


def creatinine(s: State) -> float:
    """Creatinine in umol/L that belongs to the filtration rate: the inverse of `egfr`."""
    if s.age < 18:
        return 36.5 * s.true("height") / s.gfr
    kappa, alpha = (61.9, -0.329) if s.sex == "female" else (79.6, -0.411)
    full = 141 * pow(0.993, s.age) * (1.018 if s.sex == "female" else 1.0)
    ratio = full / s.gfr
    return kappa * pow(ratio, 1 / 1.209 if ratio > 1 else -1 / alpha)


def ldl(total: float, hdl: float, triglycerides: float) -> float:
    """LDL cholesterol in mmol/L by Friedewald's formula; all values in mmol/L."""
    return max(0.3, total - hdl - triglycerides / 2.2)


def _short(s: State, below: float) -> float:
    """mL/min by which the filtration rate falls short of `below`."""
    return max(0.0, below - s.gfr)


def _hb(s: State) -> float:
    lost = 0.048 * _short(s, 50) + s.latent("bleed") + 1.6 * s.positive("iron") + 3.0 * s.latent("marrow")
    return max(2.8, s.healthy("hb") - lost - 0.09 * s.positive("inflammation") + s.latent("hb"))


def _marrow(s: State) -> float:
    return max(0.01, 1.0 - s.latent("marrow"))


def _leuko(s: State) -> float:
    return max(0.1, (s.healthy("leuko") + 1.15 * s.positive("inflammation")) * _marrow(s) + s.latent("blasts"))


def _neut(s: State) -> float:
    share = min(0.92, (0.45 if s.age < 6 else 0.6) + 0.03 * s.positive("inflammation"))
    return max(0.01, _leuko(s) * share * sqrt(_marrow(s)))


def _plt(s: State) -> float:
    inflammation = s.positive("inflammation")
    fall = 26 * max(0.0, inflammation - 6.5)
    rise = 8 * min(6.0, inflammation)
    return max(4.0, (s.healthy("plt") + rise - fall) * _marrow(s) * (1 - 0.065 * min(9.0, s.positive("liver"))))


def _mcv(s: State) -> float:
    return s.healthy("mcv") - 13 * s.positive("iron")


def _ht(s: State) -> float:
    return s.true("hb") * 0.0487


def _crp(s: State) -> float:
    return s.healthy("crp") * 0.5 + 3.0 * s.positive("inflammation") ** 2


def _glucose(s: State) -> float:
    percent = s.true("hba1c") / 10.93 + 2.15
    return max(1.5, 1.59 * percent - 2.59 + s.latent("sugar") + 0.25 * s.positive("inflammation"))


def _hba1c(s: State) -> float:
    return max(26.0, 33.5 + 0.05 * max(0.0, s.age - 30) + 1.8 * s.trait("hba1c") + s.latent("glycaemia"))


def _ldl_true(s: State) -> float:
    return max(0.5, (2.4 if s.age < 18 else 3.1) * exp(0.14 * s.trait("ldl") + s.latent("ldl")))


def _tg(s: State) -> float:
    return 1.15 * exp(0.3 * s.trait("tg") + 0.012 * max(0.0, s.latent("glycaemia")) + 0.015 * s.latent("weight"))


def _hdl(s: State) -> float:
    return (1.5 if s.sex == "female" else 1.25) * exp(0.13 * s.trait("hdl"))


def _ph(s: State) -> float:
    return 7.40 + 0.015 * s.trait("ph") - 0.045 * max(0.0, s.positive("inflammation") - 6.5) + s.latent("acid")


def _pco2(s: State) -> float:
    return 5.3 + 0.2 * s.trait("pco2") - 0.12 * s.positive("inflammation") + s.latent("co2")


def _po2(s: State) -> float:
    return max(4.5, 12.6 - 0.035 * max(0.0, s.age - 20) - 0.85 * s.positive("hypoxia"))


def _ntprobnp(s: State) -> float:
    base = 45 * exp(0.025 * max(0.0, s.age - 40) + 0.35 * s.trait("ntprobnp") + 0.5 * s.positive("congestion"))
    return base * pow(max(1.0, 60 / s.gfr), 0.8)


def _height(s: State) -> float:
    if s.age < 20:
        return growth.height(s.sex, s.age - s.latent("early"), s.trait("height"))
    shrink = 0.06 * max(0.0, s.age - 50)
    return (170.2 if s.sex == "female" else 183.2) + 6.4 * s.trait("height") - shrink


def _weight(s: State) -> float:
    if s.age < 20:
        child = growth.weight(s.sex, s.age - s.latent("early"), s.trait("weight"))
        return max(0.5, child + s.latent("weight"))
    mass = 22.3 + 0.075 * min(35.0, s.age - 20) + 3.0 * s.trait("weight") + s.latent("bmi")
    return max(30.0, mass * (_height(s) / 100) ** 2 + s.latent("weight") + 0.7 * s.positive("congestion"))


def _bmi(s: State) -> float:
    return s.true("weight") / (s.true("height") / 100) ** 2


def _head(s: State) -> float:
    return growth.head(s.sex, s.age - s.latent("early"), s.trait("head"))


def _middle(s: State, key: str) -> float:
    """The middle of the range for the age, moved a little by who one is."""
    low, high = s.limits(key)
    return ((low or 0.0) + (high or 0.0)) / 2 + 0.1 * s.trait(key) * ((high or 0.0) - (low or 0.0))


def _shock(s: State) -> float:
    return max(0.0, s.positive("inflammation") - 5.5) * 8 + 5 * max(0.0, s.latent("bleed") - 1)


def _sbp(s: State) -> float:
    if s.age < 14:
        return _middle(s, "sbp") + s.latent("tone") - 0.5 * _shock(s)
    rise = 0.28 * max(0.0, s.age - 20)
    return max(52.0, 114 + rise + 6 * s.trait("sbp") + s.latent("tone") - _shock(s))


def _dbp(s: State) -> float:
    if s.age < 14:
        return _middle(s, "dbp") + 0.5 * s.latent("tone") - 0.25 * _shock(s)
    rise = 0.18 * min(35.0, s.age - 20) - 0.25 * max(0.0, s.age - 60)
    return max(30.0, 71 + rise + 4 * s.trait("sbp") + 0.5 * s.latent("tone") - 0.5 * _shock(s))


def _hr(s: State) -> float:
    stress = 3.4 * s.positive("inflammation") + 2.2 * s.positive("hypoxia") + 4 * s.positive("bleed")
    child = 1.4 if s.age < 6 else 1.0
    return max(34.0, _middle(s, "hr") + child * (stress + 1.5 * s.positive("congestion")) + s.latent("rate"))


def _rr(s: State) -> float:
    stress = 0.85 * s.positive("inflammation") + 1.2 * s.positive("hypoxia") + 0.8 * s.positive("congestion")
    return max(6.0, _middle(s, "rr") + stress * (1.5 if s.age < 3 else 1.0))


def _temp(s: State) -> float:
    return 36.75 + 0.12 * s.trait("temp") + min(3.4, 0.34 * s.positive("inflammation") + s.latent("fever"))


def _spo2(s: State) -> float:
    lost = 1.25 * s.positive("hypoxia") + 0.5 * s.positive("congestion") + 0.02 * max(0.0, s.age - 40)
    return max(62.0, min(100.0, 98.4 - lost))


FORMULAS: dict[str, Callable[[State], float]] = {
    "hb": _hb,
    "ht": _ht,
    "mcv": _mcv,
    "leuko": _leuko,
    "neut": _neut,
    "lymph": lambda s: max(0.05, s.healthy("lymph") * _marrow(s)),
    "plt": _plt,
    "retic": lambda s: s.healthy("retic") * _marrow(s) + 25 * s.positive("bleed"),
    "crp": _crp,
    "pct": lambda s: 0.03 * exp(0.72 * s.positive("inflammation")),
    "esr": lambda s: 5 + 0.12 * s.age + 5.5 * s.positive("inflammation"),
    "ferritin": lambda s: s.healthy("ferritin") * exp(0.22 * s.positive("inflammation") - 2.4 * s.positive("iron")),
    "iron": lambda s: max(1.5, s.healthy("iron") - 11 * s.positive("iron") - s.positive("inflammation")),
    "fibrinogen": lambda s: s.healthy("fibrinogen") + 0.35 * s.positive("inflammation"),
    "inr": lambda s: 1.0 + 0.03 * s.trait("inr") + 0.14 * s.positive("liver"),
    "ddimer": lambda s: 140 + 3 * s.age + 160 * s.positive("inflammation"),
    "crea": creatinine,
    "urea": lambda s: s.healthy("urea") * max(0.8, pow(90 / s.gfr, 0.75)) + s.positive("bleed"),
    "k": lambda s: s.healthy("k") + 0.022 * _short(s, 45),
    "na": lambda s: s.healthy("na") - 0.5 * s.positive("liver") - 0.4 * s.positive("congestion"),
    "hco3": lambda s: max(
        6.0, s.healthy("hco3") - 0.2 * _short(s, 35) - 1.6 * max(0.0, s.positive("inflammation") - 5)
    ),
    "ca": lambda s: s.healthy("ca") - 0.007 * _short(s, 30),
    "phos": lambda s: s.healthy("phos") + 0.03 * _short(s, 32),
    "urate": lambda s: s.healthy("urate") + 0.0022 * _short(s, 60),
    "pth": lambda s: s.healthy("pth") * (1 + _short(s, 55) / 7),
    "vitd": lambda s: 48 + 12 * s.trait("vitd"),
    "uacr": lambda s: 6 * exp(0.4 * s.trait("uacr") + s.latent("albuminuria")),
    "alt": lambda s: s.healthy("alt") * exp(s.latent("hepatitis") + 0.08 * s.positive("liver")),
    "ast": lambda s: s.healthy("ast") * exp(0.9 * s.latent("hepatitis") + 0.12 * s.positive("liver")),
    "ggt": lambda s: s.healthy("ggt") * exp(1.1 * s.latent("cholestasis") + 0.18 * s.positive("liver")),
    "alp": lambda s: s.healthy("alp") * exp(0.6 * s.latent("cholestasis") + 0.06 * s.positive("liver")),
    "bili": lambda s: s.healthy("bili") * exp(0.9 * s.latent("cholestasis") + 0.3 * s.positive("liver")),
    "alb": lambda s: max(12.0, s.healthy("alb") - 1.1 * s.positive("inflammation") - 1.9 * s.positive("liver")),
    "ldh": lambda s: s.healthy("ldh") * 1.4 * exp(0.06 * s.positive("inflammation") + s.latent("turnover")),
    "ck": lambda s: s.healthy("ck") * exp(s.latent("muscle")),
    "troponin": lambda s: 5 * exp(0.3 * s.trait("troponin") + s.latent("cardiac")) * pow(max(1.0, 50 / s.gfr), 0.7),
    "ntprobnp": _ntprobnp,
    "glucose": _glucose,
    "hba1c": _hba1c,
    "ldl": _ldl_true,
    "hdl": _hdl,
    "tg": _tg,
    "chol": lambda s: _ldl_true(s) + _hdl(s) + _tg(s) / 2.2,
    "ft4": lambda s: 14.8 * exp(0.06 * s.trait("ft4") + s.latent("thyroid")),
    "tsh": lambda s: max(0.01, min(95.0, 1.7 * exp(0.25 * s.trait("tsh") - 4.2 * s.latent("thyroid")))),
    "ph": _ph,
    "pco2": _pco2,
    "po2": _po2,
    "lactate": lambda s: 1.1 + 0.15 * s.trait("lactate") + 0.7 * max(0.0, s.positive("inflammation") - 5),
    "psa": lambda s: 0.9 * exp(0.35 * s.trait("psa") + 0.018 * max(0.0, s.age - 50) + s.latent("psa")),
    "cea": lambda s: 1.6 * exp(0.2 * s.trait("cea") + s.latent("tumour")),
    "ca153": lambda s: 15 * exp(0.15 * s.trait("ca153") + s.latent("tumour")),
    "calprotectin": lambda s: 18 * exp(0.3 * s.trait("calprotectin") + 0.75 * s.positive("bowel")),
    "tacrolimus": lambda s: 0.0,
    "lithium": lambda s: 0.0,
    "valproate": lambda s: 0.0,
    "vancomycin": lambda s: 0.0,
    "sbp": _sbp,
    "dbp": _dbp,
    "hr": _hr,
    "rr": _rr,
    "temp": _temp,
    "spo2": _spo2,
    "weight": _weight,
    "height": _height,
    "length": _height,
    "bmi": _bmi,
    "head": _head,
    "gcs": lambda s: max(3.0, 15 - s.positive("coma")),
    "pain": lambda s: 0.4,
    "urine": lambda s: max(5.0, (0.9 + 0.1 * s.trait("urine")) * 75 * min(1.0, s.gfr / 55)),
    "fio2": lambda s: min(90.0, 21 + 6 * s.positive("hypoxia")),
}
"""The formula of each measurement; what is not here lies in its range, moved by effects on its own key."""

OWN = frozenset({"hb", "weight", "ldl", "psa"})
"""Measurements whose formula already uses the effects on their own key."""
