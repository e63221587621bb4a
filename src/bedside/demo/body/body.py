"""A body: latent state over time, and from it everything that can be measured.

Courses and drugs push effects on named latent quantities (`gfr`, `inflammation`, `glycaemia`, `congestion`, ...).
What is measured follows from them by simple formulas, so that all results of one person agree with one another:
a fall of the filtration rate raises creatinine, urea and potassium and lowers haemoglobin, whoever asks.

Latents (0 is healthy): `gfr` mL/min lost (negative); `inflammation` 0..10; `marrow` share of production lost;
`bleed` and `hb` mmol/L of haemoglobin; `glycaemia` mmol/mol of HbA1c; `sugar` mmol/L; `congestion`, `liver`,
`hypoxia` 0..10; `tone` mmHg; `rate` /min; `weight` kg; `coma` points of GCS lost; `cholestasis`, `hepatitis`,
`cardiac`, `muscle`, `ldl`, `albuminuria`, `psa`, `tumour`, `thyroid` on a logarithmic scale; `iron` deficiency
0..1; `early` years born too soon; and the key of any other measurement, in its own unit.
"""

from __future__ import annotations

from collections import defaultdict
from random import Random

from bedside.demo.body.effects import Effect
from bedside.demo.body.formulas import FORMULAS, OWN
from bedside.demo.catalog.labs import ANALYTES, Range
from bedside.demo.catalog.vitals import VITALS
from bedside.demo.clock import YEAR

CATALOGUE = {**ANALYTES, **VITALS}


class Body:
    """One person's body. `seed` fixes the individual variation; effects are added with `push`."""

    def __init__(self, sex: str, birth: int, seed: str) -> None:
        self.sex = sex
        self.birth = birth
        self._rng = Random(seed)
        self._traits: dict[str, float] = {}
        self._effects: dict[str, list[Effect]] = defaultdict(list)
        self._noise: dict[str, float] = {}

    def push(self, name: str, effect: Effect) -> None:
        """Adds an effect on a latent quantity."""
        self._effects[name].append(effect)

    def trait(self, name: str) -> float:
        """This person's standard deviation score in something, fixed for life, between -1.9 and 1.9."""
        found = self._traits.get(name)
        if found is None:
            found = self._traits[name] = max(-1.9, min(1.9, self._rng.gauss(0, 0.8)))
        return found

    def set_trait(self, name: str, value: float) -> None:
        """Fixes a trait that a course needs (height of a child, say)."""
        self._traits[name] = value

    def latent(self, name: str, moment: int) -> float:
        """The sum of the effects on a latent quantity at a moment."""
        effects = self._effects.get(name)
        if not effects:
            return 0.0
        return sum([effect(moment) for effect in effects])

    def noise(self, key: str) -> float:
        """The next value of this person's own variation in a measurement: mean 0, sd 1, correlated in time."""
        value = 0.55 * self._noise.get(key, 0.0) + 0.8 * self._rng.gauss(0, 1)
        self._noise[key] = value = max(-2.2, min(2.2, value))
        return value

    def at(self, moment: int) -> Snapshot:
        """The body at one moment."""
        return Snapshot(self, moment)


class Snapshot:
    """The body at one moment: latents are computed once, measurements when they are asked for."""

    __slots__ = ("_gfr", "_latents", "age", "body", "moment", "sex")

    def __init__(self, body: Body, moment: int) -> None:
        self.body = body
        self.moment = moment
        self.sex = body.sex
        self.age = max(0.0, (moment - body.birth) / YEAR)
        self._latents: dict[str, float] = {}
        self._gfr = -1.0

    def latent(self, name: str) -> float:
        """A latent quantity at this moment."""
        found = self._latents.get(name)
        if found is None:
            found = self._latents[name] = self.body.latent(name, self.moment)
        return found

    def positive(self, name: str) -> float:
        """A latent quantity, never below zero."""
        return max(0.0, self.latent(name))

    def trait(self, name: str) -> float:
        """A trait of the body."""
        return self.body.trait(name)

    def limits(self, key: str) -> Range:
        """The reference range of a measurement for this sex and age."""
        return CATALOGUE[key].range_for(self.sex, self.age)

    @property
    def gfr(self) -> float:
        """Glomerular filtration rate in mL/min/1.73 m2, between 4 and 140."""
        if self._gfr < 0:
            base = 108 - 0.72 * max(0.0, self.age - 30) + 6 * self.trait("gfr")
            if self.age < 1.5:
                base *= 0.45 + 0.37 * self.age
            self._gfr = max(4.0, min(140.0, base + self.latent("gfr")))
        return self._gfr

    def healthy(self, key: str) -> float:
        """Where this person's value lies when nothing is wrong: inside the range, at its own place."""
        low, high = self.limits(key)
        trait = self.trait(key)
        if low is not None and high is not None:
            return low + (high - low) * (0.5 + 0.15 * trait)
        if high is not None:
            return high * (0.42 + 0.14 * trait)
        return (low or 1.0) * (1.35 + 0.15 * trait)

    def true(self, key: str) -> float:
        """The value of a measurement without variation."""
        formula = FORMULAS.get(key)
        value = formula(self) if formula is not None else self.healthy(key)
        return value if key in OWN else value + self.latent(key)

    def measure(self, key: str) -> float:
        """The value as it is found: with the variation of the person and of the method."""
        analyte = CATALOGUE[key]
        value = self.true(key)
        if not analyte.cv:
            return value
        if analyte.specimen:
            return max(0.0, value * (1 + analyte.cv * self.body.noise(key)))
        spread = analyte.cv * min(1.0, value / 60) if key == "weight" else analyte.cv
        return value + spread * self.body.noise(key)
