"""A library of the format before: brought up to date without encoding, the same answers, the old one kept."""

import errno
import os
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from older import older

from index.embed import Encoder
from index.embedded import Embedded
from index.entry import Entry
from index.library import Library
from index.manifest import FILE, SEGMENTS, LibraryBusyError
from index.migrate import migrate
from index.sealed import CONTENTS, seal
from index.segment import SegmentError, write_words
from index.store import Store, StoreError
from index.tables import FORMAT
from index.tiers import FOLDER, Few
from index.types import Details, Hit, no_progress
from index.vectors import ROUNDED

Load = Callable[[str], Encoder]
KEPT_5 = (f"{SEGMENTS}.format-5", SEGMENTS)

TEXTS = {
    "barge": "The Barge\n\nThe barge came to the lock at dawn. Nobody had rung the bell, and the keeper slept on.\n",
    "ferry": "The Ferry\n\nThe ferry sank in the weir. All were saved, for the water was low that summer.\n",
    "mill": "The Mill\n\n" + "The miller of the lower mill counted 1,848 sacks. Nobody had asked him to. " * 40,
}


@pytest.fixture
def folder(tmp_path: Path, word_encoder: Load) -> Path:
    library = Library.open(tmp_path / "library", word_encoder, create=True)
    for name, text in TEXTS.items():
        (tmp_path / f"{name}.txt").write_text(text, encoding="utf-8")
        library.add(tmp_path / f"{name}.txt", Details())
    return tmp_path / "library"


def answers(folder: Path, load: Load) -> dict[str, tuple[list[Hit], list[tuple[float, ...]]]]:
    """What both searches say of every document, to the last bit."""
    library = Library.open(folder, load)
    asked, found = library.query("nobody saw the ferry at the lower mill"), {}
    for entry in library.entries():
        hits = library.search(entry, asked, 9)
        evidence = library.evidence(entry, asked, [hit.passage for hit in hits])
        found[entry.id] = (hits, [(*e.similarity, *e.words, e.coverage) for e in evidence])
    return found


def files(folder: Path, entries: tuple[Entry, ...]) -> dict[str, bytes]:
    """Every search file, by its document and its path there."""
    roots = {entry.id: folder / SEGMENTS / entry.segment for entry in entries}
    return {
        f"{name}/{path.relative_to(root)}": path.read_bytes()
        for name, root in roots.items()
        for path in root.rglob("*")
        if path.is_file()
    }


def nobody(name: str) -> Encoder:
    raise AssertionError("nothing is to be encoded")


class TestTaken:
    @pytest.mark.parametrize("version", [3, 5])
    def test_its_search_files_are_those_of_a_library_made_today(
        self, folder: Path, word_encoder: Load, version: int
    ) -> None:
        entries, told = Store(folder / FILE).entries(), answers(folder, word_encoder)
        before = files(folder, entries)
        older(folder, word_encoder("words"), version)
        assert files(folder, entries) != before
        for _ in range(2):
            opened = Library.open(folder, nobody)
            assert [replace(entry, segment="") for entry in opened.entries()] == [
                replace(entry, segment="") for entry in entries
            ]
            assert files(folder, opened.entries()) == before
        assert Store(folder / FILE).manifest()["format"] == str(FORMAT)
        assert answers(folder, word_encoder) == told
        assert {path.name for path in (folder / SEGMENTS).iterdir()} == {entry.segment for entry in opened.entries()}

    def test_vectors_that_were_rounded_already_are_rounded_as_nearly_the_same(
        self, folder: Path, word_encoder: Load
    ) -> None:
        before, told = files(folder, Store(folder / FILE).entries()), answers(folder, word_encoder)
        older(folder, word_encoder("words"), 4)
        assert files(folder, Store(folder / FILE).entries()) != before
        opened = Library.open(folder, nobody)
        after = files(folder, opened.entries())
        seals = {name for name in after if Path(name).name == CONTENTS}
        vectors = {name for name in after if Path(name).name in ROUNDED}
        assert {name for name in after if after[name] != before.get(name)} <= vectors | seals
        for name in vectors:
            one, two = (np.load(BytesIO(kept[name])) for kept in (before, after))
            assert one.dtype == two.dtype and np.mean(one != two) < 0.05
        for entry in opened.entries():
            (hits, evidence), (were, known) = answers(folder, word_encoder)[entry.id], told[entry.id]
            assert [hit.passage for hit in hits] == [hit.passage for hit in were]
            np.testing.assert_allclose(np.concatenate(evidence), np.concatenate(known), atol=0.02)

    @pytest.mark.parametrize("links", [True, False])
    def test_vectors_of_format_5_are_linked_where_files_can_be(
        self, folder: Path, word_encoder: Load, monkeypatch: pytest.MonkeyPatch, *, links: bool
    ) -> None:
        before = files(folder, Store(folder / FILE).entries())
        older(folder, word_encoder("words"), 5)

        def refused(source: str, target: str) -> None:
            raise OSError(errno.EXDEV, "Invalid cross-device link")

        if not links:
            monkeypatch.setattr(os, "link", refused)
        opened = Library.open(folder, nobody)
        assert files(folder, opened.entries()) == before
        for name in ROUNDED:
            old, new = ({path.stat().st_ino for path in folder.glob(f"{parent}/*/{name}")} for parent in KEPT_5)
            assert len(old) == len(new) == len(TEXTS) and (old == new if links else not old & new)

    @pytest.mark.parametrize("version", [3, 5])
    def test_how_far_it_is_is_told_and_can_be_ended(self, folder: Path, word_encoder: Load, version: int) -> None:
        older(folder, word_encoder("words"), version)
        told: list[tuple[str, int, int]] = []

        def progress(stage: str, done: int, total: int) -> None:
            told.append((stage, done, total))
            if (done, total) == (1, len(TEXTS)) and told.count(told[-1]) == 1:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            Library.open(folder, nobody, progress=progress)
        assert Store(folder / FILE).manifest()["format"] == str(version)
        del told[:2]
        Library.open(folder, nobody, progress=progress)
        steps = [("upgrading", 0, 1), *(("upgrading", number, len(TEXTS)) for number in range(len(TEXTS)))]
        assert told == [steps[2], *steps, ("upgrading", 1, 1)]
        Library.open(folder, nobody, progress=progress)
        assert len(told) == len(steps) + 2  # nothing is left to do

    @pytest.mark.parametrize("version", [3, 4, 5])
    def test_the_old_one_stays_beside_it_whole(
        self, folder: Path, word_encoder: Load, tmp_path: Path, version: int
    ) -> None:
        older(folder, word_encoder("words"), version)
        store = Store(folder / FILE)
        entries, were = store.entries(), files(folder, store.entries())
        Library.open(folder, nobody)
        Library.open(folder, word_encoder).remove("ferry")
        back = tmp_path / "back"
        back.mkdir()
        (folder / f"library.format-{version}.sqlite").rename(back / FILE)
        (folder / f"{SEGMENTS}.format-{version}").rename(back / SEGMENTS)
        assert Store(back / FILE).entries() == entries and files(back, entries) == were
        assert Library.open(back, nobody).entries() != entries

    def test_one_without_documents(self, folder: Path, word_encoder: Load) -> None:
        library = Library.open(folder, word_encoder)
        for name in TEXTS:
            library.remove(name)
        older(folder, word_encoder("words"))
        (folder / SEGMENTS).rmdir()  # as a backup of it is brought back
        assert Library.open(folder, nobody).entries() == ()

    def test_many_documents_are_gathered_again(self, folder: Path, word_encoder: Load) -> None:
        older(folder, word_encoder("words"))
        Embedded(folder, Few(documents=2)).check(None, None, no_progress)
        [tier] = (folder / FOLDER).iterdir()
        library = Library(Embedded(folder, Few(documents=2)), Library.open(folder, word_encoder).encoders)
        entries = library.entries()
        parts = Embedded(folder, Few(documents=2))._tiers.parts(entries, 64)
        assert [part.tier.folder for part in parts[0]] == [tier] and parts[1] == []


