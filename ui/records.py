"""What programs get beside the records of `qa`: lists, an opened place, citations in every style, answers of a batch.

Each becomes JSON as it stands; docs/json.md shows every field. Nothing here computes.
"""

from dataclasses import dataclass, field
from typing import Any

from index.types import BlockKind
from qa.types import FORMAT, Citation, Format, Shared, Source


@dataclass(frozen=True, slots=True)
class Documents:
    """The documents of a library, in the order in which they were first added."""

    format: Format = field(default=FORMAT, kw_only=True)
    documents: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Sharing:
    """The places where two documents say the same words, pair by pair, in the order of each first text."""

    format: Format = field(default=FORMAT, kw_only=True)
    shared: tuple[Shared, ...]


@dataclass(frozen=True, slots=True)
class OpenedBlock:
    """One part of a text, whole, with its words."""

    kind: BlockKind
    start: int
    end: int
    number: int | None
    """Of a paragraph or block quotation, its number in the document from 1; of a footnote, as printed, None where it is
    marked by an asterisk."""
    level: int | None
    """Of a heading: 1 is the highest."""
    text: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A place in a document with the blocks around it."""

    format: Format = field(default=FORMAT, kw_only=True)
    document: str
    sha256: str
    """SHA-256 of the document's canonical text in UTF-8."""
    start: int
    end: int
    quote: str
    """The words of the place."""
    blocks: tuple[OpenedBlock, ...]
    """In reading order: those of which some words stand within about 3,000 characters of the place."""


@dataclass(frozen=True, slots=True)
class Cited:
    """A place in a document as it is cited."""

    format: Format = field(default=FORMAT, kw_only=True)
    citation: Citation
    styles: dict[str, str]
    """The citation in each style, by the style's name on the command line."""


@dataclass(frozen=True, slots=True)
class BatchPlace:
    """A place with which a document answers, or the nearest one where it is silent."""

    text: str
    passage: str
    """The words of the passage around it."""
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class BatchReply:
    """What one document has to say to one question of a batch."""

    silent: bool
    confidence: float
    """Between 0 and 1: how sure it is that this document answers the question."""
    answers: tuple[BatchPlace, ...]
    """Best first; where the document is silent, the nearest places."""


@dataclass(frozen=True, slots=True)
class BatchLine:
    """One line of a batch's answers."""

    format: Format = field(default=FORMAT, kw_only=True)
    id: Any
    """As the question's line has it."""
    documents: dict[str, BatchReply]
    """By the id of the document."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request over HTTP got nothing else."""

    error: str
    """One sentence."""
