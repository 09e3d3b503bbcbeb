"""The questions that the reader is trained and tested on, from the project's training set and outside collections.

    python scripts/reader_items.py [--shared ../shared] [--out build/reader/items.pickle.gz] [--seed 0]

An item is a question with passages of sentences, of which some answer. What is tested is kept out by article, essay,
book and pair of documents: no text of it and no question on it is trained on. Hard negatives come from the product's
own searches: passages of the same document that a search ranks high and that do not hold the gold sentence. Nothing
here trains; nothing here reads the two documents of the corpus or the questions about them.
"""

import argparse
import gzip
import json
import pickle
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from reader_batches import Item, Passage

from index import dense, fuse, lexical, split
from index.codes import eight_bits
from index.embed import DEFAULT_MODEL, Encodable, Encoder
from index.encoders import Encoders
from index.load import load as load_document
from index.sentence_encoder import load as load_encoder
from index.types import Passage as CutPassage
from index.types import no_progress
from qa.folders import exports

ROOT = Path(__file__).resolve().parent.parent

HELD_BOOK = "john-stuart-mill_on-liberty"
HELD_ARTICLES = (
    "Amazon_rainforest", "Ctenophora", "Fresno,_California", "Immune_system",
    "Oxygen", "Pharmacy", "Rhine", "Southern_California",
)  # fmt: skip
"""SQuAD articles on which the training set has no question: every second one of them is tested on."""
HELD_PAIRS = (
    "duelling", "language-revival", "machine-breakers", "peasant-bank", "prison-reform", "reformation-town",
    "revolt-of-the-weavers",
)  # fmt: skip
"""Pairs of documents that are never trained on, of `scripts/questions/pairs`."""
QUESTIONS = ROOT / "scripts" / "questions"
NEGATIVES = 8
"""So many passages of the ranking are kept as hard negatives of a question."""


Record = dict[str, Any]


def rows(path: Path) -> list[Record]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def asked_of(row: Record) -> str:
    """The question as it is put to a reader: with the turns before it, the latest first, where it is a follow-up."""
    return " ".join([row["question"], *reversed(row.get("history", []))])


class OwnQuestions:
    """The questions of `train/`, with the document of each passage."""

    def __init__(self, shared: Path) -> None:
        self.passages: dict[str, Record] = {
            p["id"]: p for p in json.loads((shared / "train/passages.json").read_text())
        }
        self.compared = {name for row in rows(shared / "train/compare.jsonl") for name in row["documents"]}
        self.questions = rows(shared / "train/questions.jsonl")
        self.chats = rows(shared / "train/chats.jsonl")

    def document(self, passage: str) -> str:
        """The essay, book or article that a passage belongs to."""
        row = self.passages[passage]
        if row["source"] == "fed":
            return str(row["source_id"].rsplit("_", 1)[0])
        return str(row["title"]).replace(" ", "_") if row["source"] == "squad" else str(row["source"])

    def held_out(self, passage: str) -> bool:
        """The essays of the comparison questions and one book are never trained on."""
        document = self.document(passage)
        return document in self.compared or document == HELD_BOOK

    def items(self, encoder: Encoder) -> tuple[list[Item], list[Item]]:
        """Items to train on and items held out. A near miss has no negatives: another passage may answer it."""
        asked = [(row["q"], row) for row in self.questions]
        asked += [(" ".join([row["q"], *reversed(row["history"])]), row) for row in self.chats if row["carry"]]
        negatives = self._negatives([(text, row["p"]) for text, row in asked], encoder)
        split_items: tuple[list[Item], list[Item]] = ([], [])
        for (text, row), others in zip(asked, negatives, strict=True):
            passage = Passage(tuple(self.passages[row["p"]]["sentences"]), frozenset(row["gold"]))
            item = Item(text, passage, others if row["gold"] else (), row["kind"])
            split_items[self.held_out(row["p"])].append(item)
        return split_items

    def _negatives(self, asked: Sequence[tuple[str, str]], encoder: Encoder) -> list[tuple[Passage, ...]]:
        by_document: dict[str, list[str]] = defaultdict(list)
        for passage in self.passages:
            by_document[self.document(passage)].append(passage)
        found: list[tuple[Passage, ...]] = [()] * len(asked)
        for document, names in by_document.items():
            here = [i for i, (_, passage) in enumerate(asked) if self.document(passage) == document]
            sentences = [tuple(self.passages[name]["sentences"]) for name in names]
            pool = Pool(sentences, encoder)
            for i in here:
                question, gold = asked[i]
                ranked = [row for row in pool.ranked(question, NEGATIVES + 1) if names[row] != gold]
                found[i] = tuple(pool.negative(row, question) for row in ranked[:NEGATIVES])
        return found


