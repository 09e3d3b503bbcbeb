"""Draw what more questions are worth: the figures of readers that `train_reader.py` trained on shares of our questions.

    python scripts/learning_curve.py QUESTIONS=FOLDER ... [--plot docs/learning.svg]

Each folder is a run's --work, each number how many of our questions it had, 0 for none. Prints a table of the last
figures of each, and draws how often a right sentence is first among the right passage and three hard negatives, on
essays that no run saw. Across, every doubling of the questions is as wide.
"""

import argparse
import json
import math
from pathlib import Path

from plot import curve

FIGURES = ("held among", "held auroc", "pairs held among", "pairs held auroc")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+", metavar="QUESTIONS=FOLDER")
    parser.add_argument("--plot", type=Path, default=Path("docs/learning.svg"))
    options = parser.parse_args()
    runs = {int(count): Path(folder) for count, folder in (run.split("=", 1) for run in options.runs)}
    told = {count: json.loads((folder / "log.jsonl").read_text().splitlines()[-1]) for count, folder in runs.items()}
    print("| questions of ours | " + " | ".join(FIGURES) + " |\n|---|" + "---|" * len(FIGURES))
    for count, figures in sorted(told.items()):
        print(f"| {count:,} | " + " | ".join(f"{figures[name]:.3f}" for name in FIGURES) + " |")
    least = math.log2(min(filter(None, told))) - 1  # where none stand
    width = math.log2(max(told)) - least
    points = [
        ((math.log2(count) - least) / width if count else 0.0, figures[FIGURES[0]], f"{count:,}")
        for count, figures in sorted(told.items())
    ]
    title = "A right sentence first, on essays never seen"
    options.plot.write_text(curve(title, "questions of ours", points), encoding="utf-8")


if __name__ == "__main__":
    main()
