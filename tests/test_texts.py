"""Texts by pages: what comes back is what was put in, however it is cut."""

import hashlib
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import texts
from index.texts import PackedText

letters = st.text(alphabet="aä“𝄞\0\n", max_size=40)
sizes = st.integers(1, 7)


@given(letters, sizes)
def test_a_text_by_pieces_is_the_text(text: str, size: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(texts, "_PAGE", size)
        assert b"".join(texts.pieces(text)) == text.encode()
        assert texts.sha256(text) == hashlib.sha256(text.encode()).hexdigest()


@given(st.lists(letters), sizes, st.data())
def test_a_packed_text_is_sliced_as_a_string_is(parts: list[str], size: int, data: st.DataObject) -> None:
    text, ends = "".join(parts), st.none() | st.integers(-60, 400)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(texts, "_PAGE", size)
        packed = PackedText(parts)
        assert len(packed) == len(text) and packed[:] == text
        for some in data.draw(st.lists(st.builds(slice, ends, ends), min_size=1)):
            assert packed[some] == text[some]
        assert texts.sha256(packed) == texts.sha256(text)
        assert packed.pages == texts.packed(text).pages and texts.packed(packed) is packed


@given(letters, sizes, sizes)
def test_a_text_comes_back_from_its_compressed_form(text: str, size: int, fed: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(texts, "_PAGE", size)
        patch.setattr(texts, "_FED", fed)
        data = b"".join(texts.packed(text).pages)
        assert texts.inflated(data) == text
        for damaged in [data + b"x", zlib.compress(b"\xff"), *([data[1:], data[:-1]] if data else [])]:
            with pytest.raises(ValueError):
                texts.inflated(damaged)


def test_a_text_of_one_stream_is_read() -> None:
    assert (
        texts.inflated(zlib.compress("Long ago, “all” in one. ".encode() * 9000)) == "Long ago, “all” in one. " * 9000
    )


def test_streams_are_told_apart_wherever_they_are_cut() -> None:
    held = [b"", b"one", b"two" * 40_000, b"three"]
    assert list(texts.streams(b"".join(map(zlib.compress, held)))) == held
