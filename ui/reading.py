"""Renders the reading pane: a document opened at a place, as escaped HTML.

The window that is shown is `ui.window`'s, the head of the pane `ui.head`'s. Pure functions; it asks nothing and keeps
nothing.
"""

from collections.abc import Iterable, Sequence
from html import escape

from index.types import Block, BlockKind, Document, Marker
from ui.head import CLOSE, head, link
from ui.margin import margin
from ui.printed import fold
from ui.window import SPAN, Opening, block_id, blocks_in
from ui.words import speaker_of

_CLOSING_MARKS = ("”", "»", '"', "’", "'")
CUT = '<span class="px-cut" aria-hidden="true">…</span>'


References = dict[int, Marker]
"""The notes that a pane refers to, by the index of their block, each with the first marker that does."""


def pane(opening: Opening, hue: int) -> str:
    """The pane with its head, the window of blocks and the notes that the window refers to."""
    document, window = opening.document, opening.window
    shown = blocks_in(document, window)
    references = _references(opening, shown)
    blocks = "".join(_block(opening, index, references) + _beside(opening, index) for index in shown)
    earlier = _step(opening, "earlier", "Earlier in this text") if window.start > 0 else ""
    place = link(document, opening.start, opening.end)
    later = _step(opening, "later", "Later in this text") if window.end < len(document.text) else ""
    return (
        f'<aside class="px-pane px-hue-{hue}" aria-label="{escape(f"Reading: {document.label}")}" '
        f'data-focus="{opening.focus}" data-link="{place}">{head(opening)}'
        f'<div class="px-text">{earlier}<div class="px-blocks">{blocks}</div>{later}'
        f"{_notes(opening, shown, references)}</div></aside>"
    )


def refusal(sentence: str) -> str:
    """The pane when a place cannot be opened: why, in one sentence."""
    return (
        '<aside class="px-pane" aria-label="Reading" data-focus="px-here">'
        f'<header class="px-head">{CLOSE}</header>'
        '<p class="px-refusal" id="px-here" role="alert" tabindex="-1" dir="auto">'
        f"{escape(sentence)}</p></aside>"
    )


def _step(opening: Opening, direction: str, words: str) -> str:
    return (
        f'<button type="button" class="px-step" data-direction="{direction}" '
        f'data-document="{escape(opening.document.id)}" data-sha256="{opening.document.sha256}" '
        f'data-start="{opening.start}" data-end="{opening.end}" '
        f'data-from="{opening.window.start}" data-to="{opening.window.end}">'
        f"{words}</button>"
    )


def _block(opening: Opening, index: int, references: References) -> str:
    document, window = opening.document, opening.window
    block = document.blocks[index]
    start, end = max(block.start, window.start), min(block.end, window.end)
    words = _words(opening, start, end)
    words = f"{CUT if start > block.start else ''}{words}{CUT if end < block.end else ''}"
    identity = f'id="{block_id(block.start)}" tabindex="-1"'
    if block.kind is BlockKind.HEADING:
        level = min((block.level or 1) + 2, 6)
        return f'<h{level} class="px-heading" {identity} dir="auto">{words}</h{level}>'
    if block.kind is BlockKind.CAPTION:
        return f'<p class="px-caption" {identity} dir="auto">{words}</p>'
    if block.kind is BlockKind.FOOTNOTE:
        return _note(document, index, words, references)
    number = "" if block.number is None else f'<span class="px-number">{block.number}</span>'
    css, paragraph = "px-paragraph", f'<p dir="auto">{words}</p>'
    if block.kind is BlockKind.QUOTATION:
        css, paragraph = "px-quotation-block", f"<blockquote>{paragraph}</blockquote>"
    return f'<div class="{css}" {identity}>{number}{paragraph}</div>'


def _beside(opening: Opening, index: int) -> str:
    """The page on which the place stands, under its block, and what other documents say to what is shown of a block."""
    block, window = opening.document.blocks[index], opening.window
    page = fold(opening) if index == opening.document.block_at(opening.start) else ""
    return page + margin(opening.beside, max(block.start, window.start), min(block.end, window.end))


