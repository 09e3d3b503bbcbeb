"""The library: what adding does, what is refused, damage, readers beside a writer, and death at any moment."""

import errno
import gc
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from itertools import count, pairwise, product
from pathlib import Path
from random import Random
from typing import Any

import pytest
from conftest import WordEncoder
from older import older, to_format_3

from index import seals, split
from index.embed import Encoder
from index.embedded import Embedded
from index.encoders import Encoders
from index.entry import Entry
from index.library import Added, Library
from index.load import load
from index.manifest import FILE, SEGMENTS, LibraryError
from index.segment import WORDS, SegmentError
from index.sentence_encoder import SentenceTransformerEncoder
from index.store import Store, StoreError
from index.tiers import FOLDER, Few
from index.types import Details, Document, MissingError, ParallaxError, Progress
from index.vectors import CHUNK

Load = Callable[[str], Encoder]
Write = Callable[[str, str], Path]

BARGE = "The Barge\n\nThe barge came to the lock at dawn. Nobody had rung the bell, and the keeper slept on.\n"
FERRY = "The Ferry\n\nThe ferry sank in the weir. All were saved, for the water was low that summer.\n"

TOLL = "{}\n\nby {}\n\nThe keeper took a penny for each horse. Nobody paid at night, and the gate stood open.\n"


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return written


@pytest.fixture
def library(tmp_path: Path, word_encoder: Load) -> Library:
    return Library.open(tmp_path / "library", word_encoder, create=True)


def state(library: Library) -> dict[str, tuple[Any, ...]]:
    """What a library shows and answers."""
    asked = library.query("the lock and the weir")
    shown = {}
    for entry in library.entries():
        hits = library.search(entry, asked, 5)
        evidence = library.evidence(entry, asked, [hit.passage for hit in hits])
        numbers = tuple((tuple(e.similarity), tuple(e.words), e.coverage) for e in evidence)
        details = (entry.title, entry.author, entry.year, entry.label)
        shown[entry.id] = (library.document(entry).text, library.passages(entry), tuple(hits), numbers, details)
    return shown


def left_behind(folder: Path, entries: tuple[Entry, ...]) -> set[str]:
    """What lies in a library's folder and does not belong to it."""
    expected = {FILE, SEGMENTS, "write.lock"} | {f"{SEGMENTS}/{entry.segment}" for entry in entries}
    found = {str(path.relative_to(folder)) for path in [*folder.iterdir(), *(folder / SEGMENTS).iterdir()]}
    return found - expected


def sql(library: Library, statement: str) -> None:
    with closing(sqlite3.connect(library.address / FILE)) as db, db:
        db.execute(statement)


