"""What each event of the page does: plain functions from a session and values to values.

They ask the session and hand its records to the renderers. They know nothing of components; whatever a
browser sends is checked here before it reaches the session.
"""

import base64
import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from html import escape
from typing import Any

from index.types import Document, ParallaxError
from qa.session import Session
from qa.types import Citation
from ui import export, printed, reading, render, window
from ui.chat import ALL, Chat, Choice, Turn
from ui.margin import notes
from ui.places import checked, within
from ui.styles import in_every_style

logger = logging.getLogger(__name__)

FAILED = "Something went wrong on this machine; the terminal that serves the page says what."
"""What a visitor is told of an error that is a fault of ours, not one that a sentence was written for."""

HITS = 50
"""So many places are marked on the strip at most."""

_QUOTED = re.compile(r"""\s*(?:"[^"]+"|“[^”]+”|„[^“”]+[“”]|«[^»]+»|‘[^‘]+’)\s*""")

Record = dict[str, Any]
"""What goes over the wire as JSON."""

Screen = tuple[Chat, str, str | None]
"""The chat, the conversation as HTML, and what stands in the question box; None: what is being typed stays there."""


def greet(session: Session) -> Iterator[str]:
    """The page before the first question: the documents at once, then the starter questions.

    Starters are asked before they are offered, which takes a moment in a large library.
    """
    sources = session.documents()
    yield render.welcome(sources)
    yield render.welcome(sources, session.starters())


def forget() -> Screen:
    """A new chat: nothing asked, the question box empty."""
    return Chat(), render.conversation(Chat(), ()), ""


def ask(session: Session, question: str, chat: Chat, own: bool = False, choice: Choice = ALL) -> Iterator[Screen]:
    """First the question with a word that it is being read, then the same turn with its answers.

    With `own`, only the authors' own words answer. `choice`: which documents are asked, and which shown first. What
    stands between quotation marks as a whole is looked up rather than asked. A question that the session refuses goes
    back into the box, beside the sentence that says why.
    """
    sources = session.documents()
    if question.strip():
        pending = chat.asking(question)
        yield pending, render.conversation(pending, sources, choice), ""
    elif chat.refusal is not None:
        # The same sentence twice would be no change to the page, which would not bring it into view again.
        kept = Chat(chat.turns)
        yield kept, render.conversation(kept, sources, choice), question
    try:
        documents = choice.among(sources)
        if _QUOTED.fullmatch(question):
            turn: Turn = session.find(question, documents)
        else:
            turn = session.ask(question, documents, chat.history, own=own, pinned=choice.pinned)
    except Exception as error:  # whatever it was, the turn must not stay "being read"
        refused = chat.refused(sentence(error))
        yield refused, render.conversation(refused, sources, choice), question
        return
    answered = chat.answered(turn)
    yield answered, render.conversation(answered, sources, choice), None


def beside(session: Session, place: Record, chat: Chat, own: bool = False, choice: Choice = ALL) -> Iterator[Screen]:
    """What the other documents say to the words at a place; first those words with a word that they are being read."""
    sources = session.documents()
    try:
        document, start, end = _place(session, place)
        pending = chat.asking(document.text[start:end])
        yield pending, render.conversation(pending, sources, choice), None
        answered = chat.answered(session.beside(document.id, start, end, own=own))
    except Exception as error:
        answered = chat.refused(sentence(error))
    yield answered, render.conversation(answered, sources, choice), None


def choose(session: Session, told: object, chat: Chat) -> tuple[Choice, str]:
    """The choice that the page tells, and the conversation with what is pinned first in every answer."""
    choice = Choice.read(told)
    return choice, render.conversation(chat, session.documents(), choice)


def save(session: Session, chat: Chat, ending: object, visit: object = 0, choice: Choice = ALL) -> str:
    """The chat as a file to be kept, in a link that the page's script follows; a sentence where there is none.

    What is pinned stands first in it, as in the page.
    `visit`: number of the click, since saving the same chat again must still be a change on the page.
    """
    try:
        if str(ending) not in export.FORMATS or not chat.turns:
            raise ParallaxError(
                "There is nothing to save; ask a question first, or load the page again to have its chat back."
            )
        told = export.FORMATS[str(ending)](chat.turns, session.documents(), choice.pinned)
    except Exception as error:
        return f'<p role="alert">{escape(sentence(error))}</p>'
    kept = base64.b64encode(told.encode()).decode()
    link = f'href="data:application/octet-stream;base64,{kept}" data-visit="{escape(str(visit))}"'
    return f'<a class="px-saved" download="parallax.{ending}" {link}>Saved</a>'


