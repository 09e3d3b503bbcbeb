"""Who speaks: the ranges of a document that somebody other than its author speaks, and whose words they are.

Quotation marks of every kind, quotations set off as blocks, and those that run over several paragraphs. What stands
between marks and is no speech is left out: fewer than six words, a title, a term that the text uses again. The speaker
is what the words about the quotation say (`qa.speakers`), else the author that its note cites, else nobody: unknown is
never guessed. In a conversation every turn is the voice of whom its label names (`qa.turns`). Of a text in another
language than English nobody is named, for the rules know English verbs and names.
"""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial

from index.language import ENGLISH
from index.quotations import between_single, spans, stray_end
from index.split import length_in_words
from index.types import Block, BlockKind, Document
from qa.cite import trimmed
from qa.match import words
from qa.speakers import Cast, Named, author, same_again
from qa.turns import Turn, turns
from qa.types import Voice

LEAST_WORDS = 6
"""Fewer words between marks are a term, a title or a word held at arm's length."""
LONGEST_TERM = 12
"""Words; more of them between marks are speech even where they are quoted again."""
_TITLED = re.compile(
    r"\b(?:articles?|books?|chapters?|essays?|pamphlets?|papers?|poems?|reports?|sections?|speech(?:es)?|works?|titled"
    r"|entitled|called|headed|heading|named|title|\w['’]s)\W*$",
    re.IGNORECASE,
)
_MARKS = '“”«»„"「」『』‘’ \n'
_STOPS = ".,;:!?"
LEAD = 600
"""Characters of the paragraph before the one that leads to a quotation: a page may break between."""
BEFORE, AFTER = 3000, 300
"""Characters of a paragraph before and after a quotation in which its speaker is looked for."""
_NEAR_MARKER = 3
"""Characters between a closing mark and the marker of its note."""


def voices(document: Document) -> tuple[Voice, ...]:
    """Every range that is somebody else's words, in order; a nested one follows the one that holds it."""
    heard, spoken = _Listener(document).heard(), turns(document)
    heard = _in_turns(document.text, heard, spoken) if spoken else heard
    return tuple(sorted(heard, key=lambda voice: (voice.start, -voice.end)))


def _in_turns(text: str, heard: Iterable[Voice], spoken: Sequence[Turn]) -> Iterator[Voice]:
    """The voices of a conversation: its turns, and of those heard what is quoted inside a turn or apart from them."""
    spans: list[tuple[int, int, bool]] = []
    for turn in spoken:
        spans.append((*turn.label, False))
        if turn.own:
            spans += [(*part, True) for part in turn.parts[:1]]  # further ones may be quotations that he sets off
            continue
        spans += [(*part, True) for part in turn.parts]
        yield from (Voice(*part, turn.speaker, None, None if at else turn.label) for at, part in enumerate(turn.parts))
    for voice in heard:
        at = bisect_right(spans, voice.start, key=lambda span: span[1])
        start, end, said = spans[at] if at < len(spans) else (voice.end, voice.end, False)
        inside = said and start <= voice.start and voice.end <= end
        rest = text[start : voice.start] + text[voice.end : end]
        if voice.end <= start or (inside and rest.strip(_MARKS + _STOPS)):
            yield voice


def is_title(text: str) -> bool:
    """Whether most of the longer words begin with a capital, as in a title."""
    telling: list[str] = re.findall(r"[^\W\d_]{4,}", text)
    capitals = sum(word[0].isupper() for word in telling)
    return capitals > 0.7 * len(telling)


@dataclass(frozen=True, slots=True)
class _Quoted:
    """A range of a block, and the words of the block before and after it."""

    start: int
    end: int
    before: str
    after: str


