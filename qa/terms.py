"""A term in each document: how often it occurs, in which forms, where, and in what company.

Its words are matched by their stems (`qa.tokens`), so inflected forms count; nothing here knows of meaning, and a
synonym is another term. Every occurrence is counted, and only the lines that are asked for are cited.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz import fuzz, process

from index.lexical import stems
from index.types import Document, Passage
from qa.cite import around, cite
from qa.collocates import Occurring, collocates, contrast
from qa.concordance import Dispersion, Form, Line, Usage
from qa.stretch import joined, words
from qa.tokens import Numbers, Tokens
from qa.types import Extract, Source, Voice

CONTEXT = 60
"""Characters on either side of a line, less what is cut between words."""
PARTS = 200
"""Of a text, in which occurrences are counted; it parts into fifths, and into as many bars as a page has room for."""
HEADINGS = 60
"""The plot is parted at the headings of as many levels as are no more than this."""
LIKE = 75.0
"""Letters of 100 that a word must share with one that occurs nowhere, to be named in its place (rapidfuzz's ratio)."""
NAMED = 5


@dataclass(frozen=True, slots=True)
class Worded:
    """One document with its words."""

    source: Source
    document: Document
    passages: Sequence[Passage]
    voices: Sequence[Voice]
    tokens: Tokens


def usages(term: str, documents: Sequence[Worded], first: int, count: int) -> tuple[Usage, ...]:
    """How each document uses a term, with so many lines from the one numbered `first` (from 0)."""
    found = [_occurring(term, read) for read in documents]
    company = sum((here.company for here in found), Counter[str]())
    shown = slice(first, first + count)
    return tuple(
        Usage(
            source=read.source,
            count=len(here.places),
            per_10_000=round(10_000 * len(here.places) / max(len(read.tokens.starts), 1), 2),
            forms=_forms(here),
            dispersion=_dispersion(here, read.document),
            collocates=collocates(here),
            contrast=contrast(here, company - here.company),
            first=first,
            lines=tuple(_lines(read, here.places[shown], len(here.term))),
        )
        for read, here in zip(documents, found, strict=True)
    )


def nearest(term: str, documents: Sequence[Worded]) -> tuple[str, ...]:
    """Terms spelt nearly like one that occurs nowhere, which do occur: one of its words changed for another."""
    asked = [word for _, _, word in words(term)]
    known = [[stem in d.tokens.vocabulary for stem in stems(asked, d.document.language)] for d in documents]
    strange = [number for number in range(len(asked)) if not any(there[number] for there in known)]
    if len(strange) != 1:
        return ()
    word, before, after = asked[strange[0]], asked[: strange[0]], asked[strange[0] + 1 :]
    forms = sorted({form for read in documents for form in read.tokens.forms})
    near: dict[tuple[str, ...], str] = {}  # one spelling a term
    for form, _, _ in process.extract(word, forms, scorer=fuzz.ratio, limit=None, score_cutoff=LIKE):
        other = joined([*before, form, *after])
        occurs = next((here.term for here in (_occurring(other, read) for read in documents) if len(here.places)), None)
        if occurs is not None:
            near.setdefault(occurs, other)
    return tuple(near.values())[:NAMED]


def _occurring(term: str, read: Worded) -> Occurring:
    """Where a term occurs in a document, its words stemmed by the rules of the document's language."""
    stemmed = tuple(stems([word for _, _, word in words(term)], read.document.language))
    return Occurring(read.tokens, read.tokens.places(stemmed), stemmed)


def _forms(here: Occurring) -> tuple[Form, ...]:
    """The spellings in which a term occurs, the commonest first."""
    runs = here.tokens.spelt[here.places[:, None] + np.arange(len(here.term))]
    spelt, counts = np.unique(runs, axis=0, return_counts=True)
    forms = Counter[str]()
    for run, count in zip(spelt.tolist(), counts.tolist(), strict=True):
        forms[joined([here.tokens.forms[spelling] for spelling in run])] += count
    return tuple(Form(text, count) for text, count in sorted(forms.items(), key=lambda form: (-form[1], form[0])))


def _dispersion(here: Occurring, document: Document) -> Dispersion:
    length = len(document.text)
    parts = here.tokens.starts[here.places].astype(np.int64) * PARTS // max(length, 1)
    headings = tuple(_slice(document, block.start, block.end) for block in document.outline(HEADINGS))
    return Dispersion(length, tuple(np.bincount(parts, minlength=PARTS).tolist()), headings)


def _lines(read: Worded, places: Numbers, length: int) -> Iterator[Line]:
    document = read.document
    for place in places.tolist():
        start, end = int(read.tokens.starts[place]), read.tokens.end(place + length - 1)
        block = document.blocks[read.tokens.blocks[place]]
        left, right = _before(document.text, start, block.start), _after(document.text, end, block.end)
        citation = cite(document, start, end, around(read.passages, start, end), read.voices)
        yield Line(_slice(document, left, start), citation, _slice(document, end, right))


def _before(text: str, start: int, block: int) -> int:
    """Where the context before a line begins: behind the first space in reach, inside its block."""
    reach = start - CONTEXT
    if reach <= block:
        return block
    spaces = [at for at in range(reach - 1, start) if text[at].isspace()]
    if spaces:
        return spaces[0] + 1
    while reach < start and unicodedata.combining(text[reach]):
        reach += 1
    return reach


def _after(text: str, end: int, block: int) -> int:
    """Where the context after a line ends: before the last space in reach, inside its block."""
    reach = end + CONTEXT
    if reach >= block:
        return block
    spaces = [at for at in range(end, reach + 1) if text[at].isspace()]
    if spaces:
        return spaces[-1]
    while reach < block and unicodedata.combining(text[reach]):
        reach += 1
    return reach


def _slice(document: Document, start: int, end: int) -> Extract:
    return Extract(start, end, document.text[start:end])
