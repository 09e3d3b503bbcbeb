"""What is found in each document for a question, and read by the reader, before anything is decided."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from index.library import Library
from index.segment import Query
from index.store import Entry
from qa.answer import Read
from qa.checks import QuestionError
from qa.read import Candidate, Reader

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
    ranking: tuple[str, ...]
    """Their ids by how much the question is about them, most first."""


def entries_of(library: Library, documents: Sequence[str] | None) -> tuple[Entry, ...]:
    """The documents with these ids, in their order; None: all. Raises ParallaxError for an unknown id, and for none."""
    if documents is not None:
        if not documents:
            raise QuestionError("No document is asked; name at least one, or leave the list out to ask all.")
        return tuple(library.entry(identifier) for identifier in dict.fromkeys(documents))
    entries = library.entries()
    if not entries:
        raise QuestionError(f"The library at {library.folder} is empty; add a document first.")
    return entries


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


def read_each(
    text: str, found: Mapping[str, Sequence[Candidate]], reader: Reader | None, likeliest: Sequence[str]
) -> list[Read]:
    """The candidates of each document by its id as the reader read them; of many documents the likeliest, named first.

    Each document is read by itself: a model in int8 scales its states by all that it reads at once, so that a
    document's scores would change with what else is asked.
    """
    if reader is None:
        return [Read(text, passages, ()) for passages in found.values()]
    chosen = [name for name in dict.fromkeys(likeliest) if name in found][: READ // FEWEST]
    each = min(READ // len(chosen), CANDIDATES)
    return [
        Read(text, passages[:each], reader.read(text, passages[:each])) if name in chosen else Read(text, passages, ())
        for name, passages in found.items()
    ]