def on_books(shared: Path, encoder: Encoder) -> Iterator[Item]:
    """The questions of `scripts/questions`, on the product's own passages of books; negatives from all of a book."""
    asked: dict[str, list[Record]] = defaultdict(list)
    for row in rows(QUESTIONS / "books.jsonl"):
        asked[row["document"]].append(row)
    for name, questions in asked.items():
        document = load_document(shared / "bench/books" / f"{name}.txt")
        passages = split.split(document, document.text)
        at = {(passage.start, passage.end): number for number, passage in enumerate(passages)}
        sentences = [tuple(document.text[s.start : s.end].strip() for s in p.sentences) for p in passages]
        pool = Pool(sentences, encoder)
        for row in questions:
            number, gold = at.get(tuple(row["passage"])), {tuple(span) for span in row["gold"]}
            if number is None or not gold <= {(s.start, s.end) for s in passages[number].sentences}:
                raise SystemExit(f"{name}: passages or sentences are cut otherwise than for {row['question']!r}.")
            question = asked_of(row)
            right = frozenset(i for i, s in enumerate(passages[number].sentences) if (s.start, s.end) in gold)
            others = [other for other in pool.ranked(question, NEGATIVES + 1) if other != number] if right else []
            negatives = tuple(pool.negative(other, question) for other in others[:NEGATIVES])
            yield Item(question, Passage(sentences[number], right), negatives, row["kind"])


def on_pairs(encoder: Encoder) -> Iterator[tuple[str, Item]]:
    """(name of the pair, item) of the documents of `scripts/questions/pairs`, in which every answer is marked.

    Of each passage that answers an item, of the three best at most; where a document is silent the passage that the
    searches rank first is the near miss. Negatives are passages without any sentence that answers, even in part.
    """
    asked: dict[str, list[Record]] = defaultdict(list)
    for row in rows(QUESTIONS / "pairs.jsonl"):
        asked[row["pair"]].append(row)
    for name, questions in asked.items():
        for side in "ab":
            document = load_document(QUESTIONS / "pairs" / name / f"{side}.md")
            passages = split.split(document, document.text)
            sentences = [tuple(document.text[s.start : s.end].strip() for s in p.sentences) for p in passages]
            pool = Pool(sentences, encoder)
            for row in questions:
                gold, partly = ([marked(p, row[key]) for p in passages] for key in (side, f"{side}_also"))
                ranked = pool.ranked(asked_of(row), len(passages))
                wrong = [n for n in ranked if not gold[n] and not partly[n]]
                negatives = tuple(pool.negative(n, asked_of(row)) for n in wrong[: NEGATIVES + 1])
                right = list(
                    dict.fromkeys(n for span in row[side] for n, p in enumerate(passages) if marked(p, [span]))
                )
                for n in right[:3]:
                    passage = Passage(sentences[n], gold[n], partly=partly[n] - gold[n])
                    yield name, Item(asked_of(row), passage, negatives[:NEGATIVES], row["type"])
                if not right and negatives:
                    yield name, Item(asked_of(row), negatives[0], negatives[1:], "silent")


def marked(passage: CutPassage, spans: Sequence[Sequence[int]]) -> frozenset[int]:
    """Numbers of the sentences that share more than half of the shorter of both with a span."""
    return frozenset(
        i
        for i, s in enumerate(passage.sentences)
        if any(2 * (min(s.end, end) - max(s.start, start)) > min(s.end - s.start, end - start) for start, end in spans)
    )


class Pool:
    """The passages of one document with the product's own searches over them."""

    def __init__(self, passages: Sequence[tuple[str, ...]], encoder: Encoder) -> None:
        self.passages = passages
        self.encoder = encoder
        encodables = []
        for sentences in passages:
            ends = np.cumsum([len(s) + 1 for s in sentences])
            spans = tuple((int(end) - len(s) - 1, int(end) - 1) for s, end in zip(sentences, ends, strict=True))
            encodables.append(Encodable(" ".join(sentences), spans))
        whole, self.parts = encoder.encode_passages(encodables, no_progress)
        self.first = np.cumsum([0, *(len(sentences) for sentences in passages)])
        self.vectors = eight_bits(whole)
        self.words = lexical.LexicalIndex.build([encodable.text for encodable in encodables])
        self._vectors: dict[str, Any] = {}

    def _vector(self, question: str) -> Any:  # noqa: ANN401
        if question not in self._vectors:
            self._vectors[question] = self.encoder.encode_query(question)
        return self._vectors[question]

    def ranked(self, question: str, k: int) -> list[int]:
        terms = lexical.terms([question])[0]
        rankings = [dense.search(self.vectors, self._vector(question), 100), self.words.search(terms, 100)]
        return [hit.passage for hit in fuse.reciprocal_rank(rankings, k)]

    def negative(self, row: int, question: str) -> Passage:
        """A passage that does not answer, with its sentence nearest to the question."""
        similar = self.parts[self.first[row] : self.first[row + 1]] @ self._vector(question)
        return Passage(self.passages[row], nearest=int(np.argmax(similar)))


