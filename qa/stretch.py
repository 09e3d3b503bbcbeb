"""A range of a text as its words, to be compared whatever their case, their marks and their note numbers."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property

from index.language import UNSPACED, is_unspaced

_SUPERSCRIPT = "\u00b2\u00b3\u00b9\u2070-\u2079"
_UNSPACED = UNSPACED.pattern[1:-2]  # without its brackets and the sign for a run
_LETTER = rf"[^\W_{_SUPERSCRIPT}{_UNSPACED}]"
_TOKEN = re.compile(
    rf"(?<=[])'\"’”».,:;!?])\d{{1,3}}(?!\S)|\[\d{{1,3}}\]|[{_SUPERSCRIPT}]+"
    rf"|((?=\w)[{_UNSPACED}][\u3099\u309a]?|{_LETTER}+(?:[\u00ad\u0300-\u036f]+{_LETTER}*)*)"
)
"""A note number, which is left out, or a word: of text that does not part its words, a character."""
_PARTED = re.compile(rf"(?<=[{_UNSPACED}]) (?=[{_UNSPACED}])")


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


def joined(words: Sequence[str]) -> str:
    """Words in a row, parted by spaces where their script parts them."""
    spaced = " ".join(words)
    return _PARTED.sub("", spaced) if is_unspaced(spaced) else spaced


def between_words(text: str, offset: int) -> int:
    """The offset, moved forward out of a word."""
    while 0 < offset < len(text) and not text[offset - 1].isspace() and not UNSPACED.match(text, offset):
        offset += 1
    return offset


class Stretch:
    """The words of a range of a text in a row, with the way back to their places."""

    def __init__(self, text: str, start: int, end: int) -> None:
        self.words = words(text, start, end)
        self.folded = joined([word for _, _, word in self.words])

    @cached_property
    def starts(self) -> list[int]:
        """Where each word begins in `folded`."""
        starts, at = [], 0
        for _, _, word in self.words:
            at += self.folded.startswith(" ", at)
            starts.append(at)
            at += len(word)
        return starts

    def word_at(self, offset: int) -> int:
        """Number of the word at an offset of `folded`."""
        return max(bisect_right(self.starts, offset) - 1, 0)

    def cut(self, first: int, last: int) -> str:
        """The folded words from one to another, both included."""
        return self.folded[self.starts[first] : self.starts[last] + len(self.words[last][2])]
