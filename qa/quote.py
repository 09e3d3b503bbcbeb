"""Finding a quotation: every place of a document where the words stand that somebody quotes, however they were copied.

Words are compared without case, punctuation, quotation marks, note numbers and hyphens at line ends. A place is
*exact* when its words are those of the quotation; *near* when its letters are like them (rapidfuzz's indel ratio);
*joined* when the quotation leaves something out, marked or not, and its parts stand in this order. The word index of
the library says which passages to look at; the alignment then runs over the text around them. Nothing here knows of
meaning: a paraphrase is not found.
"""

import math
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby, pairwise
from operator import attrgetter

import numpy as np
from rapidfuzz import fuzz
from rapidfuzz.distance import LCSseq, Levenshtein

from index.language import UNSPACED, is_unspaced
from index.lexical import LexicalIndex, in_pairs, terms
from index.types import Document, Passage
from qa.cite import around, cite
from qa.stretch import Stretch, between_words, joined, words
from qa.types import Difference, Likeness, Occurrence, Voice

LEAST = 70.0
"""A place less like the quotation than this (of 100) is none. Sentences of other texts stay below it."""
LEAST_SHORT = 87.0
"""The same for quotations of fewer than SHORT characters, which are like something everywhere."""
SHORT = 30
WORDS_NEAR = 3
"""A shorter quotation is looked for as it stands only."""
PIECE = 60
"""Words that are aligned at once."""
LONG = 120
"""Words; a longer quotation is aligned in pieces only."""
BETTER = 5.0
"""Parts joined must be so much more like the quotation than one place is: every join leaves something out."""
SHARE = 0.75
"""Of a quotation in pieces, so much of its letters must be found."""
REACH = 20_000
"""Characters between two parts at most: farther apart, nobody joins them in one quotation."""
SEEDS = 8
"""Passages of a document about which a piece is aligned."""
HELD = 1 / 3
"""A passage is looked at only if so many of a piece's terms stand in it or about it. Of a place that is like enough,
more than half of the words are the same; in another document's text they mostly are not, which spares its alignment."""

_LINE_END = re.compile(r"(?<=\w)[-\u2010\u00ad][ \t]*\r?\n\s*(?=\w)")
_OMISSION = re.compile(r"[\[(]\s*(?:…|\.\s*\.\s*\.)\s*[])]|…|\.\s?\.\s?\.(?:\s?\.)?")
_SENTENCE_END = re.compile(r"(?<=[.!?;:])[\"'”’»)\]]*\s+")
_LEAST_PART = 3
"""Words; a shorter part of a quotation ("he … went") says nothing of where it stands."""


@dataclass(frozen=True, slots=True)
class Searched:
    """One document with its passages and the index of their words."""

    document: Document
    passages: Sequence[Passage]
    words: LexicalIndex
    voices: Callable[[], Sequence[Voice]] = tuple
    """Who speaks in it: asked only where something is found, since it takes longer than all the rest."""


@dataclass(frozen=True, slots=True)
class _Place:
    """A range of the document, and how like the quotation (or the piece of it with this number) it is, of 100."""

    score: float
    start: int
    end: int
    piece: int = 0


class Quotation:
    """What is looked for."""

    def __init__(self, text: str) -> None:
        self.text = _LINE_END.sub("", text)
        self.words = [word for _, _, word in words(self.text)]
        self.folded = joined(self.words)

    def pieces(self) -> list[str]:
        """Parts between omissions, else sentences; long ones in pieces. The folded words of each."""
        parts = _OMISSION.split(self.text)
        if len(parts) == 1:
            parts = _SENTENCE_END.split(self.text)
        folded: list[list[str]] = []
        for part in parts:
            told = [word for _, _, word in words(part)]
            folded += [told[at : at + PIECE] for at in range(0, len(told), PIECE)]
        return [joined(piece) for piece in folded if len(piece) >= _LEAST_PART]


def occurrences(quotation: Quotation, searched: Searched) -> list[Occurrence]:
    """Where a quotation stands in one document, best first; empty where it does not."""
    exact = list(_exact(quotation, searched))
    if exact:
        return [_occurrence(quotation, searched, [place], Likeness.EXACT) for place in exact]
    if len(quotation.words) < WORDS_NEAR:
        return []
    pieces = quotation.pieces()
    joined = _joined(pieces, searched) if len(pieces) > 1 else []
    near = _near(quotation.folded, searched) if len(quotation.words) <= LONG else []
    found = [_occurrence(quotation, searched, [place], Likeness.NEAR) for place in near]
    if joined:
        kind = Likeness.JOINED if len(joined) > 1 else Likeness.NEAR
        whole = _occurrence(quotation, searched, joined, kind)
        if not found or whole.score > found[0].score + BETTER:
            return [whole]
    return found


