"""How well quoted words are told from the author's own, and their speakers named, against what was written by hand.

    python scripts/voices.py [--shared ../shared] [--misses]

recall     of the words that others speak (`voices.jsonl`, borderline ones left out), the share inside a voice
wrongly    of the titles, terms and slogans of `not_voices.jsonl`, the share that is taken for a voice of its own
speaker    named rightly, of those named (precision) and of those that the text names (recall)
"""

import argparse
import json
import re
from pathlib import Path
from typing import Any

from quotations import overlap

from index.load import load
from index.types import Details, Document
from qa.types import Voice
from qa.voice import voices

ROOT = Path(__file__).resolve().parent.parent
Record = dict[str, Any]


def rows(path: Path) -> list[Record]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def located(document: Document, row: Record) -> list[int]:
    """The offsets of the letters of a row's words: where they stand nearest to its line in the source."""
    letters = [at for at, letter in enumerate(document.text) if letter.isalpha()]
    text = "".join(document.text[at] for at in letters)
    wanted = "".join(letter for letter in row["quote"] if letter.isalpha())
    starts = [match.start() for match in re.finditer(re.escape(wanted[:25]), text)]
    best = min(starts, key=lambda at: abs(document.line_at(letters[at]).line - row["start_line"]), default=None)
    return letters[best : best + len(wanted)] if best is not None else []


def inside(offsets: list[int], spoken: tuple[Voice, ...]) -> float:
    return sum(any(v.start <= at < v.end for v in spoken) for at in offsets) / max(len(offsets), 1)


def is_voice(offsets: list[int], spoken: tuple[Voice, ...]) -> bool:
    """Whether a voice has this range, or nearly: one that only holds it is of something larger."""
    return any(overlap((offsets[0], offsets[-1] + 1), (voice.start, voice.end)) > 0.5 for voice in spoken if offsets)


def speaker_of(offsets: list[int], spoken: tuple[Voice, ...]) -> str | None:
    """Of the voice whose range is most like the row's."""
    best = max(spoken, key=lambda voice: overlap((offsets[0], offsets[-1] + 1), (voice.start, voice.end)))
    return best.speaker if best.start < offsets[-1] and offsets[0] < best.end else None


def measure(shared: Path, misses: bool = False) -> dict[str, float]:
    documents = {path.stem: load(path, Details()) for path in sorted((shared / "corpus").glob("*.txt"))}
    spoken = {name: voices(document) for name, document in documents.items()}
    letters, covered, named, right, nameable = 0, 0.0, 0, 0, 0
    for row in rows(shared / "eval/voices.jsonl"):
        offsets = located(documents[row["document"]], row)
        if row["borderline"] or not offsets:
            continue
        share, found = inside(offsets, spoken[row["document"]]), speaker_of(offsets, spoken[row["document"]])
        accepted = [name.casefold() for name in row["accept"] if name]
        is_right = found is not None and any(found.casefold() in name or name in found.casefold() for name in accepted)
        letters, covered = letters + len(offsets), covered + share * len(offsets)
        named, right, nameable = named + (found is not None), right + is_right, nameable + (row["certainty"] != "none")
        if misses and (share < 0.9 or not is_right) and row["certainty"] != "none":
            print(f"{row['id']}: inside {share:.2f}, named {found}, {row['accept']}: {row['basis']}")
    strange = rows(shared / "eval/not_voices.jsonl")
    taken = [row for row in strange if is_voice(located(documents[row["document"]], row), spoken[row["document"]])]
    if misses:
        print(f"taken for voices: {[row['id'] for row in taken]}")
    return {
        "recall of quoted letters": covered / letters,
        "wrongly marked": len(taken) / len(strange),
        "speaker, precision": right / max(named, 1),
        "speaker, recall": right / nameable,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--misses", action="store_true")
    options = parser.parse_args()
    for name, figure in measure(options.shared, options.misses).items():
        print(f"{name} {figure:.3f}")


if __name__ == "__main__":
    main()
