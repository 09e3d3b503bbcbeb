"""Windows: every token of a passage is read with every token of the question, in order, and none is cut off."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from tokenizers import Tokenizer

from index.embed import packaged_file
from qa.windows import CLS, PAD, QUESTION, SEP, WINDOW, Window, batch, windows

FIRST = 1000
"""No token below it stands for a frame or for nothing."""


def tokens(lengths: Sequence[int]) -> list[list[int]]:
    """Texts of these lengths, no token like another."""
    starts = np.cumsum([FIRST, *lengths])
    return [list(range(start, start + length)) for start, length in zip(starts, lengths, strict=False)]


lengths = st.integers(0, 40) | st.integers(0, 700)
readings = st.builds(
    lambda question, sentences: (tokens([question, *sentences])[0], tokens([question, *sentences])[1:]),
    st.integers(1, 400),
    st.lists(lengths, max_size=14),
)
"""A question and the sentences of a passage."""


@given(readings)
def test_every_part_of_the_question_is_read_with_the_whole_passage_in_order(
    drawn: tuple[list[int], list[list[int]]],
) -> None:
    question, sentences = drawn
    read: dict[tuple[int, ...], list[list[int]]] = defaultdict(lambda: [[] for _ in sentences])
    seen: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for window in windows(question, sentences):
        part = tuple(window.question)
        for number, piece in enumerate(window.pieces, start=window.first):
            read[part][number] += piece
            seen[part].append(number)
    if not sentences:
        assert not read
        return
    assert [token for part in read for token in part] == question
    for part, passage in read.items():
        assert passage == sentences
        assert seen[part] == sorted(seen[part]) and set(seen[part]) == set(range(len(sentences)))


@given(readings)
def test_no_window_is_longer_than_the_model_reads(drawn: tuple[list[int], list[list[int]]]) -> None:
    for window in windows(*drawn):
        assert len(window) == 3 + len(window.question) + sum(len(piece) for piece in window.pieces) <= WINDOW
        assert 1 <= len(window.question) <= QUESTION
        assert window.pieces


@given(readings)
def test_a_sentence_is_parted_only_where_it_fits_into_no_window(drawn: tuple[list[int], list[list[int]]]) -> None:
    question, sentences = drawn
    room = WINDOW - 3 - min(len(question), QUESTION)
    for window in windows(question, sentences):
        for number, piece in enumerate(window.pieces, start=window.first):
            assert len(piece) == len(sentences[number]) or (len(sentences[number]) > room and len(window.pieces) == 1)


@given(st.integers(1, QUESTION), st.lists(st.integers(0, 12), min_size=1, max_size=14))
def test_what_fits_is_read_in_one_window(question: int, sentences: list[int]) -> None:
    asked, *passage = tokens([question, *sentences])
    assert list(windows(asked, passage)) == [Window(asked, tuple(passage), 0)]


some_windows = st.lists(readings.map(lambda drawn: list(windows(*drawn))), min_size=1, max_size=3).map(
    lambda found: [window for each in found for window in each][:12]
)


@given(some_windows.filter(bool))
def test_a_batch_says_of_each_window_what_it_says_of_it_alone(of: list[Window]) -> None:
    arrays = batch(of)
    length, width = max(map(len, of)), 1 + max(len(window.pieces) for window in of)
    for name in ("input_ids", "token_type_ids", "attention_mask"):
        assert (getattr(arrays, name).shape, getattr(arrays, name).dtype) == ((len(of), length), np.int64)
    assert (arrays.members.shape, arrays.members.dtype) == ((len(of), width, length), np.float32)
    for row, window in enumerate(of):
        passage = [token for piece in window.pieces for token in piece]
        whole = [CLS, *window.question, SEP, *passage, SEP]
        kinds = [0] * (2 + len(window.question)) + [1] * (1 + len(passage))
        rest = length - len(window)
        assert arrays.input_ids[row].tolist() == whole + [PAD] * rest
        assert arrays.token_type_ids[row].tolist() == kinds + [0] * rest
        assert arrays.attention_mask[row].tolist() == [1] * len(whole) + [0] * rest


@given(some_windows.filter(bool))
def test_the_members_of_a_mean_are_the_tokens_of_the_question_and_of_each_sentence(of: list[Window]) -> None:
    arrays = batch(of)
    for row, window in enumerate(of):
        members = arrays.members[row]
        texts = [window.question, *window.pieces]
        texts += [[]] * (len(members) - len(texts))
        for share, text in zip(members, texts, strict=True):
            assert arrays.input_ids[row][share > 0].tolist() == list(text)
            assert_allclose(share[share > 0], [1 / max(len(text), 1)] * len(text), rtol=1e-6)
            assert_allclose(share.sum(), 1 if text else 0, rtol=1e-5)


def test_the_frame_is_that_of_the_packaged_tokenizer() -> None:
    tokenizer = Tokenizer.from_file(str(packaged_file("tokenizer.json")))
    tokenizer.no_padding()
    (weir, lock) = (tokenizer.encode(text, add_special_tokens=False).ids for text in ("the weir", "a lock"))
    encoded = tokenizer.encode("the weir", "a lock")
    arrays = batch(list(windows(weir, [lock])))
    assert arrays.input_ids[0].tolist() == encoded.ids
    assert arrays.token_type_ids[0].tolist() == encoded.type_ids
    assert tokenizer.token_to_id("[PAD]") == PAD
