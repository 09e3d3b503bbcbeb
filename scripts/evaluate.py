"""The figures that README and ARCHITECTURE give beside those of the question set's own `score.py`.

    python scripts/evaluate.py [--shared ../shared] [--essays 60] [follow] [chats] [compare]

follow    the development questions that stand alone, asked after other, unrelated ones: what a chat costs them
chats     follow-up questions: whether the right passage of its text is among three, with several ways to carry turns
mtrag     questions of chats in MTRAG-UN: nDCG@10 of the searches with several ways to carry turns
compare   comparison questions over pairs of essays other than the two that the product was tuned on
scifact   claims against abstracts (BEIR): nDCG@10 of the searches alone, fused, and with the reader
squad     questions on articles that the reader never saw: the answer's sentence first in its article, and silence
words     the development questions asked by words alone, as of a text whose language the model does not know
essays    372 summaries of arguments: whether the essay that makes it is among the first five of 93, in several orders
"""

import argparse
import importlib.util
import json
import random
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from statistics import mean
from types import ModuleType
from typing import Any

import beir
import reader_items

from index import dense, fuse, lexical
from index.codes import eight_bits
from index.embed import DEFAULT_MODEL, Encodable
from index.sentence_encoder import load
from index.types import no_progress
from qa.answer import signals
from qa.follow import follows
from qa.readers import load as load_reader
from qa.retrieval import CANDIDATES
from qa.rules import Rule, rule
from qa.session import Session
from qa.types import Comparison, Perspective

ROOT = Path(__file__).resolve().parent.parent
Record = dict[str, Any]


def joined(question: str, earlier: Sequence[str]) -> str:
    """As the session joins them: the question first, then the earlier ones, newest first."""
    return " ".join([question, *reversed(earlier)])


