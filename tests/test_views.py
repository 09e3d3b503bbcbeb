"""What the events of the other views do: reading, finding, and keeping the library, on real sessions."""

from pathlib import Path

import pytest

from index.types import Colour, Details
from qa.session import Session
from ui import views
from ui.chat import Choice

LOCK = "The lock keeper moved the barge at dawn, and he told nobody of it until the water was gone.\n"


@pytest.fixture
def session(tmp_path: Path) -> Session:
    """A session that may be changed, with one document."""
    made = Session.open(tmp_path / "library", create=True)
    made.add(put(tmp_path, "lock.txt"), Details(title="The Lock", author="M. Hume", year=1901, label="Lock"))
    return made


def put(folder: Path, name: str, text: str = LOCK) -> Path:
    path = folder / "uploads" / name
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_text(text, encoding="utf-8")
    return path


class TestRead:
    def test_the_shelf_leads_to_the_beginning_of_every_document(self, library: Session) -> None:
        *_, html = views.shelf(library)
        for source in library.documents():
            assert f'data-document="{source.id}" data-sha256="{source.sha256}" data-at="0"' in html

    def test_an_empty_library_leads_to_where_documents_are_added(self, tmp_path: Path) -> None:
        (html,) = views.shelf(Session.open(tmp_path / "new", create=True))
        assert 'href="#library"' in html

    def test_what_documents_quote_in_common_follows_the_documents(self, session: Session, tmp_path: Path) -> None:
        assert len([*views.shelf(session)]) == 1
        mill = put(
            tmp_path, "mill.txt", f"The log of the mill says: “{LOCK.strip()}” Nobody at the mill believed it.\n"
        )
        session.add(mill)
        first, last = views.shelf(session)
        assert "Comparing the texts…" in first
        assert "The same words in 1 place" in last and "Nobody at the mill believed it." in last


class TestFind:
    def test_a_quotation_is_found_with_a_card_for_each_document(self, session: Session) -> None:
        html = views.find(session, "he told nobody of it")
        assert "Found in 1 place" in html and "Word for word" in html
        start = LOCK.index("he told nobody of it")
        assert f'data-start="{start}"' in html

    def test_the_documents_chosen_are_searched_and_all_are_a_click_away(self, library: Session) -> None:
        first, second = library.documents()
        choice = Choice((second.id,))
        for html, everywhere in (
            (views.find(library, "of the oysters", choice), views.find(library, "of the oysters")),
            (
                views.terms(library, "oysters", choice),
                views.more_terms(library, {"term": "oysters", "in": [first.id, second.id]}),
            ),
        ):
            assert "looked in 1 of 2 documents" in html and "Look in all 2" in html
            assert f'aria-label="{second.label}"' in html and f'aria-label="{first.label}"' not in html
            assert "looked in" not in everywhere and f'aria-label="{first.label}"' in everywhere
        assert f'data-in="{second.id}"' in views.terms(library, "oysters", choice)
        assert "Looks in 1 of 2 documents" in views.chosen(library, {"documents": [second.id, "gone"]})
        for all_of_them in ([], ["gone"], [first.id, second.id]):
            assert views.chosen(library, {"documents": all_of_them}) == ""

    @pytest.mark.parametrize("quotation", ["", "?!…", "x" * 200_000])
    def test_what_cannot_be_looked_up_is_a_sentence(self, session: Session, quotation: str) -> None:
        assert views.find(session, quotation).startswith('<p class="px-refusal" role="alert"')


class TestTerms:
    def test_a_term_with_a_card_for_each_document(self, library: Session) -> None:
        html = views.terms(library, "oysters")
        assert html.count("<article") == 2 and 'data-term="oysters"' in html and "px-dispersion" in html

    def test_more_lines_and_another_term_are_what_the_page_asks_for(self, session: Session, tmp_path: Path) -> None:
        session.add(put(tmp_path, "swans.txt", "A swan went by the lock.\n\n" * 60))
        assert views.terms(session, "swans").count('class="px-line"') == views.LINES
        more = views.more_terms(session, {"term": "swans", "first": views.LINES})
        assert more.count('class="px-line"') == 2 * views.LINES
        assert 'data-term="keeper"' in views.more_terms(session, {"term": "keeper", "first": None})

    @pytest.mark.parametrize("term", ["", "—", "word " * 20, "x" * 10_000])
    def test_what_cannot_be_looked_up_is_a_sentence(self, session: Session, term: str) -> None:
        assert views.terms(session, term).startswith('<p class="px-refusal" role="alert"')


