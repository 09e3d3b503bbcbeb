"""Makes of a library in a folder what version 3 of the format would have: wide vectors, and words in other files."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np

from index import packed, seals
from index.embed import Encoder
from index.embedded import SEGMENTS
from index.manifest import FILE
from index.sealed import seal
from index.segment import PASSAGE_WORDS, SENTENCE_WORDS
from index.store import Store
from index.tiers import FOLDER
from index.types import no_progress
from index.vectors import PASSAGES, SENTENCES, encodable


def older(folder: Path, encoder: Encoder) -> None:
    """`encoder` made the library; its vectors are made again, since those in the library are rounded."""
    store = Store(folder / FILE)
    for entry in store.entries():
        document, passages = store.read(entry)
        segment = folder / SEGMENTS / entry.segment
        wide = encoder.encode_passages([encodable(document.text, passage) for passage in passages], no_progress)
        for name, vectors in zip((PASSAGES, SENTENCES), wide, strict=True):
            np.save(segment / name, vectors)
        for name in (PASSAGE_WORDS, SENTENCE_WORDS):
            shutil.rmtree(segment / name)
            (segment / name).mkdir()
            (segment / name / "vocab.index.json").write_text("{}")
        seal(segment)
    shutil.rmtree(folder / FOLDER, ignore_errors=True)
    to_format_3(folder / FILE)


def to_format_3(file: Path) -> None:
    """The tables, with their texts as they are."""
    with closing(sqlite3.connect(file)) as db, db:
        db.create_function("inflated", 1, packed.inflated)
        db.execute("ALTER TABLE documents RENAME COLUMN text TO text_4")
        db.execute("ALTER TABLE documents ADD COLUMN text TEXT NOT NULL DEFAULT ''")
        db.execute("UPDATE documents SET text = inflated(text_4)")
        db.execute("ALTER TABLE documents DROP COLUMN text_4")
        db.execute("UPDATE manifest SET value = '3' WHERE key = 'format'")
        seals.seal(db)
