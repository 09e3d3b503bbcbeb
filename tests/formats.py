"""One text in every format that is read: a sample with all that a text may hold, and a writer for each format.

The writers make files as they are met: a web page with menus, notices and scripts, a Word document by python-docx
with real footnotes, an EPUB 3 with navigation and notes of its own, plain text wrapped at 78 characters.
"""

import io
import re
import textwrap
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import count

from docx import Document as WordDocument
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.oxml import serialize_part_xml
from docx.opc.packuri import PackURI
from docx.opc.part import Part as WordPart
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.text.paragraph import Paragraph

from index.types import BlockKind

MARK = re.compile(r"⟦(\d+)⟧")
"""Where a note's number stands in the text of the sample."""


@dataclass(frozen=True)
class Item:
    """A block of a text: a heading has a level, a table its rows instead of words."""

    kind: BlockKind
    text: str = ""
    level: int | None = None
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Text:
    """A text with its notes by their numbers, in the order in which they are cited."""

    title: str
    author: str
    year: int
    items: tuple[Item, ...]
    notes: dict[int, str] = field(default_factory=dict)

    def blocks(self) -> list[tuple[BlockKind, str, int | None]]:
        """What every format has to give: kinds, texts and levels, notes behind the section that cites them."""
        result: list[tuple[BlockKind, str, int | None]] = []
        pending: list[int] = []
        for item in (*self.items, None):
            if item is None or item.kind is BlockKind.HEADING:
                result += [(BlockKind.FOOTNOTE, self.notes[number], None) for number in pending]
                pending = []
            if item is not None:
                rows = [" | ".join(row) for row in item.rows] or [MARK.sub("", item.text)]
                result += [(item.kind, row, item.level) for row in rows]
                pending += map(int, MARK.findall(item.text))
        return result

    def markers(self) -> list[tuple[int, str]]:
        """Each marker's number with the words before it."""
        return [
            (int(match[1]), MARK.sub("", item.text[: match.start()])[-20:])
            for item in self.items
            for match in MARK.finditer(item.text)
        ]


_H, _P, _Q, _C = BlockKind.HEADING, BlockKind.PARAGRAPH, BlockKind.QUOTATION, BlockKind.CAPTION

