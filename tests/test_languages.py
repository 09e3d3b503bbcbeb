"""Questions and documents in several languages: what is believed of what, and what is said of it."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest
from tiny_encoder import save_dictionary
from tongues import CHINESE, ENGLISH, FRENCH, GERMAN, JAPANESE, RUSSIAN

from index.embed import Encoder
from index.types import Details
from qa.languages import Trusted, known, notice, trusted
from qa.session import Session
from qa.types import Perspective
from ui.cli import main
from ui.render import card
from ui.views import describe, library

FED = "Кто кормил лебедей?"
MEANINGS = [
    ("swans", "лебедей", "лебеди"), ("fed", "кормил", "кормила"), ("ferry", "паром"), ("late", "опоздал"),
    ("winter", "зимой"), ("weir", "плотины"), ("children", "дети"), ("bread", "хлебом"), ("wife", "жена"),
]  # fmt: skip
SWANS = "The miller’s wife fed the swans every morning with old bread."


def bilingual(folder: Path, meanings: list[tuple[str, ...]], languages: str = "[en, ru]") -> str:
    return str(save_dictionary(folder, meanings, languages))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A local model that knows a handful of Russian and English words."""
    return bilingual(tmp_path_factory.mktemp("bilingual"), MEANINGS)


@pytest.fixture(scope="module")
def ferry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("texts") / "ferry.txt"
    path.write_text(ENGLISH, encoding="utf-8")
    return path


