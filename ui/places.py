"""A place in a document, as the page and programs name it: checked, then opened, cited, or put to the other documents.

Whatever comes from outside is checked here before it reaches the session. Renders nothing.
"""

from index.types import Document, MissingError, ParallaxError, ReplacedError
from qa.session import Session
from ui import window
from ui.records import Cited, Opened, OpenedBlock
from ui.styles import STYLES


def checked(
    session: Session, identifier: object, start: object, end: object, sha256: object = None
) -> tuple[Document, int, int]:
    """The document with a range of its text.

    Raises MissingError for an unknown id and a range outside the text, and ReplacedError when `sha256` is given and is
    not that of the document's text as it is now.
    """
    if not isinstance(identifier, str):
        raise ParallaxError("Name the document to open by its id.")
    document = session.document(identifier)
    # Offsets count in the text that was quoted; in another text of the same name they mean other words.
    if sha256 is not None and sha256 != document.sha256:
        raise ReplacedError(f"The text of {document.label} was replaced since it was quoted; ask again.")
    return document, *within(document, start, end)


def within(document: Document, start: object, end: object) -> tuple[int, int]:
    """A range of a document's text. Raises MissingError where it is none."""
    length = len(document.text)
    if not (isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= length):
        raise MissingError(
            f"{document.label} has no place from {start!r} to {end!r}; its text runs from 0 to {length:,}."
        )
    return start, end


def opened(session: Session, identifier: str, start: int, end: int, sha256: str | None = None) -> Opened:
    """The blocks around a place, whole, each with its range in the text and its words. Raises as `checked` does."""
    document, start, end = checked(session, identifier, start, end, sha256)
    shown = window.window_around(document, start, end)
    blocks = (document.blocks[index] for index in window.blocks_in(document, shown))
    told = (OpenedBlock(b.kind, b.start, b.end, b.number, b.level, document.text[b.start : b.end]) for b in blocks)
    return Opened(document.id, document.sha256, start, end, document.text[start:end], tuple(told))


def cited(session: Session, identifier: str, start: int, end: int, sha256: str | None = None) -> Cited:
    """The citation of a place, in every style. Raises as `checked` and `Session.cite` do."""
    document, start, end = checked(session, identifier, start, end, sha256)
    citation = session.cite(document.id, start, end)
    source = next(source for source in session.documents() if source.id == document.id)
    return Cited(citation, {name: style(citation, source) for name, style in STYLES.items()})
