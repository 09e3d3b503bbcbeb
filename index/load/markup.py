"""Trees of elements to a document's text, blocks and markers: what HTML, EPUB, DOCX and Markdown have in common.

Headings, quotations and captions are those that the elements name. A table's row is a paragraph, its cells joined by
" | "; a note is one block. Blanks collapse to one space, as browsers show them. Knows no file format.
"""

import re
from collections.abc import Mapping, Sequence

from index.headings import byline, is_picture_caption
from index.lines import letters
from index.load.page import readable
from index.load.parts import Part, assembled
from index.load.references import Page, References, references
from index.load.tree import Element, types, walk, words
from index.structure import Structure
from index.types import BlockKind

CELL = " | "
_LEVELS = {f"h{level}": level for level in range(1, 7)}
_CAPTIONS = frozenset(["caption", "figcaption"])
_BLOCKS = frozenset([
    "address", "article", "aside", "blockquote", "body", "center", "dd", "details", "div", "dl", "dt",
    "fieldset", "figure", "footer", "form", "header", "hgroup", "hr", "html", "legend", "li", "main", "ol", "p",
    "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
]).union(_LEVELS, _CAPTIONS)  # fmt: skip
_RAISED = frozenset(["a", "b", "em", "i", "small", "span", "strong", "sup"])
"""Elements in which a note marker may stand with nothing but its brackets."""
_IN_NO_ROW = (*_LEVELS, "blockquote", "dl", "ol", "table", "ul")
_LONGEST_CELL = 600  # characters: what is longer is no datum but a page laid out as a table
_OPENING = 3  # blocks at the beginning among which the line with the author's name is looked for
_WORD = re.compile(r"[^\W_]")
_INVISIBLE = re.compile("[\x00-\x08\x0e-\x1b\x7f\xad\u200b\u2060\ufeff]")
_CAPTION = re.compile(r"[^\W\d]+\.?\s?\d+\s?[.:—–]")  # "Figure 3." but not "Figure 3 shows"
_ARROWS = " ^↑⇑↩⏎\ufe0e\ufe0f"  # what leads back from a note to its marker


def structure_of(root: Element) -> Structure:
    """The structure of a page that stands by itself."""
    return assembled(*parts_of([("", root)]))


def parts_of(
    pages: Sequence[Page],
    names: Mapping[tuple[str, str], str] = {},
) -> tuple[list[list[Part]], References]:
    """The parts of each page in the order of the source, and the notes of all. `names`: as `references` takes them."""
    found = references(pages, names)
    result: list[list[Part]] = []
    for _, root in pages:
        body = readable(root, found.notes)
        parts = _Reader(found).read(body)
        met = {part.note for part in parts}
        mine = {element for element in root.iter() if element in found.notes}
        left = [note for note in found.notes if note in mine and note not in met]
        result.append(parts + [_note(note, found) for note in left])
    return result, found


