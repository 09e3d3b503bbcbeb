"""The copies of files that a library keeps: PDFs alone, whole, and no longer than a document names them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pdfs import Look, Press
from reportlab.pdfgen.canvas import Canvas

from index import sources
from index.embed import Encoder
from index.library import Library
from index.load import load
from index.types import Details

SAMPLES = Path(__file__).resolve().parents[1] / "ui" / "samples"


@pytest.fixture
def library(tmp_path: Path, word_encoder: Callable[[str], Encoder]) -> Library:
    return Library.open(tmp_path / "library", word_encoder, create=True)


@pytest.fixture
def pdf(tmp_path: Path) -> Path:
    Press(tmp_path / "ground.pdf", Look()).set(load(SAMPLES / "resting-of-the-ground.txt"))
    return tmp_path / "ground.pdf"


def copies(library: Library) -> list[Path]:
    return sorted((library.address / sources.SOURCES).glob("*"))


def test_what_a_replaced_pdf_told_of_itself_is_told_by_the_new_one(library: Library, tmp_path: Path) -> None:
    for title, author in (("Tolls", "Ann Marsh"), ("Dues", "Ben Reed")):
        canvas = Canvas(str(tmp_path / "toll.pdf"))
        canvas.setTitle(title)
        canvas.setAuthor(author)
        canvas.drawString(72, 700, f"{author} says that the keeper took a penny for each horse.")
        canvas.save()
        library.add(tmp_path / "toll.pdf", Details())
    [entry] = library.entries()
    assert (entry.title, entry.author, entry.label) == ("Dues", "Ben Reed", "Reed, Dues")


def test_a_pdf_is_kept_healed_and_swept_with_its_document(library: Library, pdf: Path) -> None:
    entry, _ = library.add(pdf, Details())
    [copy] = copies(library)
    assert copy.read_bytes() == pdf.read_bytes() and copy.stem == entry.source_sha256
    assert library.source(entry) == copy
    copy.write_bytes(b"cut")
    library.add(pdf, Details())
    assert copy.read_bytes() == pdf.read_bytes()
    copy.unlink()
    assert library.source(library.entry("ground")) == pdf.resolve()
    library.add(pdf, Details())
    (copy.parent / "other.partial").write_bytes(b"cut short by a kill")
    assert copies(library)[0] == copy
    library.remove("ground")
    assert copies(library) == []


def test_of_plain_text_nothing_is_kept(library: Library) -> None:
    library.add(SAMPLES / "resting-of-the-ground.txt", Details())
    assert copies(library) == []


def test_a_file_that_changed_meanwhile_is_not_kept(tmp_path: Path, pdf: Path) -> None:
    with pytest.raises(sources.SourceError, match=r"ground\.pdf changed while it was read; add it again\.$"):
        sources.keep(tmp_path, pdf, "0" * 64)
    assert not sources.kept(tmp_path, "0" * 64).exists()
