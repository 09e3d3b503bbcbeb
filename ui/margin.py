"""Renders what other documents say to a paragraph: folded under it, a quotation, who speaks, and the way to it. HTML.

The pane is too narrow for a column beside the text, so each document's words wait behind one line. Pure functions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby

from qa.types import Citation, Counterpart, Source
from ui.quotation import at
from ui.words import place, shortened, speaks

LENGTH = 200
"""Characters of a quotation shown in the margin; the place itself shows the rest."""


@dataclass(frozen=True, slots=True)
class Note:
    """What one other document says to one place of the document that is read."""

    place: int
    """Offset of the words that it speaks to."""
    source: Source
    hue: int
    citation: Citation


def notes(counterparts: Sequence[Counterpart], sources: Sequence[Source], hues: Mapping[str, int]) -> tuple[Note, ...]:
    """The notes for some counterparts, in the order of the library's documents, and of one document best first."""
    by_id = {source.id: (position, source) for position, source in enumerate(sources)}
    known = [c for c in counterparts if c.there.document in by_id]
    known.sort(key=lambda c: by_id[c.there.document][0])
    return tuple(Note(c.here.start, by_id[c.there.document][1], hues[c.there.document], c.there) for c in known)


def margin(beside: Sequence[Note], start: int, end: int) -> str:
    """The notes to a range of the text, those of one document together; empty where there are none."""
    inside = [note for note in beside if start <= note.place < end]
    return "".join(_folded(list(notes)) for _, notes in groupby(inside, key=lambda note: note.source.id))


def _folded(beside: Sequence[Note]) -> str:
    label = f"<bdi>{escape(beside[0].source.label)}</bdi>"
    return (
        f'<details class="px-margin px-hue-{beside[0].hue}"><summary>What {label} says to this</summary>'
        f"{''.join(map(_quotation, beside))}</details>"
    )


def _quotation(note: Note) -> str:
    citation = note.citation
    spot = place(citation)
    there = at(citation.document, citation.sha256, citation.start, citation.end)
    name = escape(f"Open {note.source.label} at {spot}")
    return (
        f'<blockquote class="px-quote" dir="auto">{escape(shortened(citation.quote, LENGTH))}</blockquote>'
        f'<p class="px-place"><bdi>{escape(f"{speaks(citation)} · {spot}")}</bdi>'
        f'<button type="button" class="px-go" {there} aria-label="{name}">Open</button></p>'
    )
