"""Counterparts: mutual, above the floor of the library's own texts, and shown under the paragraph they belong to."""

import random
from collections.abc import Callable
from html import unescape
from pathlib import Path

import numpy as np
import pytest

from index.embed import Encoder
from index.lexical import LexicalIndex, terms
from index.types import Details, ParallaxError
from qa.counterparts import SHOWN, Counterparts
from qa.session import Session
from ui import handlers, margin, window

HARBOUR = """The Harbour Board

The harbour board met on the first Monday of the month, in a room above the rope store that smelled of tar. Its seven \
members were elected by the owners of boats, and each of them served for three years without a salary.

Dredging was the board's largest expense. Every spring the channel silted up with sand that the river carried down, \
and a hired dredger worked for five weeks to clear it, at a price that rose with each year and with each barrel of fuel.

The board raised the mooring fee in the autumn. Owners of small boats protested that they could not pay twice as much \
as before, and forty of them moved their boats to the creek, where mooring cost nothing and the mud was free.

The lighthouse lamp was changed from oil to electricity. The keeper, who had trimmed the wick for thirty years, was \
given a pension and a clock, and the new lamp turned itself on at dusk without anybody climbing the stairs.

In winter the board repaired the slipway with granite from the old quarry. The stones were carried over the ice on \
sledges, laid by hand at low water, and bedded in lime, which set slowly in the cold and cracked twice.
"""
MARKET = """The Market Women

The women who sold herring came to the square before sunrise, with baskets on their backs and with knives in their \
aprons. They knew the price in three other towns by the hour at which the carts came over the hill.

Salt was bought together, in one order for all stalls, because a whole wagon cost half as much as ten sacks. The salt \
came from mines far inland, and was kept dry in the cellar of the chapel, under the eyes of the verger.

When the fee for mooring was doubled in the autumn, those who owned small boats said that it was more than they could \
pay, and about forty boats left the harbour for the creek, where nobody asked money of them for a place in the mud.

A school for the daughters of the stallholders was opened in the weigh house. They learned to read from the almanac, \
to reckon in two currencies, and to write letters to merchants whom none of them had ever seen.

On the feast of the patron the square was swept and hung with nets. A brass band from the barracks played until the \
lanterns went out, and the bakers gave away what bread was left, since none of it would keep.
"""
HOSTILE = MARKET.replace("When the fee", "When the <script>window.pwned=1</script> fee")


