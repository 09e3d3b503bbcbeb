"""Turns values into escaped HTML for the conversation: the empty page, turns, cards, citations.

Pure functions from records to strings. Every word that comes from a document or a user passes through
`escape`. It asks nothing, keeps nothing and knows nothing of the page around it; the reading pane is
rendered in `ui.reading`.
"""

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from qa.types import Comparison, Perspective, Source
from ui.chat import Chat, Turn
from ui.finding import cards_of
from ui.quotation import at, folded, quotation
from ui.words import beside, byline, counted, number_word, own_words, seconds, sureness, tally, whereabouts

HUES = 6
"""How many colours the theme has for documents; the seventh document takes the first colour again."""

PROMISE = (
    "Ask your documents a question. Each one answers in its own words, side by side, and every line leads to its place."
)
EMPTY_LIBRARY = (
    '<p class="px-promise">This library holds no documents yet. Add some in <a href="#library">Library</a>.</p>'
)

Hues = Mapping[str, int]
"""The number of each document's colour, by its id."""


def hues(sources: Iterable[Source]) -> Hues:
    """One colour a document, by its position in the library, so that it is the same everywhere."""
    return {source.id: position % HUES for position, source in enumerate(sources)}


def conversation(chat: Chat, sources: Sequence[Source]) -> str:
    """The turns of a chat, the question that is being read, and why the last one was refused."""
    colours = hues(sources)
    parts = [turn(number, answered, colours) for number, answered in enumerate(chat.turns, 1)]
    if chat.pending is not None:
        parts.append(_pending(len(chat.turns) + 1, chat.pending, len(sources)))
    if chat.turns:
        parts.append(_SAVE)
    if chat.refusal is not None:
        parts.append(f'<p class="px-refusal" dir="auto">{escape(chat.refusal)}</p>')
    return (
        '<section class="px-conversation" aria-label="Conversation">'
        f'<p class="px-unseen" role="status">{escape(_status(chat, len(sources)))}</p>'
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
        f'<section class="px-turn" aria-labelledby="px-question-{number}">{_heading(number, question)}'
        f'<p class="px-meta">{escape(_reading(documents))}</p></section>'
    )


def welcome(sources: Sequence[Source], starters: Sequence[str] = ()) -> str:
    """The page before the first question: the promise, the documents and questions to start from."""
    if not sources:
        return f'<div class="px-welcome">{EMPTY_LIBRARY}</div>'
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
        f'<h2 class="px-small">{counted(len(sources), "document")}</h2><ul class="px-shelf">{shelf}</ul>'
        f"{begin if starters else ''}</div>"
    )


def turn(number: int, answered: Turn, colours: Hues) -> str:
    """One question, or quotation, with a card for each document."""
    if isinstance(answered, Comparison):
        follows = " and ".join(f"“{question}”" for question in answered.follows)
        meta = [f"Read together with {follows}"] if follows else []
        meta += [
            text for text in (beside(answered), own_words(answered), tally(answered), seconds(answered.seconds)) if text
        ]
        notice = f'<p class="px-notice" dir="auto">{escape(answered.notice)}</p>' if answered.notice else ""
        asked = answered.question
        others = len(colours) - 1
        cards = "".join(card(side, colours.get(side.source.id, 0), others) for side in answered.perspectives)
    else:
        meta, notice, asked = [whereabouts(answered), seconds(answered.seconds)], "", answered.quotation
        cards = cards_of(answered, colours)
    return (
        f'<section class="px-turn" aria-labelledby="px-question-{number}">'
        f"{_heading(number, asked, answered)}"
        f'<p class="px-meta"><bdi>{escape(" · ".join(meta))}</bdi></p>{notice}'
        f'<div class="px-columns">{cards}</div></section>'
    )


def _heading(number: int, question: str, answered: Turn | None = None) -> str:
    """The question; with it what a page that is loaded again must know to ask it anew."""
    kept = ""
    if isinstance(answered, Comparison) and answered.own:
        kept += ' data-own="true"'
    if isinstance(answered, Comparison) and answered.beside is not None:
        said = answered.beside
        kept += f" {at(said.document, said.sha256, said.start, said.end)}"
    return f'<h2 class="px-question" id="px-question-{number}" tabindex="-1" dir="auto"{kept}>{escape(question)}</h2>'


def card(perspective: Perspective, hue: int, others: int = 0) -> str:
    """What one document has to say: an answer with its further places, or silence. `others`: documents beside it."""
    label = escape(perspective.source.label)
    head = f'<h3 class="px-label"><bdi title="{escape(byline(perspective.source))}">{label}</bdi></h3>'
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
