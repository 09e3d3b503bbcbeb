"""Fit the rules of ranking and confidence on questions with known answers and write qa/rules.json.

    python scripts/calibrate.py [--shared ../shared] [--work build/cases] [--plot docs/reliability.svg]

Ranking: a conditional logit over the sentences that were read in a document, gold against the rest, on the sets `dev`
and `compare` of `cases.py`; then the margin within which a neighbour joins. `own` is only looked at: its questions were
written on one paragraph, and what answers them elsewhere is not marked. Confidence: a logistic function of the signals,
on the development questions, to "this document answers". Every figure of the report is of questions left out of the
fit: five folds by question, all fitted parts on four, scored on the fifth. A wrong answer where a document is silent
costs as much as a silence where it answers, each kind weighed by how many there are; the threshold is what costs
least.
"""

import argparse
import json
from collections.abc import Sequence
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
from qa import match
from qa.answer import Read, can_answer
from qa.confidence import Band, Calibration
from qa.rank import FEATURES, Ranking, features
from qa.readers import NONE, PACKAGED
from qa.readers import load as load_reader
from qa.rules import FILE, Rule

ROOT = Path(__file__).resolve().parent.parent
BANDS = 4
"""So many equally large bands at first; neighbours out of order are joined."""
FITTED = {True: ("retrieval", "likeness", "reader"), False: ("retrieval", "likeness")}
"""Which features have a weight: with the reader, and without. "passage" made both sets that are fitted on worse."""
SIGNALS = {True: ("similarity", "coverage", "reader"), False: ("similarity", "coverage")}
RIDGE = 0.5
MARGINS = (0.0, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 1.0, 1.5, 2.0)
Table = NDArray[np.float64]


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


def fit(
    dev: Sequence[Case], others: Sequence[Case], *, with_reader: bool
) -> tuple[Rule, dict[str, float], tuple[Table, Table]]:
    """The rule fitted on everything; the figures of five folds; (confidence, answers) of the questions left out."""
    numbers = {name: number for number, name in enumerate(dict.fromkeys(case.question for case in dev))}
    groups = [numbers[case.question] for case in dev]
    right: list[bool] = []
    judged: list[tuple[float, bool, bool]] = []
    speaks: list[tuple[bool, bool]] = []
    for training, unseen in GroupKFold(5, shuffle=True, random_state=0).split(dev, groups=groups):
        rule = fitted([dev[i] for i in training], others, with_reader)
        for i in unseen:
            if dev[i].gold:
                right.append(dev[i].first_is_right(rule))
            if dev[i].gold or dev[i].empty:
                side = dev[i].perspective(rule)
                judged.append((side.confidence, bool(dev[i].gold), dev[i].first_is_right(rule)))
                speaks.append((side.answer is not None, bool(dev[i].gold)))
    confidence, answers, correct = (np.array(column, float) for column in zip(*judged, strict=True))
    rule = fitted(dev, others, with_reader)
    threshold = best_threshold(confidence, answers == 1)
    said = confidence >= threshold
    calibration = Calibration(**{**parts(rule.calibration), "threshold": round(threshold, 4),
                                 "bands": bands(confidence[said], correct[said], threshold)})  # fmt: skip
    rule = Rule(rule.ranking, calibration, DEFAULT_MODEL)
    figures = {
        "questions": len(numbers), "pairs": len(judged),
        "answer@1": share(dev, rule), "answer@1, left out": float(np.mean(right)),
        "auroc, left out": float(roc_auc_score(answers, confidence)),
        "speaks when answerable, left out": float(np.mean([spoke for spoke, answer in speaks if answer])),
        "silent when empty, left out": float(np.mean([not spoke for spoke, answer in speaks if not answer])),
        "calibration error, left out": calibration_error(confidence, answers),
    }  # fmt: skip
    return rule, figures, (confidence, answers)


def parts(calibration: Calibration) -> dict[str, Any]:
    return {name: getattr(calibration, name) for name in Calibration.__slots__}


