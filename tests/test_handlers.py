"""What the page's events do, on a real session: asking, refusing, opening and stepping through a text."""

import base64
import re
from collections.abc import Callable
from html import escape, unescape
from pathlib import Path

import pytest
from pdfs import Look, Press

from index.embed import Encoder
from index.load import load
from index.types import Details
from qa.session import Session
from ui import handlers
from ui.chat import Chat, Choice, asked_of

QUESTION = "Who lent the money to keep the crews?"


def last(screens: list[handlers.Screen]) -> handlers.Screen:
    return screens[-1]


def place(session: Session, **changes: object) -> handlers.Record:
    document = session.document(session.documents()[0].id)
    middle = len(document.text) // 2
    return {"document": document.id, "start": middle, "end": middle + 20} | changes


def test_asking_shows_the_question_first_and_then_the_cards(library: Session) -> None:
    reading, answered = handlers.ask(library, QUESTION, Chat())
    chat, html, box = reading
    assert chat.pending == QUESTION and box == ""
    assert QUESTION in html and "Reading 2 documents" in html
    chat, html, box = answered
    assert chat.history == (QUESTION,) and chat.pending is None and box is None
    assert html.count("<article") == 2


def test_a_follow_up_is_asked_with_the_questions_before_it(library: Session) -> None:
    chat, _, _ = last([*handlers.ask(library, QUESTION, Chat())])
    chat, html, _ = last([*handlers.ask(library, "And who paid them?", chat)])
    assert chat.history == (QUESTION, "And who paid them?")
    assert chat.turns[1].follows == (QUESTION,)
    assert f"Read together with “{QUESTION}”" in html


