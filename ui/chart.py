"""Where things lie in a document: a strip along its length, and its headings as a way in. Escaped HTML.

The strip is as long as the text. Its sections are parted at their headings, the places that answered last are marked
on it, and a click anywhere goes there. Pure functions.
"""

from collections.abc import Sequence
from html import escape

from index.types import BlockKind, Document
from qa.types import Citation
from ui.quotation import at
from ui.words import place

SECTIONS = 60
"""With more headings than this only those of the higher levels are drawn on the strip."""


def strip(document: Document, here: tuple[int, int], hits: Sequence[Citation]) -> str:
    """The strip with its sections, the places that answered (`hits`) and the place that is open (`here`)."""
    length = max(len(document.text), 1)
    sections = "".join(
        f'<span class="px-section" style="inset-inline-start:{_percent(block.start, length)}" '
        f'title="{escape(document.text[block.start : block.end])}"></span>'
        for block in document.outline(SECTIONS)
    )
    marks = "".join(_mark(document, number, hit) for number, hit in enumerate(hits, 1))
    reader = f'<span class="px-eye" style="inset-inline-start:{_percent(here[0], length)}"></span>'
    return (
        f'<div class="px-strip" role="group" aria-label="{escape(_told(document, here, hits))}" '
        f'data-document="{escape(document.id)}" data-sha256="{document.sha256}" data-length="{length}">'
        f"{sections}{reader}{marks}</div>"
    )


def _mark(document: Document, number: int, hit: Citation) -> str:
    spot = escape(place(hit))
    return (
        f'<button type="button" class="px-go px-hit" {at(document.id, document.sha256, hit.start, hit.end)} '
        f'style="inset-inline-start:{_percent(hit.start, len(document.text))}" '
        f'aria-label="Answer {number}: {spot}" title="{spot}"></button>'
    )


def contents(document: Document) -> str:
    """The headings, folded; nothing where there are fewer than two."""
    headings = [block for block in document.blocks if block.kind is BlockKind.HEADING]
    if len(headings) < 2:
        return ""
    items = "".join(
        f'<li style="padding-inline-start:{min((block.level or 1) - 1, 4)}rem">'
        f'<button type="button" class="px-go" {at(document.id, document.sha256, block.start, block.end)}>'
        f"{escape(document.text[block.start : block.end])}</button></li>"
        for block in headings
    )
    return f'<details class="px-contents"><summary>Contents</summary><ol>{items}</ol></details>'


def _told(document: Document, here: tuple[int, int], hits: Sequence[Citation]) -> str:
    """The strip in words, for who cannot see it."""
    length = max(len(document.text), 1)
    told = f"You are {_percent(here[0], length)} into the text"
    if not hits:
        return told
    return f"{told}; the last question’s answers lie at {', '.join(_percent(hit.start, length) for hit in hits)}"


def _percent(offset: int, length: int) -> str:
    return f"{100 * offset / length:.1f}%"
