"""The records of an answer: citations, answers, perspectives and the comparison they make.

Imports nothing of the project but `index.types`. Ranges count characters of the document's canonical text. Those that
leave the program as JSON say in which version of the format (docs/json.md).
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from index.types import Colour

Format = Literal["parallax/1"]
FORMAT: Format = "parallax/1"
"""Of the JSON that programs get. Once released, a version keeps its fields; other fields are another version."""


@dataclass(frozen=True, slots=True)
class Extract:
    """A range of a document with its words."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Voice:
    """A range of a document that somebody other than its author speaks."""

    start: int
    end: int
    speaker: str | None
    """As the text names him; None where it does not."""
    work: str | None
    """Where his words stand, where the text says so."""
    label: tuple[int, int] | None = None
    """The range of the label before it that gives it to the speaker, as in a play or an interview."""


@dataclass(frozen=True, slots=True)
class Citation:
    """A quoted range of one document with everything needed to find and check it again."""

    document: str
    sha256: str
    """SHA-256 of the document's canonical text in UTF-8."""
    start: int
    end: int
    quote: str
    prefix: str
    """Up to 32 characters before the quotation (W3C TextQuoteSelector)."""
    suffix: str
    """Up to 32 characters after it."""
    section: tuple[str, ...]
    """The headings above it, the highest first."""
    paragraph: int | None
    """Number of its paragraph in the document, from 1; None outside paragraphs."""
    note: int | None
    """Number of the footnote it stands in; None outside footnotes."""
    page: str | None
    """Page as printed, where the source tells it."""
    lines: tuple[int, int] | None
    """First and last line in the source file, from 1; None where its format has no lines."""
    passage: Extract
    """The passage around it, which holds the whole quotation."""
    voices: tuple[Voice, ...] = ()
    """Others than the author who speak in it, each with its whole range; a nested one follows the one that holds it."""
    quoted: float = 0.0
    """How much of it others speak, between 0 and 1; a label that names who speaks it counts with his words."""


@dataclass(frozen=True, slots=True)
class Counterpart:
    """Two places, in two documents, that speak to the same point."""

    here: Extract
    """The sentence of the document that is read."""
    there: Citation
    """The sentence of the other document."""
    score: float
    """How alike the passages around the two are: the cosine of their vectors and that of their words' BM25, added."""


@dataclass(frozen=True, slots=True)
class Signals:
    """What a confidence is made of."""

    similarity: float
    """Cosine of the question with the sentence nearest to it."""
    coverage: float
    """Share of the question's terms, each weighed by its rarity, that the best passage holds; between 0 and 1. Half
    where the question is in another language than the document, so that its words tell neither way."""
    reader: float = 0.0
    """The reader's log-odds that anything in the passages it read answers; 0 without a reader."""
    length: int = 1
    """Characters of the document's text: the longer it is, the nearer a question comes to something by chance."""


@dataclass(frozen=True, slots=True)
class Certainty:
    """A confidence in words, with what it meant where it was measured."""

    word: str
    """Such as "Fairly sure"."""
    right_of_ten: int | None
    """Of ten answers with a confidence like this, how many were right; None: not measured for this encoder."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The sentences with which one document answers."""

    citations: tuple[Citation, ...]
    """Best first, at least one. The first is the answer; the others are further places in the document.
    Each is one to three neighbouring sentences (a list counts as one) of at most 80 words together."""
    certainty: Certainty


@dataclass(frozen=True, slots=True)
class Source:
    """A document as an answer or a list names it."""

    id: str
    title: str
    author: str | None
    year: int | None
    label: str
    sha256: str
    file: str
    words: int
    passages: int
    notice: str = ""
    """What its file holds and its text does not, in one sentence; empty where nothing."""
    language: str = "en"
    """The primary subtag of its BCP 47 tag: by whose rules it is cut into sentences and its words are indexed."""
    language_name: str = "English"
    language_notice: str = ""
    """That the model does not know its language, or does not say so, in one sentence; empty where it knows it."""
    publisher: str | None = None
    colour: Colour | None = None
    """None: by its position in the library."""
    pages: int = 0
    """So many pages of its file hold its words; 0 where the file tells no pages."""
    notes: int = 0
    added: str = ""
    """When this version of it was added, in UTC: "2026-11-22 08:15:00"."""


