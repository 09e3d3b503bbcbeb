"""The characters of a plain text to its canonical text, blocks, note markers and source lines.

Reads layout only, by general rules: nothing here knows a text. Does not read files or say who speaks.
"""

import re
from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, takewhile

from index.headings import (
    Form,
    Heading,
    byline,
    is_item,
    is_picture_caption,
    is_title_line,
    levels,
    names_only,
    plain_form,
    without_marks,
)
from index.lines import Layout, Line, read_lines
from index.notes import Note, endnotes, heads_notes, part_notes, take_markers
from index.packed import Packed
from index.paragraphs import Chunk, broken_words, chunks, is_narrow, unwrap
from index.quotations import marks, quoted
from index.types import Block, BlockKind, Marker, SourceLine

SEPARATOR = "\n\n"
_STARRED = re.compile(r"\*+(?=[^\s*])")
_OPENING = 3  # blocks at the beginning among which the line with the author's name is looked for
_OPEN_SETTING = 0.1  # share of lines after a blank one from which on blank lines part blocks
_LONGEST_HEADING = 160  # characters, over several lines
_LAST_SENTENCE = 600  # characters looked at for it
_SENTENCES = re.compile(r"(?<=[.?!]) +(?=[A-Z“«\"])")
_NAME = re.compile(r"(?<=[\w,;“«(] )[“«(]?[^\W\d_a-z]\w*[a-zß-ÿа-я]")
_BRACKETED = re.compile(r"\[(\d{1,3})\] ")


@dataclass(frozen=True, slots=True)
class Structure:
    """What a source holds, its text block by block; ranges are half-open in characters of `text`."""

    texts: Sequence[str]
    blocks: Sequence[Block]
    markers: tuple[Marker, ...]
    lines: Sequence[SourceLine]
    notice: str = ""
    """As `Document.notice`."""

    @property
    def text(self) -> str:
        """As `Document.text`, joined anew each time."""
        return "".join(self.pieces())

    def pieces(self) -> Iterator[str]:
        """What `text` is joined of."""
        return (SEPARATOR + text if number else text for number, text in enumerate(self.texts))


@dataclass(slots=True)
class Part:
    """A block to be: its text, where its lines begin in it, and the markers (offset, number) that stood in it."""

    kind: BlockKind
    text: str
    lines: Sequence[Line]
    starts: Sequence[int]
    markers: list[tuple[int, int]] = field(default_factory=list)
    number: int | None = None
    level: int | None = None


def structure(source: str | Iterable[str]) -> Structure:
    """The structure of a text that holds at least one word; `source`: all of it, or its pieces."""
    lines, layout = read_lines([source] if isinstance(source, str) else source)
    broken = broken_words(lines)
    body, notes = part_notes(lines)
    del lines
    body, taken = take_markers(body, {note.number for note in notes if note.number is not None})
    found = chunks(body, layout)
    parts = [_part(body[c.start : c.end], taken[c.start : c.end], broken) for c in found]
    _classify(parts, body, layout)
    ordered = _with_notes_last(parts, found, notes, broken)
    del body, taken, notes, parts, found  # the ordered parts hold what is still needed
    return assemble(ordered)


def _part(lines: Sequence[Line], taken: Sequence[Sequence[tuple[int, int]]], broken: set[str]) -> Part:
    text, starts = unwrap(lines, broken)
    markers = [(start + offset, number) for start, found in zip(starts, taken, strict=True) for offset, number in found]
    return Part(BlockKind.PARAGRAPH, text, lines, starts, markers)


def _classify(parts: list[Part], body: Sequence[Line], layout: Layout) -> None:
    headings = _headings(parts, body)
    for heading, level in zip(headings, levels(headings), strict=True):
        part = parts[heading.index]
        part.kind, part.level = BlockKind.HEADING, level
        if heading.form is Form.MARKDOWN:
            _keep(part, len(part.text) - len(part.text.lstrip("# ")), len(without_marks(part.text)))
    cited = {number for part in parts for _, number in part.markers}
    for i, part in enumerate(parts):
        if part.kind is BlockKind.HEADING and heads_notes(part.text):
            _endnotes(list(takewhile(lambda other: other.kind is not BlockKind.HEADING, parts[i + 1 :])), cited)
        if part.kind is not BlockKind.PARAGRAPH:
            continue
        if is_picture_caption(part.text) or (0 < i <= _OPENING and _is_byline(parts, i)):
            part.kind = BlockKind.CAPTION
        else:
            _note_by_itself(part, cited)
    _quotations(parts, layout)


