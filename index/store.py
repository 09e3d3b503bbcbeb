"""The library's SQLite file: documents, their parts and passages, and what made them.

A transaction here is the commit point of every change. Vectors and word indexes are `index.segment`'s.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby
from operator import itemgetter
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

FORMAT = 2
"""Raised with every change of the tables."""

_TABLES = """
CREATE TABLE manifest (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE documents (
    id TEXT PRIMARY KEY, title TEXT NOT NULL, author TEXT, year INTEGER, label TEXT NOT NULL,
    source TEXT NOT NULL, path TEXT NOT NULL, source_sha256 TEXT NOT NULL, sha256 TEXT NOT NULL,
    text TEXT NOT NULL, notice TEXT NOT NULL, words INTEGER NOT NULL, segment TEXT NOT NULL,
    added TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP, position INTEGER NOT NULL
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
    start INTEGER NOT NULL, line INTEGER NOT NULL, page TEXT,
    PRIMARY KEY (document, row)
) STRICT, WITHOUT ROWID;
CREATE TABLE sentences (
    document TEXT NOT NULL REFERENCES documents ON DELETE CASCADE, row INTEGER NOT NULL,
    passage INTEGER NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL,
    PRIMARY KEY (document, row)
) STRICT, WITHOUT ROWID;
"""


_FROM_1 = """
ALTER TABLE documents ADD COLUMN notice TEXT NOT NULL DEFAULT '';
ALTER TABLE lines RENAME TO lines_1;
CREATE TABLE lines (
    document TEXT NOT NULL REFERENCES documents ON DELETE CASCADE, row INTEGER NOT NULL,
    start INTEGER NOT NULL, line INTEGER NOT NULL, page TEXT,
    PRIMARY KEY (document, row)
) STRICT, WITHOUT ROWID;
INSERT INTO lines SELECT document, row, start, line, CAST(page AS TEXT) FROM lines_1;
DROP TABLE lines_1;
UPDATE manifest SET value = '2' WHERE key = 'format';
"""
"""Format 1 knew pages as numbers, and of nothing that a file holds and its text does not."""
_PATIENCE = 60.0
"""Seconds to wait for another process that is in the middle of a commit."""
_IDENTITY = ("id", "title", "author", "year", "label", "source", "source_sha256", "sha256", "text", "notice")
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
    notice: str = ""
    """As `Document.notice`."""


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
        """What made this library; nothing where it was never wholly made."""
        with self._connection() as db:
            if not db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                return {}
            return dict(db.execute("SELECT key, value FROM manifest"))

    def upgrade(self) -> None:
        """Bring the tables of format 1 to this format, in one transaction; nothing where another process just did.

        The file as it was stays beside it, as `library.format-1.sqlite`.
        """
        with self._transaction() as db:
            if db.execute("SELECT value FROM manifest WHERE key = 'format'").fetchone() == ("1",):
                self.copy(self.file.with_name("library.format-1.sqlite"))
                for statement in _FROM_1.split(";"):
                    db.execute(statement)

    def copy(self, file: Path) -> None:
        """Write the last committed state into another file, whole before it has its name. Others may go on writing."""
        beside = file.with_name(f"{file.name}.partial")
        beside.unlink(missing_ok=True)
        with self._connection() as db, closing(sqlite3.connect(beside)) as copied:
            db.backup(copied)
        beside.replace(file)

    def check(self) -> str:
        """What SQLite finds wrong with the file, row by row and index by index; empty where nothing is."""
        with self._connection() as db:
            found = [row[0] for row in db.execute("PRAGMA integrity_check(5)")]
            found += [f"{table} names no document" for table, *_ in db.execute("PRAGMA foreign_key_check")]
        return "" if found == ["ok"] else "; ".join(found)

    def entries(self) -> tuple[Entry, ...]:
        """All documents, in the order in which they were first added; none where the file was never wholly made."""
        with self._connection() as db:
            if not db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                return ()
            rows = db.execute(
                "SELECT id, title, author, year, label, source, path, source_sha256, sha256, words,"
                " (SELECT count(DISTINCT passage) FROM sentences WHERE document = id), segment, notice"
                " FROM documents ORDER BY position"
            ).fetchall()
        return tuple(Entry(*row) for row in rows)

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
            document = Document(
                **dict(zip(_IDENTITY, row, strict=True)),
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
                " notice, words, segment, position) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [document.id, document.title, document.author, document.year, document.label, document.source,
                 path, document.source_sha256, document.sha256, document.text, document.notice, words, segment, place],
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


def _parts(db: sqlite3.Connection, columns: str, entry: Entry) -> sqlite3.Cursor:
    return db.execute(f"SELECT {columns} WHERE document = ? ORDER BY row", [entry.id])


def _grouped(sentences: Sequence[tuple[int, int, int]]) -> tuple[Passage, ...]:
    """Passages from rows of (passage, start, end)."""
    grouped = [[Sentence(start, end) for _, start, end in rows] for _, rows in groupby(sentences, itemgetter(0))]
    return tuple(Passage(group[0].start, group[-1].end, tuple(group)) for group in grouped)


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
