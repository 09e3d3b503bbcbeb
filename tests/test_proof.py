"""The proofs of `scripts` in a small size: a library that is damaged, killed in its changes, and used by many."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scripts"))
import flips
import kills
import many
from conftest import WordEncoder


def test_a_damaged_library_says_so_or_answers_as_before(tmp_path: Path) -> None:
    outcomes = list(flips.damaged(tmp_path, flips=4, seed=3))
    assert len(outcomes) == 4 and not [outcome for outcome in outcomes if outcome.startswith("WRONG")]


def test_a_killed_change_leaves_the_old_library_or_the_new_one(tmp_path: Path) -> None:
    outcomes = list(kills.killed(tmp_path, 4, 1, WordEncoder))
    assert len(outcomes) == 4 and not [outcome for outcome in outcomes if outcome.startswith("WRONG")]


def test_who_asks_while_others_write_is_told_of_one_whole_library(tmp_path: Path) -> None:
    outcomes = many.together(tmp_path, readers=2, threads=1, changes=1, load=WordEncoder)
    assert outcomes["change made"] == 2 and outcomes["answer of one whole library"] > 50
    assert not [outcome for outcome in outcomes if outcome.startswith("WRONG")]
