"""The characters of a plain text to its canonical text, blocks, note markers and source lines.

Reads layout only, by general rules: nothing here knows a text. Does not read files or say who speaks.
"""

import re
from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, repeat, takewhile

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
from index.lines import Layout, plain, read_lines
from index.notes import Note, endnotes, heads_notes, part_notes, take_markers
from index.packed import Packed
from index.paragraphs import Part, broken_words, chunks, is_narrow, part_of
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

    kept: Sequence[str | bytes]
    """Of each block its text, or what `compact` made of it."""
    blocks: Sequence[Block]
    markers: tuple[Marker, ...]
    lines: Sequence[SourceLine]
    notice: str = ""
    """As `Document.notice`."""

    @property
    def texts(self) -> Iterator[str]:
        """The texts of the blocks."""
        return map(plain, self.kept)

    @property
    def text(self) -> str:
        """As `Document.text`, joined anew each time."""
        return "".join(self.pieces())

    def pieces(self) -> Iterator[str]:
        """What `text` is joined of."""
        return (SEPARATOR + text if number else text for number, text in enumerate(self.texts))


def structure(source: str | Iterable[str]) -> Structure:
    """The structure of a text that holds at least one word; `source`: all of it, or its pieces."""
    lines, layout = read_lines([source] if isinstance(source, str) else source)
    broken = broken_words(lines)
    body, notes = part_notes(lines)
    del lines
    body, taken = take_markers(body, {note.number for note in notes if note.number is not None})
    found = chunks(body, layout)
    open_set = sum(line.gap for line in body) >= _OPEN_SETTING * len(body)
    body.reverse()
    parts: list[Part] = []
    for start, end in pairwise(found):
        lines = [body.pop() for _ in range(start, end)]  # the part keeps of them what is still needed
        part = part_of(lines, broken, [taken.get(i, ()) for i in range(start, end)])
        part.inset = all(line.indent >= layout.indent + 2 for line in lines)
        part.narrow = is_narrow(lines, layout)
        parts.append(part)
    _classify(parts, layout, open_set)
    return assemble(_with_notes_last(parts, found, notes, broken))


def _classify(parts: list[Part], layout: Layout, open_set: bool) -> None:
    headings = _headings(parts, open_set)
    for heading, level in zip(headings, levels(headings), strict=True):
        part = parts[heading.index]
        part.kind, part.level = BlockKind.HEADING, level
        if heading.form is Form.MARKDOWN:
            start = len(part.text) - len(part.text.lstrip("# "))
            part.keep(start, start + len(without_marks(part.text)))
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


def _headings(parts: list[Part], open_set: bool) -> list[Heading]:
    """Headings in order; captions that look like them are marked as such on the way."""
    forms: list[Form | None] = [None] * len(parts)
    after, heads_on = "", False
    for i in range(len(parts) - 1, -1, -1):
        text = parts[i].text
        if 0 < i <= _OPENING and byline(text):
            continue
        if i + 1 < len(parts):
            forms[i] = _form(parts, i, after, heads_on, open_set)
        after, heads_on = text, forms[i] is not None
    _name_captions(parts, forms)
    return [
        Heading(i, form, parts[i].text, i > 0 and forms[i - 1] is not None)
        for i, form in enumerate(forms)
        if form is not None
    ]


def _form(parts: Sequence[Part], i: int, after: str, heads_on: bool, open_set: bool) -> Form | None:
    """The heading form of part `i`. `heads_on`: a heading follows; `open_set`: blank lines part blocks."""
    part, text = parts[i], parts[i].text
    if part.quoted or len(text) > _LONGEST_HEADING:
        return None
    form = plain_form(text)
    if form is not None and (len(part.numbers) == 1 or form is Form.CAPITALS):
        return form
    before = parts[i - 1].text if i else ""
    above = i == 0 or part.apart or plain_form(before) is not None
    stands = not open_set or (above and parts[i + 1].apart)
    if is_item(text) and (is_item(before) or is_item(after)):
        return None
    apt = len(part.numbers) <= 2 if i == 0 else stands and len(part.numbers) == 1
    return Form.TITLE if apt and is_title_line(text, before, after, heads_on, i == 0) else None


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
        part.keep(start, len(part.text))