def _is_byline(parts: Sequence[Part], i: int) -> bool:
    return parts[i - 1].kind is BlockKind.HEADING and byline(parts[i].text) is not None


def _headings(parts: list[Part], body: Sequence[Line]) -> list[Heading]:
    """Headings in order; captions that look like them are marked as such on the way."""
    apart = sum(line.gap for line in body) >= _OPEN_SETTING * len(body)
    forms: list[Form | None] = [None] * len(parts)
    after, heads_on = "", False
    for i in range(len(parts) - 1, -1, -1):
        text = parts[i].text
        if 0 < i <= _OPENING and byline(text):
            continue
        if i + 1 < len(parts):
            forms[i] = _form(parts, i, after, heads_on, apart)
        after, heads_on = text, forms[i] is not None
    _name_captions(parts, forms)
    return [
        Heading(i, form, parts[i].text, i > 0 and forms[i - 1] is not None)
        for i, form in enumerate(forms)
        if form is not None
    ]


def _form(parts: Sequence[Part], i: int, after: str, heads_on: bool, apart: bool) -> Form | None:
    """The heading form of part `i`. `heads_on`: a heading follows; `apart`: blank lines part blocks."""
    part = parts[i]
    if part.lines[0].quoted or len(part.text) > _LONGEST_HEADING:
        return None
    form = plain_form(part.text)
    if form is not None and (len(part.lines) == 1 or form is Form.CAPITALS):
        return form
    first, following = part.lines[0], parts[i + 1].lines[0]
    before = parts[i - 1].text if i else ""
    above = i == 0 or first.gap or first.page_top or plain_form(before) is not None
    stands = not apart or (above and (following.gap or following.page_top))
    if is_item(part.text) and (is_item(before) or is_item(after)):
        return None
    apt = len(part.lines) <= 2 if i == 0 else stands and len(part.lines) == 1
    return Form.TITLE if apt and is_title_line(part.text, before, after, heads_on, i == 0) else None


def _name_captions(parts: list[Part], forms: list[Form | None]) -> None:
    lone = [i for i, form in enumerate(forms) if form is Form.TITLE and i > 0 and forms[i - 1] is None]
    if not lone:
        return
    prose = (part.text for part, form in zip(parts, forms, strict=True) if form is None)
    names = names_only([parts[i].text for i in lone], prose)
    captions = [i for i in lone if parts[i].text in names]
    # Where most headings are names (an encyclopedia's) they are headings.
    if len(captions) * 2 <= sum(form is not None for form in forms):
        for i in captions:
            parts[i].kind, forms[i] = BlockKind.CAPTION, None


def _endnotes(section: Sequence[Part], cited: set[int]) -> None:
    for part, (number, start) in zip(section, endnotes([part.text for part in section], cited), strict=False):
        part.kind, part.number = BlockKind.FOOTNOTE, number
        _keep(part, start, len(part.text) - start)


def _note_by_itself(part: Part, cited: set[int]) -> None:
    """A paragraph that its first sign makes a note: an asterisk, or a number in brackets that is cited."""
    bracketed = _BRACKETED.match(part.text)
    if bracketed and int(bracketed[1]) in cited:
        part.kind, part.number = BlockKind.FOOTNOTE, int(bracketed[1])
        _keep(part, bracketed.end(), len(part.text) - bracketed.end())
        return
    starred = _STARRED.match(part.text)
    if starred and part.text.count("*") == len(starred[0]):
        part.kind = BlockKind.FOOTNOTE
        _keep(part, starred.end(), len(part.text) - starred.end())


def _keep(part: Part, offset: int, length: int) -> None:
    """Keeps a slice of a part's text."""
    part.text = part.text[offset : offset + length]
    part.starts = [max(start - offset, 0) for start in part.starts]
    part.markers = [(min(max(at - offset, 0), length), number) for at, number in part.markers]


