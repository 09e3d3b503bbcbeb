"""Answers: which sentences a document shows, how much of them, and when it is silent."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.load import load
from index.segment import Evidence
from index.split import count_words, split
from index.types import BlockKind, Document, Hit, Passage, Search
from qa.answer import Read, perspective
from qa.rank import FEATURES, Ranking
from qa.read import Candidate, Reading
from qa.rules import Rule, rule
from qa.types import Citation, Perspective, Signals, Source
from qa.voice import voices

SAMPLES = Path(__file__).resolve().parents[1] / "ui" / "samples"
MARGIN = 0.15
RULE = Rule(Ranking(tuple(float(f == "reader") for f in FEATURES), MARGIN), rule("none", "words").calibration, "words")
"""Sentences score what they read."""
SURE, UNSURE = (1.0, 1.0), (0.0, 0.0)
"""Similarity and coverage."""


@dataclass(frozen=True)
class Case:
    document: Document
    candidates: list[Candidate]
    readings: list[Reading]
    passages: Sequence[Passage] = ()

    def perspective(self, rule: Rule = RULE) -> Perspective:
        document = self.document
        source = Source(document.id, document.title, None, None, document.label, document.sha256, document.source, 0, 0)
        asked = Read("Whose boat?", self.candidates, self.readings, passages=self.passages)
        return perspective(source, document, asked, rule)

    def scores(self) -> dict[tuple[int, int], float]:
        """What each sentence scores, by its range."""
        return {
            (s.start, s.end): float(score)
            for one, reading in zip(self.candidates, self.readings, strict=True)
            for s, score in zip(one.passage.sentences, reading, strict=True)
        }

    def can_answer(self, start: int, end: int) -> bool:
        """Neither heading nor caption, of four words at least, and no question."""
        words, kind = self.document.text[start:end], self.document.blocks[self.document.block_at(start)].kind
        spoken = kind not in (BlockKind.HEADING, BlockKind.CAPTION)
        return spoken and count_words(words) >= 4 and not words.rstrip(" \n”’»)").endswith("?")


@cache
def sample(name: str) -> tuple[Document, tuple[Passage, ...]]:
    document = load(SAMPLES / f"{name}.txt")
    return document, split(document, document.text)


def candidate(document: Document, passage: Passage, signals: tuple[float, float]) -> Candidate:
    texts = tuple(document.text[s.start : s.end] for s in passage.sentences)
    similarity = np.full(len(texts), signals[0], np.float32)
    return Candidate(Hit(0, 0.0, Search.FUSED), passage, texts, Evidence(similarity, similarity, signals[1]))


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Any passages of a sample, however near the question and read in any way."""
    document, passages = sample(draw(st.sampled_from(["resting-of-the-ground", "how-to-steal-an-oyster-bed"])))
    chosen = draw(st.lists(st.sampled_from(passages), unique=True, max_size=12))
    signals = draw(st.sampled_from([SURE, UNSURE]) | st.tuples(st.floats(0, 1), st.floats(0, 1)))
    scores = st.sampled_from([0.0, 0.1, 0.85, 0.9, 1.0])
    readings = [np.array([draw(scores) for _ in passage.sentences], np.float32) for passage in chosen]
    return Case(document, [candidate(document, passage, signals) for passage in chosen], readings, passages)


def places(side: Perspective) -> tuple[Citation, ...]:
    return side.answer.citations if side.answer is not None else side.nearest


def of_one_paragraph(case: Case, place: Citation) -> Callable[[tuple[int, int]], bool]:
    """Whether a sentence is in a place, and in the paragraph in which it begins: what is announced stands below."""
    paragraph = case.document.block_at(place.start)
    return lambda s: place.start < s[1] and s[0] < place.end and case.document.block_at(s[0]) == paragraph


@given(cases())
def test_at_most_three_places_each_from_another_passage_and_none_twice(case: Case) -> None:
    found = sorted(places(case.perspective()), key=lambda place: place.start)
    passages = [place.passage for place in found]
    assert len(passages) == len(set(passages)) <= 3
    assert all(one.end <= two.start for one, two in pairwise(found))


@given(cases())
def test_a_place_is_one_to_three_whole_neighbouring_sentences_of_one_paragraph_or_over_a_colon(case: Case) -> None:
    text = case.document.text
    for place in places(case.perspective()):
        assert count_words(place.quote) <= 80
        sentences = [s for passage in case.passages for s in passage.sentences]
        inside = [s for s in sentences if place.start < s.end and s.start < place.end]
        assert text[inside[0].start : inside[-1].end].strip() == place.quote
        assert 1 <= len(inside) <= 3
        upper, *lower = place.quote.split("\n\n")
        assert len(lower) == upper.endswith(":")