def put(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


class TestARussianQuestionOverAnEnglishText:
    def test_finds_the_sentence_that_means_it(self, model: str, ferry: Path, tmp_path: Path) -> None:
        session = Session.open(tmp_path / "library", create=True, model=model)
        session.add(ferry)
        [side] = session.ask(FED).perspectives
        assert side.source.language == "en" and side.source.language_notice == ""
        assert side.answer is not None and side.answer.citations[0].quote.startswith(SWANS)
        assert side.answer.certainty.right_of_ten is None  # nothing was measured for this model
        assert side.signals.reader == 0.0 and side.signals.coverage == 0.5  # neither could tell anything

    def test_and_not_where_the_model_does_not_join_the_words(self, ferry: Path, tmp_path: Path) -> None:
        apart = [tuple(words) for meaning in MEANINGS for words in ([meaning[0]], meaning[1:])]
        session = Session.open(tmp_path / "library", create=True, model=bilingual(tmp_path / "apart", apart))
        session.add(ferry)
        [side] = session.ask(FED).perspectives
        assert side.answer is None

    def test_is_ranked_as_by_meaning_alone(self, model: str, ferry: Path, tmp_path: Path) -> None:
        session = Session.open(tmp_path / "library", create=True, model=model, reader="none")
        session.add(ferry)
        with_words, without = (one.ask(FED).perspectives[0] for one in (session, session.variant(lexical=False)))
        assert with_words == without

    def test_on_the_command_line(
        self, model: str, ferry: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        place = ["--library", str(tmp_path / "library")]
        assert main([*place, "--model", model, "add", str(ferry)]) == 0
        assert "English" in capsys.readouterr().out
        assert main([*place, "list"]) == 0
        assert capsys.readouterr().out.endswith("\nThe model knows English and Russian.\n")
        assert main([*place, "ask", FED, "--json"]) == 0
        [side] = json.loads(capsys.readouterr().out)["perspectives"]
        assert side["answer"]["citations"][0]["quote"].startswith(SWANS)

    def test_leans_on_no_earlier_question_by_english_rules(self, model: str, ferry: Path, tmp_path: Path) -> None:
        session = Session.open(tmp_path / "library", create=True, model=model)
        session.add(ferry)
        assert session.ask("Почему?", history=[FED]).follows == ()
        assert session.ask("And why?", history=["Who fed the swans?"]).follows == ("Who fed the swans?",)


class TestADocumentThatTheModelDoesNotKnow:
    NOTICE = "The model knows English; this text is German and is searched by its words alone."

    @pytest.fixture
    def session(self, tmp_path: Path, word_encoder: Callable[[str], Encoder]) -> Session:
        session = Session.open(tmp_path / "library", create=True, load_encoder=word_encoder)
        session.add(put(tmp_path, "faehre.txt", GERMAN))
        session.add(put(tmp_path, "ferry.txt", ENGLISH))
        return session

    def ask(self, session: Session, question: str) -> Perspective:
        return session.ask(question, ["faehre"]).perspectives[0]

    def test_is_searched_by_its_words(self, session: Session) -> None:
        side = self.ask(session, "Fütterte die Müllerin die Schwäne?")
        assert side.answer is not None and side.answer.citations[0].quote.startswith("Die Müllerin fütterte")
        assert side.answer.certainty.word == "Unsure" and side.answer.certainty.right_of_ten is None
        assert side.signals.similarity == 0.0 and side.signals.reader == 0.0

    def test_is_silent_where_its_words_say_little(self, session: Session) -> None:
        assert self.ask(session, "Welche Steuern zahlte der Bischof?").answer is None
        side = self.ask(session, "Who fed the swans?")
        assert side.answer is None and side.nearest == () and side.confidence < 0.5

    def test_a_text_that_is_replaced_by_one_in_another_language_is_in_that(
        self, session: Session, tmp_path: Path
    ) -> None:
        session.add(put(tmp_path, "ferry.txt", FRENCH))
        assert {source.id: source.language for source in session.documents()} == {"faehre": "de", "ferry": "fr"}
        session.describe("faehre", Details(title="Fähre", label="Fähre", language="nl"))
        session.add(put(tmp_path, "faehre.txt", FRENCH + "\n\nFin."))
        assert session.documents()[0].language == "nl"  # named by hand, it stays

    @pytest.mark.parametrize(
        ("text", "question", "answer"),
        [
            (CHINESE, "冬天天鹅留在水坝旁边吗？", "冬天天鹅留在水坝旁边，因为那里的水不结冰。"),
            (JAPANESE, "粉屋の妻は毎朝古いパンで白鳥に何をやった？", "粉屋の妻は毎朝古いパンで白鳥に餌をやった。"),
        ],
        ids=["zh", "ja"],
    )
    def test_answers_where_no_space_parts_the_words(
        self, session: Session, tmp_path: Path, text: str, question: str, answer: str
    ) -> None:
        session.add(put(tmp_path, "unspaced.txt", text))
        [side] = session.ask(question, ["unspaced"]).perspectives
        assert side.answer is not None and side.answer.citations[0].quote == answer

    def test_a_question_of_the_text_answers_nothing_in_any_script(self, session: Session, tmp_path: Path) -> None:
        session.add(put(tmp_path, "asks.txt", f"{CHINESE}\n\n天鹅留在水坝旁边，因为什么？\n"))
        [side] = session.ask("天鹅留在水坝旁边，因为什么？", ["asks"]).perspectives
        assert side.answer is not None and "？" not in side.answer.citations[0].quote

    def test_it_is_said_wherever_it_is_shown(self, session: Session) -> None:
        german, english = session.documents()
        assert (german.language, german.language_name, german.language_notice) == ("de", "German", self.NOTICE)
        assert english.language_notice == "" and session.languages() == "English"
        assert self.NOTICE in card(self.ask(session, "Wer?"), 0) and self.NOTICE in library(session, True)
        assert "The model knows English." in library(session, False)
        assert asdict(self.ask(session, "Wer?"))["source"]["language_notice"] == self.NOTICE

    def test_does_not_change_what_others_answer(self, session: Session, tmp_path: Path) -> None:
        alone = Session(session._library, session._reader)
        before = alone.ask("Who fed the swans?", ["ferry"]).perspectives
        together = session.ask("Who fed the swans?", ["faehre", "ferry"]).perspectives
        assert together[1:] == before

    def test_has_no_counterparts(self, session: Session) -> None:
        length = len(session.document("faehre").text)
        assert session.counterparts("faehre", 0, length) == ()
        assert all(found.there.document != "faehre" for found in session.counterparts("ferry", 0, length))


class TestTheLanguageOfADocument:
    def test_is_changed_without_its_file(self, tmp_path: Path, word_encoder: Callable[[str], Encoder]) -> None:
        session = Session.open(tmp_path / "library", create=True, load_encoder=word_encoder)
        path = put(tmp_path, "faehre.txt", GERMAN)
        session.add(path, Details(language="en"))
        assert session.terms("Schwan").usages[0].count == 0  # English knows no umlaut
        path.unlink()
        form = {"id": "faehre", "title": "Die Fähre", "label": "Fähre", "language": "de-AT"}
        assert 'role="alert"' not in describe(session, form)
        [source] = session.documents()
        assert (source.language, source.label) == ("de", "Fähre")
        assert session.terms("Schwan").usages[0].count == 2

    def test_stays_where_none_is_given(self, tmp_path: Path, word_encoder: Callable[[str], Encoder]) -> None:
        session = Session.open(tmp_path / "library", create=True, load_encoder=word_encoder)
        path = put(tmp_path, "faehre.txt", GERMAN)
        session.add(path, Details(language="sv"))
        session.describe("faehre", Details(title="Die Fähre", label="Fähre"))
        put(tmp_path, "faehre.txt", GERMAN + "\nEs war spät.\n")
        session.add(path)
        assert session.documents()[0].language == "sv"

    def test_is_given_by_its_code(
        self, tmp_path: Path, word_encoder: Callable[[str], Encoder], capsys: pytest.CaptureFixture[str]
    ) -> None:
        session = Session.open(tmp_path / "library", create=True, load_encoder=word_encoder)
        session.add(put(tmp_path, "faehre.txt", GERMAN))
        form = {"id": "faehre", "title": "Die Fähre", "label": "Fähre", "language": "Deutsch"}
        assert "“Deutsch” is no language code; give one such as en, de or ru." in describe(session, form)
        place = ["--library", str(tmp_path / "library")]
        assert main([*place, "describe", "faehre", "--language", "Deutsch"]) == 1
        assert "no language code" in capsys.readouterr().err


def test_in_an_english_library_everything_is_believed(library: Session) -> None:
    for entry in library._library.entries():
        assert trusted(library._library, entry, FED, None) == Trusted(True, True, True)


def test_each_text_is_asked_by_its_own_rules(tmp_path: Path, word_encoder: Callable[[str], Encoder]) -> None:
    session = Session.open(tmp_path / "library", create=True, load_encoder=word_encoder)
    for name, text in (("le-bac.txt", FRENCH), ("parom.txt", RUSSIAN)):
        session.add(put(tmp_path, name, text))
    french, russian = session.documents()
    assert (french.language, russian.language) == ("fr", "ru")
    assert [usage.count for usage in session.terms("cygne").usages] == [2, 0]
    assert [usage.count for usage in session.terms("лебедь").usages] == [0, 2]


def test_many_languages_are_counted_and_few_are_named() -> None:
    assert known(()) == "" and known(["en"]) == "English" and known(["en", "ru"]) == "English and Russian"
    assert known(["de", "en", "ru"]) == "German, English and Russian" and known(["en"] * 50) == "50 languages"
    assert notice((), "ru") == "The model does not say whether it knows Russian, the language of this text."
    assert notice((), "en") == notice(("en", "ru"), "ru") == ""
