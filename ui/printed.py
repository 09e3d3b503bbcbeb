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


def sheets(pictures: Sequence[Picture], label: str, quote: str, link: str, visit: int) -> str:
    """The pages of a place with its words marked. `link`: the place as the page's address names it.

    `visit`: number of the click, since drawing the same pages again must still be a change on the page.
    """
    marked = shortened(quote, 120)
    images = "".join(
        f'<img src="data:image/png;base64,{base64.b64encode(picture.png).decode()}" '
        f'alt="{escape(f"{_named(picture)} of {label}, with these words marked: {marked}")}">'
        for picture in pictures
    )
    return _drawn(images, link, visit)


def refusal(sentence: str, link: str, visit: int) -> str:
    """Why a page cannot be shown."""
    return _drawn(f'<p class="px-refusal" role="alert" dir="auto">{escape(sentence)}</p>', link, visit)


def _drawn(inner: str, link: str, visit: int) -> str:
    return f'<div class="px-sheets" data-link="{escape(link)}" data-visit="{visit}">{inner}</div>'


def _named(picture: Picture) -> str:
    return "The page" if picture.page is None else f"Page {picture.page}"
