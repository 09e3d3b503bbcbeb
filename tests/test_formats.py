"""HTML, Markdown, DOCX and EPUB: the same text through every format, formats told by content, and bad files refused."""

import io
import json
import re
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import docx as python_docx
import pytest
from docx.enum.style import WD_STYLE_TYPE
from formats import SAMPLE, WRITERS, Item, Text, docx, epub, zipped
from hypothesis import given
from hypothesis import strategies as st
from tongues import GERMAN

from index.load import LoadError, archive, load, tree
from index.types import BlockKind, Details, Document, Passage
from qa.cite import cite
from qa.session import Session
from ui import cli

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "scripts"))
import formats_table  # noqa: E402

Write = Callable[[str, bytes | str], Path]
H, P, Q, F, C = (
    BlockKind.HEADING,
    BlockKind.PARAGRAPH,
    BlockKind.QUOTATION,
    BlockKind.FOOTNOTE,
    BlockKind.CAPTION,
)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(name: str, data: bytes | str) -> Path:
        path = tmp_path / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode("utf-8"))
        return path

    return written


@pytest.fixture
def read(write: Write) -> Callable[[str], Document]:
    """The document in the body of a web page."""
    return lambda body: load(write("a.html", f"<!DOCTYPE html><html><body>{body}</body></html>"))


def blocks(document: Document) -> list[tuple[BlockKind, str, int | None]]:
    return [(block.kind, document.text[block.start : block.end], block.level) for block in document.blocks]


def shown(document: Document) -> list[tuple[BlockKind, str]]:
    return [(kind, text) for kind, text, _ in blocks(document)]


def marked(document: Document) -> list[tuple[int, str]]:
    starts = [document.blocks[document.block_at(marker.position)].start for marker in document.markers]
    return [
        (marker.number, document.text[max(start, marker.position - 20) : marker.position])
        for start, marker in zip(starts, document.markers, strict=True)
    ]


def noted(document: Document) -> list[tuple[int, str]]:
    """Each marker's number with the text of the note that it points to."""
    notes = [(marker.number, document.blocks[marker.note]) for marker in document.markers if marker.note is not None]
    return [(number, document.text[note.start : note.end]) for number, note in notes]


class TestTheSampleInEveryFormat:
    @pytest.mark.parametrize("suffix", WRITERS)
    def test_gives_the_same_blocks_markers_and_notes(self, suffix: str, write: Write) -> None:
        document = load(write(f"sample.{suffix}", WRITERS[suffix](SAMPLE)))
        assert blocks(document) == SAMPLE.blocks()
        assert marked(document) == SAMPLE.markers()
        assert noted(document) == list(SAMPLE.notes.items())
        numbers = [block.number for block in document.blocks if block.kind in (P, Q)]
        assert numbers == list(range(1, len(numbers) + 1))

    def test_is_one_text(self, write: Write) -> None:
        documents = [load(write(f"sample.{suffix}", WRITERS[suffix](SAMPLE))) for suffix in WRITERS]
        assert len({document.sha256 for document in documents}) == 1
        assert len({document.source_sha256 for document in documents}) == len(WRITERS)

    @pytest.mark.parametrize("suffix", WRITERS)
    def test_says_who_wrote_it(self, suffix: str, write: Write) -> None:
        document = load(write(f"sample.{suffix}", WRITERS[suffix](SAMPLE)))
        assert (document.title, document.author) == (SAMPLE.title, SAMPLE.author)
        assert document.year == (None if suffix in ("txt", "docx") else SAMPLE.year)

    @pytest.mark.parametrize("suffix", WRITERS)
    def test_has_lines_in_plain_text_only(self, suffix: str, write: Write) -> None:
        document = load(write(f"sample.{suffix}", WRITERS[suffix](SAMPLE)))
        assert (document.line_at(0) is not None) == (suffix == "txt")

    @pytest.mark.parametrize("suffix", [suffix for suffix in WRITERS if suffix != "md"])
    @pytest.mark.parametrize("name", ["sample.txt", "sample", "sample.docx", "sample.epub", "sample.html"])
    def test_is_known_by_its_content(self, suffix: str, name: str, write: Write) -> None:
        assert blocks(load(write(name, WRITERS[suffix](SAMPLE)))) == SAMPLE.blocks()


