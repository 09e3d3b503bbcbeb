"""Outside collections in BEIR form, ranked by the product's own searches, reader and rule, and by each part alone.

A collection becomes one text whose passages are its entries, so that nothing but the way in differs from the product.
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from reader_items import Record, rows

from index import lexical, split
from index.embed import Encoder
from index.segment import Query, Segment
from index.types import Hit, Passage, Sentence, no_progress
from qa.rank import Ranking
from qa.read import Candidate, Reader

Judged = Mapping[str, Mapping[str, int]]
"""Of each query the grade of each entry judged."""
DEPTH = 100


@dataclass(frozen=True, slots=True)
class Collection:
    """Entries as the passages of one text."""

    names: tuple[str, ...]
    text: str
    passages: tuple[Passage, ...]
    rows: tuple[slice, ...]
    """Of each passage, the rows of its sentences."""
    segment: Segment

    @classmethod
    def build(cls, entries: Sequence[tuple[str, Sequence[str]]], encoder: Encoder) -> "Collection":
        """`entries`: (name, sentences)."""
        text, passages, rows_, at = "", [], [], 0
        for _, sentences in entries:
            spans = []
            for sentence in sentences:
                spans.append(Sentence(len(text), len(text) + len(sentence) + 1))
                text += sentence + " "
            passages.append(Passage(spans[0].start, spans[-1].end, tuple(spans)))
            rows_.append(slice(at, at := at + len(spans)))
        segment = Segment.build(text, passages, encoder, no_progress)
        return cls(tuple(name for name, _ in entries), text, tuple(passages), tuple(rows_), segment)

    def candidates(self, query: Query, hits: Sequence[Hit]) -> list[Candidate]:
        evidence = self.segment.evidence(query, {hit.passage: self.rows[hit.passage] for hit in hits})
        return [
            Candidate(hit, passage, tuple(self.text[s.start : s.end] for s in passage.sentences), known)
            for hit, known in zip(hits, evidence, strict=True)
            for passage in [self.passages[hit.passage]]
        ]


def query_of(encoder: Encoder, question: str) -> Query:
    """A question as the searches see it."""
    return Query(encoder.encode_query(question), tuple(lexical.terms([question])[0]))


@dataclass(frozen=True, slots=True)
class System:
    """The product's parts for ranking a collection."""

    encoder: Encoder
    reader: Reader
    ranking: Ranking
    count: int
    """So many passages are read."""

    def ranked(self, collection: Collection, question: str) -> Iterator[tuple[str, list[int]]]:
        """(way, passages best first) of dense search alone, BM25 alone, both, and both with the reader."""
        query = query_of(self.encoder, question)
        yield "dense", [hit.passage for hit in collection.segment.search(Query(query.vector, ()), DEPTH)]
        yield "BM25", [hit.passage for hit in collection.segment.passage_words.search(query.terms, DEPTH)]
        hits = collection.segment.search(query, DEPTH)
        fused = [hit.passage for hit in hits]
        yield "dense + BM25", fused
        candidates = collection.candidates(query, hits[: self.count])
        scores = self.ranking.scores(question, candidates, self.reader.read(question, candidates))
        best = {c.hit.passage: float(s.max()) for c, s in zip(candidates, scores, strict=True)}
        yield "with the reader", [*sorted(best, key=lambda p: -best[p]), *fused[self.count :]]


def evaluate(
    collection: Collection, system: System, queries: Mapping[str, str], judged: Judged
) -> dict[str, dict[str, float]]:
    """Of each way the mean nDCG@10 and recall@5 over the queries."""
    totals: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for name, question in queries.items():
        for way, ranking in system.ranked(collection, question):
            found = [collection.names[passage] for passage in ranking]
            totals[way]["nDCG@10"] += ndcg(found, judged[name]) / len(queries)
            totals[way]["R@5"] += recall(found, judged[name], 5) / len(queries)
    return {way: dict(figures) for way, figures in totals.items()}


def ndcg(found: Sequence[str], grades: Mapping[str, int], depth: int = 10) -> float:
    """Normalised discounted cumulative gain (Järvelin and Kekäläinen 2002), linear gain as in trec_eval."""
    gain = sum(grades.get(name, 0) / math.log2(rank + 2) for rank, name in enumerate(islice(found, depth)))
    best = sum(grade / math.log2(rank + 2) for rank, grade in enumerate(sorted(grades.values(), reverse=True)[:depth]))
    return gain / best if best else 0.0


def recall(found: Sequence[str], grades: Mapping[str, int], depth: int) -> float:
    right = {name for name, grade in grades.items() if grade > 0}
    return len(right & set(found[:depth])) / len(right)


def read_collection(folder: Path) -> tuple[list[tuple[str, list[str]]], dict[str, str], Judged]:
    """Entries as (name, sentences), queries with a judgement, and the judgements of a folder in BEIR form."""
    judged: dict[str, dict[str, int]] = defaultdict(dict)
    for line in (folder / "qrels.tsv").read_text("utf-8").splitlines()[1:]:
        query, entry, grade = line.split("\t")[:3]
        judged[query][entry] = int(grade)
    queries = {
        row["_id"]: row["text"] for row in rows(folder / "queries.jsonl") if any(judged.get(row["_id"], {}).values())
    }
    given = folder / "sentences.jsonl"
    sentences = {row["_id"]: row["sentences"] for row in rows(given)} if given.exists() else {}
    entries = [(row["_id"], _sentences(row, sentences.get(row["_id"]))) for row in rows(folder / "corpus.jsonl")]
    return entries, queries, judged


def _sentences(row: Record, given: Sequence[str] | None) -> list[str]:
    text = row["text"]
    cut = list(given) if given else [text[s.start : s.end] for s in split.sentences(text)]
    return [row["title"], *cut] if row.get("title") else cut
