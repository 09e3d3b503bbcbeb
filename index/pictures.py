"""The pages on which words stand, drawn from their PDF with the words marked.

Lines are found again by reading the file as it was read when it was added, which is checked by the hash of the text
that comes out. Reading and drawing are done in a child, as when it was added.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from index.confined import confined
from index.load.pdf.document import read_pdf, recognises
from index.load.pdf.page import PageLine
from index.load.pdf.pdfium import Box, draw
from index.types import Document, ParallaxError, Picture

_SCALE = 2.0  # pixels to the point: 144 to the inch
_MOST = 3
"""Pages that are drawn of one range, from its beginning."""


class PictureError(ParallaxError):
    """The page of a range cannot be drawn."""


def pictures(document: Document, path: Path, start: int, end: int) -> tuple[Picture, ...]:
    """The pages on which a range of a document stands, in order, at most three; the range marked.

    `path`: the PDF that was added. Raises PictureError where it is no PDF, is gone, or is another file by now, and
    for a range of no words. Reading a long PDF again takes as long as adding it did, without the encoding; the last
    ones read are remembered.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise PictureError(f"{path} cannot be read ({error.strerror}); put the file back where it was.") from error
    if hashlib.sha256(data).hexdigest() != document.source_sha256:
        raise PictureError(f"{path} has changed since it was added; add it again.")
    if not recognises(data, document.source):
        raise PictureError(f"{document.source} is no PDF and has no pages to show.")
    sha256, lines = _lines(path, document.source, document.source_sha256)
    if sha256 != document.sha256:
        raise PictureError(f"{document.source} was read by another version of Parallax; add it to a new library.")
    found = places(document, lines, start, end)[:_MOST]
    drawn = confined(_draw, (path, document.source, [(place.sheet, place.boxes) for place in found]), document.source)
    return tuple(Picture(place.page, png) for place, png in zip(found, drawn, strict=True))


@lru_cache(maxsize=4)
def _lines(path: Path, name: str, _sha256: str) -> tuple[str, dict[int, PageLine]]:
    return confined(_read, (path, name), name)


def _read(path: Path, name: str) -> tuple[str, dict[int, PageLine]]:
    """The SHA-256 of a PDF's text, and its lines."""
    pdf = read_pdf(path.read_bytes(), name)
    return hashlib.sha256(pdf.structure.text.encode()).hexdigest(), pdf.lines


def _draw(path: Path, name: str, found: list[tuple[int, list[Box]]]) -> list[bytes]:
    data = path.read_bytes()
    return [draw(data, name, sheet, boxes, _SCALE) for sheet, boxes in found]


@dataclass(frozen=True, slots=True)
class Place:
    """The part of a range that stands on one page."""

    sheet: int
    """Page of the file, from 0."""
    page: str | None
    """As printed."""
    boxes: list[Box]
    """Of its words, one a line, in points."""


def places(document: Document, lines: Mapping[int, PageLine], start: int, end: int) -> list[Place]:
    """The pages on which a range stands, in its order. Raises PictureError where it has no words."""
    found: dict[int, Place] = {}
    after = [source.start for source in document.lines[1:]] + [len(document.text)]
    for source, stop in zip(document.lines, after, strict=True):
        line = lines[source.line]
        first, last = max(start - source.start, 0), min(min(end, stop) - source.start, len(line.text))
        if first < last:
            place = found.setdefault(line.sheet, Place(line.sheet, source.page, []))
            place.boxes.append((line.lefts[first], line.bottom, line.rights[last - 1], line.top))
    if not found:
        raise PictureError(f"{document.label} has no words from {start} to {end}.")
    return list(found.values())
