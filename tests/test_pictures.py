"""The picture of a page: the right words are marked, and a file that is not the one added is not drawn."""

import shutil
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from pdfs import Look, Press
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from index.embed import Encoder
from index.load import load
from index.load.pdf.document import read_pdf
from index.load.pdf.pdfium import draw
from index.pictures import PictureError, pictures, places
from qa.session import Session

SAMPLE = Path(__file__).resolve().parents[1] / "ui" / "samples" / "resting-of-the-ground.txt"


@pytest.fixture
def pdf(tmp_path: Path) -> Path:
    Press(tmp_path / "ground.pdf", Look(columns=2, size=9, heads=("Ground", "Ground"))).set(load(SAMPLE))
    return tmp_path / "ground.pdf"


def test_every_character_has_its_box(pdf: Path) -> None:
    """The lines found again say, letter for letter, what the text says at their place."""
    document, lines = load(pdf), read_pdf(pdf.read_bytes(), pdf.name).lines
    for source in document.lines:
        line = lines[source.line]
        told = line.text.removesuffix("-")
        assert document.text[source.start : source.start + len(told)] == told
        assert len(line.text) == len(line.lefts) == len(line.rights)
        assert all(left <= right for left, right in zip(line.lefts, line.rights, strict=True))


def test_boxes_hold_the_words_and_nothing_else(pdf: Path) -> None:
    document, lines = load(pdf), read_pdf(pdf.read_bytes(), pdf.name).lines
    for start in range(0, len(document.text), 401):
        end = min(start + 90, len(document.text))
        if not document.text[start:end].strip():
            continue
        boxes = [box for place in places(document, lines, start, end) for box in place.boxes]
        assert boxes
        assert all(left < right and bottom < top for left, bottom, right, top in boxes)
        assert all(right - left <= 250 and top - bottom <= 40 for left, bottom, right, top in boxes)


def test_the_marked_place_is_yellow(pdf: Path) -> None:
    document = load(pdf)
    start = document.text.index("What had brought it back?")
    drawn = Image.open(BytesIO(pictures(document, pdf, start, start + 25)[0].png))
    (place,) = places(document, read_pdf(pdf.read_bytes(), "a").lines, start, start + 25)
    [(left, bottom, right, top)] = place.boxes
    height = drawn.height / 2
    marked = drawn.crop((int(2 * left) + 1, int(2 * (height - top)) + 1, int(2 * right), int(2 * (height - bottom))))
    shades = {color: count for count, color in marked.getcolors(maxcolors=2**16)}
    assert place.sheet == 0
    assert max(shades, key=shades.__getitem__) == (255, 241, 168)
    assert min(sum(shade) for shade in shades) < 120, "the letters stay dark"
    assert drawn.getpixel((4, 4)) == (255, 255, 255)


def test_refusals(pdf: Path, tmp_path: Path) -> None:
    document = load(pdf)
    with pytest.raises(PictureError, match=r"has no words from 3 to 3\.$"):
        pictures(document, pdf, 3, 3)
    with pytest.raises(PictureError, match=r"ground\.txt is no PDF and has no pages to show\.$"):
        (tmp_path / "ground.txt").write_bytes(SAMPLE.read_bytes())
        pictures(load(tmp_path / "ground.txt"), tmp_path / "ground.txt", 0, 9)
    pdf.write_bytes(pdf.read_bytes() + b"%")
    with pytest.raises(PictureError, match=r"has changed since it was added; add it again\.$"):
        pictures(document, pdf, 0, 9)
    pdf.unlink()
    with pytest.raises(PictureError, match=r"cannot be read \(.*\); put the file back where it was\.$"):
        pictures(document, pdf, 0, 9)


def test_through_the_session(pdf: Path, tmp_path: Path, word_encoder: Callable[[str], Encoder]) -> None:
    session = Session.open(tmp_path / "library", create=True, load_encoder=word_encoder)
    session.add(pdf)
    assert session.has_pages("ground")
    pdf.unlink()
    shutil.move(tmp_path / "library", tmp_path / "moved")
    moved = Session.open(tmp_path / "moved", load_encoder=word_encoder)
    assert moved.pictures("ground", 0, 20)[0].png.startswith(b"\x89PNG"), "the library keeps the file"


def test_a_range_over_two_pages_is_two_pictures(pdf: Path) -> None:
    document = load(pdf)
    second = next(line for line in document.lines if line.page == "2")
    first, next_ = pictures(document, pdf, second.start - 30, second.start + 30)
    assert (first.page, next_.page) == ("1", "2") and first.png != next_.png
    assert len(pictures(document, pdf, 0, len(document.text))) == 3


def test_a_huge_page_is_drawn_small(tmp_path: Path) -> None:
    sheet = Canvas(str(tmp_path / "huge.pdf"), pagesize=(14_400, 14_400))
    sheet.drawString(100, 100, "Few words.")
    sheet.save()
    drawn = Image.open(BytesIO(draw((tmp_path / "huge.pdf").read_bytes(), "huge.pdf", 0, [], 2)))
    assert drawn.width * drawn.height <= 2**24 + 2**13
