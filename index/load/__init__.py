"""A file to a document: reads it by its format, fills in the details that nobody gave, and hashes both.

Plain text is read by `text`, a PDF by `pdf`. Does not split the text into passages.
"""

import hashlib
import re
import unicodedata
from pathlib import Path

from index.headings import byline, opens_a_part
from index.load.pdf.document import read_pdf
from index.load.text import LoadError, decode
from index.structure import Structure, structure
from index.types import BlockKind, Details, Document

__all__ = ["LoadError", "load"]

_LABEL = 40  # characters
_SURNAME = re.compile(r"(?:(?:(?:[dD]u|[dD]e|[vV]an|[vV]on|[lL][ae]|[dD]er|[tT]en) )+)?\S+$")
_NUMERAL = re.compile(r"[IVXLCDM]+[.:,]?")
_SMALL = frozenset(
    ["a", "an", "and", "as", "at", "but", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with"]
)
"""English words that a title in mixed case begins with a small letter."""


def load(path: Path, details: Details = Details()) -> Document:  # noqa: B008 (frozen, so shared safely)
    """The document in a plain-text file or a PDF; what `details` leaves open is read from the file.

    Raises `LoadError` where the file cannot be read or is neither.
    """
    data = _read(path)
    told, notice = Details(), ""
    if b"%PDF-" in data[:1024]:
        pdf = read_pdf(data, path.name)
        parts, notice = pdf.structure, pdf.notice
        told = Details(title=pdf.title or None, author=pdf.author or None)
    else:
        parts = structure(decode(data, path.name))
    if not re.search(r"[^\W_]", parts.text):
        raise LoadError(f"{path.name} holds no words: choose a file that holds text.")
    source_sha256 = hashlib.sha256(data).hexdigest()
    title = next(title for title in (details.title, told.title, _title(parts, path)) if title is not None)
    author = next((author for author in (details.author, told.author, _author(parts)) if author is not None), None)
    return Document(
        id=details.id if details.id is not None else _slug(path.stem, source_sha256),
        title=title,
        author=author,
        year=details.year,
        label=details.label if details.label is not None else _label(title, author),
        source=path.name,
        source_sha256=source_sha256,
        sha256=hashlib.sha256(parts.text.encode("utf-8")).hexdigest(),
        text=parts.text,
        blocks=parts.blocks,
        markers=parts.markers,
        lines=parts.lines,
        notice=notice,
    )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise LoadError(f"{path} does not exist: check the name and the folder.") from error
    except IsADirectoryError as error:
        raise LoadError(f"{path} is a folder: name the files in it.") from error
    except OSError as error:
        reason = error.strerror if error.strerror is not None else str(error)
        raise LoadError(f"{path} cannot be read ({reason}): check who may read it.") from error


def _slug(stem: str, sha256: str) -> str:
    ascii_only = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode("ascii")
    slug = re.sub(r"[^a-z0-9]+", "-", ascii_only.lower()).strip("-")
    return slug if slug else f"document-{sha256[:8]}"


def _title(parts: Structure, path: Path) -> str:
    """The one heading of the highest level, where the text opens with it; else the file's name."""
    first = parts.blocks[0]
    highest = {parts.text[b.start : b.end] for b in parts.blocks if b.level == 1}
    if first.kind is BlockKind.HEADING and len({text.casefold() for text in highest}) == 1:
        title = parts.text[first.start : first.end]
        if first.level == 1 and not opens_a_part(title):
            return _lowered(title)
    name = " ".join(re.split(r"[\s_-]+", path.stem)).strip()
    return name[:1].upper() + name[1:] if name else path.name


def _lowered(title: str) -> str:
    """A title set in capitals, as it is written in a list of books; the text itself keeps its capitals."""
    if not title.isupper():
        return title
    words = [word if _NUMERAL.fullmatch(word) else word.capitalize() for word in title.split(" ")]
    return " ".join(word.lower() if i and word.lower() in _SMALL else word for i, word in enumerate(words))


def _author(parts: Structure) -> str | None:
    """Who is named in a line "by NAME" under the title."""
    for above, block in zip(parts.blocks[:3], parts.blocks[1:4], strict=False):
        if above.kind is BlockKind.HEADING and block.kind is BlockKind.CAPTION:
            return byline(parts.text[block.start : block.end])
    return None


def _label(title: str, author: str | None) -> str:
    surname = _SURNAME.search(author) if author is not None else None
    label = title if surname is None else f"{surname[0]}, {title}"
    if len(label) <= _LABEL:
        return label
    return label[:_LABEL].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"
