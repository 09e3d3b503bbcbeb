"""A concordance as plain text: keywords in context, the term in one column, and where it lies as a line of blocks.

Widths are those of a terminal's cells, in which a wide character takes two and a combining one none. Nothing here is
made safe for a terminal.
"""

from collections.abc import Iterator, Sequence

from rich.cells import cell_len, set_cell_size

from qa.concordance import Line, Usage
from ui.words import grouped, spaced, spot

BLOCKS = "·▁▂▃▄▅▆▇█"
LEAST_CONTEXT = 12
"""Cells on either side of a term at least; in a terminal too narrow for them lines wrap."""


def sparkline(usage: Usage) -> str:
    """Where in the text a term lies: forty parts of it, a dot where it does not occur."""
    counts = grouped(usage.dispersion.parts, 40)
    most = max(*counts, 1)
    return "".join(BLOCKS[-(-count * (len(BLOCKS) - 1) // most)] for count in counts)


def aligned(lines: Sequence[Line], width: int | None) -> Iterator[str]:
    """Each line with its place after it; cut to so many cells, or whole where there is no width."""
    terms = [spaced(line.citation.quote) for line in lines]
    lefts, rights = [spaced(line.left.text) for line in lines], [spaced(line.right.text) for line in lines]
    spots = [f"  {spot(line.citation)} [{line.citation.start}–{line.citation.end}]" for line in lines]
    longest, before, after = _widest(terms), _widest(lefts), _widest(rights)
    if width is not None:
        room = max((width - longest - _widest(spots)) // 2, LEAST_CONTEXT)
        before, after = min(before, room), min(after, room)
    for left, term, right, where in zip(lefts, terms, rights, spots, strict=True):
        yield _ending(left, before) + set_cell_size(term + set_cell_size(right, after), longest + after) + where


def _widest(texts: Sequence[str]) -> int:
    return max(map(cell_len, texts), default=0)


def _ending(text: str, cells: int) -> str:
    """The end of a text, in so many cells."""
    while cell_len(text) > cells:
        text = text[1:]
    return " " * (cells - cell_len(text)) + text
