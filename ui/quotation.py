"""Turns a citation into escaped HTML: the quotation inside its passage, its place in words, and the way to it."""

import re
from html import escape

from qa.types import Citation, Source
from ui.styles import chicago
from ui.words import is_quoted, place, provenance, speaks

CONTEXT = 320
"""Characters shown on either side of a quotation at most; the reading pane shows the rest."""
LEAD = 160
"""So many of a passage before it: more would push it out of sight where a card is narrow."""
SENTENCE_END = re.compile(r"(?:[!?]|(?<!\b[A-Z])(?<!\b[A-Z][a-z])(?<!\b[A-Z][a-z]{2})\.)['\"’”»)\]]*\s+")
"""Where context is rather cut than inside a sentence, nor behind J., Mr. or Rev.; a wrong guess shows less of it."""
ELLIPSIS = '<span class="px-cut" aria-hidden="true">…</span>'


def quotation(citation: Citation, source: Source, marked: bool = True, others: int = 0) -> str:
    """A quotation inside its passage, its place in words, and the way to it; `others`: documents to put it to."""
    passage = citation.passage
    before = _under_headings(passage.text[: citation.start - passage.start], citation.section)
    after = passage.text[citation.end - passage.start :]
    tag = "mark" if marked else "span"
    words = f"</{tag}>\n\n<{tag}>".join(map(escape, citation.quote.split("\n\n")))  # no mark on the empty line
    return framed(citation, source, f"{lead(before, LEAD)}<{tag}>{words}</{tag}>{tail(after)}", others)


def framed(citation: Citation, source: Source, words: str, others: int = 0) -> str:
    """The words of a citation, escaped, with who speaks, their place and the way to it."""
    spot = place(citation)
    kind = "px-speaks px-spoken" if is_quoted(citation) else "px-speaks"
    return (
        f'<figure class="px-quotation"><p class="{kind}" dir="auto">{escape(speaks(citation))}</p>'
        f'<blockquote class="px-quote" dir="auto">{words}</blockquote>'
        f'<figcaption class="px-place"><bdi title="{escape(provenance(citation))}">{escape(spot)}</bdi>'
        f'<span class="px-acts">{_beside(citation, others)}'
        f'<button type="button" class="px-copy" data-copy="{escape(chicago(citation, source))}" '
        f'aria-label="{escape(f"Copy the citation of {source.label} at {spot}")}">Copy</button>'
        f"{way(citation, source)}</span></figcaption></figure>"
    )


def way(citation: Citation, source: Source) -> str:
    """What opens the text at a citation."""
    return (
        f'<button type="button" class="px-open" {_place(citation)} '
        f'aria-label="{escape(f"Open {source.label} at {place(citation)}")}">Open</button>'
    )


def at(document: str, sha256: str, start: int, end: int) -> str:
    """A place as attributes that the page's scripts read."""
    return f'data-document="{escape(document)}" data-sha256="{sha256}" data-start="{start}" data-end="{end}"'


def _under_headings(before: str, section: tuple[str, ...]) -> str:
    """What stands before a quotation without the headings at its beginning, which its place names."""
    while True:
        first, gap, rest = before.partition("\n\n")
        if not gap or " ".join(first.split()) not in section:
            return before
        before = rest


def _place(citation: Citation) -> str:
    return at(citation.document, citation.sha256, citation.start, citation.end)


def _beside(citation: Citation, others: int) -> str:
    if not others:
        return ""
    words = "What does the other say?" if others == 1 else "What do the others say?"
    return f'<button type="button" class="px-beside" {_place(citation)}>{words}</button>'


def lead(before: str, room: int = CONTEXT) -> str:
    """What stands before a quotation, its end where it is longer than there is room."""
    kept = before
    if len(before) > room:
        kept = before[-room:]
        ends = [end for match in SENTENCE_END.finditer(kept) if (end := match.end()) < len(kept)]
        kept = kept[ends[0] :] if ends else kept.partition(" ")[2]
    cut = ELLIPSIS if len(kept) < len(before) else ""
    return f'<span class="px-context">{cut}{escape(kept)}</span>' if before.strip() else ""


def tail(after: str) -> str:
    """What stands after a quotation, its beginning where it is long."""
    after = after.rstrip()
    kept = after
    if len(after) > CONTEXT:
        kept = after[:CONTEXT]
        ends = list(SENTENCE_END.finditer(kept))
        kept = kept[: ends[-1].end()].rstrip() if ends else kept.rpartition(" ")[0]
    cut = ELLIPSIS if len(kept) < len(after) else ""
    return f'<span class="px-context">{escape(kept)}{cut}</span>' if after else ""


def folded(summary: str, content: str, kind: str = "px-more") -> str:
    """What is shown when it is asked for; nothing where there is no content."""
    return f'<details class="{kind}"><summary>{summary}</summary>{content}</details>' if content else ""
