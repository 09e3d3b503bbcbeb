"""Fit the rules of ranking and confidence on questions with known answers and write qa/rules.json.

    python scripts/calibrate.py [--shared ../shared] [--work build/cases] [--plot docs/reliability.svg]

Ranking: of a grid of weights and margins, the point at which a right sentence comes first most often, in the mean of
the sets `dev` and `compare` of `cases.py` and over the point's neighbours on the grid, since the best single point is
luck. `own` is only looked at: its questions were written on one paragraph, and what answers them elsewhere is not
marked. Confidence: a logistic function of the signals, on the development questions, to "this document answers". Every
figure of the report is of questions left out of the fit: five folds by question, all fitted parts on four, scored on
the fifth. A wrong answer where a document is silent costs as much as a silence where it answers, each kind weighed by
how many there are; the threshold is what costs least.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from cases import Case, kept
from numpy.typing import NDArray
from plot import calibration_error, reliability
from scipy.ndimage import uniform_filter
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from index.embed import DEFAULT_MODEL
from qa.answer import Read, signals
from qa.confidence import Band, Calibration
from qa.rank import FEATURES, Ranking, Scores, features
from qa.read import Candidate, Reading
from qa.readers import NONE, PACKAGED
from qa.readers import load as load_reader
from qa.rules import FILE, Rule

ROOT = Path(__file__).resolve().parent.parent
BANDS = 4
"""So many equally large bands at first; neighbours out of order are joined."""
GRID: dict[bool, dict[str, tuple[float, ...]]] = {
    True: {
        "retrieval": (50.0, 100.0, 200.0, 400.0, 800.0, 1600.0),
        "likeness": (2.5, 5.0, 10.0, 20.0),
        "reader": (1.0,),
        "passage": (0.0, 0.25),
        "margin": (0.0, 0.5, 1.0, 2.0),
    },
    False: {
        "retrieval": (100.0,),
        "likeness": (0.0, 1.0, 2.0, 4.0, 8.0, 16.0),
        "reader": (0.0,),
        "passage": (0.0,),
        "margin": (0.0, 0.1, 0.2, 0.4, 0.7, 1.0, 1.5),
    },
}
"""Values tried with the reader and without; only their ratios count."""
SIGNALS = {True: ("similarity", "coverage", "reader"), False: ("similarity", "coverage")}
Table = NDArray[np.float64]
PROVISIONAL = Calibration(DEFAULT_MODEL, 0.0, 0.0, 0.0, 0.0, 0.0, (Band(0.0, 5),))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "cases")
    parser.add_argument("--plot", type=Path, default=ROOT / "docs" / "reliability.svg")
    options = parser.parse_args()
    reader = load_reader(PACKAGED)
    assert reader is not None
    sets = {name: kept(name, options.shared, PACKAGED, options.work) for name in ("dev", "compare", "own")}
    rules, told = {}, {}
    for name in (NONE, reader.name):
        given = {
            part: cases if name != NONE else [without_reader(case) for case in cases] for part, cases in sets.items()
        }
        rule, figures, unseen = fit(given["dev"], given["compare"], with_reader=name != NONE)
        figures |= {f"answer@1, {part}": share(given[part], rule) for part in ("compare", "own")}
        rules[name], told[name] = written(rule), {key: round(value, 3) for key, value in figures.items()}
        if name != NONE:
            options.plot.write_text(reliability(*unseen), encoding="utf-8")
    stored = {"made by": "scripts/calibrate.py", "figures": told, "rules": rules}
    (ROOT / "qa" / FILE).write_text(json.dumps(stored, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(stored, indent=2))


def without_reader(case: Case) -> Case:
    read = Read(case.read.question, case.read.candidates, ())
    return Case(case.question, case.type, case.source, case.document, read, case.gold, case.empty)


def share(cases: Sequence[Case], rule: Rule) -> float:
    return float(np.mean([case.first_is_right(rule) for case in cases if case.gold]))


@dataclass(frozen=True)
class Tabled(Ranking):
    """A ranking that reckons the features of each case once."""

    tables: dict[int, tuple[Table, list[int]]] = field(default_factory=dict)

    def scores(self, question: str, candidates: Sequence[Candidate], readings: Sequence[Reading]) -> list[Scores]:
        if not candidates:
            return []
        key = id(candidates)
        if key not in self.tables:
            cuts = list(np.cumsum([len(candidate.sentences) for candidate in candidates])[:-1])
            self.tables[key] = features(question, candidates, readings), cuts
        table, cuts = self.tables[key]
        return np.split((table @ np.array(self.weights)).astype(np.float32), cuts)


class Grid:
    """For every point of the grid, which cases have a right sentence first."""

    def __init__(self, cases: Sequence[Case], with_reader: bool) -> None:
        axes = GRID[with_reader]
        self.shape = tuple(len(values) for values in axes.values())
        self.points = [dict(zip(axes, values, strict=True)) for values in product(*axes.values())]
        tables: dict[int, tuple[Table, list[int]]] = {}
        rules = [Rule(Tabled(weights_of(p), p["margin"], tables), PROVISIONAL, DEFAULT_MODEL) for p in self.points]
        self.right = np.array([[bool(case.gold) and case.first_is_right(rule) for case in cases] for rule in rules])

    def best(self, sets: Sequence[Sequence[int]]) -> Ranking:
        """The ranking for some cases: their numbers, set by set; each set counts alike. All have gold."""
        share = np.mean([self.right[:, list(numbers)].mean(axis=1) for numbers in sets], axis=0).reshape(self.shape)
        smooth = uniform_filter(share, size=[min(3, length) for length in self.shape], mode="nearest")
        point = self.points[int(np.argmax(smooth))]
        return Ranking(weights_of(point), point["margin"])


def weights_of(point: dict[str, float]) -> tuple[float, ...]:
    return tuple(point.get(feature, 0.0) for feature in FEATURES)


def fit(
    dev: Sequence[Case], others: Sequence[Case], *, with_reader: bool
) -> tuple[Rule, dict[str, float], tuple[Table, Table]]:
    """The rule fitted on everything; the figures of five folds; (confidence, answers) of the questions left out."""
    numbers = {name: number for number, name in enumerate(dict.fromkeys(case.question for case in dev))}
    groups = [numbers[case.question] for case in dev]
    grid = Grid([*dev, *others], with_reader)
    elsewhere = [len(dev) + i for i, case in enumerate(others) if case.gold]

    def fitted(chosen: Sequence[int]) -> Rule:
        ranking = grid.best([[i for i in chosen if dev[i].gold], elsewhere])
        return Rule(ranking, calibrated([dev[i] for i in chosen], with_reader), DEFAULT_MODEL)

    right: list[bool] = []
    judged: list[tuple[float, bool, bool]] = []
    speaks: list[tuple[bool, bool]] = []
    for training, unseen in GroupKFold(5, shuffle=True, random_state=0).split(dev, groups=groups):
        rule = fitted(training)
        for i in unseen:
            if dev[i].gold:
                right.append(dev[i].first_is_right(rule))
            if dev[i].gold or dev[i].empty:
                side = dev[i].perspective(rule)
                judged.append((side.confidence, bool(dev[i].gold), dev[i].first_is_right(rule)))
                speaks.append((side.answer is not None, bool(dev[i].gold)))
    confidence, answers, correct = (np.array(column, float) for column in zip(*judged, strict=True))
    rule = fitted(range(len(dev)))
    threshold = best_threshold(confidence, answers == 1)
    said = confidence >= threshold
    calibration = replace(
        rule.calibration, threshold=round(threshold, 4), bands=bands(confidence[said], correct[said], threshold)
    )
    rule = replace(rule, calibration=calibration)
    figures = {
        "questions": len(numbers), "pairs": len(judged),
        "answer@1": share(dev, rule), "answer@1, left out": float(np.mean(right)),
        "auroc, left out": float(roc_auc_score(answers, confidence)),
        "speaks when answerable, left out": float(np.mean([spoke for spoke, answer in speaks if answer])),
        "silent when empty, left out": float(np.mean([not spoke for spoke, answer in speaks if not answer])),
        "calibration error, left out": calibration_error(confidence, answers),
    }  # fmt: skip
    return rule, figures, (confidence, answers)


def calibrated(cases: Sequence[Case], with_reader: bool) -> Calibration:
    """Confidence and threshold on the cases that a document answers, or not even in part."""
    judged = [case for case in cases if case.gold or case.empty]
    known = [signals(case.read.candidates, case.read.readings) for case in judged]
    table = np.array([[getattr(one, name) for name in SIGNALS[with_reader]] for one in known])
    answers = np.array([bool(case.gold) for case in judged])
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(table, answers)
    scaler, regression = (step for _, step in model.steps)
    weights = regression.coef_[0] / scaler.scale_
    fitted = dict(zip(SIGNALS[with_reader], (round(float(weight), 4) for weight in weights), strict=True))
    intercept = float(regression.intercept_[0] - weights @ scaler.mean_)
    threshold = best_threshold(model.predict_proba(table)[:, 1], answers)
    return replace(
        PROVISIONAL, **fitted, intercept=round(intercept, 4), threshold=threshold, bands=(Band(threshold, 5),)
    )


def best_threshold(confidence: Table, answerable: NDArray[np.bool_]) -> float:
    """The middle of the confidences at which the cost is least, in balance.

    Least: within one hundredth of the best, since the best single cut is luck among a few pairs.
    """
    values = np.unique(confidence)
    cuts = (values[1:] + values[:-1]) / 2
    balance = np.array(
        [((confidence[answerable] >= cut).mean() + (confidence[~answerable] < cut).mean()) / 2 for cut in cuts]
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
