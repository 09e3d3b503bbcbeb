"""Citations: a range of a document with everything needed to find and check it again.

The quotation is cut out of the text here and nowhere else.
"""

from index.types import BlockKind, Document, Passage
from qa.types import Citation, Extract

CONTEXT = 32
"""Characters kept before and after a quotation, as in a W3C TextQuoteSelector."""
_NUMBERED = (BlockKind.PARAGRAPH, BlockKind.QUOTATION)


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """The range without white space at its ends."""
    start += len(text[start:end]) - len(text[start:end].lstrip())
    return start, start + len(text[start:end].rstrip())


def extract(document: Document, start: int, end: int) -> Extract:
    """A range, trimmed, with its words."""
    start, end = trimmed(document.text, start, end)
    return Extract(start, end, document.text[start:end])


def cite(document: Document, start: int, end: int, passage: Passage) -> Citation:
    """Cite a range that lies inside a passage; white space at its ends is left out."""
    quote = extract(document, start, end)
    block = document.blocks[document.block_at(quote.start)]
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
        page=first.page,
        lines=(first.line, last.line),
        passage=extract(document, passage.start, passage.end),
    )
