"""What programs may call, with `gradio_client` or over HTTP: the same records that the command line prints as JSON."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any, TypeVar

import gradio as gr
from gradio.events import api

from index.types import ParallaxError
from qa.session import Session
from ui import handlers

Answer = TypeVar("Answer")

WORKERS = 4
"""So many events are handled at a time: a session may be shared between threads, a machine has few cores."""


def offer(session: Session) -> None:
    """Add the endpoints to the page that is being built."""

    def told(work: Callable[[], Answer]) -> Answer:
        try:
            return work()
        except ParallaxError as error:
            raise gr.Error(str(error), print_exception=False) from error

    def ask(question: str, history: list[str] = [], own: bool = False) -> dict[str, Any]:  # noqa: B006 (for its schema)
        """Ask every document; `history`: the earlier questions, oldest first; `own`: the authors' own words only."""
        return told(lambda: handlers.ask_record(session, question, history, own))

    def find(quotation: str) -> handlers.Record:
        """Find where a quotation stands, word for word, nearly so, or with omissions."""
        return told(lambda: handlers.find_record(session, quotation))

    def terms(term: str, first: int = 0, count: int = 25) -> handlers.Record:
        """How each document uses a word or a phrase; `first`, `count`: so many lines of each from this one on."""
        return told(lambda: asdict(session.terms(term, None, first, count)))

    def shared() -> list[handlers.Record]:
        """What two documents quote in common, or one from the other."""
        return told(lambda: [asdict(place) for place in session.shared()])

    def open(document: str, start: int, end: int, sha256: str | None = None) -> handlers.Record:
        """The blocks of a document around a place; with a citation's `sha256`, only if the text is still that one."""
        return told(lambda: handlers.open_record(session, document, start, end, sha256))

    def documents() -> list[handlers.Record]:
        """The documents of the library."""
        return handlers.document_records(session)

    for endpoint in (ask, find, terms, shared, open, documents):
        api(
            endpoint,
            api_name=endpoint.__name__,
            api_description=endpoint.__doc__,
            queue=True,
            concurrency_limit=WORKERS,
            concurrency_id="session",
        )
