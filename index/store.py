"""The library's SQLite file: documents, their parts and passages, and what made them.

A transaction here is the commit point of every change. Vectors and word indexes are `index.segment`'s.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from index.types import (
    Block,
    BlockKind,
    Document,
    Marker,
    ParallaxError,
    Passage,
    Sentence,
    SourceLine,
)

FORMAT = 1
"""Raised with every change of the tables."""

_TABLES = """
CREATE TABLE manifest (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE documents (
    id TEXT PRIMARY KEY, title TEXT NOT NULL, author TEXT, year INTEGER, label TEXT NOT NULL,
    source TEXT NOT NULL, path TEXT NOT NULL, source_sha256 TEXT NOT NULL, sha256 TEXT NOT NULL,
    text TEXT NOT NULL, words INTEGER NOT NULL, segment TEXT NOT NULL, added TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
    position INTEGER NOT NULL
) STRICT;
CREATE TABLE blocks (
    document TEXT NOT NULL REFERENCES documents ON DELETE CASCADE, row INTEGER NOT NULL,
    kind TEXT NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL, number INTEGER, level INTEGER,
    PRIMARY KEY (document, row)
) STRICT, WITHOUT ROWID;
CREATE TABLE markers (
    document TEXT NOT NULL REFERENCES documents ON DELETE CASCADE, row INTEGER NOT NULL,
    position INTEGER NOT NULL, number INTEGER NOT NULL, note INTEGER,
    PRIMARY KEY (document, row)
) STRICT, WITHOUT ROWID;
CREATE TABLE lines (
    document TEXT NOT NULL REFERENCES documents ON DELETE CASCADE, row INTEGER NOT NULL,
    start INTEGER NOT NULL, line INTEGER NOT NULL, page INTEGER,
    PRIMARY KEY (document, row)
) STRICT, WITHOUT ROWID;
CREATE TABLE sentences (
    document TEXT NOT NULL REFERENCES documents ON DELETE CASCADE, row INTEGER NOT NULL,
    passage INTEGER NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL,
    PRIMARY KEY (document, row)
) STRICT, WITHOUT ROWID;
"""


_IDENTITY = ("id", "title", "author", "year", "label", "source", "source_sha256", "sha256", "text")
"""The columns that are fields of a Document."""


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


class Store:
    """One SQLite file. Every call opens a connection of its own, so threads and processes share it freely."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def create(self, manifest: Mapping[str, str]) -> None:
        """Make the tables, unless they are there. `manifest` says what makes this library."""
        with self._transaction("rwc") as db:
            if db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                return
            for statement in _TABLES.split(";"):
                db.execute(statement)
            rows = {"format": str(FORMAT), **manifest}
            db.executemany("INSERT INTO manifest VALUES (?, ?)", rows.items())

    def manifest(self) -> dict[str, str]:
        """What made this library."""
        with self._connection() as db:
            return dict(db.execute("SELECT key, value FROM manifest"))

    def entries(self) -> tuple[Entry, ...]:
        """All documents, in the order in which they were first added."""
        with self._connection() as db:
            rows = db.execute(
                "SELECT id, title, author, year, label, source, path, source_sha256, sha256, words,"
                " (SELECT count(DISTINCT passage) FROM sentences WHERE document = id), segment"
                " FROM documents ORDER BY position"
            ).fetchall()
        return tuple(Entry(*row) for row in rows)

    def document(self, identifier: str) -> Document:
        """One whole document. Raises StoreError when it is unknown or its text is not what was added."""
        with self._connection() as db:
            query = f"SELECT {', '.join(_IDENTITY)} FROM documents WHERE id = ?"
            row: tuple[Any, ...] | None = db.execute(query, [identifier]).fetchone()
            if row is None:
                raise StoreError(f"There is no document “{identifier}” in {self.file.parent}.")
            blocks = db.execute(
                'SELECT kind, start, "end", number, level FROM blocks WHERE document = ? ORDER BY row', [identifier]
            )
            markers = db.execute(
                "SELECT position, number, note FROM markers WHERE document = ? ORDER BY row", [identifier]
            )
            lines = db.execute("SELECT start, line, page FROM lines WHERE document = ? ORDER BY row", [identifier])
            document = Document(
                **dict(zip(_IDENTITY, row, strict=True)),
                blocks=tuple(Block(BlockKind(kind), *rest) for kind, *rest in blocks),
                markers=tuple(Marker(*marker) for marker in markers),
                lines=tuple(SourceLine(*line) for line in lines),
            )
        if sha256(document.text.encode()).hexdigest() != document.sha256:
            raise StoreError(f"The text of “{identifier}” in {self.file} is damaged; remove it and add its file again.")
        return document

    def passages(self, identifier: str) -> tuple[Passage, ...]:
        """The passages of one document, in order."""
        with self._connection() as db:
            rows = db.execute(
                'SELECT passage, start, "end" FROM sentences WHERE document = ? ORDER BY row', [identifier]
            )
            grouped: list[list[Sentence]] = []
            for passage, start, end in rows:
                if passage == len(grouped):
                    grouped.append([])
                grouped[passage].append(Sentence(start, end))
        return tuple(Passage(group[0].start, group[-1].end, tuple(group)) for group in grouped)

    def put(self, document: Document, passages: tuple[Passage, ...], *, path: str, words: int, segment: str) -> None:
        """Add a document, or replace the one of the same id, in one transaction."""
        with self._transaction() as db:
            place = db.execute(
                "SELECT coalesce((SELECT position FROM documents WHERE id = ?), max(position) + 1, 0) FROM documents",
                [document.id],
            ).fetchone()[0]
            db.execute("DELETE FROM documents WHERE id = ?", [document.id])
            db.execute(
                "INSERT INTO documents (id, title, author, year, label, source, path, source_sha256, sha256, text,"
                " words, segment, position) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [document.id, document.title, document.author, document.year, document.label, document.source,
                 path, document.source_sha256, document.sha256, document.text, words, segment, place],
            )  # fmt: skip
            _insert_parts(db, document, passages)

    def rename(self, document: Document) -> None:
        """Give a document the details of this one; its text stays."""
        with self._transaction() as db:
            db.execute(
                "UPDATE documents SET title = ?, author = ?, year = ?, label = ? WHERE id = ?",
                [document.title, document.author, document.year, document.label, document.id],
            )

    def remove(self, identifier: str) -> None:
        """Take a document out, with all its parts."""
        with self._transaction() as db:
            db.execute("DELETE FROM documents WHERE id = ?", [identifier])

    @contextmanager
    def _connection(self, mode: str = "ro") -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(f"{self.file.resolve().as_uri()}?mode={mode}", uri=True)) as db:
                db.execute("PRAGMA foreign_keys = ON")
                yield db
        except sqlite3.Error as error:
            raise StoreError(f"The library file {self.file} cannot be used: {error}.") from error

    @contextmanager
    def _transaction(self, mode: str = "rw") -> Iterator[sqlite3.Connection]:
        with self._connection(mode) as db:
            db.isolation_level = None
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
            except BaseException:
                db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")


def _insert_parts(db: sqlite3.Connection, document: Document, passages: tuple[Passage, ...]) -> None:
    def insert(table: str, rows: Iterator[tuple[object, ...]], columns: int) -> None:
        marks = ", ".join("?" * (columns + 2))
        numbered = ((document.id, number, *row) for number, row in enumerate(rows))
        db.executemany(f"INSERT INTO {table} VALUES ({marks})", numbered)

    insert("blocks", ((b.kind, b.start, b.end, b.number, b.level) for b in document.blocks), 5)
    insert("markers", ((m.position, m.number, m.note) for m in document.markers), 3)
    insert("lines", ((line.start, line.line, line.page) for line in document.lines), 3)
    sentences = ((n, s.start, s.end) for n, passage in enumerate(passages) for s in passage.sentences)
    insert("sentences", sentences, 3)
