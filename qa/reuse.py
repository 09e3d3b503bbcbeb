"""Text reuse: the places where two texts have the same words, though some are changed or a middle is left out.

Runs of words that both texts have are found by their shingles, lengthened word by word, and chained where they stand
near each other in both (seed and extend, as in Altschul et al., "Basic local alignment search tool", 1990). A chain is
kept when enough of its words are the same. Nothing here knows of meaning, of documents or of who quotes whom: a
paraphrase is not found, and what either text says over and over is its formula and no quotation.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from rapidfuzz.distance import Levenshtein

from qa.shingles import SHINGLE, Text, matches

LEAST = 12
"""Words that must be the same; turns of phrase have fewer."""
TELLING = 4
"""So many of them must be more than function words."""
ALIKE = 0.7
"""So large a share of the words of its parts must be the same, on either side."""
EDIT = 8
"""Words in a row that may be others, or missing, within a part."""
CUT = 120
"""Words at most that one side leaves out between two parts: a long paragraph."""
JOINT = 4
"""Words at most that it puts in their place: “and he goes on”."""
PART = 4
"""Words that must be the same in a part on either side of a cut, and one more for each TRUST words left out: the
farther one looks, the likelier a turn of phrase comes by. A cut counts as much against a chain."""
TRUST = 12
LOOK = 40
"""Words at the ends of a part among which shorter runs are looked for."""
SHORT = 3
"""Words of such a run at least."""
_SKIPS = sorted(((a, b) for a in range(3) for b in range(3) if a or b), key=lambda skip: (max(skip), sum(skip)))
"""What may be skipped at the end of a part to go on: up to two words of either text."""


@dataclass(frozen=True, slots=True)
class Run:
    """Words in a row that both texts have: the number of the first in the one and in the other, and how many."""

    one: int
    other: int
    count: int

    @property
    def ends(self) -> tuple[int, int]:
        """The numbers after its last word."""
        return self.one + self.count, self.other + self.count

    def swapped(self) -> "Run":
        """The same seen from the other text."""
        return Run(self.other, self.one, self.count)


Part = tuple[Run, ...]
"""Runs in order. The words between them differ, or stand in one text only."""


def _count(part: Sequence[Run]) -> int:
    return sum(run.count for run in part)


@dataclass(frozen=True, slots=True)
class Reuse:
    """A place that two texts share: one part, or several in order with words of one text left out between them."""

    parts: tuple[Part, ...]

    @property
    def same(self) -> int:
        """How many words are the same."""
        return sum(map(_count, self.parts))

    def ranges(self, side: int) -> list[tuple[int, int]]:
        """Of each part, the numbers of its first word and after its last; side 0 is the one text, 1 the other."""
        return [((part[0].one, part[0].other)[side], part[-1].ends[side]) for part in self.parts]

    def swapped(self) -> "Reuse":
        """The same seen from the other text."""
        return Reuse(tuple(tuple(run.swapped() for run in part) for part in self.parts))


def reuses(one: Text, other: Text) -> list[Reuse]:
    """The places that two texts share, in the order of the one.

    An alignment has ties. The texts are put in an order of their own first, so the places are the same either way.
    """
    turned = other.words < one.words
    found = [reuse.swapped() for reuse in _reuses(other, one)] if turned else _reuses(one, other)
    return sorted(found, key=lambda reuse: (reuse.ranges(0), reuse.ranges(1)))


def _reuses(one: Text, other: Text) -> list[Reuse]:
    found = []
    for chain in _chains(_runs(one, other)):
        if 2 * _count(chain) < LEAST:
            continue  # most chains are one turn of phrase: too little to look for the rest
        found += [reuse for reuse in _joined(_parts(chain, one, other)) if _is_shared(reuse, one)]
    return _apart(found, len(one.words), len(other.words))


def _runs(one: Text, other: Text) -> list[Run]:
    """Every run of words that holds a shingle of both texts, as long as it goes, in order."""
    found = []
    diagonal, reached = 0, -1
    for a, b in matches(one, other):
        if a - b == diagonal and a < reached:
            continue
        behind = 0
        while behind < min(a, b) and one.words[a - behind - 1] == other.words[b - behind - 1]:
            behind += 1
        ahead = _same(one.words, a, other.words, b)
        if ahead >= SHINGLE:  # else two shingles have one hash
            found.append(Run(a - behind, b - behind, behind + ahead))
        diagonal, reached = a - b, a + ahead
    return sorted(found, key=lambda run: (run.one, run.other))


def _same(ours: Sequence[str], a: int, theirs: Sequence[str], b: int) -> int:
    """How many words are the same from two places on."""
    count = 0
    while a + count < len(ours) and b + count < len(theirs) and ours[a + count] == theirs[b + count]:
        count += 1
    return count


@dataclass(frozen=True, slots=True)
class _Link:
    """The best chain that ends with a run: what it is worth in words, and the number of the run before."""

    worth: float
    run: Run
    """Without the words that the run before it has already."""
    before: int | None = None


def _chains(runs: Sequence[Run]) -> list[list[Run]]:
    """Runs that follow each other in both texts, each in the best chain that can have it."""
    links: list[_Link] = []
    near: list[int] = []
    for number, run in enumerate(runs):
        near = [at for at in near if run.one - runs[at].ends[0] <= CUT]
        joined = [link for at in near if (link := _linked(links[at], at, run)) is not None]
        links.append(max([_Link(run.count, run), *joined], key=lambda link: link.worth))
        near.append(number)
    chains: list[list[Run]] = []
    used: set[int] = set()
    for last in sorted(range(len(links)), key=lambda at: -links[at].worth):
        chain: list[Run] = []
        at: int | None = last
        while at is not None and at not in used:
            used.add(at)
            chain.append(links[at].run)
            at = links[at].before
        if chain:
            chains.append(chain[::-1])
    return chains


def _linked(link: _Link, at: int, run: Run) -> _Link | None:
    """A chain and the run after it, less the words between; None where they do not follow each other."""
    ends = link.run.ends
    overlap = max(ends[0] - run.one, ends[1] - run.other, 0)
    run = Run(run.one + overlap, run.other + overlap, run.count - overlap)
    less, more = sorted((run.one - ends[0], run.other - ends[1]))
    if run.count < 1 or more > CUT or (more > EDIT and less > JOINT):
        return None
    cost = more if more <= EDIT else PART + more / CUT
    return _Link(link.worth + run.count - cost, run, at)


def _parts(chain: Sequence[Run], one: Text, other: Text) -> list[Part]:
    """A chain cut where a text leaves words out, each part with the short runs inside it and at its ends."""
    parts = [[chain[0]]]
    for before, run in pairwise(chain):
        ours, theirs = before.ends
        if max(run.one - ours, run.other - theirs) > EDIT:
            parts.append([run])
            continue
        steps = Levenshtein.opcodes(one.words[ours : run.one], other.words[theirs : run.other])
        inner = [
            Run(ours + step.src_start, theirs + step.dest_start, step.src_end - step.src_start)
            for step in steps
            if step.tag == "equal"
        ]
        parts[-1] += [*inner, run]
    lengthened: list[Part] = []
    for number, part in enumerate(parts):
        low = lengthened[-1][-1].ends if lengthened else (0, 0)
        high = parts[number + 1][0] if number + 1 < len(parts) else Run(len(one.words), len(other.words), 0)
        lengthened.append((*_behind(part[0], low, one, other), *part, *_ahead(part[-1], high, one, other)))
    return lengthened


def _ahead(last: Run, high: Run, one: Text, other: Text) -> Iterator[Run]:
    """Short runs after a part, up to the run that follows."""
    ours, theirs = last.ends
    after = one.words[ours : min(ours + LOOK, high.one)], other.words[theirs : min(theirs + LOOK, high.other)]
    return (Run(ours + run.one, theirs + run.other, run.count) for run in _further(*after))


def _behind(first: Run, low: tuple[int, int], one: Text, other: Text) -> list[Run]:
    """Short runs before a part, back to where the part before it ends."""
    before = (
        one.words[max(first.one - LOOK, low[0]) : first.one][::-1],
        other.words[max(first.other - LOOK, low[1]) : first.other][::-1],
    )
    found = [Run(first.one - run.ends[0], first.other - run.ends[1], run.count) for run in _further(*before)]
    return found[::-1]


def _further(ours: Sequence[str], theirs: Sequence[str]) -> Iterator[Run]:
    """Runs that follow one another from the beginning of two lists, each after a skip of a word or two."""
    a, b = 0, 0
    while True:
        tried = [Run(a + i, b + j, _same(ours, a + i, theirs, b + j)) for i, j in _SKIPS]
        run = max(tried, key=lambda run: run.count)
        if run.count < SHORT:
            return
        yield run
        a, b = run.ends


def _joined(parts: Sequence[Part]) -> Iterator[Reuse]:
    """The parts of a chain, those in one between which not too much is left out for what they have."""
    joined = [parts[0]]
    for before, part in pairwise(parts):
        ours, theirs = before[-1].ends
        left_out = max(part[0].one - ours, part[0].other - theirs)
        if min(_count(before), _count(part)) < PART + left_out / TRUST:
            yield Reuse(tuple(joined))
            joined = []
        joined.append(part)
    yield Reuse(tuple(joined))


def _is_shared(reuse: Reuse, one: Text) -> bool:
    telling = sum(one.telling[run.ends[0]] - one.telling[run.one] for part in reuse.parts for run in part)
    longer = max(sum(end - first for first, end in reuse.ranges(side)) for side in (0, 1))
    return reuse.same >= LEAST and telling >= TELLING and reuse.same >= ALIKE * longer


def _apart(found: Sequence[Reuse], *lengths: int) -> list[Reuse]:
    """The places without those whose words are in longer ones on both sides, which a text makes that repeats itself.

    First those that share no words with a longer one: where both texts repeat a passage, each goes with its like.
    """
    shown = [np.zeros(length, bool) for length in lengths]
    kept: list[Reuse] = []
    rest = sorted(found, key=lambda reuse: -reuse.same)
    for sides in (2, 1):
        later = []
        for reuse in rest:
            ends = [(ranges[0][0], ranges[-1][1]) for ranges in map(reuse.ranges, (0, 1))]
            new = sum(np.mean(shown[side][first:end]) < 0.5 for side, (first, end) in enumerate(ends))
            if new >= sides:
                kept.append(reuse)
                for side, (first, end) in enumerate(ends):
                    shown[side][first:end] = True
            else:
                later.append(reuse)
        rest = later
    return kept
