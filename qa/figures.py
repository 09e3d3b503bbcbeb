"""The figures of an evaluation: from judged pairs to shares, each with a bootstrap interval over questions.

A pair is one question put to one document. Questions, not pairs, are drawn again, because what one question's
documents do hangs together (B. Efron and R. Tibshirani, An Introduction to the Bootstrap, 1993, chapters 6 and 13:
percentile intervals). Nothing is asked and nothing shown here.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from qa.types import Citation

DRAWS, SEED, LEVEL = 1000, 20, 0.95
"""Of the bootstrap: how often the questions are drawn again, the generator's seed, the share inside an interval."""
BINS = 10
"""Of the confidences, equally wide, for the calibration error."""
Floats = NDArray[np.float64]


class Measure(StrEnum):
    """What is counted, by the name it has in the machine-readable report."""

    ANSWER_1 = "answer@1"
    ANSWER_3 = "answer@3"
    PASSAGE_1 = "passage@1"
    PASSAGE_3 = "passage@3"
    ALL_SIDES = "all sides right"
    """Of the questions that two documents or more answer."""
    SPEAKS = "speaks when answerable"
    SILENT = "silent when empty"
    BALANCE = "silence, balanced"
    """The mean of the two above."""
    AUROC = "silence, auroc"
    """How often a document that answers has a higher confidence than one that is silent."""
    CALIBRATION = "calibration error"
    """Expected calibration error of the confidence that the document answers; 0 is best (Naeini et al., 2015)."""
    VERBATIM = "verbatim"
    """Of the quotations shown, those that are the slice of the document that they name."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with the interval in which it would mostly lie, had other questions of the kind been asked."""

    value: float
    low: float
    high: float
    cases: int
    """How many pairs, questions or quotations it counts."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One quotation that was shown, judged."""

    citation: Citation
    right: bool
    """Whether it answers."""
    passage_right: bool
    """Whether its passage holds an answer."""
    verbatim: bool
    """Whether it is the slice of the document that it names."""


@dataclass(frozen=True, slots=True)
class Pair:
    """What one document showed for one question, and which of it was right."""

    question: str
    """The question's id."""
    type: str
    document: str
    answerable: bool
    """Its gold answers by itself somewhere in the document."""
    empty: bool
    """The document is known to hold nothing on it. A pair may be neither: support alone."""
    silent: bool
    confidence: float
    shown: tuple[Shown, ...]
    """Best first; the nearest passages where it is silent."""

    def right(self, among: int) -> bool:
        """Whether one of the first so many quotations answers."""
        return any(shown.right for shown in self.shown[:among])

    def passage_right(self, among: int) -> bool:
        """Whether the passage of one of the first so many quotations holds an answer."""
        return any(shown.passage_right for shown in self.shown[:among])


_COUNTED: dict[Measure, Callable[[Pair], Iterable[bool]]] = {
    Measure.ANSWER_1: lambda pair: [pair.right(1)] if pair.answerable else [],
    Measure.ANSWER_3: lambda pair: [pair.right(3)] if pair.answerable else [],
    Measure.PASSAGE_1: lambda pair: [pair.passage_right(1)] if pair.answerable else [],
    Measure.PASSAGE_3: lambda pair: [pair.passage_right(3)] if pair.answerable else [],
    Measure.SPEAKS: lambda pair: [not pair.silent] if pair.answerable else [],
    Measure.SILENT: lambda pair: [pair.silent] if pair.empty else [],
    Measure.VERBATIM: lambda pair: [shown.verbatim for shown in pair.shown],
}
"""The measures that are a share of what each pair counts by itself."""


def figures(pairs: Sequence[Pair]) -> dict[Measure, Figure]:
    """Every figure that these pairs have a case for, in the order of Measure."""
    number = _numbered(pairs)
    weights = _weights(len(number))
    shares = {measure: _counts(pairs, number, counted) for measure, counted in _COUNTED.items()}
    shares[Measure.ALL_SIDES] = _all_sides(pairs, number)
    values = {measure: _share(weights, *counts) for measure, counts in shares.items()}
    cases = {measure: int(counts[1].sum()) for measure, counts in shares.items()}
    judged = [pair for pair in pairs if pair.answerable or pair.empty]
    values[Measure.BALANCE] = (values[Measure.SPEAKS] + values[Measure.SILENT]) / 2
    values[Measure.AUROC] = _auroc(judged, number, weights)
    values[Measure.CALIBRATION] = _calibration_error(judged, number, weights)
    cases |= dict.fromkeys((Measure.BALANCE, Measure.AUROC, Measure.CALIBRATION), len(judged))
    return {m: _figure(values[m], cases[m]) for m in Measure if not np.isnan(values[m][0])}


