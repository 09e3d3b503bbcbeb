"""Copies of a library: made while it is in use, brought back into a new place, checked by their hashes on both ways.

A copy is one tar file of the SQLite file as one transaction left it, and of the segments and kept files that it names.
What a killed change left behind, locks and exported encoders are not in it.
"""

import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from index import manifest
from index.manifest import FILE, SEGMENTS, LibraryError
from index.sealed import CONTENTS, damaged, link, sealed
from index.sources import kept
from index.store import Store

_TRIES = 5


def backup(folder: Path, out: Path) -> int:
    """Copy the library in `folder` into a new tar file; returns its bytes. Others may change the library meanwhile.

    Raises LibraryError where there is no library, something of it is damaged, or the file is there or cannot be made.
    """
    if not manifest.read(Store(folder / FILE)):
        raise LibraryError(f"There is no library at {folder} to be backed up.")
    if out.exists():
        raise LibraryError(f"{out} is there already; name another file for the backup.")
    beside = out.with_name(f"{out.name}.partial")
    try:
        with tempfile.TemporaryDirectory(prefix="backup-", dir=_room(folder, out)) as room:
            copy = _copied(folder, Path(room))
            with tarfile.open(beside, "w") as tar:
                tar.add(copy, "library")
        with beside.open("rb") as file:
            os.fsync(file.fileno())
        beside.rename(out)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise LibraryError(f"No backup can be written to {out} ({_reason(error)}).") from error
    return out.stat().st_size


def restore(tar: Path, folder: Path) -> int:
    """Bring a backup back as the library in `folder`, where nothing may be; returns the number of its documents.

    Raises LibraryError, and leaves nothing behind, where something is there, or the backup is none or is damaged.
    """
    if folder.exists() and any(folder.iterdir() if folder.is_dir() else [folder]):
        raise LibraryError(f"There is something at {folder} already; name a new folder with --library.")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="restore-", dir=folder.parent) as room:
            with _opened(tar) as opened:
                opened.extractall(room, filter="data")  # which refuses every path and link that leads out
            library = Path(room) / "library"
            if (file := damaged(library)) is not None:
                raise LibraryError(f"The backup {tar} is damaged ({file.name}); take another.")
            (library / CONTENTS).unlink()
            count = len(Store(library / FILE).entries())
            if folder.exists():
                folder.rmdir()
            library.rename(folder)
    except (OSError, tarfile.TarError) as error:
        raise LibraryError(f"The backup {tar} cannot be brought back to {folder} ({_reason(error)}).") from error
    return count


@contextmanager
def _opened(tar: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(tar, "r:") as opened:
            yield opened
    except tarfile.ReadError as error:
        raise LibraryError(f"{tar} is no backup of a library.") from error


def _copied(folder: Path, room: Path) -> Path:
    """A whole copy with the hash of each of its files; begun anew where a change took a segment away just then."""
    for number in range(_TRIES):
        copy = room / str(number)
        try:
            with sealed(copy) as beside:
                _copy(folder, beside)
        except (FileNotFoundError, shutil.Error):
            continue
        return copy
    raise LibraryError(f"Search files of the library at {folder} are missing; `parallax doctor` says which.")


def _copy(folder: Path, beside: Path) -> None:
    Store(folder / FILE).copy(beside / FILE)
    for entry in Store(beside / FILE).entries():
        segment = beside / SEGMENTS / entry.segment
        shutil.copytree(folder / SEGMENTS / entry.segment, segment, copy_function=link)
        if (file := damaged(segment)) is not None:
            raise LibraryError(f"The search file {file.name} of “{entry.id}” is damaged; run `doctor --repair` first.")
        if (source := kept(folder, entry.source_sha256)).is_file():
            kept(beside, entry.source_sha256).parent.mkdir(exist_ok=True)
            link(str(source), str(kept(beside, entry.source_sha256)))


def _room(folder: Path, out: Path) -> Path:
    return folder if os.access(folder, os.W_OK) else out.parent


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)
