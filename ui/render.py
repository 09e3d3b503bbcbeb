"""Turns values into escaped HTML for the conversation: the empty page, turns, cards, citations.

Pure functions from records to strings. Every word that comes from a document or a user passes through
`escape`. It asks nothing, keeps nothing and knows nothing of the page around it; the reading pane is
rendered in `ui.reading`.
"""

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from index.types import Colour
from qa.types import Comparison, Perspective, Source
from ui.chat import ALL, Chat, Choice, Turn, asked_of
from ui.columns import COLUMNS, columns
from ui.finding import cards_of
from ui.quotation import at, folded, quotation, way
from ui.words import beside, byline, counted, number_word, own_words, seconds, sureness, tally, whereabouts

HUES = len(Colour)
"""How many colours the theme has for documents, as `Colour` lists them; the seventh document takes the first again."""

LISTED = 8
"""More documents than these are folded on the empty page."""

PROMISE = (
    "Ask your documents a question. Each one answers in its own words, side by side, and every line leads to its place."
)
EMPTY_LIBRARY = (
    '<p class="px-promise">This library holds no documents yet. Add some in <a href="#library">Library</a>.</p>'
)

Hues = Mapping[str, int]
"""The number of each document's colour, by its id."""


def hues(sources: Iterable[Source]) -> Hues:
    """One colour a document, its own or by its position in the library, so that it is the same everywhere."""
    return {
        source.id: position % HUES if source.colour is None else list(Colour).index(source.colour)
        for position, source in enumerate(sources)
    }


def conversation(chat: Chat, sources: Sequence[Source], choice: Choice = ALL) -> str:
    """The turns of a chat, the question that is being read, and why the last one was refused."""
    colours, asked = hues(sources), len(choice.among(sources) or sources)
    parts = [turn(number, answered, colours, choice.pinned) for number, answered in enumerate(chat.turns, 1)]
    if chat.pending is not None:
        parts.append(_pending(len(chat.turns) + 1, chat.pending, asked))
    if chat.turns:
        parts.append(_SAVE)
    if chat.refusal is not None:
        parts.append(f'<p class="px-refusal" dir="auto">{escape(chat.refusal)}</p>')
    return (
        '<section class="px-conversation" aria-label="Conversation">'
        f'<p class="px-unseen" role="status">{escape(_status(chat, asked))}</p>'
        f"{''.join(parts)}</section>"
    )


_SAVE = (
    '<p class="px-save">Save this chat as '
    + " ".join(
        f'<button type="button" class="px-keep" data-ending="{ending}">{name}</button>'
        for ending, name in (("html", "HTML"), ("md", "Markdown"), ("json", "JSON"))
    )
    + "</p>"
)


def _status(chat: Chat, documents: int) -> str:
    """What a screen reader is told after an event, in one sentence."""
    if chat.refusal is not None:
        return chat.refusal
    if chat.pending is not None:
        return _reading(documents)
    return _outcome(chat.turns[-1]) if chat.turns else ""


def _outcome(answered: Turn) -> str:
    return f"{tally(answered) if isinstance(answered, Comparison) else whereabouts(answered)}."


def _reading(documents: int) -> str:
    return f"Reading {counted(documents, 'document')}…"


def _pending(number: int, question: str, documents: int) -> str:
    # The same elements as a finished turn, so that the page keeps them when the answer comes.
    return (
        f'<section class="px-turn" aria-busy="true" aria-labelledby="px-question-{number}">{_heading(number, question)}'
        f'<p class="px-meta">{escape(_reading(documents))}</p></section>'
    )


def welcome(sources: Sequence[Source], starters: Sequence[str] = ()) -> str:
    """The page before the first question: the promise, the documents and questions to start from."""
    if not sources:
        return f'<div class="px-welcome">{EMPTY_LIBRARY}</div>'
    colours = hues(sources)
    count = counted(len(sources), "document")
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
        f"{_shelf(count, shelf) if len(sources) <= LISTED else folded(count, _list(shelf))}"
        f"{begin if starters else ''}</div>"
    )


def _shelf(count: str, items: str) -> str:
    return f'<h2 class="px-small">{count}</h2>{_list(items)}'


def _list(items: str) -> str:
    return f'<ul class="px-shelf">{items}</ul>'