class TestAdd:
    def test_a_file_is_added_once(self, library: Library, write: Write) -> None:
        path = write("barge.txt", BARGE)
        entry, added = library.add(path, Details())
        assert added is Added.NEW and library.entries() == (entry,) and library.document(entry) == load(path)
        before = state(library), entry
        assert library.add(path, Details()) == (entry, Added.UNCHANGED)
        assert (state(library), *library.entries()) == before

    def test_its_text_is_let_go_before_what_is_many_is_gathered(
        self, tmp_path: Path, word_encoder: Load, write: Write
    ) -> None:
        held: list[list[Document]] = []

        class Looking(Few):
            def covers(self, entries: Sequence[Entry]) -> bool:
                there = [one for one in gc.get_objects() if type(one) is Document]
                held.append([one for one in there if one.id == "long-barge"])
                return super().covers(entries)

        engine = Embedded(tmp_path / "library", Looking(1, 1))
        library = Library(engine, Encoders(None, word_encoder, None))
        library.add(write("long-barge.txt", BARGE), Details())
        assert held and not any(held)
        assert len(list((tmp_path / "library" / FOLDER).iterdir())) == 1

    def test_a_changed_file_replaces_its_old_version_in_its_place(self, library: Library, write: Write) -> None:
        library.add(write("barge.txt", BARGE), Details(author="A. Keeper", year=1848))
        library.add(write("ferry.txt", FERRY), Details())
        replaced, added = library.add(write("barge.txt", FERRY), Details(year=1849))
        first, second = library.entries()
        assert added is Added.REPLACED and first == replaced and (first.id, second.id) == ("barge", "ferry")
        assert (first.author, first.year) == ("A. Keeper", 1849)
        assert "ferry sank" in library.document(first).text
        assert left_behind(library.address, library.entries()) == set()

    def test_what_was_read_from_an_old_text_follows_the_new_one(self, library: Library, write: Write) -> None:
        page = (
            "<html><head>{}</head><body><h1>{}</h1><p>The tolls rose each year, and the carters paid.</p></body></html>"
        )
        library.add(write("toll.txt", TOLL.format("THE TOLL", "Ann Marsh")), Details())
        library.add(write("other.txt", TOLL.format("THE WEIR", "Ann Marsh") + "More."), Details())
        library.add(write("page.html", page.format("", "Tolls")), Details())
        library.add(write("toll.txt", TOLL.format("THE WEIR", "Ben Reed")), Details())
        library.add(write("page.html", page.format('<meta name="date" content="1911">', "Dues")), Details())
        shown = [(entry.title, entry.author, entry.year, entry.label) for entry in library.entries()]
        assert shown[0] == ("The Weir", "Ben Reed", None, "Reed, The Weir")
        assert shown[2] == ("Dues", None, 1911, "Dues")
        library.add(write("toll.txt", TOLL.format("THE WEIR", "Ann Marsh")), Details())
        assert library.entry("toll").label == "Marsh, The Weir (2)"
        library.add(
            write("toll.txt", "The lock was shut. Nobody came by all night, and the keeper slept.\n"), Details()
        )
        entry = library.entry("toll")  # this text tells nothing of itself
        assert (entry.title, entry.author, entry.label) == ("The Weir", "Ann Marsh", "Marsh, The Weir (2)")

    def test_what_the_properties_of_a_file_told_follows_where_it_is_still_there(
        self, library: Library, write: Write
    ) -> None:
        front = "---\ntitle: {}\nauthor: {}\ndate: {}\n---\n\nThe tolls rose each year, and the carters paid them.\n"
        library.add(write("first.md", front.format("Tolls", "Ann Marsh", 1903)), Details(id="tolls"))
        library.add(write("second.md", front.format("Dues", "Ben Reed", 1911)), Details(id="tolls"))
        entry = library.entry("tolls")
        assert (entry.title, entry.author, entry.year, entry.label) == ("Dues", "Ben Reed", 1911, "Reed, Dues")
        library.describe("tolls", Details(title="Dues", author="Ben Reed", label="Reed, Dues"))
        library.add(write("third.md", front.format("Tolls", "Ben Reed", 1912)), Details(id="tolls"))
        entry = library.entry("tolls")
        assert (entry.title, entry.year) == ("Tolls", None)  # it was taken away by hand

    def test_what_was_given_by_hand_stays_with_a_new_text(self, library: Library, write: Write) -> None:
        library.add(write("toll.txt", TOLL.format("THE TOLL", "Ann Marsh")), Details(title="Dues", year=1903))
        library.add(write("toll.txt", TOLL.format("THE WEIR", "Ben Reed")), Details())
        entry = library.entry("toll")
        assert (entry.title, entry.author, entry.year, entry.label) == ("Dues", "Ben Reed", 1903, "Reed, Dues")
        library.describe("toll", Details(title="The Weir", author=None, label="W"))
        library.add(write("toll.txt", TOLL.format("THE LOCK", "Cara Wills")), Details())
        entry = library.entry("toll")
        assert (entry.title, entry.author, entry.label) == ("The Lock", None, "W")

    def test_a_damaged_text_is_replaced_by_another(self, library: Library, write: Write) -> None:
        library.add(write("barge.txt", BARGE), Details(author="A. Keeper"))
        sql(library, "UPDATE documents SET text = substr(text, 2)")
        library.add(write("barge.txt", FERRY), Details())
        assert library.entry("barge").author == "A. Keeper"

    def test_new_details_change_nothing_else(self, library: Library, write: Write) -> None:
        library.add(write("barge.txt", BARGE), Details(label="Log"))
        [old] = library.entries()
        library.document(old)
        new, added = library.add(write("barge.txt", BARGE), Details(title="The Log of a Lock"))
        assert added is Added.RENAMED and (new.title, new.label) == ("The Log of a Lock", "Log")
        assert library.entries() == (new,) and new.segment == old.segment
        assert library.document(new).title == new.title and library.document(new).text == library.document(old).text

    def test_a_document_is_described_anew_without_being_indexed(self, library: Library, write: Write) -> None:
        library.add(write("barge.txt", BARGE), Details(author="Holm", year=1902))
        [old] = library.entries()
        library.describe("barge", Details(title="Log", label="L"))
        [new] = library.entries()
        assert (new.title, new.author, new.year, new.label) == ("Log", None, None, "L")
        assert (new.id, new.segment, new.sha256) == (old.id, old.segment, old.sha256)
        with pytest.raises(MissingError, match="no document “weir”"):
            library.describe("weir", Details(title="Log", label="L"))

    def test_details_given_by_another_process_are_seen(
        self, library: Library, write: Write, word_encoder: Load
    ) -> None:
        library.add(write("barge.txt", BARGE), Details())
        library.document(library.entry("barge"))
        Library.open(library.address, word_encoder).add(write("barge.txt", BARGE), Details(title="Log"))
        assert library.document(library.entry("barge")).title == "Log"

    def test_a_copy_under_another_name_is_told_and_added_only_where_that_is_meant(
        self, library: Library, write: Write
    ) -> None:
        library.add(write("barge.txt", BARGE), Details(label="Log"))
        with pytest.raises(LibraryError) as caught:
            library.add(write("copy.txt", BARGE), Details())
        assert str(caught.value) == (
            "copy.txt is the same file as “barge” (Log), which is in the library already; "
            "give it an id of its own with --id to have it twice."
        )
        assert list(state(library)) == ["barge"]
        assert library.add(write("copy.txt", BARGE), Details(id="copy", label="Log"))[1] is Added.NEW
        one, other = state(library).values()
        assert one[:3] == other[:3]

    def test_the_same_name_in_two_folders_is_refused(self, library: Library, write: Write) -> None:
        first = write("upper/barge.txt", BARGE)
        library.add(first, Details())
        before = state(library)
        second = write("lower/barge.txt", FERRY)
        with pytest.raises(LibraryError) as caught:
            library.add(second, Details())
        assert str(caught.value) == (
            f"The id “barge” belongs to {first}; give {second} another id with --id, "
            "or the same one to replace that document."
        )
        assert state(library) == before
        assert library.add(second, Details(id="lower"))[1] is Added.NEW
        assert library.add(second, Details(id="barge"))[1] is Added.REPLACED

    def test_progress_names_every_stage_and_ends_each(self, library: Library, write: Write) -> None:
        told: list[tuple[str, int, int]] = []
        library.add(write("barge.txt", BARGE), Details(), lambda *news: told.append(news))
        last = {stage: (done, total) for stage, done, total in told}
        stages = ["reading", "loading the encoder", "splitting", "encoding", "indexing words", "writing"]
        assert list(last) == stages
        assert all(done == total for done, total in last.values())

    def test_what_cannot_be_read_changes_nothing(self, library: Library, write: Write) -> None:
        library.add(write("barge.txt", BARGE), Details())
        before = state(library)
        for path in (write("blank.txt", " \n"), library.address, library.address / "missing.txt"):
            with pytest.raises(ParallaxError):
                library.add(path, Details())
        assert state(library) == before

    def test_interrupted_in_any_stage_it_changes_nothing(self, library: Library, write: Write) -> None:
        library.add(write("barge.txt", BARGE), Details())
        before = state(library)

        def interrupted_in(at: str) -> Progress:
            def interrupt(stage: str, done: int, total: int) -> None:
                if stage == at:
                    raise KeyboardInterrupt

            return interrupt

        for at in ("reading", "splitting", "encoding", "indexing words", "writing"):
            with pytest.raises(KeyboardInterrupt):
                library.add(write("barge.txt", FERRY), Details(), interrupted_in(at))
            assert state(library) == before


