"""What the first lines of a text say about it: its title and its author. Reads no format's own details."""

import re

from index.headings import byline, opens_a_part
from index.structure import Structure
from index.types import BlockKind

_NUMERAL = re.compile(r"[IVXLCDM]+[.:,]?")
_SMALL = frozenset(
    ["a", "an", "and", "as", "at", "but", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with"]
)
"""English words that a title in mixed case begins with a small letter."""


def title(parts: Structure) -> str | None:
    """The one heading of the highest level, where the text opens with it."""
    first = parts.blocks[0] if parts.blocks else None
    highest = {parts.text[b.start : b.end] for b in parts.blocks if b.level == 1}
    if first is None or first.level != 1 or len({text.casefold() for text in highest}) != 1:
        return None
    words = parts.text[first.start : first.end]
    return None if opens_a_part(words) else _lowered(words)


def author(parts: Structure) -> str | None:
    """Who is named in a line "by NAME" under the title."""
    for above, block in zip(parts.blocks[:3], parts.blocks[1:4], strict=False):
        if above.kind is BlockKind.HEADING and block.kind is BlockKind.CAPTION:
            return byline(parts.text[block.start : block.end])
    return None


def _lowered(title: str) -> str:
    """A title set in capitals, as it is written in a list of books; the text itself keeps its capitals."""
    if not title.isupper():
        return title
    words = [word if _NUMERAL.fullmatch(word) else word.capitalize() for word in title.split(" ")]
    return " ".join(word.lower() if i and word.lower() in _SMALL else word for i, word in enumerate(words))
