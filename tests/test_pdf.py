"""PDF files: what is read from them is what was set in them, with pages, and what cannot be read is told."""

import random
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pdfs import A5, Look, Press, printed, samples
from PIL import Image
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from index.embed import Encoder
from index.load import LoadError, load
from index.load.pdf.furniture import page_names
from index.load.pdf.hyphens import broken_words
from index.types import Block, BlockKind, Details, Document
from qa.session import Session
from ui.cli import main

Sample = tuple[Document, Document, Press | None]
"""What was read from a file, what was set in it, and the press that set it."""
NAMES = (
    "footnotes-heads-hyphens", "two-columns-footnotes", "two-columns-narrow-page", "spaced-no-hyphens",
    "roman-labels-small-quotations", "how-to-steal-an-oyster-bed.columns", "resting-of-the-ground.endnotes",
)  # fmt: skip


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Sample]:
    folder = tmp_path_factory.mktemp("pdf")
    return {path.stem: (load(path), source, press) for path, source, press in [*samples(folder), *printed()]}


@pytest.fixture(params=NAMES)
def sample(request: pytest.FixtureRequest, read: dict[str, Sample]) -> Sample:
    return read[request.param]


def texts(document: Document, kind: BlockKind) -> list[str]:
    found = [document.text[b.start : b.end] for b in document.blocks if b.kind is kind and not starred(b)]
    # Chromium's file has its notes under a heading of their own.
    return [text for text in found if text != "Notes"]


def starred(block: Block) -> bool:
    """The press sets no note that is marked by an asterisk."""
    return block.kind is BlockKind.FOOTNOTE and block.number is None


class TestWhatWasSetComesBack:
    @pytest.mark.parametrize("kind", list(BlockKind))
    def test_every_block(self, sample: Sample, kind: BlockKind) -> None:
        document, source, _ = sample
        assert texts(document, kind) == texts(source, kind)

    def test_the_order_of_blocks(self, sample: Sample) -> None:
        document, source, _ = sample
        ours, theirs = (
            [d.text[b.start : b.end] for b in d.blocks if b.kind is not BlockKind.FOOTNOTE] for d in (document, source)
        )
        assert [text for text in ours if text != "Notes"] == theirs

    def test_levels_of_headings(self, sample: Sample) -> None:
        document, source, _ = sample
        found, wanted = ([(d.text[b.start : b.end], b.level) for b in d.blocks if b.level] for d in (document, source))
        assert [heading for heading in found if heading[0] != "Notes"] == wanted

    def test_markers_and_their_notes(self, sample: Sample) -> None:
        document, source, _ = sample
        found, wanted = (
            [
                (m.number, d.text[m.position - 15 : m.position], d.text[d.blocks[m.note].start :][:15])
                for m in d.markers
                if m.note is not None
            ]
            for d in (document, source)
        )
        assert found == wanted
        assert all(marker.note is not None for marker in document.markers)

    def test_every_word_has_its_page(self, sample: Sample) -> None:
        document, _, press = sample
        if press is None:
            found = [int(page) for page in pages(document) if page is not None]
            assert found == sorted(found) and set(found) == set(range(1, found[-1] + 1))
            return
        assert pages(document) == press.names()

    def test_nothing_is_left_unread(self, sample: Sample) -> None:
        document, source, _ = sample
        assert document.notice == ""
        assert document.title == source.title


def pages(document: Document) -> list[str | None]:
    """The page of each word of the text, notes apart."""
    found = []
    for block in document.blocks:
        at = block.start
        for word in document.text[block.start : block.end].split(" "):
            if block.kind is not BlockKind.FOOTNOTE:
                found.append(document.line_at(at).page)
            at += len(word) + 1
    return found


def prose(seed: int) -> list[list[str]]:
    """Paragraphs of words of all lengths: the same word over and over would stand above itself like a column."""
    chance = random.Random(seed)
    length = [chance.randint(12, 60) for _ in range(chance.randint(1, 8))]
    return [["".join(chance.choices("abcdefgh", k=chance.randint(1, 9))) for _ in range(count)] for count in length]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(paragraphs=st.integers(0, 2**32).map(prose), columns=st.sampled_from([1, 2]), size=st.integers(7, 12))
def test_any_words_come_back_in_order(tmp_path: Path, paragraphs: list[list[str]], columns: int, size: int) -> None:
    source = tmp_path / "words.txt"
    source.write_text("\n\n".join(f"{' '.join(words).capitalize()}." for words in paragraphs), "utf-8")
    document = load(source)
    Press(tmp_path / "words.pdf", Look(columns=columns, size=size, hyphens=False, first=0)).set(document)
    assert load(tmp_path / "words.pdf").text.split() == document.text.split()


