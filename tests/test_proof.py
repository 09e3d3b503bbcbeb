"""The proofs of `scripts` in a small size: a library that is damaged, and one whose changes are killed."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scripts"))
import flips


def test_a_damaged_library_says_so_or_answers_as_before(tmp_path: Path) -> None:
    outcomes = flips.damaged(tmp_path, flips=6, seed=3)
    assert outcomes.total() == 6 and not [outcome for outcome in outcomes if outcome.startswith("WRONG")]
