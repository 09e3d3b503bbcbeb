"""Makes of a library in a folder what version 3 of the format would have: wide vectors, and words in other files."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np

from index import seals
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
    with closing(sqlite3.connect(folder / FILE)) as db, db:
        db.execute("UPDATE manifest SET value = '3' WHERE key = 'format'")
        seals.seal(db)
