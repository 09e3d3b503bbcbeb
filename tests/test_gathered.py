"""Many documents gathered: the same as exact search of each, whatever was added, replaced, removed or damaged."""

import tracemalloc
from collections.abc import Iterable, Iterator
from dataclasses import replace
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from index import across, gathered
from index.across import Alone
from index.codes import widened
from index.embed import Vectors
from index.embedded import Embedded
from index.entry import Entry, Origin
from index.manifest import SEGMENTS
from index.segment import Query
from index.tiers import FOLDER, Few
from index.types import Block, BlockKind, Document, Hit, Passage, Sentence, no_progress
from index.vectors import Chunk, Work

DIMENSION, EACH = 16, 12
WORDS = ("tide", "lamp", "oyster", "bridge", "meadow", "signal", "harvest", "frost", "ledger", "anchor")
MADE_BY = {"encoder": "none", "fingerprint": "none", "dimension": str(DIMENSION), "splitter": "1", "languages": "en"}


def made(name: str, chance: np.random.Generator, each: int = EACH) -> tuple[Document, tuple[Passage, ...]]:
    said = [" ".join(chance.choice(WORDS, 5)) + ". " for _ in range(each)]
    starts = np.cumsum([0, *map(len, said)]).tolist()
    passages = tuple(Passage(start, end, (Sentence(start, end),)) for start, end in pairwise(starts))
    text = "".join(said)
    digest = sha256(text.encode()).hexdigest()
    blocks = (Block(BlockKind.PARAGRAPH, 0, len(text), 1),)
    document = Document(name, name, None, None, name, f"{name}.txt", digest, digest, blocks, (), (), text=text)
    return document, passages


def unit(chance: np.random.Generator, *shape: int) -> Vectors:
    drawn = chance.normal(size=(*shape, DIMENSION)).astype(np.float32)
    vectors: Vectors = drawn / np.linalg.norm(drawn, axis=-1, keepdims=True)
    return vectors


def put(engine: Embedded, name: str, seed: int, language: str = "en") -> None:
    chance = np.random.default_rng(seed)
    document, passages = made(name, chance)

    def encode(chunks: Iterable[Chunk]) -> Iterator[tuple[Vectors, Vectors]]:
        for chunk in chunks:
            yield unit(chance, len(chunk)), unit(chance, sum(len(one.spans) for one in chunk))

    work = Work(document.text, passages, DIMENSION, "none", language)
    with engine.writing():
        engine.put(replace(document, language=language), work, encode, no_progress, Origin(f"/{name}.txt"))  # type: ignore[arg-type]


def fresh(engine: Embedded) -> Embedded:
    """The same library as another process sees it."""
    return Embedded(engine.address, Few(3 * EACH, 3))


def asked(number: int) -> dict[str, Query]:
    chance = np.random.default_rng(1000 + number)
    terms = tuple(map(str, chance.choice(["tide", "lamp", "oyster", "nowher"], 2)))
    return {"en": Query(unit(chance), terms), "de": Query(None, ("tide",))}


def exactly(engine: Embedded, entries: tuple[Entry, ...], queries: dict[str, Query], k: int) -> list[tuple[str, Hit]]:
    """What each document's own search files say, without anything gathered."""
    parts = [Alone(engine.segment(entry), entry.language) for entry in entries]
    return [(entries[number].id, hit) for number, hit in across.nearest(parts, queries, k)]


def same(engine: Embedded, entries: tuple[Entry, ...] | None = None) -> None:
    entries = engine.entries() if entries is None else entries
    for number in range(4):
        found = [(entry.id, hit) for entry, hit in engine.nearest(entries, asked(number), 20)]
        assert found == exactly(engine, entries, asked(number), 20)


@pytest.fixture
def engine(tmp_path: Path) -> Embedded:
    engine = Embedded(tmp_path, Few(3 * EACH, 3))
    engine.create(MADE_BY)
    for number in range(5):
        put(engine, f"d{number}", number, "de" if number == 1 else "en")
    return engine