def _words(opening: Opening, start: int, end: int) -> str:
    """The text of a range with the place marked and the note markers put back as superscripts."""
    first, last = max(opening.start, start), min(opening.end, end)
    markers = opening.document.markers_in(start, end)
    if first >= last:
        return _voiced(opening, start, end, markers)
    # The first part of the place takes the id; a place that runs over several blocks has it once.
    identity = ' id="px-here" tabindex="-1"' if first == max(opening.start, opening.window.start) else ""
    return (
        f"{_voiced(opening, start, first, [m for m in markers if m.position <= first])}"
        f"<mark{identity}>"
        f"{_voiced(opening, first, last, [m for m in markers if first < m.position < last])}</mark>"
        f"{_voiced(opening, last, end, [m for m in markers if m.position >= last])}"
    )


def _voiced(opening: Opening, start: int, end: int, markers: Sequence[Marker]) -> str:
    """A range with what others speak in it underlined; the speaker stands behind it and its mark, outside the text."""
    parts, at = [], start
    for voice in opening.voices:
        first, last = max(voice.start, at), min(voice.end, end)
        if last <= first:
            continue  # elsewhere, or inside the one before
        who = escape(speaker_of(voice))
        closed = last + (opening.document.text[last:end][:1] in _CLOSING_MARKS)
        parts += [
            _segment(opening.document, at, first, [m for m in markers if at <= m.position <= first]),
            f'<span class="px-voice" title="Quoted: {who}">',
            f"{_segment(opening.document, first, last, [m for m in markers if first < m.position < last])}</span>",
            _segment(opening.document, last, closed, [m for m in markers if last <= m.position < closed]),
            ""
            if voice.label is not None or voice.end > end
            else f'<span class="px-speaker" data-speaker="{who}"></span>',
        ]
        at = closed
    rest = [marker for marker in markers if marker.position >= at]
    return "".join((*parts, _segment(opening.document, at, end, rest)))


def _segment(document: Document, start: int, end: int, markers: Iterable[Marker]) -> str:
    parts, at = [], start
    for marker in markers:
        parts += [escape(document.text[at : marker.position]), _reference(document, marker)]
        at = marker.position
    return "".join((*parts, escape(document.text[at:end])))


def _reference(document: Document, marker: Marker) -> str:
    if marker.note is None:
        return f'<sup class="px-marker" title="The source has no text for this note">{marker.number}</sup>'
    target = block_id(document.blocks[marker.note].start)
    return (
        f'<sup class="px-marker"><a role="doc-noteref" href="#{target}" id="px-marker-{marker.position}" '
        f'aria-label="Note {marker.number}">{marker.number}</a></sup>'
    )


def _references(opening: Opening, shown: range) -> References:
    """The notes that the pane refers to: from the window, or from a note that is shown under it."""
    document, found = opening.document, References()
    ranges = [(opening.window.start, opening.window.end)]
    while ranges:
        for marker in document.markers_in(*ranges.pop(0)):
            if marker.note is None or marker.note in found:
                continue
            found[marker.note] = marker
            if marker.note not in shown:
                ranges.append(_excerpt(document.blocks[marker.note]))
    return found


def _excerpt(note: Block) -> tuple[int, int]:
    return note.start, min(note.end, note.start + SPAN)


def _notes(opening: Opening, shown: range, references: References) -> str:
    """The notes that are referred to and stand outside the window, under the text."""
    texts = []
    for index in sorted(note for note in references if note not in shown):
        block = opening.document.blocks[index]
        start, end = _excerpt(block)
        words = _words(opening, start, end) + (CUT if end < block.end else "")
        texts.append(_note(opening.document, index, words, references))
    if not texts:
        return ""
    return (
        '<section class="px-notes" aria-label="Notes to these paragraphs">'
        f'<h3 class="px-small">Notes</h3>{"".join(texts)}</section>'
    )


def _note(document: Document, index: int, words: str, references: References) -> str:
    """A note with its number, which leads back to its marker where the pane shows that."""
    block = document.blocks[index]
    number = "*" if block.number is None else str(block.number)
    marker = references.get(index)
    if marker is not None:
        number = (
            f'<a role="doc-backlink" href="#px-marker-{marker.position}" '
            f'aria-label="Note {number}, back to the text">{number}</a>'
        )
    return (
        f'<div class="px-footnote" role="note" id="{block_id(block.start)}" tabindex="-1">'
        f'<span class="px-number">{number}</span><p dir="auto">{words}</p></div>'
    )