WAYS: dict[str, Callable[[str, Sequence[str]], list[str]]] = {
    "none": lambda question, history: [question],
    "the last": lambda question, history: [joined(question, history[-1:])],
    "the rule": lambda question, history: [joined(question, follows(question, history))],
    "the rule, and alone": lambda question, history: [joined(question, follows(question, history)), question],
    "all": lambda question, history: [joined(question, history)],
}
"""The queries whose rankings are fused, of a question and the earlier ones of its chat, oldest first."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", default=list(PARTS))
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--essays", type=int, default=None, help="ask so many of the 372, drawn at random (seed 0)")
    options = parser.parse_args()
    scorer = load_scorer(options.shared / "eval" / "score.py")
    parts = PARTS | {"essays": partial(essays, sample=options.essays)}
    for part in options.parts:
        parts[part](options.shared, scorer)


def load_scorer(path: Path) -> ModuleType:
    """The question set's own scorer, so that "right" means here what it means there."""
    spec = importlib.util.spec_from_file_location("score", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def rows(path: Path) -> list[Record]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def is_right(scorer: ModuleType, side: Perspective, spans: list[Record]) -> bool | None:
    """Whether the first citation meets a gold span; None where there is none that answers by itself."""
    gold = [scorer.words(span["quote"]) for span in spans if span["grade"] == 2]
    places = side.answer.citations if side.answer else side.nearest
    return any(scorer.answers(scorer.words(places[0].quote), span) for span in gold) if gold else None


def follow(shared: Path, scorer: ModuleType) -> None:
    alone = [row for row in rows(shared / "eval" / "dev.jsonl") if not row["history"]]
    chance = random.Random(3)
    before = [[chance.choice(alone)["question"] for _ in range(5)] for _ in alone]
    with tempfile.TemporaryDirectory() as folder:
        session = Session.open(folder, create=True)
        for path in sorted((shared / "corpus").glob("*.txt")):
            session.add(path)
        for turns in (0, 1, 5):
            asked = [
                (row, session.ask(row["question"], history=history[:turns]))
                for row, history in zip(alone, before, strict=True)
            ]
            found = [
                right
                for row, comparison in asked
                for side in comparison.perspectives
                if (right := is_right(scorer, side, row["evidence"][side.source.id])) is not None
            ]
            carried = mean(bool(comparison.follows) for _, comparison in asked)
            print(f"after {turns} unrelated questions: answer@1 {mean(found):.3f}, carries turns in {carried:.3f}")


def words(shared: Path, scorer: ModuleType) -> None:
    with tempfile.TemporaryDirectory() as folder:
        session = Session.open(folder, create=True, reader="none")
        for path in sorted((shared / "corpus").glob("*.txt")):
            session.add(path)
        session._library.languages = ("xx",)  # as if the model knew another language than that of the texts
        told: list[tuple[float, bool, bool]] = []
        first: list[bool] = []
        for row in rows(shared / "eval" / "dev.jsonl"):
            for side in session.ask(row["question"], history=row["history"]).perspectives:
                right = is_right(scorer, side, row["evidence"][side.source.id])
                first += [] if right is None else [right]
                told.append((side.confidence, side.answer is not None, bool(row["evidence"][side.source.id])))
    print(f"by words alone: answer@1 {mean(first):.3f} of {len(first)}")
    for least in (None, 0.3, 0.4, 0.5, 0.6, 0.7):
        spoke = [(speaks if least is None else sure >= least, there) for sure, speaks, there in told]
        sure = scorer.auroc([(sure, there) for sure, _, there in told])
        some, none = ([speaks is there for speaks, there in spoke if there is wanted] for wanted in (True, False))
        print(
            f"  threshold {least if least is not None else 'as it is'}: speaks {mean(some):.3f} of {len(some)}, "
            f"silent {mean(none):.3f} of {len(none)}, AUROC {sure:.3f}"
        )


def chats(shared: Path, scorer: ModuleType) -> None:
    asked = rows(shared / "train" / "chats.jsonl")
    passages = json.loads((shared / "train" / "passages.json").read_text("utf-8"))
    title = {passage["id"]: (passage["source"], passage["title"]) for passage in passages}
    texts: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for passage in passages:
        texts[title[passage["id"]]][passage["id"]] = " ".join(passage["sentences"])
    encoder = load()
    indexes = {}
    for name in {title[row["p"]] for row in asked}:
        found = list(texts[name].values())
        vectors, _ = encoder.encode_passages([Encodable(text, ()) for text in found], no_progress)
        indexes[name] = (list(texts[name]), eight_bits(vectors), lexical.LexicalIndex.build(found))

    def among_three(row: Record, texts: Sequence[str]) -> bool:
        names, nearest, words = indexes[title[row["p"]]]
        rankings = [dense.search(nearest, encoder.encode_query(text), 100) for text in texts]
        rankings += [words.search(lexical.terms([text])[0], 100) for text in texts]
        return row["p"] in [names[hit.passage] for hit in fuse.reciprocal_rank(rankings, 3)]

    for name, queries in WAYS.items():
        found = mean(among_three(row, queries(row["q"], row["history"])) for row in asked)
        print(f"chats, {name} carried: passage among three {found:.3f}")
    seen = [bool(follows(row["q"], row["history"])) for row in asked if row["carry"]]
    wrong = [bool(follows(row["q"], row["history"])) for row in asked if not row["carry"]]
    print(
        f"chats: of those that need the turns before {mean(seen):.3f} are seen; of the others {mean(wrong):.3f} carry"
    )


def compare(shared: Path, scorer: ModuleType) -> None:
    asked = rows(shared / "train" / "compare.jsonl")
    with tempfile.TemporaryDirectory() as folder:
        session = Session.open(folder, create=True)
        for name in sorted({name for row in asked for name in row["documents"]}):
            session.add(shared / "bench" / "federalist" / "txt" / f"{name}.txt")
        pairs = []
        for row in asked:
            sides = session.ask(row["question"], documents=list(row["documents"])).perspectives
            pairs.append([is_right(scorer, side, row["documents"][side.source.id]) for side in sides])
    found = [right for pair in pairs for right in pair if right is not None]
    both = [all(pair) for pair in pairs if None not in pair]
    print(f"compare: answer@1 {mean(found):.3f} of {len(found)}, both sides right {mean(both):.3f} of {len(both)}")


def mtrag(shared: Path, scorer: ModuleType) -> None:
    folder = shared / "bench" / "mtrag-un"
    entries, queries, judged = beir.read_collection(folder)
    history = {
        row["_id"]: [turn["text"] for turn in row["metadata"]["history"] if turn["speaker"] == "user"]
        for row in rows(folder / "queries.jsonl")
    }
    encoder = load()
    collection = beir.Collection.build(entries, encoder)
    for name, asked in WAYS.items():
        found = []
        for key, question in queries.items():
            texts = asked(question, history[key])
            rankings = [collection.segment.search(beir.query_of(encoder, text), beir.DEPTH) for text in texts]
            hits = fuse.reciprocal_rank(rankings, 10)
            found.append(beir.ndcg([collection.names[hit.passage] for hit in hits], judged[key]))
        print(f"mtrag-un, {name} carried: nDCG@10 {mean(found):.3f} of {len(found)}", flush=True)


def scifact(shared: Path, scorer: ModuleType) -> None:
    entries, queries, judged = beir.read_collection(shared / "bench" / "scifact")
    system = reading_system(count=20)
    collection = beir.Collection.build(entries, system.encoder)
    for way, figures in beir.evaluate(collection, system, queries, judged).items():
        print(f"scifact, {way}: nDCG@10 {figures['nDCG@10']:.3f}, R@5 {figures['R@5']:.3f} of {len(queries)}")


def squad(shared: Path, scorer: ModuleType, sample: int = 800) -> None:
    system, calibration = reading_system(count=CANDIDATES), reading_rule().calibration
    articles: dict[str, list[reader_items.Item]] = defaultdict(list)
    for article, item in reader_items.squad(shared, articles=True):
        articles[article].append(item)
    everything = [(name, item) for name, items in articles.items() for item in items]
    asked = random.Random(0).sample(everything, sample)
    collections = {
        name: beir.Collection.build(
            [(" ".join(s), s) for s in dict.fromkeys(i.passage.sentences for i in items)], system.encoder
        )
        for name, items in articles.items()
    }
    first, sure = [], []
    for name, item in asked:
        collection, query = collections[name], beir.query_of(system.encoder, item.question)
        candidates = collection.candidates(query, collection.segment.search(query, system.count))
        readings = system.reader.read(item.question, candidates)
        scores = system.ranking.scores(item.question, candidates, readings)
        best = max(range(len(candidates)), key=lambda i: scores[i].max())
        found = candidates[best].sentences[int(scores[best].argmax())].strip()
        known = signals(candidates, readings, len(collection.text))
        sure.append((calibration.confidence(known), bool(item.passage.gold)))
        if item.passage.gold:
            first.append(found in {item.passage.sentences[i].strip() for i in item.passage.gold})
    print(f"squad, {len(articles)} articles never seen: answer sentence first {mean(first):.3f} of {len(first)}")
    print(f"squad: AUROC of impossible questions {scorer.auroc(sure):.3f} of {len(sure)}")


def essays(shared: Path, scorer: ModuleType, sample: int | None = None) -> None:
    folder = shared / "bench" / "federalist"
    entries, queries, judged = beir.read_collection(folder)
    if sample is not None:
        queries = dict(random.Random(0).sample(sorted(queries.items()), sample))
    with tempfile.TemporaryDirectory() as made:
        session = Session.open(made, create=True)
        for name, _ in entries:
            session.add(folder / "txt" / f"{name}.txt")
        ways = {"with the reader": session, "without it": session.variant(reader=False),
                "dense alone": session.variant(reader=False, lexical=False)}  # fmt: skip
        for way, asked in ways.items():
            found: dict[str, list[float]] = defaultdict(list)
            for name, question in queries.items():
                for order, names in essay_orders(asked.ask(question)):
                    found[order].append(beir.recall(names, judged[name], 5))
            for order, recalls in found.items():
                print(f"essays, {way}, {order}: R@5 {mean(recalls):.3f} of {len(recalls)}", flush=True)
    words = lexical.LexicalIndex.build([" ".join(sentences) for _, sentences in entries])
    by_words = [
        beir.recall([entries[hit.passage][0] for hit in words.search(lexical.terms([question])[0], 5)], judged[name], 5)
        for name, question in queries.items()
    ]
    print(f"essays, BM25 over whole essays: R@5 {mean(by_words):.3f}")


def essay_orders(comparison: Comparison) -> Iterator[tuple[str, list[str]]]:
    """The documents by their confidence, by what the question is about, and as they are shown."""
    sides = {side.source.id: side for side in comparison.perspectives}
    yield "by confidence", sorted(sides, key=lambda name: -sides[name].confidence)
    yield "ranked", list(comparison.ranking)
    yield "as shown", sorted(comparison.ranking, key=lambda name: sides[name].answer is None)


def reading_rule() -> Rule:
    reader = load_reader()
    assert reader is not None
    return rule(reader.name, DEFAULT_MODEL)


def reading_system(count: int) -> beir.System:
    reader = load_reader()
    assert reader is not None
    return beir.System(load(), reader, reading_rule().ranking, count)


PARTS: dict[str, Callable[[Path, ModuleType], None]] = {
    "follow": follow, "words": words, "chats": chats, "mtrag": mtrag, "compare": compare,
    "scifact": scifact, "squad": squad, "essays": essays,
}  # fmt: skip


if __name__ == "__main__":
    main()