class TestRemove:
    def test_takes_one_out_with_its_files(self, library: Library, write: Write) -> None:
        library.add(write("barge.txt", BARGE), Details())
        library.add(write("ferry.txt", FERRY), Details())
        library.remove("barge")
        assert [entry.id for entry in library.entries()] == ["ferry"]
        assert left_behind(library.address, library.entries()) == set()

    def test_an_unknown_id_is_told_those_there_are(self, library: Library, write: Write) -> None:
        with pytest.raises(MissingError, match=r"there is: none\.$"):
            library.remove("barge")
        library.add(write("ferry.txt", FERRY), Details())
        with pytest.raises(MissingError, match=r"^There is no document “barge” in this library; there is: “ferry”\.$"):
            library.remove("barge")


class TestOpen:
    def test_a_missing_one(self, tmp_path: Path, word_encoder: Load) -> None:
        for folder in (tmp_path / "none", tmp_path):
            with pytest.raises(LibraryError, match=r"^There is no library at .*; add a document to make one\.$"):
                Library.open(folder, word_encoder)
        assert not (tmp_path / "none").exists()

    @pytest.mark.parametrize("lose", [Path.unlink, lambda file: file.write_bytes(b"")])
    def test_one_that_lost_its_file_is_neither_none_nor_made_anew(
        self, library: Library, write: Write, word_encoder: Load, lose: Callable[[Path], object]
    ) -> None:
        library.add(path := write("barge.txt", BARGE), Details())
        kept = (library.address / FILE).read_bytes()
        lose(library.address / FILE)
        before = {*library.address.rglob("*")} | {library.address / "write.lock"}
        acts: list[Callable[[], object]] = [
            lambda: Library.open(library.address, word_encoder),
            lambda: Library.open(library.address, word_encoder, create=True),
            library.entries,
            library.mend,
            lambda: library.remove("barge"),
            lambda: library.add(path, Details()),
            lambda: library.collect("Boats", []),
        ]
        for act in acts:
            with pytest.raises(LibraryError, match=r"library\.sqlite is missing or empty there; bring it back"):
                act()
        assert {*library.address.rglob("*")} <= before
        (library.address / FILE).write_bytes(kept)
        assert Library.open(library.address, word_encoder).add(path, Details())[1] is Added.UNCHANGED

    def test_below_a_file_none_can_be_made(self, write: Write, word_encoder: Load) -> None:
        with pytest.raises(LibraryError, match=r"^No library can be made at .* \(Not a directory\); choose a folder"):
            path = write("barge.txt", BARGE)
            Library.open(path / "library", word_encoder, create=True).add(path, Details())

    def test_one_whose_making_was_cut_short_is_made(self, library: Library, write: Write, word_encoder: Load) -> None:
        library.address.mkdir(exist_ok=True)
        (library.address / FILE).touch()
        with pytest.raises(LibraryError, match=r"^There is no library"):
            Library.open(library.address, word_encoder)
        created = Library.open(library.address, word_encoder, create=True)
        assert created.entries() == ()
        created.add(write("barge.txt", BARGE), Details())
        assert [entry.id for entry in Library.open(library.address, word_encoder).entries()] == ["barge"]

    def test_a_file_that_cannot_be_read_makes_none(self, tmp_path: Path, write: Write, word_encoder: Load) -> None:
        created = Library.open(tmp_path / "library", word_encoder, create=True)
        for path in (tmp_path / "missing.txt", write("blank.txt", " \n")):
            with pytest.raises(ParallaxError):
                created.add(path, Details())
        assert not (tmp_path / "library").exists()

    @pytest.mark.parametrize(
        ("key", "value", "told"),
        [
            (
                "format",
                "99",
                r"has format 99 and this version of Parallax reads \d+; use the version that made it, .*\.$",
            ),
            ("splitter", "99", r"was split by version 99 of the rules and this is version \d+; .* a new library\.$"),
            ("encoder", "other", r"was made with the model “other”, not “words”; leave the model out, .*\.$"),
        ],
    )
    def test_one_that_others_made(self, tmp_path: Path, word_encoder: Load, key: str, value: str, told: str) -> None:
        made_by = {"encoder": "words", "fingerprint": "words", "dimension": "64", "splitter": str(split.VERSION)}
        store = Store(tmp_path / FILE)
        store.create({**made_by, **({key: value} if key != "format" else {})})
        if key == "format":
            with closing(sqlite3.connect(store.file)) as db, db:
                db.execute("UPDATE manifest SET value = ? WHERE key = 'format'", [value])
        before = store.file.read_bytes()
        for door in (Library.open, partial(Library.open, create=True)):
            with pytest.raises(LibraryError, match=rf"^The library at .* {told}"):
                door(tmp_path, word_encoder, "words")
        assert store.file.read_bytes() == before

    def test_one_made_with_other_weights(self, library: Library, write: Write, word_encoder: Load) -> None:
        class Another(WordEncoder):
            fingerprint = "another"

        Library.open(library.address, Another, create=True).add(write("barge.txt", BARGE), Details())
        opened = Library.open(library.address, word_encoder)
        told = r"was made with other weights of “all-MiniLM-L6-v2” \(SHA-256 another…, not words…\); .*\.$"
        with pytest.raises(LibraryError, match=told):
            opened.query("the barge")
        with pytest.raises(LibraryError, match=told):
            opened.add(write("ferry.txt", FERRY), Details())
        assert [entry.id for entry in opened.entries()] == ["barge"]

    def test_remembers_its_model(self, tmp_path: Path, write: Write, word_encoder: Load) -> None:
        Library.open(tmp_path / "one", word_encoder, "words", create=True).add(write("barge.txt", BARGE), Details())
        assert Library.open(tmp_path / "one", word_encoder).encoder().name == "words"