def test_of_what_was_put_only_the_named_segments_stay(engine: Embedded) -> None:
    put(engine, "d0", 7)
    put(engine, "d9", 8)
    left = {path.name for path in (engine.address / SEGMENTS).iterdir()}
    assert left == {entry.segment for entry in engine.entries()}


def tiers(engine: Embedded) -> list[Path]:
    return sorted((Path(engine.address) / FOLDER).glob("*"))


class TestExact:
    def test_many_documents_are_gathered_and_found_as_each_alone(self, engine: Embedded) -> None:
        assert len(tiers(engine)) == 1
        same(engine)
        same(fresh(engine))

    def test_some_of_many(self, engine: Embedded) -> None:
        entries = engine.entries()
        same(engine, entries[1:])
        same(engine, entries[:1])

    def test_what_was_removed_or_replaced_is_gone_and_what_was_added_is_found(self, engine: Embedded) -> None:
        gathered_then = tiers(engine)
        put(engine, "d0", 77)
        with engine.writing():
            engine.remove("d2")
        put(engine, "d5", 5)
        same(engine)
        same(fresh(engine))
        assert tiers(engine) != gathered_then
        assert len(tiers(engine)) <= 2

    def test_tiers_stay_few(self, engine: Embedded) -> None:
        for number in range(5, 16):
            put(engine, f"d{number}", number)
            assert len(tiers(engine)) <= 3
        same(engine)


