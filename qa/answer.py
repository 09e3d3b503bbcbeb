"""From one document's candidates to its perspective: the sentences shown, the confidence, or silence."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np

from index.split import SENTENCE_WORDS, length_in_words
from index.types import BlockKind, Document, Passage
from qa.announced import announced
from qa.cite import around, cite, share_of_others
from qa.rank import Scores
from qa.read import Candidate, Reading
from qa.rules import Rule
from qa.types import Answer, Citation, Perspective, Signals, Source, Voice

PLACES = 3
"""So many citations an answer holds at most, each from another passage."""
MERGED = 3
"""So many neighbouring sentences make one citation at most, of SENTENCE_WORDS words together."""
QUOTED = 0.5
"""A sentence of which others speak so much is not the author's own."""
LEAST_WORDS = 4
"""A shorter sentence ("Ibid., 61.", "No.") answers nothing by itself."""
_CLOSING = " \n”’»)\"']」』）"
_ASKING = ("?", "？", "؟", "՞")
_SPOKEN = (BlockKind.PARAGRAPH, BlockKind.QUOTATION, BlockKind.FOOTNOTE)


@dataclass(frozen=True, slots=True)
class _Place:
    """A sentence of a candidate, by its numbers, with its score."""

    candidate: int
    sentence: int
    score: float


@dataclass(frozen=True, slots=True)
class Read:
    """One document's candidates as they were read for a question."""

    question: str
    candidates: Sequence[Candidate]
    readings: Sequence[Reading]
    """One for each candidate; empty without a reader."""
    voices: Sequence[Voice] = ()
    """Who speaks in the document besides its author."""
    passages: Sequence[Passage] = ()
    """All of the document, in order, for what a sentence announces; without them nothing is."""
    own: bool = False
    """Only what the author says in his own words may answer."""
    meaning: bool = True
    """Whether the encoder knows the document's language; else its words alone were searched."""


def perspective(source: Source, document: Document, read: Read, rule: Rule) -> Perspective:
    """What one document has to say, given its candidates and how they were read."""
    candidates, margin = read.candidates, rule.ranking.margin
    scores = rule.ranking.scores(read.question, candidates, read.readings)
    citations = tuple(islice(_cited(document, read, scores, margin), PLACES))
    heard, readings = _own(document, read) if read.own else (candidates, read.readings)
    known = signals(heard, readings, len(document.text))
    confidence = rule.calibration.confidence(known) if citations else 0.0
    if not citations or confidence < rule.calibration.threshold:
        return Perspective(source, confidence, known, None, citations)
    certainty = rule.calibration.certainty(confidence, rule.encoder)
    return Perspective(source, confidence, known, Answer(citations, certainty), ())


def _cited(document: Document, read: Read, scores: Sequence[Scores], margin: float) -> Iterator[Citation]:
    """The best sentence that can answer in each candidate, best first, nothing twice; as far as it is asked for."""
    places = [
        _Place(number, sentence, score)
        for number, candidate in enumerate(scores)
        for sentence, score in enumerate(candidate.tolist())
    ]
    taken: dict[int, Citation] = {}
    for place in sorted(places, key=lambda place: -place.score):
        candidate = read.candidates[place.candidate]
        if (
            place.candidate not in taken
            and can_answer(document, candidate, place.sentence)
            and _is_allowed(document, read, candidate, place.sentence)
        ):
            citation = _citation(document, read, scores[place.candidate] + margin, place)
            if all(citation.end <= other.start or other.end <= citation.start for other in taken.values()):
                taken[place.candidate] = citation
                yield citation


def _own(document: Document, read: Read) -> tuple[list[Candidate], list[Reading]]:
    """What was found and read of the author's own sentences, of the candidates that have any."""
    candidates, readings = [], []
    for number, candidate in enumerate(read.candidates):
        own = np.array([_is_allowed(document, read, candidate, i) for i in range(len(candidate.sentences))], np.bool_)
        if own.any():
            known = replace(candidate.evidence, similarity=candidate.evidence.similarity[own])
            candidates.append(replace(candidate, evidence=known))
            readings += [reading[own] for reading in read.readings[number : number + 1]]
    return candidates, readings