@lru_cache(maxsize=256)  # every document is asked for the same few
def _terms(folded: str, language: str) -> tuple[str, ...]:
    return tuple(terms([folded], language)[0])


def _place(stretch: Stretch, score: float, first: int, last: int) -> _Place:
    return _Place(score, stretch.words[first][0], stretch.words[last][1])


def _reach(searched: Searched, number: int, length: int) -> tuple[int, int]:
    """The range about a passage in which a quotation of so many characters fits that has a word in the passage."""
    reach = length + length // 2 + 200
    passage = searched.passages[number]
    return max(passage.start - reach, 0), min(passage.end + reach, len(searched.document.text))


def _holding(searched: Searched, numbers: Sequence[int], length: int, asked: Sequence[str], share: float) -> list[int]:
    """Those of some passages about which so many of the terms stand that a quotation is made of."""
    least = math.ceil(share * len(set(asked)))
    ranges = [_reach(searched, number, length) for number in numbers]
    first = [bisect_right(searched.passages, start, key=attrgetter("start")) - 1 for start, _ in ranges]
    last = [bisect_left(searched.passages, end, key=attrgetter("start")) - 1 for _, end in ranges]
    held = searched.words.held(asked, np.array(first, np.intp), np.array(last, np.intp))
    return [number for number, count in zip(numbers, held, strict=True) if count >= least]


def _stretches(searched: Searched, numbers: Iterable[int], length: int) -> Iterator[Stretch]:
    """The text about some passages, so far that a quotation of so many characters fits in, overlaps read once."""
    text = searched.document.text
    ranges = sorted(_reach(searched, number, length) for number in numbers)
    merged: list[tuple[int, int]] = []
    for start, end in ranges:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    for start, end in merged:
        yield Stretch(text, between_words(text, start), between_words(text, end))


def _exact(quotation: Quotation, searched: Searched) -> Iterator[_Place]:
    """Every place with the same words."""
    folded = quotation.folded
    before, after = ("" if UNSPACED.match(end) else " " for end in (folded[0], folded[-1]))
    needle = f"{before}{folded}{after}"
    for stretch in _stretches(searched, _worth_reading(quotation, searched), len(quotation.text)):
        hay = f" {stretch.folded} "
        at = hay.find(needle)
        while at >= 0:
            first = at + len(before) - 1
            yield _place(stretch, 100.0, stretch.word_at(first), stretch.word_at(first + len(folded) - 1))
            at = hay.find(needle, at + len(needle) - len(after))


def _worth_reading(quotation: Quotation, searched: Searched) -> Sequence[int]:
    """The passages about which a quotation may stand. Of pairs of characters some are missing: those over a mark."""
    language, everything = searched.document.language, range(len(searched.passages))
    asked = _terms(quotation.folded, language)
    if not asked:
        return everything
    if not is_unspaced(quotation.folded):
        return _holding(searched, searched.words.holding(asked).tolist(), len(quotation.text), asked, 1.0)
    if not in_pairs(language):
        return everything if is_unspaced(searched.document.text) else ()
    return _holding(searched, everything, len(quotation.text), asked, HELD)


def _near(folded: str, searched: Searched) -> list[_Place]:
    """Places whose letters are like some folded words, best first, none overlapping another."""
    least = LEAST_SHORT if len(folded) < SHORT else LEAST
    asked = _terms(folded, searched.document.language)
    numbers = [hit.passage for hit in searched.words.search(asked, SEEDS)]
    numbers = _holding(searched, numbers, len(folded), asked, HELD)
    found = []
    for stretch in _stretches(searched, numbers, len(folded)):
        found += _aligned(folded, stretch, 0, len(stretch.words), least)
    return sorted(found, key=lambda place: -place.score)


def _aligned(folded: str, stretch: Stretch, first: int, end: int, least: float) -> list[_Place]:
    """The best place among some words of a stretch, then the best before and after it, down to the least score."""
    if end - first < 1:
        return []
    base = stretch.starts[first]
    found = fuzz.partial_ratio_alignment(folded, stretch.cut(first, end - 1), score_cutoff=least - 15)
    if found is None or found.dest_end <= found.dest_start:
        return []
    here = stretch.word_at(base + found.dest_start), stretch.word_at(base + found.dest_end - 1)
    score, left, right = _settled(folded, stretch, here, (first, end))
    if score < least:
        return []
    rest = [_aligned(folded, stretch, *side, least) for side in ((first, left), (right + 1, end))]
    return [_place(stretch, score, left, right), *rest[0], *rest[1]]


