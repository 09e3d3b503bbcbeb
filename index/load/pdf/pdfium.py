"""The one owner of pypdfium2: opens a PDF, reads the glyphs of its pages, draws a page.

Refuses what is encrypted or damaged. Knows nothing of lines, columns or blocks.
"""

import ctypes
import math
import re
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from io import BytesIO
from threading import RLock
from typing import TYPE_CHECKING

from index.load.pdf.page import Glyph, Sheet
from index.load.text import LoadError

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage, PdfTextPage

Box = tuple[float, float, float, float]
"""Left, bottom, right, top in points."""

MOST_PAGES = 3000
"""Pages of one file that are read, which takes some minutes."""
_MOST_PIXELS = 2**24
"""Of a page that is drawn, as much as four pages of A4; PDF allows pages of five metres."""
_LOCK = RLock()  # PDFium may be used by one thread at a time
_BOLD = re.compile(r"bold|black|heavy|demi|cmbx|sfbx|-medi", re.I)
_ITALIC = re.compile(r"ital|obli|slant|cmti|cmsl|sfti|-it\b", re.I)
_LIGATURES = dict(zip("ﬀﬁﬂﬃﬄﬅﬆ", ("ff", "fi", "fl", "ffi", "ffl", "st", "st"), strict=True))
_HYPHEN = "\x02"  # PDFium's sign for a hyphen at a line's end
_BLANK = frozenset(" \t\r\n\xa0\u2002\u2003\u2009\u200a\u202f\x00")
_DROPPED = frozenset("\u200b\u200c\u200d\u2060\ufeff")
_LEVEL = 0.05  # radians that a line may lean
_MARK = (255, 241, 168)  # the page's own colour for marked words


def sheets(data: bytes, name: str) -> Iterator[Sheet]:
    """The pages of a PDF in order, read one at a time. Raises LoadError."""
    import pypdfium2

    with _opened(data, name) as pdf:
        if len(pdf) > MOST_PAGES:
            raise LoadError(
                f"{name} has {len(pdf):,} pages; {MOST_PAGES:,} are read of one file: split it into several."
            )
        for index in range(len(pdf)):
            try:
                with closing(pdf[index]) as page:
                    yield _sheet(page, pdf.get_page_label(index))
            except pypdfium2.PdfiumError as error:
                raise LoadError(f"Page {index + 1} of {name} is damaged: repair the file or print it anew.") from error


def details(data: bytes, name: str) -> tuple[str, str]:
    """Title and author as the file's metadata has them, each empty where it has none. Raises LoadError."""
    with _opened(data, name) as pdf:
        told = pdf.get_metadata_dict()
    return " ".join(told.get("Title", "").split()), " ".join(told.get("Author", "").split())


def draw(data: bytes, name: str, sheet: int, boxes: Sequence[Box], scale: float) -> bytes:
    """A page as PNG, `scale` pixels to the point (fewer of a huge one), with boxes marked. Raises LoadError."""
    from PIL import Image, ImageChops, ImageDraw

    with _opened(data, name) as pdf, closing(pdf[sheet]) as page:
        width, height = page.get_size()
        scale = min(scale, math.sqrt(_MOST_PIXELS / max(width * height, 1)))
        picture = page.render(scale=scale).to_pil().convert("RGB")
    marks = Image.new("RGB", picture.size, "white")
    pen = ImageDraw.Draw(marks)
    for left, bottom, right, top in boxes:
        pen.rectangle([left * scale, (height - top) * scale, right * scale, (height - bottom) * scale], fill=_MARK)
    out = BytesIO()
    ImageChops.multiply(picture, marks).save(out, "PNG")  # as a marker pen: the letters stay black
    return out.getvalue()


@contextmanager
def _opened(data: bytes, name: str) -> Iterator["PdfDocument"]:
    import pypdfium2

    with _LOCK:
        try:
            pdf = pypdfium2.PdfDocument(data)
        except pypdfium2.PdfiumError as error:
            if "password" in str(error).lower():
                raise LoadError(f"{name} is encrypted: save it without a password and try again.") from error
            raise LoadError(f"{name} is a damaged PDF: repair the file or print it anew as PDF.") from error
        with closing(pdf):
            yield pdf