@pytest.fixture
def draw(tmp_path: Path) -> Callable[..., Path]:
    """Makes a PDF with a function that draws on its canvas."""

    def drawn(draws: Callable[[Canvas], None], name: str = "a.pdf", **options: object) -> Path:
        canvas = Canvas(str(tmp_path / name), pagesize=A5, invariant=1, **options)
        draws(canvas)
        canvas.save()
        return tmp_path / name

    return drawn


def lines(canvas: Canvas, texts: list[str], y: float = 500, x: float = 50, size: float = 10) -> None:
    for text in texts:
        canvas.setFont("Times-Roman", size)
        canvas.drawString(x, y, text)
        y -= 1.2 * size


def image(canvas: Canvas) -> None:
    picture = BytesIO()
    Image.new("L", (40, 40), 128).save(picture, "PNG")
    picture.seek(0)
    canvas.drawImage(ImageReader(picture), 50, 50, 300, 400)


Draw = Callable[..., Path]
PROSE = ["The ferry at Ostwick carried barley, gossip and the judge, in", "that order, and nobody paid twice for it."]


class TestGlyphs:
    def test_ligatures_are_letters(self, draw: Draw) -> None:
        pdfmetrics.registerFont(TTFont("Vera", "Vera.ttf"))

        def draws(canvas: Canvas) -> None:
            canvas.setFont("Vera", 10)
            canvas.drawString(50, 500, "The ﬁrst ﬂag of the ﬁsh market.")

        assert load(draw(draws)).text == "The first flag of the fish market."

    def test_a_raised_number_without_a_note_stays(self, draw: Draw) -> None:
        def draws(canvas: Canvas) -> None:
            lines(canvas, ["It covers 640 m", *PROSE])
            canvas.setFont("Times-Roman", 6.5)
            canvas.drawString(50 + pdfmetrics.stringWidth("It covers 640 m", "Times-Roman", 10), 503.5, "2")

        document = load(draw(draws))
        assert document.text.startswith("It covers 640 m² The ferry")
        assert document.markers == ()

    def test_a_turned_page_is_read_as_it_is_shown(self, draw: Draw) -> None:
        def draws(canvas: Canvas) -> None:
            canvas.setPageRotation(90)
            canvas.rotate(90)
            lines(canvas, PROSE, y=-100)

        assert load(draw(draws)).text == " ".join(PROSE)


class TestHyphens:
    def cut(self, draw: Draw, *texts: str) -> str:
        return load(draw(lambda canvas: lines(canvas, list(texts)))).text

    def test_a_word_that_is_whole_elsewhere_is_joined(self, draw: Draw) -> None:
        assert self.cut(draw, "The barley came, and bar-", "ley went.") == "The barley came, and barley went."

    def test_a_compound_of_the_text_keeps_its_hyphen(self, draw: Draw) -> None:
        text = self.cut(draw, "A well-known man, and a well-", "known wife.")
        assert text == "A well-known man, and a well-known wife."

    def test_two_words_of_the_text_keep_the_hyphen_between_them(self, draw: Draw) -> None:
        text = self.cut(draw, "The ferry and the man and the ferry-", "man went.")
        assert text == "The ferry and the man and the ferry-man went."

    def test_no_line_ends_cut_nothing(self) -> None:
        assert broken_words([]) == set()


class TestPages:
    def test_without_numbers_they_are_counted(self, draw: Draw) -> None:
        def draws(canvas: Canvas) -> None:
            for n in range(2):
                lines(canvas, PROSE[n:])
                canvas.showPage()

        assert {line.page for line in load(draw(draws)).lines} == {"1", "2"}

    def test_printed_numbers_win_over_labels_that_disagree(self) -> None:
        assert page_names([], ["i", "ii", "1"]) == ["i", "ii", "1"]
        assert page_names([], ["", "", ""]) == ["1", "2", "3"]

    def test_a_page_number_in_the_midst_of_a_paragraph_is_no_word(self, draw: Draw) -> None:
        def draws(canvas: Canvas) -> None:
            for number in (145, 146, 147):
                lines(canvas, [f"{word * (number - 140)}went by" for word in ("barley ", "gossip ", "judges ")])
                canvas.drawString(200, 40, f"– {number} –")
                canvas.showPage()

        document = load(draw(draws))
        assert "14" not in document.text
        assert [line.page for line in document.lines][::3] == ["145", "146", "147"]


