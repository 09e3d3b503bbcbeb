"""A document as the list of a library shows it: its details and what was counted of it, without its text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

from index.split import count_words
from index.types import BlockKind, Colour, Details, Frame, Passage, Text


@dataclass(frozen=True, slots=True)
class Entry:
    """One document as the list of documents holds it, without its text."""

    id: str
    title: str
    author: str | None
    year: int | None
    label: str
    source: str
    path: str
    source_sha256: str
    sha256: str
    words: int
    passages: int
    segment: str
    """Name of the folder with its vectors and word indexes; a new one for every version of a document."""
    notice: str = ""
    """As `Document.notice`."""
    language: str = "en"
    """As `Document.language`."""
    publisher: str | None = None
    colour: Colour | None = None
    added: str = ""
    """When this version was added, in UTC: "2026-11-22 08:15:00"."""
    pages: int = 0
    """So many pages of the source hold its words; 0 where the source tells no pages."""
    notes: int = 0


DETAILS = tuple(name for name in Details.__slots__ if name != "id")
"""The fields that are details of a document, which may change while its text stays."""
LISTED = tuple(field.name for field in fields(Entry))
SHARED = tuple(name for name in LISTED if name in Frame.__dataclass_fields__)
"""The fields that an Entry and a Frame have in common."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a version of a document came from, and when."""

    path: str
    """Of its file."""
    added: str | None = None
    """As `Entry.added`; None: now."""


def entry_of(frame: Frame, text: Text, passages: Sequence[Passage], origin: Origin, *, segment: str) -> Entry:
    """A document as it is listed once it is added."""
    return Entry(
        **{name: getattr(frame, name) for name in SHARED},
        path=origin.path,
        words=sum(count_words(text[block.start : block.end]) for block in frame.blocks),
        passages=len(passages),
        segment=segment,
        added=origin.added or datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S"),
        pages=len({line.page for line in frame.lines} - {None}),
        notes=sum(block.kind is BlockKind.FOOTNOTE for block in frame.blocks),
    )


def listed(columns: Mapping[str, Any]) -> Entry:
    """A document as it is listed, from what is kept of it by name."""
    colour = columns.get("colour")
    return Entry(**dict(columns) | {"colour": None if colour is None else Colour(colour)})