def _is_allowed(document: Document, read: Read, candidate: Candidate, sentence: int) -> bool:
    """Whether a sentence is the author's own, where that is asked for."""
    place = candidate.passage.sentences[sentence]
    return not read.own or share_of_others(document.text, read.voices, place.start, place.end) < QUOTED


def can_answer(document: Document, candidate: Candidate, sentence: int) -> bool:
    """Whether a sentence may stand as an answer: it says something, in a part of the text where somebody speaks."""
    block = document.blocks[document.block_at(candidate.passage.sentences[sentence].start)]
    words = candidate.sentences[sentence]
    asks = words.rstrip(_CLOSING).endswith(_ASKING)  # a question asserts nothing
    return block.kind in _SPOKEN and not asks and length_in_words(words) >= LEAST_WORDS


def _citation(document: Document, read: Read, raised: Scores, place: _Place) -> Citation:
    """The best sentence with the neighbours in its paragraph whose scores, raised by the margin, reach its own."""
    candidate = read.candidates[place.candidate]
    sentences, best = candidate.passage.sentences, place.sentence
    paragraph = document.block_at(sentences[best].start)
    first = last = best
    while True:
        near = [
            i
            for i in (first - 1, last + 1)
            if 0 <= i < len(sentences)
            and document.block_at(sentences[i].start) == paragraph
            and raised[i] >= place.score
            and _is_allowed(document, read, candidate, i)
            and _fits(document, read, candidate, range(min(first, i), max(last, i) + 1))
        ]
        if not near:
            break
        joined = max(near, key=lambda i: raised[i])
        first, last = min(first, joined), max(last, joined)
    return _running_on(document, read, candidate, range(first, last + 1))


def _fits(document: Document, read: Read, candidate: Candidate, run: range) -> bool:
    """Whether these sentences, with the first that the last of them announces, are few and short enough together."""
    told = announced(document, read.passages, candidate.passage.sentences[run[-1]])
    words = [candidate.sentences[i] for i in run]
    words += [document.text[told.start : told.end]] if told is not None else []
    return len(words) <= MERGED and sum(map(length_in_words, words)) <= SENTENCE_WORDS


def _running_on(document: Document, read: Read, candidate: Candidate, run: range) -> Citation:
    """These sentences with what the last of them announces, which stands alone where both are too long together.

    What is announced and may not answer, since others speak it, stands beside the quotation in its passage.
    """
    sentences = candidate.passage.sentences
    start, last = sentences[run[0]].start, sentences[run[-1]]
    words = sum(length_in_words(candidate.sentences[i]) for i in run)
    told = announced(document, read.passages, last, MERGED - len(run), SENTENCE_WORDS - words)
    if told is None:
        return cite(document, start, last.end, candidate.passage, read.voices)
    passage = around(read.passages, start, told.end)
    if read.own and share_of_others(document.text, read.voices, told.start, told.end) >= QUOTED:
        return cite(document, start, last.end, passage, read.voices)
    if not _fits(document, read, candidate, run):
        told = announced(document, read.passages, last, MERGED, SENTENCE_WORDS) or told
        start = told.start
    return cite(document, start, told.end, passage, read.voices)


def signals(candidates: Sequence[Candidate], readings: Sequence[Reading], length: int) -> Signals:
    """What the confidence is reckoned from. `length`: characters of the document."""
    length = max(length, 1)
    if not candidates:
        return Signals(0.0, 0.0, length=length)
    nearest = max(float(np.max(candidate.evidence.similarity)) for candidate in candidates)
    anything = float(np.logaddexp.reduce(np.concatenate(readings))) if readings else 0.0
    return Signals(nearest, candidates[0].evidence.coverage, anything, length)