class TestNotTaken:
    def test_while_another_process_changes_it(self, folder: Path, word_encoder: Load) -> None:
        older(folder, word_encoder("words"))
        before = (folder / FILE).read_bytes()
        with Embedded(folder)._locked(), pytest.raises(LibraryBusyError, match="Another process is changing"):
            Library.open(folder, nobody)
        assert (folder / FILE).read_bytes() == before
        assert Library.open(folder, nobody).entries()

    def test_search_files_that_are_damaged_are_missing_and_made_anew(self, folder: Path, word_encoder: Load) -> None:
        told = answers(folder, word_encoder)
        older(folder, word_encoder("words"))
        barge, ferry, _ = Store(folder / FILE).entries()
        for entry, name in ((barge, "passages.npy"), (ferry, "sentences.npy")):
            file = folder / SEGMENTS / entry.segment / name
            data = file.read_bytes()
            file.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
        (folder / SEGMENTS / ferry.segment / "passages.npy").unlink()
        opened = Library.open(folder, word_encoder)
        assert opened.search(opened.entry("mill"), opened.query("mill"), 3)
        with pytest.raises(SegmentError, match="doctor --repair"):
            opened.search(opened.entry("barge"), opened.query("barge"), 3)
        assert opened.mend() == ("barge", "ferry")
        assert answers(folder, word_encoder) == told

    def test_a_damaged_text_is_told_and_stands_in_no_others_way(self, folder: Path, word_encoder: Load) -> None:
        older(folder, word_encoder("words"))
        store = Store(folder / FILE)
        with store._transaction() as db:
            db.execute("UPDATE documents SET text = replace(text, 'ferry', 'barge') WHERE id = 'ferry'")
        opened = Library.open(folder, word_encoder)
        with pytest.raises(StoreError, match="no longer holds the text of “ferry” as written"):
            opened.document(opened.entry("ferry"))
        assert opened.search(opened.entry("mill"), opened.query("mill"), 3) and opened.mend() == ()


def test_words_that_go_by_older_rules_are_indexed_anew_where_they_are_copied_to(
    folder: Path, word_encoder: Load, tmp_path: Path
) -> None:
    before = answers(folder, word_encoder)
    library = Library.open(folder, word_encoder)
    entry = library.entry("mill")
    write_words(folder / SEGMENTS / entry.segment, library.document(entry).text, library.passages(entry), "de")
    seal(folder / SEGMENTS / entry.segment)
    assert answers(folder, word_encoder) != before
    assert migrate(folder, tmp_path / "copy", no_progress) == (3, 3)
    assert answers(tmp_path / "copy", word_encoder) == before
    assert migrate(folder, tmp_path / "copy", no_progress) == (0, 3)