def ahead(pairs: Sequence[Pair], others: Sequence[Pair]) -> Figure | None:
    """By how much `pairs` is ahead of `others` in answer@1, drawn in pairs; both hold the same pairs in one order.

    None where no pair has an answer.
    """
    number = _numbered(pairs)
    ours = _counts(pairs, number, _COUNTED[Measure.ANSWER_1])
    theirs = _counts(others, number, _COUNTED[Measure.ANSWER_1])
    values = _share(_weights(len(number)), ours[0] - theirs[0], ours[1])
    return None if np.isnan(values[0]) else _figure(values, int(ours[1].sum()))


def _numbered(pairs: Sequence[Pair]) -> dict[str, int]:
    return {question: number for number, question in enumerate(dict.fromkeys(pair.question for pair in pairs))}


@lru_cache(maxsize=16)
def _weights(questions: int) -> Floats:
    """How often each question is drawn, shape (1 + DRAWS, questions); row 0 is the questions as they are."""
    if not questions:
        return np.ones((1 + DRAWS, 0))
    drawn = np.random.default_rng(SEED).multinomial(questions, np.full(questions, 1 / questions), size=DRAWS)
    return np.vstack([np.ones(questions), drawn])


Counts = tuple[Floats, Floats]
"""Of each question the sum of what is counted and how much of it there is, each of shape (questions,)."""


def _counts(pairs: Sequence[Pair], number: dict[str, int], counted: Callable[[Pair], Iterable[bool]]) -> Counts:
    sums, counts = np.zeros(len(number)), np.zeros(len(number))
    for pair in pairs:
        for value in counted(pair):
            sums[number[pair.question]] += value
            counts[number[pair.question]] += 1
    return sums, counts


def _all_sides(pairs: Sequence[Pair], number: dict[str, int]) -> Counts:
    right, answerable = _counts(pairs, number, _COUNTED[Measure.ANSWER_1])
    several = (answerable >= 2).astype(float)
    return several * (right == answerable), several


def _share(weights: Floats, sums: Floats, counts: Floats) -> Floats:
    """Of each draw the share, shape (1 + DRAWS,); nan where a draw has nothing to count."""
    return _over(weights @ sums, weights @ counts)


def _over(part: Floats, whole: Floats) -> Floats:
    result: Floats = np.full(len(part), np.nan)
    np.divide(part, whole, out=result, where=whole > 0)
    return result


def _auroc(judged: Sequence[Pair], number: dict[str, int], weights: Floats) -> Floats:
    """Of each draw the area under the ROC curve of the confidence, ties counting half."""
    yes, no = ([pair for pair in judged if pair.answerable is answerable] for answerable in (True, False))
    higher, lower = (np.array([pair.confidence for pair in some]) for some in (yes, no))
    wins = np.sign(higher[:, None] - lower[None, :]) / 2 + 0.5
    here, there = (weights[:, [number[pair.question] for pair in some]] for some in (yes, no))
    return _over(((here @ wins) * there).sum(axis=1), here.sum(axis=1) * there.sum(axis=1))


def _calibration_error(judged: Sequence[Pair], number: dict[str, int], weights: Floats) -> Floats:
    """Of each draw the calibration error, moved so that the draws' mean is the error of the questions as they are.

    Drawing again adds noise, which an error of absolute gaps counts as more error; that part is taken off.
    """
    gaps, counts = np.zeros((len(number), BINS)), np.zeros(len(number))
    for pair in judged:
        gaps[number[pair.question], min(int(pair.confidence * BINS), BINS - 1)] += pair.answerable - pair.confidence
        counts[number[pair.question]] += 1
    values = _over(np.abs(weights @ gaps).sum(axis=1), weights @ counts)
    if np.isnan(values[0]):
        return values
    moved = values[1:] - np.nanmean(values[1:]) + values[0]
    return np.concatenate([values[:1], np.clip(moved, 0, 1)])


def _figure(values: Floats, cases: int) -> Figure:
    """The figure of row 0 with the middle LEVEL of the draws; never an interval that leaves the figure out."""
    value, tail = values[0], (1 - LEVEL) / 2
    low, high = np.quantile(values[~np.isnan(values)], [tail, 1 - tail])
    return Figure(float(value), float(min(low, value)), float(max(high, value)), cases)