class _Listener:
    def __init__(self, document: Document) -> None:
        self.document = document
        self.english = document.language == ENGLISH
        self._spans = cache(partial(spans, single=between_single(document.text)))
        self.cast = Cast(document.text if self.english else "")
        self.quoted = Counter(words(said) for said in self._between_marks() if length_in_words(said) <= LONGEST_TERM)
        self.cited = self._cited() if self.english else {}

    def _between_marks(self) -> Iterator[str]:
        for block in self.document.blocks:
            text = self._words(block)
            yield from (text[start:end] for start, end in self._spans(text))

    def heard(self) -> Iterator[Voice]:
        """The voices, block by block."""
        running: list[Block] = []
        lead = ""
        for block in self.document.blocks:
            if block.kind is BlockKind.QUOTATION:
                running.append(block)
                continue
            if block.kind is not BlockKind.FOOTNOTE:
                yield from self._blocks(running, lead)
                running, lead = [], f"{lead[-LEAD:]} {self._words(block)}"
            if block.kind in (BlockKind.PARAGRAPH, BlockKind.FOOTNOTE):
                yield from self._inline(block)
        yield from self._blocks(running, lead)

    def _words(self, block: Block) -> str:
        return self.document.text[block.start : block.end]

    def _blocks(self, blocks: list[Block], lead: str) -> Iterator[Voice]:
        """A quotation set off, in one block or several, told of before its first or after its last."""
        outer = ((block, self._outer(block)) for block in blocks)
        cuts = [(block, cut) for block, cut in outer if self.document.text[cut.start : cut.end].strip()]
        if not cuts:
            return
        _, last = cuts[-1]
        named = self._named(lead, last.after, last.end)
        for block, cut in cuts:
            yield self._voice(cut.start, cut.end, named)
            yield from self._inline(block, outer=cut)

    def _outer(self, block: Block) -> _Quoted:
        """The range of a block quotation without its outer marks and what follows them."""
        text = self._words(block)
        for start, end in self._spans(text):
            if not text[:start].strip(_MARKS) and (len(text) - end < len(text) / 2):
                return _Quoted(block.start + start, block.start + end, "", text[end + 1 :])
        start, end = trimmed(text, 0, len(text))
        closed = stray_end(text)
        if closed is not None and closed > len(text) / 2:
            return _Quoted(block.start + start, block.start + closed, "", text[closed + 1 :])
        return _Quoted(block.start + start, block.start + end, "", "")

    def _inline(self, block: Block, outer: _Quoted | None = None) -> Iterator[Voice]:
        text = self._words(block)
        for start, end in self._spans(text):
            before, after = text[max(start - 1 - BEFORE, 0) : start - 1], text[end + 1 : end + 1 + AFTER]
            quoted = _Quoted(block.start + start, block.start + end, before, after)
            if outer is not None and not (outer.start < quoted.start and quoted.end < outer.end):
                continue
            if not self._speaks(quoted):
                continue
            named = self._named(quoted.before, quoted.after, quoted.end)
            if named is None and block.kind is BlockKind.FOOTNOTE and self.english:
                named = author(text)
            yield self._voice(quoted.start, quoted.end, named)

    def _named(self, before: str, after: str, end: int) -> Named | None:
        """The speaker of what ends at `end`, from the surest to the least sure of what tells him."""
        if not self.english:
            return None
        ended = "." in (self.document.text[end - 1 : end], after[:1])
        named = self.cast.after(after, ended=ended) if after.strip(_MARKS) else None
        named = named if named is not None else self.cast.before(before)
        named = named if named is not None else self._noted(end)
        return named if named is not None else self.cast.goes_on(before)

    def _speaks(self, quoted: _Quoted) -> bool:
        """Whether what stands between marks is speech: no title, and no term that the text uses again."""
        said = self.document.text[quoted.start : quoted.end]
        folded = words(said)
        if length_in_words(" ".join(folded)) < LEAST_WORDS or (self.english and _TITLED.search(quoted.before)):
            return False
        if is_title(said):
            return False
        return len(folded) > LONGEST_TERM or self.quoted[folded] == 1

    def _voice(self, start: int, end: int, named: Named | None) -> Voice:
        start, end = trimmed(self.document.text, start, end)
        return Voice(start, end, named.speaker if named else None, named.work if named else None)

    def _noted(self, end: int) -> Named | None:
        """The author whom the note at the end of a range cites."""
        for marker in self.document.markers_in(end - 1, end + _NEAR_MARKER):
            if marker.note is not None:
                return self.cited.get(marker.note)
        return None

    def _cited(self) -> dict[int, Named]:
        """Of each note that cites a work, by the number of its block, the author; ibid. means the last one."""
        cited: dict[int, Named] = {}
        last: Named | None = None
        for number, block in enumerate(self.document.blocks):
            if block.kind is BlockKind.FOOTNOTE:
                text = re.sub(r"^\W*\d*\W*", "", self._words(block))
                found = author(text)
                last = found if found is not None else last
                if last is not None and (found is not None or same_again(text)):
                    cited[number] = last
        return cited
