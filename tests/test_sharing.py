"""Shared quotations: what each author says around them, who marks them, how they look; hostile words stay words."""

import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from itertools import combinations
from pathlib import Path

import pytest
from documents import document, documents
from hypothesis import given, settings
from hypothesis import strategies as st

from index.embed import Encoder
from index.split import split
from index.types import BlockKind, Document, SourceLine
from qa.checks import QuestionError
from qa.session import Session
from qa.sharing import Opened, shared
from qa.types import Marked, Shared, Side, Source
from qa.voice import voices
from ui.sharing import LISTED, LONGEST, shared_places

SAID = "Whoever counts the swans below the weir before Michaelmas shall have one in ten of them for his table"
LONGER = f"The river is the town's from the weir down to the sea. {SAID}, and nobody else's. Ask the miller."


def paper(name: str, *blocks: tuple[BlockKind, str] | str) -> Document:
    told = [block if isinstance(block, tuple) else (BlockKind.PARAGRAPH, block) for block in blocks]
    return replace(document(*told), id=name, label=name.title(), lines=(SourceLine(0, 1),))


def opened(doc: Document) -> Opened:
    return Opened(doc, split(doc, doc.text), voices(doc))


def between(one: Document, other: Document) -> tuple[Shared, ...]:
    return shared([opened(one), opened(other)])


ESSAY = paper(
    "essay",
    "It was a wet year. The custom of Oxley is plain enough to read.",
    (BlockKind.QUOTATION, LONGER),
    "I take this for a tax. Others have taken it for a gift, and were fed.",
)
REPLY = paper("reply", f"Swans again! The custom says: “{SAID}.” That is a wage, and a poor one. It was never paid.")


def said(side: Side) -> tuple[str | None, str, str | None]:
    return side.before and side.before.text, side.citation.quote, side.after and side.after.text


def test_each_author_is_heard_before_and_after_even_around_a_longer_quotation() -> None:
    (place,) = between(ESSAY, REPLY)
    assert (place.words, place.marked, place.differences) == (len(SAID.split()), Marked.BOTH, ())
    assert said(place.first) == (
        "The custom of Oxley is plain enough to read.",
        SAID,
        "I take this for a tax. Others have taken it for a gift, and were fed.",
    )
    assert said(place.second) == ("Swans again! The custom says: “", SAID, ".” That is a wage, and a poor one.")


def test_the_marks_decide_who_quotes() -> None:
    own = paper("own", f"I hold with the old custom. {SAID}. So be it.")
    assert [p.marked for p in between(ESSAY, own)] == [Marked.FIRST]
    assert [p.marked for p in between(own, REPLY)] == [Marked.SECOND]
    assert [p.marked for p in between(own, replace(own, id="copy"))] == [Marked.NEITHER]


def test_a_cut_is_shown_on_the_side_that_has_the_words() -> None:
    head, tail = SAID[: SAID.index(" shall")], SAID[SAID.index("shall") :]
    aside = "be he bargeman, baker or bishop, and whether he can swim or not"
    long = f"{head}, {aside}, {tail}"
    short = paper("short", f"In the tavern one hears: “{head} … {tail}.” Nobody believes it.")
    (place,) = between(paper("whole", f"The clerk read out: “{long}.” Everybody laughed."), short)
    assert len(place.first.parts) == len(place.second.parts) == 2
    assert [e.text for e in place.first.left_out] == [aside]
    assert place.second.left_out == () and place.differences == ()


def test_changed_words_are_told_in_runs_that_give_both_back() -> None:
    changed = SAID.replace("before Michaelmas", "by Lady Day").replace("have one in ten", "keep two in ten")
    (place,) = between(REPLY, paper("other", f"Elsewhere it goes: “{changed}.” So much for custom."))
    assert " ".join(filter(None, (d.asked for d in place.differences))) == SAID
    assert " ".join(filter(None, (d.found for d in place.differences))) == changed
    changes = [(d.asked, d.found) for d in place.differences if not d.same]
    assert changes == [("before Michaelmas", "by Lady Day"), ("have one", "keep two")]


def test_headings_and_titles_are_no_quotations() -> None:
    title = "The Whole and Perfect Custom of the Swans of Oxley with the Rights of Millers and Bargemen"
    note = f"The clerk’s copy of {title} is lost."
    assert between(paper("one", note), paper("two", note.replace("clerk", "miller"))) == ()
    headed = paper("headed", (BlockKind.HEADING, SAID), "Nothing of the kind was ever done.")
    assert between(headed, REPLY) == ()


@settings(max_examples=50)
@given(documents(), documents())
def test_of_any_documents_all_that_is_shown_is_sliced_from_them(one: Document, other: Document) -> None:
    named = {"one": one, "other": other, "third": one}
    columns = [replace(doc, id=name, lines=(SourceLine(0, 1),)) for name, doc in named.items()]
    texts = {doc.id: doc.text for doc in columns}
    places = shared([opened(doc) for doc in columns])
    for place in places:
        for side in (place.first, place.second):
            text = texts[side.citation.document]
            extracts = [*side.parts, *side.left_out, *filter(None, [side.before, side.after])]
            assert text[side.citation.start : side.citation.end] == side.citation.quote
            assert all(text[e.start : e.end] == e.text for e in extracts)
            assert side.before is None or side.before.end <= side.citation.start
            assert side.after is None or side.after.start >= side.citation.end
        assert len(place.first.parts) == len(place.second.parts)


