"""Fit the rules of ranking and confidence on questions with known answers and write qa/rules.json.

    python scripts/calibrate.py [--shared ../shared] [--work build/cases] [--plot docs/reliability.svg]

Ranking: a conditional logit makes the right sentences of the sets FITTED of `cases.py` likely among all that could
answer in what was read; the margin is the one at which a right sentence comes first most often. The development
questions are no part of it, and so a test of it. `own` is only looked at: its questions were written on one paragraph,
and what answers them elsewhere is not marked. So is `liberty`, to see whether what was fitted carries over to a book.
What is read is chosen by the rule that ships: run it again until the weights stay.
Confidence: a logistic function of the signals, on the sets of SURE, to "this document answers". Its figures are of
questions left out of the fit: five folds by question, fitted on four, scored on the fifth, the mean of ten ways to
fold. A long document is near any question by chance and a short one is not, so its length is a signal. A wrong answer
where a document is silent costs as much as a silence where it answers, each kind weighed by how many there are; the
threshold is what costs least. Fitted on the development questions alone, a document answered in 0.22 of the questions
of `pairs` that it answers: one pair of documents does not tell how sure to be of another.
"""

import argparse
import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from cases import Case, kept
from numpy.typing import NDArray
from plot import calibration_error, reliability
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from index.embed import DEFAULT_MODEL
from qa.answer import can_answer, signals
from qa.cite import cite
from qa.confidence import Band, Calibration
from qa.rank import FEATURES, Ranking, features
from qa.readers import NONE, PACKAGED
from qa.readers import load as load_reader
from qa.rules import FILE, Rule
from qa.types import Signals

