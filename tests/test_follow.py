"""Follow-ups: which earlier questions a question is read together with."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.follow import REACH, follows, leans
from qa.subject import names_none

ALONE = "Why did the salt merchants of the harbour oppose the bridge?"
OTHER = "When did the glass works beside the river begin production?"


@pytest.mark.parametrize(
    "question",
    [
        "And the salt merchants of the old harbour town?",
        "But the salt merchants opposed the bridge, surely?",
        "What about the merchants in the northern harbour towns?",
        "How about the merchants of the northern harbour towns?",
        "“And the merchants of the northern harbour towns?”",
        "What else did the merchants of the northern harbour oppose?",
        "When did they begin building the bridge of the harbour?",
        "Does the other merchant of the harbour mention the bridge?",
        "Can you explain the last one to me?",
        "Was that so?",
        "What do both texts say of it?",
        "Who paid?",
        "The bridge?",
        "",
    ],
)
def test_a_question_leans_when_it_continues_points_back_or_says_little(question: str) -> None:
    assert leans(question)


@pytest.mark.parametrize(
    "question",
    [
        OTHER,
        "Did merchants oppose the bridge?",
        "Did the salt merchants of the harbour oppose the bridge?",
        "Why did the merchants of the northern harbour oppose the bridge?",
        "What is a good recipe for bread?",
        "How did an Italian whistle announce hidden itinerant heralds?",  # “it”, “his” and “her” stand inside words
        "Which merchants of the northern harbour opposed it openly?",  # “it” has its subject before it
        "Do the merchants of the harbour say that they paid for the bridge that was built?",
        "Did merchants pay?",
        "Sordid butchers android organists?",  # “so”, “but” and “and” likewise
    ],
)
def test_a_question_with_a_subject_of_its_own_stands(question: str) -> None:
    assert not leans(question)
    assert follows(question, [ALONE]) == ()


def test_without_earlier_questions_nothing_is_carried() -> None:
    assert follows("And why?", []) == ()


def test_a_chain_reaches_back_to_the_question_that_stands() -> None:
    chain = [OTHER, "Did the salt merchants of the harbour oppose the bridge?", "And the fishermen?"]
    assert follows("What about their wives?", chain) == tuple(chain[1:])


def test_a_new_subject_cuts_the_chain() -> None:
    assert follows("And who paid?", [ALONE, "And the fishermen?", OTHER]) == (OTHER,)


def test_an_earlier_question_that_names_no_subject_is_passed_over() -> None:
    for passed in ("Where do the two texts disagree?", "Why?", "Hello"):
        assert follows("And who paid?", [passed]) == ()
        assert follows("And who paid?", [OTHER, passed]) == (OTHER,)


QUESTIONS = (
    st.sampled_from([OTHER, "Why?", "And the fishermen?", "Who paid them?", "The bridge?", "", "¿?"]) | st.text()
)


@given(QUESTIONS, st.lists(QUESTIONS, max_size=6))
def test_what_is_carried_is_the_end_of_the_chat_as_far_as_each_leans(question: str, history: list[str]) -> None:
    carried = follows(question, history)
    history = [earlier for earlier in history if not names_none(earlier)]
    assert carried == tuple(history[len(history) - len(carried) :])
    assert all(leans(later) for later in [*carried[1:], question] if carried)
    assert len(carried) in (len(history), REACH) or not leans([*carried, question][0])
