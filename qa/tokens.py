"""The words of a document as numbers, so that numpy finds and counts them.

A term is looked for by its words' stems, function words too, in the order in which they stand. It does not run on from
one block (a paragraph, a heading, a note) into the next; punctuation between its words makes no difference.
"""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.lexical import stems, terms
from index.types import Document
from qa.stretch import each_word, folded

Numbers = NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Tokens:
    """All words of one document, in order; each array but the last two has shape (words,)."""

    starts: Numbers
    """Where each begins, in characters of the text."""
    blocks: Numbers
    """Index of the block in which it stands."""
    spelt: Numbers
    """Index into `spellings`."""
    stems: Numbers
    """Index into `vocabulary`."""
    spellings: tuple[str, ...]
    """Every word as the document spells it, capitals kept."""
    forms: tuple[str, ...]
    """Each spelling in lower case."""
    telling: NDArray[np.bool_]
    """Of each spelling, whether it carries meaning: no function word and no single letter. Shape (spellings,)."""
    vocabulary: dict[str, int]
    """The number of each stem."""

    def end(self, word: int) -> int:
        """Where a word ends, in characters of the text."""
        return int(self.starts[word]) + len(self.spellings[self.spelt[word]])

    def places(self, term: Sequence[str]) -> Numbers:
        """The first word of every occurrence of a term, given by its stems; they do not overlap."""
        wanted = [self.vocabulary.get(stem, -1) for stem in term]
        reach = len(self.stems) - len(wanted) + 1
        if -1 in wanted or reach < 1:
            return np.zeros(0, np.int32)
        here = self.blocks[:reach] == self.blocks[len(wanted) - 1 :]
        for offset, stem in enumerate(wanted):
            here &= self.stems[offset : offset + reach] == stem
        return _apart(np.flatnonzero(here).astype(np.int32), len(wanted))


def tokens(document: Document) -> Tokens:
    """Cut a document into its words and stem them. About a second for three million characters."""
    language = document.language
    starts, blocks, spelt = array("i"), array("i"), array("i")
    numbers: dict[str, int] = {}
    for number, block in enumerate(document.blocks):
        before = len(starts)
        for match in each_word(document.text, block.start, block.end):
            starts.append(match.start())
            spelt.append(numbers.setdefault(match[1], len(numbers)))
        blocks.extend([number] * (len(starts) - before))
    forms = tuple(map(folded, numbers))
    vocabulary: dict[str, int] = {}
    stem_of = np.array([vocabulary.setdefault(stem, len(vocabulary)) for stem in stems(forms, language)], np.int32)
    telling = np.array([bool(term) for term in terms(forms, language)], bool)
    return Tokens(
        starts=_numbers(starts),
        blocks=_numbers(blocks),
        spelt=_numbers(spelt),
        stems=stem_of[_numbers(spelt)],
        spellings=tuple(numbers),
        forms=forms,
        telling=telling,
        vocabulary=vocabulary,
    )


def _numbers(values: "array[int]") -> Numbers:
    return np.array(values, np.int32)


def _apart(places: Numbers, length: int) -> Numbers:
    """The places of a run of words without those that overlap the one before."""
    if length == 1 or not (np.diff(places) < length).any():
        return places
    kept = [int(places[0])]
    for place in places[1:]:
        if place - kept[-1] >= length:
            kept.append(int(place))
    return np.array(kept, np.int32)
