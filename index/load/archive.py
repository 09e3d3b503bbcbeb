"""ZIP archives as DOCX and EPUB are: which names they hold, and their files within a stated size.

Python's `zipfile` gives no more of a file than the archive declares, so the declared sizes bound what is unpacked.
"""

import zlib
from io import BytesIO
from pathlib import PurePosixPath
from zipfile import BadZipFile, ZipFile

from index.load.text import LoadError

MOST_UNPACKED = 64 * 2**20
"""Bytes of all files in an archive that are no pictures, sounds or fonts; those are never unpacked."""
_MEDIA = frozenset([
    ".avif", ".bmp", ".emf", ".gif", ".ico", ".jpeg", ".jpg", ".m4a", ".mp3", ".mp4", ".odttf", ".ogg", ".otf",
    ".png", ".svg", ".tif", ".tiff", ".ttf", ".wav", ".webm", ".webp", ".wmf", ".woff", ".woff2",
])  # fmt: skip


def names(data: bytes) -> frozenset[str]:
    """Names of the files in an archive; none where the data is no archive that can be opened."""
    if not data.startswith(b"PK\x03\x04"):
        return frozenset()
    try:
        with ZipFile(BytesIO(data)) as archive:
            return frozenset(archive.namelist())
    except (BadZipFile, NotImplementedError, UnicodeDecodeError, ValueError):
        return frozenset()


def open_archive(data: bytes, name: str) -> ZipFile:
    """An archive of bounded size, without a password. Raises `LoadError`."""
    archive = ZipFile(BytesIO(data))
    members = archive.infolist()
    if any(member.flag_bits & 1 for member in members):
        raise LoadError(f"{name} is locked with a password: save it without one and try again.")
    read = [member.file_size for member in members if PurePosixPath(member.filename).suffix.lower() not in _MEDIA]
    if sum(read) > MOST_UNPACKED:
        raise LoadError(
            f"{name} unpacks to {sum(read) >> 20} MB of text and markup; {MOST_UNPACKED >> 20} MB are read of one file:"
            " split it into several."
        )
    return archive


def unpack(archive: ZipFile, path: str, name: str) -> bytes:
    """One file of an archive called `name`. Raises `LoadError` where it is missing or damaged."""
    try:
        if archive.getinfo(path).file_size > MOST_UNPACKED:
            raise LoadError(f"{name} holds too large a file ({path}): split it into several.")
        return archive.read(path)
    except KeyError as error:
        raise LoadError(f"{name} is damaged: {path} is missing in it; get the file again.") from error
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        raise LoadError(f"{name} is damaged: {path} in it cannot be unpacked ({error}); get the file again.") from error
