"""How well shared words are found: passages of one text planted in another, damaged, and the pairs known in the corpus.

    python scripts/reuse.py [--shared ../shared] [--seeds 7 8 9] [--places]

Planted: 60 passages of 15 to 60 words of one text, put between words of another. Up to 15 % of the words of each are
changed for others of the carrier, left out, or others put in; of ten, ten or more in the middle are left out as well,
eight or more staying on either side. Texts: two books, and one half of the Federalist papers in the other, drawn for
each seed.

recall     of the passages, the share of which one shared place covers half of the words on both sides, or more
precision  of the places shown, the share that lies on a passage, or that the texts shared before anything was planted
"""

import argparse
import random
import re
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from voices import rows

from qa.reuse import Reuse, reuses
from qa.session import Session
from qa.shingles import Text
from qa.stretch import words

ROOT = Path(__file__).resolve().parent.parent
PASSAGES, CUTS = 60, 10
LENGTHS = (15, 60)
CHANGED = 0.15
PAIRS = ("s01", "s02")
"""The pairs of `shared.jsonl` that have more than a formula word for word."""
KEPT, LEAST_CUT = 8, 10
"""Words that stay on either side of a cut, and words that are left out, at least."""


@dataclass(frozen=True, slots=True)
class Planted:
    """Which words of the source were planted, and where in the carrier they stand now, as sets of word numbers."""

    source: frozenset[int]
    carrier: frozenset[int]
    cut: bool


def damaged(passage: Sequence[str], vocabulary: Sequence[str], chance: random.Random) -> list[str]:
    """The passage with up to CHANGED of its words changed, left out or joined by another, each way as often."""
    out: list[str] = []
    changes = round(chance.random() * CHANGED * len(passage))
    places = set(chance.sample(range(len(passage)), changes))
    for number, word in enumerate(passage):
        way = chance.choice(("change", "drop", "insert")) if number in places else "keep"
        out += {"change": [chance.choice(vocabulary)], "drop": [], "keep": [word],
                "insert": [word, chance.choice(vocabulary)]}[way]  # fmt: skip
    return out


def planted(source: str, carrier: str, chance: random.Random) -> tuple[str, list[Planted]]:
    """The carrier with passages of the source, its words alone, and where they are."""
    have, into = ([word for _, _, word in words(text)] for text in (source, carrier))
    room = len(have) // PASSAGES
    where = sorted(chance.sample(range(len(into)), PASSAGES))
    order = list(range(PASSAGES))
    chance.shuffle(order)  # what stands near in the source does not in the carrier
    out: list[str] = []
    found = []
    for number, (begin, end) in enumerate(zip(where, [*where[1:], len(into)], strict=True)):
        cut = number < CUTS
        length = chance.randint(2 * KEPT + LEAST_CUT if cut else LENGTHS[0], LENGTHS[1])
        first = order[number] * room + chance.randrange(max(room - length, 1))
        parts = [range(first, first + length)]
        if cut:
            gap = chance.randint(LEAST_CUT, length - 2 * KEPT)
            begin_cut = chance.randint(first + KEPT, first + length - KEPT - gap)
            parts = [range(first, begin_cut), range(begin_cut + gap, first + length)]
        if number == 0:
            out += into[:begin]
        start = len(out)
        for part in parts:
            out += damaged([have[at] for at in part], into, chance)
        found.append(Planted(frozenset(at for part in parts for at in part), frozenset(range(start, len(out))), cut))
        out += into[begin:end]
    return " ".join(out), found


def covered(reuse: Reuse) -> tuple[set[int], set[int]]:
    one, other = ({at for first, end in reuse.ranges(side) for at in range(first, end)} for side in (0, 1))
    return one, other


