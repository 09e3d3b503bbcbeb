"""Makes of a library in a folder what an older version of the format would have: words in other files and, before
format 5, a row for each part and wide vectors."""

import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import astuple
from hashlib import sha256
from pathlib import Path

import numpy as np

from index import seals, texts
from index.embed import Encoder
from index.manifest import FILE, SEGMENTS
from index.sealed import seal
from index.segment import WORDS
from index.store import Store
from index.tiers import FOLDER
from index.types import no_progress
from index.vectors import PASSAGES, SENTENCES, encodable

_ROWS_4 = """
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
DROP TABLE parts;
UPDATE manifest SET value = '4' WHERE key = 'format';
"""


def older(folder: Path, encoder: Encoder, version: int = 3) -> None:
    """`encoder` made the library; its vectors are made again, since those in the library are rounded."""
    store = Store(folder / FILE)
    for entry in store.entries():
        document, passages = store.read(entry)
        segment = folder / SEGMENTS / entry.segment
        wide = encoder.encode_passages([encodable(document.text, passage) for passage in passages], no_progress)
        for name, vectors in zip((PASSAGES, SENTENCES), wide, strict=True) if version < 5 else ():
            np.save(segment / name, vectors if version == 3 else np.rint(vectors * (2**15 - 1)).astype("<i2"))
        (segment / WORDS).unlink()
        for name in ("passages.bm25", "sentences.bm25"):
            (segment / name).mkdir()
            (segment / name / ("vocab.index.json" if version == 3 else "words.txt")).write_text("{}")
        seal(segment)
    shutil.rmtree(folder / FOLDER, ignore_errors=True)
    {3: to_format_3, 4: to_format_4, 5: to_format_5}[version](folder / FILE)


def to_format_5(file: Path) -> None:
    """The same tables."""
    with closing(sqlite3.connect(file)) as db, db:
        db.execute("UPDATE manifest SET value = '5' WHERE key = 'format'")
        seals.seal(db)


def to_format_4(file: Path) -> None:
    """The tables, with a row for each block, marker, line and sentence, and the seals of these."""
    store = Store(file)
    read = [store.read(entry) for entry in store.entries()]
    with closing(sqlite3.connect(file)) as db, db:
        db.executescript(_ROWS_4)
        for document, passages in read:
            rows = {
                "blocks": list(map(astuple, document.blocks)),
                "markers": list(map(astuple, document.markers)),
                "lines": list(map(astuple, document.lines)),
                "sentences": [(n, s.start, s.end) for n, passage in enumerate(passages) for s in passage.sentences],
            }
            for table, some in rows.items():
                for number, row in enumerate(some):
                    marks = ", ".join("?" * len(row))
                    db.execute(f"INSERT INTO {table} VALUES (?, ?, {marks})", [document.id, number, *row])
            sealed = sha256(json.dumps(list(rows.values())).encode()).hexdigest()
            db.execute("UPDATE seals SET parts = ? WHERE document = ?", [sealed, document.id])
        seals.seal(db)


def to_format_3(file: Path) -> None:
    """Those, with their texts as they are."""
    to_format_4(file)
    with closing(sqlite3.connect(file)) as db, db:
        db.create_function("inflated", 1, texts.inflated)
        db.execute("ALTER TABLE documents RENAME COLUMN text TO text_4")
        db.execute("ALTER TABLE documents ADD COLUMN text TEXT NOT NULL DEFAULT ''")
        db.execute("UPDATE documents SET text = inflated(text_4)")
        db.execute("ALTER TABLE documents DROP COLUMN text_4")
        db.execute("UPDATE manifest SET value = '3' WHERE key = 'format'")
        seals.seal(db)