def turn(number: int, answered: Turn, colours: Hues, pinned: Sequence[str] = ()) -> str:
    """One question, or quotation, with a card for each document that is shown."""
    if isinstance(answered, Comparison):
        follows = " and ".join(f"“{question}”" for question in answered.follows)
        meta = [f"Read together with {follows}"] if follows else []
        meta += [
            text for text in (beside(answered), own_words(answered), tally(answered), seconds(answered.seconds)) if text
        ]
        notice = f'<p class="px-notice" dir="auto">{escape(answered.notice)}</p>' if answered.notice else ""
        asked = answered.question
        parted, others = columns(answered, pinned), len(colours) - 1
        pins = pinned if len(answered.perspectives) > COLUMNS else None
        cards = "".join(card(side, colours.get(side.source.id, 0), others, pins) for side in parted.shown)
        left = _left_out(parted.answering, colours)
        switch = _switch([side.source for side in parted.shown], colours)
    else:
        meta, notice, asked = [whereabouts(answered), seconds(answered.seconds)], "", answered.quotation
        cards, left, switch = cards_of(answered, colours), "", ""
    return (
        f'<section class="px-turn" aria-labelledby="px-question-{number}">'
        f"{_heading(number, asked, answered, len(colours))}"
        f'<p class="px-meta"><bdi>{escape(" · ".join(meta))}</bdi></p>{notice}'
        f'{switch}<div class="px-columns">{cards}</div>{left}</section>'
    )


def _switch(sources: Sequence[Source], colours: Hues) -> str:
    """The way from card to card, for screens on which they stand one below the other."""
    if len(sources) < 2:
        return ""
    links = "".join(
        f'<button type="button" class="px-jump px-hue-{colours.get(source.id, 0)}"><bdi>{escape(source.label)}</bdi>'
        "</button>"
        for source in sources
    )
    return f'<nav class="px-switch" aria-label="Documents of this answer">{links}</nav>'


def _left_out(sides: Sequence[Perspective], colours: Hues) -> str:
    """The documents that answer and are not shown, in a fold: how sure each is, the way to its place, and its pin."""
    items = "".join(
        f'<li class="px-hue-{colours.get(side.source.id, 0)}"><span><bdi class="px-label">{escape(side.source.label)}'
        f'</bdi> <span class="px-byline">{escape(side.answer.certainty.word)}</span></span>'
        f'<span class="px-acts">{way(side.answer.citations[0], side.source)}{_pin(side.source, ())}</span></li>'
        for side in sides
        if side.answer is not None
    )
    answering = "document answers" if len(sides) == 1 else "documents answer"
    summary = f"{number_word(len(sides)).capitalize()} more {answering}"
    return folded(summary, f"<ul>{items}</ul>", "px-more px-others") if items else ""


def _pin(source: Source, pinned: Sequence[str]) -> str:
    held = source.id in pinned
    return (
        f'<button type="button" class="px-pin" aria-pressed="{str(held).lower()}" data-document="{escape(source.id)}" '
        f'aria-label="{escape(f"Pin {source.label}")}">{"Pinned" if held else "Pin"}</button>'
    )


def _heading(number: int, question: str, answered: Turn | None = None, documents: int = 0) -> str:
    """The question; with it what a page that is loaded again must know to ask it anew, in a library of so many."""
    kept = ""
    if answered is not None and len(asked := asked_of(answered)) < documents:
        kept += f' data-in="{escape(" ".join(asked))}"'
    if isinstance(answered, Comparison) and answered.own:
        kept += ' data-own="true"'
    if isinstance(answered, Comparison) and answered.beside is not None:
        said = answered.beside
        kept += f" {at(said.document, said.sha256, said.start, said.end)}"
    return f'<h2 class="px-question" id="px-question-{number}" tabindex="-1" dir="auto"{kept}>{escape(question)}</h2>'


def card(perspective: Perspective, hue: int, others: int = 0, pinned: Sequence[str] | None = None) -> str:
    """What one document has to say: an answer with its further places, or silence.

    `others`: documents beside it. `pinned`: the ids of those that are pinned; None where nothing needs a pin.
    """
    label = escape(perspective.source.label)
    pin = "" if pinned is None else _pin(perspective.source, pinned)
    head = f'{pin}<h3 class="px-label"><bdi title="{escape(byline(perspective.source))}">{label}</bdi></h3>'
    if said := perspective.source.language_notice:
        head += f'<p class="px-notice" dir="auto">{escape(said)}</p>'
    answer = perspective.answer
    if answer is None:
        nearest = "".join(quotation(near, perspective.source, marked=False) for near in perspective.nearest)
        body = '<p class="px-silent">Nothing in this text answers that.</p>' + folded("The nearest passages", nearest)
    else:
        first, *further = answer.citations
        more = "".join(quotation(place, perspective.source) for place in further)
        places = f"{number_word(len(further)).capitalize()} more {'place' if len(further) == 1 else 'places'}"
        body = (
            f'<p class="px-sure">{escape(sureness(answer.certainty))}</p>'
            f"{quotation(first, perspective.source, others=others)}{folded(f'{places} in this text', more)}"
        )
    return f'<article class="px-card px-hue-{hue}" aria-label="{label}">{head}{body}</article>'
