"""Copying a library to another place, and back: documents, passages and vectors as they are; nothing is encoded. Words
are indexed anew: those of an older library may go by older rules.

A document that the other place has already, whole and the same, is left; so a copy that was cut short is gone on with
by asking again. Every document copied is read back and compared before the next.
"""

from collections.abc import Generator, Iterable
from pathlib import Path

import numpy as np

from index.codes import widened
from index.embed import Vectors
from index.engine import Engine
from index.engines import engine_at
from index.entry import Entry, Origin
from index.lexical import LexicalIndex
from index.manifest import LibraryError, precision_of
from index.segment import words
from index.types import Details, Progress, no_progress
from index.vectors import Chunk, Encode, Work

_MADE_BY = ("encoder", "fingerprint", "precision", "dimension", "splitter", "languages")


def migrate(source: str | Path, target: str | Path, progress: Progress) -> tuple[int, int]:
    """Copy every document and collection of one library to another; gives how many were copied, and how many there are.

    The other is made where there is none; documents that it alone has stay. Raises LibraryError where the source is
    no library, where the target was made with another model or splitter, holds another file under the id of one of the
    documents, or gives back something else than what was written.
    """
    here, there = engine_at(source), engine_at(target)
    made_by = here.manifest()
    if not made_by:
        raise LibraryError(f"There is no library at {source} to copy.")
    here.check(None, None, progress)
    _make(there, _told(here), progress)
    entries = here.entries()
    copied = 0
    with there.writing():
        known = {entry.id: entry for entry in there.entries()}
        for number, entry in enumerate(entries):
            progress("copying", number, len(entries))
            copied += _copy(here, there, entry, known.get(entry.id))
        for collection in here.collections():
            there.collect(collection.name, collection.documents)
        progress("copying", len(entries), len(entries))
    return copied, len(entries)


def _make(there: Engine, made_by: dict[str, str], progress: Progress) -> None:
    """Make the target as the source was made. Raises LibraryError where it is made otherwise."""
    if there.manifest():
        there.check(made_by["encoder"], precision_of(made_by), progress)
    else:
        there.create(made_by)
    for name, value in _told(there).items():
        if value != made_by[name]:
            raise LibraryError(
                f"The library at {there.address} was made otherwise ({name} {value[:12]}, not {made_by[name][:12]}); "
                "name another place."
            )


def _told(engine: Engine) -> dict[str, str]:
    """What made a library, as far as a copy of it must be made so, too."""
    made_by = engine.manifest()
    return {name: made_by.get(name, "") for name in _MADE_BY} | {"precision": precision_of(made_by).value}


def _copy(here: Engine, there: Engine, entry: Entry, old: Entry | None) -> bool:
    """Copy one document unless it is there; whether it was copied."""
    document = here.document(entry)
    if old is not None and old.source_sha256 != entry.source_sha256 and old.path != entry.path:
        raise LibraryError(
            f"The id “{entry.id}” belongs to {old.path} at {there.address}, and to {entry.path} at {here.address}; "
            "remove one of them, or name another place."
        )
    if old is not None and old.sha256 == entry.sha256 and _same(here, entry, there, old):
        if any(getattr(old, name) != getattr(entry, name) for name in Details.__slots__):
            there.rename(document)
        return False
    there.put(document, *_encoded(here, entry), no_progress, Origin(entry.path, entry.added))
    [new] = [written for written in there.entries() if written.id == entry.id]
    if not _same(here, entry, there, new):
        raise LibraryError(
            f"“{entry.id}” is not at {there.address} as it is at {here.address}; see that nothing else changes either "
            "library, and copy again."
        )
    return True


def _encoded(here: Engine, entry: Entry) -> tuple[Work, Encode]:
    """A document as work that is done: its vectors are those that it has, its words are indexed anew."""
    passages, segment, made_by = here.passages(entry), here.segment(entry), here.manifest()
    text = here.document(entry).text
    work = Work(text, passages, int(made_by["dimension"]), made_by["fingerprint"], entry.language)

    def encode(chunks: Iterable[Chunk]) -> Generator[tuple[Vectors, Vectors], None, None]:
        passage = sentence = 0
        for chunk in chunks:
            last = sentence + sum(len(one.spans) for one in chunk)
            passages_of = segment.passage_vectors[passage : passage + len(chunk)]
            sentences_of = segment.sentence_vectors[sentence:last]
            yield widened(passages_of, segment.dimension), widened(sentences_of, segment.dimension)
            passage, sentence = passage + len(chunk), last

    return work, encode


def _same(here: Engine, entry: Entry, there: Engine, other: Entry) -> bool:
    """Whether another place holds a document: its text, parts, passages and vectors, and the words of its text."""
    if not there.is_whole(other):
        return False
    one, two = here.document(entry), there.document(other)
    passages, segment, copied = here.passages(entry), here.segment(entry), there.segment(other)
    return (
        (one.text, one.blocks, one.markers, one.lines) == (two.text, two.blocks, two.markers, two.lines)
        and passages == there.passages(other)
        and np.array_equal(segment.passage_vectors, copied.passage_vectors)
        and np.array_equal(segment.sentence_vectors, copied.sentence_vectors)
        and list(map(_content, words(one.text, passages, entry.language)))
        == [_content(copied.passage_words), _content(copied.sentence_words)]
    )


def _content(index: LexicalIndex) -> tuple[object, ...]:
    return index.vocabulary(), index.weights()
