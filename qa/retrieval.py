"""What is found in each document for a question, and read by the reader, before anything is decided."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from index.library import Library
from index.segment import Query
from index.store import Entry
from qa.answer import Read, signals
from qa.read import Candidate, Reader
from qa.readers import NONE
from qa.rules import rule

CANDIDATES = 12
"""So many passages of each document are ranked at most."""
READ = 12
"""So many passages are read with the reader for a question, shared among the documents that are read. Twice as many
answered no better on the development questions (`docs/reader.md`) and took twice as long."""
FEWEST = 2
"""So many passages of a document are read at least; where the documents are too many for that, the searches choose."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with what was found and read for it."""

    question: str
    follows: tuple[str, ...]
    """The earlier questions that it was read together with."""
    documents: tuple[tuple[Entry, Read], ...]
    seconds: Mapping[str, float]
    """How long searching and reading took."""


def candidates(library: Library, entry: Entry, query: Query) -> list[Candidate]:
    """The passages of a document that the searches put first, each with what they know of its sentences."""
    document, passages = library.document(entry), library.passages(entry)
    hits = library.search(entry, query, CANDIDATES)
    evidence = library.evidence(entry, query, [hit.passage for hit in hits])
    return [
        Candidate(hit, passage, tuple(document.text[s.start : s.end] for s in passage.sentences), known)
        for hit, known in zip(hits, evidence, strict=True)
        for passage in [passages[hit.passage]]
    ]


def read_each(text: str, found: Sequence[Sequence[Candidate]], reader: Reader | None, encoder_name: str) -> list[Read]:
    """The candidates of each document as the reader read them; of many documents those that likeliest answer.

    Each document is read by itself: a model in int8 scales its states by all that it reads at once, so that a
    document's scores would change with what else is asked.
    """
    if reader is None:
        return [Read(text, passages, ()) for passages in found]
    sureness = rule(NONE, encoder_name).calibration.confidence
    likeliest = sorted(range(len(found)), key=lambda i: -sureness(signals(found[i], ())))[: READ // FEWEST]
    each = min(READ // len(likeliest), CANDIDATES)
    return [
        Read(text, passages[:each], reader.read(text, passages[:each])) if i in likeliest else Read(text, passages, ())
        for i, passages in enumerate(found)
    ]
