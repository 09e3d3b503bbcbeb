"""Encoding by several processes: the same vectors in the same order, whoever dies; all end with the one that asked."""

import multiprocessing
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from mortal import WORK, Letters, Opening
from tiny_encoder import save_tiny

from index.embed import EncoderError
from index.library import Library
from index.manifest import SEGMENTS
from index.sentence_encoder import load
from index.types import Details
from index.vectors import CHUNK
from index.workers import encoded

HERE = Path(__file__).resolve().parent


def untold(stage: str, done: int, total: int) -> None:
    """Progress told to nobody."""


def test_a_worker_that_dies_loses_nothing(tmp_path: Path) -> None:
    made = encoded(Opening(tmp_path / "died"), 2, WORK.chunks(0))
    alone = (Letters().encode_passages(chunk, untold) for chunk in WORK.chunks(0))
    for (whole, parts), (expected, expected_parts) in zip(made, alone, strict=True):
        assert np.array_equal(whole, expected) and np.array_equal(parts, expected_parts)
    assert (tmp_path / "died").exists()
    assert multiprocessing.active_children() == []


def test_workers_that_keep_dying_are_told() -> None:
    made = encoded(Opening(None), 1, WORK.chunks(0))
    assert [len(next(made)[0]), len(next(made)[0])] == [CHUNK, CHUNK]
    with pytest.raises(EncoderError, match=r"^The encoder's processes ended 4 times at the same passages; .*\.$"):
        next(made)
    assert multiprocessing.active_children() == []


INTERRUPTED = """
import multiprocessing, sys
from pathlib import Path
from mortal import WORK, Opening
from index.workers import encoded

if __name__ == "__main__":
    made = encoded(Opening(died=Path("/")), 2, WORK.chunks(0))
    next(made)
    print(*(child.pid for child in multiprocessing.active_children()), flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("ended", [signal.SIGINT, signal.SIGKILL])
def test_they_end_with_the_process_that_asked(tmp_path: Path, ended: signal.Signals) -> None:
    program = tmp_path / "program.py"
    program.write_text(INTERRUPTED)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), str(HERE.parent)])}
    with subprocess.Popen(
        [sys.executable, program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        env=environment, text=True, start_new_session=True,
    ) as asking:  # fmt: skip
        assert asking.stdout is not None
        workers = [int(pid) for pid in asking.stdout.readline().split()]
        assert len(workers) == 2
        if ended is signal.SIGINT:
            os.killpg(asking.pid, ended)  # as a terminal does
        else:
            asking.kill()
        assert asking.stdout.read() == ""  # the workers hold it, too: it ends when all have ended
        assert asking.wait() != 0


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("log") / "log.txt"
    days = (f"On day {day} the keeper opened the lock. " + f"Barge {day} went down. " * 9 for day in range(150))
    path.write_text("The Log\n\n" + "\n\n".join(days))
    return path


def test_a_library_by_many_is_that_of_one_to_the_byte(tmp_path: Path, log: Path) -> None:
    model = str(save_tiny(tmp_path, "mean"))
    contents = []
    for workers in (1, 2):
        library = Library.open(tmp_path / str(workers), load, model, tmp_path / "exports", create=True)
        library.add(log, Details(), workers=workers)
        [entry] = library.entries()
        assert entry.passages > 2 * CHUNK
        folder = library.address / SEGMENTS / entry.segment
        contents.append({path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()})
    assert contents[0] == contents[1]


def test_without_an_export_several_are_refused(tmp_path: Path, log: Path) -> None:
    library = Library.open(tmp_path / "library", lambda name: Letters(), create=True)
    with pytest.raises(EncoderError, match="is not exported, and several processes need that"):
        library.add(log, Details(), workers=2)
    assert library.entries() == ()
