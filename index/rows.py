"""A document's parts as the formats before 5 had them, a row for each record, and how they become what they are now.

Rows that are not as they were sealed do not: the document is then without parts, and said to be damaged.
"""

import json
import sqlite3
from collections.abc import Iterable
from functools import partial
from hashlib import sha256
from itertools import groupby, islice
from operator import itemgetter
from typing import Any

from index import seals
from index.packed import Packed, Passages
from index.parts import folded
from index.types import Block, Marker, SourceLine

ROWS = {
    "blocks": 'kind, start, "end", number, level',
    "markers": "position, number, note",
    "lines": "start, line, page",
    "sentences": 'passage, start, "end"',
}
"""The tables of a document's parts and their columns."""
_AT_ONCE = 4096
"""So many rows are hashed at once."""

Rows = tuple[Iterable[tuple[Any, ...]], ...]
"""Those of each table, to be read once."""


def fold(db: sqlite3.Connection, *, is_sealed: bool) -> None:
    """Put the parts of all documents where they are now, and drop the tables of their rows.

    With `is_sealed`, rows are compared with their seals, which are set anew.
    """
    documents = [identifier for (identifier,) in db.execute("SELECT id FROM documents").fetchall()]
    db.text_factory = partial(str, encoding="utf-8", errors="surrogateescape")  # damage need not be text
    for document in documents:
        if is_sealed and seals.sealed(db, document) != digest(_rows(db, document)):
            continue
        blocks, markers, lines, sentences = _rows(db, document)
        passages = (((start, end) for _, start, end in rows) for _, rows in groupby(sentences, itemgetter(0)))
        parts = folded(
            Packed(Block, len(Block.__slots__), blocks),
            Packed(Marker, len(Marker.__slots__), markers),
            Packed(SourceLine, len(SourceLine.__slots__), lines),
            Passages(passages),
        )
        db.execute("INSERT INTO parts VALUES (?, ?, ?, ?, ?, ?)", [document, *parts])
        if is_sealed:
            db.execute("UPDATE seals SET parts = ? WHERE document = ?", [seals.digest(parts), document])
    db.text_factory = str
    for table in ROWS:
        db.execute(f"DROP TABLE {table}")


def digest(rows: Rows) -> str:
    """What sealed the rows of a document: their SHA-256 as JSON, which never is in memory as a whole."""
    digest = sha256()
    for number, table in enumerate(rows):
        digest.update(b"], [" if number else b"[[")
        left, between = iter(table), b""
        while some := list(islice(left, _AT_ONCE)):
            digest.update(between + json.dumps(some, default=repr)[1:-1].encode())
            between = b", "
    digest.update(b"]]")
    return digest.hexdigest()


def _rows(db: sqlite3.Connection, document: str) -> Rows:
    return tuple(
        db.execute(f"SELECT {columns} FROM {table} WHERE document = ? ORDER BY row", [document])
        for table, columns in ROWS.items()
    )