def measure(source: str, carrier: str, chance: random.Random) -> tuple[float, float, dict[str, Any]]:
    """Recall, precision, and what there is to look at."""
    text, passages = planted(source, carrier, chance)
    before = [covered(reuse) for reuse in reuses(Text(source), Text(carrier))]
    began = time.perf_counter()
    shown = reuses(Text(source), Text(text))
    seconds = time.perf_counter() - began
    sides = [covered(reuse) for reuse in shown]

    def holds(place: tuple[set[int], set[int]], passage: Planted) -> bool:
        return all(
            2 * len(of & got) >= len(of) for of, got in zip((passage.source, passage.carrier), place, strict=True)
        )

    def lies_on(place: tuple[set[int], set[int]], passage: Planted) -> bool:
        return all(
            2 * len(of & got) >= len(got) for of, got in zip((passage.source, passage.carrier), place, strict=True)
        )

    hits = [[number for number, place in enumerate(sides) if holds(place, passage)] for passage in passages]
    on = [any(lies_on(place, passage) for passage in passages) for place in sides]
    real = [any(2 * len(place[0] & old[0]) >= len(place[0]) for old in before) for place in sides]
    cuts = [hit for hit, passage in zip(hits, passages, strict=True) if passage.cut]
    told = {
        "places": len(shown),
        "wrong": [shown[n] for n in range(len(shown)) if not on[n] and not real[n]],
        "before": len(before),
        "joined": sum(any(len(shown[number].parts) > 1 for number in hit) for hit in cuts),
        "missed": [len(p.source) for hit, p in zip(hits, passages, strict=True) if not hit],
        "seconds": seconds,
    }
    right = sum(a or b for a, b in zip(on, real, strict=True))
    return sum(map(bool, hits)) / len(passages), right / max(len(shown), 1), told


def carriers(shared: Path, chance: random.Random) -> list[tuple[str, str, str]]:
    """Names, source and carrier: two books, and the two halves of the papers."""
    books = sorted(path for path in (shared / "bench/books").glob("*.txt"))
    one, other = chance.sample(books, 2)
    papers = sorted((shared / "bench/federalist/txt").glob("*.txt"))
    chance.shuffle(papers)
    half = len(papers) // 2
    halves = ["\n\n".join(path.read_text("utf-8") for path in part) for part in (papers[:half], papers[half:])]
    return [
        (f"{one.stem} in {other.stem}", one.read_text("utf-8"), other.read_text("utf-8")),
        ("half of the Federalist in the other", *halves),
    ]


def letters(text: str) -> str:
    return re.sub(r"[^a-z]", "", text.lower())


def corpus(shared: Path, with_words: bool) -> None:
    """Whether the pairs that share their words are found between the two documents, and what else is."""
    with tempfile.TemporaryDirectory() as folder:
        session = Session.open(folder, create=True)
        names = ("essay", "critique")
        for name in names:
            session.add(shared / f"corpus/{name}.txt")
        began = time.perf_counter()
        found = session.shared(names)
        print(f"corpus: {len(found)} places in {time.perf_counter() - began:.2f} s")
    pairs = {row["id"]: row for row in rows(shared / "eval/shared.jsonl") if row["id"] in PAIRS}
    for place in found:
        quotes = [letters(side.citation.quote) for side in (place.first, place.second)]
        held = [
            pair
            for pair, row in pairs.items()
            if all(letters(row[name]) in quote for name, quote in zip(names, quotes, strict=True))
        ]
        for pair in held:
            del pairs[pair]
        words_of = f": {place.first.citation.quote}" if with_words else ""
        print(f"  {', '.join(held) or 'another'}: {place.words} words, marked by {place.marked}{words_of}")
    print(f"  not found: {', '.join(pairs) or 'none'}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--seeds", type=int, nargs="+", default=[7, 8, 9])
    parser.add_argument("--places", action="store_true", help="print the words of what is shown")
    options = parser.parse_args()
    for seed in options.seeds:
        chance = random.Random(seed)
        for name, source, carrier in carriers(options.shared, chance):
            recall, precision, told = measure(source, carrier, chance)
            print(f"seed {seed}, {name}: recall {recall:.3f}, precision {precision:.3f} of {told['places']}, "
                  f"joined {told['joined']} of {CUTS}, shared before {told['before']}, "
                  f"missed lengths {told['missed']}, {told['seconds']:.1f} s", flush=True)  # fmt: skip
            if options.places:
                have = words(source)
                for reuse in told["wrong"]:
                    (first, _), (_, end) = reuse.ranges(0)[0], reuse.ranges(0)[-1]
                    print(f"  wrong: {source[have[first][0] : have[end - 1][1]]}")
    corpus(options.shared, options.places)


if __name__ == "__main__":
    main()
