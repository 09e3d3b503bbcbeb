"""The inverted file of many documents: a word says what their own indexes say, however little is read at once."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import frequencies, postings
from index.lexical import LexicalIndex
from index.postings import NOWHERE, Postings, Written

WORDS = ("barge", "lock", "weir", "the", "miller", "Öl", "Mühle", "—")
texts = st.lists(st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join), max_size=8)
documents = st.lists(st.tuples(st.sampled_from(["de", "de-AT", "en"]), texts), max_size=5)


@given(documents, st.sampled_from([1, 3, 2**18]), st.sampled_from([1, 4, 2**20]))
def test_a_word_says_what_it_does_in_each_document(told: list[tuple[str, list[str]]], run: int, span: int) -> None:
    with TemporaryDirectory() as name:
        files = [Path(name) / str(number) for number in range(len(told))]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("index.bm25.RUN", run)
            for file, (language, rows) in zip(files, told, strict=True):
                frequencies.write(file, [1] * len(rows), rows, language)
        merged = [Written(language, len(rows), file) for file, (language, rows) in zip(files, told, strict=True)]
        indexes = [LexicalIndex.build(rows, language) for language, rows in told]
        (whole, pieces) = (Path(name) / "whole", Path(name) / "pieces")
        for made in (whole, pieces):
            made.mkdir()
        count = sum(one.rows for one in merged)
        postings.write(whole, merged, count)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(postings, "SPAN", span)
            postings.write(pieces, merged, count)
        names = sorted(path.name for path in whole.iterdir())
        assert names == sorted(path.name for path in pieces.iterdir())
        assert all((pieces / one).read_bytes() == (whole / one).read_bytes() for one in names)
        opened = Postings.load(pieces)
        starts = np.cumsum([0, *(one.rows for one in merged)])
        for language in ("de", "de-AT", "en"):
            for word in {"unheard", *(word for index in indexes for word in index.vocabulary())}:
                each = [
                    (rows + start, said)
                    for one, index, start in zip(merged, indexes, starts, strict=False)
                    for rows, said in [index.saturation(word)]
                    if one.language == language
                ]
                found = opened.saturation(language, word)
                for ours, theirs in zip(found, zip(NOWHERE, *each, strict=True), strict=True):
                    assert np.array_equal(ours, np.concatenate(theirs))