class _Running:
    """The text of one block while it is read."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.length = 0
        self.markers: list[tuple[int, int, Element]] = []
        self.breaks: list[tuple[int, str]] = []
        self.space = False
        self.broken = False
        """A line was broken and nothing has followed yet."""

    def write(self, text: str | None) -> None:
        if not text:
            return
        visible = letters(_INVISIBLE.sub("", text))
        held = " ".join(visible.split())
        if not held:
            self.space = self.space or bool(visible)
            return
        if self.length and (self.space or visible[0].isspace()):
            held = f" {held}"
        self.pieces.append(held)
        self.length += len(held)
        self.space, self.broken = visible[-1].isspace(), False

    def mark(self, number: int, note: Element) -> None:
        self.markers.append((self.length, number, note))


class _Reader:
    """Collects the parts of one tree. `flat`: as one block, whatever blocks the tree holds."""

    def __init__(self, found: References, *, flat: bool = False) -> None:
        self.found = found
        self.flat = flat
        self.parts: list[Part] = []
        self.running = _Running()
        self.open: list[str] = []
        self.row: Element | None = None

    def read(self, root: Element) -> list[Part]:
        events = walk(root)
        skipped: Element | None = None
        for event, element in events:
            if event == "start":
                if element in self.found.breaks and not self.flat:
                    self.running.breaks.append((self.running.length, self.found.breaks[element]))
                if self._takes_whole(element, root):
                    skipped = element
                    events.skip_subtree()
                else:
                    self._start(element)
                    self.running.write(element.text)
            else:
                if element is skipped:
                    skipped = None
                else:
                    self._end(element)
                if element is not root:
                    self.running.write(element.tail)
        self._flush()
        return self.parts

    def _takes_whole(self, element: Element, root: Element) -> bool:
        """Whether an element is read here without looking into it: notes, their markers and links back."""
        if element in self.found.backlinks:
            # A number that leads back is the note's own, and taken off its beginning later.
            return not words(element)[:1].isdigit()
        if element in self.found.notes and element is not root:
            if not self.flat:
                self._flush()
                self.parts.append(_note(element, self.found))
            return True
        return "pagebreak" in types(element) or (element.tag in _RAISED and self._marks(element))

    def _marks(self, element: Element) -> bool:
        """Whether an element holds note markers and nothing else, brackets and commas apart; they are kept."""
        links = [link for link in element.iter("a") if link in self.found.markers]
        if not links:
            return False
        rest = words(element)
        for link in links:
            rest = rest.replace(words(link), "", 1)
        if _WORD.search(rest) is not None:
            return False
        for link in links:
            self.running.mark(*self.found.markers[link])
        return True

    def _start(self, element: Element) -> None:
        tag = element.tag
        if tag == "q":
            self.running.write("“")
        elif tag == "br":
            self._break()
        elif tag in _BLOCKS:
            self._bound(element)
            self.open.append(tag)
            if tag == "tr" and self.row is None and not self.flat and _is_row(element):
                self.row = element
            elif self.row is not None and tag in ("td", "th") and element.getprevious() is not None:
                self.running.write(CELL)

    def _end(self, element: Element) -> None:
        if element.tag == "q":
            # The mark closes up to the last word.
            self.running.space = False
            self.running.write("”")
        elif element.tag in _BLOCKS:
            if element is self.row:
                self.row = None
            self._bound(element)
            self.open.pop()

    def _bound(self, element: Element) -> None:
        if self.flat or self.row is not None:
            self.running.write(" ")
        else:
            self._flush()

    def _break(self) -> None:
        """One broken line runs on; a second, with nothing between, parts paragraphs."""
        if self.running.broken and not self.flat and self.row is None and self._kind() is not BlockKind.HEADING:
            self._flush()
        self.running.write(" ")
        self.running.broken = True

    def _kind(self) -> BlockKind:
        for tag in reversed(self.open):
            if tag in _LEVELS:
                return BlockKind.HEADING
            if tag in _CAPTIONS:
                return BlockKind.CAPTION
            if tag == "blockquote":
                return BlockKind.QUOTATION
        return BlockKind.PARAGRAPH

    def _flush(self) -> None:
        """Ends the running block; signs without a word (a rule of asterisks, a bullet) make none."""
        running, self.running = self.running, _Running()
        text = "".join(running.pieces)
        if _WORD.search(text) is None:
            self.running.breaks = [(0, name) for _, name in running.breaks]
            return
        kind = self._kind()
        level = next((_LEVELS[tag] for tag in reversed(self.open) if tag in _LEVELS), None)
        if kind is BlockKind.PARAGRAPH and _names_itself(self.parts, text):
            kind = BlockKind.CAPTION
        self.parts.append(Part(kind, text, running.markers, level if kind is BlockKind.HEADING else None))
        self.parts[-1].breaks = running.breaks


def _names_itself(before: Sequence[Part], text: str) -> bool:
    """Whether a paragraph is a caption by its own words: "Figure 3. …", or the author's name under the title."""
    if is_picture_caption(text):
        return _CAPTION.match(text) is not None
    return 0 < len(before) <= _OPENING and before[-1].kind is BlockKind.HEADING and byline(text) is not None


def _note(element: Element, found: References) -> Part:
    """A note as one block, without its own number and what leads back."""
    parts = _Reader(found, flat=True).read(element)
    part = parts[0] if parts else Part(BlockKind.FOOTNOTE, "")
    part.kind, part.level, part.note = BlockKind.FOOTNOTE, None, element
    number = found.notes[element]
    start = len(part.text) - len(part.text.lstrip(_ARROWS))
    own = re.compile(rf"[\[(]?{number}[\])]?[.:)]?(?:\s+|$)").match(part.text, start)
    start = own.end() if own is not None else start
    start += len(part.text[start:]) - len(part.text[start:].lstrip(_ARROWS))
    part.text = part.text[start:].rstrip(_ARROWS)
    part.markers = [(min(max(at - start, 0), len(part.text)), *marker) for at, *marker in part.markers]
    return part


def _is_row(row: Element) -> bool:
    """Whether a table's row holds data: several short cells, none with blocks of its own inside."""
    cells = [words(cell) for cell in row if cell.tag in ("td", "th")]
    if sum(bool(cell) for cell in cells) < 2 or max(map(len, cells)) > _LONGEST_CELL:
        return False
    return next(row.iter(*_IN_NO_ROW), None) is None
