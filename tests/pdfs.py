"""Sets a document as a PDF, so that what is read from the PDF can be compared with what was set.

A small typesetter on reportlab's canvas: justified lines with words cut at their ends, one or two columns,
notes at the foot of each column, running heads and page numbers. Remembers the page on which each word was set.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from reportlab.lib.pagesizes import A4, A5
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from index.load import load
from index.types import Block, BlockKind, Document

FONT, BOLD = "Times-Roman", "Times-Bold"
VOWELS = "aeiouy"
SAMPLES = Path(__file__).resolve().parents[1] / "ui" / "samples"
DATA = Path(__file__).resolve().parent / "data" / "pdf"


@dataclass(frozen=True)
class Look:
    """How a document is set."""

    columns: int = 1
    size: float = 10
    hyphens: bool = True
    spaced: bool = False
    """White space between paragraphs instead of indents."""
    heads: tuple[str, str] = ("", "")
    """Running heads of left and right pages."""
    first: int = 1
    """Number printed on the first page; 0 for none."""
    roman: int = 0
    """So many pages at the beginning are labelled with Roman numbers, and the count begins anew after them."""
    small_quotations: bool = False
    """Block quotations in smaller type with the full measure, instead of indented ones."""
    page: tuple[float, float] = A5


@dataclass
class Piece:
    """What stands between two blanks: text, and the number raised after it."""

    text: str
    raised: str = ""
    tail: str = ""
    """What follows the raised number without a blank."""
    rest: bool = False
    """The second half of a cut word."""


@dataclass
class Press:
    """Sets one document."""

    path: Path
    look: Look
    begun: list[int] = field(default_factory=lambda: [0])
    """How many words of the text begin on each page."""

    def __post_init__(self) -> None:
        self.canvas = Canvas(str(self.path), pagesize=self.look.page, invariant=1, pageCompression=1)
        self.margin, self.gutter = 50.0, 14.0
        self.leading = 1.2 * self.look.size
        room = self.look.page[0] - 2 * self.margin - self.gutter * (self.look.columns - 1)
        self.measure = room / self.look.columns
        self.top = self.look.page[1] - 60
        self.foot = 60.0
        self.column = 0
        self.y = self.top
        self.notes: list[list[Piece]] = []
        self.held = 0.0

    def set(self, document: Document) -> "Press":
        """Sets a whole document and writes the file."""
        self.canvas.setTitle(document.title)
        if document.author:
            self.canvas.setAuthor(document.author)
        blocks = [block for block in document.blocks if block.kind is not BlockKind.FOOTNOTE]
        if self.look.columns > 1 and blocks[0].kind is BlockKind.HEADING:
            self._across(document, blocks.pop(0))
        for block in blocks:
            self._block(document, block)
        self._close()
        if self.look.roman:
            self.canvas.addPageLabel(0, style="ROMAN_LOWER", start=1)
            self.canvas.addPageLabel(self.look.roman, style="ARABIC", start=1)
        self.canvas.save()
        return self

    def _across(self, document: Document, title: Block) -> None:
        """Sets the title over all columns."""
        columns, narrow = self.look.columns, self.measure
        self.look, self.measure = replace(self.look, columns=1), self.look.page[0] - 2 * self.margin
        self._block(document, title)
        self.look, self.measure, self.top = replace(self.look, columns=columns), narrow, self.y

    def name(self, sheet: int) -> str:
        """What a page is called."""
        if self.look.roman:
            return ("i", "ii", "iii", "iv", "v")[sheet] if sheet < self.look.roman else str(sheet - self.look.roman + 1)
        return str(self.look.first + sheet) if self.look.first else str(sheet + 1)

    def names(self) -> list[str]:
        """What the page is called on which each word of the text begins."""
        return [self.name(sheet) for sheet, count in enumerate(self.begun) for _ in range(count)]

    def _block(self, document: Document, block: Block) -> None:
        size, font, indent, inset = self.look.size, FONT, 0.0 if self.look.spaced else 1.5 * self.look.size, 0.0
        if block.kind is BlockKind.HEADING:
            size, font, indent = size + 10 - 3 * min(block.level or 1, 3), BOLD, 0.0
            self.y -= self.leading
        elif block.kind is BlockKind.QUOTATION:
            indent, inset = 0.0, 0.0 if self.look.small_quotations else 2.0 * size
            size -= 1.5 if self.look.small_quotations else 0
            self.y -= 0.5 * self.leading
        elif block.kind is BlockKind.CAPTION:
            size, indent, inset = size - 1.5, 0.0, 4.0 * size
            self.y -= self.leading
        elif self.look.spaced:
            self.y -= 0.7 * self.leading
        pieces = _pieces(document, block)
        lines = list(self._lines(pieces, font, size, self.measure - 2 * inset, indent))
        keep = 3 if block.kind is BlockKind.HEADING else 0
        for i, line in enumerate(lines):
            notes = [_note(document, piece.raised) for piece in line if piece.raised]
            self._need(size * 1.2 * (len(lines) if keep and not i else 1) + keep * self.leading, notes)
            lead = indent if i == 0 else 0.0
            whole = i < len(lines) - 1 and block.kind is not BlockKind.HEADING
            self._draw(line, font, size, inset + lead, self.measure - 2 * inset - lead if whole else None)
        self.y -= 0.5 * self.leading if block.kind is not BlockKind.PARAGRAPH else 0

    def _lines(
        self, pieces: Sequence[Piece], font: str, size: float, measure: float, indent: float
    ) -> Iterator[list[Piece]]:
        line: list[Piece] = []
        room = measure - indent
        for piece in pieces:
            width = _width([piece], font, size)
            blank = stringWidth(" ", font, size) if line else 0.0
            if line and blank + width > room:
                cut = _cut(piece, font, size, room - blank) if self.look.hyphens else None
                if cut is not None:
                    line.append(cut[0])
                    piece = cut[1]  # noqa: PLW2901 (the rest of the word goes on)
                    width = _width([piece], font, size)
                yield line
                line, room, blank = [], measure, 0.0
            line.append(piece)
            room -= blank + width
        yield line

    def _need(self, height: float, notes: list[list[Piece]]) -> None:
        """Makes room for a line and the notes that it cites, on the next column or page if need be."""
        small = self.look.size - 2
        count = sum(len(list(self._lines(note, FONT, small, self.measure, 0))) for note in notes)
        held = self.held + count * small * 1.2 + (10 if count and not self.notes else 0)
        if self.y - height < self.foot + held:
            self._turn()
            held = count * small * 1.2 + (10 if count else 0)
        self.held = held
        self.notes += notes

    def _draw(self, line: Sequence[Piece], font: str, size: float, indent: float, measure: float | None) -> None:
        self.y -= size * 1.2
        x = self.margin + self.column * (self.measure + self.gutter) + indent
        blank = stringWidth(" ", font, size)
        if measure is not None and len(line) > 1:
            blank = (measure - _width(line, font, size)) / (len(line) - 1)
        for piece in line:
            x = self._string(x, self.y, piece.text, font, size)
            if piece.raised:
                x = self._string(x, self.y + 0.35 * size, piece.raised, FONT, 0.65 * size)
            x = self._string(x, self.y, piece.tail, font, size) + blank
            self.begun[-1] += not piece.rest

    def _string(self, x: float, y: float, text: str, font: str, size: float) -> float:
        self.canvas.setFont(font, size)
        self.canvas.drawString(x, y, text)
        return x + stringWidth(text, font, size)

    def _turn(self) -> None:
        self._set_notes()
        self.column += 1
        self.y = self.top
        if self.column == self.look.columns:
            self._close_page()
            self.begun.append(0)
            self.column, self.top = 0, self.look.page[1] - 60
            self.y = self.top

    def _set_notes(self) -> None:
        small, y = self.look.size - 2, self.foot + self.held - 10
        left = self.margin + self.column * (self.measure + self.gutter)
        for note in self.notes:
            for line in self._lines(note, FONT, small, self.measure, 0):
                y -= small * 1.2
                x = left
                for piece in line:
                    if piece.raised:
                        x = self._string(x, y + 0.35 * small, piece.raised, FONT, 0.65 * small)
                    x = self._string(x, y, piece.text, FONT, small) + stringWidth(" ", FONT, small)
        self.notes, self.held = [], 0.0

    def _close_page(self) -> None:
        sheet = len(self.begun) - 1
        number = self.name(sheet) if self.look.first or self.look.roman else ""
        head = self.look.heads[(sheet + 1) % 2]
        if head and sheet:
            self._string(self.margin + 30, self.look.page[1] - 40, head, FONT, self.look.size - 1)
        if number:
            self._string(self.look.page[0] / 2 - 5, 30, number, FONT, self.look.size)
        self.canvas.showPage()

    def _close(self) -> None:
        self._set_notes()
        self._close_page()


def _pieces(document: Document, block: Block) -> list[Piece]:
    """The words of a block with the numbers raised in or after them."""
    pieces: list[Piece] = []
    at = block.start
    for word in document.text[block.start : block.end].split(" "):
        markers = [m for m in document.markers if at < m.position <= at + len(word)]
        cut = markers[0].position - at if markers else len(word)
        pieces.append(Piece(word[:cut], "".join(str(m.number) for m in markers), word[cut:]))
        at += len(word) + 1
    return pieces


def _note(document: Document, number: str) -> list[Piece]:
    block = next(b for b in document.blocks if b.kind is BlockKind.FOOTNOTE and str(b.number) == number)
    return [Piece("", number), *_pieces(document, block)]


def _width(pieces: Sequence[Piece], font: str, size: float) -> float:
    return sum(stringWidth(p.text + p.tail, font, size) + stringWidth(p.raised, FONT, 0.65 * size) for p in pieces)


def _cut(piece: Piece, font: str, size: float, room: float) -> tuple[Piece, Piece] | None:
    """The longest beginning of a word that fits with a hyphen, cut between a vowel and a consonant, and its rest."""
    word = piece.text
    if not word.isalpha() or len(word) < 7:
        return None
    for at in range(len(word) - 3, 2, -1):
        fits = stringWidth(word[:at] + "-", font, size) <= room
        if fits and word[at - 1] in VOWELS and word[at] not in VOWELS:
            return Piece(word[:at] + "-"), Piece(word[at:], piece.raised, piece.tail, rest=True)
    return None


def samples(folder: Path) -> Iterator[tuple[Path, Document, Press]]:
    """The sample documents set in several ways: the file, what was set in it, and the press that set it."""
    essay, article = (load(SAMPLES / f"{name}.txt") for name in ("resting-of-the-ground", "how-to-steal-an-oyster-bed"))
    looks = {
        "footnotes-heads-hyphens": (essay, Look(heads=("A HISTORY", "The Resting of the Ground"), first=41)),
        "two-columns-footnotes": (essay, Look(columns=2, size=9, page=A4, first=0)),
        "two-columns-narrow-page": (article, Look(columns=2, size=8, first=7, heads=("Oysters", "Oysters"))),
        "spaced-no-hyphens": (article, Look(spaced=True, hyphens=False, heads=("Oysters", "Oysters"))),
        "roman-labels-small-quotations": (article, Look(roman=3, small_quotations=True)),
    }
    for name, (document, look) in looks.items():
        path = folder / f"{name}.pdf"
        yield path, document, Press(path, look).set(document)


def printed() -> Iterator[tuple[Path, Document, None]]:
    """The sample documents as Chromium printed them (`scripts/pdf_samples.py`), and what was printed."""
    for path in sorted(DATA.glob("*.pdf")):
        yield path, load(SAMPLES / f"{path.stem.split('.')[0]}.txt"), None
