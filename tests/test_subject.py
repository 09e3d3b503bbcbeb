"""The subject of a question: what the searches see of it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.lexical import terms
from qa.subject import names_none, subject


@pytest.mark.parametrize(
    ("question", "kept"),
    [
        ("What do the two texts say about salt taxes?", "What salt taxes?"),
        ("How does each author judge the salt tax?", "How judge the salt tax?"),
        ("Compare the salt tax in both documents with the harbour toll", "the salt tax with the harbour toll"),
        ("According to both authors, who paid the salt tax?", ", who paid the salt tax?"),
        ("Who paid the salt tax in the essay?", "Who paid the salt tax ?"),
        ("Show me why the salt tax failed", "why the salt tax failed"),
        ("Tell us what each of the two documents says of salt taxes", "what says of salt taxes"),
    ],
)
def test_phrases_that_speak_of_the_documents_are_dropped(question: str, kept: str) -> None:
    assert subject(question) == kept


@pytest.mark.parametrize(
    "question",
    [
        "Compare both texts.",
        "What do the two authors say?",
        "Compare the two accounts of salt",
        "in the essay in the text in the document",
        "?",
        "",
    ],
)
def test_a_question_that_would_keep_too_little_is_left_as_it_is(question: str) -> None:
    assert subject(question) == question


@pytest.mark.parametrize(
    "question",
    [
        "Who paid the salt tax?",
        "What did the author of the petition want?",
        "Which paper did the petitioners sign?",
        "Was heißt Salzsteuer in beiden Texten?",
    ],
)
def test_a_question_without_a_frame_is_unchanged(question: str) -> None:
    assert subject(question) == question


FRAME = [
    "compare",
    "both",
    "each",
    "two",
    "the",
    "these",
    "texts",
    "author",
    "of",
    "in",
    "say",
    "about",
    "do",
    "tell me",
]
WORDS = st.sampled_from([*FRAME, "salt", "tax", "who"])


@given(st.lists(WORDS, min_size=1).map(" ".join) | st.text().map(lambda text: " ".join(text.split())))
def test_words_are_only_left_out_and_never_too_many(question: str) -> None:
    kept = subject(question)
    pattern = ".*?".join(map(re.escape, kept.split()))
    assert re.match(".*?" + pattern, question, re.DOTALL)
    assert kept == question or len(terms([kept])[0]) >= 2
    assert bool(kept) == bool(question)


@pytest.mark.parametrize(
    "question",
    [
        "Where do the two texts disagree?",
        "What are the main differences between the authors' views?",
        "Please summarise both documents",
        "What is this article about?",
        "Hello!",
        "Why?",
        "?",
    ],
)
def test_a_question_about_texts_as_such_names_no_subject(question: str) -> None:
    assert names_none(question)


@pytest.mark.parametrize(
    "question",
    [
        "Where do the two texts disagree about salt?",
        "What is the argument against the weir?",
        "Who was Ida?",
        "1848?",
        "Worin unterscheiden sich die beiden Texte?",
        "¿Qué dice el autor?",
        "何が違いますか",
    ],
)
def test_one_that_names_something_does_or_is_in_another_language(question: str) -> None:
    assert not names_none(question)


@given(st.lists(st.sampled_from(["compare", "the", "two", "texts", "disagree", "summary", "weir", "Ida"]), max_size=6))
def test_one_more_word_that_names_something_is_enough(words: list[str]) -> None:
    assert names_none(" ".join(words)) == (not {"weir", "Ida"}.intersection(words))
