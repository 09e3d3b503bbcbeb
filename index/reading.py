"""A file to a document, at bounded cost: a hostile or endless file costs a process of its own, and no more.

Small plain texts are read at once: their parser is ours, needs time in proportion to their length (at worst four
seconds for the longest of them, measured on texts of one repeated line), and starting a process would take longer. What
tells languages is loaded once, here: it takes longer than any child, and makes a file.
"""

from pathlib import Path
from stat import S_ISREG

from index.confined import confined
from index.load import as_told, in_its_language, is_plain, load
from index.types import Details, Document, Progress

_SMALL = 2**18
"""Bytes of a plain text that are read at once, about 45,000 words."""


def read(path: Path, details: Details, progress: Progress) -> Document:
    """The document in a file, as `index.load.load` reads it. Raises `LoadError`, also where a limit is broken.

    `progress` is told now and then that the file is still being read; what it raises ends the reading.
    """
    progress("reading", 0, 1)
    if _is_small_text(path):
        document = load(path, details)
    else:
        document = in_its_language(confined(as_told, (path, details), path.name, lambda: progress("reading", 0, 1)))
    progress("reading", 1, 1)
    return document


def _is_small_text(path: Path) -> bool:
    try:
        if not S_ISREG(path.stat().st_mode):
            return False
        with path.open("rb") as file:
            data = file.read(_SMALL + 1)
    except OSError:
        return False  # which the reading tells
    return len(data) <= _SMALL and is_plain(data, path.name)
