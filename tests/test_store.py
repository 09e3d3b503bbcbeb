"""The library's SQLite file: round trips, transactions, and what is wrong with a file."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from documents import document, documents
from hypothesis import given

from index import store as store_module
from index.split import split
from index.store import FORMAT, Entry, Store, StoreError
from index.types import BlockKind, Document, SourceLine

LOG = document((BlockKind.HEADING, "The Lock"), (BlockKind.PARAGRAPH, "The barge came. It was late."))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store(tmp_path / "library.sqlite")
    made.create({"encoder": "words"})
    return made


def put(store: Store, made: Document, segment: str = "s1") -> Entry:
    store.put(made, split(made), path=f"/log/{made.source}", words=7, segment=segment)
    return next(entry for entry in store.entries() if entry.id == made.id)


def sql(store: Store, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(store.file)) as db, db:
        db.execute(statement, values)


class TestRoundTrip:
    @given(documents())
    def test_a_document_comes_back(self, made: Document) -> None:
        with TemporaryDirectory() as folder:
            store = Store(Path(folder) / "library.sqlite")
            store.create({})
            entry = put(store, made)
            assert store.read(entry) == (made, split(made))
            assert entry.passages == len(split(made))

    def test_an_entry_holds_what_the_list_shows(self, store: Store) -> None:
        assert put(store, LOG) == Entry(
            "a", "A", None, None, "A", "a.txt", "/log/a.txt", "0" * 64, LOG.sha256, 7, 1, "s1"
        )

    def test_documents_keep_the_order_of_their_first_adding(self, store: Store) -> None:
        for name in ("c", "a", "b"):
            put(store, replace(LOG, id=name))
        put(store, replace(LOG, id="c", title="Anew"), "s2")
        assert [(entry.id, entry.title) for entry in store.entries()] == [("c", "Anew"), ("a", "A"), ("b", "A")]
        store.remove("a")
        put(store, replace(LOG, id="a"))
        assert [entry.id for entry in store.entries()] == ["c", "b", "a"]

    def test_a_replaced_version_is_gone_with_all_its_parts(self, store: Store) -> None:
        old = put(store, LOG)
        shorter = document((BlockKind.PARAGRAPH, "Nothing."))
        new = put(store, shorter, "s2")
        assert store.read(new) == (shorter, split(shorter))
        with pytest.raises(
            StoreError, match=r"^The document “a” was replaced or removed in the meantime; try again\.$"
        ):
            store.read(old)

    def test_removal_leaves_no_part(self, store: Store) -> None:
        entry = put(store, LOG)
        store.remove("a")
        assert store.entries() == ()
        with closing(sqlite3.connect(store.file)) as db:
            for table in ("documents", "blocks", "markers", "lines", "sentences"):
                assert db.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
        with pytest.raises(StoreError):
            store.read(entry)

    def test_renaming_leaves_the_text(self, store: Store) -> None:
        put(store, LOG)
        renamed = replace(LOG, title="The Log", author="A. Keeper", year=1848, label="Log")
        store.rename(renamed)
        [entry] = store.entries()
        assert (entry.title, entry.author, entry.year, entry.label) == ("The Log", "A. Keeper", 1848, "Log")
        assert store.read(entry)[0] == renamed


class TestManifest:
    def test_says_what_made_the_library(self, store: Store) -> None:
        assert store.manifest() == {"format": str(FORMAT), "encoder": "words"}

    def test_making_it_again_changes_nothing(self, store: Store) -> None:
        put(store, LOG)
        store.create({"encoder": "others"})
        assert store.manifest()["encoder"] == "words" and len(store.entries()) == 1

    def test_is_empty_where_the_making_was_cut_short(self, tmp_path: Path) -> None:
        (tmp_path / "library.sqlite").touch()
        store = Store(tmp_path / "library.sqlite")
        assert store.manifest() == {}
        store.create({"encoder": "words"})
        assert store.manifest()["encoder"] == "words"


TO_FORMAT_1 = """
ALTER TABLE documents DROP COLUMN notice;
ALTER TABLE lines RENAME TO lines_2;
CREATE TABLE lines (
    document TEXT NOT NULL REFERENCES documents ON DELETE CASCADE, row INTEGER NOT NULL,
    start INTEGER NOT NULL, line INTEGER NOT NULL, page INTEGER,
    PRIMARY KEY (document, row)
) STRICT, WITHOUT ROWID;
INSERT INTO lines SELECT document, row, start, line, CAST(page AS INTEGER) FROM lines_2;
DROP TABLE lines_2;
UPDATE manifest SET value = '1' WHERE key = 'format'
"""


class TestFormat1:
    @pytest.fixture
    def old(self, store: Store) -> Store:
        put(store, replace(LOG, lines=(SourceLine(0, 1, "7"), SourceLine(3, 2))))
        for statement in TO_FORMAT_1.split(";"):
            sql(store, statement)
        assert store.manifest()["format"] == "1"
        return store

    def test_is_brought_up_to_date_with_every_line_and_page(self, old: Store) -> None:
        for _ in range(2):
            old.upgrade()
            assert old.manifest()["format"] == str(FORMAT)
            [entry] = old.entries()
            assert old.read(entry)[0] == replace(LOG, lines=(SourceLine(0, 1, "7"), SourceLine(3, 2)))
        put(old, replace(LOG, id="b", notice="Page 2 is an image without text."), "s2")
        assert [entry.notice for entry in old.entries()] == ["", "Page 2 is an image without text."]
        old.remove("a")
        assert [entry.id for entry in old.entries()] == ["b"]

    def test_the_file_as_it_was_stays_beside_it(self, old: Store) -> None:
        old.upgrade()
        old.upgrade()  # which changes nothing, and so keeps nothing
        kept = Store(old.file.with_name("library.format-1.sqlite"))
        assert (kept.manifest()["format"], kept.check()) == ("1", "")
        again = Store(old.file.with_name("again.sqlite"))
        kept.copy(again.file)
        again.upgrade()
        assert again.entries() == old.entries()

    def test_stays_whole_where_the_upgrade_is_cut_short(self, old: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        before = old.file.read_bytes()
        steps = store_module._FROM_1.split(";")
        for number in range(1, len(steps)):
            broken = ";".join([*steps[:number], "SELECT nothing FROM nowhere"])
            monkeypatch.setattr(store_module, "_FROM_1", broken)
            with pytest.raises(StoreError):
                old.upgrade()
            assert old.manifest()["format"] == "1" and old.file.read_bytes() == before


class TestTransactions:
    def test_a_change_that_fails_half_way_is_undone(self, store: Store) -> None:
        entry = put(store, LOG)
        twice = replace(LOG, title="Anew", lines=(SourceLine(0, 1), "no line"))  # type: ignore[arg-type]
        with pytest.raises(AttributeError):
            put(store, twice, "s2")
        assert store.entries() == (entry,) and store.read(entry)[0] == LOG

    def test_readers_read_while_a_long_document_is_written(self, store: Store) -> None:
        """Were the reader shut out, it would wait a minute and fail."""
        entry = put(store, LOG)
        read: list[tuple[Entry, ...]] = []

        class Watched(tuple[SourceLine, ...]):
            def __iter__(self) -> Iterator[SourceLine]:
                yield from super().__iter__()
                read.append(store.entries())

        lines = Watched(SourceLine(n, n, str(n)) for n in range(400_000))  # more than SQLite's cache holds
        put(store, replace(LOG, lines=lines), "s2")
        assert read == [(entry,)]


class TestRefused:
    def test_a_text_that_is_not_what_was_added(self, store: Store) -> None:
        entry = put(store, LOG)
        sql(store, "UPDATE documents SET text = replace(text, 'late', 'soon')")
        with pytest.raises(
            StoreError, match=r"^The text of “a” in .*library\.sqlite is damaged; add its file again\.$"
        ):
            store.read(entry)

    @pytest.mark.parametrize("content", [b"no database" * 100, b"SQLite format 3\x00" + b"\xff" * 4096])
    def test_a_file_that_is_no_database(self, tmp_path: Path, content: bytes) -> None:
        (tmp_path / "library.sqlite").write_bytes(content)
        with pytest.raises(StoreError, match=r"^The library file .*library\.sqlite cannot be used: .*\.$"):
            Store(tmp_path / "library.sqlite").manifest()

    def test_a_file_cut_in_half(self, store: Store) -> None:
        for number in range(200):
            put(store, replace(LOG, id=str(number)))
        data = store.file.read_bytes()
        store.file.write_bytes(data[: len(data) // 2])
        with pytest.raises(StoreError, match=r"cannot be used: .*\.$"):
            store.entries()

    def test_a_missing_file_is_not_made_by_reading(self, tmp_path: Path) -> None:
        with pytest.raises(StoreError, match=r"cannot be used: .*\.$"):
            Store(tmp_path / "library.sqlite").entries()
        assert not (tmp_path / "library.sqlite").exists()