@given(cases())
def test_headings_captions_and_shreds_never_answer(case: Case) -> None:
    for place in places(case.perspective()):
        kind = case.document.blocks[case.document.block_at(place.start)].kind
        assert kind in (BlockKind.PARAGRAPH, BlockKind.QUOTATION, BlockKind.FOOTNOTE)
        assert count_words(place.quote) >= 4


@given(cases())
def test_a_place_holds_no_sentence_that_scores_lower_than_its_best_by_more_than_the_margin(case: Case) -> None:
    scores = case.scores()
    for place in places(case.perspective()):
        inside = {s: scores[s] for s in filter(of_one_paragraph(case, place), scores)}
        best = max(score for s, score in inside.items() if case.can_answer(*s))
        assert min(inside.values()) >= best - MARGIN - 1e-6


@given(cases())
def test_the_best_sentence_that_can_answer_comes_first(case: Case) -> None:
    able = {s: score for s, score in case.scores().items() if case.can_answer(*s)}
    tops = []
    for place in places(case.perspective()):
        tops.append(max(able[s] for s in filter(of_one_paragraph(case, place), able)))
    assert tops == sorted(tops, reverse=True)
    assert (max(able.values()) if able else None) == (tops[0] if tops else None)


@given(cases())
def test_a_document_answers_above_the_threshold_and_shows_its_nearest_passages_below(case: Case) -> None:
    side = case.perspective()
    assert (side.answer is not None) == (side.confidence >= RULE.calibration.threshold)
    assert side.answer is None or side.nearest == ()
    if (side.signals.similarity, side.signals.coverage) == UNSURE:
        assert side.answer is None


@given(cases())
def test_the_signals_are_the_nearest_sentence_the_best_passage_and_the_odds_of_any_sentence(case: Case) -> None:
    found = case.perspective().signals
    if not case.candidates:
        assert found == Signals(0.0, 0.0, length=max(len(case.document.text), 1))
        return
    assert found.similarity == max(float(one.evidence.similarity.max()) for one in case.candidates)
    assert found.coverage == case.candidates[0].evidence.coverage
    odds = np.concatenate(case.readings).astype(np.float64)
    assert found.reader == pytest.approx(np.log(np.exp(odds).sum()), abs=1e-5)
    assert replace(case, readings=[]).perspective().signals == replace(found, reader=0.0)


@given(cases())
def test_the_readers_word_decides_whether_a_document_speaks(case: Case) -> None:
    heard = replace(RULE.calibration, similarity=0.0, coverage=0.0, reader=1.0, intercept=-1.0)
    side = case.perspective(replace(RULE, calibration=heard))
    assert side.confidence == (heard.confidence(side.signals) if places(side) else 0.0)
    assert (side.answer is not None) == (side.confidence >= heard.threshold)


def read(text: str, scores: Sequence[float], path: Path, signals: tuple[float, float] = SURE) -> Perspective:
    """What a document of one passage says when its sentences are read so."""
    file = path / "text.txt"
    file.write_text(text, encoding="utf-8")
    document = load(file)
    passages = (passage,) = split(document, document.text)
    assert len(passage.sentences) == len(scores)
    reading = np.array(scores, np.float32)
    return Case(document, [candidate(document, passage, signals)], [reading], passages).perspective()


FERRY = (
    "The ferry sank in the spring flood. Nobody had mended her hull. The miller bought the wreck for a crown.\n\n"
    "His brother sold the bell.\n"
)


def quotes(side: Perspective) -> list[str]:
    return [place.quote for place in places(side)]


def test_neighbours_within_the_margin_join(tmp_path: Path) -> None:
    assert quotes(read(FERRY, [1, 0.9, 0.2, 0.1], tmp_path)) == [
        "The ferry sank in the spring flood. Nobody had mended her hull."
    ]
    assert quotes(read(FERRY, [0.8, 1, 0.8, 0.1], tmp_path)) == ["Nobody had mended her hull."]
    assert quotes(read(FERRY, [-5.1, -5, -5.2, -9], tmp_path)) == [
        "The ferry sank in the spring flood. Nobody had mended her hull."
    ]


def test_a_neighbour_in_the_next_paragraph_does_not_join(tmp_path: Path) -> None:
    assert quotes(read(FERRY, [0, 0, 1, 1], tmp_path)) == ["The miller bought the wreck for a crown."]