LETTERS = st.characters(min_codepoint=32, max_codepoint=0x2FFF, exclude_categories=["Cs", "Cc", "Cf", "Zs", "Zl", "Zp"])
WORDS = st.lists(st.text(LETTERS, min_size=1, max_size=8), min_size=1, max_size=8).map(" ".join)
SAID = WORDS.map(lambda words: f"Q{words}e")  # begins and ends with a letter, as no mark of any format does
NOTES = st.integers(1, 2)


@st.composite
def contents(draw: st.DrawFn) -> Text:
    """Blocks in any order, each with up to two notes of its own."""
    items: list[Item] = []
    notes: dict[int, str] = {}
    for kind in draw(st.lists(st.sampled_from([H, P, Q, C]), min_size=1, max_size=8)):
        words = draw(SAID)
        for _ in range(draw(st.integers(0, 2)) if kind in (P, Q) else 0):
            number = len(notes) + 1
            notes[number] = draw(SAID)
            words += f"⟦{number}⟧ {draw(SAID)}"
        items.append(Item(kind, words, draw(st.integers(1, 6)) if kind is H else None))
        if kind is P and draw(st.booleans()):
            width = draw(st.integers(2, 4))
            rows = draw(st.lists(st.lists(SAID, min_size=width, max_size=width).map(tuple), min_size=1, max_size=3))
            items.append(Item(P, rows=tuple(rows)))
    items.append(Item(P, draw(SAID)))  # notes after a heading would stand under it
    return Text("A title", "A. Author", 1962, tuple(items), notes)


class TestAnyText:
    @given(contents())
    @pytest.mark.parametrize("suffix", ["html", "md", "epub"])
    def test_written_in_a_format_comes_back(
        self, suffix: str, tmp_path_factory: pytest.TempPathFactory, content: Text
    ) -> None:
        path = tmp_path_factory.mktemp("any") / f"any.{suffix}"
        path.write_bytes(WRITERS[suffix](content))
        document = load(path)
        found = blocks(document)
        if suffix == "epub":  # a chapter without a heading has one from the contents
            found = [block for block in found if not re.fullmatch(r"Part \d+", block[1])]
        assert found == content.blocks()
        assert marked(document) == content.markers()
        assert noted(document) == list(content.notes.items())

    @given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200) | st.binary(max_size=200))
    @pytest.mark.parametrize("name", ["a.html", "a.md", "a.txt"])
    def test_is_read_or_refused_with_a_sentence(
        self, name: str, tmp_path_factory: pytest.TempPathFactory, content: str | bytes
    ) -> None:
        path = tmp_path_factory.mktemp("any") / name
        path.write_bytes(content if isinstance(content, bytes) else b"<html><p>" + content.encode())
        try:
            document = load(path)
        except LoadError as error:
            assert name in str(error) and str(error).endswith(".")
        else:
            joined = "\n\n".join(document.text[block.start : block.end] for block in document.blocks)
            assert joined == document.text