class TestDamage:
    def test_every_search_file_is_missed_by_name_and_healed_by_adding_again(
        self, library: Library, write: Write, word_encoder: Load
    ) -> None:
        path = write("barge.txt", BARGE)
        library.add(path, Details())
        before = state(library)
        for name in ("passages.npy", "sentences.npy", WORDS, "contents.json"):
            opened = Library.open(library.address, word_encoder)
            [entry] = opened.entries()
            file = library.address / SEGMENTS / entry.segment / name
            file.write_bytes(file.read_bytes()[:5])
            with pytest.raises(SegmentError) as caught:
                opened.search(entry, opened.query("barge"), 3)
            assert str(file) in str(caught.value)
            assert str(caught.value).endswith("makes those of “barge” anew from its text.")
            assert opened.add(path, Details())[1] is Added.REPLACED
            assert state(opened) == before

    def test_every_search_file_is_made_anew_from_the_text(
        self, library: Library, write: Write, word_encoder: Load
    ) -> None:
        for name, text in (("barge.txt", BARGE), ("ferry.txt", FERRY)):
            path = write(name, text)
            library.add(path, Details())
            path.unlink()
        before, listed = state(library), library.entries()
        ways: list[Callable[[Path], object]] = [
            lambda file: file.write_bytes(file.read_bytes()[:5]),
            lambda file: file.write_bytes(bytes([file.read_bytes()[0] ^ 1]) + file.read_bytes()[1:]),
            Path.unlink,
        ]
        harmed = library.address / SEGMENTS / listed[1].segment
        names = sorted(path.relative_to(harmed) for path in harmed.rglob("*") if path.is_file())
        assert len(names) == 4
        for name, damage in product(names, ways):
            opened = Library.open(library.address, word_encoder)
            entry = opened.entry("ferry")
            damage(library.address / SEGMENTS / entry.segment / name)
            with pytest.raises(SegmentError):
                opened.search(entry, opened.query("ferry"), 3)
            assert opened.document(entry).text == library.document(listed[1]).text
            assert opened.mend() == ("ferry",) and opened.mend() == ()
            assert state(opened) == before
            now = opened.entries()
            assert now[0] == listed[0] and replace(now[1], segment=listed[1].segment) == listed[1]

    def test_a_document_whose_text_is_damaged_too_stands_in_no_others_way(
        self, library: Library, write: Write, word_encoder: Load
    ) -> None:
        for name, text in (("barge.txt", BARGE), ("ferry.txt", FERRY)):
            library.add(write(name, text), Details())
        shutil.rmtree(library.address / SEGMENTS)
        sql(library, "UPDATE documents SET text = substr(text, 2) WHERE id = 'barge'")
        opened = Library.open(library.address, word_encoder)
        assert opened.mend() == ("ferry",)
        assert opened.search(opened.entry("ferry"), opened.query("ferry"), 1)
        with pytest.raises(StoreError, match="add that document's file again"):
            opened.search(opened.entry("barge"), opened.query("barge"), 1)

    def test_a_text_that_is_not_what_was_added_is_refused_and_healed(
        self, library: Library, write: Write, word_encoder: Load
    ) -> None:
        path = write("barge.txt", BARGE)
        library.add(path, Details())
        sql(library, "UPDATE documents SET text = substr(text, 2)")
        opened = Library.open(library.address, word_encoder)
        with pytest.raises(StoreError, match="no longer holds the text of “barge” as written"):
            opened.document(opened.entry("barge"))
        assert opened.add(path, Details())[1] is Added.REPLACED
        assert "slept" in opened.document(opened.entry("barge")).text

    def test_all_search_files_lost(self, library: Library, write: Write, word_encoder: Load) -> None:
        path = write("barge.txt", BARGE)
        library.add(path, Details())
        before = state(library)
        shutil.rmtree(library.address / SEGMENTS)
        opened = Library.open(library.address, word_encoder)
        assert opened.add(path, Details())[1] is Added.REPLACED
        assert state(opened) == before

    def test_orphans_are_swept_by_the_next_change(self, library: Library, write: Write) -> None:
        library.add(write("barge.txt", BARGE), Details())
        for name in ("orphan", "cut-short.partial"):
            (library.address / SEGMENTS / name).mkdir()
        library.add(write("ferry.txt", FERRY), Details())
        assert left_behind(library.address, library.entries()) == set()


