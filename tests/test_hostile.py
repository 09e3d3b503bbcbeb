"""Whatever a document holds or is called is text: in every format, every export, and for the terminal.

What a browser makes of it is `test_browser`'s.
"""

import json
import re
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest
from formats import WRITERS, Item, Text
from hostile import COMMANDS, MARKUP, WRITING, other, paragraphs, printed, text
from rich.console import Console

from index.embed import Encoder
from index.load import load
from index.types import BlockKind, Details
from qa.checks import DetailsError, checked_details
from qa.session import Session
from ui import export, views
from ui.handlers import open_place
from ui.shelf import Refusal
from ui.styles import STYLES
from ui.terminal import print_comparison, print_concordance, print_documents, print_finding, print_json, print_shared

NAME = f"Log {MARKUP[1]} {MARKUP[9]} {WRITING[0]}"
QUESTION = f"What did the clerk write upon board 3? {MARKUP[0]} {COMMANDS[1]}"
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory, word_encoder: Callable[[str], Encoder]) -> Session:
    folder = tmp_path_factory.mktemp("hostile")
    opened = Session.open(folder / "library", create=True, reader="none", load_encoder=word_encoder)
    (folder / "clerk.txt").write_text(text(), encoding="utf-8")
    opened.add(folder / "clerk.txt", Details(title=NAME, author=NAME, label=f"Clerk {NAME}"))
    (folder / "keeper.md").write_text(other(), encoding="utf-8")
    opened.add(folder / "keeper.md")
    return opened


@pytest.mark.parametrize("suffix", WRITERS)
def test_every_format_gives_every_string_back_as_text(suffix: str, tmp_path: Path) -> None:
    strings = MARKUP + WRITING
    items = [Item(BlockKind.HEADING, "The Log", 1), *(Item(BlockKind.PARAGRAPH, p) for p in paragraphs(strings))]
    path = tmp_path / f"log.{suffix}"
    path.write_bytes(WRITERS[suffix](Text("The <b>Log</b> ${x}", MARKUP[1], 1902, tuple(items))))
    document = load(path, Details())
    flat = " ".join(document.text.split())
    assert [string for string in strings if re.sub("[\u200b\u2060]", "", string) not in flat] == []
    if suffix != "txt":  # which has no place for them
        assert document.title in ("The <b>Log</b> ${x}", "The Log")
        assert document.author == MARKUP[1]


def test_a_pdf_gives_every_string_back_as_text(tmp_path: Path) -> None:
    printed(tmp_path / "log.pdf")
    document = load(tmp_path / "log.pdf", Details())
    flat = " ".join(document.text.split())
    assert [string for string in MARKUP if string not in flat] == []
    assert (document.title, document.author) == (f"The {MARKUP[0]} {MARKUP[1]}", MARKUP[1])


class Seen(HTMLParser):
    """The tags and the attributes of a page, and its words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str]] = set()
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {(name, value or "") for name, value in attrs}

    def handle_data(self, data: str) -> None:
        self.words += data


def nothing_runs(html: str) -> None:
    seen = Seen(html)
    assert not seen.tags & {"script", "img", "iframe", "style", "link", "object", "embed", "animate", "b", "i"}
    assert not [name for name, _ in seen.attributes if name.startswith("on") or name in ("srcdoc", "autofocus")]
    links = [value for name, value in seen.attributes if name in ("href", "src", "action")]
    assert not [link for link in links if not link.startswith(("#", "data:application/octet-stream;base64,"))]
    assert not [value for name, value in seen.attributes if name == "style" and "url" in value]
    assert "pwned" in seen.words


def test_no_view_of_the_page_makes_markup_of_it(session: Session) -> None:
    assert session.shared() and "\x1b" in session.documents()[1].title
    for html in (
        *views.shelf(session),
        views.find(session, MARKUP[0]),
        views.find(session, f"“{MARKUP[6]}”"),
        views.terms(session, "pwned"),
        views.terms(session, MARKUP[0][:40]),
        *(views.library(session, True, Refusal(f"“{MARKUP[0]}” {MARKUP[1]}", at)) for at in ("", "clerk")),
        open_place(session, {"document": "clerk", "start": 0, "end": 400}),
        open_place(session, {"document": MARKUP[1], "start": 0, "end": 4}),
        open_place(session, {"document": "clerk", "start": MARKUP[1], "end": 4}),
    ):
        nothing_runs(html)


def test_no_export_makes_markup_of_it(session: Session) -> None:
    turns = [session.ask(QUESTION), session.find(MARKUP[0]), session.find(MARKUP[9])]
    nothing_runs(export.as_html(turns, session.documents()).partition("</style>")[2])
    kept = json.loads(export.as_json(turns, session.documents()))
    assert kept["documents"][0]["title"] == session.documents()[0].title
    told = export.as_markdown(turns, session.documents())
    assert not re.search(r"(?<!\\)<(?!!--)|(?<!\\)\]\((?:javascript|http)", told)


def test_a_terminal_is_given_no_command_and_no_forged_line(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    for width in (None, 200):
        console = Console(file=sys.stdout, force_terminal=width is not None, width=width, color_system=None)
        print_comparison(session.ask(QUESTION), console)
        print_finding(session.find(f"{MARKUP[0]} upon board 0"), console)
        print_concordance(session.terms("clerk"), console)
        print_shared(session.shared(), session.documents(), console)
    print_documents(session.documents(), session.languages())
    print_json({"name": NAME + COMMANDS[0]})
    told = capsys.readouterr().out
    assert not CONTROL.search(told)
    assert not [line for line in told.splitlines() if line.lstrip().startswith("forged")]


@pytest.mark.parametrize("name", ["Log\nforged: line", *COMMANDS, "\x00"])
def test_nobody_names_a_document_by_commands(session: Session, name: str) -> None:
    for field in ("title", "label", "author", "publisher"):
        with pytest.raises(DetailsError, match=r"has a line break or another control character in it; leave it out\.$"):
            checked_details(Path("log.txt"), Details(**{field: name}))


@pytest.mark.parametrize("style", STYLES)
def test_every_style_of_citation_holds_it_as_text(session: Session, style: str) -> None:
    source = session.documents()[0]
    told = STYLES[style](session.cite("clerk", 0, 60), source)
    assert told
    if style in ("csl-json", "annotation"):
        json.loads(told)