def fitted(dev: Sequence[Case], others: Sequence[Case], with_reader: bool) -> Rule:
    """Ranking on all cases with gold, confidence and threshold on the development questions among them."""
    ranking = fit_ranking([*dev, *others], with_reader)
    provisional = Calibration(DEFAULT_MODEL, 0.0, 0.0, 0.0, 0.0, 0.0, (Band(0.0, 5),))
    margins = {
        m: share([*dev, *others], Rule(Ranking(ranking.weights, m), provisional, DEFAULT_MODEL)) for m in MARGINS
    }
    best = max(margins.values())
    margin = min(m for m, value in margins.items() if value >= best - 0.003)  # the shortest answers that are as right
    ranking = Ranking(ranking.weights, margin)
    judged = [case for case in dev if case.gold or case.empty]
    signals = [case.perspective(Rule(ranking, provisional, DEFAULT_MODEL)).signals for case in judged]
    table = np.array([[getattr(one, name) for name in SIGNALS[with_reader]] for one in signals])
    answers = np.array([bool(case.gold) for case in judged])
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(table, answers)
    scaler, regression = (step for _, step in model.steps)
    weights = regression.coef_[0] / scaler.scale_
    known = {"similarity": 0.0, "coverage": 0.0, "reader": 0.0}
    known |= {name: round(float(weight), 4) for name, weight in zip(SIGNALS[with_reader], weights, strict=True)}
    intercept = float(regression.intercept_[0] - weights @ scaler.mean_)
    threshold = best_threshold(model.predict_proba(table)[:, 1], answers)
    calibration = Calibration(
        DEFAULT_MODEL, **known, intercept=round(intercept, 4), threshold=threshold, bands=(Band(threshold, 5),)
    )
    return Rule(ranking, calibration, DEFAULT_MODEL)


def fit_ranking(cases: Sequence[Case], with_reader: bool) -> Ranking:
    """Weights of a conditional logit: the gold sentences' share in the softmax over a document's is made large."""
    used = [FEATURES.index(name) for name in FITTED[with_reader]]
    groups = []
    for case in cases:
        rows = sentence_rows(case)
        if rows is not None:
            table, gold = rows
            groups.append((table[:, used], gold))
    scale = np.concatenate([table for table, _ in groups]).std(axis=0)

    def cost(weights: Table) -> tuple[float, Table]:
        total, slope = RIDGE * float(weights @ weights), 2 * RIDGE * weights
        for table, gold in groups:
            scaled = table / scale
            logits = scaled @ weights
            everything, right = np.logaddexp.reduce(logits), np.logaddexp.reduce(logits[gold])
            total += float(everything - right)
            slope = slope + scaled.T @ np.exp(logits - everything) - scaled[gold].T @ np.exp(logits[gold] - right)
        return total, slope

    found = minimize(cost, np.zeros(len(used)), jac=True, method="L-BFGS-B").x / scale
    weights = np.zeros(len(FEATURES))
    weights[used] = found
    return Ranking(tuple(round(float(weight), 4) for weight in weights), 0.0)


def sentence_rows(case: Case) -> tuple[Table, NDArray[np.bool_]] | None:
    """The features of every sentence that can answer, and which of them are gold; None where none or all are."""
    if not case.gold or not case.read.candidates:
        return None
    able = [
        can_answer(case.document, candidate, i)
        for candidate in case.read.candidates
        for i in range(len(candidate.sentences))
    ]
    sentences = [sentence for candidate in case.read.candidates for sentence in candidate.sentences]
    gold = np.array([any(match.answers(sentence, span) for span in case.gold) for sentence in sentences])
    table = features(case.read.question, case.read.candidates, case.read.readings)[able]
    marked = gold[able]
    return (table, marked) if marked.any() and not marked.all() else None


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
    stored = parts(rule.calibration)
    stored["bands"] = [{"least": band.least, "right_of_ten": band.right_of_ten} for band in stored["bands"]]
    return {"ranking": {"weights": weights, "margin": rule.ranking.margin}, "calibration": stored}


if __name__ == "__main__":
    main()
