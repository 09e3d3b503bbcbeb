"""Brings a library in a folder from an older format to this one: its tables, and the search files of each document.

Vectors are rounded from the old files unless they were, words are indexed from the texts, nothing is encoded. What was
there stays beside it under the old format's number. Cut short at any moment the library is as it was, and documents
that were done need not be done again. Who may do so, and when, is `embedded`'s to know.
"""

import shutil
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from index import sealed, vectors
from index.entry import Entry
from index.segment import write_words
from index.store import Read, Store
from index.tables import FORMAT, UPGRADES
from index.types import Document, Passage, Progress


def upgrade(store: Store, segments: Path, progress: Progress) -> None:
    """Bring a library up to date, unless it is. `progress` counts documents.

    Raises OSError where that cannot be written, and StoreError.
    """
    found = store.manifest()["format"]
    if found in UPGRADES:
        kept = segments.with_name(f"{segments.name}.format-{found}")
        kept.mkdir(exist_ok=True)
        progress("upgrading", 0, 1)  # its tables are copied first

        def renew(entry: Entry, read: Read | None, done: int, documents: int) -> str:
            progress("upgrading", done, documents)
            return _renewed(segments, kept, entry, read)

        store.upgrade(renew)
        progress("upgrading", 1, 1)


def _renewed(segments: Path, kept: Path, entry: Entry, read: Read | None) -> str:
    """The segment of a document in this format. Where its files cannot be made of the old ones there are none, so that
    it is a document whose search files are missing."""
    name = sha256(f"{entry.segment} {FORMAT}".encode()).hexdigest()[:32]
    with suppress(FileNotFoundError, ValueError):
        _keep(segments / entry.segment, kept / entry.segment)
        if read is not None and not (segments / name).exists():
            _renew(segments / entry.segment, segments / name, *read)
    return name


def _keep(segment: Path, kept: Path) -> None:
    """Give a segment, which never changes, another name, unless it has it."""
    if not kept.exists():
        beside = sealed.partial(kept)
        shutil.rmtree(beside, ignore_errors=True)
        shutil.copytree(segment, beside, copy_function=sealed.link)
        beside.rename(kept)


def _renew(old: Path, new: Path, document: Document, passages: Sequence[Passage]) -> None:
    """Raises FileNotFoundError or ValueError where the old files are not whole, and OSError."""
    if (file := sealed.damaged(old)) is not None:
        raise ValueError(f"{file} is damaged")
    shutil.rmtree(sealed.partial(new), ignore_errors=True)
    with sealed.sealed(new) as beside:
        vectors.renew(old, beside)
        write_words(beside, document.text, passages, document.language)