ROOT = Path(__file__).resolve().parent.parent
FITTED = ("compare", "pairs", "problems")
SURE = {"dev": 3.0, "pairs": 1.0}
"""The sets that confidence is fitted on, with the weight of each whole set: as much of the
pairs as leaves the figures of the development questions, within their noise, what they are without (docs/reader.md)."""
SHUFFLES = 10
"""So many times the questions are put into folds anew: one way of folding moves a figure by 0.01."""
PARTS = ("dev", *FITTED, "own", "liberty")
BANDS = 4
"""So many equally large bands at first; neighbours out of order are joined."""
MARGINS = (0.0, 0.4, 0.8, 1.2)
"""Values tried, in log-odds of a sentence."""
PENALTY = 0.02
"""Of a squared weight, its feature measured in standard deviations: keeps down what the questions hardly tell."""
SIGNALS = {True: ("similarity", "coverage", "length", "reader"), False: ("similarity", "coverage", "length")}
Table = NDArray[np.float64]
PROVISIONAL = Calibration(DEFAULT_MODEL, 0.0, 0.0, 0.0, 0.0, (1, 1), 0.0, 0.0, (Band(0.0, 5),))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "cases")
    parser.add_argument("--plot", type=Path, default=ROOT / "docs" / "reliability.svg")
    options = parser.parse_args()
    reader = load_reader(PACKAGED)
    assert reader is not None
    rules, told = {}, {}
    for name, asked_with in ((NONE, NONE), (reader.name, PACKAGED)):
        given = {part: kept(part, options.shared, asked_with, options.work) for part in PARTS}
        ranking = ranked([case for part in FITTED for case in given[part] if case.gold], with_reader=name != NONE)
        rule, figures, unseen = fit({part: given[part] for part in SURE}, ranking, with_reader=name != NONE)
        figures |= {f"answer@1, {part}": share(given[part], rule) for part in PARTS[1:]}
        rules[name], told[name] = written(rule), {key: round(value, 3) for key, value in figures.items()}
        if name != NONE:
            options.plot.write_text(reliability(*unseen), encoding="utf-8")
    stored = {"made by": "scripts/calibrate.py", "figures": told, "rules": rules}
    (ROOT / "qa" / FILE).write_text(json.dumps(stored, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(stored, indent=2))


def share(cases: Sequence[Case], rule: Rule) -> float:
    return float(np.mean([case.first_is_right(rule) for case in cases if case.gold]))


@dataclass(frozen=True, slots=True)
class Choice:
    """The sentences of a case that can answer: their features, and which of them are right."""

    features: Table
    """Shape (sentences, FEATURES)."""
    right: NDArray[np.bool_]

    @classmethod
    def of(cls, case: Case) -> "Choice":
        read, document = case.read, case.document
        able, right = [], []
        for candidate in read.candidates:
            for i, place in enumerate(candidate.passage.sentences):
                able.append(can_answer(document, candidate, i))
                cited = cite(document, place.start, place.end, candidate.passage, ())
                right.append(able[-1] and case.is_right(cited))
        table = features(read.question, read.candidates, read.readings)
        return cls(table[np.array(able)], np.array(right)[np.array(able)])


def logit(choices: Sequence[Choice], names: Sequence[str]) -> tuple[float, ...]:
    """Weights for FEATURES that make right sentences likely (McFadden 1974); 0 for others than `names`."""
    columns = [FEATURES.index(name) for name in names]
    told = [(choice.features[:, columns], choice.right) for choice in choices if choice.right.any()]
    scale = np.concatenate([table for table, _ in told]).std(axis=0)

    def loss(weights: Table) -> tuple[float, Table]:
        total, slope = 0.0, np.zeros_like(weights)
        for table, right in told:
            scores = table / scale @ weights
            among, gold = np.logaddexp.reduce(scores), np.logaddexp.reduce(scores[right])
            total += among - gold
            slope += (np.exp(scores - among) - np.where(right, np.exp(scores - gold), 0)) @ (table / scale)
        return (
            total / len(told) + PENALTY * float(weights @ weights) / 2,
            slope / len(told) + PENALTY * weights,
        )

    found = minimize(loss, np.zeros(len(columns)), jac=True, method="L-BFGS-B").x / scale
    fitted = dict(zip(names, found, strict=True))
    return tuple(round(float(fitted.get(name, 0.0)), 3) for name in FEATURES)


def ranked(cases: Sequence[Case], *, with_reader: bool) -> Ranking:
    """The weights and the middle of the margins within one hundredth of the best. All cases have gold."""
    names = [name for name in FEATURES if name not in ("order", *(() if with_reader else ("reader",)))]
    weights = logit([Choice.of(case) for case in cases], names)
    rankings = [Ranking(weights, margin) for margin in MARGINS]
    shares = np.array([share(cases, Rule(each, PROVISIONAL, DEFAULT_MODEL)) for each in rankings])
    return Ranking(weights, round(float(np.median(np.array(MARGINS)[shares >= shares.max() - 0.01])), 2))


def fit(
    sets: Mapping[str, Sequence[Case]], ranking: Ranking, *, with_reader: bool
) -> tuple[Rule, dict[str, float], tuple[Table, Table]]:
    """The rule with its confidence fitted; the figures of five folds; (confidence, answers) of `dev` left out."""
    named = [(name, case) for name, cases in sets.items() for case in cases if case.gold or case.empty]
    cases = [case for _, case in named]
    counts = Counter(name for name, _ in named)
    weights = np.array([SURE[name] / counts[name] for name, _ in named])
    groups = np.unique([case.question for case in cases], return_inverse=True)[1]
    answers = np.array([bool(case.gold) for case in cases])
    known = [signals(case.read.candidates, case.read.readings, len(case.document.text)) for case in cases]
    names = SIGNALS[with_reader]
    confidence, spoke = np.zeros((SHUFFLES, len(cases))), np.zeros((SHUFFLES, len(cases)), bool)
    for shuffle in range(SHUFFLES):
        for training, unseen in GroupKFold(5, shuffle=True, random_state=shuffle).split(cases, groups=groups):
            fitted = calibrated([known[i] for i in training], answers[training], weights[training], names)
            confidence[shuffle, unseen] = [fitted.confidence(known[i]) for i in unseen]
            spoke[shuffle, unseen] = confidence[shuffle, unseen] >= fitted.threshold
    calibration = calibrated(known, answers, weights, names)
    threshold = best_threshold(confidence.ravel(), np.tile(answers, SHUFFLES), np.tile(weights, SHUFFLES))
    rule = Rule(ranking, calibration, DEFAULT_MODEL)
    dev = np.array([name == "dev" for name, _ in named])
    said = dev & (confidence >= threshold)
    right = np.tile([float(case.first_is_right(rule)) for case in cases], (SHUFFLES, 1))
    calibration = replace(
        calibration, threshold=round(threshold, 4), bands=bands(confidence[said], right[said], threshold)
    )
    figures: dict[str, float] = {
        "questions": len({case.question for case in sets["dev"]}),
        "pairs": counts["dev"],
        "answer@1": share(sets["dev"], rule),
        "calibration error, left out": float(np.mean([calibration_error(one, answers * 1.0) for one in confidence])),
    }
    for name in sets:
        here = np.array([other == name for other, _ in named])
        each = confidence[:, here]
        figures |= {
            f"auroc, left out, {name}": float(np.mean([roc_auc_score(answers[here], one) for one in each])),
            f"speaks when answerable, left out, {name}": float(spoke[:, here & answers].mean()),
            f"silent when empty, left out, {name}": float(1 - spoke[:, here & ~answers].mean()),
            f"calibration error, left out, {name}": float(
                np.mean([calibration_error(one, answers[here].astype(float)) for one in each])
            ),
        }
    return replace(rule, calibration=calibration), figures, (confidence[:, dev].mean(0), answers[dev].astype(float))


def calibrated(
    known: Sequence[Signals], answers: NDArray[np.bool_], weights: Table, names: Sequence[str]
) -> Calibration:
    """Confidence and threshold, fitted on the signals of `names` of documents that answer, or not even in part."""
    told = [{**asdict(one), "length": math.log(one.length)} for one in known]
    table = np.array([[one[name] for name in names] for one in told])
    model = make_pipeline(StandardScaler(), LogisticRegression())
    model.fit(table, answers, logisticregression__sample_weight=weights / weights.mean())
    scaler, regression = (step for _, step in model.steps)
    slopes = regression.coef_[0] / scaler.scale_
    fitted = dict(zip(names, (round(float(slope), 4) for slope in slopes), strict=True))
    intercept = float(regression.intercept_[0] - slopes @ scaler.mean_)
    threshold = best_threshold(model.predict_proba(table)[:, 1], answers, weights)
    lengths = [one.length for one in known]
    return replace(
        PROVISIONAL,
        **fitted,
        lengths=(min(lengths), max(lengths)),
        intercept=round(intercept, 4),
        threshold=threshold,
        bands=(Band(threshold, 5),),
    )


def best_threshold(confidence: Table, answerable: NDArray[np.bool_], weights: Table) -> float:
    """The middle of the confidences at which the cost is least, in balance.

    Least: within one hundredth of the best, since the best single cut is luck among a few pairs.
    """
    values = np.unique(confidence)
    cuts = (values[1:] + values[:-1]) / 2
    yes, no = weights * answerable, weights * ~answerable
    balance = np.array(
        [(yes[confidence >= cut].sum() / yes.sum() + no[confidence < cut].sum() / no.sum()) / 2 for cut in cuts]
    )
    return float(np.median(cuts[balance >= balance.max() - 0.01]))


def bands(confidence: Table, right: Table, threshold: float) -> tuple[Band, ...]:
    """Bands of about equal size, each with how many of ten first answers in it were right, never falling."""
    groups = [list(group) for group in np.array_split(np.argsort(confidence), BANDS)]
    merged: list[list[int]] = []
    for group in groups:
        merged.append(group)
        while len(merged) > 1 and right[merged[-1]].mean() <= right[merged[-2]].mean():
            merged[-2:] = [merged[-2] + merged[-1]]
    least = [threshold, *(float(confidence[group].min()) for group in merged[1:])]
    return tuple(
        Band(round(start, 4), round(10 * float(right[group].mean())))
        for start, group in zip(least, merged, strict=True)
    )


def written(rule: Rule) -> dict[str, Any]:
    """A rule as rules.json holds it."""
    weights = {name: weight for name, weight in zip(FEATURES, rule.ranking.weights, strict=True) if weight}
    stored = {name: getattr(rule.calibration, name) for name in Calibration.__slots__}
    stored["bands"] = [{"least": band.least, "right_of_ten": band.right_of_ten} for band in stored["bands"]]
    return {"ranking": {"weights": weights, "margin": rule.ranking.margin}, "calibration": stored}


if __name__ == "__main__":
    main()
