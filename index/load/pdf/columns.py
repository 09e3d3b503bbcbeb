"""Glyphs of a page to its lines in reading order: words, rows, columns.

Reads geometry only: a gutter is a white strip that parts two stacks of lines. Left to right, top to bottom;
other scripts' orders are not known. Says nothing of what a line is.
"""

from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from index.load.pdf.page import RAISED_DIGITS, Glyph, PageLine, Sheet

_SPACE = 0.15  # ems between two words
_WIDE = 0.9  # ems: wider than a blank of a justified line, and no wider than the narrowest gutter in use
_SMALL = 0.9  # of the size beside it: raised and lowered signs are smaller
_ADJACENT = 0.35  # ems between a word and its raised sign
_NARROWEST = 0.2  # of the text's width: a column
_LEAST = 12  # ems: a narrower stack is a column of a table
_ALIKE = 0.5  # of the wider column's width: what the narrower one has at least
_PROSE = 0.6  # of its column's width: what most lines of a column fill
_RAISED = str.maketrans("0123456789", RAISED_DIGITS)


@dataclass(frozen=True, slots=True)
class _Word:
    """Characters that stand together, of one size and baseline."""

    glyphs: tuple[Glyph, ...]
    raised: bool = False

    @property
    def left(self) -> float:
        return self.glyphs[0].left

    @property
    def right(self) -> float:
        return self.glyphs[-1].right

    @property
    def baseline(self) -> float:
        return self.glyphs[0].baseline

    @property
    def size(self) -> float:
        return self.glyphs[0].size


@dataclass(frozen=True, slots=True)
class _Piece:
    """Words of one row without a wide gap between them: a line of a column, or a part of one."""

    words: tuple[_Word, ...]
    left: float
    right: float
    baseline: float
    size: float


class LineReader:
    """Reads the lines of one page after another, numbering them through the file."""

    def __init__(self) -> None:
        self._lines = self._flows = self._sheets = 0

    def lines(self, sheet: Sheet) -> list[PageLine]:
        """The lines of the next page, in reading order."""
        found: list[PageLine] = []
        pieces = [piece for row in _rows(_words(sheet.glyphs)) for piece in _pieces(row)]
        for region in _regions(pieces):
            self._flows += 1
            column = _edges(region)
            for words in _joined(region):
                self._lines += 1
                found.append(_line(words, (self._sheets, self._lines, self._flows), column))
        self._sheets += 1
        return found


def _words(glyphs: Sequence[Glyph]) -> list[_Word]:
    words: list[_Word] = []
    start = 0
    for i in range(1, len(glyphs) + 1):
        if i == len(glyphs) or _parts(glyphs[i - 1], glyphs[i]):
            words.append(_Word(tuple(glyphs[start:i])))
            start = i
    return [word for word in words if word.right > word.left]


def _parts(a: Glyph, b: Glyph) -> bool:
    """Whether a word ends between two glyphs."""
    gap = b.left - a.right
    off = abs(b.baseline - a.baseline) > 0.05 * a.size or abs(b.size - a.size) > 0.05 * a.size
    return b.spaced or off or gap > _SPACE * a.size or gap < -0.5 * a.size


def _rows(words: Sequence[_Word]) -> list[list[_Word]]:
    """Words of one baseline, from the top; raised and lowered ones with those beside which they stand."""
    rows: list[list[_Word]] = []
    for word in sorted(words, key=lambda word: (-word.baseline, word.left)):
        if rows and abs(rows[-1][0].baseline - word.baseline) <= 0.12 * min(word.size, rows[-1][0].size):
            rows[-1].append(word)
        else:
            rows.append([word])
    largest = [max(word.size for word in row) for row in rows]
    for i, row in enumerate(rows):
        near = [j for j in range(max(i - 3, 0), min(i + 4, len(rows))) if j != i]
        for word in list(row):
            hosts = (rows[j] for j in near if word.size < _SMALL * largest[j] and _is_beside(word, rows[j]))
            host = next(hosts, None)
            if host is not None:
                row.remove(word)
                host.append(_Word(word.glyphs, word.baseline > host[0].baseline))
    return [row for row in rows if row]


def _is_beside(word: _Word, row: Sequence[_Word]) -> bool:
    """Whether a small word is a raised or lowered sign at a word of a row."""
    for host in row:
        rise = (word.baseline - host.baseline) / host.size
        shifted = 0.12 < rise < 0.7 or -0.4 < rise < -0.05
        gap = max(word.left - host.right, host.left - word.right)
        if word.size < _SMALL * host.size and shifted and gap < _ADJACENT * host.size:
            return True
    return False


def _pieces(row: Sequence[_Word]) -> Iterator[_Piece]:
    words = sorted(row, key=lambda word: word.left)
    start = 0
    for i in range(1, len(words) + 1):
        if i == len(words) or words[i].left - words[i - 1].right > _WIDE * max(words[i].size, words[i - 1].size):
            part = words[start:i]
            plain = [word for word in part if not word.raised] or part
            size = _size(plain)
            baseline = next(word.baseline for word in plain if abs(word.size - size) < 0.5)
            yield _Piece(tuple(part), part[0].left, max(word.right for word in part), baseline, size)
            start = i


def _size(words: Sequence[_Word]) -> float:
    """The size in which most characters are set."""
    sizes: Counter[float] = Counter()
    for word in words:
        sizes[round(word.size, 1)] += len(word.glyphs)
    return sizes.most_common(1)[0][0]


