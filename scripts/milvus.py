"""A library on milvus-lite against the same library in a folder: whether both find and answer the same.

    python scripts/milvus.py [--shared ../shared] [--questions 100] [--no-reader]

Prints the rank-biased overlap at 10 (Webber, Moffat and Zobel 2010, p = 0.9, extrapolated) of the passages found in
each document, for the product's search and for one whose words are ranked by Milvus' own BM25 function, which knows
the statistics of all rows together; how many answers are equal, citation for citation; and the time of each.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import mean, median

from index.engines import engine_at
from index.entry import Entry
from index.migrate import migrate
from index.milvus.address import address
from index.milvus.tables import PASSAGES
from index.segment import DEPTH
from index.types import no_progress
from qa.retrieval import CANDIDATES
from qa.session import Session
from qa.types import Comparison

ROOT = Path(__file__).resolve().parent.parent
AT, PERSISTENCE = 10, 0.9


def overlap(one: Sequence[int], two: Sequence[int]) -> float:
    """Rank-biased overlap of two rankings, extrapolated from their first AT; 1 for equal ones."""
    depth = min(AT, len(one), len(two))
    if not depth:
        return float(len(one) == len(two))
    agreement = [len(set(one[:d]) & set(two[:d])) / d for d in range(1, depth + 1)]
    seen = sum(share * PERSISTENCE ** (d - 1) for d, share in enumerate(agreement, start=1))
    return (1 - PERSISTENCE) * seen + agreement[-1] * PERSISTENCE**depth


def by_function(where: str, entry: Entry, vector: object, words: str) -> list[int]:
    """The passages of a document by hybrid search with Milvus' BM25 function instead of the document's own weights."""
    from pymilvus import AnnSearchRequest, MilvusClient, RRFRanker

    at = address(where)
    milvus, inside = MilvusClient(at.uri), f'segment == "{entry.segment}"'
    searches = [AnnSearchRequest([vector], "vector", {"metric_type": "IP"}, DEPTH, expr=inside)]
    if words:
        searches.append(AnnSearchRequest([words], "bm25", {"metric_type": "BM25"}, DEPTH, expr=inside))
    name = f"{at.name}_{PASSAGES}"
    [hits] = milvus.hybrid_search(name, searches, RRFRanker(60), limit=2 * DEPTH, output_fields=["number"])
    return [n for _, n in sorted((-hit["distance"], hit["entity"]["number"]) for hit in hits)][:CANDIDATES]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--questions", type=int, default=100)
    parser.add_argument("--no-reader", action="store_true")
    options = parser.parse_args()
    questions = asked_of(options.shared, options.questions)
    with tempfile.TemporaryDirectory() as folder:
        here, there = f"{folder}/library", f"milvus-lite:{folder}/library.db"
        session = Session.open(here, create=True, reader="none" if options.no_reader else "parallax")
        for path in sorted((options.shared / "corpus").glob("*.txt")):
            session.add(path)
        began = time.perf_counter()
        migrate(here, there, no_progress)
        print(f"copied and compared in {time.perf_counter() - began:.1f} s")
        other = Session.open(there, reader="none" if options.no_reader else "parallax")
        entries = {entry.id: entry for entry in engine_at(there).entries()}
        measure(session, other, entries, there, questions)


def asked_of(shared: Path, count: int) -> list[str]:
    """Half of the questions from the development set, half from the training questions, each spread over its set."""

    def some(file: str, name: str, count: int) -> list[str]:
        rows = [json.loads(line) for line in (shared / file).read_text("utf-8").splitlines()]
        return [rows[number * len(rows) // count][name] for number in range(count)]

    return [*some("eval/dev.jsonl", "question", count - count // 2), *some("train/questions.jsonl", "q", count // 2)]


def said(comparison: Comparison) -> list[list[tuple[int, int]]]:
    """The ranges that each document is quoted with. Scores differ in the last place: Milvus adds otherwise."""
    answers = [perspective.answer for perspective in comparison.perspectives]
    return [[(c.start, c.end) for c in answer.citations] if answer is not None else [] for answer in answers]


def measure(session: Session, other: Session, entries: dict[str, Entry], there: str, questions: Sequence[str]) -> None:
    found: dict[str, list[float]] = {"the document's own BM25": [], "Milvus' BM25 function": []}
    equal: list[bool] = []
    times: tuple[list[float], list[float]] = ([], [])
    quick, quick_other = session.variant(reader=False), other.variant(reader=False)
    for question in questions:
        ours, theirs = (one.read(question) for one in (quick, quick_other))
        for (entry, read), (_, milvus) in zip(ours.documents, theirs.documents, strict=True):
            numbers = [candidate.hit.passage for candidate in read.candidates]
            found["the document's own BM25"].append(overlap(numbers, [c.hit.passage for c in milvus.candidates]))
            query = session._library.query(read.question)
            function = by_function(there, entries[entry.id], query.vector, " ".join(query.terms))
            found["Milvus' BM25 function"].append(overlap(numbers, function))
        asked = [one.ask(question) for one in (session, other)]
        for spent, comparison in zip(times, asked, strict=True):
            spent.append(comparison.seconds)
        equal.append(said(asked[0]) == said(asked[1]))
    for name, overlaps in found.items():
        print(f"{name}: RBO@{AT} {mean(overlaps):.4f}, equal {mean(o > 1 - 1e-9 for o in overlaps):.3f}")
    print(f"answers equal: {sum(equal)} of {len(equal)}")
    print("median seconds of an answer: {:.3f} in a folder, {:.3f} on milvus-lite".format(*map(median, times)))


if __name__ == "__main__":
    main()
