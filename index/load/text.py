"""Plain text: bytes to characters; refuses what is not text, or damaged, by name.

Reads UTF-8, UTF-16 and UTF-32 (with a byte order mark; UTF-16 also without one where NUL bytes show it)
and Windows-1252, of which Latin-1's printable part is a subset. Guesses no other encoding: a wrong guess
would put words into a document that its author never wrote. The layout of the text is `index.structure`'s.
"""

import codecs
import re
import string
from collections import deque
from collections.abc import Iterator
from io import SEEK_END, BytesIO

from index.structure import Structure, structure
from index.types import Details, ParallaxError


class LoadError(ParallaxError):
    """A file that cannot become a document; the message says what is wrong and what to do."""


_BYTE_ORDER_MARKS = (
    # UTF-32 first: its little-endian mark begins with that of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32-le", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32-be", "UTF-32"),
    (codecs.BOM_UTF8, "utf-8", "UTF-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16"),
)

_SIGNATURES = (
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"PK\x03\x04", "a ZIP archive, and no whole DOCX or EPUB"),
    (b"\x7fELF", "a program (ELF)"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document (DOC), or one with a password"),
    (b"{\\rtf", "a rich-text document (RTF)"),
    (b"SQLite format 3\x00", "a SQLite database"),
)

_READ = "plain text, PDF, Markdown, HTML, DOCX and EPUB"
_CONTROL = bytes([*range(9), *range(14, 27), *range(28, 32)])
_ASCII_LETTER = string.ascii_letters.encode()
_ASCII_AND_NUL = re.compile(rb"[\x00\n\r -~]*")
_HIGH_BYTE = bytes(range(128, 256))
_NO_CHARACTER = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")  # of Windows-1252
# Text files hold a control byte now and then (a stray escape); beyond one in a hundred it is no text.
_MOST_CONTROLS = 0.01
_AT_ONCE = 2**18  # bytes, enough for the C library to give them back to the system when they are free


def read(data: bytes, name: str) -> tuple[Structure, Details]:
    """The structure of a plain text; it gives no details but those that its words show. Raises `LoadError`."""
    codec, skip = _codec(data, name)
    held = BytesIO(data)
    del data  # which `held` alone has now, and gives up
    return structure(codecs.iterdecode(_given_up(held, skip), codec)), Details()


def decode(data: bytes, name: str) -> str:
    """The characters of a text file called `name`. Raises `LoadError`."""
    codec, skip = _codec(data, name)
    return "".join(_decoded(data, codec, skip))


def _codec(data: bytes, name: str) -> tuple[str, int]:
    """The codec of a text file called `name`, and the bytes before its text. Raises `LoadError`."""
    if not data:
        raise LoadError(f"{name} is empty (0 bytes): choose a file that holds text.")
    for signature, kind in _SIGNATURES:
        if data.startswith(signature):
            raise LoadError(_not_text(name, f"seems to be {kind}"))
    for mark, codec, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            _check(data, codec, encoding, name, skip=len(mark))
            break
    else:
        mark, codec = b"", _without_mark(data, name)
    if not any(map(str.strip, _decoded(data, codec, len(mark)))):
        raise LoadError(f"{name} holds no words, only blank space: choose a file that holds text.")
    return codec, len(mark)


def _decoded(data: bytes, codec: str, skip: int = 0, errors: str = "strict") -> Iterator[str]:
    """The characters by pieces. Raises UnicodeDecodeError, which counts from the piece's beginning."""
    return codecs.iterdecode(_pieces(data, skip), codec, errors)


def _pieces(data: bytes, skip: int = 0) -> Iterator[bytes]:
    return (data[at : at + _AT_ONCE] for at in range(skip, len(data), _AT_ONCE))


def _given_up(held: BytesIO, skip: int) -> Iterator[bytes]:
    """Pieces of which none is kept once the next one is asked for, so that a text's lines take the place of its bytes.

    They are cut off at the end, for what is held then shrinks as they are made: both together are half as much again.
    """
    pieces: list[bytes] = []
    for at in reversed(range(skip, held.seek(0, SEEK_END), _AT_ONCE)):
        held.seek(at)
        pieces.append(held.read())
        held.truncate(at)
    while pieces:
        yield pieces.pop()


def _count(data: bytes, of: bytes) -> int:
    """How many bytes are among some."""
    return sum(len(piece) - len(piece.translate(None, of)) for piece in _pieces(data))


def _not_text(name: str, what: str) -> str:
    return f"{name} {what}; {_READ} are read: save it as one of these and try again."


def _decodes(data: bytes, codec: str, skip: int = 0) -> bool:
    try:
        deque(_decoded(data, codec, skip), 0)
    except UnicodeDecodeError:
        return False
    return True


def _check(data: bytes, codec: str, encoding: str, name: str, skip: int = 0) -> None:
    """Raise LoadError at the first byte that does not decode."""
    if _decodes(data, codec, skip):
        return
    try:
        data[skip:].decode(codec)
    except UnicodeDecodeError as error:
        at = skip + error.start
        raise LoadError(
            f"{name} is damaged {encoding}: byte {at} (0x{data[at]:02X}, counted from 0) does not decode"
            f" ({error.reason}); repair the file or save it again as UTF-8."
        ) from error


def _without_mark(data: bytes, name: str) -> str:
    """The codec of a file that does not tell it. Raises LoadError."""
    nuls = data.count(0)
    if nuls:
        codec = _utf16_by_nuls(data, nuls)
        if codec is None:
            raise LoadError(_not_text(name, "holds NUL bytes and seems to be binary"))
        _check(data, codec, "UTF-16", name)
        return codec
    if _count(data, _CONTROL) > _MOST_CONTROLS * len(data):
        raise LoadError(_not_text(name, "is full of control bytes and seems to be binary"))
    return "utf-8" if _decodes(data, "utf-8") else _eight_bit(data, name)


def _utf16_by_nuls(data: bytes, nuls: int) -> str | None:
    """UTF-16 pairs an ASCII character with a NUL, always on the same side; few among ASCII alone are stray ones."""
    if nuls < len(data) / 4 and _ASCII_AND_NUL.fullmatch(data):
        return None
    odd = data[1::2].count(0)
    side = max(odd, nuls - odd)
    if side < 0.95 * nuls or side < 0.02 * len(data):
        return None
    return "utf-16-le" if odd == side else "utf-16-be"


def _eight_bit(data: bytes, name: str) -> str:
    """Windows-1252, unless the bytes are plainly UTF-8 with a broken place or another 8-bit encoding."""
    whole = data.count("\ufffd".encode())
    broken = -whole
    for piece in _decoded(data, "utf-8", errors="replace"):
        replaced = piece.count("\ufffd")
        broken += replaced
        whole += len(piece) - replaced - len(piece.encode("ascii", "ignore"))
    # A sequence of several bytes that happens to be right UTF-8 is rare in 8-bit text, so one is proof.
    if whole >= broken:
        _check(data, "utf-8", "UTF-8", name)
    if _count(data, _HIGH_BYTE) > _count(data, _ASCII_LETTER):
        raise LoadError(
            f"{name} is neither UTF-8 nor Windows-1252 text (most of its letters are bytes above 0x7F):"
            " save it as UTF-8 and try again."
        )
    unknown = _NO_CHARACTER.search(data)
    if unknown:
        raise LoadError(
            f"{name} is neither UTF-8 nor Windows-1252 text: byte {unknown.start()} (0x{unknown[0].hex().upper()},"
            " counted from 0) stands for no character; save it as UTF-8 and try again."
        )
    return "cp1252"
