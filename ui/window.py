"""What the reading pane shows: a place in a document, the window of text around it, and how the window grows.

Only a window is rendered, so that a book opens as fast as an essay. Pure; it renders nothing.
"""

from dataclasses import dataclass

from index.types import Document
from qa.types import Citation, Voice
from ui.margin import Note

SPAN = 3_000
"""Characters shown on either side of a place, and by how many the window grows at a step."""


@dataclass(frozen=True, slots=True)
class Window:
    """The half-open range of a document's text that the pane shows."""

    start: int
    end: int


def window_around(document: Document, start: int, end: int) -> Window:
    """What is shown around a place: whole blocks, or a part of a block that is itself very long."""
    return Window(_floor(document, start - SPAN), _ceiling(document, min(end, start + SPAN) + SPAN))


def grown(document: Document, window: Window, direction: str) -> tuple[Window, str]:
    """The window one step larger, "earlier" or "later", and the id of the new block next to the old ones."""
    if direction == "earlier":
        nearest = document.block_at(max(window.start - 1, 0))
        larger = Window(_floor(document, window.start - SPAN), window.end)
    else:
        last = document.block_at(max(window.end - 1, 0))
        whole = document.blocks[last].end <= window.end
        nearest = min(last + 1, len(document.blocks) - 1) if whole else last
        larger = Window(window.start, _ceiling(document, window.end + SPAN))
    return larger, block_id(document.blocks[nearest].start)


def blocks_in(document: Document, window: Window) -> range:
    """Indices of the blocks of which the window shows anything."""
    if not document.blocks or window.end <= window.start:
        return range(0)
    return range(document.block_at(window.start), document.block_at(window.end - 1) + 1)


def _floor(document: Document, offset: int) -> int:
    if offset <= 0:
        return 0
    block = document.blocks[document.block_at(offset)]
    if offset - block.start <= SPAN:
        return block.start
    space = document.text.find(" ", offset, offset + 200)
    return offset if space < 0 else space + 1


def _ceiling(document: Document, offset: int) -> int:
    if offset >= len(document.text):
        return len(document.text)
    block = document.blocks[document.block_at(offset)]
    if block.end - offset <= SPAN:
        return max(block.end, offset)
    space = document.text.rfind(" ", offset - 200, offset)
    return offset if space < 0 else space


@dataclass(frozen=True, slots=True)
class Opening:
    """A place in a document, the window around it, and where the reader's eye should go."""

    document: Document
    start: int
    end: int
    window: Window
    focus: str = "px-here"
    """Id of the element that is brought into view: the place itself, or the first block of a step."""
    voices: tuple[Voice, ...] = ()
    """Who speaks in the document besides its author."""
    hits: tuple[Citation, ...] = ()
    """The places of this document with which the last question was answered."""
    citations: tuple[tuple[str, str], ...] = ()
    """The place as it may be cited: the name of each style, and the citation in it."""
    beside: tuple[Note, ...] = ()
    """What other documents say to the paragraphs of the window."""
    printed: bool = False
    """Whether the document has pages that can be shown as printed."""


def block_id(start: int) -> str:
    """Id of the element that shows the block which begins at `start`."""
    return f"px-block-{start}"
