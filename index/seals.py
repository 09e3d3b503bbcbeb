"""Seals: the SHA-256 of what was written into the library's tables, kept in the table `seals`.

SQLite does not notice a bit that turned on the disk, and an offset that did would cite other words. Here rows are read
with their seals checked, and sealed: `details`, what the list shows of a document; `parts`, all else of it but the
text, which has its `sha256`; and in the manifest, under `seal`, the manifest, the collections and this table. What is
done about a broken one is the store's to know.
"""

import json
import sqlite3
from hashlib import sha256
from typing import Any

from index.entry import LISTED
from index.parts import PARTS, Parts
from index.types import ParallaxError

_DETAILS = f"{', '.join(LISTED)}, position"
_PARTS = ", ".join(PARTS)

Row = tuple[Any, ...]


class SealError(ParallaxError):
    """Rows are not as they were written; the message names them, and the store makes a sentence of it."""


def manifest(db: sqlite3.Connection) -> dict[str, str]:
    """The manifest. Raises SealError where it is not as it was written, or documents were lost from the list."""
    rows = dict(db.execute("SELECT key, value FROM manifest"))
    if rows.pop("seal", None) != _of_all(db):
        raise SealError("the list of its documents and of what made it")
    return rows


def details(db: sqlite3.Connection, document: str | None = None) -> list[dict[str, Any]]:
    """The fields of the `Entry` of one document or of all, in their order. Raises SealError."""
    some, values = ("", []) if document is None else (" WHERE document = ?", [document])
    known = dict(db.execute(f"SELECT document, details FROM seals{some}", values))
    rows = _details(db, document)
    found = {row[0]: _digest(row) for row in rows}
    for name in found.keys() | known.keys():
        if found.get(name) != known.get(name):
            raise SealError(f"the details of “{name}”")
    return [dict(zip(LISTED, row[:-1], strict=True)) for row in rows]


def parts(db: sqlite3.Connection, document: str) -> Parts:
    """What a document is made of beside its text. Raises SealError."""
    found = _parts(db, document)
    if sealed(db, document) != digest(found):
        raise SealError(f"the parts of “{document}”")
    return found


def sealed(db: sqlite3.Connection, document: str) -> str | None:
    """The digest that was sealed of a document's parts; None where there is none."""
    row = db.execute("SELECT parts FROM seals WHERE document = ?", [document]).fetchone()
    return None if row is None else row[0]


def digest(parts: Row) -> str:
    """What seals the parts of a document: the SHA-256 of the SHA-256 of each."""
    return _digest([sha256(part).hexdigest() if isinstance(part, bytes) else part for part in parts])


def seal(db: sqlite3.Connection, *documents: str) -> None:
    """Seal all of some documents, which have no seal yet, and then the manifest."""
    for document in documents:
        [row] = _details(db, document)
        db.execute("INSERT INTO seals VALUES (?, ?, ?)", [document, _digest(row), digest(_parts(db, document))])
    db.execute("INSERT OR REPLACE INTO manifest VALUES ('seal', ?)", [_of_all(db)])


def seal_details(db: sqlite3.Connection, *documents: str) -> None:
    """Seal the details of some documents anew, and then the manifest."""
    for document in documents:
        [row] = _details(db, document)
        db.execute("UPDATE seals SET details = ? WHERE document = ?", [_digest(row), document])
    seal(db)


def _details(db: sqlite3.Connection, document: str | None) -> list[Row]:
    some, values = ("", []) if document is None else (" WHERE id = ?", [document])
    return db.execute(f"SELECT {_DETAILS} FROM documents{some} ORDER BY position", values).fetchall()


def _parts(db: sqlite3.Connection, document: str) -> Row:
    """Nothing where there are none."""
    found: Row | None = db.execute(f"SELECT {_PARTS} FROM parts WHERE document = ?", [document]).fetchone()
    return () if found is None else found


def _of_all(db: sqlite3.Connection) -> str:
    made_by = db.execute("SELECT key, value FROM manifest WHERE key != 'seal' ORDER BY key").fetchall()
    collections = db.execute("SELECT name, document FROM collections ORDER BY name, document").fetchall()
    return _digest([made_by, collections, db.execute("SELECT * FROM seals ORDER BY document").fetchall()])


def _digest(rows: object) -> str:
    """JSON tells any two rows apart; `repr` is for bytes, which only damage brings into these tables."""
    return sha256(json.dumps(rows, default=repr).encode()).hexdigest()
