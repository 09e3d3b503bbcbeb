"""The records of a concordance: how each document uses a term, with every count that is shown.

A *term* is a word or a phrase; its inflected forms are the same term. Ranges count characters of the document's
canonical text. Nothing here computes.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from qa.types import FORMAT, Citation, Extract, Format, Source


@dataclass(frozen=True, slots=True)
class Form:
    """One spelling of a term, in lower case, and how often it occurs."""

    text: str
    count: int


@dataclass(frozen=True, slots=True)
class Line:
    """One occurrence with what stands around it in its paragraph: a line of a keyword-in-context concordance.

    `left`, the citation and `right` adjoin, so that together they are a slice of the text.
    """

    left: Extract
    citation: Citation
    right: Extract


@dataclass(frozen=True, slots=True)
class Dispersion:
    """Where in a text a term lies."""

    length: int
    """Characters of the text."""
    parts: tuple[int, ...]
    """How many occurrences begin in each of 200 equally long parts of the text, from its beginning to its end."""
    headings: tuple[Extract, ...]
    """Where the sections begin: the headings of as many levels, the highest first, as are no more than sixty."""


class Reference(StrEnum):
    """What the words near a term are compared with."""

    REST = "rest"
    """All other words of the same document."""
    OTHERS = "others"
    """The words near the same term in the other documents, taken together."""


@dataclass(frozen=True, slots=True)
class Collocate:
    """A word that stands near a term more often than in the reference."""

    word: str
    """Its commonest spelling in the document, in lower case; its inflected forms are counted with it."""
    near: int
    """How often it stands near the term."""
    elsewhere: int
    """How often it stands in the reference."""
    g2: float
    """Log-likelihood ratio; a single word would reach 10.83 by chance once in a thousand times."""


@dataclass(frozen=True, slots=True)
class Collocates:
    """The words that stand near a term in one document more often than in a reference."""

    reference: Reference
    near: int
    """How many words near the term were counted: those that carry meaning, without the term's own."""
    elsewhere: int
    """The same of the reference."""
    words: tuple[Collocate, ...]
    """The most telling first, at most twelve."""


@dataclass(frozen=True, slots=True)
class Usage:
    """How one document uses a term."""

    source: Source
    count: int
    """How often it occurs."""
    per_10_000: float
    """The same per 10,000 words of the document, its headings and notes among them."""
    forms: tuple[Form, ...]
    """The commonest first; their counts sum to `count`."""
    dispersion: Dispersion
    collocates: Collocates
    """The words near it more often than in the rest of this document."""
    contrast: Collocates | None
    """The words near it more often than near it in the other documents; None where it keeps company in no other."""
    first: int
    """Number of the first line shown, from 0."""
    lines: tuple[Line, ...]
    """In the order of the text, from `first` on."""


@dataclass(frozen=True, slots=True)
class Concordance:
    """A term in the documents, side by side, in the order asked, else in that of the library."""

    format: Format = field(default=FORMAT, kw_only=True)
    term: str
    usages: tuple[Usage, ...]
    near: tuple[str, ...]
    """Where it occurs nowhere: terms spelt nearly so that do occur."""
    seconds: float
