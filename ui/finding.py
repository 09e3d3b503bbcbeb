"""Turns what was found of a quotation into escaped HTML: a card for each document, each place with its differences."""

from collections.abc import Mapping, Sequence
from html import escape

from qa.types import Difference, Finding, Occurrence, Source
from ui.columns import COLUMNS
from ui.quotation import folded, quotation
from ui.words import counted, likeness

SHOWN = 3
"""So many places of a document are shown at once; the others are folded."""
LISTED = 50
"""So many are listed at most."""


def cards_of(finding: Finding, hues: Mapping[str, int]) -> str:
    """The cards of the documents that were searched; `hues` gives the number of each one's colour by its id.

    Of more than fit side by side, only those that have the quotation.
    """
    cards = []
    holding = {occurrence.document for occurrence in finding.occurrences}
    for source in finding.searched:
        if len(finding.searched) > COLUMNS and source.id not in holding:
            continue
        label = escape(source.label)
        places = [occurrence for occurrence in finding.occurrences if occurrence.document == source.id]
        shown = [_place(occurrence, source) for occurrence in places[:LISTED]]
        body = "".join(shown[:SHOWN]) + folded(_more(len(places)), "".join(shown[SHOWN:]))
        body = body if places else '<p class="px-silent">Not in this text.</p>'
        cards.append(
            f'<article class="px-card px-hue-{hues.get(source.id, 0)}" aria-label="{label}">'
            f'<h3 class="px-label"><bdi>{label}</bdi></h3>'
            f"{body}</article>"
        )
    return "".join(cards)


def _more(count: int) -> str:
    left_out = f", of which {counted(count - LISTED, 'place')} are not listed" if count > LISTED else ""
    return f"{counted(count - SHOWN, 'more place')}{left_out}"


def _place(occurrence: Occurrence, source: Source) -> str:
    parts = "".join(quotation(part, source) for part in occurrence.parts)
    kind = f'<p class="px-sure">{escape(likeness(occurrence))}</p>'
    return f'<div class="px-found">{kind}{parts}{compared(occurrence.differences)}</div>'


def compared(differences: Sequence[Difference]) -> str:
    """The words of two texts in one line, those of the first struck out and those of the second underlined."""
    if all(difference.same for difference in differences):
        return ""
    runs = " ".join(map(_run, differences))
    return f'<p class="px-difference" dir="auto"><span class="px-unseen">Word by word: </span>{runs}</p>'


def _run(difference: Difference) -> str:
    if difference.same:
        return escape(difference.found)
    asked = f"<del>{escape(difference.asked)}</del>" if difference.asked else ""
    found = f"<ins>{escape(difference.found)}</ins>" if difference.found else ""
    return f"{asked} {found}".strip()