def _regions(pieces: Sequence[_Piece]) -> list[list[_Piece]]:
    """Stretches of columns in reading order: each band between lines of full width, its columns from the left."""
    gutter = _gutter(pieces)
    if gutter is None:
        return [list(pieces)] if pieces else []
    regions: list[list[_Piece]] = []
    across: list[_Piece] | None = None
    for band in _bands(pieces, gutter):
        left, right = _sides(band, gutter)
        if _are_columns(left, right, band):
            regions += _regions(left) + _regions(right)
            across = None
        elif across is None:
            across = band
            regions.append(across)
        else:
            across += band
    return regions


def _gutter(pieces: Sequence[_Piece]) -> float | None:
    """Where the most lines stand left and right of a white strip; None where no strip parts columns."""
    if len(pieces) < 4:
        return None
    first, last = min(p.left for p in pieces), max(p.right for p in pieces)
    best, most = None, 0.0
    for x in sorted({round(piece.right + 0.5) for piece in pieces}):
        if not first + _NARROWEST * (last - first) < x < last - _NARROWEST * (last - first):
            continue
        parted = 0.0
        for band in _bands(pieces, x):
            left, right = _sides(band, x)
            if _are_columns(left, right, band):
                parted += min(len(left), len(right)) + 0.01 * len(band)
        if parted > most:
            best, most = float(x), parted
    return best


def _bands(pieces: Sequence[_Piece], x: float) -> Iterator[list[_Piece]]:
    """Runs of pieces from the top: those that cross `x` and those that do not, in turn."""
    band: list[_Piece] = []
    for piece in sorted(pieces, key=lambda piece: -piece.baseline):
        crosses = piece.left < x < piece.right
        if band and crosses is not (band[-1].left < x < band[-1].right):
            yield band
            band = []
        band.append(piece)
    if band:
        yield band


def _sides(band: Sequence[_Piece], x: float) -> tuple[list[_Piece], list[_Piece]]:
    return [p for p in band if p.right <= x + 0.5], [p for p in band if p.left >= x - 0.5]


def _are_columns(left: Sequence[_Piece], right: Sequence[_Piece], band: Sequence[_Piece]) -> bool:
    """Whether both sides of a band are stacks of lines, alike in width and filled as prose is."""
    if not left or not right or len(left) + len(right) < len(band):
        return False
    size = median(piece.size for piece in band)
    inner, outer = max(p.right for p in left), min(p.left for p in right)
    widths = inner - min(p.left for p in left), max(p.right for p in right) - outer
    if outer - inner < _WIDE * size or min(widths) < max(_LEAST * size, _ALIKE * max(widths)):
        return False
    stacks = _extents(left), _extents(right)
    # A few short lines above one that is set very wide look like a column beside the rest of that line.
    enough = min(map(len, stacks)) >= 3 or max(map(len, stacks)) >= 8
    return enough and all(median(stack) >= _PROSE * max(widths) for stack in stacks if len(stack) >= 3)


def _extents(side: Sequence[_Piece]) -> list[float]:
    """How far each line of one side of a band runs; a line that is set wide is of several pieces."""
    lines: dict[int, tuple[float, float]] = {}
    for piece in side:
        left, right = lines.get(round(piece.baseline), (piece.left, piece.right))
        lines[round(piece.baseline)] = min(left, piece.left), max(right, piece.right)
    return [right - left for left, right in lines.values()]


def _edges(region: Sequence[_Piece]) -> tuple[float, float]:
    """Left and right edge of a column: the outermost that two lines share; a single one may jut out."""
    lefts = sorted(piece.left for piece in region)
    rights = sorted((piece.right for piece in region), reverse=True)
    left = next((a for a, b in pairwise(lefts) if b - a < 1), lefts[0])
    return left, next((a for a, b in pairwise(rights) if a - b < 1), rights[0])


def _joined(region: Sequence[_Piece]) -> list[list[_Word]]:
    """The words of each line of a region, from the top and from the left."""
    lines: list[list[_Piece]] = []
    for piece in sorted(region, key=lambda piece: (-piece.baseline, piece.left)):
        if lines and abs(lines[-1][0].baseline - piece.baseline) <= 0.12 * piece.size:
            lines[-1].append(piece)
        else:
            lines.append([piece])
    return [sorted((w for piece in line for w in piece.words), key=lambda word: word.left) for line in lines]


def _line(words: Sequence[_Word], place: tuple[int, int, int], column: tuple[float, float]) -> PageLine:
    chars: list[str] = []
    lefts, rights = array("f"), array("f")
    plain = [word for word in words if not word.raised] or words
    size = _size(plain)
    before: _Word | None = None
    for word in words:
        if before is not None and _is_apart(before, word):
            chars.append(" ")
            lefts.append(before.right)
            rights.append(word.left)
        text = "".join(glyph.char for glyph in word.glyphs)
        chars.append(text.translate(_RAISED) if word.raised and text.isdecimal() else text)
        lefts.extend(glyph.left for glyph in word.glyphs)
        rights.extend(glyph.right for glyph in word.glyphs)
        before = word
    glyphs = [glyph for word in plain for glyph in word.glyphs]
    sheet, number, flow = place
    return PageLine(
        sheet, number, "".join(chars), lefts, rights,
        next(word.baseline for word in plain if abs(word.size - size) < 0.5),
        min(glyph.bottom for glyph in glyphs), max(glyph.top for glyph in glyphs), size,
        sum(glyph.bold for glyph in glyphs) > 0.9 * len(glyphs),
        sum(glyph.italic for glyph in glyphs) > 0.9 * len(glyphs), column, flow,
    )  # fmt: skip


def _is_apart(a: _Word, b: _Word) -> bool:
    gap = b.left - a.right
    size = max(a.size, b.size)
    drawn_next = b.glyphs[0].spaced and abs(a.baseline - b.baseline) < 0.05 * size
    return gap > _SPACE * size or (drawn_next and gap > 0.05 * size)
