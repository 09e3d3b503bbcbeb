"""Watching a folder: what is added, when, and what ends it; the command in a process of its own."""

import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from index.embed import Encoder
from index.types import ParallaxError
from qa.session import Session
from ui.watch import Settling, is_watched, watch

ROOT = Path(__file__).resolve().parents[1]
FERRY = "The Ferry\n\nThe ferry sank in the spring flood. Nobody had mended her hull before the harvest.\n"
PATIENCE = 60  # seconds, for a loaded machine


class TestSettling:
    def test_a_file_is_whole_when_two_looks_see_the_same(self, tmp_path: Path) -> None:
        path, waiting = tmp_path / "a.txt", Settling()
        for text in ("cut", "cut off", "cut off no more"):
            path.write_text(text)
            waiting.wait(path)
            assert waiting.look() == []
        assert waiting.look() == [path]
        assert waiting.look() == [], "it waits no longer"

    def test_one_that_goes_is_forgotten(self, tmp_path: Path) -> None:
        path, waiting = tmp_path / "a.txt", Settling()
        path.write_text("words")
        waiting.wait(path)
        waiting.look()
        path.unlink()
        assert waiting.look() == waiting.look() == []


@pytest.mark.parametrize(
    ("name", "watched"),
    [
        ("a.txt", True), ("a/b/c.PDF", True), ("notes.v2.md", True), (".a.txt", False), (".git/a.txt", False),
        ("~$a.docx", False), ("#a.txt", False), ("a.txt~", False), ("a.pdf.part", False), ("a.pdf.crdownload", False),
        ("a.tmp", False), ("picture.png", False), ("README", False), ("library/sources/a.pdf", False),
    ],
)  # fmt: skip
def test_hidden_and_temporary_files_are_passed_over(name: str, watched: bool, tmp_path: Path) -> None:
    assert is_watched(tmp_path, tmp_path / name, tmp_path / "library") is watched


def test_a_folder_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(ParallaxError, match=r"none cannot be watched \(.+\); name a folder that you may read\.$"):
        watch(tmp_path / "none", tmp_path / "library", lambda _: True, lambda _: None, threading.Event())


Met = Callable[[], tuple[str, str]]


@pytest.fixture
def watching(tmp_path: Path) -> Iterator[tuple[Path, Met]]:
    """A folder that is watched, and what is told of it, one by one: "add" or "gone", and a file's name.

    A file named `busy.txt` is not done with the first time.
    """
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "first.txt").write_text("one")
    told: queue.SimpleQueue[tuple[str, str]] = queue.SimpleQueue()
    stop, busy = threading.Event(), [True]

    def add(path: Path) -> bool:
        told.put(("add", str(path.relative_to(folder))))
        return path.name != "busy.txt" or not busy.pop() if busy else True

    def gone(path: Path) -> None:
        told.put(("gone", path.name))

    thread = threading.Thread(target=watch, args=[folder, tmp_path / "library", add, gone, stop])
    thread.start()
    yield folder, lambda: told.get(timeout=PATIENCE)
    stop.set()
    thread.join(PATIENCE)
    assert not thread.is_alive()


def test_what_is_there_what_comes_changes_and_goes(watching: tuple[Path, Met], tmp_path: Path) -> None:
    folder, met = watching
    assert met() == ("add", "first.txt")
    (tmp_path / "part").mkdir()
    (tmp_path / "part" / "second.txt").write_text("two")
    (tmp_path / "part").rename(folder / "part")
    assert met() == ("add", "part/second.txt"), "also in a folder that was moved here"
    (folder / "first.txt").write_text("one more")
    assert met() == ("add", "first.txt")
    (folder / "first.txt").unlink()
    assert met() == ("gone", "first.txt")
    (folder / "busy.txt").write_text("three")
    assert (met(), met()) == (("add", "busy.txt"), ("add", "busy.txt")), "what was not done is tried again"


class TestIds:
    @pytest.fixture
    def session(self, tmp_path: Path, word_encoder: Callable[[str], Encoder]) -> Session:
        return Session.open(tmp_path / "library", create=True, load_encoder=word_encoder)

    def test_files_of_one_name_have_ids_of_their_own_and_keep_them(self, session: Session, tmp_path: Path) -> None:
        names = ["a/log.txt", "b/log.txt", "a-log.txt", "log.txt", "log.md", "a/лог.txt", "b/лог.txt"]
        folder = tmp_path / "folder"
        for name in names:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(f"The log {name}\n\nNothing else is in {name}.\n")
        given = {name: session.add(folder / name, folder=folder)[0].id for name in names}
        assert len(set(given.values())) == len(names)
        assert [given[name] for name in ("a/log.txt", "b/log.txt", "log.txt")] == ["a-log", "b-log", "log"]
        for name in reversed(names):
            (folder / name).write_text(f"The log {name}\n\nSomething else is in {name} now.\n")
        assert {name: session.add(folder / name, folder=folder)[0].id for name in reversed(names)} == given
        assert len(session.documents()) == len(names)

    def test_a_copy_in_the_folder_is_told(self, session: Session, tmp_path: Path) -> None:
        for name in ("ferry.txt", "ferry (1).txt"):
            (tmp_path / name).write_text(FERRY)
        session.add(tmp_path / "ferry.txt", folder=tmp_path)
        with pytest.raises(ParallaxError, match=r"^ferry \(1\)\.txt is the same file as “ferry”"):
            session.add(tmp_path / "ferry (1).txt", folder=tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGTERM there")
def test_the_command_adds_what_it_can_and_ends_when_it_is_told(samples: Path, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    (folder / "sub").mkdir(parents=True)
    shutil.copytree(samples, folder / "library")  # whose encoder is exported, so that none waits for PyTorch
    (folder / "bad.pdf").write_bytes(b"%PDF-1.4 cut")
    (folder / "ferry.txt").write_text(FERRY)
    command = [sys.executable, "-m", "ui.cli", "--library", folder / "library", "add", "--watch", folder]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as watching:
        assert watching.stdout is not None
        try:
            lines = iter(watching.stdout)
            assert next(lines) == f"Watching {folder} (Ctrl-C ends it)\n"
            assert next(lines) == "ferry: added, The Ferry, English, 17 words in 1 passage\n"
            (folder / "sub" / "ferry.txt").write_text(FERRY.replace("spring", "autumn"))
            assert next(lines) == "sub-ferry: added, The Ferry (2), English, 17 words in 1 passage\n"
            (folder / "ferry.txt").unlink()
            assert next(lines) == "ferry: ferry.txt is gone; the document stays in the library until you remove it\n"
            watching.send_signal(signal.SIGTERM)
            rest, errors = watching.communicate(timeout=PATIENCE)
        finally:
            watching.kill()
    assert (watching.returncode, rest) == (0, "")
    assert errors == "parallax: bad.pdf is a damaged PDF: repair the file or print it anew as PDF.\n"
    documents = Session.open(folder / "library").documents()
    assert [source.id for source in documents][-2:] == ["ferry", "sub-ferry"] and len(documents) == 4