class TestTogether:
    def test_a_second_writer_is_told(self, library: Library, write: Write, word_encoder: Load) -> None:
        told: list[str] = []

        def add_another(stage: str, done: int, total: int) -> None:
            if stage == "encoding":
                with pytest.raises(LibraryError) as caught:
                    Library.open(library.address, word_encoder).add(write("ferry.txt", FERRY), Details())
                told.append(str(caught.value))

        library.add(write("barge.txt", BARGE), Details(), add_another)
        assert set(told) == {
            f"Another process is changing the library at {library.address}; try again when it has finished."
        }
        assert library.add(write("ferry.txt", FERRY), Details())[1] is Added.NEW

    def test_a_reader_that_holds_a_version_keeps_it(self, library: Library, write: Write) -> None:
        library.add(write("barge.txt", BARGE), Details())
        [old] = library.entries()
        library.document(old)
        library.add(write("barge.txt", FERRY), Details())
        assert "bell" in library.document(old).text

    def test_a_version_that_went_before_it_was_read_is_not_mixed_with_the_new_one(
        self, library: Library, write: Write
    ) -> None:
        library.add(write("barge.txt", BARGE), Details())
        [old] = library.entries()
        library.add(write("barge.txt", FERRY), Details())
        with pytest.raises(StoreError, match=r"^The document “barge” was replaced or removed in the meantime"):
            library.search(old, library.query("barge"), 3)

    def test_readers_see_one_version_or_the_other(self, library: Library, write: Write, word_encoder: Load) -> None:
        versions = (BARGE, FERRY)
        right = {}
        for text in versions:
            library.add(write("log.txt", text), Details())
            right[text.split()[1].lower()] = state(library)["log"]
        done = threading.Event()
        seen: list[tuple[Any, ...]] = []
        errors: list[Exception] = []

        def read() -> None:
            reader = Library.open(library.address, word_encoder)
            while not done.is_set():
                try:
                    seen.append(state(reader)["log"])
                except StoreError as error:  # it was replaced between two looks
                    if "in the meantime" not in str(error):
                        errors.append(error)
                except Exception as error:
                    errors.append(error)

        readers = [threading.Thread(target=read) for _ in range(3)]
        for reader in readers:
            reader.start()
        try:
            for text in versions * 8:
                assert library.add(write("log.txt", text), Details())[1] is Added.REPLACED
        finally:
            done.set()
            for reader in readers:
                reader.join()
        assert errors == [] and seen
        assert all(one in right.values() for one in seen)


Task = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def nursery() -> Iterator[Task]:
    """Carries out a task on a library in a process that may die; returns its signal and the error it told."""
    here = Path(__file__).resolve().parent
    command = [sys.executable, str(here / "nursery.py")]
    environment = {**os.environ, "PYTHONPATH": str(here.parent)}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdin is not None and process.stdout is not None

        def task(do: str, folder: Path, **rest: Any) -> dict[str, Any]:
            print(json.dumps({"do": do, "folder": str(folder), **rest}), file=process.stdin, flush=True)
            outcome: dict[str, Any] = json.loads(process.stdout.readline())  # type: ignore[union-attr]
            return outcome

        yield task
        process.stdin.close()
        assert process.wait(timeout=30) == 0


def shown(folder: Path, load: Load) -> dict[str, tuple[Any, ...]] | None:
    """What a library shows, opened anew; None where there is none."""
    try:
        return state(Library.open(folder, load))
    except LibraryError as error:
        assert str(error).startswith("There is no library at")
        return None