class TestLibrary:
    def test_the_documents_with_their_details_to_be_changed(self, session: Session) -> None:
        html = views.library(session, editable=True)
        assert "1 passage · English · added 20" in html and "By position" in html
        for value in ("The Lock", "M. Hume", "1901", "Lock"):
            assert f'value="{value}"' in html
        assert "lock.txt" in html

    def test_where_it_may_not_be_changed_nothing_offers_it(self, session: Session) -> None:
        html = views.library(session, editable=False)
        assert "<form" not in html and "<button" not in html
        assert "Documents are added on the machine that serves this page." in html

    def test_a_form_gives_new_details_and_takes_away_what_it_leaves_empty(self, session: Session) -> None:
        form = {"id": "lock", "title": " A Lock & its Keeper ", "author": "", "year": "-44", "label": "Keeper"}
        form |= {"publisher": "Weir & Co.", "colour": "teal"}
        html = views.describe(session, form)
        (source,) = session.documents()
        assert (source.title, source.author, source.year, source.label) == ("A Lock & its Keeper", None, -44, "Keeper")
        assert (source.publisher, source.colour) == ("Weir & Co.", Colour.TEAL)
        assert "A Lock &amp; its Keeper" in html and "Weir &amp; Co." in html and "px-hue-4" in html

    @pytest.mark.parametrize(
        ("change", "told"),
        [
            ({"title": " "}, "A document needs a title and a label; give it both."),
            ({"label": None}, "A document needs a title and a label; give it both."),
            ({"year": "MCMI"}, "“MCMI” is no year; give it in digits, or leave it empty."),
            (
                {"colour": "mauve"},
                "“mauve” is no colour of the page; choose one of blue, brown,",
            ),
            ({"year": "19010"}, "The year 19010 is none; give one up to 9999."),
            ({"id": "weir"}, "There is no document “weir” in this library; there is: “lock”."),
            ({"id": None}, "There is no document “None” in this library; there is: “lock”."),
        ],
    )
    def test_a_form_that_cannot_be_kept_changes_nothing(
        self, session: Session, change: dict[str, str | None], told: str
    ) -> None:
        before = session.documents()
        form = {"id": "lock", "title": "T", "author": "A", "year": "2000", "label": "L"} | change
        assert told in views.describe(session, form)
        assert session.documents() == before

    def test_a_document_is_removed_and_one_that_is_not_there_is_told(self, session: Session) -> None:
        assert "No documents yet" in views.remove(session, {"id": "lock"})
        assert session.documents() == ()
        assert "There is no document “lock”" in views.remove(session, {"id": "lock"})


class TestAdd:
    def test_each_file_gets_a_line_and_its_upload_goes(self, session: Session, tmp_path: Path) -> None:
        weir, empty = put(tmp_path, "weir.txt", LOCK * 3), put(tmp_path, "empty.txt", "")
        *_, last = views.add(session, [str(weir), str(empty)])
        assert "weir.txt: added, " in last and "empty.txt: " in last and last.count("<li") == 2
        assert [source.id for source in session.documents()] == ["lock", "weir"]
        assert not weir.exists() and not empty.exists()

    def test_the_stages_are_told_as_they_come(self, session: Session, tmp_path: Path) -> None:
        lines = [*views.add(session, [str(put(tmp_path, "weir.txt", LOCK * 2))])]
        assert len(lines) > 2
        assert any("reading" in line for line in lines) and any("encoding" in line for line in lines)

    def test_stopped_it_keeps_nothing_of_the_file(self, session: Session, tmp_path: Path) -> None:
        path = put(tmp_path, "weir.txt", LOCK * 40)
        adding = views.add(session, [str(path), str(put(tmp_path, "sluice.txt"))])
        next(adding)
        adding.close()
        assert [source.id for source in session.documents()] == ["lock"]
        assert not path.exists()

    def test_another_file_of_the_same_name_gets_a_name_of_its_own(self, session: Session, tmp_path: Path) -> None:
        session.describe("lock", Details(title="Lock", label="Lock"))
        for number in (2, 3):
            again = put(tmp_path / str(number), "lock.txt", f"Another lock altogether, and keeper {number}.")
            *_, last = views.add(session, [str(again)])
            assert f"added, Lock ({number}), " in last and "Lock was read from a file of this name, too." in last
            assert str(tmp_path) not in last
        assert [source.id for source in session.documents()] == ["lock", "lock-2", "lock-3"]
        assert session.document("lock-3").text.endswith("keeper 3.")

    def test_the_same_file_from_another_folder_is_refused(self, session: Session, tmp_path: Path) -> None:
        *_, last = views.add(session, [str(put(tmp_path / "other", "lock.txt"))])
        assert "lock.txt is the same file as “lock” (Lock)" in last
        assert len(session.documents()) == 1


