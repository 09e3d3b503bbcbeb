"""The library's SQLite file: documents, their parts and passages, and what made them.

A transaction here is the commit point of every change. Vectors and word indexes are `index.segment`'s.
"""

import sqlite3
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from index import rows, seals, texts
from index.entry import DETAILS, LISTED, SHARED, Entry, Origin, entry_of, listed
from index.parts import folded, unfolded
from index.tables import FORMAT, LISTING, TABLES, UPGRADES
from index.types import Collection, Document, Frame, ParallaxError, Passage, Text

_PATIENCE = 60.0
"""Seconds to wait for another process that is in the middle of a commit."""
_SPILL = 4096
"""Pages of a change that are kept in memory, 16 MB: of a longer one SQLite writes some before the commit, and readers
wait from then on."""
_ROOM = "; make room on its disk, or raise the quota or the limit of a file’s size"
_WAYS = {"SQLITE_FULL": _ROOM, "SQLITE_IOERR_WRITE": _ROOM, "SQLITE_CANTOPEN": "; check who may read it and its folder"}
"""What there is to do, by SQLite's name of the error; the second is that of a quota and of a limit of a file's size."""
Read = tuple[Document, Sequence[Passage]]
Renew = Callable[[Entry, Read | None, int, int], str]
"""What makes a document's search files anew and names their segment; None: the text or its parts are damaged. Told
how many documents were done, of how many."""


class StoreError(ParallaxError):
    """The library's file cannot be read or written."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What was read of a state of the file, and found to be as written."""

    seal: str
    manifest: dict[str, str]
    entries: tuple[Entry, ...]


