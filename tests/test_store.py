"""The library's SQLite file: round trips, transactions, and what is wrong with a file."""

import errno
import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from documents import document, documents
from hypothesis import given
from older import to_format_3, to_format_4, to_format_5

from index import seals, tables, texts
from index.entry import LISTED, Entry, Origin
from index.parts import PARTS, folded
from index.split import split
from index.store import Read, Store, StoreError
from index.tables import FORMAT
from index.types import BlockKind, Collection, Colour, Document, Marker, Passage, SourceLine

LOG = document((BlockKind.HEADING, "The Lock"), (BlockKind.PARAGRAPH, "The barge came. It was late."))
NOTED = replace(LOG, lines=(SourceLine(0, 1, "7"),), markers=(Marker(3, 1),))
LAST = LOG.blocks[1]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store(tmp_path / "library.sqlite")
    made.create({"encoder": "words"})
    return made


def put(store: Store, made: Document, segment: str = "s1") -> Entry:
    store.put(made, made.text, split(made, made.text), Origin(f"/log/{made.source}"), segment=segment)
    return next(entry for entry in store.entries() if entry.id == made.id)


def sql(store: Store, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(store.file)) as db, db:
        db.execute(statement, values)


def kept(made: Document, passages: Sequence[Passage]) -> dict[str, bytes]:
    """The parts of a document as the file has them, by their column."""
    return dict(zip(PARTS, folded(made.blocks, made.markers, made.lines, passages), strict=True))


class TestRoundTrip:
    @given(documents())
    def test_a_document_comes_back(self, made: Document) -> None:
        with TemporaryDirectory() as folder:
            store = Store(Path(folder) / "library.sqlite")
            store.create({})
            entry = put(store, made)
            assert store.read(entry) == (made, split(made, made.text))
            assert entry.passages == len(split(made, made.text))

    def test_an_entry_holds_what_the_list_shows(self, store: Store) -> None:
        notes = document((BlockKind.PARAGRAPH, "The barge came."), (BlockKind.FOOTNOTE, "Late."))
        pages = (SourceLine(0, 1), SourceLine(3, 2, "xii"), SourceLine(5, 3, "1"), SourceLine(7, 4, "1"))
        made = replace(notes, lines=pages, publisher="Lock Press", colour=Colour.TEAL)
        entry = put(store, made)
        assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", entry.added)
        assert replace(entry, added="") == Entry(
            "a", "A", None, None, "A", "a.txt", "/log/a.txt", "0" * 64, made.sha256, 4, 2, "s1",
            publisher="Lock Press", colour=Colour.TEAL, pages=2, notes=1,
        )  # fmt: skip

    def test_documents_keep_the_order_of_their_first_adding(self, store: Store) -> None:
        for name in ("c", "a", "b"):
            put(store, replace(LOG, id=name))
        put(store, replace(LOG, id="c", title="Anew"), "s2")
        assert [(entry.id, entry.title) for entry in store.entries()] == [("c", "Anew"), ("a", "A"), ("b", "A")]
        store.remove("a")
        put(store, replace(LOG, id="a"))
        assert [entry.id for entry in store.entries()] == ["c", "b", "a"]

    def test_the_list_is_read_without_the_texts(self, store: Store) -> None:
        """A library made before it was so has it from its next document on."""
        put(store, LOG)
        sql(store, "DROP INDEX listing")
        assert put(store, replace(LOG, id="b")) in store.entries()
        with closing(sqlite3.connect(store.file)) as db:
            plan = db.execute(f"EXPLAIN QUERY PLAN SELECT {', '.join(LISTED)} FROM documents ORDER BY position")
            assert [row[-1] for row in plan] == ["SCAN documents USING COVERING INDEX listing"]

    def test_a_replaced_version_is_gone_with_all_its_parts(self, store: Store) -> None:
        old = put(store, LOG)
        shorter = document((BlockKind.PARAGRAPH, "Nothing."))
        new = put(store, shorter, "s2")
        assert store.read(new) == (shorter, split(shorter, shorter.text))
        with pytest.raises(
            StoreError, match=r"^The document “a” was replaced or removed in the meantime; try again\.$"
        ):
            store.read(old)

    def test_removal_leaves_no_part(self, store: Store) -> None:
        entry = put(store, LOG)
        store.remove("a")
        assert store.entries() == ()
        with closing(sqlite3.connect(store.file)) as db:
            for table in ("documents", "parts", "seals"):
                assert db.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
        with pytest.raises(StoreError):
            store.read(entry)

    def test_renaming_leaves_the_text(self, store: Store) -> None:
        put(store, LOG)
        renamed = replace(
            LOG, title="The Log", author="A. Keeper", year=1848, label="Log", publisher="Lock Press", colour=Colour.RED
        )
        store.rename(renamed)
        [entry] = store.entries()
        assert (entry.title, entry.author, entry.year, entry.label) == ("The Log", "A. Keeper", 1848, "Log")
        assert (entry.publisher, entry.colour) == ("Lock Press", Colour.RED)
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


