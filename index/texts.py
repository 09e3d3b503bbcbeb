"""A text in little room: in UTF-8, and by pages, each compressed for itself (zlib, RFC 1950)."""

import hashlib
import zlib
from collections.abc import Iterable, Iterator

from index.types import Text

_PAGE = 2**18
"""Characters of a page: fewer would compress less well."""
_FED = 2**15  # bytes


def pieces(text: Text) -> Iterator[bytes]:
    """A text in UTF-8, a piece at a time: the whole would take as much room again."""
    return (text[start : start + _PAGE].encode() for start in range(0, len(text), _PAGE))


def sha256(text: Text) -> str:
    """The SHA-256 of a text in UTF-8, in hexadecimal."""
    digest = hashlib.sha256()
    for piece in pieces(text):
        digest.update(piece)
    return digest.hexdigest()


class PackedText:
    """A `Text` in compressed pages. The page that was asked for last is at hand, so that reading on costs little."""

    def __init__(self, parts: Iterable[str]) -> None:
        """`parts`: what the text is joined of."""
        self.pages: list[bytes] = []
        """One behind the other they are what `inflated` reads."""
        self._length = 0
        for page in _pages(parts):
            self.pages.append(zlib.compress(page.encode()))
            self._length += len(page)
        self._at_hand = (-1, "")

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, some: slice) -> str:
        start, stop, _ = some.indices(len(self))
        first = start // _PAGE
        pages = "".join(map(self._page, range(first, -(-stop // _PAGE))))
        return pages[start - first * _PAGE : stop - first * _PAGE]

    def _page(self, number: int) -> str:
        known, page = self._at_hand  # at once: another thread may read, too
        if known != number:
            page = zlib.decompress(self.pages[number]).decode()
            self._at_hand = number, page
        return page


def _pages(parts: Iterable[str]) -> Iterator[str]:
    rest = ""
    for part in parts:
        rest += part
        whole = len(rest) - len(rest) % _PAGE
        yield from (rest[at : at + _PAGE] for at in range(0, whole, _PAGE))
        rest = rest[whole:]
    if rest:
        yield rest


def packed(text: Text) -> PackedText:
    """A text in compressed pages, unless it is."""
    return text if isinstance(text, PackedText) else PackedText([text[:]])


def inflated(data: bytes) -> str:
    """The text of some pages, one behind the other. Raises ValueError where these are none."""
    text = ""
    try:
        for page in streams(data):
            text += page.decode()  # CPython lengthens it where it lies
    except zlib.error as error:
        raise ValueError(str(error)) from error
    return text


def streams(data: bytes) -> Iterator[bytes]:
    """What each of some zlib streams, one behind the other, holds. Raises zlib.error."""
    view, at = memoryview(data), 0
    while at < len(view):
        inflate, held = zlib.decompressobj(), b""
        while not inflate.eof:
            some = view[at : at + _FED]
            if not some:
                raise zlib.error("the data end in the middle")
            held += inflate.decompress(some)
            at += len(some) - len(inflate.unused_data)
        yield held
