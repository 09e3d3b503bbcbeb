"""A backup is the library as it was at one moment, also while it changes; a damaged one is not brought back."""

import io
import shutil
import tarfile
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from index.backup import backup, restore
from index.embed import Encoder
from index.library import Library
from index.manifest import FILE, LibraryError
from index.types import Details

Load = Callable[[str], Encoder]


def text(number: int) -> str:
    return f"Lock {number} was opened at dawn.\n\nThe keeper of lock {number} wrote it down, and went to bed.\n"


def added(library: Library, folder: Path, number: int, words: str = "") -> None:
    file = folder / f"lock-{number % 3}.txt"
    file.write_text(text(number) + words)
    library.add(file, Details())


@pytest.fixture
def library(tmp_path: Path, word_encoder: Load) -> Library:
    library = Library.open(tmp_path / "library", word_encoder, create=True)
    for number in range(3):
        added(library, tmp_path, number)
    return library


def contents(folder: Path, load: Load) -> list[tuple[str, str]]:
    library = Library.open(folder, load)
    for entry in library.entries():
        library.search(entry, library.query("who opened the lock"), 3)  # which reads and checks every file of it
    return [(entry.id, library.document(entry).text) for entry in library.entries()]


def test_what_is_brought_back_is_what_was_there(tmp_path: Path, library: Library, word_encoder: Load) -> None:
    before = contents(library.address, word_encoder)
    size = backup(library.address, tmp_path / "kept.tar")
    assert size == (tmp_path / "kept.tar").stat().st_size
    added(library, tmp_path, 4)
    assert restore(tmp_path / "kept.tar", tmp_path / "again") == 3
    assert contents(tmp_path / "again", word_encoder) == before
    assert {path.name for path in library.address.iterdir()} <= {FILE, "segments", "write.lock"}
    assert {path.name for path in (tmp_path / "again").iterdir()} == {FILE, "segments"}
    library.remove("lock-1")  # what the backup has is its own
    assert len(contents(tmp_path / "again", word_encoder)) == 3


def test_a_backup_while_another_adds_is_one_moment(tmp_path: Path, library: Library, word_encoder: Load) -> None:
    over = threading.Event()

    def change() -> None:
        number = 3
        while not over.is_set():
            added(library, tmp_path, number)
            number += 1

    changing = threading.Thread(target=change)
    changing.start()
    try:
        for number in range(4):
            backup(library.address, tmp_path / f"{number}.tar")
    finally:
        over.set()
        changing.join()
    for number in range(4):
        restore(tmp_path / f"{number}.tar", tmp_path / f"again-{number}")
        found = contents(tmp_path / f"again-{number}", word_encoder)
        numbers = [int(words.split()[1]) for _, words in found]
        # Documents are replaced in turn, so those of one moment are three numbers in a row.
        assert sorted(numbers) == list(range(min(numbers), min(numbers) + 3))


def test_nothing_is_written_over(tmp_path: Path, library: Library) -> None:
    backup(library.address, tmp_path / "kept.tar")
    with pytest.raises(LibraryError, match="there already"):
        backup(library.address, tmp_path / "kept.tar")
    with pytest.raises(LibraryError, match="something at"):
        restore(tmp_path / "kept.tar", library.address)
    with pytest.raises(LibraryError, match="no library"):
        backup(tmp_path / "nowhere", tmp_path / "other.tar")


def test_a_damaged_library_is_not_backed_up(tmp_path: Path, library: Library) -> None:
    file = next((library.address / "segments").rglob("passages.npy"))
    file.write_bytes(file.read_bytes()[:-1] + b"!")
    with pytest.raises(LibraryError, match=r"damaged; run `doctor --repair` first\.$"):
        backup(library.address, tmp_path / "kept.tar")
    shutil.rmtree(file.parent)
    with pytest.raises(LibraryError, match="parallax doctor"):
        backup(library.address, tmp_path / "kept.tar")
    assert not list(tmp_path.glob("kept*"))


@pytest.mark.parametrize("place", [0.2, 0.5, 0.9])
def test_a_damaged_backup_is_not_brought_back(tmp_path: Path, library: Library, place: float) -> None:
    backup(library.address, tmp_path / "kept.tar")
    with tarfile.open(tmp_path / "kept.tar") as tar:
        file = max((member for member in tar if member.isfile()), key=lambda member: member.size)
    kept = bytearray((tmp_path / "kept.tar").read_bytes())
    kept[file.offset_data + int(place * file.size)] ^= 1
    (tmp_path / "kept.tar").write_bytes(kept)
    with pytest.raises(LibraryError, match=r"is damaged \(.*\); take another"):
        restore(tmp_path / "kept.tar", tmp_path / "again")
    assert not (tmp_path / "again").exists()


@pytest.mark.parametrize("name", ["../escaped", "/tmp/escaped", "library/../../escaped"])
def test_a_backup_that_leads_out_is_not_brought_back(tmp_path: Path, name: str) -> None:
    with tarfile.open(tmp_path / "bad.tar", "w") as tar:
        member = tarfile.TarInfo(name)
        member.size = 1
        tar.addfile(member, io.BytesIO(b"x"))
    with pytest.raises(LibraryError, match="cannot be brought back"):
        restore(tmp_path / "bad.tar", tmp_path / "deep" / "again")
    assert not list(tmp_path.rglob("escaped"))


def test_another_file_is_told_to_be_no_backup(tmp_path: Path) -> None:
    (tmp_path / "some.tar").write_bytes(b"words" * 1000)
    with pytest.raises(LibraryError, match="is no backup"):
        restore(tmp_path / "some.tar", tmp_path / "again")
    assert not (tmp_path / "again").exists()
