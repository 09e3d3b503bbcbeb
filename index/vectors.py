"""A document's vectors on their way to the disk: written as they are made, and continued after a kill.

A chunk of passages counts when its vectors are on the disk and their hash stands in the journal, a file beside the
folder; what lies behind the last such chunk is never used. What encodes, and where, is the caller's to know.
"""

import os
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from operator import mul
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

import numpy as np

from index import arrays
from index.codes import Codes, eight_bits, four_bits
from index.embed import Encodable, Vectors
from index.language import ENGLISH
from index.sealed import link
from index.texts import pieces
from index.types import Passage, Progress, Text

CHUNK = 64
"""Passages between two marks on the disk: what a kill can cost."""
KEPT = 7 * 24 * 3600.0
"""Seconds for which unfinished work waits to be continued after its last mark."""
PASSAGES, SENTENCES = "passages.npy", "sentences.npy"
ROUNDED: dict[str, Callable[[Vectors], Codes]] = {PASSAGES: eight_bits, SENTENCES: four_bits}
"""The files, and how what is in them is rounded."""
_AT_ONCE = 1024
"""So many rows of an older format are rounded at once."""

Chunk = Sequence[Encodable]
Encode = Callable[[Iterable[Chunk]], Generator[tuple[Vectors, Vectors], None, None]]
"""From chunks to the vectors of each one's passages and of their spans, in order."""


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be encoded: the passages of a text."""

    text: Text
    passages: Sequence[Passage]
    dimension: int
    fingerprint: str
    """The encoder's."""
    language: str = ENGLISH
    """The text's; its vectors do not go by it, the words beside them do."""

    def key(self) -> str:
        """What work is the same: text, passages, sentences and encoder. SHA-256 in hexadecimal."""
        digest = sha256(f"{self.fingerprint} {CHUNK} {self.dimension}\n".encode())
        for piece in pieces(self.text):
            digest.update(piece)
        for passage in self.passages:
            digest.update(np.array([(s.start, s.end) for s in passage.sentences], "<i8").tobytes() + b"\n")
        return digest.hexdigest()

    def chunks(self, first: int) -> Iterator[Chunk]:
        """The chunks from the one of this number on."""
        for start in range(first * CHUNK, len(self.passages), CHUNK):
            yield [encodable(self.text, passage) for passage in self.passages[start : start + CHUNK]]


def encodable(text: Text, passage: Passage) -> Encodable:
    """A passage as an encoder takes it, with its sentences."""
    spans = tuple((s.start - passage.start, s.end - passage.start) for s in passage.sentences)
    return Encodable(text[passage.start : passage.end], spans)


def journal(folder: Path) -> Path:
    """The file that says what of a folder is done; gone when a document has it."""
    return folder.with_name(f"{folder.name}.journal")


def waits(folder: Path) -> bool:
    """Whether a folder holds work that can be continued and is not too old for it.

    Not where a kill came before its journal said which work it is: nobody would find it again.
    """
    try:
        return time.time() - journal(folder).stat().st_mtime < KEPT and _key(journal(folder)) != ""
    except FileNotFoundError:
        return False


def begun(parent: Path, work: Work) -> Path:
    """The folder in which the same work was begun; where there is none, a new one with its journal."""
    key = work.key()
    for path in parent.glob("*.journal"):
        if _key(path) == key:
            return path.with_suffix("")
    folder = parent / uuid4().hex
    folder.mkdir(parents=True)
    journal(folder).write_text(f"{key}\n")
    return folder


def _key(journal: Path) -> str:
    """Which work a journal is of; empty where it was not wholly written."""
    with journal.open("rb") as file:
        line = file.readline()
    return line[:-1].decode("ascii", "replace") if line.endswith(b"\n") else ""


def counted(encode: Encode, total: int, progress: Progress) -> Encode:
    """The same, telling how many of all passages are done."""

    def told(chunks: Iterable[Chunk]) -> Generator[tuple[Vectors, Vectors], None, None]:
        done = 0
        progress("encoding", done, total)
        for passages, sentences in encode(chunks):
            done += len(passages)
            progress("encoding", done, total)
            yield passages, sentences

    return told


