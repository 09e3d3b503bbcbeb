"""Glyphs of a page to its words, and to rows of words on one baseline.

Raised and lowered signs stand in the row of the word beside which they are set. Knows nothing of columns.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from index.load.pdf.page import Glyph

SPACE = 0.15  # ems between two words
_SMALL = 0.9  # of the size beside it: raised and lowered signs are smaller
_ADJACENT = 0.35  # ems between a word and its raised sign


@dataclass(frozen=True, slots=True)
class Word:
    """Characters that stand together, of one size and baseline."""

    glyphs: tuple[Glyph, ...]
    raised: bool = False

    @property
    def left(self) -> float:
        """Of its first character."""
        return self.glyphs[0].left

    @property
    def right(self) -> float:
        """Of its last character."""
        return self.glyphs[-1].right

    @property
    def baseline(self) -> float:
        """Of its first character."""
        return self.glyphs[0].baseline

    @property
    def size(self) -> float:
        """Of its first character, in points."""
        return self.glyphs[0].size


def words_of(glyphs: Sequence[Glyph]) -> list[Word]:
    """The words of a page, in the order in which the file draws them."""
    words: list[Word] = []
    start = 0
    for i in range(1, len(glyphs) + 1):
        if i == len(glyphs) or _parts(glyphs[i - 1], glyphs[i]):
            words.append(Word(tuple(glyphs[start:i])))
            start = i
    return [word for word in words if word.right > word.left]


def _parts(a: Glyph, b: Glyph) -> bool:
    """Whether a word ends between two glyphs."""
    gap = b.left - a.right
    off = abs(b.baseline - a.baseline) > 0.05 * a.size or abs(b.size - a.size) > 0.05 * a.size
    return b.spaced or off or gap > SPACE * a.size or gap < -0.5 * a.size


def rows_of(words: Sequence[Word]) -> list[list[Word]]:
    """Words of one baseline, from the top; raised and lowered ones with those beside which they stand."""
    rows: list[list[Word]] = []
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
                host.append(Word(word.glyphs, word.baseline > host[0].baseline))
    return [row for row in rows if row]


def _is_beside(word: Word, row: Sequence[Word]) -> bool:
    """Whether a small word is a raised or lowered sign at a word of a row."""
    for host in row:
        rise = (word.baseline - host.baseline) / host.size
        shifted = 0.12 < rise < 0.7 or -0.4 < rise < -0.05
        gap = max(word.left - host.right, host.left - word.right)
        if word.size < _SMALL * host.size and shifted and gap < _ADJACENT * host.size:
            return True
    return False


def gap(a: Word, b: Word) -> float:
    """The white between two words of a row, in ems."""
    return (b.left - a.right) / max(a.size, b.size)
