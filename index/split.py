"""Splitting a document into sentences and passages.

Both tile: the passages of a document, joined, are its text, and the sentences of a passage are that
passage. What reads a file's layout is `index.structure`; nothing here looks at meaning.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice, pairwise
from typing import NamedTuple

import sentencex

from index.language import ENGLISH, UNSPACED
from index.packed import Passages
from index.types import Block, BlockKind, Frame, Passage, Sentence, Text

VERSION = 1
"""Raised with every change of the rules, so that a library knows which rules made it."""

PASSAGE_WORDS = 180
"""At most this many words a passage: what fits into the 256 word pieces that MiniLM reads."""
TINY_WORDS = 40
"""A passage of fewer words joins its neighbour: alone it says too little to be ranked."""
SENTENCE_WORDS = 80
"""At most this many words a sentence, so that each can be shown whole; longer ones are cut at a clause."""
SENTENCE_CHARACTERS = 1600
"""The same bound for text without spaces."""
LONG_WORD = 9
"""Characters: where words are longer on average, as in text without spaces, a passage holds fewer of them."""

WORD = re.compile(r"[^\W_]+")
_QUOTE = re.compile('[“”„‟«»"]')
_OPENING = "“”„‟«»‘([\"'"
_CLOSING = re.compile(r"[)\]’'][)\]’'”»\"]*\s*")
_TITLE = re.compile(r"\b(?:Messrs|Mrs?|Ms|Mme|Mlle|Dr|Prof|Rev|Hon|Ste?|Gen|Col|Maj|Capt|Lieut|Lt|Sgt)\.\s+$")
_COUNTED = re.compile(
    r"\b(?:vols?|bks?|chs?|chap|caps?|nos?|pp?|figs?|fols?|arts?|secs?|pts?|pars?|ser|tom|tab|pl|lib|cit|ibid|nn?|ll?)"
    r"\.\s+$",
    re.IGNORECASE,
)
_NUMERAL = re.compile(r"\d|I\b(?!\s+[a-z])|(?!I\b)[IVXLC]+\b")
_ABBREVIATED = {
    "de": re.compile(r"\b\d{1,2}\.\s+$"),
    "fr": re.compile(r"\bMM?\.\s+$"),
}
"""What sentencex takes for the end of a sentence in other languages: a German ordinal ("der 2. Weg"), "M. Dupont"."""
_CLAUSE = re.compile(r"[;:,—–]['\"”’»)]*\s+")
_SPACE = re.compile(r"\s+")
_WINDOW = 4 * SENTENCE_CHARACTERS


def count_words(text: str) -> int:
    """Runs of letters and digits: a compound with a hyphen counts as two."""
    return sum(1 for _ in WORD.finditer(text))


def length_in_words(text: str) -> int:
    """The same; where no space parts the words, every two characters count as one."""
    unspaced = UNSPACED.findall(text)
    return count_words(UNSPACED.sub(" ", text)) + sum(-(-len(run) // 2) for run in unspaced)


def sentences(text: str, language: str = ENGLISH) -> list[Sentence]:
    """Cut one block of text in a language into sentences that tile it. Ranges count from the start of `text`.

    sentencex keeps a quotation whole however many sentences it holds, so it is shown the text without
    its quotation marks; marks at a cut then go to the sentence that they close or open.
    """
    cuts = [0]
    for boundary in _boundaries(_QUOTE.sub(" ", text), language):
        cut = _between_marks(text, boundary)
        if cut > cuts[-1] and not _runs_on(text, (cuts[-1], cut), language):
            cuts.append(cut)
    cuts.append(len(text))
    return [piece for start, end in pairwise(cuts) if end > start for piece in _short(text, start, end)]


def _boundaries(text: str, language: str) -> Iterator[int]:
    """Where sentencex cuts. It sees a window at a time, since its time is quadratic in text without spaces."""
    start = 0
    while start < len(text):
        window = text[start : start + _WINDOW]
        ends = [boundary["end_index"] for boundary in sentencex.get_sentence_boundaries(language, window)[:-1]]
        yield from (start + end for end in ends)
        whole = start + len(window) == len(text)
        start += ends[-1] if ends and not whole else len(window)


def _between_marks(text: str, cut: int) -> int:
    """The cut moved behind marks that close the sentence before it, or in front of those that open the next."""
    if not text[cut - 1].isspace() and (closing := _CLOSING.match(text, cut)):
        return closing.end()
    while cut > 0 and text[cut - 1] in _OPENING and (cut == 1 or text[cut - 2].isspace() or text[cut - 2] in _OPENING):
        cut -= 1
    return cut


def _runs_on(text: str, sentence: tuple[int, int], language: str) -> bool:
    """Whether a cut stands inside a sentence: before a small letter, a lone mark, a titled name or a number.

    `sentence`: from the cut before to this one.
    """
    start, cut = sentence
    following = text[cut : cut + 64].lstrip()
    head = following.lstrip(_OPENING)
    if not WORD.search(following) or head[:1].islower() or not WORD.search(text, start, cut):
        return True
    near = max(start, cut - 16)
    if language in _ABBREVIATED and _ABBREVIATED[language].search(text, near, cut):
        return True
    return bool(_TITLE.search(text, near, cut) or (_NUMERAL.match(head) and _COUNTED.search(text, near, cut)))


def _short(text: str, start: int, end: int) -> Iterator[Sentence]:
    """The range as one sentence, or as several within the bounds, cut at clauses."""
    while True:
        reach = min(end, start + SENTENCE_CHARACTERS)
        beyond = next(islice(WORD.finditer(text, start, reach), SENTENCE_WORDS, None), None)
        if beyond is None and reach == end:
            break
        cut = _clause_end(text, start, beyond.start() if beyond else reach)
        yield Sentence(start, cut)
        start = cut
    yield Sentence(start, end)


def _clause_end(text: str, start: int, limit: int) -> int:
    """The last clause end in the second half of the range, else the last space, else the limit itself."""
    middle = (start + limit) // 2
    for pattern in (_CLAUSE, _SPACE):
        ends = [match.end() for match in pattern.finditer(text, middle, limit)]
        if ends:
            return ends[-1]
    return limit


class _Piece(NamedTuple):
    """A stretch of text that stays together: a block with the headings over it, or a part of a long one."""

    sentences: list[Sentence]
    words: int
    part: int
    """Pieces of different parts never share a passage."""


def split(frame: Frame, text: Text) -> Sequence[Passage]:
    """Cut a document's text into passages that tile it and keep to its paragraphs and sections."""
    return Passages([(s.start, s.end) for s in piece.sentences] for piece in _joined(_pieces(frame, text)))


