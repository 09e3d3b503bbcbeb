"""Turns values into escaped HTML for the conversation: the empty page, turns, cards, citations.

Pure functions from records to strings. Every word that comes from a document or a user passes through
`escape`. It asks nothing, keeps nothing and knows nothing of the page around it; the reading pane is
rendered in `ui.reading`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape

from qa.types import Certainty, Citation, Comparison, Perspective, Source
from ui.chat import Chat

HUES = 6
"""How many colours the theme has for documents; the seventh document takes the first colour again."""

CONTEXT = 320
"""Characters of a passage shown on either side of a quotation; the reading pane shows the rest."""

SENTENCE_END = re.compile(r"[.!?]['\"’”»)\]]*\s+")
"""Where context is rather cut than inside a sentence. A wrong guess shows less context, nothing else."""

ELLIPSIS = '<span class="px-cut" aria-hidden="true">…</span>'

PROMISE = (
    "Ask your documents a question. Each one answers in its own words, side by side, and every line leads to its place."
)
EMPTY_LIBRARY = "This library holds no documents yet. Add one with"

Hues = Mapping[str, int]
"""The number of each document's colour, by its id."""


def hues(sources: Iterable[Source]) -> Hues:
    """One colour a document, by its position in the library, so that it is the same everywhere."""
    return {source.id: position % HUES for position, source in enumerate(sources)}


def conversation(chat: Chat, sources: Sequence[Source]) -> str:
    """The turns of a chat, the question that is being read, and why the last one was refused."""
    colours = hues(sources)
    parts = [turn(number, comparison, colours) for number, comparison in enumerate(chat.turns, 1)]
    if chat.pending is not None:
        parts.append(_pending(len(chat.turns) + 1, chat.pending, len(sources)))
    if chat.refusal is not None:
        parts.append(f'<p class="px-refusal" dir="auto">{escape(chat.refusal)}</p>')
    return (
        '<section class="px-conversation" aria-label="Conversation">'
        f'<p class="px-unseen" role="status">{escape(_status(chat, len(sources)))}</p>'
        f"{''.join(parts)}</section>"
    )


def _status(chat: Chat, documents: int) -> str:
    """What a screen reader is told after an event, in one sentence."""
    if chat.refusal is not None:
        return chat.refusal
    if chat.pending is not None:
        return _reading(documents)
    return f"{tally(chat.turns[-1])}." if chat.turns else ""


def _reading(documents: int) -> str:
    return f"Reading {_count(documents, 'document')}…"


def _pending(number: int, question: str, documents: int) -> str:
    # The same elements as a finished turn, so that the page keeps them when the answer comes.
    return (
        f'<section class="px-turn" aria-labelledby="px-question-{number}">{_heading(number, question)}'
        f'<p class="px-meta">{escape(_reading(documents))}</p></section>'
    )


def welcome(sources: Sequence[Source], starters: Sequence[str] = ()) -> str:
    """The page before the first question: the promise, the documents and questions to start from."""
    if not sources:
        return (
            f'<div class="px-welcome"><p class="px-promise">{EMPTY_LIBRARY} '
            "<code>parallax add FILE</code>, then open this page again.</p></div>"
        )
    colours = hues(sources)
    shelf = "".join(
        f'<li class="px-hue-{colours[source.id]}"><bdi class="px-label">{escape(source.label)}</bdi>'
        f'<span class="px-byline" dir="auto">{escape(byline(source))}</span></li>'
        for source in sources
    )
    questions = "".join(
        f'<li><button type="button" class="px-starter" dir="auto" data-question="{escape(starter)}">'
        f"{escape(starter)}</button></li>"
        for starter in starters
    )
    begin = f'<h2 class="px-small">To begin with</h2><ul class="px-starters">{questions}</ul>'
    return (
        f'<div class="px-welcome"><p class="px-promise">{PROMISE}</p>'
        f'<h2 class="px-small">{_count(len(sources), "document")}</h2><ul class="px-shelf">{shelf}</ul>'
        f"{begin if starters else ''}</div>"
    )


def byline(source: Source) -> str:
    """Title, author and year as far as they are known, and how long the text is."""
    details = [source.title if source.title != source.label else None, source.author]
    details += [str(source.year) if source.year is not None else None, _count(source.words, "word")]
    return " · ".join(detail for detail in details if detail)


def turn(number: int, comparison: Comparison, colours: Hues) -> str:
    """One question with a card for each document."""
    follows = " and ".join(f"“{question}”" for question in comparison.follows)
    meta = [f"Read together with {follows}"] if follows else []
    meta += [tally(comparison), _seconds(comparison.seconds)]
    cards = "".join(card(perspective, colours.get(perspective.source.id, 0)) for perspective in comparison.perspectives)
    return (
        f'<section class="px-turn" aria-labelledby="px-question-{number}">'
        f"{_heading(number, comparison.question)}"
        f'<p class="px-meta"><bdi>{escape(" · ".join(meta))}</bdi></p>'
        f'<div class="px-columns">{cards}</div></section>'
    )


def _heading(number: int, question: str) -> str:
    return f'<h2 class="px-question" id="px-question-{number}" tabindex="-1" dir="auto">{escape(question)}</h2>'


