"""A file to a document: finds out its format, has it read, fills in the details that nobody gave, and hashes both.

One module a file format; a format is told by the file's content, and by its name only where the content says nothing.
Does not split the text into passages.
"""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from stat import S_ISDIR, S_ISREG

from index import language
from index.load import docx, epub, html, markdown, opening, text
from index.load.pdf import document as pdf
from index.load.text import LoadError
from index.structure import Structure
from index.types import Details, Document, Frame, Text

__all__ = ["LoadError", "first_lines", "is_plain", "label", "load", "named", "slug"]

_FORMATS: tuple[tuple[Callable[[bytes, str], bool], Callable[[bytes, str], tuple[Structure, Details]]], ...] = (
    (pdf.recognises, pdf.read),
    (docx.recognises, docx.read),
    (epub.recognises, epub.read),
    (markdown.recognises, markdown.read),
    (html.recognises, html.read),
)
"""Whether a file of this content and name has the format, and what reads it: its structure, and the details that it
gives itself. Asked in this order; what none recognises is plain text."""
_MOST = 256 * 2**20  # bytes
_LABEL = 40  # characters
_ID = 80  # characters, and eight more that tell one long name from the next
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+")  # also those that turn the writing round
_SURNAME = re.compile(r"(?:(?:(?:[dD]u|[dD]e|[vV]an|[vV]on|[lL][ae]|[dD]er|[tT]en) )+)?\S+$")


def is_plain(data: bytes, name: str) -> bool:
    """Whether a file would be read as plain text, or refused as none."""
    return not any(recognises(data, name) for recognises, _ in _FORMATS)


def load(path: Path, details: Details = Details()) -> Document:  # noqa: B008 (frozen, so shared safely)
    """The document in a file; what `details` leaves open is read from it, the language else told from its text.

    Raises `LoadError` where the file cannot be read, or not as a whole.
    """
    frame, pieces = in_pieces(path, details)
    text = "".join(pieces)
    return in_its_language(frame, text).with_text(text)


def in_its_language(frame: Frame, text: Text) -> Frame:
    """A document whose language nobody told, in the one that its text looks like."""
    return frame if frame.language else replace(frame, language=language.detect(text))


def in_pieces(path: Path, details: Details) -> tuple[Frame, Iterator[str]]:
    """The same without its text, and the pieces of that; its language empty where none is told."""
    data = [_read(path)]
    source_sha256 = hashlib.sha256(data[0]).hexdigest()
    read = next((read for recognises, read in _FORMATS if recognises(data[0], path.name)), text.read)
    parts, found = read(data.pop(), path.name)  # which may let go of it
    if not any(re.search(r"[^\W_]", text) for text in parts.texts):
        raise LoadError(f"{path.name} holds no words: choose a file that holds text.")
    given = {name: value for name in Details.__slots__ if (value := getattr(details, name)) is not None}
    details = replace(found, **given)
    sha256 = hashlib.sha256()
    for piece in parts.pieces():
        sha256.update(piece.encode())
    title, author = first_lines(parts, path)
    title = _one_line(details.title) if details.title is not None else title
    author = _one_line(details.author) if details.author is not None else author
    frame = Frame(
        id=details.id if details.id is not None else slug(path.stem, source_sha256),
        title=title,
        author=author,
        year=details.year,
        label=details.label if details.label is not None else label(title, author),
        source=_CONTROL.sub(" ", path.name),
        source_sha256=source_sha256,
        sha256=sha256.hexdigest(),
        blocks=parts.blocks,
        markers=parts.markers,
        lines=parts.lines,
        notice=parts.notice,
        language=details.language or "",
        publisher=_one_line(details.publisher or "") or None,
        colour=details.colour,
    )
    return frame, parts.pieces()


def _read(path: Path) -> bytes:
    try:
        mode = path.stat().st_mode
        if S_ISDIR(mode):
            raise LoadError(f"{path} is a folder: name the files in it.")
        if not S_ISREG(mode):
            raise LoadError(f"{path} is no file but a pipe or a device, which may never end: save its text to a file.")
        with path.open("rb") as file:
            data = file.read(_MOST + 1)  # a file may grow, and some that the system makes do not know their size
    except FileNotFoundError as error:
        raise LoadError(f"{path} does not exist: check the name and the folder.") from error
    except OSError as error:
        reason = error.strerror if error.strerror is not None else str(error)
        raise LoadError(f"{path} cannot be read ({reason}): check who may read it.") from error
    if len(data) > _MOST:
        raise LoadError(f"{path} has more than {_MOST >> 20} MB, which are read of one file: split it into several.")
    return data


def _one_line(text: str) -> str:
    """A title or a name as a list shows it; a file may break its lines."""
    return " ".join(text.split())


def slug(stem: str, sha256: str) -> str:
    """An id made of a name, or of a hash where the name has no letters that an id may have."""
    ascii_only = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode("ascii")
    slug = re.sub(r"[^a-z0-9]+", "-", ascii_only.lower()).strip("-")
    if len(slug) > _ID:
        slug = f"{slug[:_ID].strip('-')}-{hashlib.sha256(stem.encode()).hexdigest()[:8]}"
    return slug if slug else f"document-{sha256[:8]}"


def first_lines(parts: Structure, path: Path) -> tuple[str, str | None]:
    """The title and the author that the first lines of a text tell; the title else made of its file's name."""
    author = opening.author(parts)
    return _one_line(opening.title(parts) or named(path)), _one_line(author) if author is not None else None


def named(path: Path) -> str:
    """A title made of the file's name."""
    name = " ".join(re.split(r"[\s_-]+", _CONTROL.sub(" ", path.stem))).strip()
    return name[:1].upper() + name[1:] if name else path.name


def label(title: str, author: str | None) -> str:
    """The short name that a title and an author make."""
    people = author.split(" and ") if author is not None else []
    surnames = [surname[0] for person in people if (surname := _SURNAME.search(person))]
    surnames[1:] = surnames[1:] if len(surnames) < 3 else ["others"]
    whole = f"{' and '.join(surnames)}, {title}" if surnames else title
    if len(whole) <= _LABEL:
        return whole
    return whole[:_LABEL].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"
