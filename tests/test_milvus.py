"""A library on Milvus, asked by the real client: of a milvus-lite server that is another process, and of a file.

What only a cluster can show is in `docs/scale.md`, and not tested.
"""

import dataclasses
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from documents import documents
from hypothesis import given, settings
from hypothesis import strategies as st

from index import split
from index.codes import cosines, four_bits, widened
from index.embed import Encoder
from index.engines import engine_at
from index.entry import Entry
from index.lexical import LexicalIndex
from index.library import Added, Library
from index.manifest import LibraryError
from index.migrate import migrate
from index.milvus import client as client_module
from index.milvus import engine as engine_module
from index.milvus.address import address
from index.milvus.client import Client, MilvusError
from index.milvus.engine import Milvus
from index.milvus.facts import similarity, vectors
from index.milvus.tables import LONGEST, PARTS, PASSAGES, SENTENCES, UNUSED, Words, parts, told_by
from index.segment import Query, Segment, SegmentError
from index.store import StoreError
from index.types import Details, Document, Precision, no_progress
from qa.session import Session
from qa.types import Comparison
from ui.cli import main

Load = Callable[[str], Encoder]
Write = Callable[[str, str], Path]

BARGE = "The Barge\n\nThe barge came to the lock at dawn. Nobody had rung the bell, and the keeper slept on.\n"
FERRY = "The Ferry\n\nThe ferry sank in the weir. All were saved, for the water was low that summer.\n"
TABLES = (PARTS, PASSAGES, SENTENCES)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port


