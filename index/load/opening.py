"""What the first lines of a text say about it, its title and author; and which of a file's own details to believe."""

import re
from itertools import islice

from index.headings import byline, opens_a_part
from index.structure import Structure
from index.types import BlockKind

_NUMERAL = re.compile(r"[IVXLCDM]+[.:,]?")
_SMALL = frozenset(
    ["a", "an", "and", "as", "at", "but", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with"]
)
"""English words that a title in mixed case begins with a small letter."""

_NO_TITLE = re.compile(
    r"\.(docx?|odt|rtf|tex|dvi|indd|html?|pdf|pages)$|^(microsoft|untitled|word document|document\d*$)", re.I
)
_NO_AUTHOR = frozenset([
    "admin", "administrator", "anonymous", "author", "microsoft office user", "owner", "python-docx", "unknown", "user",
])  # fmt: skip
"""What programs write where nobody told them a name."""


def told_title(text: str) -> str | None:
    """A title from a file's properties, unless it is the name of a file or what a program puts there."""
    return text if text and _NO_TITLE.search(text) is None else None


def told_author(text: str) -> str | None:
    """An author from a file's properties, unless it is what a program puts there."""
    return text if text and text.casefold() not in _NO_AUTHOR else None


def title(parts: Structure) -> str | None:
    """The one heading of the highest level, where the text opens with it."""
    highest = {text.casefold() for text, block in zip(parts.texts, parts.blocks, strict=True) if block.level == 1}
    if len(highest) != 1 or parts.blocks[0].level != 1:
        return None
    words = next(parts.texts)
    return None if opens_a_part(words) else _lowered(words)


def author(parts: Structure) -> str | None:
    """Who is named in a line "by NAME" under the title."""
    for above, block, text in zip(parts.blocks[:3], parts.blocks[1:4], islice(parts.texts, 1, 4), strict=False):
        if above.kind is BlockKind.HEADING and block.kind is BlockKind.CAPTION:
            return byline(text)
    return None


def _lowered(title: str) -> str:
    """A title set in capitals, as it is written in a list of books; the text itself keeps its capitals."""
    if not title.isupper():
        return title
    words = [word if _NUMERAL.fullmatch(word) else word.capitalize() for word in title.split(" ")]
    return " ".join(word.lower() if i and word.lower() in _SMALL else word for i, word in enumerate(words))