def write(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return folder / f"{name}.txt"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Session:
    """Two documents about one town, of which one paragraph each tells the same event in other words."""
    folder = tmp_path_factory.mktemp("town")
    session = Session.open(folder / "library", create=True, reader="none")
    session.add(write(folder, "harbour", HARBOUR))
    session.add(write(folder, "market", HOSTILE), Details(label="Market <i>&amp;</i>"))
    return session


def whole(session: Session, identifier: str) -> tuple[int, int]:
    return 0, len(session.document(identifier).text)


def test_the_same_event_told_in_other_words_is_a_counterpart_and_nothing_else_is(town: Session) -> None:
    (found,) = town.counterparts("harbour", *whole(town, "harbour"))
    assert "forty of them moved their boats" in found.here.text
    assert found.there.document == "market" and "forty boats left the harbour" in found.there.quote
    text = town.document("market").text
    assert text[found.there.start : found.there.end] == found.there.quote
    (returned,) = town.counterparts("market", *whole(town, "market"))
    assert returned.there.quote == found.here.text and returned.here.text == found.there.quote
    assert returned.score == found.score


def test_only_the_passages_of_the_range_are_looked_at(town: Session) -> None:
    (found,) = town.counterparts("harbour", *whole(town, "harbour"))
    inside = town.counterparts("harbour", found.here.start, found.here.start + 1)
    assert inside == (found,)
    assert town.counterparts("harbour", 0, 40) == ()


def test_a_document_alone_has_none_and_an_unknown_one_is_refused(tmp_path: Path) -> None:
    session = Session.open(tmp_path / "library", create=True, reader="none")
    session.add(write(tmp_path / "files", "harbour", HARBOUR))
    assert session.counterparts("harbour", *whole(session, "harbour")) == ()
    with pytest.raises(ParallaxError, match="no document “weir”"):
        session.counterparts("weir", 0, 10)


def test_documents_without_a_passage_that_says_something_have_none(tmp_path: Path) -> None:
    session = Session.open(tmp_path / "library", create=True, reader="none")
    for name, text in (("a", "The Lock\n\nShut."), ("b", "The Lock\n\nOpen."), ("harbour", HARBOUR)):
        session.add(write(tmp_path / "files", name, text))
    for name in ("a", "b", "harbour"):
        assert session.counterparts(name, *whole(session, name)) == ()


def test_a_replaced_text_is_compared_anew(tmp_path: Path) -> None:
    session = Session.open(tmp_path / "library", create=True, reader="none")
    session.add(write(tmp_path, "harbour", HARBOUR))
    session.add(write(tmp_path, "market", MARKET))
    assert session.counterparts("harbour", *whole(session, "harbour"))
    paragraphs = MARKET.split("\n\n")
    session.add(write(tmp_path, "market", "\n\n".join(p for p in paragraphs if "creek" not in p)))
    assert session.counterparts("harbour", *whole(session, "harbour")) == ()


def spoken(chance: random.Random, vocabulary: list[str], paragraphs: int) -> str:
    return "\n\n".join(" ".join(chance.choices(vocabulary, k=50)).capitalize() + "." for _ in range(paragraphs))


@pytest.fixture
def noise(tmp_path: Path, word_encoder: Callable[[str], Encoder]) -> Callable[[list[list[str]]], Session]:
    """A library of random texts, one of each vocabulary, with vectors drawn at random for every word."""

    def made(vocabularies: list[list[str]]) -> Session:
        chance = random.Random(7)
        session = Session.open(tmp_path / "library", create=True, reader="none", load_encoder=word_encoder)
        for number, vocabulary in enumerate(vocabularies):
            session.add(write(tmp_path, f"noise{number}", spoken(chance, vocabulary, 40)))
        return session

    return made


def words(letter: str, count: int = 300) -> list[str]:
    return [f"{letter}{chr(97 + n // 26)}{chr(97 + n % 26)}o" for n in range(count)]


def test_texts_that_share_no_words_have_no_counterparts(noise: Callable[[list[list[str]]], Session]) -> None:
    session = noise([words("b"), words("d"), words("f")])
    for source in session.documents():
        assert session.counterparts(source.id, *whole(session, source.id)) == ()


def test_counterparts_are_mutual_and_few(noise: Callable[[list[list[str]]], Session]) -> None:
    same = words("b")
    session = noise([same, same, same, same, same])
    pairs = set()
    for source in session.documents():
        found = session.counterparts(source.id, *whole(session, source.id))
        passages = session._library.passages(session._library.entry(source.id))
        for number, passage in enumerate(passages):
            inside = [c for c in found if passage.start <= c.here.start < passage.end]
            assert len(inside) <= SHOWN, number
            assert len({c.there.document for c in inside}) == len(inside)
        pairs |= {frozenset([(source.id, c.here.text), (c.there.document, c.there.quote)]) for c in found}
        assert [c.score for c in found] == sorted((c.score for c in found), reverse=True)
    for one, other in map(sorted, pairs):
        lists = [session._memo.counterparts.of(session._library.entry(a[0]), *whole(session, a[0]),
                 [session._library.entry(b[0])]) for a, b in ((one, other), (other, one))]  # fmt: skip
        assert (one[1], other[1]) in [(c.here.text, c.there.quote) for c in lists[0]]
        assert (other[1], one[1]) in [(c.here.text, c.there.quote) for c in lists[1]]


def test_the_likeness_of_words_is_the_cosine_of_their_weights() -> None:
    texts = ["the herring and the salt", "salt herring herring", "granite slipway", ""]
    others = ["salt on the slipway", "nothing of it"]
    one, other = LexicalIndex.build(texts), LexicalIndex.build(others)
    known = sorted({term for text in texts + others for term in terms([text])[0]})
    weights = [np.stack([index.scores([term]) for term in known], axis=1) for index in (one, other)]
    units = [w / np.maximum(np.linalg.norm(w, axis=1, keepdims=True), 1e-9) for w in weights]
    rows = np.array([2, 0, 3])
    assert np.allclose(one.likeness(rows, other), units[0][rows] @ units[1].T, atol=1e-6)
    assert np.allclose(np.diag(one.likeness(np.arange(3), one)), 1, atol=1e-6)
    assert one.likeness(rows, LexicalIndex.build(["", ""])).shape == (3, 2)
    assert not LexicalIndex.build([""]).likeness(np.array([0]), other).any()


def test_the_margin_stands_under_its_paragraph_escaped(town: Session) -> None:
    (found,) = town.counterparts("harbour", *whole(town, "harbour"))
    text = town.document("harbour").text
    html = handlers.open_place(town, {"document": "harbour", "start": 0, "end": 10})
    assert html.count('<details class="px-margin') == 1
    assert "<script>" not in html and "&lt;script&gt;" in html and "<i>" not in html
    before = html[: html.index('<details class="px-margin')]
    assert before.endswith("</div>") and window.block_id(text.index("The board raised")) in before
    assert window.block_id(text.index("The lighthouse lamp")) not in before
    assert f'data-document="market" data-sha256="{found.there.sha256}" data-start="{found.there.start}"' in html


def test_long_words_are_cut_and_each_document_has_one_fold(town: Session) -> None:
    (found,) = town.counterparts("harbour", *whole(town, "harbour"))
    sources = town.documents()
    notes = margin.notes([found, found], sources, {source.id: 3 for source in sources})
    html = margin.margin(notes, found.here.start, found.here.end)
    assert html.count("<details") == 1 and html.count("<blockquote") == 2 and "px-hue-3" in html
    quoted = html[html.index('dir="auto">') + 11 : html.index("</blockquote>")]
    assert quoted.endswith(" …") and len(found.there.quote) > margin.LENGTH >= len(unescape(quoted)) - 2
    assert margin.margin(notes, 0, found.here.start) == ""


def test_what_was_reckoned_is_remembered(town: Session) -> None:
    counterparts = Counterparts(town._library, lambda entry: ())
    entry = town._library.entry("harbour")
    first = counterparts.of(entry, *whole(town, "harbour"))
    assert counterparts.of(entry, *whole(town, "harbour"))[0] is first[0]
