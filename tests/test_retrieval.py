"""Of very many documents those are asked that hold the nearest passages, and it is said."""

from collections.abc import Callable
from pathlib import Path

import pytest

from index.embed import Encoder
from qa import retrieval
from qa.session import Session

TEXTS = {
    "ferry": "The ferry crosses the sound at dawn. It carries mail and apples.",
    "orchard": "Apples ripen late on the northern slope. The orchard keeper sells them in October.",
    "quarry": "Slate was cut from the quarry for roofs. The quarry closed in the spring.",
    "lighthouse": "A lamp burned in the tower every night. Its keeper trimmed the wick.",
}


@pytest.fixture
def session(tmp_path: Path, word_encoder: Callable[[str], Encoder]) -> Session:
    session = Session.open(tmp_path / "library", create=True, load_encoder=word_encoder, reader="none")
    for name, text in TEXTS.items():
        file = tmp_path / f"{name}.txt"
        file.write_text(text, encoding="utf-8")
        session.add(file)
    return session


def test_of_many_those_are_asked_that_hold_the_nearest_passages(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = session.ask("Why did the slate quarry close?")
    assert [side.source.id for side in everything.perspectives] == list(TEXTS)
    assert everything.notice == ""
    monkeypatch.setattr(retrieval, "MANY", 3)
    monkeypatch.setattr(retrieval, "NEAREST", 1)
    some = session.ask("Why did the slate quarry close?", pinned=["ferry"])
    assert [side.source.id for side in some.perspectives] == ["ferry", "quarry"]
    assert some.notice == "Of 4 documents the 2 were asked that hold the passages nearest the question."
    whole = {side.source.id: side for side in everything.perspectives}
    assert all(side == whole[side.source.id] for side in some.perspectives)


def test_a_few_that_are_named_are_all_asked(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrieval, "MANY", 3)
    monkeypatch.setattr(retrieval, "NEAREST", 1)
    named = session.ask("Why did the slate quarry close?", ["lighthouse", "ferry"])
    assert [side.source.id for side in named.perspectives] == ["lighthouse", "ferry"]
    assert named.notice == ""


def test_a_question_that_names_no_subject_is_answered_and_told(session: Session) -> None:
    told = "The question names no subject; ask about something of which the documents speak."
    for question in ("Where do the two texts disagree?", "Hello", "Why?"):
        comparison = session.ask(question)
        assert comparison.notice == told and len(comparison.perspectives) == len(TEXTS)
    assert session.ask("Why?", history=["Why did the slate quarry close?"]).notice == ""  # it has the subject of that
    assert session.ask("Why did the slate quarry close?").notice == ""
