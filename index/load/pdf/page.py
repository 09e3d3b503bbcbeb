"""What a PDF page holds once it is read: glyphs, and the lines that they make.

Records only. Lengths are points (1/72 inch) on the page as it is shown: x from its left edge, y from its foot.
"""

from array import array
from dataclasses import dataclass, replace
from typing import NamedTuple

RAISED_DIGITS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
"""A raised number is written with these in the text of a line."""


class Glyph(NamedTuple):
    """One character of a page at its place, in the order in which the file draws it.

    A tuple, as a book has a million of them.
    """

    char: str
    left: float
    right: float
    bottom: float
    top: float
    baseline: float
    size: float
    bold: bool
    italic: bool
    spaced: bool
    """A blank stands before it."""


@dataclass(frozen=True, slots=True)
class PageLine:
    """A line of a column. `lefts` and `rights` hold the edges of each character of `text`."""

    sheet: int
    """Page of the file, from 0."""
    number: int
    """Of all lines of the file in reading order, from 1."""
    text: str
    lefts: "array[float]"
    rights: "array[float]"
    baseline: float
    bottom: float
    top: float
    size: float
    bold: bool
    italic: bool
    column: tuple[float, float]
    """Left and right edge of the column in which it stands."""
    flow: int
    """Stretch of a column, counted through the file: lines of one flow stand below each other."""

    @property
    def left(self) -> float:
        """Where its first character begins."""
        return self.lefts[0]

    @property
    def right(self) -> float:
        """Where its last character ends."""
        return self.rights[-1]

    @property
    def indent(self) -> float:
        """Its distance from the column's left edge, in ems."""
        return (self.left - self.column[0]) / self.size

    @property
    def room(self) -> float:
        """Its distance from the column's right edge, in ems."""
        return (self.column[1] - self.right) / self.size

    def kept(self, start: int, end: int) -> "PageLine":
        """The line with only a range of its characters."""
        return replace(self, text=self.text[start:end], lefts=self.lefts[start:end], rights=self.rights[start:end])

    def without(self, start: int, end: int) -> "PageLine":
        """The line without a range of its characters."""
        text = self.text[:start] + self.text[end:]
        lefts, rights = self.lefts[:start] + self.lefts[end:], self.rights[:start] + self.rights[end:]
        return replace(self, text=text, lefts=lefts, rights=rights)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page of the file."""

    width: float
    height: float
    label: str
    """As the file names it; empty where it does not."""
    glyphs: tuple[Glyph, ...]
    picture: bool
    """Holds an image."""
    unreadable: int
    """Glyphs for which the file does not say which character they are."""
    sideways: int
    """Glyphs that do not run from left to right; they are not among `glyphs`."""
