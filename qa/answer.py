"""From one document's candidates to its perspective: the sentences shown, the confidence, or silence."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from index.split import SENTENCE_WORDS, count_words
from index.types import BlockKind, Document
from qa.cite import cite
from qa.confidence import Calibration
from qa.read import Candidate, Reading
from qa.types import Answer, Citation, Perspective, Signals, Source

PLACES = 3
"""So many citations an answer holds at most, each from another passage."""
MERGED = 3
"""So many neighbouring sentences make one citation at most, of SENTENCE_WORDS words together."""
NEIGHBOUR = 0.85
"""A neighbour joins the best sentence when it scores at least this share of it."""
LEAST_WORDS = 4
"""A shorter sentence ("Ibid., 61.", "No.") answers nothing by itself."""
_CLOSING = " \n”’»)\"']"
_SPOKEN = (BlockKind.PARAGRAPH, BlockKind.QUOTATION, BlockKind.FOOTNOTE)


@dataclass(frozen=True, slots=True)
class _Place:
    """A sentence of a candidate, by its numbers, with its score."""

    candidate: int
    sentence: int
    score: float


@dataclass(frozen=True, slots=True)
class Rule:
    """How confidence is reckoned, and for which encoder it is asked."""

    calibration: Calibration
    encoder: str


def perspective(
    source: Source,
    document: Document,
    candidates: Sequence[Candidate],
    readings: Sequence[Reading],
    rule: Rule,
) -> Perspective:
    """What one document has to say, given its candidates and how they were read."""
    places = _ranked(document, candidates, readings)
    citations = tuple(
        _citation(document, candidates[place.candidate], readings[place.candidate], place.sentence)
        for place in islice(places, PLACES)
    )
    signals = _signals(candidates)
    confidence = rule.calibration.confidence(signals) if citations else 0.0
    if not citations or confidence < rule.calibration.threshold:
        return Perspective(source, confidence, signals, None, citations)
    certainty = rule.calibration.certainty(confidence, rule.encoder)
    return Perspective(source, confidence, signals, Answer(citations, certainty), ())


def _ranked(document: Document, candidates: Sequence[Candidate], readings: Sequence[Reading]) -> list[_Place]:
    """The best sentence that can answer in each candidate, best first."""
    best: list[_Place] = []
    for number, (candidate, reading) in enumerate(zip(candidates, readings, strict=True)):
        answers = [i for i in range(len(reading)) if _can_answer(document, candidate, i)]
        if answers:
            top = max(answers, key=lambda i: reading[i])
            best.append(_Place(number, top, float(reading[top])))
    return sorted(best, key=lambda place: -place.score)


def _can_answer(document: Document, candidate: Candidate, sentence: int) -> bool:
    block = document.blocks[document.block_at(candidate.passage.sentences[sentence].start)]
    words = candidate.sentences[sentence]
    asks = words.rstrip(_CLOSING).endswith("?")  # a question asserts nothing
    return block.kind in _SPOKEN and not asks and count_words(words) >= LEAST_WORDS


def _citation(document: Document, candidate: Candidate, reading: Reading, best: int) -> Citation:
    """The best sentence with the neighbours in its paragraph that score about as well."""
    sentences = candidate.passage.sentences
    paragraph = document.block_at(sentences[best].start)
    words = [count_words(sentence) for sentence in candidate.sentences]
    first = last = best
    while last - first + 1 < MERGED:
        near = [
            i
            for i in (first - 1, last + 1)
            if 0 <= i < len(sentences)
            and document.block_at(sentences[i].start) == paragraph
            and reading[i] >= NEIGHBOUR * reading[best]
            and sum(words[min(first, i) : max(last, i) + 1]) <= SENTENCE_WORDS
        ]
        if not near:
            break
        joined = max(near, key=lambda i: reading[i])
        first, last = min(first, joined), max(last, joined)
    return cite(document, sentences[first].start, sentences[last].end, candidate.passage)


def _signals(candidates: Sequence[Candidate]) -> Signals:
    if not candidates:
        return Signals(0.0, 0.0)
    nearest = max(float(np.max(candidate.evidence.similarity)) for candidate in candidates)
    return Signals(nearest, candidates[0].evidence.coverage)
