"""The library's SQLite file: documents, their parts and passages, and what made them.

A transaction here is the commit point of every change. Vectors and word indexes are `index.segment`'s.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from hashlib import sha256
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from index.split import count_words
from index.tables import FORMAT, TABLES, UPGRADES
from index.types import (
    Block,
    BlockKind,
    Collection,
    Colour,
    Details,
    Document,
    Marker,
    ParallaxError,
    Passage,
    Sentence,
    SourceLine,
)

_PATIENCE = 60.0
"""Seconds to wait for another process that is in the middle of a commit."""


class StoreError(ParallaxError):
    """The library's file cannot be read or written."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One document as the list of documents holds it, without its text."""

    id: str
    title: str
    author: str | None
    year: int | None
    label: str
    source: str
    path: str
    source_sha256: str
    sha256: str
    words: int
    passages: int
    segment: str
    """Name of the folder with its vectors and word indexes; a new one for every version of a document."""
    notice: str = ""
    """As `Document.notice`."""
    language: str = "en"
    """As `Document.language`."""
    publisher: str | None = None
    colour: Colour | None = None
    added: str = ""
    """When this version was added, in UTC: "2026-11-22 08:15:00"."""
    pages: int = 0
    """So many pages of the source hold its words; 0 where the source tells no pages."""
    notes: int = 0


DETAILS = tuple(name for name in Details.__slots__ if name != "id")
"""The columns that are details of a document, which may change while its text stays."""
_LISTED = tuple(field.name for field in fields(Entry))
"""The columns that are fields of an Entry."""
_IDENTITY = (*(name for name in _LISTED if name in Document.__dataclass_fields__), "text")
"""The columns that are fields of a Document."""


def entry_of(document: Document, passages: Sequence[Passage], *, path: str, segment: str) -> Entry:
    """A document as it is listed once it is added now."""
    shared = {name: getattr(document, name) for name in _IDENTITY if name != "text"}
    return Entry(
        **shared,
        path=path,
        words=count_words(document.text),
        passages=len(passages),
        segment=segment,
        added=datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S"),
        pages=len({line.page for line in document.lines} - {None}),
        notes=sum(block.kind is BlockKind.FOOTNOTE for block in document.blocks),
    )


def listed(columns: Mapping[str, Any]) -> Entry:
    """A document as it is listed, from what is kept of it by name."""
    return Entry(**dict(columns) | {"colour": _colour(columns.get("colour"))})