def started(data: Path, port: int) -> subprocess.Popen[str]:
    """A milvus-lite server that listens."""
    command = [str(Path(sys.executable).with_name("milvus-lite")), "server", "--data-dir", str(data)]
    process = subprocess.Popen(
        [*command, "--host", "127.0.0.1", "--port", str(port)],
        stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    assert process.stdout is not None
    assert "listening" in process.stdout.readline()
    return process


def stopped(process: subprocess.Popen[str], how: signal.Signals) -> None:
    process.send_signal(how)
    process.communicate(timeout=60)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a server is."""
    port = free_port()
    process = started(tmp_path_factory.mktemp("milvus") / "data", port)
    yield f"milvus://127.0.0.1:{port}"
    stopped(process, signal.SIGINT)


@pytest.fixture(scope="module")
def copied(server: str, samples: Path) -> str:
    """The address of a copy of the library of the two sample documents."""
    assert migrate(samples, f"{server}/samples", no_progress) == (2, 2)
    return f"{server}/samples"


@pytest.fixture(scope="module")
def emptied(server: str, word_encoder: Load, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a library that was made and holds nothing: making one takes longer than a test."""
    path = tmp_path_factory.mktemp("first") / "barge.txt"
    path.write_text(BARGE, encoding="utf-8")
    library = Library.open(f"{server}/kept", word_encoder, create=True)
    library.add(path, Details())
    library.remove("barge")
    return f"{server}/kept"


@pytest.fixture
def library(emptied: str, word_encoder: Load) -> Iterator[Library]:
    opened = Library.open(emptied, word_encoder)
    yield opened
    for entry in opened.entries():
        opened.remove(entry.id)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return written


def state(library: Library) -> dict[str, tuple[Any, ...]]:
    """What a library shows and answers."""
    asked = library.query("the lock and the weir")
    shown = {}
    for entry in library.entries():
        hits = library.search(entry, asked, 5)
        evidence = library.evidence(entry, asked, [hit.passage for hit in hits])
        numbers = tuple((tuple(e.similarity), tuple(e.words), e.coverage) for e in evidence)
        found = [hit.passage for hit in hits]
        shown[entry.id] = (entry.title, library.document(entry).text, library.passages(entry), found, numbers)
    return shown


def segments(where: str) -> set[str]:
    """The segments of which any row is there."""
    client = Client(address(where))
    return {row["segment"] for table in TABLES for row in client.rows(table, "number >= 0", ["segment"])}


class TestAddress:
    def test_of_a_server_and_of_a_file(self) -> None:
        assert address("milvus://example.org:19530/notes_1").uri == "http://example.org:19530"
        assert address("milvus://[::1]:1/n").name == "n"
        assert address("milvus-lite:a folder/notes.db").uri == "a folder/notes.db"

    @pytest.mark.parametrize(
        "text",
        ["milvus://example.org/notes", "milvus://example.org:1/", "milvus://:1/n", "milvus:x", "milvus-lite:",
         "milvus-lite:notes", "milvus://a:1/no-tes", "milvus://a:1/n/m", "milvus://a:123456/n"],
    )  # fmt: skip
    def test_a_wrong_one_is_told(self, text: str, word_encoder: Load) -> None:
        with pytest.raises(LibraryError, match=rf"^“{re.escape(text)}” is no address of a library on Milvus; write "):
            Library.open(text, word_encoder)

    def test_where_nothing_listens(self, word_encoder: Load, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(client_module, "PATIENCE", 0.2)
        text = f"milvus://127.0.0.1:{free_port()}/notes"
        with pytest.raises(MilvusError, match=rf"^There is no Milvus that answers at {text} \(.*\); check the address"):
            Library.open(text, word_encoder)


class TestRows:
    @settings(max_examples=20)
    @given(documents())
    def test_a_document_is_told_in_parts_and_back(self, document: Document) -> None:
        passages = split.split(document, document.text)
        texts = [[document.text[p.start : p.end] for p in passages]]
        texts.append([document.text[s.start : s.end] for p in passages for s in p.sentences])
        indexes = [LexicalIndex.build(rows) for rows in texts]
        segment = Segment(np.zeros((len(texts[0]), 2), np.int8), np.zeros((len(texts[1]), 1), np.uint8), *indexes)
        rows = parts("s", (document, document.text), passages, segment, 0)
        details = {f.name: getattr(document, f.name) for f in dataclasses.fields(Entry) if hasattr(document, f.name)}
        entry = Entry(**details, path="", words=0, passages=len(passages), segment="s")
        told = told_by(rows[::-1])
        assert told.document(entry) == document and told.passages == passages
        assert all(len(row["body"].encode()) <= LONGEST for row in rows)
        for missing in range(len(rows)):
            with pytest.raises(ValueError, match="not all parts are there"):
                told_by(rows[:missing] + rows[missing + 1 :])

    def test_sentences_are_compared_as_in_a_folder_also_those_that_were_written_before_any_were_rounded(self) -> None:
        drawn = np.random.default_rng(0).normal(size=(9, 5))
        exact = (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)
        query = Query(exact[0], ())
        for written in (exact, widened(four_bits(exact), 5)):
            rows = [{"vector": vector.tolist()} for vector in written]
            assert np.array_equal(vectors(rows), written)
            assert np.array_equal(similarity(rows, query), cosines(four_bits(exact), exact[0]))

    @settings(max_examples=20)
    @given(st.lists(st.text("abc", min_size=1), unique=True))
    def test_every_word_of_a_document_has_a_dimension_of_its_own(self, vocabulary: list[str]) -> None:
        words = Words.of([*vocabulary, "plumless", "buckeroo"], [1] * (len(vocabulary) + 2))  # of one checksum
        dimensions = list(words.dimensions.values())
        assert len(set(dimensions)) == len(dimensions) and UNUSED not in dimensions
        assert words.query(["plumless", "buckeroo", "plumless"])[words.dimensions["plumless"]] == 2


def told(record: Comparison) -> object:
    """A record without its time, its numbers to six places: Milvus adds the same products in another order."""

    def rounded(value: object) -> object:
        if isinstance(value, float):
            return round(value, 6)
        if isinstance(value, dict):
            return {name: rounded(held) for name, held in value.items()}
        return [rounded(held) for held in value] if isinstance(value, list | tuple) else value

    return rounded(dataclasses.asdict(dataclasses.replace(record, seconds=0)))


class TestSameAsInAFolder:
    """The sample documents, with the packaged model and reader."""

    def test_every_door_gives_the_same(self, library_of_samples: Session, copied: str) -> None:
        here, there = library_of_samples, Session.open(copied)
        assert there.documents() == here.documents()
        questions = [*here.starters(), "What brought the oysters back?", "Who paid?", "zyx", "of the and"]
        for question in questions:
            for own in (False, True):
                one, two = (session.ask(question, own=own) for session in (here, there))
                assert told(one) == told(two)
        [first, second] = here.documents()
        quotation = here.document(first.id).text[400:520]
        assert there.find(quotation).occurrences == here.find(quotation).occurrences
        assert there.terms("the bed").usages == here.terms("the bed").usages
        assert there.shared() == here.shared()
        for source in (first, second):
            whole = (source.id, 0, len(here.document(source.id).text))
            assert there.counterparts(*whole) == here.counterparts(*whole)
            assert there.document(source.id) == here.document(source.id)

    def test_copied_again_and_back(self, samples: Path, copied: str, tmp_path: Path) -> None:
        assert migrate(samples, copied, no_progress) == (0, 2)
        assert migrate(copied, tmp_path / "back", no_progress) == (2, 2)
        here, back = engine_at(samples), engine_at(tmp_path / "back")
        for one, two in zip(here.entries(), back.entries(), strict=True):
            assert dataclasses.replace(two, segment=one.segment) == one
        question = "What brought the oysters back?"
        one, two = (Session.open(folder).ask(question) for folder in (samples, tmp_path / "back"))
        assert dataclasses.replace(one, seconds=0) == dataclasses.replace(two, seconds=0)

    def test_other_processes_read_it_meanwhile(self, copied: str) -> None:
        command = [sys.executable, "-m", "ui.cli", "--library", copied, "ask", "Who paid for the oysters?", "--json"]
        root = Path(__file__).resolve().parents[1]
        with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as process:
            asked = Session.open(copied).ask("Who paid for the oysters?")
            told = json.loads(process.communicate()[0])
        assert process.returncode == 0
        assert told["perspectives"] == json.loads(json.dumps(dataclasses.asdict(asked)))["perspectives"]

    def test_on_the_command_line(self, copied: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["--library", copied, "list", "--json"]) == 0
        assert len(json.loads(capsys.readouterr().out)) == 2
        assert main(["migrate", copied, str(tmp_path / "taken")]) == 0
        assert capsys.readouterr().out == f"{tmp_path / 'taken'}: 2 of 2 documents copied; all are there and the same\n"
        assert main(["migrate", str(tmp_path / "none"), copied]) == 1
        assert capsys.readouterr().err == f"parallax: There is no library at {tmp_path / 'none'} to copy.\n"


@pytest.fixture
def library_of_samples(samples: Path) -> Session:
    return Session.open(samples)


class TestChanges:
    def test_added_again_replaced_described_and_removed(self, library: Library, write: Write) -> None:
        new, added = library.add(write("barge.txt", BARGE), Details(author="A. Keeper"))
        assert added is Added.NEW
        assert library.add(write("barge.txt", BARGE), Details()) == (new, Added.UNCHANGED)
        assert library.add(write("barge.txt", BARGE), Details(title="Log"))[1] is Added.RENAMED
        library.add(write("ferry.txt", FERRY), Details())
        replaced, added = library.add(write("barge.txt", FERRY), Details())
        assert added is Added.REPLACED
        first, second = library.entries()
        assert (first.id, first.title, first.author, second.id) == ("barge", "Log", "A. Keeper", "ferry")
        assert first == replaced and "ferry sank" in library.document(first).text
        library.describe("barge", Details(title="Journal", label="J"))
        assert library.entry("barge").title == "Journal" and library.entry("barge").author is None
        library.remove("ferry")
        assert [entry.id for entry in library.entries()] == ["barge"]
        assert segments(str(library.address)) == {library.entry("barge").segment}

    def test_cut_short_at_any_write_it_is_the_old_one_or_the_new_one(
        self, library: Library, write: Write, word_encoder: Load, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(engine_module, "LEASE", -1)  # so that each writer sweeps away what the one before left
        library.add(write("barge.txt", BARGE), Details())
        old = state(library)
        path, seen = write("barge.txt", FERRY), []
        for last in count():
            dying = Library.open(str(library.address), word_encoder)
            dying._engine._client = Dying(address(str(library.address)), last)  # type: ignore[attr-defined]
            try:
                dying.add(path, Details())
            except KeyboardInterrupt:
                seen.append(state(library))
            else:
                break
        new = state(library)
        assert new["barge"][1] != old["barge"][1]
        at = seen.index(new)
        assert at > 3 and seen == [old] * at + [new] * (len(seen) - at)
        library.add(write("ferry.txt", FERRY + " Nobody drowned."), Details())
        assert segments(str(library.address)) == {entry.segment for entry in library.entries()}

    def test_what_a_killed_add_left_goes_when_its_time_is_over(self, library: Library, write: Write) -> None:
        library.add(write("barge.txt", BARGE), Details())
        engine = engine_at(str(library.address))
        [entry] = engine.entries()
        client = Client(address(str(library.address)))
        for name, until in (("over", 0), ("running", 2**40)):
            document = engine.document(entry)
            rows = parts(name, (document, document.text), engine.passages(entry), engine.segment(entry), until)
            client.insert(PARTS, rows)
        library.add(write("ferry.txt", FERRY), Details())
        assert segments(str(library.address)) == {entry.segment for entry in library.entries()} | {"running"}
        client.delete(PARTS, 'segment == "running"')

    def test_a_reader_of_a_replaced_version_is_told(self, library: Library, write: Write) -> None:
        library.add(write("barge.txt", BARGE), Details())
        [old] = library.entries()
        asked = library.query("the bell at the lock")
        assert library.search(old, asked, 3) and library.evidence(old, asked, [0])
        library.add(write("barge.txt", FERRY), Details())
        for ask in (lambda: library.search(old, asked, 3), lambda: library.evidence(old, asked, [0])):
            with pytest.raises(StoreError, match="“barge” was replaced or removed in the meantime; try again"):
                ask()

    def test_lost_rows_are_told_and_healed_by_adding_again(self, library: Library, write: Write) -> None:
        path = write("barge.txt", BARGE)
        library.add(path, Details())
        before = state(library)
        for table in TABLES:
            [entry] = library.entries()
            where = f'segment == "{entry.segment}" and number == {0 if table != PARTS else 1}'
            Client(address(str(library.address))).delete(table, where)
            with pytest.raises(SegmentError, match=r"“barge” .* is damaged; add its file again"):
                state(Library(Milvus(str(library.address)), library.encoders))
            assert library.add(path, Details())[1] is Added.REPLACED
            assert state(library) == before


class Dying(Client):
    """A client that is interrupted before one of its writes."""

    def __init__(self, where: Any, last: int) -> None:
        super().__init__(where)
        self._left = last

    def _count(self) -> None:
        if self._left == 0:
            raise KeyboardInterrupt
        self._left -= 1

    def insert(self, table: str, rows: Any) -> None:
        self._count()
        super().insert(table, rows)

    def upsert(self, table: str, row: Any) -> None:
        self._count()
        super().upsert(table, row)

    def delete(self, table: str, where: str) -> None:
        self._count()
        super().delete(table, where)


class TestRefused:
    def test_one_that_others_made(self, library: Library, word_encoder: Load, write: Write, tmp_path: Path) -> None:
        where = str(library.address)
        other = type("Other", (word_encoder,), {"fingerprint": "others"})  # type: ignore[misc]
        Library.open(tmp_path / "library", other, create=True).add(write("barge.txt", BARGE), Details())
        with pytest.raises(LibraryError, match=r"was made with the model “all-MiniLM-L6-v2”, not “other”"):
            Library.open(where, word_encoder, "other")
        with pytest.raises(LibraryError, match=r"was made in float32, not int8; leave the precision out"):
            Library.open(where, word_encoder, precision=Precision.INT8)
        with pytest.raises(LibraryError, match=r"was made otherwise \(fingerprint words, not others\)"):
            migrate(tmp_path / "library", where, no_progress)
        client = Client(address(where))
        [row] = client.few_rows("documents", 'id == "*"', ["id", "position", "entry", "nothing"])
        client.upsert("documents", {**row, "entry": {**row["entry"], "format": "99"}})
        try:
            with pytest.raises(LibraryError, match=r"has format 99 and this version of Parallax reads 1; "):
                Library.open(where, word_encoder)
        finally:
            client.upsert("documents", row)

    def test_collections_that_are_no_library(self, server: str, word_encoder: Load) -> None:
        from pymilvus import MilvusClient

        MilvusClient(server.replace("milvus:", "http:")).create_collection("other_documents", dimension=2)
        told = r"What is at .*/other is no library of Parallax \(collection other_documents\); choose another name\.$"
        with pytest.raises(MilvusError, match=told):
            Library.open(f"{server}/other", word_encoder, create=True)

    def test_a_text_that_is_not_what_was_added(self, library: Library, write: Write) -> None:
        path, where = write("barge.txt", BARGE), str(library.address)
        library.add(path, Details())
        engine = engine_at(where)
        [entry] = engine.entries()
        document = dataclasses.replace(engine.document(entry), text=BARGE.replace("slept", "stood"))
        changed = parts(entry.segment, (document, document.text), engine.passages(entry), engine.segment(entry), 0)
        client = Client(address(where))
        client.delete(PARTS, f'segment == "{entry.segment}"')
        client.insert(PARTS, changed)
        with pytest.raises(StoreError, match=r"^The text of “barge” at .* is damaged; add its file again\.$"):
            engine_at(where).document(entry)
        assert library.add(path, Details())[1] is Added.REPLACED

    def test_another_file_under_the_same_id(
        self, library: Library, write: Write, word_encoder: Load, tmp_path: Path
    ) -> None:
        library.add(write("barge.txt", BARGE), Details())
        (tmp_path / "lower").mkdir()
        other = tmp_path / "lower" / "barge.txt"
        other.write_text(FERRY, encoding="utf-8")
        here = Library.open(tmp_path / "library", word_encoder, create=True)
        here.add(other, Details())
        with pytest.raises(LibraryError, match=r"^The id “barge” belongs to .*barge\.txt at milvus://"):
            migrate(tmp_path / "library", str(library.address), no_progress)
        assert "bell" in library.document(library.entry("barge")).text

    def test_gone_in_the_middle_and_back_again(
        self, tmp_path: Path, word_encoder: Load, write: Write, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        port = free_port()
        process = started(tmp_path / "data", port)
        library = Library.open(f"milvus://127.0.0.1:{port}/notes", word_encoder, create=True)
        library.add(write("barge.txt", BARGE), Details())
        before = state(library)
        monkeypatch.setattr(client_module, "PATIENCE", 0.5)

        def kill(stage: str, done: int, total: int) -> None:
            if stage == "writing" and done == 0:
                stopped(process, signal.SIGKILL)

        with pytest.raises(MilvusError, match=r"did not do what it was asked .*; no document there is half changed"):
            library.add(write("ferry.txt", FERRY), Details(), kill)
        monkeypatch.undo()
        port = free_port()  # gRPC waits before it tries an address again that did not answer
        again = started(tmp_path / "data", port)
        try:
            library = Library.open(f"milvus://127.0.0.1:{port}/notes", word_encoder)
            assert state(library) == before
            assert library.add(write("ferry.txt", FERRY), Details())[1] is Added.NEW
        finally:
            stopped(again, signal.SIGINT)


def test_a_file_of_milvus_lite_is_one_process_s_library(tmp_path: Path, word_encoder: Load, write: Write) -> None:
    where = f"milvus-lite:{tmp_path}/new/notes.db"
    with pytest.raises(LibraryError, match="There is no library at"):
        Library.open(where, word_encoder)
    assert not (tmp_path / "new").exists()
    here = Library.open(tmp_path / "here", word_encoder, create=True)
    here.add(write("barge.txt", BARGE), Details())
    migrate(tmp_path / "here", where, no_progress)
    library = Library.open(where, word_encoder)
    assert state(library) == state(here)
    shutil.rmtree(tmp_path / "here")
    program = f"from index.engines import engine_at; engine_at({where!r}).manifest()"
    command = [sys.executable, "-c", program]
    told = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[1])
    assert "cannot be opened; another process may have it" in told.stderr
    library._engine.close()  # type: ignore[attr-defined]
