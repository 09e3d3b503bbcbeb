"""A document's search files: built, saved, loaded, damaged and swept."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from documents import document, documents
from hypothesis import HealthCheck, given, settings

from index.codes import widened
from index.embed import Encoder
from index.lexical import terms
from index.segment import Query, Segment, SegmentError, sweep, write
from index.split import split
from index.types import BlockKind, Document, Passage, Search
from index.vectors import KEPT, Encode, Work, begun, journal

LOG = document(
    *[(BlockKind.PARAGRAPH, f"The {what} was heavy. " * 12) for what in ("barge", "lock", "weir", "ferry", "mill")]
)
COUNTS = (5, 60)


def untold(stage: str, done: int, total: int) -> None:
    """Progress told to nobody."""


def one_by_one(encoder: Encoder) -> Encode:
    return lambda chunks: (encoder.encode_passages(chunk, untold) for chunk in chunks)


@pytest.fixture(scope="module")
def encoder(word_encoder: Callable[[str], Encoder]) -> Encoder:
    return word_encoder("words")


@pytest.fixture(scope="module")
def segment(encoder: Encoder) -> Segment:
    return Segment.build(LOG.text, split(LOG, LOG.text), encoder, untold)


def query(encoder: Encoder, words: str) -> Query:
    return Query(encoder.encode_query(words), tuple(terms([words])[0]))


def rows_of(passages: tuple[Passage, ...]) -> dict[int, slice]:
    ends = np.cumsum([0, *(len(passage.sentences) for passage in passages)])
    return {n: slice(int(ends[n]), int(ends[n + 1])) for n in range(len(passages))}


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(made=documents())
def test_written_and_loaded_it_answers_as_one_in_memory(
    made: Document, encoder: Encoder, tmp_path_factory: pytest.TempPathFactory
) -> None:
    passages = split(made, made.text)
    built = Segment.build(made.text, passages, encoder, untold)
    work = Work(made.text, passages, encoder.dimension, "words")
    folder = begun(tmp_path_factory.mktemp("segments"), work)
    write(folder, work, one_by_one(encoder), untold)
    rows = rows_of(passages)
    loaded = Segment.load(folder, encoder.dimension, (len(passages), rows[len(passages) - 1].stop))
    asked = query(encoder, "the barge in the lock 1848")
    assert loaded.search(asked, 5) == built.search(asked, 5)
    for one, other in zip(loaded.evidence(asked, rows), built.evidence(asked, rows), strict=True):
        assert np.array_equal(one.similarity, other.similarity) and np.array_equal(one.words, other.words)
        assert one.coverage == other.coverage


def test_search_finds_what_both_searches_hold(segment: Segment, encoder: Encoder) -> None:
    hits = segment.search(query(encoder, "the ferry was heavy."), 3)
    assert hits[0].passage == 3 and len(hits) == 3
    assert all(hit.search is Search.FUSED for hit in hits)
    assert len(segment.search(query(encoder, "the ferry"), 99)) == 5


def test_evidence_is_of_the_passages_asked_for_and_their_sentences(segment: Segment, encoder: Encoder) -> None:
    asked = query(encoder, "heavy weir")
    rows = rows_of(split(LOG, LOG.text))
    weir, barge = segment.evidence(asked, {2: rows[2], 0: rows[0]})
    assert weir.similarity.shape == weir.words.shape == (12,)
    meant = widened(segment.sentence_vectors[rows[2]], 64) @ asked.vector
    np.testing.assert_allclose(weir.similarity, meant, atol=1e-6)
    assert (weir.words > barge.words).all() and weir.coverage == 1 > barge.coverage > 0
    assert segment.evidence(asked, {}) == []


class TestDamage:
    """Whatever file of it is missing, cut short or changed, the message names that file."""

    @pytest.fixture
    def saved(self, encoder: Encoder, tmp_path: Path) -> Path:
        work = Work(LOG.text, split(LOG, LOG.text), 64, "words")
        folder = begun(tmp_path, work)
        write(folder, work, one_by_one(encoder), untold)
        return folder

    def files(self, saved: Path) -> list[Path]:
        return sorted(path for path in saved.rglob("*") if path.is_file())

    def refused(self, saved: Path, file: Path) -> None:
        with pytest.raises(SegmentError) as caught:
            Segment.load(saved, 64, COUNTS)
        assert str(file) in str(caught.value) and str(caught.value).endswith(".")

    def test_of_any_file(self, saved: Path) -> None:
        found = self.files(saved)
        assert len(found) == 4
        for file in found:
            data = file.read_bytes()
            file.unlink()
            self.refused(saved, file)
            for damaged in (b"", data[: len(data) // 2], bytes([data[0] ^ 1]) + data[1:], data[:-1] + b"\xff"):
                file.write_bytes(damaged)
                self.refused(saved, file)
            file.write_bytes(data)
        assert Segment.load(saved, 64, COUNTS).passage_words.rows == 5

    @pytest.mark.parametrize(("dimension", "counts"), [(63, COUNTS), (64, (4, 60)), (64, (5, 61))])
    def test_of_another_document(self, saved: Path, dimension: int, counts: tuple[int, int]) -> None:
        with pytest.raises(SegmentError, match=r"not .*\.$"):
            Segment.load(saved, dimension, counts)


class TestSweep:
    def test_takes_away_what_nobody_names(self, tmp_path: Path) -> None:
        for name in ("kept", "orphan", "cut-short.partial"):
            (tmp_path / name / "words").mkdir(parents=True)
            (tmp_path / name / "words" / "file").touch()
        sweep(tmp_path, {"kept"})
        assert [path.name for path in tmp_path.iterdir()] == ["kept"]
        assert (tmp_path / "kept" / "words" / "file").exists()

    def test_work_waits_for_a_week_unless_a_document_has_it(self, tmp_path: Path) -> None:
        for name in ("kept", "waits", "waited", "killed at once"):
            (tmp_path / name).mkdir()
            journal(tmp_path / name).write_text("" if name == "killed at once" else f"{64 * '0'}\n")
        then = journal(tmp_path / "waited").stat().st_mtime - KEPT
        os.utime(journal(tmp_path / "waited"), (then, then))
        sweep(tmp_path, {"kept"})
        assert {path.name for path in tmp_path.iterdir()} == {"kept", "waits", "waits.journal"}

    def test_a_strangers_file_does_not_stop_it(self, tmp_path: Path) -> None:
        (tmp_path / ".DS_Store").touch()
        sweep(tmp_path, set())
        assert (tmp_path / ".DS_Store").exists()

    def test_a_missing_folder_is_swept_already(self, tmp_path: Path) -> None:
        sweep(tmp_path / "missing", set())
