"""Shared quotations: what two documents say in the same words, with what each author says just before and after.

`qa.reuse` finds the places; here they become records with citations. Headings are left out, and what both documents
print as a title. Whether words are marked as a quotation is what `qa.voice` heard; who had them first is not asked.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from index.split import count_words
from index.types import Block, BlockKind, Document, Passage
from qa.answer import QUOTED
from qa.cite import around, cite, extract
from qa.reuse import Part, Reuse, Run, reuses
from qa.shingles import Text, meeting
from qa.stretch import joined
from qa.types import Difference, Extract, Marked, Shared, Side, Voice
from qa.voice import is_title

LEAD = 8
"""Words; where an author says less between a quotation and the nearest end of a sentence, the next one is given too."""
_BODY = (BlockKind.PARAGRAPH, BlockKind.QUOTATION)


@dataclass(frozen=True, slots=True)
class Opened:
    """One document with its passages and who speaks in it."""

    document: Document
    passages: Sequence[Passage]
    voices: Sequence[Voice]


def shared(opened: Sequence[Opened]) -> tuple[Shared, ...]:
    """The places that any two documents share, pair by pair in the order given, each in the order of its first text.

    That is the order of reading: what stands together in a text stays together. What two documents share does not
    depend on which others are given.
    """
    texts = [Text(each.document.text, each.document.language) for each in opened]
    found = []
    for one, other in meeting(texts):
        columns = [_Column(opened[number], texts[number]) for number in (one, other)]
        for reuse in reuses(texts[one], texts[other]):
            if not _is_title(reuse, columns):
                found.append(_shared(reuse, columns))
    return tuple(found)


class _Column:
    """One of the two documents, with the way from numbers of words to characters."""

    def __init__(self, opened: Opened, text: Text) -> None:
        self.document = opened.document
        self.opened = opened
        self._spans = text.spans
        self._cuts = [sentence.start for passage in opened.passages for sentence in passage.sentences]

    def characters(self, first: int, end: int) -> tuple[int, int]:
        """Where some words, at least one, begin and end."""
        return self._spans[first][0], self._spans[end - 1][1]

    def words(self, first: int, end: int) -> str:
        """Some words as the document writes them, without what stands between."""
        return joined([self.document.text[start:stop] for start, stop in self._spans[first:end]])

    def extracts(self, ranges: Iterable[tuple[int, int]]) -> tuple[Extract, ...]:
        """Ranges of words; those that hold none are left out."""
        return tuple(extract(self.document, *self.characters(first, end)) for first, end in ranges if first < end)

    def side(self, ranges: Sequence[tuple[int, int]]) -> Side:
        """A shared place, given as its parts, as it stands here."""
        document, voices = self.document, self.opened.voices
        start, end = self.characters(ranges[0][0], ranges[-1][1])
        begins = min((voice.start for voice in voices if voice.start <= start < voice.end), default=start)
        ends = max((voice.end for voice in voices if voice.start < end <= voice.end), default=end)
        begins = begins if count_words(document.text[begins:start]) else start
        ends = ends if count_words(document.text[end:ends]) else end  # a full stop alone is no longer quotation
        return Side(
            citation=cite(document, start, end, around(self.opened.passages, start, end), voices),
            before=next((told for block in self._back(start) if (told := self._last(block, begins))), None),
            after=next((told for block in self._on(end) if (told := self._first(block, ends))), None),
            parts=self.extracts(ranges),
            left_out=self.extracts((before, after) for (_, before), (after, _) in pairwise(ranges)),
        )

    def _back(self, offset: int) -> Iterator[Block]:
        number = self.document.block_at(offset)
        return _author(self.document.blocks[number], self.document.blocks[number::-1])

    def _on(self, offset: int) -> Iterator[Block]:
        number = self.document.block_at(offset - 1)
        return _author(self.document.blocks[number], self.document.blocks[number:])

    def _last(self, block: Block, end: int) -> Extract | None:
        """What stands of the last sentence of a block before an offset, with the one before where that is short."""
        end = min(block.end, end)
        cuts = [block.start, *self._cuts[bisect_right(self._cuts, block.start) : bisect_left(self._cuts, end)]]
        told = extract(self.document, cuts[-1], max(end, cuts[-1]))
        if len(cuts) > 1 and count_words(told.text) < LEAD:
            told = extract(self.document, cuts[-2], end)
        return told if count_words(told.text) else None

    def _first(self, block: Block, start: int) -> Extract | None:
        """What stands of the first sentence of a block after an offset, with the next where that is short."""
        start = max(block.start, start)
        cuts = [*self._cuts[bisect_right(self._cuts, start) : bisect_left(self._cuts, block.end)], block.end]
        told = extract(self.document, min(start, cuts[0]), cuts[0])
        if len(cuts) > 1 and count_words(told.text) < LEAD:
            told = extract(self.document, start, cuts[1])
        return told if count_words(told.text) else None


def _author(home: Block, blocks: Sequence[Block]) -> Iterator[Block]:
    """The blocks in which the author speaks about a quotation: his paragraphs up to a heading, or its note alone."""
    if home.kind not in _BODY:
        yield home
        return
    for block in blocks:
        if block.kind is BlockKind.HEADING:
            return
        if block.kind is BlockKind.PARAGRAPH:
            yield block


def _is_title(reuse: Reuse, columns: Sequence[_Column]) -> bool:
    """Whether the words are a heading in one document, or a title in both."""
    titles = 0
    for number, column in enumerate(columns):
        ranges = reuse.ranges(number)
        start, end = column.characters(ranges[0][0], ranges[-1][1])
        block = column.document.blocks[column.document.block_at(start)]
        if block.kind is BlockKind.HEADING and end <= block.end:
            return True
        titles += is_title(" ".join(column.words(*part) for part in ranges))
    return titles == len(columns)


def _shared(reuse: Reuse, columns: Sequence[_Column]) -> Shared:
    first, second = (column.side(reuse.ranges(number)) for number, column in enumerate(columns))
    marks = (first.citation.quoted >= QUOTED, second.citation.quoted >= QUOTED)
    marked = {
        (True, True): Marked.BOTH,
        (True, False): Marked.FIRST,
        (False, True): Marked.SECOND,
        (False, False): Marked.NEITHER,
    }[marks]
    runs = [change for part in reuse.parts for change in _differences(part, columns)]
    return Shared(first, second, reuse.same, marked, tuple(runs) if not all(run.same for run in runs) else ())


def _differences(part: Part, columns: Sequence[_Column]) -> Iterator[Difference]:
    """A part in runs, those that are the same and those that are not; adjoining ones in one."""
    one, other = columns
    whole: list[Run] = []
    for run in part:
        if whole and whole[-1].ends == (run.one, run.other):
            whole[-1] = Run(whole[-1].one, whole[-1].other, whole[-1].count + run.count)
        else:
            whole.append(run)
    for number, run in enumerate(whole):
        if number:
            ours, theirs = whole[number - 1].ends
            yield Difference(one.words(ours, run.one), other.words(theirs, run.other), False)
        yield Difference(one.words(run.one, run.ends[0]), other.words(run.other, run.ends[1]), True)