class TestDamaged:
    @pytest.mark.parametrize("harm", ["flip", "cut", "gone", "all"])
    def test_exact_search_goes_on_and_the_next_change_makes_it_anew(self, engine: Embedded, harm: str) -> None:
        [tier] = tiers(engine)
        for file in sorted(tier.iterdir()):
            kept = file.read_bytes()
            if harm == "flip":
                file.write_bytes(kept[:-1] + bytes([kept[-1] ^ 1]))
            elif harm == "cut":
                file.write_bytes(kept[: len(kept) // 2])
            else:
                file.unlink()
            same(fresh(engine))
            assert tiers(engine) == [tier]  # reading writes nothing
            if harm != "all":
                file.write_bytes(kept)
        (tier / "contents.json").write_text("{")
        changed = fresh(engine)
        put(changed, "d9", 9)
        assert tier not in tiers(engine)
        assert len(tiers(engine)) == 1
        same(changed)

    def test_what_a_killed_change_left_goes(self, engine: Embedded) -> None:
        left = Path(engine.address) / FOLDER / "abc.partial"
        left.mkdir()
        same(fresh(engine))
        put(engine, "d9", 9)
        assert not left.exists()

    def test_a_document_whose_search_files_are_damaged_is_not_gathered(self, engine: Embedded) -> None:
        broken = engine.entries()[3]
        file = Path(engine.address) / SEGMENTS / broken.segment / "passages.npy"
        file.write_bytes(file.read_bytes()[:-4] + b"\0\0\0\1")
        for path in tiers(engine):
            (path / "contents.json").unlink()
        changed = fresh(engine)
        put(changed, "d9", 9)
        assert len(tiers(engine)) == 1
        same(changed, tuple(entry for entry in changed.entries() if entry != broken))

    def test_where_no_document_is_whole_a_change_is_made_all_the_same(self, engine: Embedded) -> None:
        for number, entry in enumerate(engine.entries()):
            file = engine.address / SEGMENTS / entry.segment / "contents.json"
            file.unlink() if number % 2 else file.write_text("{")
        for path in tiers(engine):
            (path / "about.json").unlink()
        with fresh(engine).writing():
            pass
        assert tiers(engine) == []


class TestApproximate:
    @pytest.fixture
    def engine(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Embedded:
        monkeypatch.setattr(gathered, "APPROXIMATE", 400)
        engine = Embedded(tmp_path, Few(400, 40))
        engine.create(MADE_BY)
        with engine.writing():
            for number in range(6):
                self.put(engine, number, number)
        return engine

    @staticmethod
    def put(engine: Embedded, number: int, seed: int, each: int = 80) -> None:
        chance = np.random.default_rng(seed)
        document, passages = made(f"d{number}", chance, each)
        near = unit(np.random.default_rng(seed % 3))  # documents of three subjects

        def encode(chunks: Iterable[Chunk]) -> Iterator[tuple[Vectors, Vectors]]:
            for chunk in chunks:
                drawn = near + unit(chance, len(chunk)) / 2
                vectors = (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)
                yield vectors, vectors

        work = Work(document.text, passages, DIMENSION, "none")
        engine.put(document, work, encode, no_progress, Origin(f"/{document.source}"))  # type: ignore[arg-type]

    def test_recall_is_as_promised_and_a_few_documents_are_searched_exactly(self, engine: Embedded) -> None:
        [path] = tiers(engine)
        tier = gathered.Gathered(path, Path(engine.address) / SEGMENTS, DIMENSION)
        assert (path / "vectors.ivf").exists()
        assert gathered.PROMISE <= tier.recall <= 1
        every = np.ones(len(tier), np.bool_)
        vectors = widened(
            np.concatenate([engine.segment(entry).passage_vectors for entry in engine.entries()]), DIMENSION
        )
        recalled = []
        for query in unit(np.random.default_rng(3), 40):
            true = np.argsort(-(vectors @ query))[:10]
            rows, cosines = tier.nearest(query, across.DEPTH, every)
            np.testing.assert_allclose(cosines, vectors[rows] @ query, atol=1e-6)
            best = rows[np.argsort(-cosines)[:10]]
            recalled.append(len(np.intersect1d(true, best)) / 10)
            some = tier.mask({entry.segment for entry in engine.entries()[:4]})
            few, _ = tier.nearest(query, 10, some)
            assert set(few) == set(np.flatnonzero(some)[np.argsort(-(vectors[some] @ query))[:10]])
        assert np.mean(recalled) >= gathered.PROMISE - 0.02  # these queries are no sentences of the documents

    def test_of_passages_that_say_the_same_any_is_as_near(self, engine: Embedded) -> None:
        """Or which of many copies are found would say nothing of the lists, and none would be good enough."""
        with engine.writing():
            for number in range(30):
                self.put(engine, number, 0)
        [path] = tiers(engine)
        assert gathered.PROMISE <= gathered.Gathered(path, Path(engine.address) / SEGMENTS, DIMENSION).recall <= 1
        assert (path / "vectors.ivf").exists()

    def test_what_was_removed_does_not_come_back(self, engine: Embedded) -> None:
        with engine.writing():
            engine.remove("d3")
        entries = engine.entries()
        assert {entry.id for entry, _ in engine.nearest(entries, asked(0), 500)} <= {entry.id for entry in entries}

    def test_made_in_small_pieces_it_is_the_same_to_the_byte(
        self, engine: Embedded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        [whole] = tiers(engine)
        members = gathered.Gathered(whole, Path(engine.address) / SEGMENTS, DIMENSION).members
        for name, size in (("bm25.RUN", 50), ("postings.SPAN", 100), ("dense.AT_ONCE", 32)):
            monkeypatch.setattr(f"index.{name}", size)
        gathered.gather(pieces := tmp_path / "pieces", Path(engine.address) / SEGMENTS, members, DIMENSION)
        files = sorted(path.name for path in whole.iterdir())
        assert files == sorted(path.name for path in pieces.iterdir())
        assert all((pieces / file).read_bytes() == (whole / file).read_bytes() for file in files)

    def test_one_long_document_is_gathered_a_piece_at_a_time(self, engine: Embedded, tmp_path: Path) -> None:
        """Its passages against all sentences that are asked took sixteen bytes for each of both, 100 MB here."""
        self.put(engine, 9, 9, each=20_000)
        entry = next(entry for entry in engine.entries() if entry.id == "d9")
        members = [gathered.Member(entry.segment, entry.language, entry.passages)]
        tracemalloc.start()
        gathered.gather(tmp_path / "gathered-alone", Path(engine.address) / SEGMENTS, members, DIMENSION)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert most < 30e6
