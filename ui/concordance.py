"""Turns a concordance into escaped HTML: for each document its counts, where the term lies, its lines and collocates.

Pure functions; the plot is inline SVG that takes its colours from the page. Nothing here asks for more lines: the
button says which come next, and `lines` renders them.
"""

from collections.abc import Mapping
from html import escape

from qa.concordance import Collocates, Concordance, Line, Usage
from ui.columns import COLUMNS
from ui.quotation import at
from ui.words import (
    compared,
    counted,
    counts_of,
    dispersed,
    forms,
    frequency,
    grouped,
    is_quoted,
    place,
    spaced,
    speaks,
    spot,
)

TICKS = 50
"""Up to so many occurrences are drawn as ticks where they lie, more as bars."""
BARS = 40


def columns(concordance: Concordance, hues: Mapping[str, int]) -> str:
    """The cards of the documents; `hues` gives the number of each one's colour by its id.

    Of more than fit side by side, only those that use the term.
    """
    shown = [usage for usage in concordance.usages if usage.count or len(concordance.usages) <= COLUMNS]
    cards = "".join(card(usage, hues.get(usage.source.id, 0)) for usage in shown)
    return f'{_near(concordance)}<div class="px-usages">{cards}</div>'


def card(usage: Usage, hue: int) -> str:
    """How one document uses the term."""
    label = escape(usage.source.label)
    body = _body(usage) if usage.count else '<p class="px-silent">Not in this text.</p>'
    return (
        f'<article class="px-card px-hue-{hue}" aria-label="{label}">'
        f'<h3 class="px-label"><bdi>{label}</bdi></h3>{body}</article>'
    )


def _body(usage: Usage) -> str:
    return (
        f'<p class="px-sure">{escape(frequency(usage))}</p>'
        f'<p class="px-forms" dir="auto">{escape(forms(usage))}</p>{plot(usage)}'
        f'<ol class="px-lines" start="{usage.first + 1}">{lines(usage)}</ol>{_more(usage)}'
        f"{_collocates(usage.contrast)}{_collocates(usage.collocates)}"
    )


def _near(concordance: Concordance) -> str:
    """Terms that do occur, to look up with a click; nothing where there is none."""
    buttons = "".join(
        f'<button type="button" class="px-near" data-term="{escape(term)}">{escape(term)}</button>'
        for term in concordance.near
    )
    return f'<p class="px-nearest">Spelt nearly so: {buttons}</p>' if buttons else ""


def plot(usage: Usage) -> str:
    """Where in the text the term lies: the length of the text from left to right, parted at its headings."""
    dispersion = usage.dispersion
    counts = dispersion.parts if usage.count <= TICKS else grouped(dispersion.parts, BARS)
    told, most = escape(dispersed(usage)), max(counts)
    bounds = "".join(
        f'<rect class="px-bound" x="{100 * heading.start / dispersion.length:.2f}%" width="1" height="100%"/>'
        for heading in dispersion.headings
    )
    bars = "".join(
        f'<rect x="{100 * number / len(counts):.2f}%" y="{100 - 100 * count / most:.1f}%" '
        f'width="{max(80 / len(counts), 0.5):.2f}%" height="{100 * count / most:.1f}%"/>'
        for number, count in enumerate(counts)
        if count
    )
    return f'<svg class="px-dispersion" role="img" aria-label="{told}"><title>{told}</title>{bounds}{bars}</svg>'


def lines(usage: Usage) -> str:
    """The lines of one document as items of a list."""
    return "".join(_line(line, usage.source.label) for line in usage.lines)


def _line(line: Line, label: str) -> str:
    citation = line.citation
    left, term, right = (escape(spaced(text)) for text in (line.left.text, citation.quote, line.right.text))
    spoken = f'<span class="px-said">{escape(speaks(citation))}</span>' if is_quoted(citation) else ""
    return (
        f'<li class="px-line"><p class="px-kwic" dir="auto"><span class="px-left"><span>{left}</span></span>'
        f'<span class="px-right"><mark>{term}</mark><span>{right}</span></span></p>'
        f'<button type="button" class="px-go" '
        f"{at(citation.document, citation.sha256, citation.start, citation.end)} "
        f'aria-label="{escape(f"Open {label} at {place(citation)}")}">{escape(spot(citation))}</button>{spoken}</li>'
    )


def _more(usage: Usage) -> str:
    following = usage.first + len(usage.lines)
    if following >= usage.count:
        return ""
    return (
        f'<button type="button" class="px-more-lines" data-document="{escape(usage.source.id)}" '
        f'data-first="{following}">{counted(usage.count - following, "more line")}</button>'
    )


def _collocates(collocates: Collocates | None) -> str:
    if collocates is None:
        return ""
    words = "".join(
        f"<li><bdi>{escape(word.word)}</bdi> <span>{escape(counts_of(word, collocates.reference))}</span></li>"
        for word in collocates.words
    )
    body = f'<ul class="px-collocates">{words}</ul>' if words else '<p class="px-none">None stands out.</p>'
    return f'<h4 class="px-small">{escape(compared(collocates))}</h4>{body}'
