"""A file to a document, at bounded cost: a hostile or endless file costs a process of its own, and no more.

Small plain texts are read at once: their parser is ours, needs time in proportion to their length (at worst four
seconds for the longest of them, measured on texts of one repeated line), and starting a process would take longer. What
tells languages is loaded once, here: it takes longer than any child, and makes a file.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from hashlib import file_digest
from itertools import islice
from pathlib import Path
from stat import S_ISREG
from typing import Any

from index.confined import piecewise
from index.load import LoadError, first_lines, in_its_language, in_pieces, is_plain, load
from index.structure import Structure
from index.texts import PackedText
from index.types import Details, Document, Loaded, Progress

_SMALL = 2**18
"""Bytes of a plain text that are read at once, about 45,000 words."""
_AT_ONCE = 1024  # blocks of a text


def read(path: Path, details: Details, progress: Progress) -> Loaded:
    """The document in a file, as `index.load.load` reads it. Raises `LoadError`, also where a limit is broken.

    `progress` is told now and then that the file is still being read; what it raises ends the reading.
    """
    progress("reading", 0, 1)
    if _is_small_text(path):
        document = load(path, details)
        found: Loaded = document, document.text
    else:
        task = partial(_sent, path, details)
        frame, text = piecewise(task, path.name, _received, lambda: progress("reading", 0, 1))
        found = in_its_language(frame, text), text
    progress("reading", 1, 1)
    return found


def _sent(path: Path, details: Details) -> Iterator[Any]:
    """A document without its text, and then that by pieces: neither process has a long one twice."""
    frame, pieces = in_pieces(path, details)
    yield frame
    while some := "".join(islice(pieces, _AT_ONCE)):
        yield some


def _received(sent: Iterator[Any]) -> Loaded:
    return next(sent), PackedText(sent)


def as_told_by_its_file(document: Document, source: Path, progress: Progress) -> Loaded:
    """A version of a document with the details that its file told: `source` where it is still the same, else its text.

    The text tells neither year nor publisher, nor what the file's properties say of title and author.
    """
    with suppress(LoadError, OSError), source.open("rb") as file:
        if file_digest(file, "sha256").hexdigest() == document.source_sha256:
            return read(source, Details(), progress)
    texts = [document.text[block.start : block.end] for block in document.blocks]
    parts = Structure(texts, document.blocks, document.markers, document.lines)
    title, author = first_lines(parts, Path(document.source))
    return replace(document, title=title, author=author, year=None, publisher=None), document.text


def _is_small_text(path: Path) -> bool:
    try:
        if not S_ISREG(path.stat().st_mode):
            return False
        with path.open("rb") as file:
            data = file.read(_SMALL + 1)
    except OSError:
        return False  # which the reading tells
    return len(data) <= _SMALL and is_plain(data, path.name)