class TestReplace:
    def test_a_newer_version_takes_the_place_and_the_details_stay(self, session: Session, tmp_path: Path) -> None:
        newer = put(tmp_path, "second-print.txt", "The keeper moved nothing at all, says the second print.\n")
        *_, last = views.replace(session, {"id": "lock", "path": str(newer)}, tmp_path / "uploads")
        assert "Lock: replaced, Lock, " in last and not newer.exists()
        (source,) = session.documents()
        assert (source.id, source.author, source.file) == ("lock", "M. Hume", "second-print.txt")
        assert "second print" in session.document("lock").text

    def test_a_file_that_the_page_did_not_send_is_not_read(self, session: Session, tmp_path: Path) -> None:
        elsewhere = put(tmp_path, "secret.txt")
        for path in (elsewhere, tmp_path / "other" / ".." / "uploads" / "secret.txt", "", None):
            (told,) = views.replace(session, {"id": "lock", "path": path}, tmp_path / "other")
            assert "That file was not sent by this page; choose it again." in told
        assert elsewhere.exists()

    def test_a_document_that_is_not_there_is_told(self, session: Session, tmp_path: Path) -> None:
        (told,) = views.replace(session, {"id": "weir", "path": str(put(tmp_path, "weir.txt"))}, tmp_path)
        assert "There is no document “weir”" in told


class TestCollections:
    @pytest.fixture
    def three(self, session: Session, tmp_path: Path) -> Session:
        for times, name in enumerate(("mill", "weir"), 2):
            session.add(put(tmp_path, f"{name}.txt", LOCK * times))
        return session

    def test_are_kept_from_what_is_chosen_and_dissolved(self, three: Session) -> None:
        html = views.collect(three, {"name": " Wet  places ", "documents": ["weir", "lock"]})
        assert 'data-documents="lock weir"><bdi>Wet places</bdi>' in html
        assert "Wet places" in views.library(three, False) and "Dissolve" not in views.library(three, False)
        assert "Wet places" not in views.dissolve(three, {"name": "Wet places"})
        assert three.collections() == () and len(three.documents()) == 3
        assert "There is no collection “Wet places”" in views.dissolve(three, {"name": "Wet places"})

    @pytest.mark.parametrize(
        ("form", "told"),
        [
            ({"name": "Wet places", "documents": []}, "No document is chosen"),
            ({"name": " ", "documents": ["lock"]}, "A collection needs a name of words"),
            ({"name": "x" * 81, "documents": ["lock"]}, "A collection needs a name of words"),
            ({"name": "Wet places", "documents": ["moon"]}, "There is no document “moon”"),
        ],
    )
    def test_that_cannot_be_kept_are_told(self, three: Session, form: dict[str, object], told: str) -> None:
        assert told in views.collect(three, form)
        assert three.collections() == ()

    def test_nothing_is_offered_where_there_is_nothing_to_choose(self, session: Session, three: Session) -> None:
        assert "px-collect" in views.chooser(three, True) and "px-collect" not in views.chooser(three, False)
        three.remove("weir")
        assert views.chooser(three, True) == ""
