"""Which documents of a comparison stand in columns, and which are only told of. It asks and renders nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

from qa.types import Comparison, Perspective

COLUMNS = 4
"""So many documents stand side by side; of more, those that have most to say."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The perspectives of a comparison, parted by whether they are shown."""

    shown: tuple[Perspective, ...]
    answering: tuple[Perspective, ...]
    """Not shown, though they answer; what has most to say first."""
    silent: int
    """How many are neither shown nor answer."""


def columns(comparison: Comparison, pinned: Sequence[str] = ()) -> Columns:
    """Pinned documents first, then the others: all where they fit, in their order; else those that answer before those
    that are silent, each by how much the question is about them.
    """
    sides = {side.source.id: side for side in comparison.perspectives}
    first = [sides[identifier] for identifier in pinned if identifier in sides]
    if len(sides) <= COLUMNS:
        return Columns((*first, *(side for side in sides.values() if side not in first)), (), 0)
    ranked = [sides[identifier] for identifier in comparison.ranking if identifier not in pinned]
    ranked.sort(key=lambda side: side.answer is None)
    free = max(COLUMNS - len(first), 0)
    answering = tuple(side for side in ranked[free:] if side.answer is not None)
    return Columns((*first, *ranked[:free]), answering, len(ranked[free:]) - len(answering))