class TestWhatCannotBeRead:
    def test_a_page_that_is_an_image_is_named(self, draw: Draw) -> None:
        def draws(canvas: Canvas) -> None:
            for number in range(5):
                if number in (1, 2, 4):
                    image(canvas)
                elif number == 0:
                    lines(canvas, PROSE)
                canvas.showPage()

        assert load(draw(draws)).notice == "Pages 2–3 and 5 are images without text."

    def test_words_set_sideways_are_told(self, draw: Draw) -> None:
        def draws(canvas: Canvas) -> None:
            lines(canvas, PROSE)
            canvas.rotate(90)
            canvas.drawString(100, -20, "Stamped by the library")

        document = load(draw(draws))
        assert document.notice == "Words set sideways on page 1 are left out."
        assert document.text == " ".join(PROSE)

    def test_no_text_at_all(self, draw: Draw) -> None:
        with pytest.raises(LoadError, match=r"^a\.pdf holds no text, only pictures of pages: run OCR on it, .*\.$"):
            load(draw(image))

    def test_encrypted(self, draw: Draw) -> None:
        path = draw(lambda canvas: lines(canvas, PROSE), encrypt=StandardEncryption("barley", canPrint=1))
        with pytest.raises(LoadError, match=r"^a\.pdf is encrypted: save it without a password and try again\.$"):
            load(path)

    @pytest.mark.parametrize("data", [b"%PDF-1.7\n", b"%PDF-1.4 and then nothing of the kind", b"\n%PDF-1\x00\x01"])
    def test_damaged(self, tmp_path: Path, data: bytes) -> None:
        (tmp_path / "a.pdf").write_bytes(data)
        with pytest.raises(LoadError, match=r"^a\.pdf is a damaged PDF: repair the file or print it anew as PDF\.$"):
            load(tmp_path / "a.pdf")

    def test_cut_anywhere_it_is_read_or_refused_with_a_sentence(self, draw: Draw, tmp_path: Path) -> None:
        whole = draw(lambda canvas: lines(canvas, PROSE)).read_bytes()
        for end in range(8, len(whole), 97):
            (tmp_path / "cut.pdf").write_bytes(whole[:end])
            try:
                assert load(tmp_path / "cut.pdf").text
            except LoadError as error:
                assert str(error).startswith(("cut.pdf ", "Page ")) and str(error).endswith(".")


class TestDetails:
    def test_from_the_files_metadata(self, draw: Draw) -> None:
        def draws(canvas: Canvas) -> None:
            canvas.setTitle("Ferries of the Lower Thole")
            canvas.setAuthor("Ruth Aldous")
            lines(canvas, PROSE)

        document = load(draw(draws))
        assert (document.title, document.author, document.year) == ("Ferries of the Lower Thole", "Ruth Aldous", None)
        assert load(draw(draws), Details(title="Ferries", author="R. A.")).title == "Ferries"

    @pytest.mark.parametrize("element", ["publicationDate", "coverDate"])
    def test_the_year_is_the_one_that_a_publisher_wrote(self, draw: Draw, element: str) -> None:
        path = draw(lambda canvas: lines(canvas, PROSE))
        said = f"<xmp:CreateDate>2011-02-03</xmp:CreateDate><prism:{element}>1987-03</prism:{element}>"
        path.write_bytes(path.read_bytes() + f"\n%<rdf:Description>{said}</rdf:Description>\n".encode())
        assert load(path).year == 1987

    @pytest.mark.parametrize("title", ["untitled", "ferries-final.docx", "Document1"])
    def test_what_a_program_writes_is_no_title(self, draw: Draw, title: str) -> None:
        def draws(canvas: Canvas) -> None:
            canvas.setTitle(title)
            canvas.setAuthor("unknown")
            lines(canvas, PROSE)

        document = load(draw(draws, "ferry-tolls.pdf"))
        assert (document.title, document.author) == ("Ferry tolls", None)


class TestInALibrary:
    def test_a_question_is_answered_with_a_page(self, tmp_path: Path) -> None:
        path, source, _ = next(samples(tmp_path))
        session = Session.open(tmp_path / "library", create=True)
        session.add(path)
        answer = session.ask("What killed the Ground in the end?").perspectives[0].answer
        assert answer is not None
        citation = answer.citations[0]
        document = session.document(citation.document)
        assert document.text[citation.start : citation.end] == citation.quote
        assert citation.quote in source.text
        assert citation.page in {"41", "42", "43", "44"}

    def test_adding_tells_what_was_not_read(
        self, draw: Draw, tmp_path: Path, capsys: pytest.CaptureFixture[str], word_encoder: Callable[[str], Encoder]
    ) -> None:
        def draws(canvas: Canvas) -> None:
            lines(canvas, PROSE)
            canvas.showPage()
            image(canvas)

        path = draw(draws, "ferry.pdf")
        assert main(["--library", str(tmp_path / "library"), "add", str(path)]) == 0
        assert capsys.readouterr().err.endswith("ferry: Page 2 is an image without text.\n")
        session = Session.open(tmp_path / "library", load_encoder=word_encoder)
        assert session.documents()[0].notice == session.document("ferry").notice == "Page 2 is an image without text."