def test_what_two_share_does_not_depend_on_the_others() -> None:
    own = paper("own", f"I hold with the old custom. {SAID}. So be it.")
    columns = [opened(doc) for doc in (ESSAY, REPLY, own)]
    assert shared(columns) == tuple(place for pair in combinations(columns, 2) for place in shared(pair))


class TestSession:
    @pytest.fixture
    def session(self, tmp_path: Path, word_encoder: Callable[[str], Encoder]) -> Session:
        session = Session.open(tmp_path / "library", create=True, reader="none", load_encoder=word_encoder)
        for doc in (ESSAY, REPLY):
            (tmp_path / f"{doc.id}.txt").write_text(f"{doc.label}\n\n{doc.text}\n", encoding="utf-8")
            session.add(tmp_path / f"{doc.id}.txt")
        return session

    def test_the_order_asked_is_the_order_of_the_sides(self, session: Session) -> None:
        (place,) = session.shared()
        assert [side.citation.document for side in (place.first, place.second)] == ["essay", "reply"]
        (turned,) = session.shared(["reply", "essay"])
        assert (turned.first, turned.second) == (place.second, place.first)

    def test_it_is_remembered_until_a_text_changes(self, session: Session, tmp_path: Path) -> None:
        assert session.shared() is session.shared()
        (tmp_path / "reply.txt").write_text("Reply\n\nI take it all back, every word.\n", encoding="utf-8")
        session.add(tmp_path / "reply.txt")
        assert session.shared() == ()

    def test_one_document_has_nothing_to_be_compared_with(self, session: Session) -> None:
        with pytest.raises(QuestionError, match="There is no other document"):
            session.shared(["essay"])


def test_the_samples_quote_the_same_words_and_each_leaves_others_out(library: Session) -> None:
    (place,) = library.shared()
    assert place.marked is Marked.BOTH
    assert [change.asked for change in place.differences if not change.same] == ["be it weir or standing net"]
    clause = library.document(place.second.citation.document).text[place.second.citation.end :]
    assert clause.startswith(", and it shall go to him that keepeth it")


def test_what_the_real_documents_quote_in_common_is_found(indexed_corpus: Path) -> None:
    places = Session.open(indexed_corpus).shared()
    assert sorted(place.words for place in places)[-2:] == [16, 29]
    assert all(place.marked is Marked.BOTH for place in places)


def source(name: str) -> Source:
    return Source(name, name, None, None, f"<b>{name}</b>", "0" * 64, "a.txt", 10, 1)


class Page(HTMLParser):
    """Collects elements; every one must be closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.text = ""
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        self.tags.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def drawn(places: tuple[Shared, ...]) -> Page:
    names = ["essay", "reply", "whole", "short", "one", "two"]
    return Page(shared_places(places, [source(name) for name in names], {name: n for n, name in enumerate(names)}))


def test_a_place_is_drawn_as_two_cards_between_what_the_authors_say() -> None:
    places = between(ESSAY, REPLY)
    html = shared_places(places, [source("essay"), source("reply")], {"essay": 0, "reply": 1})
    assert re.findall(r"px-card px-hue-\d", html) == ["px-card px-hue-0", "px-card px-hue-1"]
    assert html.count(f"<mark>{SAID}</mark>") == 2
    assert html.count('class="px-open"') == html.count('class="px-copy"') == 2
    assert "The custom of Oxley is plain enough to read. … <" in html  # the longer quotation goes on between
    assert "Swans again! The custom says: “<" in html
    assert "Both mark this as a quotation" in html


def test_nothing_in_common_is_said() -> None:
    assert drawn(()).text == "These documents have no quotation in common."


def test_of_many_or_very_long_places_a_part_is_drawn() -> None:
    long = " ".join(f"{word}{n}" for n in range(40) for word in SAID.split())
    (place,) = between(paper("one", f"He said: “{long}”"), paper("two", f"She said: “{long}”"))
    assert len(drawn((place,)).text) < 4 * LONGEST
    assert "7 more places not listed." in drawn((place,) * (LISTED + 7)).text


KNOWN = {
    *("section", "h2", "h3", "p", "bdi", "div", "article", "figure", "blockquote", "mark", "span", "figcaption"),
    *("button", "details", "summary", "ins", "del"),
}
MARKUP = ["<script>x</script>", "&amp;", '"onload="x', "${x}", "</p>", "\u202e", "<img src=x>"]
hostile = st.sampled_from(MARKUP) | st.text(max_size=9)


@given(hostile, hostile)
def test_nothing_from_a_document_is_markup(word: str, name: str) -> None:
    changed = SAID.replace("counts", f"counts {word}").replace("ten", f"ten {word}")
    cut = f"{word} and all the herons, the coots, the moorhens, the otters and the eels that swim"
    at = SAID.index("shall")
    whole = paper("whole", f"{word} The clerk read: “{SAID[:at]} {cut} {SAID[at:]}” {word} Then all went home.")
    for one, other in ((ESSAY, whole), (REPLY, paper("short", f"{word} He read: “{changed}” {word} Then all went."))):
        for place in between(one, other):
            sources = [replace(source(n), label=name) for n in ("essay", "reply", "whole", "short")]
            page = Page(shared_places((place,), sources, {}))
            assert page.tags <= KNOWN