def _note_by_itself(part: Part, cited: set[int]) -> None:
    """A paragraph that its first sign makes a note: an asterisk, or a number in brackets that is cited."""
    text = part.text
    bracketed = _BRACKETED.match(text)
    if bracketed and int(bracketed[1]) in cited:
        part.kind, part.number = BlockKind.FOOTNOTE, int(bracketed[1])
        part.keep(bracketed.end(), len(text))
        return
    starred = _STARRED.match(text)
    if starred and text.count("*") == len(starred[0]):
        part.kind = BlockKind.FOOTNOTE
        part.keep(starred.end(), len(text))


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
        set_off = part.quoted or _is_set_off(part, layout, before, set_off)
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
    several = len(part.numbers) > 1
    if several and part.inset:
        return True
    # A single line is short by itself, and may be the first of a list.
    apart = (introduced and (several or _names_someone(before))) or (continued and several)
    return apart and part.narrow


def _names_someone(text: str) -> bool:
    """Whether the last sentence of a paragraph has a capital letter inside, as a name has."""
    last = _SENTENCES.split(text[-_LAST_SENTENCE:])[-1]
    return _NAME.search(last) is not None


def _with_notes_last(
    parts: Sequence[Part], found: Sequence[int], notes: Sequence[Note], broken: set[str]
) -> list[Part]:
    """Parts in reading order, the notes of a section after its text; `found`: the lines with which they began."""
    result: list[Part] = []
    pending: list[Part] = []
    waiting = deque(notes)
    for part, start in zip(parts, found, strict=False):
        while waiting and waiting[0].before <= start:
            pending.append(_note_part(waiting.popleft(), broken))
        if part.kind is BlockKind.HEADING:
            result += pending
            pending = []
        (pending if part.kind is BlockKind.FOOTNOTE else result).append(part)
    return result + pending + [_note_part(note, broken) for note in waiting]


def _note_part(note: Note, broken: set[str]) -> Part:
    part = part_of(note.lines, broken)
    part.kind, part.number = BlockKind.FOOTNOTE, note.number
    return part


def assemble(parts: Sequence[Part]) -> Structure:
    """The structure of a document's parts in order; paragraphs and block quotations are numbered here."""
    blocks = Packed(Block, len(Block.__slots__), _blocks(parts))
    marked = [(at + offset, found) for at, _, part in _placed(parts) for offset, found in part.markers]
    lines = Packed(SourceLine, len(SourceLine.__slots__), _lines(parts))
    return Structure([part.kept for part in parts], blocks, _with_notes(marked, blocks), lines)


def _placed(parts: Iterable[Part]) -> Iterator[tuple[int, int, Part]]:
    """Parts with the ranges that they have in the text."""
    start = 0
    for part in parts:
        end = start + len(part.text)
        yield start, end, part
        start = end + len(SEPARATOR)


def _blocks(parts: Iterable[Part]) -> Iterator[tuple[object, ...]]:
    count = 0
    for start, end, part in _placed(parts):
        number = part.number
        if part.kind in (BlockKind.PARAGRAPH, BlockKind.QUOTATION):
            number = count = count + 1
        yield part.kind, start, end, number, part.level


def _lines(parts: Iterable[Part]) -> Iterator[tuple[object, ...]]:
    for at, end, part in _placed(parts):
        ends = [*part.starts[1:], end - at]
        for start, after, line, page in zip(part.starts, ends, part.numbers, part.pages or repeat(None), strict=False):
            # A line of which nothing stayed (it held only a note's number) names no words.
            if start < after:
                yield at + start, line, page


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