def squad(shared: Path, articles: bool) -> Iterator[tuple[str, Item]]:
    """(article, item) of SQuAD 2.0 dev; `articles`: those held out, else the rest. Negatives by BM25, same article."""
    for article in json.loads((shared / "bench/squad20-dev/squad-format.json").read_text())["data"]:
        if (article["title"] in HELD_ARTICLES) != articles:
            continue
        spans = [[(s.start, s.end) for s in split.sentences(p["context"])] for p in article["paragraphs"]]
        texts = [p["context"] for p in article["paragraphs"]]
        sentences = [tuple(t[a:b].strip() for a, b in cuts) for t, cuts in zip(texts, spans, strict=True)]
        words = lexical.LexicalIndex.build(texts)
        for number, paragraph in enumerate(article["paragraphs"]):
            for qa in paragraph["qas"]:
                starts = {answer["answer_start"] for answer in qa["answers"]}
                gold = frozenset(i for i, (a, b) in enumerate(spans[number]) if any(a <= start < b for start in starts))
                hits = words.search(lexical.terms([qa["question"]])[0], 6) if gold else []
                others = tuple(Passage(sentences[h.passage]) for h in hits if h.passage != number)
                yield article["title"], Item(qa["question"], Passage(sentences[number], gold), others, "squad")


def scifact(shared: Path) -> Iterator[Item]:
    """Claims of SciFact's train split with their rationale sentences; negatives are abstracts that BM25 ranks high."""
    folder = shared / "bench/scifact"
    abstracts = {row["_id"]: tuple(row["sentences"]) for row in rows(folder / "sentences.jsonl")}
    claims = {row["_id"]: row["text"] for row in rows(folder / "queries_train.jsonl")}
    gold: dict[tuple[str, str], set[int]] = defaultdict(set)
    for line in (folder / "stance_train.tsv").read_text().splitlines()[1:]:
        claim, abstract, _, evidence = line.split("\t")
        gold[claim, abstract] |= {int(number) for number in evidence.replace(",", " ").split()}
    names = list(abstracts)
    words = lexical.LexicalIndex.build([" ".join(abstracts[name]) for name in names])
    for (claim, abstract), numbers in gold.items():
        hits = words.search(lexical.terms([claims[claim]])[0], 6)
        others = [names[h.passage] for h in hits if (claim, names[h.passage]) not in gold]
        passage = Passage(abstracts[abstract], frozenset(numbers))
        yield Item(claims[claim], passage, tuple(Passage(abstracts[name]) for name in others), "scifact")


def perspectrum(shared: Path, chance: random.Random) -> Iterator[Item]:
    """Claims of PERSPECTRUM's train split: a perspective on the claim among perspectives on others of its topics."""
    folder = shared / "bench/perspectrum"
    claims = {row["_id"]: row for row in rows(folder / "queries.jsonl") if row["metadata"]["split"] == "train"}
    texts = {row["_id"]: row["text"] for row in rows(folder / "corpus.jsonl")}
    on: dict[str, list[str]] = defaultdict(list)
    for line in (folder / "qrels_train.tsv").read_text().splitlines()[1:]:
        claim, perspective, *_ = line.split("\t")
        on[claim].append(perspective)
    by_topic: dict[str, list[str]] = defaultdict(list)
    for name, row in claims.items():
        for topic in row["metadata"]["topics"]:
            by_topic[topic].append(name)
    for name, row in claims.items():
        near = [other for topic in row["metadata"]["topics"] for other in by_topic[topic] if other != name]
        for answers in (1, 1, 0):
            others = [texts[p] for other in chance.sample(near, min(4, len(near))) for p in on[other][:1]]
            mine = [texts[p] for p in chance.sample(on[name], min(answers, len(on[name])))]
            marked = [(text, False) for text in others] + [(text, True) for text in mine]
            chance.shuffle(marked)
            if marked:
                gold = frozenset(i for i, (_, right) in enumerate(marked) if right)
                yield Item(row["text"], Passage(tuple(text for text, _ in marked), gold), (), "perspectrum")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "reader" / "items.pickle.gz")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    encoder = Encoders(DEFAULT_MODEL, load_encoder, exports()).exported(no_progress)
    own, held = OwnQuestions(options.shared).items(encoder)
    pairs = list(on_pairs(encoder))
    found = {
        "own": own,
        "held": held,
        "books": list(on_books(options.shared, encoder)),
        "pairs": [item for name, item in pairs if name not in HELD_PAIRS],
        "pairs held": [item for name, item in pairs if name in HELD_PAIRS],
        "squad": [item for _, item in squad(options.shared, articles=False)],
        "squad held": [item for _, item in squad(options.shared, articles=True)],
        "scifact": list(scifact(options.shared)),
        "perspectrum": list(perspectrum(options.shared, random.Random(options.seed))),
    }
    for items in found.values():
        random.Random(options.seed).shuffle(items)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_bytes(gzip.compress(pickle.dumps(found)))
    print(*(f"{name} {len(items)}" for name, items in found.items()), sep="\n")


if __name__ == "__main__":
    main()
