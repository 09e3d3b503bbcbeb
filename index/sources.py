"""The files that a library keeps a copy of, so that their pages can be shown wherever the library goes.

These are PDFs. A copy is named by its SHA-256, written beside, forced to the disk and renamed before a document names
it; copies that no document names go after the change. What is drawn from one is `index.pictures`'.
"""

import os
import shutil
from collections.abc import Collection
from hashlib import file_digest
from pathlib import Path

from index.types import ParallaxError

SOURCES = "sources"


class SourceError(ParallaxError):
    """A file changed while it was added."""


def kept(library: Path, sha256: str) -> Path:
    """Where the copy of a file lies, if there is one."""
    return library / SOURCES / f"{sha256}.pdf"


def keep(library: Path, path: Path, sha256: str) -> None:
    """Keep a copy of a file that was read, if it is a PDF. Raises SourceError where it changed, OSError."""
    from index.load.pdf.document import recognises  # with the reader of PDFs, which no question needs

    copy = kept(library, sha256)
    with path.open("rb") as file:
        if not recognises(file.read(1024), path.name) or _is_whole(copy, sha256):
            return
        copy.parent.mkdir(exist_ok=True)
        beside = copy.with_suffix(".partial")
        file.seek(0)
        with beside.open("wb") as out:
            shutil.copyfileobj(file, out)
            out.flush()
            os.fsync(out.fileno())
    if not _is_whole(beside, sha256):
        raise SourceError(f"{path} changed while it was read; add it again.")
    beside.replace(copy)


def _is_whole(copy: Path, sha256: str) -> bool:
    if not copy.is_file():
        return False
    with copy.open("rb") as file:
        return file_digest(file, "sha256").hexdigest() == sha256


def sweep(library: Path, named: Collection[str]) -> None:
    """Delete the copies of files that are not among these, by their SHA-256, and what was cut short."""
    for path in (library / SOURCES).glob("*"):
        if path.suffix != ".pdf" or path.stem not in named:
            path.unlink()
