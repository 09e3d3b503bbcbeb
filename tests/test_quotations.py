"""Quotation marks of several languages: which ranges of a paragraph they hold."""

import pytest

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