def copy(folder: Path) -> Path:
    """A fresh copy of a folder beside it; of nothing, nothing."""
    made = folder.with_name("copy")
    shutil.rmtree(made, ignore_errors=True)
    return Path(shutil.copytree(folder, made)) if folder.exists() else made


class TestDeath:
    @pytest.fixture
    def seed(self, tmp_path: Path, write: Write, word_encoder: Load) -> Path:
        """A library of two documents."""
        library = Library.open(tmp_path / "seed", word_encoder, create=True)
        library.add(write("log.txt", BARGE), Details(id="log"))
        library.add(write("other.txt", FERRY), Details())
        return library.address

    @pytest.mark.parametrize("change", ["first", "add", "replace", "remove"])
    def test_at_any_step_it_leaves_the_old_library_or_the_new_one(
        self, nursery: Task, seed: Path, write: Write, word_encoder: Load, change: str
    ) -> None:
        if change == "first":
            shutil.rmtree(seed)
        elif change == "add":
            Library.open(seed, word_encoder).remove("log")
        task = {"do": "remove" if change == "remove" else "add", "file": str(write("new/log.txt", FERRY + BARGE))}
        old = shown(seed, word_encoder)
        assert nursery(folder=copy(seed), **task) == {"signal": 0, "error": ""}
        new = shown(seed.with_name("copy"), word_encoder)
        seen = []
        for step in count(1):
            folder = copy(seed)
            outcome = nursery(folder=folder, step=step, **task)
            assert outcome["error"] == ""
            seen.append(shown(folder, word_encoder))
            if not outcome["signal"]:
                break
            nursery(folder=folder, **task)
            assert shown(folder, word_encoder) == new
            assert left_behind(folder, Library.open(folder, word_encoder).entries()) == set()
        stages = [old, {}, new] if change == "first" else [old, new]  # a first library is empty before it is full
        assert [stages.index(one) for one in seen] == sorted(stages.index(one) for one in seen)
        assert {stages.index(one) for one in seen} == set(range(len(stages)))

    def test_brought_up_to_date_it_is_whole_at_any_step(self, nursery: Task, seed: Path, word_encoder: Load) -> None:
        state = shown(seed, word_encoder)
        older(seed, word_encoder("words"))
        segments = {entry.segment for entry in Store(seed / FILE).entries()}
        for step in count(1, 25):
            folder = copy(seed)
            outcome = nursery("read", folder, step=step)
            assert outcome["error"] == "" and shown(folder, word_encoder) == state
            assert {path.name for path in (folder / f"{SEGMENTS}.format-3").iterdir()} == segments
            if not outcome["signal"]:
                break
        assert step > 50

    @pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EIO])
    def test_a_write_that_fails_at_any_step_is_told_and_leaves_the_old_library_or_the_new_one(
        self, nursery: Task, seed: Path, write: Write, word_encoder: Load, number: int
    ) -> None:
        task = {"do": "add", "file": str(write("new/log.txt", FERRY + BARGE))}
        old = shown(seed, word_encoder)
        nursery(folder=copy(seed), **task)
        new = shown(seed.with_name("copy"), word_encoder)
        told = 0
        for step in count(1):
            folder = copy(seed)
            outcome = nursery(folder=folder, step=step, errno=number, **task)
            if not outcome["failed"]:
                break
            found = shown(folder, word_encoder)
            if outcome["error"]:
                told += 1
                assert outcome["error"].startswith((f"The library at {folder} ", f"The library file {folder}"))
                assert outcome["error"].endswith(".") and found in (old, new)
            else:  # it did without that step
                assert found == new
        assert outcome == {"signal": 0, "error": "", "failed": False} and told > 20

    @pytest.mark.parametrize("die", [True, False])
    def test_in_mid_commit_or_on_a_full_disk_it_leaves_the_old_library(
        self, nursery: Task, seed: Path, write: Write, word_encoder: Load, die: bool
    ) -> None:
        """The kernel ends the commit at a size that the file must pass, by death or by an error."""
        old = shown(seed, word_encoder)
        chance = Random(0)  # what is no word and cannot be compressed: a long row, and small search files
        lines = [f"xx {''.join(chance.choices('<=>+~^|', k=60))}\n" for _ in range(4000)]
        file = write("new/log.txt", "".join(lines))
        for pages in (1, 10, 20):
            folder = copy(seed)
            limit = (folder / FILE).stat().st_size + pages * 4096
            outcome = nursery("add", folder, file=str(file), file_limit=limit, die=die)
            assert (outcome["signal"] == signal.SIGXFSZ) is die
            assert (folder / f"{FILE}-journal").exists() is die
            told = f"The library file {folder / FILE} cannot be used: disk I/O error; make room "
            assert die or outcome["error"].startswith(told)
            assert shown(folder, word_encoder) == old
            assert nursery("add", folder, file=str(file)) == {"signal": 0, "error": ""}
            library = Library.open(folder, word_encoder)
            assert len(library.document(library.entry("log")).text) == 64 * 4000 - 1
            assert left_behind(folder, library.entries()) == set()

    def test_on_a_disk_without_room_for_the_search_files(
        self, nursery: Task, seed: Path, write: Write, word_encoder: Load
    ) -> None:
        old = shown(seed, word_encoder)
        file = write("new/log.txt", FERRY * 50)
        outcome = nursery("add", seed, file=str(file), file_limit=4096, die=False)
        assert outcome["error"].startswith(f"The library at {seed} cannot be written (")
        assert shown(seed, word_encoder) == old