class Store:
    """One SQLite file. Every call opens a connection of its own, so threads and processes share it freely."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def create(self, manifest: Mapping[str, str]) -> None:
        """Make the tables, unless they are there. `manifest` says what makes this library."""
        with self._transaction("rwc") as db:
            if db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                return
            for statement in TABLES.split(";"):
                db.execute(statement)
            rows = {"format": str(FORMAT), **manifest}
            db.executemany("INSERT INTO manifest VALUES (?, ?)", rows.items())

    def manifest(self) -> dict[str, str]:
        """What made this library; nothing where it was never wholly made."""
        with self._connection() as db:
            if not db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                return {}
            return dict(db.execute("SELECT key, value FROM manifest"))

    def upgrade(self) -> None:
        """Bring the tables of an older format to this one, in one transaction, unless another process just did."""
        with self._transaction() as db:
            (found,) = db.execute("SELECT value FROM manifest WHERE key = 'format'").fetchone()
            for script in UPGRADES.get(found, ()):
                for statement in script.split(";"):
                    db.execute(statement)

    def entries(self) -> tuple[Entry, ...]:
        """All documents, in the order in which they were first added; none where the file was never wholly made."""
        with self._connection() as db:
            if not db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                return ()
            rows = db.execute(f"SELECT {', '.join(_LISTED)} FROM documents ORDER BY position").fetchall()
        return tuple(listed(dict(zip(_LISTED, row, strict=True))) for row in rows)

    def collections(self) -> tuple[Collection, ...]:
        """The named collections, by name; none where the file was never wholly made."""
        with self._connection() as db:
            if not db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                return ()
            rows = db.execute(
                "SELECT name, document FROM collections JOIN documents ON id = document ORDER BY name, position"
            ).fetchall()
        return tuple(Collection(name, tuple(row[1] for row in group)) for name, group in groupby(rows, itemgetter(0)))

    def collect(self, name: str, documents: Sequence[str]) -> None:
        """Let a collection hold these documents and no others; without any it is gone."""
        with self._transaction() as db:
            db.execute("DELETE FROM collections WHERE name = ?", [name])
            db.executemany("INSERT INTO collections VALUES (?, ?)", [(name, document) for document in documents])

    def read(self, entry: Entry) -> tuple[Document, tuple[Passage, ...]]:
        """One whole document with its passages in order, both of the entry's version.

        Raises StoreError when the library holds that version no more, or its text is not what was added.
        """
        with self._connection() as db:
            db.execute("BEGIN")  # one view of all tables
            query = f"SELECT {', '.join(_IDENTITY)} FROM documents WHERE id = ? AND segment = ?"
            row: tuple[Any, ...] | None = db.execute(query, [entry.id, entry.segment]).fetchone()
            if row is None:
                raise StoreError(f"The document “{entry.id}” was replaced or removed in the meantime; try again.")
            identity = dict(zip(_IDENTITY, row, strict=True))
            document = Document(
                **identity | {"colour": _colour(identity["colour"])},
                blocks=tuple(
                    Block(BlockKind(kind), *rest)
                    for kind, *rest in _parts(db, 'kind, start, "end", number, level FROM blocks', entry)
                ),
                markers=tuple(Marker(*row) for row in _parts(db, "position, number, note FROM markers", entry)),
                lines=tuple(SourceLine(*row) for row in _parts(db, "start, line, page FROM lines", entry)),
            )
            sentences = _parts(db, 'passage, start, "end" FROM sentences', entry).fetchall()
        if sha256(document.text.encode()).hexdigest() != document.sha256:
            raise StoreError(f"The text of “{entry.id}” in {self.file} is damaged; add its file again.")
        return document, _grouped(sentences)

    def put(self, document: Document, passages: Sequence[Passage], *, path: str, segment: str) -> None:
        """Add a document, or replace the one of the same id, in one transaction."""
        with self._transaction() as db:
            place = db.execute(
                "SELECT coalesce((SELECT position FROM documents WHERE id = ?), max(position) + 1, 0) FROM documents",
                [document.id],
            ).fetchone()[0]
            collections = db.execute(
                "SELECT name, document FROM collections WHERE document = ?", [document.id]
            ).fetchall()
            db.execute("DELETE FROM documents WHERE id = ?", [document.id])
            entry = entry_of(document, passages, path=path, segment=segment)
            kept = {name: getattr(entry, name) for name in _LISTED} | {"text": document.text, "position": place}
            marks = ", ".join("?" * len(kept))
            db.execute(f"INSERT INTO documents ({', '.join(kept)}) VALUES ({marks})", [*kept.values()])
            db.executemany("INSERT INTO collections VALUES (?, ?)", collections)
            _insert_parts(db, document, passages)

    def rename(self, document: Document) -> None:
        """Give a document the details of this one; its text stays."""
        with self._transaction() as db:
            columns = ", ".join(f"{name} = ?" for name in DETAILS)
            changed = [getattr(document, name) for name in DETAILS]
            db.execute(f"UPDATE documents SET {columns} WHERE id = ?", [*changed, document.id])

    def remove(self, identifier: str) -> None:
        """Take a document out, with all its parts."""
        with self._transaction() as db:
            db.execute("DELETE FROM documents WHERE id = ?", [identifier])

    @contextmanager
    def _connection(self, mode: str = "rw") -> Iterator[sqlite3.Connection]:
        """`rw` also for reading: what a kill in mid-commit left behind is undone by who reads next. SQLite
        itself turns to reading alone where the file system allows no more."""
        try:
            uri = f"{self.file.resolve().as_uri()}?mode={mode}"
            with closing(sqlite3.connect(uri, uri=True, timeout=_PATIENCE)) as db:
                db.execute("PRAGMA foreign_keys = ON")
                yield db
        except sqlite3.Error as error:
            raise StoreError(f"The library file {self.file} cannot be used: {error}.") from error

    @contextmanager
    def _transaction(self, mode: str = "rw") -> Iterator[sqlite3.Connection]:
        with self._connection(mode) as db:
            db.isolation_level = None
            db.execute("PRAGMA cache_spill = OFF")  # else a long document shuts readers out before the commit
            db.execute("BEGIN IMMEDIATE")
            yield db  # an exception here closes the connection, which undoes the transaction
            db.execute("COMMIT")


def _colour(kept: str | None) -> Colour | None:
    return Colour(kept) if kept is not None else None


def _parts(db: sqlite3.Connection, columns: str, entry: Entry) -> sqlite3.Cursor:
    return db.execute(f"SELECT {columns} WHERE document = ? ORDER BY row", [entry.id])


def _grouped(sentences: Sequence[tuple[int, int, int]]) -> tuple[Passage, ...]:
    """Passages from rows of (passage, start, end)."""
    grouped = [[Sentence(start, end) for _, start, end in rows] for _, rows in groupby(sentences, itemgetter(0))]
    return tuple(Passage(group[0].start, group[-1].end, tuple(group)) for group in grouped)


def _insert_parts(db: sqlite3.Connection, document: Document, passages: Sequence[Passage]) -> None:
    def insert(table: str, rows: Iterator[tuple[object, ...]], columns: int) -> None:
        marks = ", ".join("?" * (columns + 2))
        numbered = ((document.id, number, *row) for number, row in enumerate(rows))
        db.executemany(f"INSERT INTO {table} VALUES ({marks})", numbered)

    insert("blocks", ((b.kind, b.start, b.end, b.number, b.level) for b in document.blocks), 5)
    insert("markers", ((m.position, m.number, m.note) for m in document.markers), 3)
    insert("lines", ((line.start, line.line, line.page) for line in document.lines), 3)
    sentences = ((n, s.start, s.end) for n, passage in enumerate(passages) for s in passage.sentences)
    insert("sentences", sentences, 3)
