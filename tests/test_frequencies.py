"""The words of a document in a file: read again they say what indexes of its texts say, however they were written."""

import zlib
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import frequencies
from index.bm25 import Counts
from index.lexical import LexicalIndex
from index.texts import streams

WORDS = ("barge", "barges", "lock", "weir", "the", "of", "miller", "Öl", "1848", "—")
sentences = st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join)
documents = st.lists(st.lists(sentences, min_size=1, max_size=5), max_size=6)
"""Of each passage its sentences."""
RUNS = st.sampled_from([1, 3, 2**20])


def write(path: Path, passages: list[list[str]], run: int = 2**20) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("index.bm25.RUN", run)
        each = (sentence for passage in passages for sentence in passage)
        frequencies.write(path, [len(passage) for passage in passages], each)


def content(index: LexicalIndex) -> tuple[object, ...]:
    return index.rows, index.vocabulary(), index.occurrences(), index.weights()


@given(documents, RUNS)
def test_passages_and_sentences_are_those_of_their_texts(passages: list[list[str]], run: int) -> None:
    each = [sentence for passage in passages for sentence in passage]
    meant = [content(LexicalIndex.build(rows)) for rows in (map(" ".join, passages), each)]
    with TemporaryDirectory() as made:
        write(path := Path(made) / "words", passages, run)
        assert list(map(content, frequencies.read(path))) == meant
    assert list(map(content, frequencies.build([len(passage) for passage in passages], each))) == meant


@given(documents, RUNS)
def test_read_a_run_of_words_at_a_time_passages_say_the_same(passages: list[list[str]], run: int) -> None:
    whole = LexicalIndex.build(map(" ".join, passages))
    with TemporaryDirectory() as made:
        write(path := Path(made) / "words", passages, run)
        parts, occurring = list(frequencies.passages(path)), list(frequencies.occurring(path))
    assert occurring == list(zip(whole.vocabulary(), whole.occurrences(), strict=True))
    assert [word for part in parts for word in part.vocabulary()] == whole.vocabulary()
    for part in parts:
        assert part.rows == whole.rows
        assert run > 1 or len(part.vocabulary()) <= 1
        for word in part.vocabulary():
            assert all(map(np.array_equal, part.saturation(word), whole.saturation(word)))
    for ours, theirs in zip(
        zip(*(part.saturations() for part in parts), strict=True), whole.saturations(), strict=True
    ):
        assert np.array_equal(np.concatenate(ours), theirs)


@given(st.lists(st.lists(st.sampled_from("abc"), max_size=5), min_size=1, max_size=12), st.data())
def test_rows_taken_together_count_as_one(rows: list[list[str]], data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(1, len(rows) - 1))) if len(rows) > 1 else ())
    sizes = np.diff([0, *cuts, len(rows)])
    together = [[*chain(*rows[start:end])] for start, end in zip([0, *cuts], [*cuts, len(rows)], strict=True)]
    grouped, meant = [counts(rows).grouped(sizes), counts(together)]
    for name in Counts.__slots__:
        assert np.array_equal(getattr(grouped, name), getattr(meant, name))


def counts(rows: list[list[str]]) -> Counts:
    """By the letter: of each the rows that hold it, and how often."""
    held = [[(number, row.count(letter)) for number, row in enumerate(rows) if letter in row] for letter in "abc"]
    pairs = np.array([*chain(*held)], int).reshape(-1, 2)
    return Counts(np.array([*map(len, rows)]), np.array([*map(len, held)]), pairs[:, 0], pairs[:, 1])


@given(st.data(), documents.filter(bool), RUNS)
def test_a_file_that_was_cut_is_no_such_file(data: st.DataObject, passages: list[list[str]], run: int) -> None:
    words = len(LexicalIndex.build(map(" ".join, passages)).vocabulary())
    with TemporaryDirectory() as made:
        write(path := Path(made) / "words", passages, run)
        whole = path.read_bytes()
        path.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 1))])
        try:
            cut, _ = frequencies.read(path)
        except ValueError:
            return
    assert len(cut.vocabulary()) < words and run < words  # it was cut between two runs, as only its seal knows


@given(st.data(), documents.filter(bool), RUNS)
def test_a_file_of_parts_of_others_is_refused_if_at_all_by_a_value_error(
    data: st.DataObject, passages: list[list[str]], run: int
) -> None:
    with TemporaryDirectory() as made:
        write(path := Path(made) / "words", passages, run)
        parts = list(streams(path.read_bytes()))
        at = data.draw(st.integers(0, len(parts) - 1))
        parts[at] = data.draw(st.sampled_from(parts) | st.binary(max_size=6))
        path.write_bytes(b"".join(map(zlib.compress, parts)))
        try:
            of_passages, of_sentences = frequencies.read(path)
        except ValueError:
            return
    assert of_passages.vocabulary() == of_sentences.vocabulary()


@given(st.lists(st.integers(0, 2**62)))
def test_numbers_come_back(numbers: list[int]) -> None:
    folded = frequencies._folded(np.array(numbers, np.int64))
    assert frequencies._unfolded(zlib.decompress(folded)).tolist() == numbers


def test_numbers_are_as_short_as_they_are() -> None:
    folded = frequencies._folded(np.array([1, 127, 624485]))
    assert zlib.decompress(folded) == b"\x01\x7f\xe5\x8e\x26"  # the last is the example of the DWARF standard's LEB128