KILLED = """
import os, signal, sys
from pathlib import Path
from conftest import WordEncoder
from index.library import Library
from index.types import Details

class Mortal(WordEncoder):
    done = 0
    def encode_passages(self, passages, progress):
        if self.done:
            os.kill(os.getpid(), signal.SIGKILL)
        self.done += len(passages)
        return super().encode_passages(passages, progress)

Library.open(Path(sys.argv[1]), Mortal, create=True).add(Path(sys.argv[2]), Details())
"""


class TestContinued:
    @pytest.fixture
    def log(self, write: Write) -> Path:
        """A file of three chunks."""
        days = (f"On day {day} the keeper opened the lock. " + f"Barge {day} went down. " * 9 for day in range(150))
        return write("log.txt", "The Log\n\n" + "\n\n".join(days))

    def test_after_a_kill_it_says_where_it_continues_and_ends_with_the_same_files(
        self, library: Library, log: Path, word_encoder: Load
    ) -> None:
        folder = library.address.with_name("killed")
        here = Path(__file__).resolve().parent
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(here), str(here.parent)])}
        killed = subprocess.run([sys.executable, "-c", KILLED, folder, log], env=environment, check=False)
        assert killed.returncode == -signal.SIGKILL
        [begun] = (folder / SEGMENTS).glob("*/")
        (begun / "passages.bm25").mkdir()
        (begun / "passages.bm25" / "words.txt").touch()  # as format 5 had
        continued = Library.open(folder, word_encoder)
        assert continued.entries() == ()
        told: list[tuple[str, int, int]] = []
        continued.add(log, Details(), lambda *news: told.append(news))
        library.add(log, Details())
        [entry], [other] = library.entries(), continued.entries()
        assert next(news for news in told if news[0] == "continuing") == ("continuing", CHUNK, entry.passages)
        assert next(news for news in told if news[0] == "encoding") == ("encoding", CHUNK, entry.passages)
        one, two = library.address / SEGMENTS / entry.segment, folder / SEGMENTS / other.segment
        files = sorted(path.relative_to(one) for path in one.rglob("*") if path.is_file())
        assert len(files) == 4
        assert all((one / file).read_bytes() == (two / file).read_bytes() for file in files)
        assert left_behind(folder, continued.entries()) == set()

    def test_what_waits_survives_another_change_and_an_interrupt(
        self, library: Library, log: Path, write: Write
    ) -> None:
        def interrupt(stage: str, done: int, total: int) -> None:
            if stage == "encoding" and done:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            library.add(log, Details(), interrupt)
        library.add(write("ferry.txt", FERRY), Details())
        told: list[tuple[str, int, int]] = []
        library.add(log, Details(), lambda *news: told.append(news))
        assert ("continuing", CHUNK, library.entry("log").passages) in told
        assert left_behind(library.address, library.entries()) == set()


class TestReadOnly:
    @pytest.fixture
    def fixed(self, word_encoder: Load) -> Iterator[Path]:
        """A library that anyone may read and nobody but its owner may write."""
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name) / "library"
            (Path(name) / "barge.txt").write_text(BARGE)
            Library.open(folder, word_encoder, create=True).add(Path(name) / "barge.txt", Details())
            paths = [Path(name), *Path(name).rglob("*")]
            for path in paths:
                path.chmod(0o555 if path.is_dir() else 0o444)
            yield folder
            for path in paths:
                path.chmod(0o755)

    def test_it_answers(self, nursery: Task, fixed: Path) -> None:
        assert nursery("read", fixed, unprivileged=True) == {"signal": 0, "error": ""}

    @pytest.mark.parametrize("do", ["add", "remove"])
    def test_it_is_not_changed(self, nursery: Task, fixed: Path, word_encoder: Load, do: str) -> None:
        before = shown(fixed, word_encoder)
        outcome = nursery(do, fixed, file=str(fixed.parent / "barge.txt"), unprivileged=True)
        assert (
            outcome["error"]
            == f"The library at {fixed} cannot be written (Permission denied); make its folder writable, with room."
        )
        assert shown(fixed, word_encoder) == before

    def test_none_is_made_in_it(self, nursery: Task, fixed: Path) -> None:
        outcome = nursery("add", fixed / "inner", file=str(fixed.parent / "barge.txt"), unprivileged=True)
        assert outcome["error"] == (
            f"No library can be made at {fixed / 'inner'} (Permission denied); choose a folder that you may write."
        )

    def test_one_of_an_older_format_stays_as_it_is(self, nursery: Task, fixed: Path) -> None:
        for path in (fixed, fixed / FILE):
            path.chmod(0o755)
        to_format_3(fixed / FILE)
        (fixed / FILE).chmod(0o444)
        fixed.chmod(0o555)
        before = (fixed / FILE).read_bytes()
        assert nursery("read", fixed, unprivileged=True)["error"] == (
            f"The library at {fixed} cannot be written (Permission denied); make its folder writable, with room."
        )
        assert (fixed / FILE).read_bytes() == before

    def test_one_whose_search_files_may_not_be_read(self, nursery: Task, fixed: Path) -> None:
        file = next(fixed.rglob("sentences.npy"))
        file.chmod(0)
        assert nursery("read", fixed, unprivileged=True)["error"] == (
            f"The search files in {file.parent} cannot be read ([Errno 13] Permission denied: '{file}'). "
            "Check who may read them."
        )

    def test_one_that_may_not_be_read(self, nursery: Task, fixed: Path) -> None:
        fixed.chmod(0)
        for do in ("read", "add"):
            outcome = nursery(do, fixed, file=str(fixed.parent / "barge.txt"), unprivileged=True)
            assert outcome["error"] == f"The library at {fixed} cannot be read: Permission denied."


