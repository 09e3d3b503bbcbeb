"""How well quotations are found: damaged sentences of the corpus, and sentences of other texts that must be refused.

    python scripts/quotations.py [--shared ../shared] [--count 200] [--seeds 3]

Damage: three word edits (a word left out, put in, or changed for another of the text), or four characters in a
hundred changed as a scanner does. Right: the best occurrence is in the sentence's document; its range overlaps the
sentence's by at least 0.8 (intersection over union). Absent: sentences of the Federalist papers and of the other books.
"""

import argparse
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median

from index import split
from qa.cite import trimmed
from qa.session import Session

ROOT = Path(__file__).resolve().parent.parent
EDITS = 3
NOISE = 0.04
CONFUSED = {
    "e": "c",
    "c": "e",
    "l": "1",
    "i": "l",
    "o": "0",
    "n": "u",
    "u": "n",
    "h": "b",
    "s": "5",
    "t": "f",
    "a": "o",
}
"""Letters that scanners take for each other; any other is changed for a random one."""
LENGTHS = (40, 400)
"""Characters of the sentences taken."""


@dataclass(frozen=True, slots=True)
class Target:
    document: str
    start: int
    end: int
    text: str


def targets(session: Session, count: int, chance: random.Random) -> list[Target]:
    """So many sentences of each document."""
    found: list[Target] = []
    for source in session.documents():
        document = session.document(source.id)
        held = []
        for block in document.blocks:
            for sentence in split.sentences(document.text[block.start : block.end]):
                start, end = trimmed(document.text, block.start + sentence.start, block.start + sentence.end)
                if LENGTHS[0] <= end - start <= LENGTHS[1]:
                    held.append(Target(source.id, start, end, document.text[start:end]))
        found += chance.sample(held, min(count, len(held)))
    return found


def edited(text: str, vocabulary: Sequence[str], chance: random.Random) -> str:
    words = text.split()
    for _ in range(EDITS):
        at, way = chance.randrange(len(words)), chance.randrange(3)
        if way == 0 and len(words) > 1:
            del words[at]
        elif way == 1:
            words.insert(at, chance.choice(vocabulary))
        else:
            words[at] = chance.choice(vocabulary)
    return " ".join(words)


def scanned(text: str, chance: random.Random) -> str:
    """The text with some letters misread, left out or doubled."""
    out = []
    for letter in text:
        if chance.random() >= NOISE:
            out.append(letter)
        elif chance.random() < 0.7:
            out.append(CONFUSED.get(letter, chance.choice("abcdefghijklmnopqrstuvwxyz ")))
        elif chance.random() < 0.5:
            out.append(letter * 2)
    return "".join(out)


def overlap(one: tuple[int, int], other: tuple[int, int]) -> float:
    """Intersection over union of two ranges."""
    inside = min(one[1], other[1]) - max(one[0], other[0])
    return max(inside, 0) / (max(one[1], other[1]) - min(one[0], other[0]))


def measure(session: Session, wanted: Sequence[Target], damage: Callable[[str], str]) -> tuple[float, float, float]:
    """Right document; right range; the median seconds of a look-up."""
    documents, ranges, times = [], [], []
    for target in wanted:
        began = time.perf_counter()
        best = session.find(damage(target.text)).occurrences[:1]
        times.append(time.perf_counter() - began)
        documents.append(any(o.document == target.document for o in best))
        ranges.append(
            any(
                o.document == target.document and overlap((o.start, o.end), (target.start, target.end)) >= 0.8
                for o in best
            )
        )
    return mean(documents), mean(ranges), median(times)


def absent(shared: Path, count: int, chance: random.Random) -> list[str]:
    """Sentences of texts that are not in the corpus."""
    files = [*(shared / "bench/federalist/txt").glob("*.txt"), *(shared / "bench/books").glob("*.txt")]
    sentences = []
    for path in sorted(files):
        for paragraph in path.read_text("utf-8").split("\n\n"):
            cut = [" ".join(paragraph[s.start : s.end].split()) for s in split.sentences(paragraph)]
            sentences += [sentence for sentence in cut if LENGTHS[0] <= len(sentence) <= LENGTHS[1]]
    return chance.sample(sentences, count)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        session = Session.open(folder, create=True)
        for path in sorted((options.shared / "corpus").glob("*.txt")):
            session.add(path)
        for seed in range(options.seeds):
            chance = random.Random(seed)
            wanted = targets(session, options.count, chance)
            vocabulary = [word for target in wanted for word in target.text.split()]
            ways: dict[str, Callable[[str], str]] = {
                "as it stands": str,
                f"{EDITS} word edits": lambda text: edited(text, vocabulary, chance),  # noqa: B023 (used at once)
                "scanner noise": lambda text: scanned(text, chance),  # noqa: B023
            }
            for name, damage in ways.items():
                document, place, seconds = measure(session, wanted, damage)
                print(f"seed {seed}, {name}: document {document:.3f}, place {place:.3f} of {len(wanted)}, "
                      f"{1000 * seconds:.0f} ms", flush=True)  # fmt: skip
        strange = absent(options.shared, 2 * options.count, random.Random(0))
        refused = mean(not session.find(sentence).occurrences for sentence in strange)
        print(f"absent: refused {refused:.3f} of {len(strange)}")


if __name__ == "__main__":
    main()
