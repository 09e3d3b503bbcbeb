"""Folders of derived files that are known to be whole: summed up and forced to the disk; written beside, then renamed.

The sum is CRC-32, which finds what disks and copies do to files, in an eighth of the time of SHA-256: every process
that asks something waits for it. It finds no forgery; who can write the files can write their sums.
What is in the files, and what is to be done when one is damaged, is their owners' to know.
"""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import file_digest
from pathlib import Path
from zlib import crc32

CONTENTS = "contents.json"
"""The sum of every other file of a folder, in hexadecimal, by its path there; in older ones the SHA-256."""
PARTIAL = ".partial"
_AT_ONCE = 2**20


def partial(folder: Path) -> Path:
    """Where a folder is written before it has its name."""
    return folder.with_name(f"{folder.name}{PARTIAL}")


@contextmanager
def sealed(folder: Path) -> Iterator[Path]:
    """A new folder to write into; at the end it becomes `folder`, which must not be there. Raises OSError."""
    beside = partial(folder)
    beside.mkdir(parents=True)
    yield beside
    seal(beside)
    beside.rename(folder)
    _force(folder.parent)


def seal(folder: Path) -> None:
    """Say what a folder holds, and force it to the disk: from now on `damaged` knows. Raises OSError."""
    contents = folder / CONTENTS
    contents.unlink(missing_ok=True)
    digests = {str(path.relative_to(folder)): crc32_of(path) for path in sorted(folder.rglob("*")) if path.is_file()}
    contents.write_text(json.dumps(digests))
    for path in [folder.parent, folder, *folder.rglob("*")]:
        _force(path)


def link(source: str, target: str) -> None:
    """Give a sealed file, which never changes, another name, which is a copy. Raises OSError."""
    try:
        os.link(source, target)
    except FileNotFoundError:
        raise
    except OSError:  # another file system, or one that knows no links
        shutil.copyfile(source, target)


def damaged(folder: Path) -> Path | None:
    """A file of a sealed folder that is not as it was written; None where all are. Raises OSError for a missing one."""
    try:
        digests = json.loads((folder / CONTENTS).read_text())
    except ValueError:
        return folder / CONTENTS
    return next((folder / name for name, digest in digests.items() if not _is_whole(folder / name, digest)), None)


def _is_whole(path: Path, digest: str) -> bool:
    if len(digest) != 64:
        return crc32_of(path) == digest
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest() == digest


def crc32_of(path: Path) -> str:
    """The sum of a file, in hexadecimal. Raises OSError."""
    total = 0
    with path.open("rb", buffering=0) as file:
        while part := file.read(_AT_ONCE):
            total = crc32(part, total)
    return f"{total:08x}"


def _force(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