def _quotations(parts: list[Part], layout: Layout) -> None:
    running = [part for part in parts if part.kind in (BlockKind.PARAGRAPH, BlockKind.HEADING)]
    signs = [marks(part.text) if part.kind is BlockKind.PARAGRAPH else None for part in running]
    by_marks = quoted(signs)
    before = ""
    set_off = False
    for i, (part, sign) in enumerate(zip(running, signs, strict=True)):
        if sign is None:
            before, set_off = "", False
            continue
        set_off = part.lines[0].quoted or _is_set_off(part, layout, before, set_off)
        unfinished = before.endswith(":") and sign.unclosed
        if i in by_marks or set_off or unfinished:
            part.kind = BlockKind.QUOTATION
        before = part.text


def _is_set_off(part: Part, layout: Layout, before: str, continued: bool) -> bool:
    """Whether a paragraph is a block quotation without marks; `before`: the paragraph above it."""
    introduced = before.endswith(":")
    if is_item(part.text):
        return False
    if not layout.wrapped:
        # Where a line is a paragraph, nothing sets it off; a colon after a name introduces someone's words.
        return introduced and not marks(part.text).opens and _names_someone(before)
    several = len(part.lines) > 1
    if several and all(line.indent >= layout.indent + 2 for line in part.lines):
        return True
    # A single line is short by itself, and may be the first of a list.
    apart = (introduced and (several or _names_someone(before))) or (continued and several)
    return apart and is_narrow(part.lines, layout)


def _names_someone(text: str) -> bool:
    """Whether the last sentence of a paragraph has a capital letter inside, as a name has."""
    last = _SENTENCES.split(text[-_LAST_SENTENCE:])[-1]
    return _NAME.search(last) is not None


def _with_notes_last(
    parts: Sequence[Part], found: Sequence[Chunk], notes: Sequence[Note], broken: set[str]
) -> list[Part]:
    """Parts in reading order, the notes of a section after its text."""
    result: list[Part] = []
    pending: list[Part] = []
    waiting = deque(notes)
    for part, chunk in zip(parts, found, strict=True):
        while waiting and waiting[0].before <= chunk.start:
            pending.append(_note_part(waiting.popleft(), broken))
        if part.kind is BlockKind.HEADING:
            result += pending
            pending = []
        (pending if part.kind is BlockKind.FOOTNOTE else result).append(part)
    return result + pending + [_note_part(note, broken) for note in waiting]


def _note_part(note: Note, broken: set[str]) -> Part:
    text, starts = unwrap(note.lines, broken)
    return Part(BlockKind.FOOTNOTE, text, note.lines, starts, number=note.number)


def assemble(parts: Sequence[Part]) -> Structure:
    """The structure of a document's parts in order; paragraphs and block quotations are numbered here."""
    starts = list(accumulate((len(part.text) + len(SEPARATOR) for part in parts), initial=0))[:-1]
    placed = list(zip(starts, parts, strict=True))
    blocks = Packed(Block, len(Block.__slots__), _blocks(placed))
    marked = [(at + offset, found) for at, part in placed for offset, found in part.markers]
    lines = Packed(SourceLine, len(SourceLine.__slots__), _lines(placed))
    return Structure([part.text for part in parts], blocks, _with_notes(marked, blocks), lines)


def _blocks(placed: Iterable[tuple[int, Part]]) -> Iterator[tuple[object, ...]]:
    count = 0
    for at, part in placed:
        number = part.number
        if part.kind in (BlockKind.PARAGRAPH, BlockKind.QUOTATION):
            number = count = count + 1
        yield part.kind, at, at + len(part.text), number, part.level


def _lines(placed: Iterable[tuple[int, Part]]) -> Iterator[tuple[object, ...]]:
    for at, part in placed:
        # A line of which nothing stayed (it held only a note's number) names no words.
        ends = [*part.starts[1:], len(part.text)]
        for start, end, line in zip(part.starts, ends, part.lines, strict=True):
            if start < end:
                yield at + start, line.number, line.page


def _with_notes(marked: Sequence[tuple[int, int]], blocks: Sequence[Block]) -> tuple[Marker, ...]:
    """Markers with the note that each points to: the next of its number, where chapters count anew."""
    notes: dict[int, list[int]] = {}
    for index, block in enumerate(blocks):
        if block.kind is BlockKind.FOOTNOTE and block.number is not None:
            notes.setdefault(block.number, []).append(index)
    markers: list[Marker] = []
    for position, number in marked:
        found = notes.get(number, [])
        after = bisect_left(found, position, key=lambda index: blocks[index].start)
        note = found[min(after, len(found) - 1)] if found else None
        markers.append(Marker(position, number, note))
    return tuple(markers)
