"""The fitted rules that ship with the project: for each reader, and for none, how it ranks and how sure it may be.

`scripts/calibrate.py` writes `rules.json`. A reader that it does not know orders sentences by rank alone, and the
confidence is that of the searches.
"""

import json
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from qa.confidence import Band, Calibration
from qa.rank import FEATURES, Ranking
from qa.readers import NONE

FILE = "rules.json"
_BY_ORDER = {"passage": 1.0, "meaning": 1.0, "words": 1.0, "order": 3.0}
"""Of a reader that nothing was fitted for: it counts as much as the three rankings of the searches together."""


_BY_WORDS = Calibration("", 0.0, 8.0, 0.0, 0.0, (1, 1), -4.0, threshold=0.5, bands=(Band(0.5, 0),))
"""Of a document that is searched by words alone: it answers where its best passage holds half of what is asked, each
word weighed by its rarity. Not fitted, so the answer is called unsure and has no number."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How one document's candidates become its perspective."""

    ranking: Ranking
    calibration: Calibration
    encoder: str
    """The encoder it is used with."""


def rule(reader: str, encoder: str) -> Rule:
    """The rule for a reader by name ("none": no reader) and an encoder."""
    known = _shipped()
    if reader in known:
        ranking, calibration = known[reader]
        return Rule(ranking, calibration, encoder)
    ranking, calibration = known[NONE]
    by_order = tuple(_BY_ORDER.get(feature, 0.0) for feature in FEATURES)
    return Rule(replace(ranking, weights=by_order), replace(calibration, encoder=""), encoder)


def is_fitted(reader: str) -> bool:
    """Whether a rule was fitted for a reader by name, which was done on English questions and texts."""
    return reader in _shipped()


def by_words(encoder: str) -> Rule:
    """The rule for a document whose language the encoder does not know: see `_BY_WORDS`."""
    return Rule(_shipped()[NONE][0], _BY_WORDS, encoder)


@cache
def _shipped() -> dict[str, tuple[Ranking, Calibration]]:
    stored = json.loads(files("qa").joinpath(FILE).read_text(encoding="utf-8"))["rules"]
    return {
        name: (_ranking(**parts["ranking"]), _calibration(**parts["calibration"])) for name, parts in stored.items()
    }


def _ranking(weights: dict[str, float], margin: float) -> Ranking:
    return Ranking(tuple(weights.get(feature, 0.0) for feature in FEATURES), margin)


def _calibration(bands: list[dict[str, float]], lengths: list[int], **stored: float) -> Calibration:
    shortest, longest = lengths
    kept = tuple(Band(**band) for band in bands)  # type: ignore[arg-type]
    return Calibration(**stored, lengths=(shortest, longest), bands=kept)  # type: ignore[arg-type]