def resume(session: Session, questions: object, choice: object = None) -> tuple[Chat, str]:
    """The chat of a page that was loaded again, from the questions and the pins that its browser remembers.

    They are asked anew, each of the documents that it was put to, in the library as it is now; one that is refused ends
    the chat with its sentence.
    """
    chat, html, pinned = Chat(), "", Choice.read(choice).pinned
    for asked in questions if isinstance(questions, list) else []:
        kept = asked if isinstance(asked, dict) else {"question": asked}
        own = bool(kept.get("own"))
        asked_in = replace(Choice.read({"documents": kept.get("in")}), pinned=pinned)
        if isinstance(kept.get("beside"), dict):
            *_, (chat, html, _) = beside(session, kept["beside"], chat, own, asked_in)
        else:
            *_, (chat, html, _) = ask(session, str(kept.get("question", "")), chat, own, asked_in)
        if chat.refusal is not None:
            break
    return chat, html or render.conversation(chat, ())


def sentence(error: Exception) -> str:
    """What a visitor is told of an error; one that is not meant for visitors goes to the log."""
    if isinstance(error, ParallaxError):
        return str(error).encode(errors="backslashreplace").decode()  # half a surrogate pair could not be sent
    logger.error("An event of the page failed.", exc_info=error)
    return FAILED


def open_place(session: Session, place: Record) -> str:
    """The reading pane at a place, or grown by a step; a sentence in the pane when it cannot be opened.

    `place` is what the page's own buttons send: `document`, `sha256`, `start`, `end`, and for a step
    `direction` with the window so far as `from` and `to`, `quiet` where nobody pressed a button; or `at`, a place on
    the strip, which opens its block. `hits`: the ranges of this document that answer the last question.
    """
    try:
        opening = _opening(session, place)
        document, around, sources = opening.document, opening.window, session.documents()
        hues, source = render.hues(sources), next(source for source in sources if source.id == document.id)
        words = document.text[opening.start : opening.end].strip()
        opening = replace(
            opening,
            hits=_hits(session, document, place),
            citations=in_every_style(session.cite(document.id, opening.start, opening.end), source) if words else (),
            beside=notes(session.counterparts(document.id, around.start, around.end), sources, hues),
            printed=session.has_pages(document.id),
        )
    except Exception as error:
        return reading.refusal(sentence(error))
    return reading.pane(opening, hues[document.id])


def printed_pages(session: Session, place: Record) -> str:
    """The pages of a PDF on which a place stands, drawn; a sentence where they cannot be."""
    try:
        document, start, end = _place(session, place)
        drawn = session.pictures(document.id, start, end)
    except Exception as error:
        return printed.refusal(sentence(error))
    return printed.sheets(drawn, document.label, document.text[start:end])


def _opening(session: Session, place: Record) -> window.Opening:
    if isinstance(place.get("at"), int):
        place = place | _block_at(session, place)
    document, start, end = _place(session, place)
    direction = place.get("direction")
    if direction in ("earlier", "later"):
        shown = window.Window(*within(document, place.get("from"), place.get("to")))
        larger, focus = window.grown(document, shown, direction)
        focus = "" if place.get("quiet") else focus  # who only read on stays where he is
        return window.Opening(document, start, end, larger, focus, session.voices(document.id))
    around = window.window_around(document, start, end)
    return window.Opening(document, start, end, around, voices=session.voices(document.id))


def _hits(session: Session, document: Document, place: Record) -> tuple[Citation, ...]:
    """The places that the page says it marked."""
    marked = place.get("hits")
    ranges = [pair for pair in marked if isinstance(pair, list) and len(pair) == 2] if isinstance(marked, list) else []
    return tuple(session.cite(document.id, *within(document, *pair)) for pair in ranges[:HITS])


def _block_at(session: Session, place: Record) -> Record:
    """The range of the block in which a place lies."""
    document, at, _ = _place(session, place | {"start": place["at"], "end": place["at"] + 1})
    block = document.blocks[document.block_at(at)]
    return {"start": block.start, "end": block.end}


def _place(session: Session, place: Record) -> tuple[Document, int, int]:
    return checked(session, *(place.get(name) for name in ("document", "start", "end", "sha256")))