def _sheet(page: "PdfPage", label: str) -> Sheet:
    from pypdfium2 import raw

    width, height = page.get_size()
    turn = _Turn(page.get_rotation(), page.get_cropbox())
    with closing(page.get_textpage()) as text:
        glyphs, unreadable, sideways = _glyphs(text, turn)
    images = page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=3)
    return Sheet(width, height, label, tuple(glyphs), any(True for _ in images), unreadable, sideways)


class _Turn:
    """From a file's coordinates to those of the page as it is shown, cropped and turned."""

    def __init__(self, degrees: int, crop: Box) -> None:
        self.degrees = degrees
        self.left, self.bottom, self.right, self.top = crop

    def point(self, x: float, y: float) -> tuple[float, float]:
        if self.degrees == 90:
            return y - self.bottom, self.right - x
        if self.degrees == 180:
            return self.right - x, self.top - y
        if self.degrees == 270:
            return self.top - y, x - self.left
        return x - self.left, y - self.bottom

    def box(self, left: float, bottom: float, right: float, top: float) -> Box:
        (a, b), (c, d) = self.point(left, bottom), self.point(right, top)
        return min(a, c), min(b, d), max(a, c), max(b, d)


def _glyphs(text: "PdfTextPage", turn: _Turn) -> tuple[list[Glyph], int, int]:
    """The glyphs of a page, and how many are unreadable and sideways."""
    from pypdfium2 import raw

    x, y, rect = ctypes.c_double(), ctypes.c_double(), raw.FS_RECTF()
    glyphs: list[Glyph] = []
    unreadable = sideways = 0
    spaced = False
    drawn, style = None, (1.0, False, False, False)
    for i in range(text.count_chars()):
        char = chr(raw.FPDFText_GetUnicode(text, i))
        if char == _HYPHEN:
            char = "-"
        if char in _BLANK:
            spaced = spaced or char not in "\r\n\x00"
            continue
        if char in _DROPPED or (raw.FPDFText_IsGenerated(text, i) == 1 and char != "-"):
            continue
        found = ctypes.cast(raw.FPDFText_GetTextObject(text, i), ctypes.c_void_p).value
        if found != drawn:
            drawn, style = found, _style(text, i, turn.degrees)
        size, bold, italic, level = style
        if raw.FPDFText_HasUnicodeMapError(text, i) == 1 or char == "\ufffd" or "\ue000" <= char <= "\uf8ff":
            unreadable += 1
            char = "\ufffd"
        if not level:
            sideways += 1
            continue
        raw.FPDFText_GetCharOrigin(text, i, x, y)
        raw.FPDFText_GetLooseCharBox(text, i, rect)
        box = turn.box(rect.left, rect.bottom, rect.right, rect.top)
        baseline = turn.point(x.value, y.value)[1]
        glyphs += _spread(_LIGATURES.get(char, char), box, baseline, (size, bold, italic, spaced))
        spaced = False
    return glyphs, unreadable, sideways


def _spread(chars: str, box: Box, baseline: float, style: tuple[float, bool, bool, bool]) -> Iterator[Glyph]:
    """The glyph of a character, or those of a ligature's letters, which share its box evenly."""
    left, bottom, right, top = box
    size, bold, italic, spaced = style
    step = (right - left) / len(chars)
    for n, char in enumerate(chars):
        start = left + n * step
        yield Glyph(char, start, start + step, bottom, top, baseline, size, bold, italic, spaced and n == 0)


def _style(text: "PdfTextPage", i: int, turned: int) -> tuple[float, bool, bool, bool]:
    """Size in points, bold, italic, and whether the line of a glyph is level on the page as it is shown."""
    from pypdfium2 import raw

    matrix, flags, name = raw.FS_MATRIX(), ctypes.c_int(), ctypes.create_string_buffer(128)
    raw.FPDFText_GetMatrix(text, i, matrix)
    raw.FPDFText_GetFontInfo(text, i, name, len(name), flags)
    font = name.value.decode("utf-8", "replace")
    size = raw.FPDFText_GetFontSize(text, i) * math.hypot(matrix.c, matrix.d)
    angle = math.atan2(matrix.b, matrix.a) - math.radians(turned)
    lean = abs(math.remainder(angle, 2 * math.pi))
    bold = _BOLD.search(font) is not None or bool(flags.value & 1 << 18)
    italic = _ITALIC.search(font) is not None or bool(flags.value & 1 << 6)
    return max(size, 0.1), bold, italic, lean < _LEVEL