@pytest.mark.parametrize("marks", ["“{}”", '"{}"', "„{}“", " «{}» ", "‘{}’"])
def test_what_stands_between_quotation_marks_is_looked_up(library: Session, marks: str) -> None:
    document = library.document(library.documents()[0].id)
    start = document.text.index(" ", len(document.text) // 2) + 1
    words = document.text[start : document.text.index(" ", start + 60)]
    before, _, _ = last([*handlers.ask(library, QUESTION, Chat())])
    chat, html, _ = last([*handlers.ask(library, marks.format(words), before)])
    assert "Found in 1 place in 1 document" in html and "Word for word" in html and "Not in this text." in html
    assert f'data-start="{start}"' in html
    assert chat.history == (QUESTION,)


@pytest.mark.parametrize("question", ["Who said “a” and “b”?", "“Holm” is what?", "What is “Holm”", '"a" or "b"'])
def test_a_question_with_quotation_marks_in_it_is_asked(library: Session, question: str) -> None:
    chat, _, _ = last([*handlers.ask(library, question, Chat())])
    assert chat.history == (question,)


def test_a_blank_question_is_refused_in_one_sentence_and_the_chat_is_kept(library: Session) -> None:
    before, _, _ = last([*handlers.ask(library, QUESTION, Chat())])
    (refused,) = handlers.ask(library, "   ", before)
    chat, html, box = refused
    assert chat.turns == before.turns
    assert chat.refusal is not None and chat.refusal in html
    assert box == "   "


def test_an_error_that_nobody_foresaw_ends_the_turn_and_goes_to_the_log(
    library: Session, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    before, _, _ = last([*handlers.ask(library, QUESTION, Chat())])
    where = place(library)
    monkeypatch.setattr(Session, "ask", lambda *_, **__: 1 / 0)
    monkeypatch.setattr(Session, "document", lambda *_: 1 / 0)
    chat, html, box = last([*handlers.ask(library, "And who paid them?", before)])
    assert chat.turns == before.turns and chat.pending is None
    assert handlers.FAILED in html and "division" not in html
    assert box == "And who paid them?"
    assert handlers.FAILED in handlers.open_place(library, where)
    assert caplog.text.count("ZeroDivisionError") == 2


def test_a_page_that_is_loaded_again_asks_its_questions_again(library: Session) -> None:
    questions = [QUESTION, "And who paid them?"]
    chat, html = handlers.resume(library, questions)
    assert chat.history == tuple(questions) and chat.turns[1].follows == (QUESTION,)
    assert html.count("<article") == 4
    chat, html = handlers.resume(library, [QUESTION, " ", QUESTION])
    assert chat.history == (QUESTION,)
    assert chat.refusal is not None and chat.refusal in html


@pytest.mark.parametrize("questions", [None, "who?", []])
def test_a_page_that_remembers_no_questions_begins_anew(library: Session, questions: object) -> None:
    assert handlers.resume(library, questions) == handlers.forget()[:2]


def test_the_authors_own_words_alone_answer_where_the_page_asks_for_them(library: Session) -> None:
    chat, html, _ = last([*handlers.ask(library, QUESTION, Chat(), own=True)])
    assert chat.turns[0].own and "Only the authors’ own words" in html and 'data-own="true"' in html
    resumed, again = handlers.resume(library, [{"question": QUESTION, "own": True}])
    assert resumed.turns[0].own and "Only the authors’ own words" in again


def test_the_words_of_one_document_are_put_to_the_other(library: Session) -> None:
    first, second = (source.id for source in library.documents())
    where = place(library)
    assert where["document"] == first
    pending, (chat, html, _) = handlers.beside(library, where, Chat())
    assert pending[0].pending == library.document(first).text[where["start"] : where["end"]]
    turn = chat.turns[0]
    assert [side.source.id for side in turn.perspectives] == [second]
    assert turn.beside == library.cite(first, where["start"], where["end"])
    assert "What the other document says to this" in html
    resumed, _ = handlers.resume(library, [{"question": "", "own": False, "beside": where}])
    assert resumed.turns[0].beside == turn.beside


@pytest.mark.parametrize("change", [{"document": "moon"}, {"sha256": "0" * 64}, {"start": 9, "end": 9}, {"end": None}])
def test_words_that_stand_nowhere_are_put_to_nobody(library: Session, change: handlers.Record) -> None:
    chat, html, _ = last([*handlers.beside(library, place(library) | change, Chat())])
    assert chat.turns == () and chat.refusal is not None and chat.refusal in html


def test_the_documents_chosen_are_asked_and_looked_in_and_asked_again(library: Session) -> None:
    first, second = (source.id for source in library.documents())
    choice = Choice((second, "gone"))
    chat, html, _ = last([*handlers.ask(library, QUESTION, Chat(), False, choice)])
    chat, html, _ = last([*handlers.ask(library, "“a town learned to wait”", chat, False, choice)])
    assert [asked_of(turn) for turn in chat.turns] == [(second,), (second,)]
    assert html.count(f'data-in="{second}"') == 2
    kept = [{"question": QUESTION, "in": [second]}, {"question": QUESTION, "in": []}]
    resumed, _ = handlers.resume(library, kept, {"documents": [first], "pinned": [second]})
    assert [asked_of(turn) for turn in resumed.turns] == [(second,), (first, second)]


def test_pins_are_shown_in_every_answer_so_far(library: Session) -> None:
    chat, before, _ = last([*handlers.ask(library, QUESTION, Chat())])
    first, second = (source for source in library.documents())
    choice, html = handlers.choose(library, {"documents": [], "pinned": [second.id]}, chat)
    assert choice == Choice((), (second.id,))
    assert before.index(f'<article class="px-card px-hue-0" aria-label="{escape(first.label)}"') > 0
    assert html.index(f'aria-label="{escape(second.label)}"') < html.index(f'aria-label="{escape(first.label)}"')


@pytest.mark.parametrize("ending", ["html", "md", "json"])
def test_a_chat_is_saved_as_a_file(library: Session, ending: str) -> None:
    chat, html, _ = last([*handlers.ask(library, QUESTION, Chat())])
    assert f'data-ending="{ending}"' in html
    link = handlers.save(library, chat, ending)
    kept = base64.b64decode(link.partition("base64,")[2].partition('"')[0]).decode()
    assert f'download="parallax.{ending}"' in link and QUESTION in kept


@pytest.mark.parametrize("ending", ["exe", None, "html"])
def test_a_chat_without_turns_or_form_is_not_saved(library: Session, ending: object) -> None:
    assert 'role="alert"' in handlers.save(library, Chat(), ending)


def test_an_answer_puts_an_earlier_refusal_away(library: Session) -> None:
    chat, _, _ = last([*handlers.ask(library, QUESTION, Chat().refused("Ask a question."))])
    assert chat.refusal is None


def test_a_new_chat_is_empty() -> None:
    chat, html, box = handlers.forget()
    assert (chat, box) == (Chat(), "")
    assert "px-turn" not in html


def test_a_loaded_page_shows_the_documents_before_the_starters(library: Session) -> None:
    at_once, then = handlers.greet(library)
    assert all(source.label in at_once for source in library.documents())
    assert "px-starter" not in at_once and "px-starter" in then


def test_a_place_opens_with_its_words_marked(library: Session) -> None:
    where = place(library)
    html = handlers.open_place(library, where)
    text = library.document(where["document"]).text[where["start"] : where["end"]]
    marked = "".join(re.findall(r"<mark[^>]*>(.*?)</mark>", html))
    assert re.sub(r"<[^>]*>|\s", "", marked) == re.sub(r"\s", "", text)


def test_a_place_on_the_strip_opens_its_block(library: Session) -> None:
    where = place(library)
    document = library.document(where["document"])
    block = document.blocks[document.block_at(where["start"])]
    html = handlers.open_place(library, {"document": document.id, "at": where["start"]})
    marked = "".join(re.findall(r"<mark[^>]*>(.*?)</mark>", html, re.DOTALL))
    assert unescape(re.sub(r"<sup.*?</sup>|<[^>]*>", "", marked)) == document.text[block.start : block.end]
    assert 'role="alert"' in handlers.open_place(library, {"document": document.id, "at": 10**9})


def test_the_strip_marks_where_the_last_question_was_answered(library: Session) -> None:
    for side in library.ask(QUESTION).perspectives:
        hits = side.answer.citations if side.answer else ()
        marked = [[hit.start, hit.end] for hit in hits]
        html = handlers.open_place(library, {"document": side.source.id, "start": 0, "end": 9, "hits": marked})
        assert html.count("px-hit") == len(hits)
        for hit in hits:
            assert re.search(rf'px-hit" [^>]*data-start="{hit.start}" data-end="{hit.end}"', html)


@pytest.mark.parametrize(
    "changes",
    [
        {"document": "nobody"},
        {"document": None},
        {"start": -1},
        {"start": "0"},
        {"end": 10**9},
        {"start": 40, "end": 40},
        {"direction": "later", "from": 5, "to": None},
        {"sha256": "0" * 64},
        {"sha256": 5},
        {"hits": [[0, 10**9]]},
    ],
)
def test_a_place_that_is_none_gets_a_sentence(library: Session, changes: handlers.Record) -> None:
    html = handlers.open_place(library, place(library, **changes))
    assert 'role="alert"' in html and "<mark" not in html


def test_a_place_in_a_text_that_was_replaced_says_so(library: Session) -> None:
    where = place(library)
    html = handlers.open_place(library, where | {"sha256": library.document(where["document"]).sha256})
    assert "<mark" in html
    label = library.documents()[0].label
    replaced = where | {"sha256": "0" * 64, "end": 10**9}
    assert f"The text of {label} was replaced since it was quoted; ask again." in unescape(
        handlers.open_place(library, replaced)
    )


def test_a_step_shows_more_of_the_text(library: Session) -> None:
    where = place(library)
    start, end = where["start"] - 100, where["end"] + 100
    html = handlers.open_place(library, where | {"direction": "later", "from": start, "to": end})
    assert "Earlier in this text" in html
    assert 'data-focus="px-block-' in html


class TestPagesAsPrinted:
    @pytest.fixture
    def session(self, tmp_path: Path, word_encoder: Callable[[str], Encoder]) -> Session:
        text = Path(__file__).resolve().parents[1] / "ui" / "samples" / "resting-of-the-ground.txt"
        Press(tmp_path / "ground.pdf", Look()).set(load(text))
        made = Session.open(tmp_path / "library", create=True, load_encoder=word_encoder)
        made.add(tmp_path / "ground.pdf", Details(label="<Ground>"))
        made.add(text)
        return made

    def test_are_offered_under_the_place_where_there_are_any(self, session: Session) -> None:
        ground, text = session.documents()
        place = {"document": ground.id, "sha256": ground.sha256, "start": 10, "end": 20}
        html = handlers.open_place(session, place)
        assert html.count("<summary>Page as printed</summary>") == 1 and "<img" not in html
        assert "px-printed" not in handlers.open_place(session, place | {"document": text.id, "sha256": None})

    def test_are_drawn_with_a_text_for_who_cannot_see_them(self, session: Session) -> None:
        document = session.document("ground")
        place = {"document": "ground", "sha256": document.sha256, "start": 10, "end": 40}
        html = handlers.printed_pages(session, place)
        assert html.count('<img src="data:image/png;base64,') == 1
        assert 'alt="Page 1 of &lt;Ground&gt;, with these words marked: ' in html

    @pytest.mark.parametrize("change", [{"document": "none"}, {"sha256": "0"}, {"start": "a"}, {"end": 10**9}])
    def test_what_cannot_be_drawn_is_a_sentence(self, session: Session, change: dict[str, object]) -> None:
        place = {"document": "ground", "sha256": None, "start": 10, "end": 40} | change
        assert 'class="px-refusal" role="alert"' in handlers.printed_pages(session, place)

    def test_a_copy_that_is_damaged_is_a_sentence(self, session: Session, tmp_path: Path) -> None:
        [copy] = (tmp_path / "library" / "sources").glob("*.pdf")
        copy.write_bytes(b"%PDF-1.4 cut")
        place = {"document": "ground", "sha256": None, "start": 10, "end": 40}
        assert "has changed since it was added; add it again." in handlers.printed_pages(session, place)


def test_half_a_surrogate_pair_comes_back_in_a_sentence_that_can_be_sent(library: Session) -> None:
    told = handlers.open_place(library, {"document": "\ud800", "start": 0, "end": 1})
    assert "There is no document “\\ud800”" in told
    told.encode()


@pytest.mark.parametrize("ending", [{}, [], None, 7, "exe"])
def test_a_chat_is_saved_as_nothing_else(library: Session, ending: object) -> None:
    assert "There is nothing to save" in handlers.save(library, Chat(), ending)
