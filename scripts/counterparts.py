"""How often passages shown as counterparts speak to the same point, and how often unrelated texts are kept apart.

    python scripts/counterparts.py [--shared ../shared] [--kept FOLDER] [--reader]

corpus      pairs shown between the two documents. Supported: both passages hold words that answer the same development
            question by themselves, or a place of `shared.jsonl`. That gold is thin (a question is asked of few of the
            passages), so what counts is its share beside that of all pairs, and of as many pairs by cosine alone
federalist  passages with a counterpart in an essay that answers theirs (`replies.tsv`), and in one that does not; pairs
            supported by `compare.jsonl`. RARE was chosen by these; that one nearest passage counts, not two, was set
            after reading the pairs of the corpus, so its figures are not those of unseen texts
strangers   passages of the two documents with a counterpart among the Federalist papers, which share no subject
--reader    what a check by the reader would refuse: pairs where neither sentence, put as a question to the other's
            passage, is likelier answered there than not

The first run encodes 95 documents, which takes some minutes; the libraries are kept in a folder.
"""

import argparse
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from index import sentence_encoder
from index.entry import Entry
from index.library import Library
from index.segment import Evidence
from index.types import Details, Hit, Search
from qa import match
from qa.counterparts import Counterparts
from qa.read import Candidate, Reader
from qa.readers import load
from qa.types import Counterpart

ROOT = Path(__file__).resolve().parent.parent
Record = dict[str, Any]
Pair = tuple[int, int]
"""Numbers of two passages, each in its document."""


def rows(path: Path) -> list[Record]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def opened(folder: Path, files: Iterable[Path]) -> Library:
    library = Library.open(folder, sentence_encoder.load, create=True)
    for file in files:
        library.add(file, Details())
    return library


@dataclass(frozen=True, slots=True)
class Side:
    """One document of a library."""

    library: Library
    entry: Entry

    def words(self, passage: int) -> str:
        held = self.library.passages(self.entry)[passage]
        return self.library.document(self.entry).text[held.start : held.end]

    def holding(self, quote: str) -> set[int]:
        """The passages that hold a gold span."""
        numbers = range(len(self.library.passages(self.entry)))
        return {n for n in numbers if match.passage_holds(self.words(n), quote)}

    def on_lines(self, first: int, last: int) -> set[int]:
        document = self.library.document(self.entry)
        return {
            n
            for n, p in enumerate(self.library.passages(self.entry))
            if document.line_at(p.end - 1).line >= first and document.line_at(p.start).line <= last
        }

    def passage_at(self, offset: int) -> int:
        return next(n for n, p in enumerate(self.library.passages(self.entry)) if p.start <= offset < p.end)

    def candidate(self, passage: int) -> Candidate:
        held, text = self.library.passages(self.entry)[passage], self.library.document(self.entry).text
        unknown = np.zeros(len(held.sentences), np.float32)
        sentences = tuple(text[s.start : s.end] for s in held.sentences)
        return Candidate(Hit(passage, 0.0, Search.FUSED), held, sentences, Evidence(unknown, unknown, 0.0))


def gold(one: Side, other: Side, evidence: Iterable[Record]) -> set[Pair]:
    """The pairs of passages that both hold words which answer the same question by themselves."""
    found = set()
    for spans in evidence:
        sides = [
            {n for span in spans[side.entry.id] if span["grade"] == 2 for n in side.holding(span["quote"])}
            for side in (one, other)
        ]
        found |= {(i, j) for i in sides[0] for j in sides[1]}
    return found


def places(one: Side, other: Side, shared: Iterable[Record]) -> set[Pair]:
    """The pairs of passages with a place of `shared.jsonl`, which names the lines of each."""
    found = set()
    for row in shared:
        sides = [
            side.holding(row[side.entry.id]) & side.on_lines(*row[f"{side.entry.id}_lines"]) for side in (one, other)
        ]
        found |= {(i, j) for i in sides[0] for j in sides[1]}
    return found


def shown(counterparts: Counterparts, one: Side, other: Side) -> list[tuple[Pair, Counterpart]]:
    """All counterparts of one document in another, best first."""
    found = counterparts.of(one.entry, 0, len(one.library.document(one.entry).text), [other.entry])
    return [((one.passage_at(c.here.start), other.passage_at(c.there.start)), c) for c in found]


def is_refused(reader: Reader, one: Side, other: Side, pair: Pair, counterpart: Counterpart) -> bool:
    asked = [(counterpart.here.text, other, pair[1]), (counterpart.there.quote, one, pair[0])]
    odds = [np.logaddexp.reduce(reader.read(text, [side.candidate(passage)])[0]) for text, side, passage in asked]
    return max(odds) < 0