def _joined(pieces: Iterable[_Piece]) -> Iterator[_Piece]:
    """The pieces, tiny ones with their neighbours."""
    last: _Piece | None = None
    for piece in pieces:
        tiny = last is not None and (piece.words < TINY_WORDS or last.words < TINY_WORDS)
        if last and tiny and last.part == piece.part and last.words + piece.words <= PASSAGE_WORDS:
            last = last._replace(sentences=last.sentences + piece.sentences, words=last.words + piece.words)
            continue
        if last:
            yield last
        last = piece
    if last:
        yield last


def _pieces(frame: Frame, text: Text) -> Iterator[_Piece]:
    part = 0
    kept: list[Sentence] = []
    ends = chain((block.start for block in islice(frame.blocks, 1, None)), [len(text)])
    previous: Block | None = None
    for block, end in zip(frame.blocks, ends, strict=True):
        if previous is not None and _parts(previous, block):
            part += 1
        start = 0 if previous is None else block.start
        previous = block
        found = sentences(text[start:end], frame.language)
        kept += [Sentence(start + s.start, start + s.end) for s in found]
        if block.kind is not BlockKind.HEADING:
            yield from _balanced(text, kept, part)
            kept = []
    yield from _balanced(text, kept, part)


def _parts(previous: Block, block: Block) -> bool:
    """Whether a passage must not reach over the bound between two blocks: a new section, or where notes begin."""
    if block.kind is BlockKind.HEADING:
        return previous.kind is not BlockKind.HEADING
    return (block.kind is BlockKind.FOOTNOTE) != (previous.kind is BlockKind.FOOTNOTE) and (
        previous.kind is not BlockKind.HEADING
    )


def _balanced(text: Text, whole: list[Sentence], part: int) -> Iterator[_Piece]:
    """A block's sentences, and the headings' over it, in as few pieces as PASSAGE_WORDS allows, about equally long."""
    counts = [max(count_words(text[s.start : s.end]), (s.end - s.start) // LONG_WORD) for s in whole]
    total = sum(counts)
    share = total / max(-(-total // PASSAGE_WORDS), 1)
    piece: list[Sentence] = []
    words = 0
    for sentence, count in zip(whole, counts, strict=True):
        if piece and (words + count > PASSAGE_WORDS or words + count / 2 > share):
            yield _Piece(piece, words, part)
            piece, words = [], 0
        piece.append(sentence)
        words += count
    if piece:
        yield _Piece(piece, words, part)
