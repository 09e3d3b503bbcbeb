"""The page: its views, and which event of theirs calls which handler.

What an event does stands in `ui.handlers` and `ui.views`, what is shown in the modules that render, the look in
`ui.theme` and `app.css`. It is served by `ui.web`.
"""

import os
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.utils import get_upload_folder

from qa.session import Session
from ui import handlers, views
from ui.chat import ALL, Chat, Choice
from ui.shelf import FORMATS, navigation

HERE = Path(__file__).parent
WORKERS = 4
"""So many events are handled at a time: a session may be shared between threads, a machine has few cores."""


SIGN_OUT = '<form method="post" action="sign-out"><button class="px-act" type="submit">Sign out</button></form>'
WAITING = 64
"""So many events wait at most; the next is told that too much is asked."""
OPEN = 200
"""Chats of so many pages are kept, a quarter of a megabyte each; for one more the page longest unused begins anew."""


def build(session: Session, editable: bool = True, signed: bool = False) -> gr.Blocks:
    """The page over a session, with its events; `serve` gives it its look.

    `editable`: whoever opens the page may add, change and remove documents; `signed`: they have signed in for it.
    """
    # Or Gradio would tabulate all past events after each one, and keep ten thousand.
    os.environ |= {"GRADIO_ANALYTICS_CACHE_FREQUENCY": str(sys.maxsize), "GRADIO_ANALYTICS_MAX_EVENTS": "1"}
    page = gr.Blocks(title="Parallax", analytics_enabled=False, fill_width=True)
    with page:
        chat, choice = gr.State(Chat()), gr.State(ALL)
        with gr.Column(elem_id="px-page"):
            with gr.Row(elem_id="px-bar"):
                gr.HTML('<h1 class="px-name">Parallax</h1>', apply_default_css=False, js_on_load=None)
                shown = _html("views", navigation())
                fresh = gr.Button("New chat", elem_id="px-new", size="sm", scale=0, min_width=0)
                if signed:
                    _html("account", SIGN_OUT)
            with gr.Row(elem_id="px-desk"):
                choosing = _ask_view(session, (chat, choice), (shown, fresh), editable)
                _read_view(session, shown)
                within = [_find_view(session, choice), _terms_view(session, choice)]
                _library_view(session, shown, editable)
                with gr.Column(elem_id="px-side", min_width=0):
                    _html("reading")  # its script fetches what it shows, past Gradio's queue

        def tell(event: gr.EventData) -> tuple[str, ...]:
            return (views.chosen(session, event._data),) * len(within)

        choosing.choose(tell, None, within, trigger_mode="always_last", **_event("tell_choice"))
    page.queue(max_size=WAITING)
    page.state_session_capacity = OPEN
    return page


def _html(name: str, value: str = "") -> gr.HTML:
    """A component whose value is rendered HTML and whose clicks are told by a script of the same name.

    The template stays Gradio's own, "${value}": it inserts a value and does not look inside. Any other
    template would run what looks like a template in the words of a document.
    """
    file = HERE / f"{name}.js"
    script = file.read_text(encoding="utf-8") if file.is_file() else None
    return gr.HTML(value, js_on_load=script, apply_default_css=False, elem_id=f"px-{name}")


# Events of the page: their own names for the log, closed to programs, and no veil over the page while they
# work.
def _event(name: str) -> dict[str, Any]:
    return {
        "api_name": name,
        "api_visibility": "private",
        "queue": True,
        "show_progress": "hidden",
        "concurrency_limit": WORKERS,
        "concurrency_id": "session",
    }


def _line(name: str, placeholder: str, button: str, *, label: str, lines: int = 6) -> tuple[gr.Textbox, gr.Button]:
    """A box for words with its button, as each view has one."""
    box = gr.Textbox(
        label=label,
        show_label=False,
        container=False,
        placeholder=placeholder,
        max_lines=lines,
        elem_id=f"px-{name}-box",
        elem_classes="px-box",
    )
    return box, gr.Button(button, variant="primary", scale=0, min_width=0, elem_classes="px-send")