class TestWebPages:
    def test_hostile_markup_that_is_text_stays_text(self, read: Callable[[str], Document]) -> None:
        document = read("<p>&lt;script&gt;alert(1)&lt;/script&gt; ${x} {{y}} &amp;amp;</p><script>alert(2)</script>")
        assert document.text == "<script>alert(1)</script> ${x} {{y}} &amp;"

    @pytest.mark.parametrize(
        "unseen",
        [
            "<script>no</script>",
            "<style>no</style>",
            "<template><p>no</p></template>",
            "<nav><p>no</p></nav>",
            "<div role=navigation>no</div>",
            "<p hidden>no</p>",
            "<p style='color:red; display: none'>no</p>",
            "<span aria-hidden=true>no</span>",
            "<noscript>no</noscript>",
            "<button>no</button>",
            "<!-- no -->",
            "<svg><text>no</text></svg>",
            "<ruby>word<rt>no</rt></ruby>",
        ],
    )
    def test_what_is_not_there_to_be_read(self, unseen: str, read: Callable[[str], Document]) -> None:
        assert "no" not in read(f"<p>seen</p>{unseen}<p>as well</p>").text

    def test_text_beside_an_unseen_element_stays(self, read: Callable[[str], Document]) -> None:
        assert read("<p>One <span hidden>no</span>two<script>no</script> three</p>").text == "One two three"

    def test_the_main_text_is_the_one_main_element(self, read: Callable[[str], Document]) -> None:
        assert read("<p>Menu</p><main><p>Text</p></main><p>Foot</p>").text == "Text"

    def test_an_empty_main_element_hides_no_text(self, read: Callable[[str], Document]) -> None:
        assert read("<main></main><p>Text</p>").text == "Text"

    def test_of_several_articles_only_the_frame_is_left_out(self, read: Callable[[str], Document]) -> None:
        page = "<header>Site</header><article><header>A</header>One</article><article>Two</article><footer>©</footer>"
        assert read(page).text == "A\n\nOne\n\nTwo"

    def test_without_marks_of_its_parts_a_page_is_read_whole(self, read: Callable[[str], Document]) -> None:
        assert read("<header>A</header><div>One</div><footer>B</footer>").text == "A\n\nOne\n\nB"

    def test_broken_markup(self, read: Callable[[str], Document]) -> None:
        document = read("<p>One <b>bold <i>both</b> slanted</i><p>Two<div>Three<blockquote>Five")
        assert shown(document) == [(P, "One bold both slanted"), (P, "Two"), (P, "Three"), (Q, "Five")]

    def test_two_line_breaks_part_paragraphs_and_one_does_not(self, read: Callable[[str], Document]) -> None:
        assert read("<font>One<br>line<br><br>Two<br>\n<br>Three</font>").text == "One line\n\nTwo\n\nThree"

    def test_a_page_laid_out_as_a_table_is_no_table(self, read: Callable[[str], Document]) -> None:
        page = f"<table><tr><td>Menu<td><h2>Head</h2><p>{'word ' * 50}<tr><td>Alone</table>"
        assert [kind for kind, _ in shown(read(page))] == [P, H, P, P]

    def test_quotation_marks_that_browsers_put_in(self, read: Callable[[str], Document]) -> None:
        assert read("<p>She said <q>never</q>, twice.").text == "She said “never”, twice."

    def test_an_encyclopedia_s_notes(self, read: Callable[[str], Document]) -> None:
        document = read(
            '<p>Deep<sup class="reference" id="cite_ref-1_0"><a href="#cite_note-1">[1]</a></sup> and deeper'
            '<sup id="cite_ref-1_1"><a href="#cite_note-1">[1]</a></sup><sup><a href="#cite_note-2">[2]</a></sup>.</p>'
            "<h2>Notes</h2><ol>"
            '<li id="cite_note-1"><span>^ <a href="#cite_ref-1_0">a</a> <a href="#cite_ref-1_1">b</a></span> One.</li>'
            '<li id="cite_note-2"><b><a href="#cite_ref-2">^</a></b> Two.</li></ol>'
        )
        assert shown(document) == [(P, "Deep and deeper."), (H, "Notes"), (F, "One."), (F, "Two.")]
        assert [(marker.number, marker.note) for marker in document.markers] == [(1, 2), (1, 2), (2, 3)]

    def test_notes_whose_number_leads_back(self, read: Callable[[str], Document]) -> None:
        document = read(
            '<p>Deep<sup><a id="r1" href="#n1">1</a></sup>, wide<a id="r2" href="#n2">[2]</a>.</p><hr>'
            '<p><a id="n1" href="#r1"><sup>1</sup></a> One.</p><p>[<a name="n2" href="#r2">2</a>] Two.</p>'
        )
        assert shown(document) == [(P, "Deep, wide."), (F, "One."), (F, "Two.")]
        assert [(marker.number, marker.position) for marker in document.markers] == [(1, 4), (2, 10)]

    def test_a_note_of_several_paragraphs_is_one_block(self, read: Callable[[str], Document]) -> None:
        document = read(
            '<p>A<sup><a href="#n">1</a></sup></p><aside id="n" role="doc-footnote" hidden><p>B<p>C</aside>'
        )
        assert shown(document) == [(P, "A"), (F, "B C")]

    def test_a_marker_by_a_sign_stays_as_printed_and_its_note_has_no_number(
        self, read: Callable[[str], Document]
    ) -> None:
        document = read('<p>Deep<sup><a id="r" href="#n">*</a></sup>.</p><p id="n"><a href="#r">*</a> A note.</p>')
        assert shown(document) == [(P, "Deep*."), (F, "A note.")]
        assert document.blocks[1].number is None

    def test_links_that_are_no_notes(self, read: Callable[[str], Document]) -> None:
        contents = '<ol><li><a href="#c1">1</a><li><a href="#c2">[2]</a></ol>'
        document = read(f'{contents}<div id="c1"><h2>One</h2><p>a</div><div id="c2"><h2>Two</h2><p>b</div>')
        assert document.markers == ()
        assert F not in [kind for kind, _ in shown(document)]

    @pytest.mark.parametrize("charset", ["utf-8", "windows-1252", "iso-8859-1", "koi8-r", "utf-8-sig", "utf-16"])
    def test_encodings(self, charset: str, write: Write) -> None:
        words = "Съешь ещё" if charset == "koi8-r" else "Größe naïve"
        page = f'<!DOCTYPE html><html><head><meta charset="{charset.removesuffix("-sig")}"></head><p>{words}</html>'
        assert load(write("a.html", page.encode(charset))).text == words

    def test_latin_1_is_read_as_browsers_read_it(self, write: Write) -> None:
        assert load(write("a.html", b"<html><meta charset=iso-8859-1><p>\x93so\x94")).text == "“so”"

    def test_an_encoding_that_does_not_fit_is_refused(self, write: Write) -> None:
        page = "<html><meta charset=euc-jp><p>ok " + "\xff"
        with pytest.raises(LoadError, match=r"^a\.html says it is euc-jp, but byte 33 \(0xFF, .+ UTF-8\.$"):
            load(write("a.html", page.encode("latin-1")))

    @pytest.mark.parametrize("label", ["base64", "no-such", "rot13", "utf-16", "idna"])
    def test_an_encoding_that_is_none_is_not_believed(self, label: str, write: Write) -> None:
        assert load(write("a.html", f"<html><meta charset={label}><p>Größe")).text == "Größe"

    @pytest.mark.parametrize("page", ["<html><body></body></html>", "<html><!-- a --><script>b</script>", "<html><p>—"])
    def test_without_text(self, page: str, write: Write) -> None:
        with pytest.raises(LoadError, match=r"^a\.html holds no words"):
            load(write("a.html", page))

    def test_nested_too_deeply_to_be_read_whole(self, write: Write) -> None:
        with pytest.raises(LoadError, match=r"^a\.html nests its elements too deeply"):
            load(write("a.html", "<html>" + "<div>" * 5000 + "deep"))

    def test_nested_deeply(self, read: Callable[[str], Document]) -> None:
        assert (
            read("<div><blockquote>" * 900 + "deep" + "</blockquote></div>" * 900 + "<p>after").text == "deep\n\nafter"
        )

    def test_too_much_markup(self, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(tree, "MOST_MARKUP", 2**20)
        with pytest.raises(LoadError, match=r"^a\.html holds more than 1 MB of markup: split it into several files\.$"):
            load(write("a.html", "<html>" + "<p>word" * 200_000))

    def test_what_a_page_says_of_itself(self, write: Write) -> None:
        head = (
            '<title>Wells | The Review</title><meta name="citation_title" content="Wells">'
            '<meta name="citation_author" content="Pitt, Ada"><meta name="citation_author" content="Ned Tranter">'
            '<meta name="author" content="Web team"><meta name="citation_publication_date" content="1962/05">'
        )
        document = load(write("a.html", f"<html><head>{head}</head><p>Deep."))
        assert (document.title, document.author, document.year) == ("Wells", "Pitt, Ada and Ned Tranter", 1962)

    def test_a_title_only_in_the_head(self, write: Write) -> None:
        assert load(write("a.html", "<html><title>On \n Wells</title><p>Deep.")).title == "On Wells"


class TestMarkdown:
    def test_ligatures_are_letters(self, write: Write) -> None:
        document = load(write("office.md", "# The oﬃce\n\nThe *ﬁ*rst oﬃce by the **ﬂood**.\n"))
        assert document.text == "The office\n\nThe first office by the flood."

    def test_a_page_of_html_named_markdown_is_html(self, write: Write) -> None:
        assert load(write("a.md", "<!doctype html><html><p># no heading</p>")).text == "# no heading"

    def test_html_inside(self, write: Write) -> None:
        document = load(write("a.md", "<!-- note -->\n# A\n\nText<script>no</script> *here*.\n\n<nav>no</nav>\n"))
        assert shown(document) == [(H, "A"), (P, "Text here.")]

    @pytest.mark.parametrize("front", ["title: [a: b", "- a\n- b", "just words", "title:", "title: {a: 1}", ""])
    def test_front_matter_without_a_title(self, front: str, write: Write) -> None:
        assert load(write("wells.md", f"---\n{front}\n---\n\nText.\n")).title == "Wells"

    def test_several_authors(self, write: Write) -> None:
        document = load(write("a.md", "---\nauthor: [Ada Pitt, Ned Tranter]\ndate: 1962-05-01\n---\nText.\n"))
        assert (document.author, document.year, document.text) == ("Ada Pitt and Ned Tranter", 1962, "Text.")

    def test_details_of_several_lines_are_one(self, write: Write) -> None:
        front = "author: |\n  Ada\n  Pitt\npublisher: |\n  Weir\n  Press\n"
        document = load(write("a.md", f"---\n{front}---\nText.\n"))
        assert (document.author, document.publisher) == ("Ada Pitt", "Weir Press")

    def test_notes_cited_twice_and_by_name(self, write: Write) -> None:
        document = load(write("a.md", "Deep[^w] and deep[^w].\n\n[^w]: A *well*.\n\n    Still the well.\n"))
        assert shown(document) == [(P, "Deep and deep."), (F, "A well. Still the well.")]
        assert [(marker.number, marker.note) for marker in document.markers] == [(1, 1), (1, 1)]


class TestWord:
    def test_styles_of_one_s_own_count_by_what_they_rest_on(self, tmp_path: Path) -> None:
        word = python_docx.Document()
        for name, base in (("Kapitel", "Heading 2"), ("Zitat", "Quote"), ("Bild", "Caption"), ("Sub Zitat", "Zitat")):
            word.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH).base_style = word.styles[base]
            word.add_paragraph(f"As {name}", style=name)
        word.save(str(tmp_path / "a.docx"))
        assert [(kind, level) for kind, _, level in blocks(load(tmp_path / "a.docx"))] == [
            (H, 2), (Q, None), (C, None), (Q, None),
        ]  # fmt: skip

    def test_without_a_title_the_first_level_is_the_highest(self, tmp_path: Path) -> None:
        word = python_docx.Document()
        word.core_properties.title = "From the properties"
        for words, level in (("One", 1), ("Two", 2), ("Three", 9), ("Four", 1)):
            word.add_heading(words, level)
        word.save(str(tmp_path / "a.docx"))
        document = load(tmp_path / "a.docx")
        assert [block.level for block in document.blocks] == [1, 2, 6, 1]
        assert document.title == "From the properties"

    def test_without_text(self, tmp_path: Path) -> None:
        python_docx.Document().save(str(tmp_path / "a.docx"))
        with pytest.raises(LoadError, match=r"^a\.docx holds no words: choose a file that holds text\.$"):
            load(tmp_path / "a.docx")

    def test_an_old_word_file_or_one_with_a_password(self, write: Write) -> None:
        with pytest.raises(LoadError, match=r"^a\.docx seems to be an old Office document \(DOC\), or one with a pass"):
            load(write("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512)))

    @pytest.mark.parametrize(
        "document",
        ["<broken", "<?xml version='1.0'?><a/>", "", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"],
    )
    def test_damaged(self, document: str, write: Write) -> None:
        data = zipped({"[Content_Types].xml": "<Types/>", "word/document.xml": document})
        with pytest.raises(LoadError, match=r"^a\.docx (is a damaged Word document|holds no words)"):
            load(write("a.docx", data))

    def test_deeply_nested(self, write: Write) -> None:
        document = "<w:p xmlns:w='urn:w'>" * 5000 + "</w:p>" * 5000
        data = zipped({"[Content_Types].xml": "<Types/>", "word/document.xml": document})
        with pytest.raises(LoadError, match=r"^a\.docx nests its elements too deeply to be read whole"):
            load(write("a.docx", data))


ENCRYPTION = """<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container"
xmlns:enc="http://www.w3.org/2001/04/xmlenc#"><enc:EncryptedData><enc:CipherData>
<enc:CipherReference URI="{}"/></enc:CipherData></enc:EncryptedData></encryption>"""
NCX = """<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap><navPoint><navLabel><text>The Well</text></navLabel>
<content src="c1.html#top"/></navPoint></navMap></ncx>"""
OPF = """<package xmlns="http://www.idpf.org/2007/opf" version="2.0"><metadata/><manifest>
<item id="a" href="c%201.html" media-type="application/xhtml+xml"/>
<item id="b" href="c1.html" media-type="application/xhtml+xml"/>
<item id="t" href="toc.ncx" media-type="application/x-dtbncx+xml"/></manifest>
<spine toc="t"><itemref idref="b"/><itemref idref="a"/><itemref idref="gone"/></spine></package>"""
CONTAINER = '<container><rootfiles><rootfile full-path="book.opf"/></rootfiles></container>'


def old_epub(**members: str) -> bytes:
    """An EPUB 2 of two chapters, the first of which has no heading."""
    chapters = {"c1.html": "<html><p>Deep&nbsp;water.</p></html>", "c 1.html": "<html><h1>Two</h1><p>More.</p></html>"}
    whole = {"META-INF/container.xml": CONTAINER, "book.opf": OPF, "toc.ncx": NCX} | chapters
    return zipped(whole | {name.replace("_", "."): text for name, text in members.items()})


class TestBooks:
    def test_a_chapter_without_a_heading_has_its_title_from_the_contents(self, write: Write) -> None:
        document = load(write("a.epub", old_epub()))
        assert blocks(document) == [(H, "The Well", 1), (P, "Deep water.", None), (H, "Two", 1), (P, "More.", None)]

    def test_a_line_that_says_the_chapter_s_title_is_its_heading(self, write: Write) -> None:
        document = load(write("a.epub", old_epub(c1_html="<html><p class='t'>THE WELL</p><p>Deep.</p></html>")))
        assert blocks(document)[:2] == [(H, "THE WELL", 1), (P, "Deep.", None)]

    def test_printed_page_numbers_are_no_text(self, write: Write) -> None:
        page = '<html><p>One <span epub:type="pagebreak" id="p9">9</span>two.</p></html>'
        assert "One two." in load(write("a.epub", old_epub(c1_html=page))).text

    @pytest.mark.parametrize(
        "turn",
        [
            '<span epub:type="pagebreak" id="p9" title="9"/>',
            '<span role="doc-pagebreak" aria-label=" Page 9. "></span>',
            '<span epub:type="pagebreak">9</span>',
            '</p><hr role="doc-pagebreak" title="9"/><p>',
            '</p><div epub:type="pagebreak" id="p9" aria-label="page 9"></div><p>',
        ],
    )
    def test_a_citation_has_its_page_as_printed(self, turn: str, write: Write) -> None:
        page = f'<html><p><span epub:type="pagebreak" title="viii"/>One deep {turn}two wide.</p><p>More.</p></html>'
        document = load(write("a.epub", old_epub(c1_html=page)))
        at = {word: document.text.index(word) for word in ("One", "deep", "two", "wide", "More", "Two")}
        pages = {word: cite(document, start, start + 3, Passage(start, start + 3, ())) for word, start in at.items()}
        assert [citation.page for citation in pages.values()] == ["viii", "viii", "9", "9", "9", "9"]
        assert all(citation.lines is None for citation in pages.values())

    def test_the_books_list_of_pages_names_them(self, write: Write) -> None:
        nav = '<html><nav epub:type="page-list"><ol><li><a href="c1.html#here">xi</a></li></ol></nav></html>'
        page = '<html><p>Deep water.</p><p id="here">Wide water.</p></html>'
        package = OPF.replace(
            'href="toc.ncx" media-type="application/x-dtbncx+xml"', 'href="nav.html" properties="nav"'
        )
        document = load(write("a.epub", old_epub(c1_html=page, nav_html=nav, book_opf=package)))
        lines = [document.line_at(document.text.index(word)) for word in ("Deep", "Wide")]
        assert [line.page for line in lines if line is not None] == [None, "xi"]

    def test_locked_by_copy_protection(self, write: Write) -> None:
        data = epub(SAMPLE, {"META-INF/encryption.xml": ENCRYPTION.format("OEBPS/text/c1.xhtml")})
        with pytest.raises(LoadError, match=r"^a\.epub is locked by copy protection \(DRM\): .+\.$"):
            load(write("a.epub", data))

    def test_encrypted_fonts_keep_no_text_back(self, write: Write) -> None:
        data = epub(SAMPLE, {"META-INF/encryption.xml": ENCRYPTION.format("OEBPS/fonts/a.otf")})
        assert blocks(load(write("a.epub", data))) == SAMPLE.blocks()

    @pytest.mark.parametrize(
        "package", ["<broken", "<package/>", "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]>"]
    )
    def test_damaged_package(self, package: str, write: Write) -> None:
        with pytest.raises(
            LoadError, match=r"^a\.epub (is damaged \(.+\): get the file again|holds no chapters: .+)\.$"
        ):
            load(write("a.epub", old_epub(book_opf=package)))

    def test_missing_chapter(self, write: Write) -> None:
        with pytest.raises(LoadError, match=r"^a\.epub is damaged: none\.html is missing in it; get the file again\.$"):
            load(write("a.epub", old_epub(book_opf=OPF.replace("c1.html", "none.html"))))


class TestArchives:
    @pytest.mark.parametrize("suffix", ["docx", "epub"])
    @pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.99])
    def test_cut_short(self, suffix: str, share: float, write: Write) -> None:
        data = WRITERS[suffix](SAMPLE)
        with pytest.raises(LoadError, match=r"^a\.\w+ seems to be a ZIP archive, and no whole DOCX or EPUB; "):
            load(write(f"a.{suffix}", data[: int(len(data) * share)]))

    @pytest.mark.parametrize("suffix", ["docx", "epub"])
    @given(st.data())
    def test_a_changed_byte_changes_nothing_or_is_refused(
        self, suffix: str, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
    ) -> None:
        whole = bytearray(ARCHIVES[suffix])
        at = data.draw(st.integers(0, len(whole) - 1))
        whole[at] ^= data.draw(st.integers(1, 255))
        path = tmp_path_factory.mktemp("changed") / f"a.{suffix}"
        path.write_bytes(whole)
        try:
            document = load(path)
        except LoadError as error:
            assert str(error).endswith(".")
        else:
            assert set(document.text.split()) <= {"The", "Well", "Deep", "water.", "Two", "More."}

    def test_another_archive(self, write: Write) -> None:
        with pytest.raises(LoadError, match=r"^a\.docx seems to be a ZIP archive, and no whole DOCX or EPUB; "):
            load(write("a.docx", zipped({"readme.txt": "words"})))

    @pytest.mark.parametrize("suffix", ["docx", "epub"])
    def test_a_bomb_is_refused_before_it_is_unpacked(self, suffix: str, write: Write) -> None:
        data = io.BytesIO(WRITERS[suffix](SAMPLE))
        with zipfile.ZipFile(data, "a", zipfile.ZIP_DEFLATED) as bomb, bomb.open("word/more.xml", "w") as member:
            for _ in range(archive.MOST_UNPACKED >> 20):
                member.write(bytes(2**20))
        assert len(data.getvalue()) < 2**18
        with pytest.raises(LoadError, match=r"^a\.\w+ unpacks to 64 MB of text and markup; 64 MB are read of one file"):
            load(write(f"a.{suffix}", data.getvalue()))

    def test_pictures_do_not_count(self, write: Write) -> None:
        data = io.BytesIO(epub(SAMPLE))
        with zipfile.ZipFile(data, "a", zipfile.ZIP_DEFLATED) as book:
            book.writestr("OEBPS/big.jpg", bytes(archive.MOST_UNPACKED))
        assert blocks(load(write("a.epub", data.getvalue()))) == SAMPLE.blocks()

    def test_a_password(self, write: Write) -> None:
        data = bytearray(epub(SAMPLE))
        entry = data.index(b"PK\x01\x02")
        data[entry + 8] |= 1  # the flag of an encrypted file in the central directory
        with pytest.raises(LoadError, match=r"^a\.epub is locked with a password: save it without one"):
            load(write("a.epub", bytes(data)))


WORD = """<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r>
<w:t>Deep water.</w:t></w:r></w:p></w:body></w:document>"""
ARCHIVES = {"docx": zipped({"[Content_Types].xml": "<Types/>", "word/document.xml": WORD}), "epub": old_epub()}


@pytest.mark.parametrize("suffix", WRITERS)
def test_details_that_are_given_win(suffix: str, write: Write) -> None:
    document = load(write(f"a.{suffix}", WRITERS[suffix](SAMPLE)), Details(title="Wells", year=1))
    assert (document.title, document.author, document.year, document.label) == ("Wells", "Ada Pitt", 1, "Pitt, Wells")


def test_the_table_in_the_docs_is_what_the_script_prints() -> None:
    assert formats_table.table() in (ROOT / "docs" / "formats.md").read_text("utf-8")


PIPES = Text(
    "Pipes for the Parish",
    "Edwin Marsh",
    1899,
    (
        Item(H, "Pipes for the Parish", 1),
        Item(H, "What the engineer did", 2),
        Item(P, "The engineer laid four miles of pipe and asked the parish for nothing but its thanks.⟦1⟧ The wells "
                "were filled in because their water had made two children ill, and no other reason was ever given."),
        Item(P, "It has been said that a midwife looked after the wells. No paper of this council names her."),
    ),
    {1: "He had them, in a resolution of eleven words."},
)  # fmt: skip
QUESTION = "Why was the hard well closed when two children had fallen ill?"


def test_a_library_of_a_word_document_and_a_book_answers_word_for_word(
    tmp_path: Path, write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [write("wells.docx", docx(SAMPLE)), write("pipes.epub", epub(PIPES))]
    folder = ["--library", str(tmp_path / "library")]
    assert cli.main([*folder, "add", *map(str, files)]) == 0
    session = Session.open(tmp_path / "library")
    capsys.readouterr()
    assert cli.main([*folder, "ask", QUESTION, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    shown = {
        side["source"]["id"]: side["answer"]["citations"] if side["answer"] else side["nearest"]
        for side in answer["perspectives"]
    }
    assert "closed the hard well for a month" in " ".join(citation["quote"] for citation in shown["wells"])
    assert "made two children ill" in " ".join(citation["quote"] for citation in shown["pipes"])
    for name, citations in shown.items():
        document = session.document(name)
        for citation in citations:
            assert document.text[citation["start"] : citation["end"]] == citation["quote"]
            assert citation["lines"] is None
    (tmp_path / "answer.json").write_text(json.dumps(answer), "utf-8")
    assert cli.main([*folder, "verify", str(tmp_path / "answer.json")]) == 0
    assert cli.main([*folder, "ask", QUESTION]) == 0
    told = capsys.readouterr().out
    assert "closed the hard well for a month" in told and "None" not in told and ", [" not in told


def test_a_book_replaces_nothing_when_it_is_refused(library_of_one: Path, write: Write) -> None:
    session = Session.open(library_of_one)
    before = session.documents()
    with pytest.raises(LoadError):
        session.add(write("pipes.epub", epub(PIPES)[:-99]))
    assert session.documents() == before


@pytest.fixture
def library_of_one(tmp_path: Path, write: Write) -> Path:
    Session.open(tmp_path / "library", create=True).add(write("pipes.epub", epub(PIPES)))
    return tmp_path / "library"


class TestLanguage:
    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("a.html", '<html lang="de-CH"><body><p>The ferry came too late.'),
            ("a.html", '<html><head><meta name="DC.language" content="deu"></head><body><p>The ferry came too late.'),
            ("a.md", "---\nlang: de\n---\nThe ferry came too late."),
            ("a.md", "---\nlanguage: de-DE\n---\nThe ferry came too late."),
        ],
    )
    def test_is_what_the_file_says(self, name: str, text: str, write: Write) -> None:
        assert load(write(name, text)).language == "de"

    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("a.html", f'<html lang="und"><body><p>{GERMAN}'),
            ("a.html", f'<html lang="Deutsch"><body><p>{GERMAN}'),
            ("a.md", f"---\nlang: 3\n---\n{GERMAN}"),
            ("a.txt", GERMAN),
        ],
    )
    def test_else_what_the_text_is_written_in(self, name: str, text: str, write: Write) -> None:
        assert load(write(name, text)).language == "de"
        assert load(write(name, text), Details(language="nl")).language == "nl"
