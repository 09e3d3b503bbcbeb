"""The tables of the library's SQLite file, and what brings those of older formats to this one. Runs nothing."""

FORMAT = 6
"""Raised with every change of the tables or of the search files."""

TABLES = """
CREATE TABLE manifest (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE documents (
    id TEXT PRIMARY KEY, title TEXT NOT NULL, author TEXT, year INTEGER, label TEXT NOT NULL,
    source TEXT NOT NULL, path TEXT NOT NULL, source_sha256 TEXT NOT NULL, sha256 TEXT NOT NULL,
    notice TEXT NOT NULL, language TEXT NOT NULL, words INTEGER NOT NULL,
    passages INTEGER NOT NULL, segment TEXT NOT NULL,
    added TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP, position INTEGER NOT NULL,
    publisher TEXT, colour TEXT, pages INTEGER NOT NULL, notes INTEGER NOT NULL, text BLOB NOT NULL
) STRICT;
CREATE TABLE collections (
    name TEXT NOT NULL, document TEXT NOT NULL REFERENCES documents ON DELETE CASCADE,
    PRIMARY KEY (name, document)
) STRICT, WITHOUT ROWID;
CREATE TABLE parts (
    document TEXT PRIMARY KEY REFERENCES documents ON DELETE CASCADE, blocks BLOB NOT NULL, markers BLOB NOT NULL,
    lines BLOB NOT NULL, sentences BLOB NOT NULL, passages BLOB NOT NULL
) STRICT;
CREATE TABLE seals (
    document TEXT PRIMARY KEY REFERENCES documents ON DELETE CASCADE, details TEXT NOT NULL, parts TEXT NOT NULL
) STRICT, WITHOUT ROWID;
"""

LISTING = """
CREATE INDEX IF NOT EXISTS listing ON documents (
    position, id, title, author, year, label, source, path, source_sha256, sha256, words, passages, segment, notice,
    language, publisher, colour, added, pages, notes
)"""
"""All that the list of documents shows, apart: in a row it stands with the text, behind which older formats have some.

No part of the format: a library of this format may lack it, and has it from its next added document on.
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
_FROM_2 = """
ALTER TABLE documents ADD COLUMN language TEXT NOT NULL DEFAULT 'en';
ALTER TABLE documents ADD COLUMN passages INTEGER NOT NULL DEFAULT 0;
ALTER TABLE documents ADD COLUMN publisher TEXT;
ALTER TABLE documents ADD COLUMN colour TEXT;
ALTER TABLE documents ADD COLUMN pages INTEGER NOT NULL DEFAULT 0;
ALTER TABLE documents ADD COLUMN notes INTEGER NOT NULL DEFAULT 0;
UPDATE documents SET
    passages = (SELECT count(DISTINCT passage) FROM sentences WHERE document = id),
    pages = (SELECT count(DISTINCT page) FROM lines WHERE document = id),
    notes = (SELECT count(*) FROM blocks WHERE document = id AND kind = 'footnote');
CREATE TABLE collections (
    name TEXT NOT NULL, document TEXT NOT NULL REFERENCES documents ON DELETE CASCADE,
    PRIMARY KEY (name, document)
) STRICT, WITHOUT ROWID;
CREATE TABLE seals (
    document TEXT PRIMARY KEY REFERENCES documents ON DELETE CASCADE, details TEXT NOT NULL, parts TEXT NOT NULL
) STRICT, WITHOUT ROWID;
UPDATE manifest SET value = '3' WHERE key = 'format';
"""
"""Format 2 had no seals, which `Store.upgrade` sets, knew neither publishers, colours nor collections, counted no
passages, pages and notes, and cut every document by English rules."""
_FROM_3 = """
ALTER TABLE documents RENAME COLUMN text TO text_3;
ALTER TABLE documents ADD COLUMN text BLOB NOT NULL DEFAULT x'';
UPDATE documents SET text = deflated(CAST(text_3 AS BLOB));
ALTER TABLE documents DROP COLUMN text_3;
UPDATE manifest SET value = '4' WHERE key = 'format';
"""
"""Format 3 had its texts as they are, and other search files (`index.upgrade`). `deflated` is zlib's `compress`."""
_FROM_4 = """
CREATE TABLE parts (
    document TEXT PRIMARY KEY REFERENCES documents ON DELETE CASCADE, blocks BLOB NOT NULL, markers BLOB NOT NULL,
    lines BLOB NOT NULL, sentences BLOB NOT NULL, passages BLOB NOT NULL
) STRICT;
UPDATE manifest SET value = '5' WHERE key = 'format';
"""
"""Format 4 had a row for each block, marker, line and sentence, which `index.rows` brings here."""
_FROM_5 = "UPDATE manifest SET value = '6' WHERE key = 'format'"
"""Format 5 had other search files for words."""
UPGRADES = {
    "1": (_FROM_1, _FROM_2, _FROM_3, _FROM_4, _FROM_5),
    "2": (_FROM_2, _FROM_3, _FROM_4, _FROM_5),
    "3": (_FROM_3, _FROM_4, _FROM_5),
    "4": (_FROM_4, _FROM_5),
    "5": (_FROM_5,),
}
"""What brings the tables of each older format to these."""