TO_FORMAT_2 = """
DROP INDEX listing;
DROP TABLE seals;
DELETE FROM manifest WHERE key = 'seal';
ALTER TABLE documents DROP COLUMN language;
ALTER TABLE documents DROP COLUMN passages;
ALTER TABLE documents DROP COLUMN publisher;
ALTER TABLE documents DROP COLUMN colour;
ALTER TABLE documents DROP COLUMN pages;
ALTER TABLE documents DROP COLUMN notes;
DROP TABLE collections;
UPDATE manifest SET value = '2' WHERE key = 'format'
"""
TO_FORMAT_1 = (
    TO_FORMAT_2
    + """;
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
)


def downgrade(store: Store, to: str) -> None:
    """Make a file of an older format."""
    {"5": to_format_5, "4": to_format_4}.get(to, to_format_3)(store.file)
    for statement in {"1": TO_FORMAT_1, "2": TO_FORMAT_2}.get(to, "").split(";"):
        sql(store, statement)
    assert store.manifest()["format"] == to


def renewed(entry: Entry, read: Read | None, *told: int) -> str:
    """Names the search files as they were named."""
    assert read is not None and read[0].id == entry.id and read[0].sha256 == entry.sha256
    return entry.segment


class TestOlderFormats:
    @pytest.fixture(params=sorted(tables.UPGRADES))
    def old(self, request: pytest.FixtureRequest, store: Store) -> Store:
        put(store, replace(LOG, lines=(SourceLine(0, 1, "7"), SourceLine(3, 2))))
        downgrade(store, request.param)
        return store

    def test_are_brought_up_to_date_with_every_line_and_page(self, old: Store) -> None:
        for _ in range(2):
            old.upgrade(renewed)
            assert old.manifest()["format"] == str(FORMAT)
            [entry] = old.entries()
            document, passages = old.read(entry)
            assert document == replace(LOG, lines=(SourceLine(0, 1, "7"), SourceLine(3, 2)))
            assert entry.passages == len(passages) > 0
            assert (entry.pages, entry.notes, entry.publisher, old.collections()) == (1, 0, None, ())
        put(old, replace(LOG, id="b", notice="Page 2 is an image without text."), "s2")
        assert [entry.notice for entry in old.entries()] == ["", "Page 2 is an image without text."]
        old.remove("a")
        assert [entry.id for entry in old.entries()] == ["b"]

    def test_the_file_as_it_was_stays_beside_it(self, old: Store) -> None:
        old.upgrade(renewed)
        old.upgrade(renewed)  # which changes nothing, and so keeps nothing
        [file] = old.file.parent.glob("library.format-*.sqlite")
        kept = Store(file)
        assert (kept.manifest()["format"], kept.check()) == (file.stem[-1], "")
        again = Store(old.file.with_name("again.sqlite"))
        kept.copy(again.file)
        again.upgrade(renewed)
        assert again.entries() == old.entries()

    def test_stays_whole_where_the_upgrade_is_cut_short(self, old: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        before, made_by = old.file.read_bytes(), old.manifest()["format"]
        steps = [step for script in tables.UPGRADES[made_by] for step in script.split(";")]
        for number in range(1, len(steps) + 1):
            broken = ";".join([*steps[:number], "SELECT nothing FROM nowhere"])
            monkeypatch.setitem(tables.UPGRADES, made_by, (broken,))
            with pytest.raises(StoreError):
                old.upgrade(renewed)
            assert old.manifest()["format"] == made_by and old.file.read_bytes() == before

    def test_stays_whole_where_search_files_cannot_be_made(self, old: Store) -> None:
        put_before, made_by = old.file.read_bytes(), old.manifest()["format"]

        def full(entry: Entry, read: Read | None, *told: int) -> str:
            raise OSError(errno.ENOSPC, "no room")

        with pytest.raises(OSError, match="no room"):
            old.upgrade(full)
        assert old.manifest()["format"] == made_by and old.file.read_bytes() == put_before
        old.upgrade(lambda entry, read, *_: f"{entry.segment}-anew")
        assert [entry.segment for entry in old.entries()] == ["s1-anew"]


class TestDamagedOfAnOlderFormat:
    @pytest.mark.parametrize(
        ("to", "harm"),
        [
            ("3", "UPDATE documents SET text = 'Other.' WHERE id = 'b'"),
            ("3", "UPDATE documents SET text = CAST(x'ff' AS TEXT) WHERE id = 'b'"),
            ("3", "DELETE FROM sentences WHERE document = 'b'"),
            ("4", "UPDATE documents SET text = zeroblob(9) WHERE id = 'b'"),
            ("4", "UPDATE sentences SET start = start + 1 WHERE document = 'b' AND row = 1"),
            ("4", "UPDATE sentences SET passage = passage + 1 WHERE document = 'b'"),
            ("4", "UPDATE blocks SET kind = 'caption' WHERE document = 'b' AND row = 1"),
            ("4", "UPDATE blocks SET kind = CAST(x'ff' AS TEXT) WHERE document = 'b' AND row = 1"),
            ("4", "UPDATE lines SET page = CAST(x'ff' AS TEXT) WHERE document = 'b'"),
            ("4", "UPDATE markers SET position = -1 WHERE document = 'b'"),
            ("4", "UPDATE seals SET parts = '' WHERE document = 'b'"),
            ("5", "UPDATE documents SET text = zeroblob(9) WHERE id = 'b'"),
            ("5", "UPDATE parts SET sentences = x'' WHERE document = 'b'"),
        ],
    )
    def test_what_cannot_be_read_is_said_to_be_damaged_and_stays_so(self, store: Store, to: str, harm: str) -> None:
        put(store, NOTED)
        put(store, replace(NOTED, id="b"), "s2")
        downgrade(store, to)
        sql(store, harm)
        if "seals" in harm:
            with closing(sqlite3.connect(store.file)) as db, db:
                seals.seal(db)
        told = {}
        store.upgrade(lambda entry, read, *_: told.setdefault(entry.id, f"{entry.segment}-{read is not None}"))
        assert told == {"a": "s1-True", "b": "s2-False"}
        first, second = store.entries()
        assert (first.segment, second.segment) == ("s1-True", "s2-False") and store.read(first)[0] == NOTED
        with pytest.raises(StoreError, match=r"no longer holds the (text|parts) of “b” as written"):
            store.read(second)
        assert store.read(put(store, replace(NOTED, id="b"), "s3"))[0] == replace(NOTED, id="b")

    @pytest.mark.parametrize("harm", ["DELETE FROM seals WHERE document = 'a'", "UPDATE seals SET parts = ''"])
    def test_seals_that_were_lost_are_not_set_anew(self, store: Store, harm: str) -> None:
        put(store, LOG)
        to_format_4(store.file)
        sql(store, harm)
        before = store.file.read_bytes()
        with pytest.raises(StoreError, match="no longer holds the list of its documents and of what made it as"):
            store.upgrade(renewed)
        assert store.file.read_bytes() == before

    def test_a_list_that_is_not_as_written_is_not_sealed_anew(self, store: Store) -> None:
        put(store, LOG)
        to_format_3(store.file)
        sql(store, "UPDATE documents SET title = 'Other'")
        before = store.file.read_bytes()
        with pytest.raises(StoreError, match="no longer holds the details of “a” as written"):
            store.upgrade(renewed)
        assert store.file.read_bytes() == before


def test_a_file_that_a_newer_version_took_is_not_changed(store: Store) -> None:
    put(store, LOG)
    with closing(sqlite3.connect(store.file)) as db, db:
        db.execute("UPDATE manifest SET value = ? WHERE key = 'format'", [str(FORMAT + 1)])
        seals.seal(db)
    before = store.file.read_bytes()
    for change in (lambda: put(store, replace(LOG, id="b")), lambda: store.remove("a"), lambda: store.collect("B", [])):
        with pytest.raises(
            StoreError, match=f"was brought to format {FORMAT + 1} .* writes {FORMAT}; end this program"
        ):
            change()
    assert store.file.read_bytes() == before


class TestCollections:
    def test_hold_documents_in_the_order_of_the_library(self, store: Store) -> None:
        for name in ("c", "a", "b"):
            put(store, replace(LOG, id=name))
        store.collect("Tides", ["b", "c"])
        store.collect("Boats", ["a", "b"])
        assert store.collections() == (Collection("Boats", ("a", "b")), Collection("Tides", ("c", "b")))
        store.collect("Boats", ["c"])
        store.collect("Tides", [])
        assert store.collections() == (Collection("Boats", ("c",)),)

    def test_a_removed_document_leaves_them_and_a_replaced_one_stays(self, store: Store) -> None:
        for name in ("a", "b"):
            put(store, replace(LOG, id=name))
        store.collect("Boats", ["a", "b"])
        put(store, replace(LOG, id="a", title="Anew"), "s2")
        assert store.collections() == (Collection("Boats", ("a", "b")),)
        store.remove("a")
        assert store.collections() == (Collection("Boats", ("b",)),)
        store.remove("b")
        assert store.collections() == ()


class TestFormat2:
    def test_documents_of_format_2_were_cut_by_english_rules(self, store: Store) -> None:
        put(store, LOG)
        downgrade(store, "2")
        for _ in range(2):
            store.upgrade(renewed)
            assert store.manifest()["format"] == str(FORMAT)
            [entry] = store.entries()
            assert entry.language == "en" and store.read(entry)[0] == LOG
        german = replace(LOG, id="b", language="de")
        assert store.read(put(store, german, "s2"))[0] == german

    def test_its_documents_are_sealed(self, store: Store) -> None:
        put(store, replace(LOG, lines=(SourceLine(0, 1, "7"), SourceLine(3, 2))))
        put(store, replace(LOG, id="b"), "s2")
        before = [(entry, store.read(entry)) for entry in store.entries()]
        downgrade(store, "2")
        store.upgrade(renewed)
        assert store.manifest() == {"format": str(FORMAT), "encoder": "words"}
        assert [(entry, store.read(entry)) for entry in store.entries()] == before
        sql(store, "UPDATE parts SET sentences = ? WHERE document = 'b'", kept(LOG, ())["sentences"])
        with pytest.raises(StoreError, match="no longer holds the parts of “b” as written"):
            store.read(before[1][0])


class TestTransactions:
    def test_a_change_that_fails_half_way_is_undone(self, store: Store) -> None:
        """SQLite takes no such title; the old version is out by then."""
        entry = put(store, LOG)
        with pytest.raises(UnicodeEncodeError):
            put(store, replace(LOG, title="\ud800"), "s2")
        assert store.entries() == (entry,) and store.read(entry)[0] == LOG

    def test_readers_read_while_a_long_document_is_written(self, store: Store) -> None:
        """Were the reader shut out, it would wait a minute and fail."""
        entry = put(store, LOG)
        read: list[tuple[Entry, ...]] = []

        class Watched(Store):
            @contextmanager
            def _change(self) -> Iterator[sqlite3.Connection]:
                with super()._change() as db:
                    yield db
                    assert db.in_transaction
                    read.append(store.entries())

        text = Random(0).randbytes(4_000_000).hex()  # more than SQLite's cache holds, compressed
        long = replace(LOG, text=text, sha256=sha256(text.encode()).hexdigest())
        put(Watched(store.file), long, "s2")
        assert read == [(entry,)] != [store.entries()]

    def test_a_change_that_does_not_fit_into_memory_is_written_on_the_way(
        self, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("index.store._SPILL", 1)
        long = replace(LOG, text=(text := "“Boats” " * 100_000), sha256=sha256(text.encode()).hexdigest())
        entry = put(store, long)
        assert store.read(entry)[0] == long
        store.remove(entry.id)
        assert store.read(put(store, LOG, "s2"))[0] == LOG


class TestRefused:
    def test_a_text_that_is_not_what_was_added(self, store: Store) -> None:
        entry = put(store, LOG)
        sql(store, "UPDATE documents SET text = ?", b"".join(texts.packed(LOG.text.replace("late", "soon")).pages))
        with pytest.raises(
            StoreError,
            match=r"^The library file .*library\.sqlite no longer holds the text of “a” as written; add that",
        ):
            store.read(entry)

    def test_a_text_that_is_not_one_any_more(self, store: Store) -> None:
        entry = put(store, NOTED)
        sql(store, "UPDATE documents SET text = zeroblob(9)")
        self.parts_are_told(store, entry, "text")

    @pytest.mark.parametrize(
        ("part", "change"),
        [
            ("blocks", lambda made: replace(made, blocks=(replace(made.blocks[0], kind=BlockKind.CAPTION), LAST))),
            ("blocks", lambda made: replace(made, blocks=(replace(made.blocks[0], number=7), LAST))),
            ("blocks", lambda made: replace(made, blocks=(LAST,))),
            ("lines", lambda made: replace(made, lines=(SourceLine(0, 1, "9"),))),
            ("lines", lambda made: replace(made, lines=(SourceLine(0, 2, "7"),))),
            ("markers", lambda made: replace(made, markers=(Marker(4, 1),))),
            ("markers", lambda made: replace(made, markers=())),
        ],
    )
    def test_parts_that_are_not_what_was_added(
        self, store: Store, part: str, change: Callable[[Document], Document]
    ) -> None:
        entry = put(store, NOTED)
        sql(store, f"UPDATE parts SET {part} = ?", kept(change(NOTED), split(NOTED, NOTED.text))[part])
        self.parts_are_told(store, entry)

    @pytest.mark.parametrize("part", ["sentences", "passages"])
    def test_passages_that_are_not_what_was_added(self, store: Store, part: str) -> None:
        entry = put(store, NOTED)
        [passage] = split(NOTED, NOTED.text)
        first, *rest = passage.sentences
        others = {
            "sentences": [replace(passage, sentences=(replace(first, end=first.end - 1), *rest))],
            "passages": [Passage(first.start, first.end, (first,)), Passage(first.end, passage.end, tuple(rest))],
        }
        sql(store, f"UPDATE parts SET {part} = ?", kept(NOTED, others[part])[part])
        self.parts_are_told(store, entry)

    @pytest.mark.parametrize("part", PARTS)
    def test_any_bit_of_the_parts_that_turned_and_any_that_is_missing(self, store: Store, part: str) -> None:
        entry = put(store, NOTED)
        data = kept(NOTED, split(NOTED, NOTED.text))[part]
        flips = [data[:at] + bytes([data[at] ^ 1 << at % 8]) + data[at + 1 :] for at in range(len(data))]
        for damaged in (*flips, *(data[:at] for at in range(len(data))), data + b"\0", data + data):
            sql(store, f"UPDATE parts SET {part} = ?", damaged)
            with pytest.raises(StoreError, match="no longer holds the parts of “a” as written; add that document's"):
                store.read(entry)
        sql(store, f"UPDATE parts SET {part} = ?", data)
        assert store.read(entry)[0] == NOTED

    @pytest.mark.parametrize("harm", ["DELETE FROM parts", "UPDATE parts SET lines = markers, markers = lines"])
    def test_parts_that_are_missing_or_in_another_s_place(self, store: Store, harm: str) -> None:
        entry = put(store, NOTED)
        sql(store, harm)
        self.parts_are_told(store, entry)

    def parts_are_told(self, store: Store, entry: Entry, what: str = "parts") -> None:
        """And adding the document again mends it."""
        with pytest.raises(StoreError, match=f"no longer holds the {what} of “a” as written; add that document's file"):
            store.read(entry)
        assert store.read(put(store, NOTED, "s2"))[0] == NOTED

    @pytest.mark.parametrize(
        "kept",
        [
            "BEFORE DELETE ON parts BEGIN SELECT RAISE(IGNORE); END",  # and another cannot be beside it
            "AFTER INSERT ON parts BEGIN UPDATE parts SET markers = lines; END",
            "AFTER INSERT ON documents BEGIN UPDATE documents SET words = 9 WHERE id = NEW.id; END",
        ],
    )
    def test_rows_that_are_not_what_was_written_do_not_become_a_new_version_s(self, store: Store, kept: str) -> None:
        """A damaged tree does not find a row that lies out of its order; the triggers do as it does."""
        entry = put(store, NOTED)
        sql(store, f"CREATE TRIGGER kept {kept}")
        with pytest.raises(StoreError, match=r"is damaged: .*; add its files to a new library\.$"):
            put(store, replace(LOG, markers=(Marker(5, 1),)), "s2")
        assert store.entries() == (entry,) and store.read(entry)[0] == NOTED

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE documents SET title = 'Another'",
            "UPDATE documents SET words = words + 1",
            "UPDATE documents SET position = 1 - position",
            "UPDATE documents SET passages = passages + 1",
            "DELETE FROM documents WHERE id = 'a'",
            "DELETE FROM seals WHERE document = 'a'",
            "DELETE FROM documents WHERE id = 'a'; DELETE FROM seals WHERE document = 'a'",
            "UPDATE manifest SET value = 'other' WHERE key = 'encoder'",
            "DELETE FROM manifest WHERE key = 'seal'",
        ],
    )
    def test_a_list_that_is_not_what_was_written_and_no_change_makes_it_look_whole(
        self, store: Store, statement: str
    ) -> None:
        put(store, LOG)
        put(store, replace(LOG, id="b"), "s2")
        with closing(sqlite3.connect(store.file)) as db:  # which does not follow foreign keys
            db.executescript(statement)
        store = Store(store.file)  # one that read the list before goes on with that: it is what was written
        damaged = store.file.read_bytes()
        with pytest.raises(StoreError, match=r"no longer holds the .* as written; add its files to a new library\.$"):
            store.entries()
        if "seals" in statement or "manifest" in statement:
            for change in (lambda: put(store, replace(LOG, id="c")), lambda: store.remove("b")):
                with pytest.raises(StoreError, match="no longer holds"):
                    change()
            assert store.file.read_bytes() == damaged
        elif "title" in statement:
            with pytest.raises(StoreError, match="no longer holds the details of “a” as written"):
                store.rename(replace(LOG, author="A. Keeper"))
            assert store.file.read_bytes() == damaged

    @pytest.mark.parametrize("content", [b"no database" * 100, b"SQLite format 3\x00" + b"\xff" * 4096])
    def test_a_file_that_is_no_database(self, tmp_path: Path, content: bytes) -> None:
        (tmp_path / "library.sqlite").write_bytes(content)
        with pytest.raises(StoreError, match=r"^The library file .* is damaged: .*; add its files to a new library\.$"):
            Store(tmp_path / "library.sqlite").manifest()

    def test_a_schema_that_is_no_text_any_more(self, store: Store) -> None:
        """SQLite quotes it in its message, which Python cannot read."""
        put(store, LOG)
        store.file.write_bytes(store.file.read_bytes().replace(b"CREATE TABLE", b"CREATE T\xacBLE"))
        for read in (store.manifest, store.entries, store.check):
            with pytest.raises(
                StoreError, match=r"^The library file .* is damaged: .*; add its files to a new library\.$"
            ):
                read()

    def test_a_file_cut_in_half(self, store: Store) -> None:
        for number in range(200):
            put(store, replace(LOG, id=str(number)))
        data = store.file.read_bytes()
        store.file.write_bytes(data[: len(data) // 2])
        with pytest.raises(StoreError, match=r"is damaged: .*; add its files to a new library\.$"):
            store.entries()

    def test_a_missing_file_is_not_made_by_reading(self, tmp_path: Path) -> None:
        with pytest.raises(StoreError, match=r"cannot be used: .*; check who may read it and its folder\.$"):
            Store(tmp_path / "library.sqlite").entries()
        assert not (tmp_path / "library.sqlite").exists()
