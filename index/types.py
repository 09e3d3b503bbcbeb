"""The records of a library: documents, their parts, passages and hits.

Imports nothing of the project. Every range is half-open and counts characters (Unicode code points)
of `Document.text`, the canonical reading text.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from enum import StrEnum
from functools import cached_property
from typing import Protocol


class ParallaxError(Exception):
    """Base of every error meant for the user; its message is one sentence that says what to do."""


class BusyError(ParallaxError):
    """Something is in use; the same is worth trying again."""


class MissingError(ParallaxError):
    """What was named is not there: a document of the library, or a place of its text."""


class ReplacedError(ParallaxError):
    """A place was named in a text that the document no longer has."""


class BlockKind(StrEnum):
    """What a part of a text is."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    QUOTATION = "quotation"
    """A quotation set off as a block of its own, or one paragraph of it."""
    FOOTNOTE = "footnote"
    CAPTION = "caption"


@dataclass(frozen=True, slots=True)
class Block:
    """One part of a document's text, in reading order, without the blank line that follows it."""

    kind: BlockKind
    start: int
    end: int
    number: int | None = None
    """Of a paragraph or block quotation, its number in the document from 1; of a footnote, as printed
    (None where a note is marked by an asterisk)."""
    level: int | None = None
    """Of a heading: 1 is the highest."""


@dataclass(frozen=True, slots=True)
class Marker:
    """A note marker that was taken out of the running text."""

    position: int
    """Where it stood: the offset of the character that now follows."""
    number: int
    note: int | None = None
    """Index into `Document.blocks` of the note's text; None where the source has no text for it."""


@dataclass(frozen=True, slots=True)
class SourceLine:
    """Where the words of one line of the source file begin in the text."""

    start: int
    line: int
    """Line of the file, from 1; of a PDF, in reading order; 0 where the source has pages and no lines (EPUB)."""
    page: str | None = None
    """Page as printed ("xii", "145"), where the source tells it; of a PDF that prints none, counted from 1."""


class Colour(StrEnum):
    """A colour that tells a document from those beside it; which tone of it a page shows is the page's to say."""

    BLUE = "blue"
    BROWN = "brown"
    GREEN = "green"
    PURPLE = "purple"
    TEAL = "teal"
    RED = "red"


class Precision(StrEnum):
    """What an encoder's weights are kept and multiplied in."""

    FLOAT32 = "float32"
    INT8 = "int8"


@dataclass(frozen=True, slots=True)
class Details:
    """What is said about a document rather than in it. None: not known, or to be read from the file."""

    id: str | None = None
    title: str | None = None
    author: str | None = None
    year: int | None = None
    label: str | None = None
    """The short name that stands over a column."""
    language: str | None = None
    """The primary subtag of its BCP 47 tag, such as "de"."""
    publisher: str | None = None
    colour: Colour | None = None
    """None: by its position in the library."""


@dataclass(frozen=True, slots=True)
class Collection:
    """Documents of a library under one name, to be asked together."""

    name: str
    documents: tuple[str, ...]
    """Their ids, at least one, in the order of the library."""


class Text(Protocol):
    """The characters of a text, of which some are asked for at a time: a string is one."""

    def __len__(self) -> int: ...

    def __getitem__(self, some: slice, /) -> str: ...


@dataclass(frozen=True)
class Frame:
    """A document without its text: its details, its parts and the way back to its source file."""

    id: str
    title: str
    author: str | None
    year: int | None
    label: str
    source: str
    """Name of the file it was read from, without its folder."""
    source_sha256: str
    """SHA-256 of the file's bytes, in hexadecimal."""
    sha256: str
    """SHA-256 of the text in UTF-8, in hexadecimal: what a citation carries."""
    blocks: Sequence[Block]
    markers: tuple[Marker, ...]
    lines: Sequence[SourceLine]
    """In order of `start`; empty where the format has neither lines nor pages (Markdown, DOCX)."""
    notice: str = ""
    """One sentence on what the file holds and the text does not (a page that is an image); empty where nothing."""
    language: str = "en"
    """The primary subtag of its BCP 47 tag: by whose rules it is cut into sentences and its words are indexed."""
    publisher: str | None = None
    colour: Colour | None = None

    @cached_property
    def _line_starts(self) -> list[int]:
        return [line.start for line in self.lines]

    @cached_property
    def _block_starts(self) -> list[int]:
        return [block.start for block in self.blocks]

    @cached_property
    def _headings(self) -> list[int]:
        return [index for index, block in enumerate(self.blocks) if block.kind is BlockKind.HEADING]

    @cached_property
    def _marker_positions(self) -> list[int]:
        return [marker.position for marker in self.markers]

    def block_at(self, offset: int) -> int:
        """Index of the block in which `offset` lies (or which it follows)."""
        return max(bisect_right(self._block_starts, offset) - 1, 0)

    def line_at(self, offset: int) -> SourceLine | None:
        """The source line whose words hold the character at `offset`; None where the source has no lines."""
        if not self.lines:
            return None
        return self.lines[max(bisect_right(self._line_starts, offset) - 1, 0)]

    def markers_in(self, start: int, end: int) -> tuple[Marker, ...]:
        """Markers that stood inside or at the end of a range."""
        positions = self._marker_positions
        return self.markers[bisect_right(positions, start) : bisect_right(positions, end)]

    def outline(self, most: int) -> list[Block]:
        """The headings, in order: of as many levels, the highest first, as have no more than `most` together."""
        headings = [self.blocks[index] for index in self._headings]
        for deepest in sorted({block.level or 1 for block in headings}, reverse=True):
            shown = [block for block in headings if (block.level or 1) <= deepest]
            if len(shown) <= most:
                return shown
        return headings[:most]

    def headings_at(self, offset: int) -> tuple[Block, ...]:
        """The headings above an offset, the highest level first."""
        path: list[Block] = []
        above = bisect_right(self._headings, self.block_at(offset))
        for block in (self.blocks[index] for index in reversed(self._headings[:above])):
            if not path or block.level < path[0].level:  # type: ignore[operator]
                path.insert(0, block)
        return tuple(path)

    def with_text(self, text: str) -> "Document":
        """The document, whole."""
        return Document(**{one.name: getattr(self, one.name) for one in fields(Frame)}, text=text)


@dataclass(frozen=True)
class Document(Frame):
    """One text with its details, its parts and the way back to its source file."""

    text: str = field(kw_only=True)


Loaded = tuple[Frame, Text]
"""A document as it was read from a file, its text apart: a long one is in compressed pages."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """The unit of an answer: a range inside a passage. A passage's sentences tile it."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Passage:
    """What is indexed and ranked. A document's passages tile its text."""

    start: int
    end: int
    sentences: tuple[Sentence, ...]


class Search(StrEnum):
    """Which search found a passage."""

    DENSE = "dense"
    LEXICAL = "lexical"
    FUSED = "fused"


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage with a score; scores rise with quality and compare only within one search."""

    passage: int
    """Number of the passage in its document, from 0."""
    score: float
    search: Search


@dataclass(frozen=True, slots=True)
class Picture:
    """A page of a PDF with some words marked."""

    page: str | None
    """As printed."""
    png: bytes


Progress = Callable[[str, int, int], None]
"""Told the stage in words, how much is done and how much there is: `progress("encoding", 64, 512)`."""


def no_progress(stage: str, done: int, total: int) -> None:
    """Tell nobody."""
