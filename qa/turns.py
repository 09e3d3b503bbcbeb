"""Whose turn it is: the ranges of a document that a label before them gives to somebody, as plays and interviews do.

Labels alone prove nothing, for notes, entries and tables of data have them, too. It is a conversation where two of them
recur in turn, name persons as far as can be told, do not follow each other as the fields of records do, and what they
stand before says "I" and "you". Between Q and A it is one where the answers say "I" more often than the questions:
"How do I …?" is what an author asks himself in a help page, and the answer his own. Headings, stage directions and what
stands before the first label are the author's, and so are the turns that a label gives to him. The rules know English.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, zip_longest

from index.language import ENGLISH
from index.types import Block, BlockKind, Document
from qa.cite import trimmed
from qa.labels import ANSWERS, ASKS, SPOKEN, TITLES, Label, labels

_FAQ = re.compile(r"\bFAQs?\b|\b(?:frequently|commonly|often) asked\b|\bcommon questions\b", re.IGNORECASE)
_DIRECTION = re.compile(r"[\[(].*[\])]\W*|(?:Enter|Re-enter|Exit|Exeunt|Curtain)\b.*", re.DOTALL)
"""A stage direction, as a paragraph."""
_DIRECTION_AFTER = re.compile(r"\s*\[[^\]]{1,80}\]$")
_STYLES = frozenset(TITLES.casefold().split("|")) | {"the"}
_FIRST = re.compile(r"\b(?:I|[Mm]e|[Mm]y|[Mm]ine|[Mm]yself)\b")
_WE = re.compile(r"\b(?:[Ww]e|us|[Oo]ur|[Oo]urs)\b")
_TO_SOMEBODY = re.compile(r"\b[Yy]ou(?:r|rs|rself)?\b|\?")
_HEARD = 1500
"""Characters of a turn in which "I" and "you" are looked for."""
LEAST_CHANGES = 3
"""So often at least another speaks than before."""
LEAST_WEAK = 3
"""So often a name that may be a sentence or a heading stands before what is said."""
_OUTSIDE = 4
"""Blocks before the first and behind the last turn, or a tenth of all: with more it is no conversation throughout."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one label stands before."""

    label: tuple[int, int]
    """With the time or the manner of speaking beside it."""
    speaker: str
    """As the label names him."""
    parts: tuple[tuple[int, int], ...]
    """The words of the turn, one range a paragraph, without stage directions."""
    own: bool
    """The document's author speaks."""