def tally(comparison: Comparison) -> str:
    """How many documents answer and how many are silent, in words."""
    total = len(comparison.perspectives)
    answering = sum(perspective.answer is not None for perspective in comparison.perspectives)
    if answering == total:
        return {1: "The document answers", 2: "Both documents answer"}.get(total, f"All {total} documents answer")
    if answering == 0:
        return {1: "The document is silent", 2: "Both documents are silent"}.get(
            total, f"All {total} documents are silent"
        )
    answer = f"{_number(answering)} {'answers' if answering == 1 else 'answer'}"
    silent = f"{_number(total - answering)} {'is' if total - answering == 1 else 'are'} silent"
    return f"{answer}, {silent}".capitalize()


def _number(count: int) -> str:
    words = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    return words[count] if count < len(words) else f"{count:,}"


def _count(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _seconds(seconds: float) -> str:
    return "under 0.1 s" if seconds < 0.1 else f"{seconds:.1f} s"


def card(perspective: Perspective, hue: int) -> str:
    """What one document has to say: an answer with its further places, or silence."""
    label = escape(perspective.source.label)
    head = f'<h3 class="px-label"><bdi title="{escape(byline(perspective.source))}">{label}</bdi></h3>'
    answer = perspective.answer
    if answer is None:
        nearest = "".join(quotation(near, perspective.source.label, marked=False) for near in perspective.nearest)
        body = '<p class="px-silent">Nothing in this text answers that.</p>' + _folded("The nearest passages", nearest)
    else:
        first, *further = answer.citations
        more = "".join(quotation(place, perspective.source.label) for place in further)
        places = f"{_number(len(further)).capitalize()} more {'place' if len(further) == 1 else 'places'}"
        body = (
            f'<p class="px-sure">{escape(sureness(answer.certainty))}</p>'
            f"{quotation(first, perspective.source.label)}{_folded(f'{places} in this text', more)}"
        )
    return f'<article class="px-card px-hue-{hue}" aria-label="{label}">{head}{body}</article>'


def _folded(summary: str, content: str) -> str:
    return f'<details class="px-more"><summary>{summary}</summary>{content}</details>' if content else ""


def sureness(certainty: Certainty) -> str:
    """How sure, in words, with what that meant where it was measured."""
    if certainty.right_of_ten is None:
        return certainty.word
    times = "once" if certainty.right_of_ten == 1 else f"{certainty.right_of_ten} times"
    return f"{certainty.word}: answers like this were right {times} in 10"


def quotation(citation: Citation, label: str, marked: bool = True) -> str:
    """A quotation inside its passage, its place in words, and the way to it."""
    passage = citation.passage
    before = passage.text[: citation.start - passage.start]
    after = passage.text[citation.end - passage.start :]
    tag = "mark" if marked else "span"
    spot = place(citation)
    return (
        f'<figure class="px-quotation"><blockquote class="px-quote" dir="auto">{_lead(before)}'
        f"<{tag}>{escape(citation.quote)}</{tag}>{_tail(after)}</blockquote>"
        f'<figcaption class="px-place"><bdi title="{escape(provenance(citation))}">{escape(spot)}</bdi>'
        f'<button type="button" class="px-open" data-document="{escape(citation.document)}" '
        f'data-start="{citation.start}" data-end="{citation.end}" '
        f'aria-label="{escape(f"Open {label} at {spot}")}">Open</button></figcaption></figure>'
    )


def _lead(before: str) -> str:
    kept = before
    if len(before) > CONTEXT:
        kept = before[-CONTEXT:]
        ends = list(SENTENCE_END.finditer(kept))
        kept = kept[ends[0].end() :] if ends else kept.partition(" ")[2]
    cut = ELLIPSIS if len(kept) < len(before) else ""
    return f'<span class="px-context">{cut}{escape(kept)}</span>' if before.strip() else ""


def _tail(after: str) -> str:
    after = after.rstrip()
    kept = after
    if len(after) > CONTEXT:
        kept = after[:CONTEXT]
        ends = list(SENTENCE_END.finditer(kept))
        kept = kept[: ends[-1].end()].rstrip() if ends else kept.rpartition(" ")[0]
    cut = ELLIPSIS if len(kept) < len(after) else ""
    return f'<span class="px-context">{escape(kept)}{cut}</span>' if after else ""


def place(citation: Citation) -> str:
    """Where a quotation stands, in words; its lines in the file where nothing else is known."""
    parts = [citation.section[-1]] if citation.section else []
    if citation.paragraph is not None:
        parts.append(f"¶ {citation.paragraph}")
    if citation.note is not None:
        parts.append(f"note {citation.note}")
    if citation.page is not None:
        parts.append(f"p. {citation.page}")
    return ", ".join(parts) if parts else _lines(citation).lower()


def provenance(citation: Citation) -> str:
    """The whole outline path of a quotation and its lines in the source file."""
    return " › ".join((*citation.section, _lines(citation)))


def _lines(citation: Citation) -> str:
    first, last = citation.lines
    return f"Line {first}" if first == last else f"Lines {first}–{last}"
