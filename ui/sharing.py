"""Turns what documents share into escaped HTML: each shared place as both have it, side by side.

Pure functions from records to strings. Every word that comes from a document passes through `escape`. The looks that
only this part of the page has are in `sharing.css`.
"""

from collections.abc import Mapping, Sequence
from html import escape

from qa.types import Shared, Side, Source
from ui.finding import compared
from ui.quotation import folded, framed, lead, tail
from ui.words import counted, in_common, marking, sameness, shortened

LISTED = 100
"""So many places are listed at most; the command line has all."""
LONGEST = 1_200
"""Characters of a place that are shown; the reading pane has it whole."""


def shared_places(places: Sequence[Shared], sources: Sequence[Source], hues: Mapping[str, int]) -> str:
    """All shared places, or that there is none. `sources`: the documents; `hues`: each one's colour by its id."""
    if not places:
        return (
            f'<section class="px-sharing" aria-label="In common"><p class="px-silent">{escape(in_common(places))}.</p>'
            "</section>"
        )
    known = {source.id: source for source in sources}
    sections = "".join(_place(number, place, known, hues) for number, place in enumerate(places[:LISTED], 1))
    left = len(places) - LISTED
    more = f'<p class="px-meta">{counted(left, "more place")} not listed.</p>' if left > 0 else ""
    return (
        f'<section class="px-sharing" aria-label="In common"><p class="px-meta">{escape(in_common(places))}</p>'
        f"{sections}{more}</section>"
    )


def _place(number: int, place: Shared, known: Mapping[str, Source], hues: Mapping[str, int]) -> str:
    labels = {identifier: source.label for identifier, source in known.items()}
    first, second = (known[side.citation.document] for side in (place.first, place.second))
    cards = _card(place.first, first, second, hues) + _card(place.second, second, first, hues)
    return (
        f'<section class="px-shared" aria-labelledby="px-shared-{number}">'
        f'<h2 class="px-small" id="px-shared-{number}">{escape(sameness(place))}</h2>'
        f'<p class="px-meta"><bdi>{escape(marking(place, labels))}</bdi></p>'
        f'<div class="px-columns">{cards}</div>{_differences(place, first, second)}</section>'
    )


def _card(side: Side, source: Source, other: Source, hues: Mapping[str, int]) -> str:
    label = escape(source.label)
    left_out = "".join(
        f'<p class="px-left-out" dir="auto"><span class="px-meta">{escape(other.label)} leaves out: </span>'
        f"{escape(shortened(words.text, LONGEST))}</p>"
        for words in side.left_out
    )
    return (
        f'<article class="px-card px-hue-{hues.get(source.id, 0)}" aria-label="{label}">'
        f'<h3 class="px-label"><bdi>{label}</bdi></h3>'
        f"{_quoted(side, source)}{left_out}</article>"
    )


def _quoted(side: Side, source: Source) -> str:
    """The shared words between what the author says before and after them."""
    said = side.citation
    quote = said.quote if len(said.quote) <= LONGEST else shortened(said.quote, LONGEST)
    before = after = ""
    if side.before is not None:
        before = lead(side.before.text + _between(said.prefix[::-1], said.start - side.before.end)[::-1])
    if side.after is not None:
        after = tail(_between(said.suffix, side.after.start - said.end) + side.after.text)
    return framed(said, source, f"{before}<mark>{escape(quote)}</mark>{after}")


def _between(context: str, count: int) -> str:
    """The characters between a quotation and the author's words; an omission where a longer quotation goes on."""
    return context[:count] if count <= len(context) else " … "


def _differences(place: Shared, first: Source, second: Source) -> str:
    if not place.differences:
        return ""
    told = (
        f'<p class="px-meta"><bdi>Struck out: the words of {escape(first.label)}. '
        f"Underlined: those of {escape(second.label)}.</bdi></p>{compared(place.differences)}"
    )
    return folded("Word by word", told)