def write(folder: Path, work: Work, encode: Encode, progress: Progress) -> None:
    """Write the vectors of all passages, behind those that are there; raises OSError, and what `encode` raises."""
    total = len(work.passages)
    with ExitStack() as stack:
        paths = (*(folder / name for name in ROUNDED), journal(folder))
        files = [stack.enter_context(_opened(path)) for path in paths]
        first = _rewound(work, files)
        done = min(first * CHUNK, total)
        if done:
            progress("continuing", done, total)
        progress("encoding", done, total)
        made = stack.enter_context(closing(encode(work.chunks(first))))
        for vectors in made:
            rows = [rounded(part).tobytes() for rounded, part in zip(ROUNDED.values(), vectors, strict=True)]
            for file, data in zip(files, [*rows, _mark(rows)], strict=True):  # the mark last
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            done = min(done + CHUNK, total)
            progress("encoding", done, total)


def renew(old: Path, new: Path) -> None:
    """Write the vectors of an older folder into a new one, rounded unless they are. Raises OSError, ValueError.

    They have four bytes a number there, or two, of which the largest is 1; or they are as they are now.
    """
    for name, rounded in ROUNDED.items():
        vectors = arrays.mapped(old / name)
        if vectors.dtype.itemsize == 1:
            link(str(old / name), str(new / name))
            continue
        one = np.float32(1 if vectors.dtype == np.float32 else np.iinfo(vectors.dtype).max)
        with (new / name).open("wb") as file:
            file.write(_header(rounded, *vectors.shape)[0])
            for start in range(0, len(vectors), _AT_ONCE):
                file.write(rounded((vectors[start : start + _AT_ONCE] / one).astype(np.float32)).tobytes())


def _opened(path: Path) -> BinaryIO:
    path.touch()
    return path.open("r+b")


def _mark(rows: Sequence[bytes]) -> bytes:
    return sha256(b"".join(rows)).hexdigest().encode() + b"\n"


def _rewound(work: Work, files: Sequence[BinaryIO]) -> int:
    """Cut the files behind the last whole chunk; how many are whole."""
    *arrays, marks = files
    key, *known = marks.read().splitlines(keepends=True)
    counts = [len(passage.sentences) for passage in work.passages]
    headed = zip(ROUNDED.values(), _rows(counts), strict=True)
    heads, widths = zip(*(_header(rounded, rows, work.dimension) for rounded, rows in headed), strict=True)
    first = 0
    if [file.read(len(head)) for file, head in zip(arrays, heads, strict=True)] == [*heads]:
        for mark in known:
            sizes = map(mul, _rows(counts[first * CHUNK : (first + 1) * CHUNK]), widths)
            if mark != _mark([file.read(size) for file, size in zip(arrays, sizes, strict=True)]):
                break
            first += 1
    for file, head, rows, width in zip(arrays, heads, _rows(counts[: first * CHUNK]), widths, strict=True):
        file.seek(0)
        file.write(head)
        file.truncate(len(head) + rows * width)
        file.seek(0, os.SEEK_END)
    marks.truncate(len(key) + sum(map(len, known[:first])))
    marks.seek(0, os.SEEK_END)
    return first


def _rows(counts: Sequence[int]) -> tuple[int, int]:
    """How many passages there are, and sentences; `counts`: of each passage its sentences."""
    return len(counts), sum(counts)


def _header(rounded: Callable[[Vectors], Codes], rows: int, dimension: int) -> tuple[bytes, int]:
    """What stands before so many vectors in a .npy file, and the bytes of each of them."""
    none, head = rounded(np.zeros((0, dimension), np.float32)), BytesIO()
    shape = {"descr": none.dtype.str, "fortran_order": False, "shape": (rows, none.shape[1])}
    np.lib.format.write_array_header_1_0(head, shape)
    return head.getvalue(), none.shape[1]