SAMPLE = Text(
    "The Wells of Saltmarsh Row",
    "Ada Pitt",
    1962,
    (
        Item(_H, "The Wells of Saltmarsh Row", 1),
        Item(_C, "by Ada Pitt"),
        Item(
            _P,
            "Before the pipes came, Saltmarsh Row drank from three wells, and everybody on the Row knew which of them "
            "was sweet, which was hard and which was not to be trusted after rain.⟦1⟧ The council had the story put "
            "into a leaflet, and the leaflet gave all the credit to an engineer who never set foot in the parish. "
            "This is an attempt to set down who dug the wells, who kept them, and who paid.",
        ),
        Item(_H, "Chapter 1: How the wells were dug", 2),
        Item(
            _P,
            "The first two shafts were sunk in the autumn of a dry year by four brothers called Tranter, who had dug "
            "graves before and were not afraid of working below the level of their own heads. They were paid by the "
            "yard, and they were paid late. The curate, who kept the book, noted every yard and every delay.⟦2⟧",
        ),
        Item(
            _P,
            "What the brothers thought of the work is known from a single letter, which the youngest of them sent to "
            "an aunt on the other side of the estuary:",
        ),
        Item(
            _Q,
            "We go down at six and the bucket comes after us. At noon Ned sings so that those above may know we are "
            "not yet buried, and in the evening nobody asks him for a song.",
        ),
        Item(
            _P,
            "The third shaft failed twice. It was begun too near the tidal ditch, and the water that rose in it was "
            "brown and tasted of iron. Only when an old midwife, Hester Coombe, told the curate where the cattle lay "
            "down in summer was it begun anew, forty paces uphill, and there it held.",
        ),
        Item(_H, "The first summer", 3),
        Item(
            _P,
            "In the first summer the wells gave more than the Row could drink. Children carried water to the rope "
            "walk for a farthing a yoke, and the rope walk, which had fetched its water by cart, let its carter go. "
            "He never forgave the wells, and he is the source of most of the rumours about them.⟦3⟧",
        ),
        Item(_C, "Figure 1. The sweet well with its first windlass, drawn from memory by the curate."),
        Item(
            _P,
            "The curate counted the yokes for three years and wrote the numbers on the inside of the vestry door, "
            "from which they were copied before the door was painted. The winters are left out, because in winter "
            "nobody sold water.",
        ),
        Item(
            _P,
            rows=(
                ("Year", "Wells in use", "Yokes sold"),
                ("1871", "2", "4,310"),
                ("1872", "3", "6,025"),
                ("1873", "3", "5,870"),
            ),
        ),
        Item(_H, "Chapter 2: Who kept them and who paid", 2),
        Item(
            _P,
            "A well has to be kept. Ropes rot, frogs fall in, and a windlass that is not greased wakes the whole Row. "
            "For nineteen years the keeping was done by Hester Coombe, who asked for no wage and got none, and who "
            "closed the hard well for a month when two children had fallen ill.⟦4⟧ The council has no record of her, "
            "which is no wonder, for it kept no records of anything that cost it nothing.",
        ),
        Item(
            _P,
            "The money came from the rope walk, from a collection in the chapel, and from the sale of the parish "
            "bull. When the leaflet says that the engineer paid for the pipes out of his own pocket, it is right "
            "about the pipes and silent about the twenty years before them.⟦5⟧ The wells were filled in on a single "
            "afternoon. Nobody sang.",
        ),
    ),
    {
        1: "The names sweet, hard and doubtful are used in the chapel book from its first page.",
        2: "The book lay in the vestry until the flood; a copy made by a schoolmaster has survived.",
        3: "Above all of the one about the drowned pedlar, of whom no parish misses any.",
        4: "Coombe’s own account is lost, but the doctor’s bill names the well and the month.",
        5: "The bull fetched eleven pounds, which is more than the engineer’s leaflet cost to print.",
    },
)  # fmt: skip


def text(content: Text) -> bytes:
    """Plain text: wrapped, quotations marked as in mail, the notes of a section under a rule behind it."""
    parts: list[str] = []
    pending: list[int] = []

    def notes() -> None:
        if pending:
            lines = (textwrap.fill(f"[{n}] {content.notes[n]}", 78, break_on_hyphens=False) for n in pending)
            parts.append("-" * 20 + "\n" + "\n".join(lines))
            pending.clear()

    for item in content.items:
        if item.kind is BlockKind.HEADING:
            notes()
        for row in [" | ".join(row) for row in item.rows] or [MARK.sub(r"[\1]", item.text)]:
            prefix = "> " if item.kind is BlockKind.QUOTATION else ""
            filled = textwrap.fill(row, 78, initial_indent=prefix, subsequent_indent=prefix, break_on_hyphens=False)
            parts.append(row if item.kind is BlockKind.HEADING else filled)
        pending += map(int, MARK.findall(item.text))
    notes()
    return "\n\n".join(parts).encode()


def markdown(content: Text) -> bytes:
    """Markdown with front matter, a pipe table, and the notes at the end."""
    parts = [f"---\ntitle: {_yaml(content.title)}\nauthor: {_yaml(content.author)}\ndate: {content.year}-05-01\n---"]
    for item in content.items:
        words = MARK.sub(r"[^\1]", _marked_down(item.text))
        if item.rows:
            head, *rows = ["| " + " | ".join(map(_marked_down, row)) + " |" for row in item.rows]
            parts.append("\n".join([head, "|" + "---|" * len(item.rows[0]), *rows]))
        elif item.kind is BlockKind.HEADING:
            parts.append("#" * (item.level or 1) + " " + words)
        elif item.kind is BlockKind.QUOTATION:
            parts.append(f"> {words}")
        elif item.kind is BlockKind.CAPTION and not item.text.startswith(("by ", "Figure ")):
            parts.append(f"<figure><figcaption>{MARK.sub(r'', escape(item.text))}</figcaption></figure>")
        else:
            parts.append(words)
    parts += [f"[^{number}]: {_marked_down(note)}" for number, note in content.notes.items()]
    return "\n\n".join(parts).encode()