def _ask_view(
    session: Session, states: tuple[gr.State, gr.State], bar: tuple[gr.HTML, gr.Button], editable: bool
) -> gr.HTML:
    (chat, choice), (shown, fresh) = states, bar
    with gr.Column(elem_id="px-ask", elem_classes="px-view", min_width=0):
        # Apart from the conversation, because its starters may come after the first question.
        welcome = _html("welcome")
        conversation = _html("conversation", handlers.forget()[1])
        with gr.Row(elem_classes="px-asking"):
            box, send = _line("ask", "Ask, or find a “quotation”", "Ask", label="Your question")
            own = gr.Checkbox(label="Authors’ own words only", container=False, elem_id="px-own")
            choosing = _html("choosing")
        saved = _html("saved")
    screen, how = [chat, conversation, box], [chat, own, choice]

    def asked(question: str, so_far: Chat, only_own: bool, chosen: Choice) -> Iterator[tuple[Any, ...]]:
        yield from map(_shown, handlers.ask(session, question, so_far, only_own, chosen))

    def start_with(so_far: Chat, only_own: bool, chosen: Choice, event: gr.EventData) -> Iterator[tuple[Any, ...]]:
        yield from map(_shown, handlers.ask(session, str(event.question), so_far, only_own, chosen))

    def put_beside(so_far: Chat, only_own: bool, chosen: Choice, event: gr.EventData) -> Iterator[tuple[Any, ...]]:
        yield from map(_shown, handlers.beside(session, event._data, so_far, only_own, chosen))

    def resume(event: gr.EventData) -> tuple[Chat, str]:
        return handlers.resume(session, event.questions, event.choice)

    def choose(so_far: Chat, event: gr.EventData) -> tuple[Choice, str]:
        return handlers.choose(session, event._data, so_far)

    def collect(event: gr.EventData) -> str:
        return views.collect(session, event._data)

    def save(so_far: Chat, chosen: Choice, event: gr.EventData) -> str:
        return handlers.save(session, so_far, event.ending, event.visit, chosen)

    gr.on([box.submit, send.click], asked, [box, *how], screen, trigger_mode="once", **_event("ask_in_chat"))
    conversation.resume(resume, None, [chat, conversation], trigger_mode="once", **_event("resume"))
    conversation.beside(put_beside, how, screen, trigger_mode="once", **_event("put_beside"))
    conversation.save(save, [chat, choice], saved, trigger_mode="once", **_event("save"))
    shown.ask(partial(handlers.greet, session), None, welcome, trigger_mode="always_last", **_event("greet"))
    show = partial(views.chooser, session, editable)
    shown.ask(show, None, choosing, trigger_mode="always_last", **_event("show_chooser"))
    choosing.choose(choose, chat, [choice, conversation], trigger_mode="always_last", **_event("choose"))
    if editable:
        choosing.collect(collect, None, choosing, trigger_mode="once", **_event("collect"))
    welcome.ask(start_with, how, screen, trigger_mode="once", **_event("start_with"))
    fresh.click(handlers.forget, None, screen, **_event("forget"))
    return choosing


def _shown(screen: handlers.Screen) -> tuple[Any, ...]:
    return tuple(gr.skip() if part is None else part for part in screen)


def _read_view(session: Session, shown: gr.HTML) -> None:
    with gr.Column(elem_id="px-read", elem_classes="px-view", min_width=0):
        shelf = _html("shelf")
    shown.read(partial(views.shelf, session), None, shelf, trigger_mode="always_last", **_event("show_shelf"))


def _find_view(session: Session, choice: gr.State) -> gr.HTML:
    with gr.Column(elem_id="px-find", elem_classes="px-view", min_width=0):
        found = _html("found", views.FIND)
        with gr.Row(elem_classes="px-asking"):
            box, send = _line("find", "Paste a quotation", "Find", label="The quotation", lines=12)
            within = _html("find-within")

    def everywhere(event: gr.EventData) -> str:
        return views.find(session, str(event.quotation))

    find = partial(views.find, session)
    gr.on([box.submit, send.click], find, [box, choice], found, trigger_mode="once", **_event("find_in_page"))
    found.everywhere(everywhere, None, found, trigger_mode="once", **_event("find_everywhere"))
    return within


def _terms_view(session: Session, choice: gr.State) -> gr.HTML:
    with gr.Column(elem_id="px-terms", elem_classes="px-view", min_width=0):
        found = _html("concordance", views.TERMS)
        with gr.Row(elem_classes="px-asking"):
            box, send = _line("terms", "A word or a phrase", "Look up", label="The term")
            within = _html("terms-within")

    def more(event: gr.EventData) -> str:
        return views.more_terms(session, event._data)

    look_up = partial(views.terms, session)
    gr.on([box.submit, send.click], look_up, [box, choice], found, trigger_mode="once", **_event("look_up"))
    found.more(more, None, found, trigger_mode="once", **_event("more_terms"))
    return within


def _library_view(session: Session, shown: gr.HTML, editable: bool) -> None:
    with gr.Column(elem_id="px-library", elem_classes="px-view", min_width=0):
        if editable:
            files = gr.File(label="Add documents", file_count="multiple", elem_id="px-files", height=132)
            told = _html("told", FORMATS)
            stop = gr.Button("Stop", elem_id="px-stop", size="sm", scale=0, min_width=0, visible=False)
        documents = _html("documents")
    show = partial(views.library, session, editable)
    shown.library(show, None, documents, trigger_mode="always_last", **_event("show_library"))
    if not editable:
        return

    def describe(event: gr.EventData) -> str:
        return views.describe(session, event._data)

    def remove(event: gr.EventData) -> str:
        return views.remove(session, event._data)

    def dissolve(event: gr.EventData) -> str:
        return views.dissolve(session, event._data)

    def add(paths: list[str] | None) -> Iterator[tuple[Any, ...]]:
        yield from told_by(views.add(session, paths or []))

    def replace(event: gr.EventData) -> Iterator[tuple[Any, ...]]:
        yield from told_by(views.replace(session, event._data, Path(get_upload_folder())))

    def told_by(lines: Iterator[str]) -> Iterator[tuple[Any, ...]]:
        for line in lines:
            yield line, gr.skip(), gr.skip(), gr.update(visible=True)
        yield gr.skip(), show(), None, gr.update(visible=False)

    def stopped() -> tuple[Any, ...]:
        return views.STOPPED, show(), None, gr.update(visible=False)

    documents.describe(describe, None, documents, trigger_mode="once", **_event("describe"))
    documents.remove(remove, None, documents, trigger_mode="once", **_event("remove"))
    documents.dissolve(dissolve, None, documents, trigger_mode="once", **_event("dissolve"))
    outputs = [told, documents, files, stop]
    adding = files.upload(add, files, outputs, trigger_mode="once", **_event("add"))
    replacing = documents.replace(replace, None, outputs, trigger_mode="once", **_event("replace"))
    stop.click(stopped, None, outputs, cancels=[adding, replacing], **_event("stop_adding"))