class Store:
    """One SQLite file. Every call opens a connection of its own, so threads and processes share it freely."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._known: _Known | None = None

    def create(self, manifest: Mapping[str, str]) -> None:
        """Make the tables, unless they are there. `manifest` says what makes this library."""
        with self._transaction("rwc") as db:
            if db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                return
            for statement in TABLES.split(";"):
                db.execute(statement)
            db.executemany("INSERT INTO manifest VALUES (?, ?)", {"format": str(FORMAT), **manifest}.items())
            seals.seal(db)

    def manifest(self) -> dict[str, str]:
        """What made this library; nothing where it was never wholly made. Raises StoreError where it is damaged."""
        with self._connection() as db:
            db.execute("BEGIN")  # one view of all tables
            if not db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                return {}
            if db.execute("SELECT value FROM manifest WHERE key = 'format'").fetchone() != (str(FORMAT),):
                return dict(db.execute("SELECT key, value FROM manifest"))  # others seal in other ways, or not at all
            return dict(self._state(db).manifest)

    def upgrade(self, renew: Renew) -> None:
        """Bring an older format to this one, in one transaction; nothing where that was just done.

        The file as it was stays beside it, as `library.format-1.sqlite` or the like.
        """
        with self._transaction() as db:
            (found,) = db.execute("SELECT value FROM manifest WHERE key = 'format'").fetchone()
            if found not in UPGRADES:
                return
            db.create_function("deflated", 1, zlib.compress, deterministic=True)
            self.copy(self.file.with_name(f"library.format-{found}.sqlite"))
            if is_sealed := found not in ("1", "2"):  # which had no seals
                seals.manifest(db)  # new ones must not hide damage
            for statement in ";".join(UPGRADES[found]).split(";"):
                db.execute(statement)
            if has_rows := found != "5":
                rows.fold(db, is_sealed=is_sealed)
            if not is_sealed:
                seals.seal(db, *(identifier for (identifier,) in db.execute("SELECT id FROM documents").fetchall()))
            entries = [listed(details) for details in seals.details(db)]
            for number, entry in enumerate(entries):
                read: Read | None = None
                with suppress(seals.SealError):
                    read = _read(db, entry)
                segment = renew(entry, read, number, len(entries))
                db.execute("UPDATE documents SET segment = ? WHERE id = ?", [segment, entry.id])
            seals.seal_details(db, *(entry.id for entry in entries))
        if has_rows:
            with suppress(StoreError), self._connection() as db:
                db.execute("VACUUM")  # what they and longer texts leave is given back, if there is room to do so

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
        """All documents, in the order in which they were first added; none where the file was never wholly made.

        Raises StoreError where the list is not as it was written.
        """
        with self._connection() as db:
            db.execute("BEGIN")
            if not db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                return ()
            return self._state(db).entries

    def collections(self) -> tuple[Collection, ...]:
        """The named collections, by name; none where the file was never wholly made."""
        with self._connection() as db:
            db.execute("BEGIN")
            if not db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                return ()
            seals.manifest(db)
            rows = db.execute(
                "SELECT name, document FROM collections JOIN documents ON id = document ORDER BY name, position"
            ).fetchall()
        return tuple(Collection(name, tuple(row[1] for row in group)) for name, group in groupby(rows, itemgetter(0)))

    def collect(self, name: str, documents: Sequence[str]) -> None:
        """Let a collection hold these documents and no others; without any it is gone."""
        with self._change() as db:
            db.execute("DELETE FROM collections WHERE name = ?", [name])
            db.executemany("INSERT INTO collections VALUES (?, ?)", [(name, document) for document in documents])
            seals.seal(db)

    def read(self, entry: Entry) -> Read:
        """One whole document with its passages in order, both of the entry's version.

        Raises StoreError when the library holds that version no more, or what it holds is not what was added.
        """
        with self._connection() as db:
            db.execute("BEGIN")
            now = next(map(listed, seals.details(db, entry.id)), None)
            if now is None or now.segment != entry.segment:
                raise StoreError(f"The document “{entry.id}” was replaced or removed in the meantime; try again.")
            try:
                return _read(db, now)
            except seals.SealError as error:
                raise StoreError(
                    f"The library file {self.file} no longer holds {error} as written; add that document's file again."
                ) from error

    def put(self, frame: Frame, text: Text, passages: Sequence[Passage], origin: Origin, *, segment: str) -> bool:
        """Add a document, or replace the one of the same id, in one transaction; whether it replaced one."""
        entry = entry_of(frame, text, passages, origin, segment=segment)
        pages = texts.packed(text).pages  # while nobody waits
        parts = folded(frame.blocks, frame.markers, frame.lines, passages)
        with self._change() as db:
            db.execute(LISTING)
            place = db.execute(
                "SELECT coalesce((SELECT position FROM documents WHERE id = ?), max(position) + 1, 0) FROM documents",
                [frame.id],
            ).fetchone()[0]
            collections = db.execute("SELECT name, document FROM collections WHERE document = ?", [frame.id]).fetchall()
            replaced = db.execute("DELETE FROM documents WHERE id = ?", [frame.id]).rowcount > 0
            kept = {name: getattr(entry, name) for name in LISTED} | {"position": place, "text": sum(map(len, pages))}
            marks = ", ".join("zeroblob(?)" if name == "text" else "?" for name in kept)
            added = f"INSERT INTO documents ({', '.join(kept)}) VALUES ({marks}) RETURNING rowid"
            [(row,)] = db.execute(added, list(kept.values())).fetchall()
            with db.blobopen("documents", "text", row) as blob:  # as a value SQLite would have it three times
                for page in pages:
                    blob.write(page)
            db.executemany("INSERT INTO collections VALUES (?, ?)", collections)
            db.execute("INSERT INTO parts VALUES (?, ?, ?, ?, ?, ?)", [frame.id, *parts])
            seals.seal(db, frame.id)
            [now] = seals.details(db, frame.id)
            if listed(now) != entry or seals.sealed(db, frame.id) != seals.digest(parts):
                raise sqlite3.IntegrityError("rows of an older version stay")  # which a damaged file does not find
        return replaced

    def rename(self, frame: Frame) -> None:
        """Give a document the details of this one; its text stays. Raises StoreError where it is damaged."""
        with self._change() as db:
            seals.details(db, frame.id)
            columns = ", ".join(f"{name} = ?" for name in DETAILS)
            changed = [getattr(frame, name) for name in DETAILS]
            db.execute(f"UPDATE documents SET {columns} WHERE id = ?", [*changed, frame.id])
            seals.seal_details(db, frame.id)

    def remove(self, identifier: str) -> None:
        """Take a document out, with all its parts."""
        with self._change() as db:
            db.execute("DELETE FROM documents WHERE id = ?", [identifier])
            seals.seal(db)

    def _state(self, db: sqlite3.Connection) -> _Known:
        """The manifest and the list, read once for every change: the seal of both is another after each."""
        (seal,) = db.execute("SELECT max(value) FROM manifest WHERE key = 'seal'").fetchone()
        known = self._known
        if known is None or known.seal != seal:
            known = _Known(seal, seals.manifest(db), tuple(map(listed, seals.details(db))))
            self._known = known
        return known

    @contextmanager
    def _connection(self, mode: str = "rw") -> Iterator[sqlite3.Connection]:
        """`rw` also for reading: what a kill in mid-commit left behind is undone by who reads next. SQLite
        itself turns to reading alone where the file system allows no more."""
        try:
            uri = f"{self.file.resolve().as_uri()}?mode={mode}"
            with closing(sqlite3.connect(uri, uri=True, timeout=_PATIENCE)) as db:
                db.execute("PRAGMA foreign_keys = ON")
                yield db
        except sqlite3.OperationalError as error:
            way = _WAYS.get(getattr(error, "sqlite_errorname", ""), "")
            raise StoreError(f"The library file {self.file} cannot be used: {error}{way}.") from error
        except (sqlite3.Error, UnicodeDecodeError) as error:  # it is no database any more, or quotes what none can read
            raise StoreError(
                f"The library file {self.file} is damaged: {error}; add its files to a new library."
            ) from error
        except seals.SealError as error:
            raise StoreError(
                f"The library file {self.file} no longer holds {error} as written; add its files to a new library."
            ) from error

    @contextmanager
    def _transaction(self, mode: str = "rw") -> Iterator[sqlite3.Connection]:
        with self._connection(mode) as db:
            db.isolation_level = None
            db.execute(f"PRAGMA cache_spill = {_SPILL}")
            db.execute("BEGIN IMMEDIATE")
            yield db  # an exception here closes the connection, which undoes the transaction
            db.execute("COMMIT")

    @contextmanager
    def _change(self) -> Iterator[sqlite3.Connection]:
        """A transaction that begins with whole seals: it ends with new ones, which must not hide damage."""
        with self._transaction() as db:
            found = seals.manifest(db)["format"]
            if found != str(FORMAT):
                raise StoreError(
                    f"The library file {self.file} was brought to format {found} and this version of Parallax writes "
                    f"{FORMAT}; end this program and start the newer one."
                )
            yield db


def _read(db: sqlite3.Connection, details: Entry) -> Read:
    """A document with its passages. Raises SealError."""
    (kept,) = db.execute("SELECT text FROM documents WHERE id = ?", [details.id]).fetchone()
    try:
        text = texts.inflated(kept)
    except (TypeError, ValueError) as error:
        raise seals.SealError(f"the text of “{details.id}”") from error
    if texts.sha256(text) != details.sha256:
        raise seals.SealError(f"the text of “{details.id}”")
    blocks, markers, lines, passages = unfolded(seals.parts(db, details.id))
    shared = {name: getattr(details, name) for name in SHARED}
    return Document(**shared, text=text, blocks=blocks, markers=markers, lines=lines), passages
