"""A PDF to a document's structure, and the way back from its text to the page.

Joins what the neighbours read: `pdfium` the glyphs, `columns` the lines, `furniture` the running heads,
`notes` the notes, `typeset` the blocks. Pages of which nothing can be read are named, not dropped.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

from index.headings import byline
from index.lines import Line
from index.load.opening import told_author, told_title
from index.load.pdf.columns import LineReader
from index.load.pdf.furniture import furniture, page_names
from index.load.pdf.hyphens import broken_words
from index.load.pdf.notes import FootNote, part_notes, raised
from index.load.pdf.page import PageLine
from index.load.pdf.pdfium import details, sheets
from index.load.pdf.typeset import Chunk, Setting, chunks, heading_levels, is_caption, set_off, setting
from index.load.pdf.unread import Unread, notice
from index.load.text import LoadError
from index.paragraphs import Part, part_of
from index.quotations import marks, quoted
from index.structure import Structure, assemble
from index.types import BlockKind, Details, Marker

_HEADER = re.compile(rb"(?:\A|[\r\n])%PDF-\d")
_UNREADABLE = 0.2  # of a page's glyphs
_FEW = 8  # lines: a shorter stretch of a column does not show the column's edges
_WORD = re.compile(r"[^\W\d_]+")
_PUBLISHED = re.compile(rb"<prism:(?:publicationDate|coverDate)>\s*(1[0-9]{3}|20[0-9]{2})\b")
_ENDNOTE = re.compile(r"(\d{1,3})[.)]? (?=\S)")


@dataclass(frozen=True, slots=True)
class Pdf:
    """What a PDF file holds."""

    structure: Structure
    title: str | None
    """From the file's metadata, as `author`; None where it says nothing to be believed."""
    author: str | None
    lines: dict[int, PageLine]
    """The lines of the text by number, as `SourceLine.line` has it: the way back to the page."""


@dataclass(frozen=True, slots=True)
class _Pages:
    """The pages of a file, their glyphs read to lines."""

    lines: list[list[PageLine]]
    heights: list[float]
    labels: list[str]
    pictures: list[bool]
    unreadable: list[bool]
    sideways: list[bool]


def recognises(data: bytes, name: str) -> bool:
    """Whether a file is a PDF: its header stands at the beginning of a line within the first 1,024 bytes."""
    return _HEADER.search(data[:1024]) is not None


def read(data: bytes, name: str) -> tuple[Structure, Details]:
    """The structure of a PDF file called `name`, and the details in its metadata. Raises LoadError."""
    pdf = read_pdf(data, name)
    return pdf.structure, Details(title=pdf.title, author=pdf.author, year=_published(data))


def _published(data: bytes) -> int | None:
    """The year of publication, where a publisher wrote it into the file's XMP packet (PRISM).

    Packets stand uncompressed so that they are found without a parser of the format (XMP, part 3). The dates of the
    file itself are not the work's.
    """
    found = _PUBLISHED.search(data)
    return int(found[1]) if found is not None else None


def read_pdf(data: bytes, name: str) -> Pdf:
    """The structure of a PDF file called `name`, and what its metadata says. Raises LoadError."""
    title, author = details(data, name)
    pages = _read(data, name)
    gone = furniture(pages.lines, pages.heights)
    kept = [[line for line in lines if line.number not in gone] for lines in pages.lines]
    names = page_names([line for lines in pages.lines for line in lines if line.number in gone], pages.labels)
    lines = _with_edges([line for lines in kept for line in lines])
    if not any(_WORD.search(line.text) for line in lines):
        raise LoadError(f"{name} holds no text, only pictures of pages: run OCR on it, and add the result.")
    parts, used = _parts(lines, names)
    structure = assemble(parts)
    structure = replace(structure, markers=_pointed(structure, used))
    structure = replace(structure, notice=notice(_unread(pages, kept), names))
    return Pdf(structure, told_title(title), told_author(author), used)


def _read(data: bytes, name: str) -> _Pages:
    pages = _Pages([], [], [], [], [], [])
    reader = LineReader()
    for sheet in sheets(data, name):
        count = len(sheet.glyphs)
        unreadable = count > 0 and sheet.unreadable > _UNREADABLE * count
        shown = replace(sheet, glyphs=()) if unreadable else sheet
        pages.lines.append(reader.lines(shown))
        pages.heights.append(sheet.height)
        pages.labels.append(sheet.label)
        pages.pictures.append(sheet.picture)
        pages.unreadable.append(unreadable)
        pages.sideways.append(sheet.sideways > 0)
    return pages


def _with_edges(lines: list[PageLine]) -> list[PageLine]:
    """Lines of short stretches of a column with the edges that the longer stretches have."""
    flows: dict[int, list[PageLine]] = {}
    for line in lines:
        flows.setdefault(line.flow, []).append(line)
    long = [flow[0] for flow in flows.values() if len(flow) >= _FEW]
    if not long:
        return lines
    width = median(line.column[1] - line.column[0] for line in long)
    columns: dict[int, tuple[float, float]] = {}
    for number, flow in flows.items():
        left, right = flow[0].column
        if len(flow) < _FEW:
            near = [e.column[0] for e in long if (e.sheet - flow[0].sheet) % 2 == 0 and e.column[0] <= left + 1]
            shared = max(near, default=left)
            left = shared if left - shared < 4 * flow[0].size else left
            right = max(right, left + width)
        columns[number] = (left, right)
    return [replace(line, column=columns[line.flow]) for line in lines]


