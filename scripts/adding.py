"""Measure what adding one document costs in a library of many, over adding it alone to an empty one.

    python scripts/adding.py FOLDER [--rounds 5]

FOLDER holds plain texts. All but one are added, then the last is added to that library and to an empty one in turns,
and removed again; the model is loaded before. The median of the rounds is reported with the range. Seconds are the
processor's, as a shared machine has other things to do.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

from index.embed import Encoder
from index.export import export
from index.sentence_encoder import load
from qa.session import Session


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    *others, last = sorted(options.folder.glob("*.txt"))
    original = load()
    with tempfile.TemporaryDirectory() as name:
        encoder = export(original, Path(name) / original.fingerprint, lambda stage, done, total: None)
        full = Session.open(Path(name) / "full", create=True, load_encoder=lambda _: encoder)
        for file in others:
            full.add(file, folder=options.folder)
        rounds = [round_of(full, Path(name) / f"empty-{n}", encoder, last) for n in range(options.rounds)]
    ratios = sorted(many / alone for many, alone in rounds)
    many, alone = (statistics.median(column) for column in zip(*rounds, strict=True))
    print(
        f"adding to {len(others)}: ratio {statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f} in "
        f"{len(rounds)} rounds; medians {many:.2f} s over {alone:.2f} s)"
    )


def round_of(full: Session, folder: Path, encoder: Encoder, file: Path) -> tuple[float, float]:
    """Seconds of adding a file to the full library, and to an empty one that is made for it."""
    many = seconds(full, file)
    full.remove(full.documents()[-1].id)
    return many, seconds(Session.open(folder, create=True, load_encoder=lambda _: encoder), file)


def seconds(session: Session, file: Path) -> float:
    began = time.process_time()
    session.add(file)
    return time.process_time() - began


if __name__ == "__main__":
    main()
