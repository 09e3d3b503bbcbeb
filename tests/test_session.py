"""The session: what may be asked of which documents, and that every word of an answer stands in its document."""

import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
import tiny_reader as tiny
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from platformdirs import user_data_path

from index.embed import Encoder
from index.types import Details, ParallaxError
from qa.checks import LONGEST_QUESTION, QuestionError
from qa.folders import default_library
from qa.read import Candidate, Reader, Reading
from qa.retrieval import CANDIDATES, FEWEST, READ
from qa.session import Session
from qa.types import Citation, Comparison

FERRY = """The Ferry

The ferry sank in the spring flood of the year after the war. Nobody had mended her hull, though the miller had \
offered planks for nothing.

Two winters later the council bought a new ferry from the yard at Holm, and paid for it with a toll on salt.
"""
MILL = """The Mill

The miller ground barley for the garrison and kept one sack in eight. The toll on salt ruined his second trade.

When the ferry sank he lost a cart, a mare and the rye of three farms.
"""
SALT = "Who paid the toll on salt?"

Open = Callable[..., Session]


@pytest.fixture(scope="module")
def open_session(word_encoder: Callable[[str], Encoder]) -> Open:
    def opened(folder: Path, **options: object) -> Session:
        settings = {"reader": "none", **options}
        return Session.open(folder, load_encoder=word_encoder, **settings)  # type: ignore[arg-type]

    return opened


@pytest.fixture(scope="module")
def river(tmp_path_factory: pytest.TempPathFactory, open_session: Open) -> Path:
    """The folder of a library of both texts."""
    folder = tmp_path_factory.mktemp("river")
    session = open_session(folder / "library", create=True)
    for name, text in (("ferry", FERRY), ("mill", MILL)):
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
        session.add(folder / f"{name}.txt")
    return folder / "library"


@pytest.fixture(scope="module")
def session(river: Path, open_session: Open) -> Session:
    return open_session(river)


def citations(comparison: Comparison) -> list[Citation]:
    sides = comparison.perspectives
    return [c for side in sides for c in (side.answer.citations if side.answer is not None else side.nearest)]


def timeless(comparison: Comparison) -> Comparison:
    return replace(comparison, seconds=0)


