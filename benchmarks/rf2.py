"""A synthetic release of SNOMED CT (RF2 snapshot) of any size: invented concepts in a hierarchy of the usual depth,
with names of invented words, attributes in role groups, language reference sets and reference sets."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from bedside.terms.snomed import (
    ACCEPTABLE,
    CORE_MODULE,
    DEFINED_STATUS,
    FULLY_SPECIFIED,
    IS_A,
    PREFERRED,
    PRIMITIVE_STATUS,
    SYNONYM,
    with_check_digit,
)

DATE = "20240301"
US, GB = "900000000000509007", "900000000000508004"
INFERRED, EXISTENTIAL, CASE = "900000000000011006", "900000000000451002", "900000000000448009"
_BRANCHES = 5
_ATTRIBUTES = 40
_SYLLABLES = (
    "ba",
    "ce",
    "di",
    "fo",
    "gu",
    "ha",
    "je",
    "ki",
    "lo",
    "mu",
    "na",
    "pe",
    "ri",
    "so",
    "tu",
    "va",
    "xe",
    "zi",
)


def concept(number: int) -> str:
    """The identifier of the n-th concept; that of 0 is the root."""
    return with_check_digit(f"{100_000 + number}00")


def attribute(number: int) -> str:
    """The identifier of an attribute: children of the last concept but `_ATTRIBUTES`."""
    return concept(1_000_000 + number)


LIST = concept(2_000_000)


def write(folder: Path, count: int, seed: int = 1) -> Path:
    """A release of `count` concepts in a folder; the same for the same arguments."""
    dice = random.Random(seed)
    words = _words(dice)
    folder.mkdir(parents=True, exist_ok=True)
    codes = [concept(n) for n in range(count)]
    types = [attribute(n) for n in range(_ATTRIBUTES)]
    extra = [*types, LIST]
    _file(folder, "sct2_Concept_Snapshot", "id effectiveTime active moduleId definitionStatusId", (
        (code, DATE, "1", CORE_MODULE, DEFINED_STATUS if place % 3 else PRIMITIVE_STATUS)
        for place, code in enumerate([*codes, *extra])
    ))  # fmt: skip
    _file(folder, "sct2_Relationship_Snapshot", "id effectiveTime active moduleId sourceId destinationId"
          " relationshipGroup typeId characteristicTypeId modifierId",
          _relationships(codes, extra, types, dice))  # fmt: skip
    languages = (folder / f"der2_cRefset_LanguageSnapshot-en_INT_{DATE}.txt").open("w", encoding="utf-8")
    with languages:
        languages.write("id\teffectiveTime\tactive\tmoduleId\trefsetId\treferencedComponentId\tacceptabilityId\r\n")
        _file(folder, "sct2_Description_Snapshot-en", "id effectiveTime active moduleId conceptId languageCode typeId"
              " term caseSignificanceId", _descriptions([*codes, *extra], words, dice, languages.write))  # fmt: skip
    _file(folder, "der2_Refset_SimpleSnapshot", "id effectiveTime active moduleId refsetId referencedComponentId", (
        (f"s{n}", DATE, "1", CORE_MODULE, LIST, codes[n]) for n in range(0, count, 7)
    ))  # fmt: skip
    return folder


def _file(folder: Path, name: str, head: str, rows: Iterable[tuple[str, ...]]) -> None:
    with (folder / f"{name}_INT_{DATE}.txt").open("w", encoding="utf-8", newline="") as file:
        file.write(head.replace(" ", "\t") + "\r\n")
        for row in rows:
            file.write("\t".join(row) + "\r\n")


def _words(dice: random.Random) -> list[str]:
    return ["".join(dice.choices(_SYLLABLES, k=dice.randint(2, 5))) for _ in range(40_000)]


def _relationships(
    codes: list[str], extra: list[str], types: list[str], dice: random.Random
) -> Iterator[tuple[str, ...]]:
    number = 0

    def row(source: str, kind: str, target: str, group: int = 0) -> tuple[str, ...]:
        nonlocal number
        number += 1
        return (with_check_digit(f"{number + 10_000}02"), DATE, "1", CORE_MODULE, source, target, str(group), kind,
                INFERRED, EXISTENTIAL)  # fmt: skip

    for each in extra:
        yield row(each, IS_A, codes[0])
    count = len(codes)
    for place in range(1, count):
        parent = (place - 1) // _BRANCHES
        yield row(codes[place], IS_A, codes[parent])
        if place > 100 and dice.random() < 0.45:
            yield row(codes[place], IS_A, codes[max(0, parent - dice.randint(1, 40))])
        for group in range(dice.choice((0, 1, 1, 2))):
            for _ in range(2):
                kind = types[min(dice.randrange(_ATTRIBUTES), dice.randrange(_ATTRIBUTES))]
                yield row(codes[place], kind, codes[dice.randrange(count)], group + 1)


def _descriptions(
    codes: list[str], words: list[str], dice: random.Random, language: Callable[[str], object]
) -> Iterator[tuple[str, ...]]:
    number = 0
    for code in codes:
        # The first words of the list are the frequent ones.
        chosen = [words[min(dice.randrange(40_000), dice.randrange(40_000), dice.randrange(40_000))] for _ in range(4)]
        name = " ".join(chosen)
        texts = [(f"{name} (finding)", FULLY_SPECIFIED), (name, SYNONYM), (f"{chosen[3]} of {chosen[0]}", SYNONYM)]
        if dice.random() < 0.3:
            texts.append((f"{chosen[1]} {chosen[2]} unspecified", SYNONYM))
        for place, (text, kind) in enumerate(texts):
            number += 1
            key = with_check_digit(f"{number + 10_000}01")
            how = PREFERRED if place < 2 else ACCEPTABLE
            language(f"u{number}\t{DATE}\t1\t{CORE_MODULE}\t{US}\t{key}\t{how}\r\n")
            if place != 2:
                language(f"g{number}\t{DATE}\t1\t{CORE_MODULE}\t{GB}\t{key}\t{how}\r\n")
            yield (key, DATE, "1", CORE_MODULE, code, "en", kind, text, CASE)