def told(name: str, hits: Sequence[bool]) -> None:
    print(f"  {name}: {sum(hits)} of {len(hits)}" + (f" ({sum(hits) / len(hits):.3f})" if hits else ""), flush=True)


def corpus(library: Library, shared: Path, reader: Reader | None) -> None:
    one, other = (Side(library, library.entry(name)) for name in ("essay", "critique"))
    known = gold(one, other, (row["evidence"] for row in rows(shared / "eval/dev.jsonl")))
    known |= places(one, other, rows(shared / "eval/shared.jsonl"))
    counterparts = Counterparts(library, lambda entry: ())
    pairs = shown(counterparts, one, other)
    prose = [counterparts.prose(side.entry) for side in (one, other)]
    everything = [(int(i), int(j)) for i in prose[0] for j in prose[1]]
    vectors = [
        np.stack([library.query(side.words(n)).vector for n in numbers])
        for side, numbers in ((one, prose[0]), (other, prose[1]))
    ]
    order = np.argsort(-(vectors[0] @ vectors[1].T), axis=None)
    by_cosine = [everything[place] for place in order]
    nearest = dict(reversed(by_cosine))
    met = [{pair[side] for pair, _ in pairs} for side in (0, 1)]
    print(f"corpus: {len(pairs)} pairs, {len(met[0])} of {len(prose[0])} and {len(met[1])} of {len(prose[1])} passages")
    told("supported", [pair in known for pair, _ in pairs])
    told("as many by cosine", [pair in known for pair in by_cosine[: len(pairs)]])
    told("the nearest of each passage by cosine", [pair in known for pair in nearest.items()])
    told("all pairs", [pair in known for pair in everything])
    if reader is not None:
        for name, is_gold in (("supported", True), ("not supported", False)):
            told(f"refused by the reader, {name}",
                 [is_refused(reader, one, other, p, c) for p, c in pairs if (p in known) is is_gold])  # fmt: skip


def federalist(library: Library, shared: Path, reader: Reader | None) -> None:
    sides = {entry.id: Side(library, entry) for entry in library.entries()}
    replies = {tuple(line.split()) for line in (shared / "bench/federalist/replies.tsv").read_text().splitlines()[1:]}
    compared: dict[tuple[str, str], list[Record]] = {}
    for row in rows(shared / "train/compare.jsonl"):
        first, second = sorted(row["documents"])
        compared.setdefault((first, second), []).append(row["documents"])
    counterparts = Counterparts(library, lambda entry: ())
    answering = [name for name in sides if name.startswith("federalist")]
    objecting = sorted({pair[0] for pair in replies})
    others = [(a, b) for a in objecting for b in answering if (a, b) not in replies and (a, b) not in compared]
    print("federalist: passages with a counterpart")
    for name, names in (("in an essay that answers", sorted(replies)), ("in another essay", others)):
        met, refused = [], []
        for a, b in names:
            pairs = shown(counterparts, sides[a], sides[b])
            met += [n in {i for (i, _), _ in pairs} for n in counterparts.prose(sides[a].entry)]
            if reader is not None:
                refused += [is_refused(reader, sides[a], sides[b], p, c) for p, c in pairs]
        told(name, met)
        if reader is not None:
            told("refused by the reader", refused)
    supported, everything = [], []
    for (a, b), evidence in compared.items():
        known = gold(sides[a], sides[b], evidence)
        supported += [pair in known for pair, _ in shown(counterparts, sides[a], sides[b])]
        prose = [counterparts.prose(sides[name].entry) for name in (a, b)]
        everything += [(int(i), int(j)) in known for i in prose[0] for j in prose[1]]
    told("supported, of the pairs shown between compared essays", supported)
    told("all pairs", everything)
    strange = [name for name in sides if name in ("essay", "critique")]
    print("strangers: passages with a counterpart in any of the essays")
    for name in strange:
        told(name, list(_meets(counterparts, sides, name, [*answering, *objecting])))


def _meets(counterparts: Counterparts, sides: dict[str, Side], name: str, others: Sequence[str]) -> Iterator[bool]:
    met = {i for other in others for (i, _), _ in shown(counterparts, sides[name], sides[other])}
    for passage in counterparts.prose(sides[name].entry):
        yield int(passage) in met


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--kept", type=Path, default=ROOT / "build" / "counterparts")
    parser.add_argument("--reader", action="store_true")
    options = parser.parse_args()
    reader = load() if options.reader else None
    texts = sorted((options.shared / "corpus").glob("*.txt"))
    essays = sorted((options.shared / "bench/federalist/txt").glob("*.txt"))
    corpus(opened(options.kept / "corpus", texts), options.shared, reader)
    federalist(opened(options.kept / "essays", [*texts, *essays]), options.shared, reader)


if __name__ == "__main__":
    main()