def _parts(lines: list[PageLine], names: Sequence[str]) -> tuple[list[Part], dict[int, PageLine]]:
    """The parts of the document in order, the notes of a section after its text, and the lines that stand in them."""
    how = setting(lines)
    text, notes = part_notes(lines, how.size)
    found = chunks(text, how)
    levels = heading_levels(found, how)
    ends = _endnotes(found, levels)
    cut = broken_words([*text, *(line for note in notes for line in note.lines)])
    setter = _Setter(names, {note.number for note in notes} | set(ends.values()), cut)
    parts = [setter.part(chunk.lines) for chunk in found]
    _name(parts, found, levels, how)
    for i, number in ends.items():
        setter.number(parts[i], number)
    after: dict[int, list[Part]] = {}
    for note in notes:
        part = setter.part(note.lines)
        part.kind, part.number = BlockKind.FOOTNOTE, note.number
        after.setdefault(_place(found, note), []).append(part)
    ordered: list[Part] = []
    waiting: list[Part] = []
    for i, part in enumerate(parts):
        if part.kind is BlockKind.HEADING:
            ordered += waiting
            waiting = []
        ordered.append(part)
        waiting += after.get(i, [])
    return ordered + waiting, setter.used


class _Setter:
    """Makes parts of page lines and keeps the lines as they stand in them."""

    def __init__(self, names: Sequence[str], noted: set[int | None], broken: set[str]) -> None:
        self.names, self.noted, self.broken = names, noted, broken
        self.used: dict[int, PageLine] = {}

    def part(self, lines: Sequence[PageLine]) -> Part:
        """A paragraph of some lines, the markers of notes taken out."""
        taken = [self._taken(line) for line in lines]
        self.used.update((line.number, line) for line, _ in taken)
        plain = [
            Line(line.number, line.text, 0, gap=False, rule=False, page=self.names[line.sheet] or None)
            for line, _ in taken
        ]
        return part_of(plain, self.broken, [found for _, found in taken])

    def _taken(self, line: PageLine) -> tuple[PageLine, list[tuple[int, int]]]:
        """A line without the raised numbers that have a note, and the (offset, number) of each."""
        markers: list[tuple[int, int]] = []
        cut = 0
        for start, end, number in raised(line):
            if number in self.noted:
                line = line.without(start - cut, end - cut)
                markers.append((start - cut, number))
                cut += end - start
        return line, markers

    def number(self, part: Part, number: int) -> None:
        """Makes a part that begins with a number the note of that number."""
        part.kind, part.number = BlockKind.FOOTNOTE, number
        match = _ENDNOTE.match(part.text)
        if match:
            first = part.numbers[0]
            line = self.used[first]
            self.used[first] = line.kept(match.end(), len(line.text))
            part.keep(match.end(), len(part.text))


def _name(parts: Sequence[Part], found: Sequence[Chunk], levels: dict[int, int], how: Setting) -> None:
    """Says what each part is."""
    inset = set_off(found, levels, how)
    running: list[Part] = []
    for i, (part, chunk) in enumerate(zip(parts, found, strict=True)):
        named = 0 < i <= 3 and i - 1 in levels and byline(part.text) is not None
        if i in levels:
            part.kind, part.level = BlockKind.HEADING, levels[i]
        elif named or is_caption(chunk, how):
            part.kind = BlockKind.CAPTION
            continue
        elif i in inset:
            part.kind = BlockKind.QUOTATION
        running.append(part)
    signs = [None if part.kind is BlockKind.HEADING else marks(part.text) for part in running]
    for i in quoted(signs):
        running[i].kind = BlockKind.QUOTATION


def _endnotes(found: Sequence[Chunk], levels: dict[int, int]) -> dict[int, int]:
    """Chunks that are notes at the end of the text, by the numbers that count up under a heading "Notes"."""
    numbers: dict[int, int] = {}
    under, last = False, 0
    for i, chunk in enumerate(found):
        if i in levels:
            under, last = chunk.text.casefold().strip(" .:") in ("notes", "endnotes"), 0
        match = _ENDNOTE.match(chunk.text) if under and i not in levels else None
        if match and int(match[1]) == last + 1:
            numbers[i] = last = last + 1
    return numbers


def _place(found: Sequence[Chunk], note: FootNote) -> int:
    """Index of the chunk that a note belongs to: the one with its marker, else the last one above it."""
    first = note.lines[0]
    above = 0
    for i, chunk in enumerate(found):
        if chunk.lines[0].number < first.number:
            above = i
        for line in chunk.lines:
            if first.sheet - line.sheet in (0, 1) and any(number == note.number for _, _, number in raised(line)):
                return i
    return above


def _pointed(structure: Structure, used: dict[int, PageLine]) -> tuple[Marker, ...]:
    """Markers with the note that each points to: the one of its number on its own page, or the next."""
    starts = [line.start for line in structure.lines]

    def sheet(offset: int) -> int:
        return used[structure.lines[bisect_right(starts, offset) - 1].line].sheet

    notes: dict[tuple[int | None, int], int] = {}
    for index, block in enumerate(structure.blocks):
        if block.kind is BlockKind.FOOTNOTE and block.start < block.end:
            notes.setdefault((block.number, sheet(block.start)), index)
    pointed: list[Marker] = []
    for marker in structure.markers:
        at = sheet(max(marker.position - 1, 0))
        note = notes.get((marker.number, at), notes.get((marker.number, at + 1), marker.note))
        pointed.append(replace(marker, note=note))
    return tuple(pointed)


def _unread(pages: _Pages, kept: Sequence[Sequence[PageLine]]) -> Unread:
    garbled = [i for i, unreadable in enumerate(pages.unreadable) if unreadable]
    blank = [i for i, lines in enumerate(kept) if not lines and not pages.unreadable[i]]
    return Unread(
        [i for i in blank if pages.pictures[i]], garbled, [i for i, sideways in enumerate(pages.sideways) if sideways]
    )
