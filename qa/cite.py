"""Citations: a range of a document with everything needed to find and check it again.

The quotation is cut out of the text here and nowhere else.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence

from index.types import BlockKind, Document, Passage
from qa.types import Citation, Extract, Voice

CONTEXT = 32
"""Characters kept before and after a quotation, as in a W3C TextQuoteSelector."""
_ASIDE = re.compile(r"[\[(][^\])]*[\])]")
"""What somebody does while he speaks."""
_LETTER = re.compile(r"[^\W\d_]")
_NUMBERED = (BlockKind.PARAGRAPH, BlockKind.QUOTATION)


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """The range without white space at its ends."""
    start += len(text[start:end]) - len(text[start:end].lstrip())
    return start, start + len(text[start:end].rstrip())


def extract(document: Document, start: int, end: int) -> Extract:
    """A range, trimmed, with its words."""
    start, end = trimmed(document.text, start, end)
    return Extract(start, end, document.text[start:end])


def quoted_share(voices: Sequence[Voice], start: int, end: int) -> float:
    """How much of a range others speak, between 0 and 1. `voices`: by their starts."""
    covered, reached = 0, start
    for voice in voices:
        first, last = max(voice.start, reached), min(voice.end, end)
        if first < last:
            covered, reached = covered + last - first, last
    return covered / (end - start) if end > start else 0.0


def share_of_others(text: str, voices: Sequence[Voice], start: int, end: int) -> float:
    """The same; all of it where only the label of a turn is not theirs, such as "Thrale (aside):"."""
    heard = heard_in(voices, start, end)
    labels = [voice.label for voice in heard if voice.label is not None and voice.label[1] > start]
    rest, reached = "", start
    for first, last in sorted([*labels, *((voice.start, voice.end) for voice in heard)]):
        rest, reached = rest + text[reached:first], max(last, reached)
    rest = _ASIDE.sub("", rest + text[reached:end])
    return 1.0 if labels and not _LETTER.search(rest) else quoted_share(heard, start, end)


def heard_in(voices: Sequence[Voice], start: int, end: int) -> tuple[Voice, ...]:
    """The voices of which some words lie in a range."""
    return tuple(voice for voice in voices if voice.start < end and start < voice.end)


def around(passages: Sequence[Passage], start: int, end: int) -> Passage:
    """The passages that hold a range, as one. They tile the text, so every range has some."""
    first, last = (bisect_right(passages, at, key=lambda passage: passage.end) for at in (start, end - 1))
    return Passage(passages[first].start, passages[last].end, ())


def cite(document: Document, start: int, end: int, passage: Passage, voices: Sequence[Voice] = ()) -> Citation:
    """Cite a range that lies inside a passage; white space at its ends is left out. `voices`: the document's."""
    quote = extract(document, start, end)
    block = document.blocks[document.block_at(quote.start)]
    heard = heard_in(voices, quote.start, quote.end)
    first, last = document.line_at(quote.start), document.line_at(max(quote.end - 1, quote.start))
    return Citation(
        document=document.id,
        sha256=document.sha256,
        start=quote.start,
        end=quote.end,
        quote=quote.text,
        prefix=document.text[max(quote.start - CONTEXT, 0) : quote.start],
        suffix=document.text[quote.end : quote.end + CONTEXT],
        section=tuple(document.text[h.start : h.end] for h in document.headings_at(quote.start)),
        paragraph=block.number if block.kind in _NUMBERED else None,
        note=block.number if block.kind is BlockKind.FOOTNOTE else None,
        page=first.page if first is not None else None,
        lines=(first.line, last.line) if first is not None and last is not None and last.line else None,
        passage=extract(document, passage.start, passage.end),
        voices=heard,
        quoted=round(share_of_others(document.text, heard, quote.start, quote.end), 3),
    )
