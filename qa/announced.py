"""Sentences that announce what stands below them: which do, and what of it is quoted with them.

"The commissioners asked whether he had changed his mind:" says little without the quotation or the list below it. Told
by form alone, so in any language: a paragraph ends in a colon, and another or a block quotation follows next. Behind
a heading, a caption or a note nothing is announced any more.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from index.headings import is_item
from index.split import SENTENCE_WORDS, length_in_words
from index.types import Block, BlockKind, Document, Passage, Sentence

_AT_END = r"(?:[\s”’»)\]\"'」』）*†‡¹²³⁰-⁹]|\[\d+\])*$"
"""What closes a quotation, and marks of a note."""
_COLON = re.compile(rf"[:：﹕][—–-]?{_AT_END}")
"""With the dash of older books: “as follows:—”."""
_STOPS_WITH_COLON = "hy"
"""Armenian, whose full stop is typed as a colon."""
_ENDED = re.compile(rf"[.!?…。！？．؟۔।]{_AT_END}")
_PARTED = re.compile(r"[,;:，；：、،؛](?:\s+\w{1,3})?\s*$")
"""The end of an item that is not the last: “the ferryman;”, “the ferryman; and”."""
_BELOW = {
    BlockKind.PARAGRAPH: (BlockKind.PARAGRAPH, BlockKind.QUOTATION),
    BlockKind.QUOTATION: (BlockKind.QUOTATION,),
}


def announced(
    document: Document, passages: Sequence[Passage], sentence: Sentence, most: int = 1, words: int = 0
) -> Sentence | None:
    """What is quoted of what a sentence announces, as one range; None where it announces nothing.

    `passages`: all of the document. The first sentence after it, however long; `most` sentences of that paragraph where
    they have no more than so many words. The items of a list are one sentence.
    """
    told: Sentence | None = None
    for following, listed in _following(document, passages, sentence):
        words -= length_in_words(document.text[following.start : following.end])
        most -= not listed
        if told is None:
            told = following
        elif words < 0 or most < 0:
            break
        elif not _COLON.search(document.text, following.start, following.end):
            told = Sentence(told.start, following.end)
    return told


def _following(document: Document, passages: Sequence[Passage], sentence: Sentence) -> Iterator[tuple[Sentence, bool]]:
    """The sentences that a sentence announces: of one paragraph, then the further items of a list; which is which."""
    text, blocks, above = document.text, document.blocks, document.block_at(sentence.start)
    if document.language == _STOPS_WITH_COLON or not _COLON.search(text, sentence.start, sentence.end):
        return
    kinds, below = _BELOW.get(blocks[above].kind, ()), document.block_at(sentence.end)
    for following in _after(passages, sentence.end):
        block = document.block_at(following.start)
        listed = block != below
        if blocks[block].kind not in kinds or (listed and not _goes_on(text, blocks[block - 1], blocks[block])):
            return
        if block == above and length_in_words(text[sentence.start : following.end]) > SENTENCE_WORDS:
            return  # a long sentence, which was cut behind its colon
        yield following, listed


def _goes_on(text: str, item: Block, following: Block) -> bool:
    """Whether a paragraph goes on with the list of the one before."""
    parts = [text[one.start : one.end] for one in (item, following)]
    return bool(_PARTED.search(parts[0])) or all(map(is_item, parts)) or not any(map(_ENDED.search, parts))


def _after(passages: Sequence[Passage], start: int) -> Iterator[Sentence]:
    """The sentences from an offset on."""
    for number in range(bisect_right(passages, start, key=lambda passage: passage.end), len(passages)):
        yield from (sentence for sentence in passages[number].sentences if sentence.start >= start)
