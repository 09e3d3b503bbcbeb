"""Fit the confidence on questions with known answers and write qa/calibration.json.

    python scripts/calibrate.py [--eval ../shared/eval] [--corpus ../shared/corpus]

The documents are indexed into a temporary library and every question is asked. On the pairs (question,
document), a logistic function of the two signals is fitted to "this document answers". The threshold and
the bands come from predictions for questions that were left out of the fit (five folds by question), so
they promise no more than was seen. Prints the figures that are also written beside the parameters.
"""

import argparse
import importlib.util
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from index.embed import DEFAULT_MODEL
from qa.confidence import FILE
from qa.session import Session

ROOT = Path(__file__).resolve().parent.parent
BANDS = 4
"""So many equally large bands at first; neighbours out of order are joined."""


@dataclass(frozen=True)
class Pairs:
    """One row a (question, document)."""

    signals: NDArray[np.float64]  # (pairs, 2): similarity, coverage
    answerable: NDArray[np.bool_]
    right: NDArray[np.bool_]  # whether the first citation meets a gold span
    question: NDArray[np.int64]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--eval", type=Path, default=ROOT.parent / "shared" / "eval")
    parser.add_argument("--corpus", type=Path, default=ROOT.parent / "shared" / "corpus")
    options = parser.parse_args()
    questions = [json.loads(line) for line in (options.eval / "dev.jsonl").read_text("utf-8").splitlines()]
    with tempfile.TemporaryDirectory() as folder:
        session = Session.open(folder, create=True)
        for path in sorted(options.corpus.glob("*.txt")):
            session.add(path)
        pairs = ask_all(session, questions, load_scorer(options.eval / "score.py"))
    calibration, figures = fit(pairs)
    figures["questions"] = len(questions)
    written = {"made by": "scripts/calibrate.py", "figures": figures, "calibration": calibration}
    (ROOT / "qa" / FILE).write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(written, indent=2))


def load_scorer(path: Path) -> ModuleType:
    """The question set's own scorer, so that "right" means here what it means there."""
    spec = importlib.util.spec_from_file_location("score", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def ask_all(session: Session, questions: list[dict[str, Any]], scorer: ModuleType) -> Pairs:
    """Ask everything. Pairs that have supporting spans alone are neither answerable nor empty; they are left out."""
    rows = []
    for number, question in enumerate(questions):
        for side in session.ask(question["question"], history=question["history"]).perspectives:
            spans = question["evidence"][side.source.id]
            gold = [scorer.words(span["quote"]) for span in spans if span["grade"] == 2]
            if spans and not gold:
                continue
            shown = scorer.words((side.answer.citations if side.answer else side.nearest)[0].quote)
            right = any(scorer.answers(shown, span) for span in gold)
            rows.append((side.signals.similarity, side.signals.coverage, bool(gold), right, number))
    table = np.array(rows, dtype=float)
    return Pairs(table[:, :2], table[:, 2] == 1, table[:, 3] == 1, table[:, 4].astype(int))


def fit(pairs: Pairs) -> tuple[dict[str, Any], dict[str, Any]]:
    """The parameters, and the figures they had on questions left out of their fit."""
    model = make_pipeline(StandardScaler(), LogisticRegression())
    folds = GroupKFold(5, shuffle=True, random_state=0)
    unseen = cross_val_predict(
        model, pairs.signals, pairs.answerable, groups=pairs.question, cv=folds, method="predict_proba"
    )[:, 1]
    threshold = best_threshold(unseen, pairs.answerable)
    speaks = unseen >= threshold
    model.fit(pairs.signals, pairs.answerable)
    scaler, regression = (step for _, step in model.steps)
    weights = regression.coef_[0] / scaler.scale_
    intercept = float(regression.intercept_[0] - weights @ scaler.mean_)
    calibration = {
        "encoder": DEFAULT_MODEL,
        "similarity": round(float(weights[0]), 4),
        "coverage": round(float(weights[1]), 4),
        "intercept": round(intercept, 4),
        "threshold": round(threshold, 4),
        "bands": bands(unseen[speaks], pairs.right[speaks], threshold),
    }
    figures = {
        "pairs": len(unseen),
        "auroc, left out": round(float(roc_auc_score(pairs.answerable, unseen)), 3),
        "speaks when answerable, left out": round(float(speaks[pairs.answerable].mean()), 3),
        "silent when empty, left out": round(float((~speaks)[~pairs.answerable].mean()), 3),
    }
    return calibration, figures


def best_threshold(confidence: NDArray[np.float64], answerable: NDArray[np.bool_]) -> float:
    """The middle of the confidences at which speaking and silence are right about as often as they can be, in balance.

    About: within one hundredth of the best, since the best single cut is luck among a few pairs.
    """
    values = np.unique(confidence)
    cuts = (values[1:] + values[:-1]) / 2
    balance = np.array(
        [((confidence[answerable] >= cut).mean() + (confidence[~answerable] < cut).mean()) / 2 for cut in cuts]
    )
    return float(np.median(cuts[balance >= balance.max() - 0.01]))


def bands(confidence: NDArray[np.float64], right: NDArray[np.bool_], threshold: float) -> list[dict[str, Any]]:
    """Bands of about equal size, each with how many of ten first answers in it were right, never falling."""
    groups = [list(group) for group in np.array_split(np.argsort(confidence), BANDS)]
    merged: list[list[int]] = []
    for group in groups:
        merged.append(group)
        while len(merged) > 1 and right[merged[-1]].mean() <= right[merged[-2]].mean():
            merged[-2:] = [merged[-2] + merged[-1]]
    least = [threshold, *(float(confidence[group].min()) for group in merged[1:])]
    return [
        {"least": round(start, 4), "right_of_ten": round(10 * float(right[group].mean()))}
        for start, group in zip(least, merged, strict=True)
    ]


if __name__ == "__main__":
    main()
