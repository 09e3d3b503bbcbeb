"""Renders the head of the reading pane: whose text it is, where one is in it, and what may be taken along. HTML."""

from html import escape
from urllib.parse import quote

from index.types import Document
from ui.chart import contents, strip
from ui.window import Opening

CLOSE = (
    '<button type="button" class="px-close"><span class="px-wide">Close</span>'
    '<span class="px-narrow">← Back</span></button>'
)
"""What closes the pane."""


def link(document: Document, start: int, end: int) -> str:
    """A place as the page's address names it, after the view."""
    return f"{quote(document.id)}/{start}-{end}/{document.sha256}"


def head(opening: Opening) -> str:
    """The head of a pane."""
    document = opening.document
    year = None if document.year is None else str(document.year)
    title = document.title if document.title != document.label else None
    details = " · ".join(detail for detail in (title, document.author, year) if detail)
    named = {document.title.casefold(), document.label.casefold()}
    path = [document.text[block.start : block.end] for block in document.headings_at(opening.start)]
    path = [heading for heading in path if heading.casefold() not in named]
    line = document.line_at(opening.start)
    page = line.page if line is not None else None
    outline = " › ".join(path) + ("" if page is None else f"{' · ' if path else ''}p. {page}")
    about = f'<p class="px-byline" dir="auto">{escape(details)}</p>' if details else ""
    where = f'<p class="px-outline" dir="auto">{escape(outline)}</p>' if outline else ""
    return (
        f'<header class="px-head">{CLOSE}<h2 class="px-label"><bdi>{escape(document.label)}</bdi></h2>'
        f"{about}{where}{strip(document, (opening.start, opening.end), opening.hits)}"
        f'<div class="px-tools">{contents(document)}{_citing(opening)}</div></header>'
    )


def _citing(opening: Opening) -> str:
    """The place in every style and as a link, each to be copied; folded."""
    if not opening.citations:
        return ""
    styles = "".join(
        f'<button type="button" class="px-copy" data-copy="{escape(citation)}">{escape(name)}</button>'
        for name, citation in opening.citations
    )
    place = link(opening.document, opening.start, opening.end)
    address = f'<button type="button" class="px-copy" data-link="#read/{place}">Link to this place</button>'
    return f'<details class="px-contents"><summary>Cite</summary><p class="px-cites">{styles}{address}</p></details>'