@dataclass(frozen=True, slots=True)
class Perspective:
    """What one document has to say to a question: an answer, or silence with its nearest passages."""

    source: Source
    confidence: float
    """Between 0 and 1: how sure it is that this document answers the question."""
    signals: Signals
    answer: Answer | None
    """None: nothing in this document answers the question."""
    nearest: tuple[Citation, ...]
    """When silent, the places that come nearest, best first; otherwise empty."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The perspectives on one question, side by side, in the order asked, else in that of the library."""

    format: Format = field(default=FORMAT, kw_only=True)
    question: str
    follows: tuple[str, ...]
    """The earlier questions that this one was read together with; empty when it stands by itself."""
    perspectives: tuple[Perspective, ...]
    seconds: float
    """From the question to the answer, on the machine that answered."""
    notice: str = ""
    """What the reader of the answers should know, a sentence each; empty when all is as it should be."""
    own: bool = False
    """Only what each author says in his own words was let answer."""
    beside: Citation | None = None
    """The words of another document that the question is made of; None where somebody asked."""
    ranking: tuple[str, ...] = ()
    """The ids of the documents by how much the question is about them, most first, as the searches find."""


class Likeness(StrEnum):
    """How the words of a place stand to those of a quotation."""

    EXACT = "exact"
    """The same words in the same order; case, punctuation and note numbers aside."""
    NEAR = "near"
    """Other words here and there, or other letters."""
    JOINED = "joined"
    """Parts of the text in their order, what stands between them left out."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A run of words of a quotation beside the words that stand in the document."""

    asked: str
    """Empty where the document has words that the quotation leaves out."""
    found: str
    """Empty where the document has none of these words."""
    same: bool


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A place where a quotation stands."""

    document: str
    start: int
    end: int
    quote: str
    """The words of the document from the first part to the last, with what a joined quotation leaves out."""
    kind: Likeness
    score: float
    """How like the words are, letter by letter, of 100."""
    parts: tuple[Citation, ...]
    """One, or in order those of a joined quotation."""
    differences: tuple[Difference, ...]
    """The whole quotation in runs, beside what is there; empty for an exact one."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Where a quotation stands in the documents, best first; nowhere where there is no occurrence."""

    format: Format = field(default=FORMAT, kw_only=True)
    quotation: str
    searched: tuple[Source, ...]
    occurrences: tuple[Occurrence, ...]
    seconds: float


class Marked(StrEnum):
    """Which of two documents mark the words that they share as a quotation, as far as its marks were heard."""

    BOTH = "both"
    FIRST = "first"
    """The first alone: it may quote the second, or both may have the words from elsewhere."""
    SECOND = "second"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class Side:
    """A shared place as it stands in one of the two documents."""

    citation: Citation
    """From the first shared word to the last, with what the other document leaves out."""
    before: Extract | None
    """What the author says last before it, or before the longer quotation that holds it: a sentence or two, or the part
    of one. None where a heading or nothing stands before."""
    after: Extract | None
    """The same after it."""
    parts: tuple[Extract, ...]
    """What both documents have, as many in each; one where nothing is left out."""
    left_out: tuple[Extract, ...]
    """What stands here between the parts, and in the other document not."""


@dataclass(frozen=True, slots=True)
class Shared:
    """A place where two documents say the same words."""

    first: Side
    second: Side
    words: int
    """How many words are the same."""
    marked: Marked
    differences: tuple[Difference, ...]
    """The parts in runs: the words of the first as asked, of the second as found. Empty where all are the same."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a citation does not hold."""

    where: str
    """Its path in the record, such as "perspectives[0].answer.citations[1]"."""
    sentence: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What became of the citations of a record."""

    format: Format = field(default=FORMAT, kw_only=True)
    checked: int
    problems: tuple[Problem, ...]
