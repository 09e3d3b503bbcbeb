"""The page on which words stand, drawn from their PDF with the words marked.

The library keeps no copy of a file: it is read again where it lies, and must be the one that was added. Lines are
found again by reading the file as it was read then, which is checked by the hash of the text that comes out.
"""

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from index.load.pdf.document import Pdf, read_pdf, recognises
from index.load.pdf.page import PageLine
from index.load.pdf.pdfium import Box, draw
from index.types import Document, ParallaxError

_SCALE = 2.0  # pixels to the point: 144 to the inch


class PictureError(ParallaxError):
    """The page of a range cannot be drawn."""


def picture(document: Document, path: Path, start: int, end: int) -> bytes:
    """The page on which a range of a document begins, as PNG, the part of the range that stands there marked.

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
    if not recognises(data, path.name):
        raise PictureError(f"{path.name} is no PDF and has no pages to show.")
    read = _read(path, document.source_sha256)
    if hashlib.sha256(read.structure.text.encode()).hexdigest() != document.sha256:
        raise PictureError(f"{path.name} was read by another version of Parallax; add it to a new library.")
    sheet, boxes = places(document, read.lines, start, end)
    return draw(data, path.name, sheet, boxes, _SCALE)


@lru_cache(maxsize=4)
def _read(path: Path, _sha256: str) -> Pdf:
    return read_pdf(path.read_bytes(), path.name)


def places(document: Document, lines: Mapping[int, PageLine], start: int, end: int) -> tuple[int, list[Box]]:
    """The page (from 0) on which a range begins, and the boxes of its words there in points, one a line."""
    boxes: list[tuple[int, Box]] = []
    after = [source.start for source in document.lines[1:]] + [len(document.text)]
    for source, stop in zip(document.lines, after, strict=True):
        line = lines[source.line]
        first, last = max(start - source.start, 0), min(min(end, stop) - source.start, len(line.text))
        if first < last:
            boxes.append((line.sheet, (line.lefts[first], line.bottom, line.rights[last - 1], line.top)))
    if not boxes:
        raise PictureError(f"{document.label} has no words from {start} to {end}.")
    sheet = boxes[0][0]
    return sheet, [box for number, box in boxes if number == sheet]