def test_no_more_than_eighty_words_join(tmp_path: Path) -> None:
    sentence = " ".join(["The", *["old"] * 34, "ferry sank in the flood."])
    assert quotes(read(f"{sentence} {sentence} {sentence}\n", [1, 1, 1], tmp_path)) == [f"{sentence} {sentence}"]


def test_a_shred_is_passed_over_however_well_it_reads(tmp_path: Path) -> None:
    assert quotes(read("Why not?\n\nThe ferry sank in the spring flood.\n", [1, 0.1], tmp_path)) == [
        "The ferry sank in the spring flood."
    ]


def test_a_question_is_passed_over_however_well_it_reads(tmp_path: Path) -> None:
    asked, said = "“Who mended the hull of the ferry?”", "The ferry sank in the spring flood."
    assert quotes(read(f"{asked}\n\n{said}\n", [1, 0.1], tmp_path)) == [said]
    beside = f"{asked} {said}"  # where it may stand
    assert quotes(read(f"{beside}\n", [1, 0.1], tmp_path)) == [beside]


SANK = "The ferry sank in the spring flood."
LEADING = f"The miller {'and his brother ' * 17}told it thus:"
TOLD = f"She went down {'by the stern ' * 9}in a flood."


def test_a_sentence_that_ends_in_a_colon_brings_what_it_announces(tmp_path: Path) -> None:
    assert quotes(read(f"{SANK} The miller told it thus:\n\n{TOLD}\n", [0.2, 1, 0.1], tmp_path)) == [
        f"The miller told it thus:\n\n{TOLD}"
    ]
    assert quotes(read(f"{SANK} The miller told it thus:\n\n{TOLD}\n", [1, 0.9, 0.1], tmp_path)) == [
        f"{SANK} The miller told it thus:\n\n{TOLD}"
    ]


def test_what_is_announced_stands_alone_where_both_are_too_long_together(tmp_path: Path) -> None:
    assert quotes(read(f"{LEADING}\n\n{TOLD}\n", [1, 0.1], tmp_path)) == [TOLD]


def test_a_neighbour_that_announces_does_not_join_without_what_it_announces(tmp_path: Path) -> None:
    assert quotes(read(f"{SANK} {LEADING}\n\n{TOLD}\n", [1, 0.9, 0.1], tmp_path)) == [SANK]


def test_a_document_of_shreds_is_silent_with_nothing_near(tmp_path: Path) -> None:
    side = read("Why not? Who knows?\n", [1, 1], tmp_path)
    assert (side.answer, side.nearest, side.confidence) == (None, (), 0.0)


def test_without_candidates_a_document_is_silent() -> None:
    document, _ = sample("resting-of-the-ground")
    side = Case(document, [], []).perspective()
    assert (side.answer, side.nearest, side.confidence) == (None, (), 0.0)


def test_the_certainty_goes_with_the_confidence(tmp_path: Path) -> None:
    side = read(FERRY, [1, 0, 0, 0], tmp_path)
    assert side.answer is not None
    assert side.answer.certainty == RULE.calibration.certainty(side.confidence, "words")
    assert read(FERRY, [1, 0, 0, 0], tmp_path, UNSURE).answer is None


OATH = """The Ferry

The miller told it often. “Nobody but the ferryman himself ever owned the ferry,” he said. I never saw her myself.

Reeds have grown over the landing since then.
"""


@pytest.mark.parametrize(("read_as", "speaks"), [([-9, -9, 9, -9, -9], False), ([-9, -9, 9, 9, -9], True)])
def test_how_sure_the_authors_own_words_answer_goes_by_them_alone(
    tmp_path: Path, read_as: list[float], speaks: bool
) -> None:
    (tmp_path / "ferry.txt").write_text(OATH, encoding="utf-8")
    document = load(tmp_path / "ferry.txt")
    packaged = rule("parallax-3", "all-MiniLM-L6-v2")
    odds = iter(read_as)
    candidates, readings = [], []
    for passage in split(document, document.text):
        read = np.array([next(odds) for _ in passage.sentences], np.float32)
        near = (read > 0).astype(np.float32)
        texts = tuple(document.text[s.start : s.end] for s in passage.sentences)
        candidates.append(Candidate(Hit(0, 0.0, Search.FUSED), passage, texts, Evidence(near, near, 1.0)))
        readings.append(read)
    asked = Read("Who owned the ferry?", candidates, readings, voices=voices(document))
    source = Source(document.id, document.title, None, None, document.label, document.sha256, document.source, 0, 0)
    assert perspective(source, document, asked, packaged).answer is not None
    own = perspective(source, document, replace(asked, own=True), packaged)
    assert (own.answer is not None) == speaks
    assert all("Nobody" not in citation.quote for citation in places(own))
