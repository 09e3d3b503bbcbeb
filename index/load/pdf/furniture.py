"""Running heads, feet and page numbers: which lines they are, and what each page is called.

A line is furniture by returning at the same height on other pages, digits apart. Reads no text for its sense.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.load.pdf.page import PageLine

_ROWS = 3  # at the head and at the foot of a page
_LEVEL = 4.0  # points that a head's height varies
_STRICT = 1.5  # points, where the height alone tells
_APART = 1.5  # ems between a head and the text
_NUMBER = re.compile(r"\d+")
_ROMAN = re.compile(r"(?=[ivxlc])(?:c{0,3})(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})", re.I)
_EDGE_TOKEN = re.compile(r"^\W*(\w+)|(\w+)\W*$")
_VALUES = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}


@dataclass(frozen=True, slots=True)
class _Edge:
    """A line near the head or the foot of a page."""

    line: PageLine
    head: bool
    height: float
    """From the page's upper or lower edge, in points."""
    row: int
    """Counted from the edge."""
    apart: float
    """White space between its baseline and that of the row inside it, in points."""

    @property
    def pattern(self) -> tuple[bool, str]:
        words = ("#" if _ROMAN.fullmatch(word) else word for word in self.line.text.casefold().split())
        return self.head, _NUMBER.sub("#", " ".join(words))


def furniture(pages: Sequence[Sequence[PageLine]], heights: Sequence[float]) -> set[int]:
    """Numbers of the lines that are running heads, feet and page numbers. `heights`: of the pages, in points."""
    edges = [edge for lines, height in zip(pages, heights, strict=True) for edge in _edges(lines, height)]
    filled = sum(bool(lines) for lines in pages)
    found = {edge.line.number for group in _alike(edges) for edge in _returning(group, filled)}
    known = [edge for edge in edges if edge.line.number in found]
    for edge in edges:
        outer = edge.row == 0 and edge.apart > _APART * edge.line.size
        if outer and len({o.line.sheet for o in known if _is_level(edge, o)}) >= max(2, filled / 2):
            found.add(edge.line.number)  # a head that only this chapter has
    return _outermost(edges, found)


def _outermost(edges: Sequence[_Edge], found: set[int]) -> set[int]:
    """Those of the lines found that no other line parts from the edge of the page."""
    first: dict[tuple[int, bool], int] = {}
    for edge in edges:
        if edge.line.number not in found:
            side = edge.line.sheet, edge.head
            first[side] = min(edge.row, first.get(side, edge.row))
    outside = (edge for edge in edges if edge.row < first.get((edge.line.sheet, edge.head), _ROWS))
    return {edge.line.number for edge in outside if edge.line.number in found}


def _is_level(a: _Edge, b: _Edge) -> bool:
    alike = a.head is b.head and abs(a.line.size - b.line.size) < 0.3
    return alike and abs(a.height - b.height) < _STRICT


def _edges(lines: Sequence[PageLine], height: float) -> Iterator[_Edge]:
    rows: list[float] = []
    for line in sorted(lines, key=lambda line: -line.baseline):
        if not rows or rows[-1] - line.baseline > 2:
            rows.append(line.baseline)
    for line in lines:
        above = sum(row - line.baseline > 2 for row in rows)
        below = len(rows) - 1 - above
        if above < _ROWS and above <= below:
            yield _Edge(line, True, height - line.baseline, above, rows[above] - rows[above + 1] if below else height)
        elif below < _ROWS:
            yield _Edge(line, False, line.baseline, below, rows[above - 1] - rows[above] if above else height)


def _alike(edges: Sequence[_Edge]) -> list[list[_Edge]]:
    groups: dict[tuple[bool, str], list[_Edge]] = defaultdict(list)
    for edge in edges:
        groups[edge.pattern].append(edge)
    return list(groups.values())


def _returning(group: Sequence[_Edge], filled: int) -> Iterator[_Edge]:
    """Those of some lines that say the same which stand at the height of enough others."""
    numbers_only = not any(char.isalpha() for char in group[0].pattern[1])
    for edge in group:
        level = [other for other in group if abs(other.height - edge.height) <= _LEVEL]
        if numbers_only:
            level = [other for other in level if _counts_with(edge.line, other.line)]
        pages = len({other.line.sheet for other in level})
        if pages >= 3 or (pages == 2 and filled <= 4):
            yield edge


def _counts_with(a: PageLine, b: PageLine) -> bool:
    """Whether the numbers of two lines rise with their pages, or say the same."""
    if a.text == b.text and not _offsets(a):
        return True
    return bool(_offsets(a) & _offsets(b))


def _offsets(line: PageLine) -> set[tuple[bool, int]]:
    """What the numbers at a line's ends are ahead of its page, and whether they are Roman."""
    found: set[tuple[bool, int]] = set()
    for match in _EDGE_TOKEN.finditer(line.text):
        token = match[1] or match[2]
        if token.isdecimal() and len(token) <= 4:
            found.add((False, int(token) - line.sheet))
        elif _ROMAN.fullmatch(token):
            found.add((True, _value(token.lower()) - line.sheet))
    return found


def page_names(lines: Sequence[PageLine], labels: Sequence[str]) -> list[str]:
    """What each page is called: as printed in its furniture, else as the file labels it, else counted from 1.

    `lines`: the furniture. Pages without a number are counted on from their neighbours.
    """
    printed = _printed(lines, len(labels))
    agree = [label == printed[sheet] for sheet, label in enumerate(labels) if sheet in printed]
    if all(labels) and sum(agree) * 2 >= len(agree) and (printed or len(set(labels)) == len(labels)):
        return list(labels)
    if not printed:
        return [str(sheet + 1) for sheet in range(len(labels))]
    return [printed.get(sheet, "") for sheet in range(len(labels))]


def _printed(lines: Sequence[PageLine], count: int) -> dict[int, str]:
    votes = Counter(offset for line in lines for offset in _offsets(line))
    chosen: dict[int, tuple[bool, int]] = {}
    for line in lines:
        for offset in _offsets(line):
            rivals = votes[chosen[line.sheet]] if line.sheet in chosen else 1
            if votes[offset] > rivals:
                chosen[line.sheet] = offset
    names: dict[int, str] = {}
    for sheet in range(count):
        before = max((known for known in chosen if known <= sheet), default=None)
        after = min((known for known in chosen if known >= sheet), default=None)
        for known in (after, before):
            if known is not None and chosen[known][1] + sheet >= 1:
                roman, ahead = chosen[known]
                names[sheet] = _numeral(ahead + sheet) if roman else str(ahead + sheet)
                break
    return names


def _value(roman: str) -> int:
    values = [_VALUES[letter] for letter in roman]
    return sum(-a if a < b else a for a, b in zip(values, [*values[1:], 0], strict=True))


def _numeral(value: int) -> str:
    parts = ((100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))
    numeral = ""
    for worth, letters in parts:
        numeral += letters * (value // worth)
        value %= worth
    return numeral