@pytest.fixture
def real(indexed_corpus: Path, packaged_encoder: SentenceTransformerEncoder) -> Library:
    return Library.open(indexed_corpus, lambda name: packaged_encoder)


class TestRealModelOnRealDocuments:
    def test_passages_tile_and_keep_to_the_encoders_reach(
        self, real: Library, packaged_encoder: SentenceTransformerEncoder
    ) -> None:
        for entry in real.entries():
            text, passages = real.document(entry).text, real.passages(entry)
            assert "".join(text[passage.start : passage.end] for passage in passages) == text
            assert all(one.end == next_.start for p in passages for one, next_ in pairwise(p.sentences))
            reached = [packaged_encoder.model.tokenizer(text[p.start : p.end])["input_ids"] for p in passages]
            assert sum(len(tokens) > 256 for tokens in reached) <= len(reached) / 20

    def test_each_passage_is_found_by_its_own_words(self, real: Library) -> None:
        for entry in real.entries():
            text, passages = real.document(entry).text, real.passages(entry)
            for number in range(0, len(passages), 50):
                query = real.query(text[passages[number].start : passages[number].end])
                assert real.search(entry, query, 1)[0].passage == number

    def test_a_restricted_search_equals_one_over_that_document_alone(self, real: Library) -> None:
        query = real.query("Who gained by it?")
        one, other = real.entries()
        for entry in (one, other):
            hits = real.search(entry, query, 10**6)
            assert sorted(hit.passage for hit in hits) == list(range(entry.passages))
            for hit, evidence in zip(hits, real.evidence(entry, query, [hit.passage for hit in hits]), strict=True):
                assert evidence.similarity.shape == (len(real.passages(entry)[hit.passage].sentences),)

    def test_opened_anew_it_answers_alike(self, real: Library, packaged_encoder: SentenceTransformerEncoder) -> None:
        assert state(Library.open(real.address, lambda name: packaged_encoder)) == state(real)


class TestLanguages:
    def test_another_language_and_back_leaves_what_was_there(self, library: Library, write: Write) -> None:
        library.add(write("barge.txt", BARGE), Details())
        library.add(write("ferry.txt", FERRY), Details())
        before, [barge, _] = state(library), library.entries()
        details = Details(title=barge.title, label=barge.label)
        library.describe("barge", replace(details, language="de"))
        changed = library.entry("barge")
        assert changed.language == "de" and changed.segment != barge.segment
        assert state(library)["ferry"] == before["ferry"]
        library.describe("barge", replace(details, language="en"))
        assert state(library) == before and library.entry("barge").language == "en"

    def test_the_same_language_again_indexes_nothing(self, library: Library, write: Write) -> None:
        library.add(write("barge.txt", BARGE), Details())
        [before] = library.entries()
        library.describe("barge", Details(title="The Barge", label="Barge", language="en"))
        assert library.entries() == (replace(before, title="The Barge", label="Barge"),)
        assert library.add(write("barge.txt", BARGE), Details(language="en"))[1] is Added.UNCHANGED

    def test_add_with_another_language_indexes_anew(self, library: Library, write: Write) -> None:
        library.add(write("barge.txt", BARGE), Details())
        assert library.add(write("barge.txt", BARGE), Details(language="nl"))[1] is Added.RENAMED
        assert library.entry("barge").language == "nl"
        assert library.add(write("barge.txt", BARGE), Details())[1] is Added.UNCHANGED
        assert library.entry("barge").language == "nl"

    def test_a_change_that_fails_leaves_the_old_language(self, library: Library, write: Write) -> None:
        library.add(write("barge.txt", BARGE), Details())
        before, entries = state(library), library.entries()

        def stopped(stage: str, done: int, total: int) -> None:
            if stage == "writing" and not done:
                raise ParallaxError("Stopped.")

        with pytest.raises(ParallaxError, match="Stopped"):
            library.describe("barge", Details(title="B", label="B", language="de"), stopped)
        assert library.entries() == entries and state(library) == before

    def test_a_library_remembers_what_its_model_knows(self, library: Library, write: Write, word_encoder: Load) -> None:
        library.add(write("barge.txt", BARGE), Details())
        assert library.languages == ("en",)
        with closing(sqlite3.connect(Path(library.address) / FILE)) as db, db:
            db.execute("DELETE FROM manifest WHERE key = 'languages'")
            seals.seal(db)
        assert Library.open(library.address, word_encoder).languages == ("en",)  # one made before asks the card
