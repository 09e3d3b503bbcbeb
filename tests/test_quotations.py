"""Quotation marks of several languages: which ranges of a paragraph they hold."""

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from index.quotations import spans


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("“The water,” she said, “is high.”", ["The water,", "is high."]),
        ("Er sagte: „Das Wasser steht hoch“, und ging.", ["Das Wasser steht hoch"]),
        ("Die „Wasser“-Frage („hoch“) blieb.", ["Wasser", "hoch"]),
        ("»Das Wasser steht«, sagte er.", ["Das Wasser steht"]),
        ("„Das »Wasser« steht“, sagte er.", ["Das »Wasser« steht", "Wasser"]),
        ("« L’eau est haute », dit-il.", [" L’eau est haute "]),
        ("«Вода стоит „высоко“ у моста», — сказал он.", ["Вода стоит „высоко“ у моста", "высоко"]),
        ("«El agua está alta», dijo.", ["El agua está alta"]),
    ],
)
def test_the_marks_of_a_language_hold_what_they_quote(text: str, quoted: list[str]) -> None:
    assert [text[start:end] for start, end in spans(text)] == quoted


@given(st.text("as .:‘’'“”\"", max_size=40), st.booleans())
def test_ranges_are_nested_or_apart(text: str, single: bool) -> None:
    found = spans(text, single=single)
    for one, other in pairwise(sorted(found, key=lambda span: (span[0], -span[1]))):
        assert one[0] <= other[0] and (one[1] <= other[0] or other[1] <= one[1])


@given(st.text('a :“”‘’"', max_size=60), st.booleans())
@example("“a " * 9, False)
@example("“" * 9 + "a" + "”" * 9, False)
def test_no_word_is_quoted_more_than_eight_times_over(text: str, single: bool) -> None:
    """Or what follows a page of marks that are never closed would be read once for each of them."""
    found = spans(text, single=single)
    assert all(sum(start <= at < end for start, end in found) <= 8 for at in range(len(text)))