def turns(document: Document) -> list[Turn]:
    """The turns of a document, in order; none where it is not clearly a conversation."""
    if document.language != ENGLISH:
        return []
    text, blocks = document.text, document.blocks
    found = list(labels(document))
    clocks = [label.clock for label in found if label.clock]
    if clocks != sorted(clocks):  # chapters and verses
        found = [label for label in found if not label.clock]
    chosen = _Talk(text, blocks, [label for label in found if label.name]).labels()
    if not chosen:
        return []
    forms, begin = {label.form for label in chosen}, {label.start for label in chosen}
    doubtful = {label.block for label in found if label.start not in begin and (not label.name or label.form in forms)}
    outside = max(_OUTSIDE, len(blocks) // 10)
    throughout = chosen[0].block <= outside and chosen[-1].block >= len(blocks) - 1 - outside
    made = []
    for label, following in zip_longest(chosen, chosen[1:]):
        end = following.start if following is not None else len(text)
        goes_on = throughout and following is not None and not label.of_play
        parts = tuple(_parts(document, doubtful, label, end, goes_on=goes_on))
        made.append(Turn((label.start, label.end), label.name, parts, _is_author(label.name, document.author)))
    return made


class _Talk:
    """What may be labels of a document, and which of them are, if they are those of a conversation."""

    def __init__(self, text: str, blocks: Sequence[Block], labels: Sequence[Label]) -> None:
        self.text, self.blocks, self.found = text, blocks, labels
        self.times = Counter(label.key for label in labels)
        self.common: dict[str, bool] = {}

    def labels(self) -> list[Label]:
        recurring = [label for label in self.found if self.times[label.key] > 1]
        if len(recurring) <= LEAST_CHANGES:
            return []
        asked = [label for label in recurring if label.key in ASKS | ANSWERS]
        named = [label for label in recurring if label.key not in ASKS | ANSWERS and self._is_name(label)]
        both = sorted([*named, *asked], key=lambda label: label.start)
        if not self._talk(named) and not (self._talk(both) and self._are_interviewed(asked)):
            return []
        known = {label.key for label in both}
        capitals = any(label.capitals for label in named)
        full = any(" " in label.name and not label.capitals for label in named)
        alone = any(label.alone for label in named)
        return [
            label
            for label in self.found
            if label.key in known or self._joins(label, capitals=capitals, full=full, alone=alone)
        ]

    def _joins(self, label: Label, *, capitals: bool, full: bool, alone: bool) -> bool:
        """Whether a label belongs to a conversation that others prove: by its form, or since it recurs."""
        if label.alone:
            return alone and label.capitals and label.end < self.blocks[label.block].end
        like = (capitals and label.capitals) or (full and " " in label.name and self._is_name(label))
        return label.telling or like or (self.times[label.key] > 1 and not label.weak)

    def _is_name(self, label: Label) -> bool:
        """Whether a label can name a person: one in capitals, or whose last word the text never writes small."""
        if label.capitals or label.telling:
            return True
        if label.weak and self.times[label.key] < LEAST_WEAK:
            return False
        word = label.key.split()[-1]
        if word not in self.common:
            self.common[word] = re.search(rf"\b{re.escape(word)}\b", self.text) is not None
        return not self.common[word]

    def _talk(self, labels: Sequence[Label]) -> bool:
        """Whether those whom some labels name speak in turn, and to each other."""
        keys = {label.key for label in labels}
        follow = [(one.key, other.key) for one, other in pairwise(labels)]
        changes = sum(one != other for one, other in follow)
        if len(keys) < 2 or changes < max(LEAST_CHANGES, 0.3 * len(follow)):
            return False
        if len(keys) > 2 and len(set(follow)) == len(keys):
            return False  # one after the other in the same order: the fields of records
        own = {label.block for label in labels}
        headed = sum(at - 1 not in own and self.blocks[at - 1].kind is BlockKind.HEADING for at in own if at)
        said = [self._said(label) for label in labels]
        small = sum(words[:1].islower() for label, words in zip(labels, said, strict=True) if not label.timed)
        first = [bool(_FIRST.search(words) or _WE.search(words)) for words in said]
        second = [_TO_SOMEBODY.search(words) is not None for words in said]
        either = sum(map(max, first, second))
        return (
            small <= len(labels) / 4
            and headed <= max(len(labels) / 3, 1)
            and either >= 0.4 * len(labels)
            and sum(first) >= len(labels) / 6
            and sum(second) >= len(labels) / 10
        )

    def _are_interviewed(self, labels: Sequence[Label]) -> bool:
        """Whether Q and A are two persons. Where an author asks himself what others would, the answers are his own."""
        headings = (self.text[block.start : block.end] for block in self.blocks if block.kind is BlockKind.HEADING)
        if any(map(_FAQ.search, headings)):
            return False
        asking, answering = (
            [_FIRST.search(self._said(label)) is not None for label in labels if label.key in keys]
            for keys in (ASKS, ANSWERS)
        )
        return sum(answering) > sum(asking) and sum(answering) >= len(answering) / 3 if answering else True

    def _said(self, label: Label) -> str:
        """The beginning of what follows a label, up to the next."""
        after = bisect_left(self.found, label.end, key=lambda other: other.start)
        end = self.found[after].start if after < len(self.found) else len(self.text)
        return self.text[label.end : min(end, label.end + _HEARD)].lstrip()


def _parts(
    document: Document, doubtful: set[int], label: Label, end: int, *, goes_on: bool
) -> Iterator[tuple[int, int]]:
    """The ranges of a turn up to an end, a heading or what may be a label; of one that does not go on, the first."""
    text = document.text
    for number in range(label.block, len(document.blocks)):
        block = document.blocks[number]
        if block.start >= end or (number > label.block and (block.kind is BlockKind.HEADING or number in doubtful)):
            return
        start, stop = trimmed(text, max(block.start, label.end), min(block.end, end))
        direction = _DIRECTION_AFTER.search(text, start, stop)
        stop = direction.start() if direction is not None else stop
        if block.kind in SPOKEN and start < stop and not _DIRECTION.fullmatch(text, start, stop):
            yield start, stop
            if not goes_on:
                return


def _is_author(name: str, author: str | None) -> bool:
    """Whether a label means the document's author: by some of his names, or their first letters."""
    names = re.findall(r"\w+", (author or "").casefold())
    given = [word for word in re.findall(r"\w{2,}", name.casefold()) if word not in _STYLES]
    initials = "".join(word[0] for word in names)
    return bool(given) and (set(given) <= set(names) or (len(initials) > 1 and "".join(given) == initials))
