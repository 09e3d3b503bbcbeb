"""What of a folder's documents is gathered, and what is not: which search files a question goes to, and when a change
gathers more.

As in a log-structured merge tree (O'Neil et al. 1996), what was added is searched by itself until it is enough to be
gathered; then it is, together with every tier that holds no more than that. So a passage is gathered anew only each
time that the tier which holds it has doubled, and a question meets few tiers. Reading writes nothing.
"""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from index.embed import Vectors
from index.entry import Entry
from index.gathered import Gathered, Member, gather
from index.postings import NOWHERE, Scored
from index.sealed import PARTIAL, damaged
from index.segment import WORDS

FOLDER = "gathered"


@dataclass(frozen=True, slots=True)
class Few:
    """What is not worth gathering. The least of either makes documents many; tests take less."""

    passages: int = 10_000
    documents: int = 64

    def covers(self, entries: Sequence[Entry]) -> bool:
        """Whether these documents are few."""
        return len(entries) < self.documents and sum(entry.passages for entry in entries) < self.passages


@dataclass(frozen=True, slots=True)
class Chosen:
    """The `index.across.Part` of some documents of a tier."""

    tier: Gathered
    mask: NDArray[np.bool_]
    """Which rows count."""
    passages: int

    @property
    def rows(self) -> int:
        """As the protocol says."""
        return len(self.tier)

    def nearest(self, vectors: Mapping[str, Vectors], k: int) -> Scored:
        """As the protocol says; one encoder made the vectors of all languages."""
        if not vectors:
            return NOWHERE
        known = self.tier.mask({member.segment for member in self.tier.members if member.language in vectors})
        return self.tier.nearest(next(iter(vectors.values())), k, self.mask & known)

    def saturation(self, language: str, term: str) -> Scored:
        """As the protocol says."""
        rows, saturation = self.tier.saturation(language, term)
        if self.passages == len(self.tier):
            return rows, saturation
        kept = self.mask[rows]
        return rows[kept], saturation[kept]


class Tiers:
    """The tiers of one library. Safe to share between threads; those who write hold the library's lock."""

    def __init__(self, library: Path, segments: Path, few: Few) -> None:
        self._folder = library / FOLDER
        self._segments = segments
        self.few = few
        self._opened: dict[str, Gathered | None] = {}
        """By name; None: not whole, which is found out once."""

    def there(self, dimension: int) -> list[Gathered]:
        """Those that are whole, the largest first."""
        names = [path.name for path in self._folder.glob("*/") if path.suffix != PARTIAL]
        for name in names:
            if name not in self._opened:
                self._opened[name] = self._open(name, dimension)
        self._opened = {name: tier for name, tier in self._opened.items() if name in names}
        return sorted(filter(None, self._opened.values()), key=lambda tier: (-len(tier), tier.folder.name))

    def parts(self, entries: Sequence[Entry], dimension: int) -> tuple[list[Chosen], list[Entry]]:
        """The tiers that some documents are to be searched in, and the documents that no tier has."""
        left = {entry.segment: entry for entry in entries}
        parts: list[Chosen] = []
        for tier in [] if self.few.covers(entries) else self.there(dimension):
            mine = [member for member in tier.members if member.segment in left]
            if mine:
                mask = tier.mask({member.segment for member in mine})
                parts.append(Chosen(tier, mask, sum(member.passages for member in mine)))
            for member in mine:
                del left[member.segment]
        return parts, list(left.values())

    def gather(self, entries: Sequence[Entry], dimension: int) -> None:
        """Gather what is many, after a change that left these documents; delete what is not needed any more.

        Raises OSError, and leaves what was there.
        """
        there = self.there(dimension)
        left = {entry.segment: entry for entry in entries if entry.passages}
        mine = [(tier, [left.pop(m.segment) for m in tier.members if m.segment in left]) for tier in there]
        loose, kept = list(left.values()), []
        grow = not self.few.covers(loose)
        for tier, named in reversed(mine):  # the smallest first
            size = sum(entry.passages for entry in named)
            if 2 * size < len(tier) or (grow and size <= sum(entry.passages for entry in loose)):
                loose = named + loose
            else:
                kept.append(tier.folder.name)
        if not self.few.covers(loose) and (whole := list(filter(self._is_whole, loose))):
            kept.append(self._gathered(whole, dimension))
        for path in self._folder.glob("*/"):
            if path.name not in kept:
                shutil.rmtree(path)

    def _gathered(self, entries: Sequence[Entry], dimension: int) -> str:
        """A new tier of some documents; its name."""
        self._folder.mkdir(exist_ok=True)
        name = uuid4().hex
        members = [Member(entry.segment, entry.language, entry.passages) for entry in entries]
        gather(self._folder / name, self._segments, members, dimension)
        return name

    def _is_whole(self, entry: Entry) -> bool:
        try:
            segment = self._segments / entry.segment
            return (segment / WORDS).is_file() and damaged(segment) is None
        except OSError:
            return False

    def _open(self, name: str, dimension: int) -> Gathered | None:
        try:
            return Gathered(self._folder / name, self._segments, dimension)
        except (OSError, ValueError, KeyError, TypeError):  # the last two: another version wrote it
            return None