class TestQuestions:
    @pytest.mark.parametrize("question", ["", "  ", "\n\t", "?", "… — !", "___"])
    def test_a_question_without_a_word_is_refused(self, session: Session, question: str) -> None:
        with pytest.raises(ParallaxError, match=r"^The question is empty; ask it in words\.$"):
            session.ask(question)

    def test_ten_thousand_characters_are_refused_with_the_number_that_may_be(self, session: Session) -> None:
        with pytest.raises(ParallaxError, match="has 10,000 characters and may have 1,000; ask it in fewer words"):
            session.ask("x" * 10_000)

    def test_the_longest_question_is_answered(self, session: Session) -> None:
        assert len(session.ask("salt " * (LONGEST_QUESTION // 5)).perspectives) == 2

    def test_half_a_surrogate_pair_is_named_by_its_place(self, session: Session) -> None:
        for ask in (session.ask, lambda text: session.ask(SALT, history=[text])):
            with pytest.raises(ParallaxError, match="Character 6 of the question is damaged"):
                ask("salt \udcff toll")

    def test_white_space_is_made_single_spaces(self, session: Session) -> None:
        assert session.ask("  Who paid\n the\ttoll? ").question == "Who paid the toll?"

    def test_any_language_may_be_asked(self, session: Session) -> None:
        for question in ("何時 船", "¿Quién pagó?", "Кто платил?", "م", "1838"):
            assert session.ask(question).question == question


class TestDocuments:
    def test_all_are_asked_in_the_order_of_the_library(self, session: Session) -> None:
        assert [side.source.id for side in session.ask(SALT).perspectives] == ["ferry", "mill"]

    @pytest.mark.parametrize("chosen", [["mill"], ["mill", "ferry"], ["ferry", "mill"]])
    def test_some_are_asked_in_the_order_given_and_answer_as_among_all(
        self, session: Session, chosen: list[str]
    ) -> None:
        among_all = {side.source.id: side for side in session.ask(SALT).perspectives}
        assert list(session.ask(SALT, chosen).perspectives) == [among_all[identifier] for identifier in chosen]

    def test_a_document_named_twice_speaks_once(self, session: Session) -> None:
        assert len(session.ask(SALT, ["mill", "mill"]).perspectives) == 1

    def test_no_document_at_all_is_refused(self, session: Session) -> None:
        with pytest.raises(ParallaxError, match=r"^No document is asked"):
            session.ask(SALT, [])

    def test_an_unknown_id_is_refused_with_those_there_are(self, session: Session) -> None:
        for refused in (lambda: session.ask(SALT, ["mill", "moon"]), lambda: session.document("moon")):
            with pytest.raises(ParallaxError, match="no document “moon” in this library; there is: “ferry”, “mill”"):
                refused()

    def test_an_empty_library_is_refused(self, tmp_path: Path, open_session: Open) -> None:
        with pytest.raises(ParallaxError, match=r"is empty; add a document first\.$"):
            open_session(tmp_path, create=True).ask(SALT)

    def test_a_source_describes_its_document(self, session: Session) -> None:
        source, document = session.documents()[0], session.document("ferry")
        assert (source.id, source.title, source.file, source.label) == ("ferry", "The Ferry", "ferry.txt", "The Ferry")
        assert source.sha256 == document.sha256 == sha256(document.text.encode()).hexdigest()
        assert source.words == len(FERRY.split())


class TestHistory:
    def test_a_question_that_stands_alone_is_read_alone(self, session: Session) -> None:
        alone = session.ask("Which yard built the new ferry of the council?")
        later = session.ask("Which yard built the new ferry of the council?", history=[SALT])
        assert timeless(later) == timeless(alone)
        assert later.follows == ()

    def test_a_follow_up_is_answered_with_the_subject_before_it(self, session: Session) -> None:
        history = ["Which yard built the new ferry of the council?"]
        comparison = session.ask("And where was it?", history=history)
        assert comparison.follows == tuple(history)
        assert comparison.perspectives == session.ask(f"{history[0]} And where was it?").perspectives

    def test_blank_turns_are_no_subject(self, session: Session) -> None:
        assert session.ask("And why?", history=["", " Who\npaid salt tolls? ", " "]).follows == (
            "Who paid salt tolls?",
        )

    def test_an_earlier_question_is_as_long_as_a_question_may_be(self, session: Session) -> None:
        longest = " ".join(["salt"] * 200)
        assert session.ask("And why?", history=[longest + " "]).follows == (longest,)
        told = r"^An earlier question has 1,499 characters and may have 1,000; leave it out\.$"
        with pytest.raises(QuestionError, match=told):
            session.ask("And why?", history=[" ".join(["salt"] * 300), SALT])


class CountingReader:
    """Reads the number of each sentence, and remembers what it was asked."""

    name = "counting"

    def __init__(self) -> None:
        self.seen: list[tuple[str, int]] = []

    def read(self, question: str, candidates: Sequence[Candidate]) -> list[Reading]:
        self.seen.append((question, len(candidates)))
        return [np.arange(len(candidate.sentences), dtype=np.float32) for candidate in candidates]


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory, open_session: Open) -> Path:
    """The folder of a library of more long documents than are read for one question."""
    folder = tmp_path_factory.mktemp("fleet")
    session = open_session(folder / "library", create=True)
    for number in range(READ // FEWEST + 2):
        text = FERRY if number % 2 else MILL
        (folder / f"boat-{number}.txt").write_text("\n\n".join([f"Boat {number}", *[text * 4] * 14]), encoding="utf-8")
        source, _ = session.add(folder / f"boat-{number}.txt")
        assert source.passages > CANDIDATES
    return folder / "library"


class TestReader:
    def test_it_gets_what_the_searches_get_and_two_documents_share_what_is_read(
        self, fleet: Path, open_session: Open
    ) -> None:
        reader = CountingReader()
        session = open_session(fleet, reader=reader)
        session.ask("And what do both texts say of it?", ["boat-0", "boat-1"], history=[SALT])
        assert reader.seen == [(f"And what it? {SALT}", READ)]  # all at once, for as many cores as there are

    @pytest.mark.parametrize("count", [1, 2, 3, 5, 12, READ // FEWEST, READ // FEWEST + 2])
    def test_documents_share_what_is_read_and_beyond_that_the_likeliest_are_read(
        self, fleet: Path, open_session: Open, count: int
    ) -> None:
        session = open_session(fleet, reader=CountingReader())
        documents = [source.id for source in session.documents()][:count]
        found = session.read(SALT, documents).documents
        assert [entry.id for entry, _ in found] == documents
        read = {entry.id: each for entry, each in found if each.readings}
        assert len(read) == min(count, READ // FEWEST)
        for each in read.values():
            assert len(each.readings) == len(each.candidates) == min(CANDIDATES, READ // len(read))
        assert sum(len(each.readings) for each in read.values()) <= READ
        unread = [each for entry, each in found if entry.id not in read]
        assert all(len(each.candidates) == CANDIDATES for each in unread)
        without = session.variant(reader=False).ask(SALT, documents)
        sure = {side.source.id: side.confidence for side in without.perspectives}
        assert min(sure[name] for name in read) >= max((sure[name] for name in sure if name not in read), default=0)

    def test_a_document_that_is_not_read_answers_as_without_a_reader(self, fleet: Path, open_session: Open) -> None:
        session = open_session(fleet, reader=CountingReader())
        unread = {entry.id for entry, each in session.read(SALT).documents if not each.readings}
        without = {side.source.id: side for side in session.variant(reader=False).ask(SALT).perspectives}
        assert len(unread) == 2
        for side in session.ask(SALT).perspectives:
            if side.source.id in unread:
                assert side == without[side.source.id]

    def test_a_document_answers_the_same_whatever_else_is_asked(
        self, river: Path, open_session: Open, tmp_path: Path
    ) -> None:
        session = open_session(river, reader=str(tiny.save(tmp_path / "reader", int8=True)))
        for question in (SALT, "When did the ferry sink?", "Who lost a cart?"):
            among_all = session.ask(question)
            assert among_all.notice == ""
            for side in among_all.perspectives:
                assert session.ask(question, [side.source.id]).perspectives == (side,)

    def test_what_it_read_is_in_the_order_of_what_was_found(
        self, river: Path, open_session: Open, tiny_reader: Path
    ) -> None:
        session = open_session(river, reader=str(tiny_reader))
        alone = tiny_reader_of(session)
        for _, read in session.read(SALT).documents:
            for reading, candidate in zip(read.readings, read.candidates, strict=True):
                assert_allclose(reading, alone.read(SALT, [candidate])[0], rtol=1e-4, atol=1e-4)

    def test_threads_load_it_once(self, river: Path, open_session: Open, tiny_reader: Path) -> None:
        session = open_session(river, reader=str(tiny_reader))
        with ThreadPoolExecutor(8) as threads:
            found = list(threads.map(lambda _: tiny_reader_of(session), range(32)))
        assert len({id(reader) for reader in found}) == 1

    def test_none_reads_nothing(self, session: Session) -> None:
        comparison = session.ask(SALT)
        assert comparison.notice == ""
        assert {side.signals.reader for side in comparison.perspectives} == {0.0}
        assert all(read.readings == () for _, read in session.read(SALT).documents)


def tiny_reader_of(session: Session) -> Reader:
    reader, notice = session._reader.loaded()
    assert reader is not None and notice == ""
    return reader


class TestWithoutTheReaderAskedFor:
    @pytest.mark.parametrize("reader", ["no-such-reader", "./no-such-folder", ""])
    def test_retrieval_answers_and_says_so(self, river: Path, open_session: Open, reader: str) -> None:
        for question in (SALT, "When did the ferry sink?"):
            told = open_session(river, reader=reader).ask(question)
            assert told.notice.startswith("Answered without the reader. ") and told.notice.endswith(".")
            assert timeless(replace(told, notice="")) == timeless(open_session(river).ask(question))

    def test_a_damaged_one_is_named_by_its_file(
        self, river: Path, open_session: Open, tiny_reader: Path, tmp_path: Path
    ) -> None:
        copied = shutil.copytree(tiny_reader, tmp_path / "reader")
        (copied / "reader.onnx").write_bytes((copied / "reader.onnx").read_bytes()[:-1])
        session = open_session(river, reader=str(copied))
        session.warm()
        for _ in range(2):
            assert session.ask(SALT).notice == (
                f"Answered without the reader. The reader's file {copied / 'reader.onnx'} is damaged: "
                "its CRC-32 is not the one on record."
            )


class TestVariant:
    @pytest.fixture
    def read(self, river: Path, open_session: Open, tiny_reader: Path) -> Session:
        return open_session(river, reader=str(tiny_reader))

    def test_without_the_reader_it_answers_as_a_session_that_has_none(self, read: Session, session: Session) -> None:
        assert timeless(read.variant(reader=False).ask(SALT)) == timeless(session.ask(SALT))

    def test_with_all_its_parts_it_answers_the_same_with_the_same_reader(self, read: Session) -> None:
        assert timeless(read.variant().ask(SALT)) == timeless(read.ask(SALT))
        assert tiny_reader_of(read.variant()) is tiny_reader_of(read)

    def test_without_lexical_search_passages_rank_by_meaning_alone(self, fleet: Path, open_session: Open) -> None:
        session = open_session(fleet).variant(lexical=False)
        for _, read in session.read(SALT, ["boat-0", "boat-1"]).documents:
            assert_allclose(
                [candidate.hit.score for candidate in read.candidates],
                [1 / (60 + rank) for rank in range(1, CANDIDATES + 1)],
            )
            assert all(not candidate.evidence.words.any() for candidate in read.candidates)
            assert {candidate.evidence.coverage for candidate in read.candidates} == {0.0}

    def test_it_sees_what_is_added_later(self, tmp_path: Path, open_session: Open) -> None:
        session = open_session(tmp_path / "library", create=True)
        variant = session.variant(lexical=False)
        (tmp_path / "mill.txt").write_text(MILL, encoding="utf-8")
        session.add(tmp_path / "mill.txt")
        assert [source.id for source in variant.documents()] == ["mill"]


WORDS = st.sampled_from(sorted({*FERRY.split(), *MILL.split(), "And", "it", "compare", "two", "texts"}))


@given(question=st.lists(WORDS, min_size=1, max_size=9).map(" ".join) | st.text(min_size=1, max_size=40))
def test_every_word_shown_stands_in_the_document_it_names(session: Session, question: str) -> None:
    try:
        comparison = session.ask(question)
    except ParallaxError:
        return
    for citation in citations(comparison):
        document = session.document(citation.document)
        assert citation.sha256 == document.sha256
        assert document.text[citation.start : citation.end] == citation.quote
        assert citation.quote in citation.passage.text
    for side in comparison.perspectives:
        assert {citation.document for citation in citations(replace(comparison, perspectives=(side,)))} <= {
            side.source.id
        }
        assert 0 <= side.confidence <= 1


def test_several_threads_get_the_answers_of_one(library: Session, samples: Path) -> None:
    questions = [
        "Who lent the money?",
        "What brought the oysters back?",
        "And who paid him?",
        "Who were the gatherers?",
    ]
    expected = [timeless(library.ask(question)) for question in questions]
    shared = Session.open(samples)  # nothing is loaded yet, so the threads meet at the loading too
    with ThreadPoolExecutor(4) as threads:
        found = [timeless(comparison) for comparison in threads.map(shared.ask, questions * 4)]
    assert found == expected * 4


class TestAnotherSession:
    def test_sees_what_this_one_adds_replaces_and_removes(self, tmp_path: Path, open_session: Open) -> None:
        file = tmp_path / "ferry.txt"
        file.write_text(FERRY, encoding="utf-8")
        writing = open_session(tmp_path / "library", create=True)
        reading = open_session(tmp_path / "library", create=True)
        assert reading.documents() == ()
        writing.add(file)
        assert [source.id for source in reading.documents()] == ["ferry"]
        file.write_text(FERRY.replace("planks", "timber"), encoding="utf-8")
        writing.add(file)
        assert "timber" in reading.document("ferry").text
        assert all("planks" not in citation.passage.text for citation in citations(reading.ask("Who offered planks?")))
        writing.add(file, Details(label="Ferry"))
        assert reading.ask(SALT).perspectives[0].source.label == "Ferry"
        writing.remove("ferry")
        with pytest.raises(ParallaxError, match="empty"):
            reading.ask(SALT)


class TestOpening:
    def test_the_library_is_where_the_environment_says(self, river: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PARALLAX_LIBRARY", str(river))
        assert default_library() == str(river)
        assert [source.id for source in Session.open().documents()] == ["ferry", "mill"]

    @pytest.mark.parametrize("value", [None, ""])
    def test_else_in_the_users_data_folder(self, value: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("PARALLAX_LIBRARY", raising=False)
        if value is not None:
            monkeypatch.setenv("PARALLAX_LIBRARY", value)
        assert default_library() == user_data_path("parallax") / "library"

    def test_a_missing_library_is_told_and_not_made(self, tmp_path: Path, open_session: Open) -> None:
        with pytest.raises(ParallaxError, match=r"There is no library at .*; add a document to make one"):
            open_session(tmp_path / "none")
        assert not (tmp_path / "none").exists()

    def test_another_model_is_refused(self, river: Path, open_session: Open) -> None:
        with pytest.raises(ParallaxError, match="was made with the model “all-MiniLM-L6-v2”, not “other”"):
            open_session(river, model="other")

    def test_an_answer_of_a_model_that_was_not_measured_has_no_number(self, tmp_path: Path, open_session: Open) -> None:
        session = open_session(tmp_path / "library", create=True, model="words")
        (tmp_path / "mill.txt").write_text(MILL, encoding="utf-8")
        session.add(tmp_path / "mill.txt")
        (side,) = session.ask("The toll on salt ruined his second trade.").perspectives
        assert side.answer is not None and side.answer.certainty.right_of_ten is None


class TestBeside:
    def test_the_words_of_one_document_are_asked_of_all_others(self, session: Session) -> None:
        start = FERRY.index("Two winters")
        comparison = session.beside("ferry", start, start + 60)
        assert [side.source.id for side in comparison.perspectives] == ["mill"]
        assert comparison.beside == session.cite("ferry", start, start + 60)
        assert comparison.question == comparison.beside.quote == FERRY[start : start + 60].strip()

    def test_a_document_that_stands_alone_has_nothing_beside_it(self, tmp_path: Path, open_session: Open) -> None:
        (tmp_path / "ferry.txt").write_text(FERRY, encoding="utf-8")
        alone = open_session(tmp_path / "library", create=True)
        alone.add(tmp_path / "ferry.txt")
        with pytest.raises(ParallaxError, match="There is no other document in this library"):
            alone.beside("ferry", 0, 20)

    @pytest.mark.parametrize(("start", "end"), [(5, 5), (-1, 5), (0, 10**6), (9, 2)])
    def test_a_range_of_no_words_is_refused(self, session: Session, start: int, end: int) -> None:
        with pytest.raises(ParallaxError, match="has no words from"):
            session.beside("ferry", start, end)
