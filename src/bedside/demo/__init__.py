"""A synthetic university medical centre, so that every screen has life in it. Nobody in it is real.

    from bedside.demo import generate

    for block in generate(patients=1000, seed=1):
        ...  # a list of resources that belong together, as plain dicts

UMC Scheldemond lies on the border of Zeeland and Flanders and exists nowhere else. The first block is the
institution; then each patient's whole life is one block; the last block holds groups. The same arguments give the
same bytes, and patient n is the same however many there are.

How it is made, from the inside out:

- `catalog/`   what can be measured, prescribed, done and diagnosed, with codes, units and reference ranges
- `body/`      a pure core: latent state over time (filtration rate, inflammation, ...) and the formulas by which
               everything measured follows from it, so that all results of a person agree with one another
- `people/`    names, places, families
- `hospital/`  departments, wards, beds, staff, partner hospitals, as data and as resources
- `chart/`     one person's chart: visits, admissions, results, medication and letters become resources here
- `courses/`   what happens to people: one function for each illness or phase of life, in the words of a hospital
- `cast.py`    who plays what: a course, a bed and an outcome for patient n
- `questions/` what the hospital asks about its patients: Libraries in CQL, their value sets, and measures

To add a department's people, register courses (see `bedside.demo.courses`): a function of a `Chart` and the facts
by which the cast finds somebody for it. What a course does to the body, it does with `chart.body.push`; it need
not know how that changes potassium. Anything that must exist before the first patient comes in is added in
`hospital/build.py`. Every code in a local system is published with the institution if it is made with
`codes.local` when the module is imported.
"""

from __future__ import annotations

from bedside.demo.generate import UNTIL, Block, generate

__all__ = ["UNTIL", "Block", "generate"]
