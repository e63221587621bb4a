"""Numbers for concepts, so that what is below one is mostly one run of numbers, and who is above and below whom."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

from bedside.record.terminology.load.errors import BrokenRelease
from bedside.record.terminology.tables.packing import Numbers, numbers, packed, unpacked


class Tree:
    """Parents and children by place: the children of p are `edges[starts[p]:starts[p + 1]]`."""

    def __init__(self, count: int, pairs: Sequence[tuple[Numbers, Numbers]]) -> None:
        """`pairs` are parallel arrays: from, to."""
        self.starts = array("I", bytes(4 * (count + 1)))
        for origins, _ in pairs:
            for origin in origins:
                self.starts[origin + 1] += 1
        for place in range(count):
            self.starts[place + 1] += self.starts[place]
        self.edges = array("I", bytes(4 * self.starts[count]))
        free = self.starts[:]
        for origins, targets in pairs:
            for origin, target in zip(origins, targets, strict=True):
                self.edges[free[origin]] = target
                free[origin] += 1

    def of(self, place: int) -> Numbers:
        return self.edges[self.starts[place] : self.starts[place + 1]]

    def has(self, place: int) -> bool:
        return self.starts[place] != self.starts[place + 1]


def numbered(count: int, children: Numbers, parents: Numbers) -> Numbers:
    """The number of each concept, given relationships as places in the order of arrival.

    Depth first from the concepts without parents; those that stand alone come last, in the order of arrival.
    """
    down = Tree(count, [(parents, children)])
    below = bytearray(count)
    for place in children:
        below[place] = 1
    found = array("I", [count]) * count
    next_number = 0
    roots = [place for place in range(count) if not below[place]]
    for root in [place for place in roots if down.has(place)]:
        waiting = [root]
        while waiting:
            place = waiting.pop()
            if found[place] != count:
                continue
            found[place] = next_number
            next_number += 1
            if down.has(place):
                waiting.extend(reversed(down.of(place)))
    for place in roots:
        if found[place] == count:
            found[place] = next_number
            next_number += 1
    for place in range(count):  # those that only a circle leads to: told of by `closure`
        if found[place] == count:
            found[place] = next_number
            next_number += 1
    return found


class Closure:
    """Who is above and below whom, by number."""

    def __init__(self, count: int, children: Numbers, parents: Numbers, codes: Sequence[str]) -> None:
        """Relationships by number. Raises BrokenRelease when some go in a circle."""
        self.count = count
        self.up = Tree(count, [(children, parents)])
        self.down = Tree(count, [(parents, children)])
        self.ancestors: list[bytes] = self._close(codes)

    def _close(self, codes: Sequence[str]) -> list[bytes]:
        up, down = self.up, self.down
        missing = array("I", (up.starts[n + 1] - up.starts[n] for n in range(self.count)))
        ready = [n for n in range(self.count) if not missing[n]]
        above = [b""] * self.count
        done = 0
        while ready:
            number = ready.pop()
            done += 1
            if up.has(number):
                found: set[int] = set()
                for parent in up.of(number):
                    found.add(parent)
                    found.update(unpacked(above[parent]))
                above[number] = packed(numbers(sorted(found)))
            if down.has(number):
                for child in down.of(number):
                    missing[child] -= 1
                    if not missing[child]:
                        ready.append(child)
        if done < self.count:
            some = [codes[n] for n in range(self.count) if missing[n]][:5]
            raise BrokenRelease(f"The hierarchy goes in a circle through {', '.join(some)} or what is below.")
        return above

    def below(self) -> dict[int, Numbers]:
        """Everything below each concept that has something below it, in rising order."""
        found: dict[int, Numbers] = {n: numbers() for n in range(self.count) if self.down.has(n)}
        for number, above in enumerate(self.ancestors):
            for ancestor in unpacked(above):
                found[ancestor].append(number)
        return found

    def pairs(self) -> int:
        """How many pairs of a concept and one above it there are."""
        return sum(len(each) // 4 for each in self.ancestors)
