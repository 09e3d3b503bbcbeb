"""Renders the pages on which a place of a PDF stands: folded under its paragraph, and the pictures once they are drawn.

The page's script asks for them when they are unfolded. Pure functions from records to escaped HTML.
"""

import base64
from collections.abc import Sequence
from html import escape

from index.types import Picture
from ui.quotation import at
from ui.window import Opening
from ui.words import shortened


def fold(opening: Opening) -> str:
    """What unfolds the pages of the place that is open; nothing where the document has none."""
    if not opening.printed:
        return ""
    place = at(opening.document.id, opening.document.sha256, opening.start, opening.end)
    return (
        f'<details class="px-printed" {place}><summary>Page as printed</summary>'
        '<div class="px-slot"><p role="status">Drawing the page…</p></div></details>'
    )


def sheets(pictures: Sequence[Picture], label: str, quote: str) -> str:
    """The pages of a place with its words marked."""
    marked = shortened(quote, 120)
    return "".join(
        f'<img src="data:image/png;base64,{base64.b64encode(picture.png).decode()}" '
        f'alt="{escape(f"{_named(picture)} of {label}, with these words marked: {marked}")}">'
        for picture in pictures
    )


def refusal(sentence: str) -> str:
    """Why a page cannot be shown."""
    return f'<p class="px-refusal" role="alert" dir="auto">{escape(sentence)}</p>'


def _named(picture: Picture) -> str:
    return "The page" if picture.page is None else f"Page {picture.page}"
