"""What a reader's model sees: a question and the sentences of a passage as token ids, in windows that fit the model.

`[CLS] question [SEP] sentence sentence … [SEP]`, each sentence cut into word pieces by itself, so that it is known
to which sentence every token belongs. What does not fit into one window is read in several: nothing is cut off.
Shared by the reader (`qa.onnx_reader`) and its training; nothing here runs a model.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

CLS, SEP, PAD = 101, 102, 0
"""Of the uncased BERT vocabulary of MiniLM, the packaged tokenizer's."""
WINDOW = 320
"""Tokens of a window at most: a whole passage of 180 words with a question of common length."""
QUESTION = 128
"""Tokens of the question in a window at most."""


@dataclass(frozen=True, slots=True)
class Window:
    """A question, or part of one, with consecutive sentences of a passage, or part of one sentence."""

    question: Sequence[int]
    """Token ids."""
    pieces: tuple[Sequence[int], ...]
    """Token ids of each sentence."""
    first: int
    """Number of the first sentence in its passage."""

    def __len__(self) -> int:
        """Tokens, with those that frame the question and the passage."""
        return 3 + len(self.question) + sum(map(len, self.pieces))


@dataclass(frozen=True, slots=True)
class Batch:
    """Windows as arrays, padded to the longest."""

    input_ids: NDArray[np.int64]
    """Shape (windows, tokens)."""
    token_type_ids: NDArray[np.int64]
    """Shape (windows, tokens): 0 up to the first [SEP], then 1."""
    attention_mask: NDArray[np.int64]
    """Shape (windows, tokens): 0 where a row is padded."""
    members: NDArray[np.float32]
    """Shape (windows, 1 + sentences, tokens): of each row the share of every token in its mean; row 0 is the question,
    row i + 1 the i-th sentence of the window. Rows of sentences that a window does not have are zero."""


def windows(question: Sequence[int], sentences: Sequence[Sequence[int]]) -> Iterator[Window]:
    """The windows in which a passage is read for a question, which has a token; each sentence is in at least one."""
    parts = [question[at : at + QUESTION] for at in range(0, len(question), QUESTION)]
    room = WINDOW - 3 - max(map(len, parts))
    for part, (first, pieces) in product(parts, list(_packed(sentences, room))):
        yield Window(part, pieces, first)


def _packed(sentences: Sequence[Sequence[int]], room: int) -> Iterator[tuple[int, tuple[Sequence[int], ...]]]:
    """(number of the first sentence, sentences): as many whole ones as fit; a longer one stands alone, in parts."""
    held: list[Sequence[int]] = []
    for number, sentence in enumerate(sentences):
        if held and sum(map(len, held)) + len(sentence) > room:
            yield number - len(held), tuple(held)
            held = []
        if len(sentence) > room:
            for at in range(0, len(sentence), room):
                yield number, (sentence[at : at + room],)
        else:
            held.append(sentence)
    if held:
        yield len(sentences) - len(held), tuple(held)


def batch(of: Sequence[Window]) -> Batch:
    """Windows as the arrays that the model takes."""
    length, width = max(map(len, of)), 1 + max(len(window.pieces) for window in of)
    ids = np.full((len(of), length), PAD, np.int64)
    types = np.zeros_like(ids)
    mask = np.zeros_like(ids)
    members = np.zeros((len(of), width, length), np.float32)
    for row, window in enumerate(of):
        flat = [CLS, *window.question, SEP, *(token for piece in window.pieces for token in piece), SEP]
        ids[row, : len(flat)] = flat
        mask[row, : len(flat)] = 1
        at = 2 + len(window.question)
        types[row, at : len(flat)] = 1
        members[row, 0, 1 : at - 1] = 1 / max(len(window.question), 1)
        for number, piece in enumerate(window.pieces, start=1):
            members[row, number, at : at + len(piece)] = 1 / max(len(piece), 1)
            at += len(piece)
    return Batch(ids, types, mask, members)
