"""Rows of words on a page to its lines in reading order: pieces, gutters, columns.

Reads geometry only: a gutter is a white strip that parts two stacks of lines. Left to right, top to bottom;
other scripts' orders are not known. Says nothing of what a line is.
"""

from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from index.load.pdf.page import RAISED_DIGITS, PageLine, Sheet
from index.load.pdf.rows import SPACE, Word, gap, rows_of, words_of

_WIDE = 0.9  # ems: wider than a blank of a justified line, and no wider than the narrowest gutter in use
_HANGING = 0.45  # ems: what marks that hang into the narrowest gutter in use leave of it, as pdfTeX sets them
_LINES = 10  # that end at such a gutter, and that begin there; a third of so many may hang into it
_CROSSING = 0.25  # as many as end or begin there may run across it
_NARROWEST = 0.2  # of the text's width: a column
_LEAST = 12  # ems: a narrower stack is a column of a table
_ALIKE = 0.5  # of the wider column's width: what the narrower one has at least
_PROSE = 0.6  # of its column's width: what most lines of a column fill
_RAISED = str.maketrans("0123456789", RAISED_DIGITS)


@dataclass(frozen=True, slots=True)
class _Piece:
    """Words of one row without a wide gap between them: a line of a column, or a part of one."""

    words: tuple[Word, ...]
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
        rows = [sorted(row, key=lambda word: word.left) for row in rows_of(words_of(sheet.glyphs))]
        strip = _strip(rows)
        pieces = [piece for row in rows for piece in _pieces(row, strip)]
        for region in _regions(pieces):
            self._flows += 1
            column = _edges(region)
            for words in _joined(region):
                self._lines += 1
                found.append(_line(words, (self._sheets, self._lines, self._flows), column))
        self._sheets += 1
        return found


def _strip(rows: Sequence[Sequence[Word]]) -> float | None:
    """Where many lines end and many begin, be it that no more white is between than a blank set wide."""
    import numpy as np  # which no other format's reading needs, each in a process of its own

    runs: list[tuple[float, float]] = []
    for row in rows:
        first = 0
        for i in range(1, len(row) + 1):
            if i == len(row) or gap(row[i - 1], row[i]) > _HANGING:
                runs.append((row[first].left, row[i - 1].right))
                first = i
    if len(runs) < 2 * _LINES:
        return None
    near = median(row[0].size for row in rows)
    lefts, rights = np.array(runs).T
    places = np.unique(np.round(rights)) + 1.0
    ending = ((rights < places[:, None]) & (rights > places[:, None] - near)).sum(1)
    beginning = ((lefts > places[:, None] - 0.5) & (lefts < places[:, None] + near)).sum(1)
    crossing = ((lefts < places[:, None] - 0.5) & (rights > places[:, None])).sum(1)
    found = (np.minimum(ending, beginning) >= _LINES) & (crossing <= _CROSSING * (ending + beginning))
    return float(places[np.argmax(np.where(found, ending + beginning - crossing, -1))]) if found.any() else None


def _pieces(words: Sequence[Word], strip: float | None) -> Iterator[_Piece]:
    """A row parted at wide gaps, and at one of a gutter."""

    def parted(a: Word, b: Word) -> bool:
        return gap(a, b) > (_HANGING if strip is not None and a.right < strip < b.left + 0.5 else _WIDE)

    start = 0
    for i in range(1, len(words) + 1):
        if i == len(words) or parted(words[i - 1], words[i]):
            part = words[start:i]
            plain = [word for word in part if not word.raised] or part
            size = _size(plain)
            baseline = next(word.baseline for word in plain if abs(word.size - size) < 0.5)
            yield _Piece(tuple(part), part[0].left, max(word.right for word in part), baseline, size)
            start = i


def _size(words: Sequence[Word]) -> float:
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
    inner = sorted(p.right for p in left)[-1 - _hanging(left)]
    outer = sorted(p.left for p in right)[_hanging(right)]
    widths = inner - min(p.left for p in left), max(p.right for p in right) - outer
    if outer - inner < _WIDE * size or min(widths) < max(_LEAST * size, _ALIKE * max(widths)):
        return False
    stacks = _extents(left), _extents(right)
    # A few short lines above one that is set very wide look like a column beside the rest of that line.
    enough = min(map(len, stacks)) >= 3 or max(map(len, stacks)) >= 8
    return enough and all(median(stack) >= _PROSE * max(widths) for stack in stacks if len(stack) >= 3)


def _hanging(side: Sequence[_Piece]) -> int:
    """How many lines of a column may hang into the gutter: hyphens and stops do, where they are set for the eye."""
    return len(side) // 3 if len(side) >= _LINES else 0


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


def _joined(region: Sequence[_Piece]) -> list[list[Word]]:
    """The words of each line of a region, from the top and from the left."""
    lines: list[list[_Piece]] = []
    for piece in sorted(region, key=lambda piece: (-piece.baseline, piece.left)):
        if lines and abs(lines[-1][0].baseline - piece.baseline) <= 0.12 * piece.size:
            lines[-1].append(piece)
        else:
            lines.append([piece])
    return [sorted((w for piece in line for w in piece.words), key=lambda word: word.left) for line in lines]


def _line(words: Sequence[Word], place: tuple[int, int, int], column: tuple[float, float]) -> PageLine:
    chars: list[str] = []
    lefts, rights = array("f"), array("f")
    plain = [word for word in words if not word.raised] or words
    size = _size(plain)
    before: Word | None = None
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


def _is_apart(a: Word, b: Word) -> bool:
    gap = b.left - a.right
    size = max(a.size, b.size)
    drawn_next = b.glyphs[0].spaced and abs(a.baseline - b.baseline) < 0.05 * size
    return gap > SPACE * size or (drawn_next and gap > 0.05 * size)
