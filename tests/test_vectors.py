"""Vectors on their way to the disk: killed, torn and continued, the files are those of a run in one piece."""

import os
import signal
import subprocess
import sys
from collections.abc import Generator, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.codes import eight_bits, four_bits
from index.embed import Vectors
from index.types import Passage, Sentence
from index.vectors import CHUNK, PASSAGES, SENTENCES, Chunk, Work, begun, journal, waits, write

COUNT = 2 * CHUNK + 5
LINE = "The lock was open. The barge went in.\n"
WORK = Work(
    "".join(f"{number:03} {LINE}" for number in range(COUNT)),
    [
        Passage(at, at + 42, (Sentence(at, at + 22), Sentence(at + 22, at + 42))[: 1 + at % 2])
        for at in range(0, 42 * COUNT, 42)
    ],
    3,
    "letters",
)


def letters(text: str) -> list[float]:
    return [len(text) / 100, sum(map(ord, text)) / 10_000, ord(text[0]) / 1000]


class Letters:
    """Encodes chunks, counts their passages, and dies by its own hand before the chunk of a given number."""

    def __init__(self, last: int = COUNT) -> None:
        self.encoded = 0
        self._last = last

    def __call__(self, chunks: Iterable[Chunk]) -> Generator[tuple[Vectors, Vectors], None, None]:
        for number, chunk in enumerate(chunks):
            if number == self._last:
                os.kill(os.getpid(), signal.SIGKILL)
            self.encoded += len(chunk)
            spans = [letters(passage.text[start:end]) for passage in chunk for start, end in passage.spans]
            yield np.array([letters(passage.text) for passage in chunk], np.float32), np.array(spans, np.float32)


def untold(stage: str, done: int, total: int) -> None:
    """Progress told to nobody."""


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / PASSAGES, folder / SENTENCES)}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder written in one piece."""
    folder = begun(tmp_path_factory.mktemp("whole"), WORK)
    write(folder, WORK, Letters(), untold)
    return folder


def test_the_files_are_those_that_numpy_writes(whole: Path, tmp_path: Path) -> None:
    vectors = [np.concatenate(parts) for parts in zip(*Letters()(WORK.chunks(0)), strict=True)]
    np.save(tmp_path / PASSAGES, eight_bits(vectors[0]))
    np.save(tmp_path / SENTENCES, four_bits(vectors[1]))
    assert content(whole) == content(tmp_path)


KILLED = """
import sys
from pathlib import Path
from test_vectors import WORK, Letters, begun, untold, write
write(begun(Path(sys.argv[1]), WORK), WORK, Letters(last=2), untold)
"""


def test_killed_in_the_middle_it_continues_behind_the_last_whole_chunk(whole: Path, tmp_path: Path) -> None:
    here = Path(__file__).resolve().parent
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(here), str(here.parent)])}
    killed = subprocess.run([sys.executable, "-c", KILLED, tmp_path], env=environment, check=False)
    assert killed.returncode == -signal.SIGKILL
    folder, told, again = begun(tmp_path, WORK), [], Letters()
    write(folder, WORK, again, lambda *news: told.append(news))
    assert again.encoded == COUNT - 2 * CHUNK
    assert told == [
        ("continuing", 2 * CHUNK, COUNT),
        ("encoding", 2 * CHUNK, COUNT),
        ("encoding", COUNT, COUNT),
    ]
    assert content(folder) == content(whole)


@settings(max_examples=60)
@given(data=st.data(), name=st.sampled_from([PASSAGES, SENTENCES, "journal"]), cut=st.booleans())
def test_whatever_is_torn_is_made_again_and_never_used(whole: Path, data: st.DataObject, name: str, cut: bool) -> None:
    with TemporaryDirectory() as parent:
        folder = begun(Path(parent), WORK)
        for file, damaged in content(whole).items():
            (folder / file).write_bytes(damaged)
        journal(folder).write_bytes(journal(whole).read_bytes())
        path = journal(folder) if name == "journal" else folder / name
        before = path.read_bytes()
        at = data.draw(st.integers(len(WORK.key()) + 1 if name == "journal" else 0, len(before) - 1))
        path.write_bytes(before[:at] if cut else before[:at] + bytes([before[at] ^ 1]) + before[at + 1 :])
        again = Letters()
        write(folder, WORK, again, untold)
        assert content(folder) == content(whole) and journal(folder).read_bytes() == journal(whole).read_bytes()
        assert again.encoded > 0


def test_a_folder_may_be_named_from_where_one_is(whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = begun(Path("segments"), WORK)
    write(folder, WORK, Letters(), untold)
    assert content(tmp_path / folder) == content(whole)


def test_other_work_begins_anew(whole: Path) -> None:
    assert begun(whole.parent, WORK) == whole and waits(whole)
    others = [
        Work(WORK.text.replace("open", "shut"), WORK.passages, 3, "letters"),
        Work(WORK.text, WORK.passages[:-1], 3, "letters"),
        Work(WORK.text, WORK.passages, 3, "other weights"),
    ]
    folders = {begun(whole.parent, work) for work in others}
    assert len(folders) == 3 and whole not in folders


def test_what_the_encoder_raises_ends_it_and_leaves_what_was_done(whole: Path, tmp_path: Path) -> None:
    def broken(chunks: Iterable[Chunk]) -> Generator[tuple[Vectors, Vectors], None, None]:
        made = Letters()(chunks)
        yield next(made)
        raise RuntimeError("no lock")

    folder = begun(tmp_path, WORK)
    with pytest.raises(RuntimeError, match="no lock"):
        write(folder, WORK, broken, untold)
    again = Letters()
    write(folder, WORK, again, untold)
    assert again.encoded == COUNT - CHUNK and content(folder) == content(whole)
