"""A range of a text as its words, to be compared whatever their case, their marks and their note numbers."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property

_SUPERSCRIPT = "\u00b2\u00b3\u00b9\u2070-\u2079"
_TOKEN = re.compile(
    rf"(?<=[])'\"’”».,:;!?])\d{{1,3}}(?!\S)|\[\d{{1,3}}\]|[{_SUPERSCRIPT}]+"
    rf"|([^\W_{_SUPERSCRIPT}]+(?:[\u00ad\u0300-\u036f]+[^\W_{_SUPERSCRIPT}]*)*)"
)
"""A note number, which is left out, or a word."""


def each_word(text: str, start: int, end: int) -> Iterator[re.Match[str]]:
    """The words of a range as they are spelt: the first group of each match."""
    return (match for match in _TOKEN.finditer(text, start, end) if match[1])


def words(text: str, start: int = 0, end: int | None = None) -> list[tuple[int, int, str]]:
    """The words of a range: where each begins and ends in the text, and its letters in lower case."""
    found = each_word(text, start, len(text) if end is None else end)
    return [(match.start(), match.end(), folded(match[1])) for match in found]


def folded(word: str) -> str:
    """A word in lower case, its characters composed, without soft hyphens."""
    return word.lower() if word.isascii() else unicodedata.normalize("NFKC", word).replace("\u00ad", "").lower()


class Stretch:
    """The words of a range of a text, joined by spaces, with the way back to their places."""

    def __init__(self, text: str, start: int, end: int) -> None:
        self.words = words(text, start, end)
        self.folded = " ".join(word for _, _, word in self.words)

    @cached_property
    def starts(self) -> list[int]:
        """Where each word begins in `folded`."""
        starts, at = [], 0
        for _, _, word in self.words:
            starts.append(at)
            at += len(word) + 1
        return starts

    def word_at(self, offset: int) -> int:
        """Number of the word at an offset of `folded`."""
        return max(bisect_right(self.starts, offset) - 1, 0)

    def cut(self, first: int, last: int) -> str:
        """The folded words from one to another, both included."""
        return self.folded[self.starts[first] : self.starts[last] + len(self.words[last][2])]