def _settled(folded: str, stretch: Stretch, here: tuple[int, int], bounds: tuple[int, int]) -> tuple[float, int, int]:
    """A place moved word by word at both ends for as long as it holds more of the quotation or less beside it."""
    best = (_worth(folded, stretch.cut(*here)), *here)
    while True:
        _, left, right = best
        moves = [(left + a, right + b) for a in (-2, -1, 0, 1, 2) for b in (-2, -1, 0, 1, 2)]
        tried = [(_worth(folded, stretch.cut(a, b)), a, b) for a, b in moves if bounds[0] <= a <= b < bounds[1]]
        better = max(tried, key=lambda move: move[0])
        if better[0] <= best[0]:
            return fuzz.ratio(folded, stretch.cut(left, right)), left, right
        best = better


def _worth(folded: str, cut: str) -> float:
    """The share of the quotation's letters that stand in a cut, in order, with their share in both texts together.

    The ratio alone would rather end before a word that was put in than go on to the quotation's last word.
    """
    shared = LCSseq.similarity(folded, cut)
    return shared / len(folded) + 2 * shared / (len(folded) + len(cut))


def _joined(pieces: Sequence[str], searched: Searched) -> list[_Place]:
    """The parts of a quotation in their order, neighbours in one; empty where too much of it is not found.

    The chain of places with the most letters found, by dynamic programming over the places of every piece.
    """
    places = [replace(place, piece=number) for number, piece in enumerate(pieces) for place in _near(piece, searched)]
    best: list[tuple[float, int | None]] = []
    for at, place in enumerate(places):
        value, before = place.score * len(pieces[place.piece]), None
        reached = value
        for earlier in range(at):
            other = places[earlier]
            gap = place.start - other.end
            if other.piece < place.piece and 0 <= gap <= REACH:
                joined = value + best[earlier][0] - gap / REACH
                if joined > reached:
                    reached, before = joined, earlier
        best.append((reached, before))
    chain: list[_Place] = []
    at_last = max(range(len(best)), key=lambda i: best[i][0], default=None)
    while at_last is not None:
        chain.insert(0, places[at_last])
        at_last = best[at_last][1]
    letters = sum(map(len, pieces))
    if sum(place.score * len(pieces[place.piece]) for place in chain) < 100 * SHARE * letters:
        return []
    return _neighbours_in_one(chain, searched.document.text)


def _neighbours_in_one(chain: Sequence[_Place], text: str) -> list[_Place]:
    merged = list(chain[:1])
    for before, place in pairwise(chain):
        if words(text, before.end, place.start):
            merged.append(place)
        else:
            merged[-1] = replace(merged[-1], end=place.end)
    return merged


def _occurrence(quotation: Quotation, searched: Searched, places: Sequence[_Place], likeness: Likeness) -> Occurrence:
    document = searched.document
    parts, found = [], []
    for place in places:
        passage = around(searched.passages, place.start, place.end)
        parts.append(cite(document, place.start, place.end, passage, searched.voices()))
        found += [(word, document.text[start:end]) for start, end, word in words(document.text, place.start, place.end)]
    score = fuzz.ratio(quotation.folded, joined([word for word, _ in found]))
    differences = () if likeness is Likeness.EXACT else tuple(_differences(quotation, found))
    start, end = places[0].start, places[-1].end
    return Occurrence(
        document.id, start, end, document.text[start:end], likeness, round(score, 1), tuple(parts), differences
    )


def _differences(quotation: Quotation, found: Sequence[tuple[str, str]]) -> Iterator[Difference]:
    """The quotation's words against the document's, in order, the same ones too, so that both can be read whole."""
    asked = [quotation.text[start:end] for start, end, _ in words(quotation.text)]
    steps = Levenshtein.opcodes(quotation.words, [word for word, _ in found])
    for same, run in groupby(steps, key=lambda step: step.tag == "equal"):
        changes = list(run)
        first, last = changes[0], changes[-1]
        theirs = joined([word for _, word in found[first.dest_start : last.dest_end]])
        yield Difference(joined(asked[first.src_start : last.src_end]), theirs, same)