def _yaml(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _marked_down(words: str) -> str:
    """Words in which nothing is a mark of Markdown; every sign may be escaped."""
    return re.sub(r"""[!"#$%&'()*+,\-./:;<=>?@\[\]^_`{|}~\\]""", r"\\\g<0>", words)


PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="{charset}"><title>{title} – The Row Review</title>
<meta name="author" content="{author}"><meta property="article:published_time" content="{year}-05-01T08:00:00Z">
<style>body {{ margin: 0 }}</style><script>window.dataLayer = ["</p>", "<p>no text</p>"];</script></head>
<body><a class="skip" href="#main" hidden>Skip to the text</a>
<header><div class="logo">The Row Review</div><nav><ul><li><a href="/">Home</a></ul></nav>
</header><main id="main"><article>{body}</article></main>
<aside><h2>Most read</h2><ul><li><a href="/9">Nine ways to fold a sail</a></ul></aside>
<footer><p>© The Row Review. All rights reserved.</p><noscript>Please switch on JavaScript.</noscript></footer>
</body></html>"""


def html(content: Text, charset: str = "utf-8") -> bytes:
    """A page of a web site, its notes at the end of the article with links back."""
    notes = "".join(
        f'<li id="fn{number}"><p>{escape(note)} <a href="#fnref{number}" class="back">↩︎</a></p></li>'
        for number, note in content.notes.items()
    )
    body = _body(content.items, '<sup id="fnref{0}"><a href="#fn{0}">{0}</a></sup>')
    body += f'<section class="footnotes"><ol>{notes}</ol></section>' if notes else ""
    page = PAGE.format(
        charset=charset, title=escape(content.title), author=escape(content.author), year=content.year, body=body
    )
    return page.encode(charset)


def _body(items: Sequence[Item], marker: str) -> str:
    parts: list[str] = []
    for item in items:
        words = MARK.sub(lambda match: marker.format(match[1]), escape(item.text, quote=False))
        match item.kind:
            case BlockKind.HEADING:
                parts.append(f"<h{item.level}>{words}</h{item.level}>")
            case BlockKind.QUOTATION:
                parts.append(f"<blockquote>\n<p>{words}</p>\n</blockquote>")
            case BlockKind.CAPTION:
                parts.append(f"<figure><img src='none.png' alt='' /><figcaption>{words}</figcaption></figure>")
            case _ if item.rows:
                rows = ("".join(f"<td>{escape(cell)}</td>" for cell in row) for row in item.rows)
                parts.append("<table><tbody>" + "".join(f"<tr>{row}</tr>\n" for row in rows) + "</tbody></table>")
            case _:
                parts.append(f"<p>{words}</p>")
    return "\n".join(parts)


_CONTAINER = """<?xml version="1.0"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>
<rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>"""
_OPF = """<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier id="id">urn:x</dc:identifier>
<dc:title>{title}</dc:title><dc:creator>{author}</dc:creator><dc:date>{year}-05-01</dc:date>
<dc:language>en</dc:language></metadata>
<manifest><item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>{items}</manifest>
<spine><itemref idref="nav"/>{spine}</spine></package>"""
_XHTML = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops">
<head><title/><link rel="stylesheet" href="book.css"/></head><body>{body}</body></html>"""


def epub(content: Text, extra: dict[str, str] | None = None) -> bytes:
    """An EPUB 3: a file for what stands above the first chapter, one for each chapter, and one for the notes."""
    chapters: list[list[Item]] = [[]]
    for item in content.items:
        if item.kind is BlockKind.HEADING and item.level == 2 and chapters[-1]:
            chapters.append([])
        chapters[-1].append(item)
    marker = '<a epub:type="noteref" role="doc-noteref" id="r{0}" href="../notes.xhtml#n{0}">{0}</a>'
    bodies = {f"text/c{n}.xhtml": f"<section>{_body(items, marker)}</section>" for n, items in enumerate(chapters)}
    files = [f"text/c{n}.xhtml" for n in range(len(chapters))]
    if content.notes:
        where = {
            int(n): f for f, items in zip(files, chapters, strict=True) for i in items for n in MARK.findall(i.text)
        }
        bodies["notes.xhtml"] = "".join(
            f'<aside epub:type="footnote" id="n{n}"><p><a href="{where[n]}#r{n}">{n}</a>. {escape(note)}</p></aside>'
            for n, note in content.notes.items()
        )
    bodies["nav.xhtml"] = (
        '<nav epub:type="toc"><h1>Contents</h1><ol>'
        + "".join(f'<li><a href="{file}">Part {n}</a></li>' for n, file in enumerate(files))
        + "</ol></nav>"
    )
    listed = [name for name in bodies if name != "nav.xhtml"]
    items = "".join(f'<item id="i{n}" href="{f}" media-type="application/xhtml+xml"/>' for n, f in enumerate(listed))
    spine = "".join(f'<itemref idref="i{n}"/>' for n in range(len(listed)))
    package = _OPF.format(
        title=escape(content.title), author=escape(content.author), year=content.year, items=items, spine=spine
    )
    members = {"META-INF/container.xml": _CONTAINER, "OEBPS/book.opf": package}
    members |= {f"OEBPS/{name}": _XHTML.format(body=body) for name, body in bodies.items()}
    return zipped({"mimetype": "application/epub+zip"} | members | (extra or {}))


def zipped(members: dict[str, str]) -> bytes:
    """An archive of these files."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, member in members.items():
            archive.writestr(name, member)
    return data.getvalue()


_STYLES = {_Q: "Quote", _C: "Caption"}


def docx(content: Text) -> bytes:
    """A Word document in Word's own styles; levels below the title are Heading 1 and on."""
    word = WordDocument()
    word.core_properties.title, word.core_properties.author = "Untitled draft", content.author
    numbers = count(1)
    titled = content.items[0].level == 1 and sum(item.level == 1 for item in content.items) == 1
    for item in content.items:
        if item.rows:
            table = word.add_table(0, len(item.rows[0]))
            for row in item.rows:
                for cell, words in zip(table.add_row().cells, row, strict=True):
                    cell.text = words
        elif item.kind is BlockKind.HEADING:
            _run(word.add_heading("", (item.level or 1) - titled), item.text, numbers)
        else:
            _run(word.add_paragraph(style=_STYLES.get(item.kind)), item.text, numbers)
    _add_footnotes(word, content.notes)
    data = io.BytesIO()
    word.save(data)
    return data.getvalue()


def _run(paragraph: Paragraph, words: str, numbers: "count[int]") -> None:
    for piece in re.split(r"(⟦\d+⟧)", words):
        run = paragraph.add_run("" if MARK.fullmatch(piece) else piece)
        if MARK.fullmatch(piece):
            run.font.superscript = True
            reference = OxmlElement("w:footnoteReference")
            reference.set(qn("w:id"), str(next(numbers)))
            run._r.append(reference)


def _add_footnotes(word: "WordDocument", notes: dict[int, str]) -> None:
    body = "".join(
        f'<w:footnote w:id="{n}"><w:p><w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:footnoteRef/></w:r>'
        f'<w:r><w:t xml:space="preserve"> {escape(note)}</w:t></w:r></w:p></w:footnote>'
        for n, note in enumerate(notes.values(), 1)
    )
    separators = "".join(
        f'<w:footnote w:type="{kind}" w:id="{n}"><w:p><w:r><w:{kind}/></w:r></w:p></w:footnote>'
        for kind, n in (("separator", -1), ("continuationSeparator", 0))
    )
    root = parse_xml(f"<w:footnotes {nsdecls('w')}>{separators}{body}</w:footnotes>")
    part = WordPart(
        PackURI("/word/footnotes.xml"),
        "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml",
        serialize_part_xml(root),
        word.part.package,
    )
    word.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)


WRITERS = {"txt": text, "md": markdown, "html": html, "docx": docx, "epub": epub}
"""By the suffix that such files mostly have."""
