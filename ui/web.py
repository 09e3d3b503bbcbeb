"""The web page: layout and wiring of the chat, its endpoints for programs, and the server.

What an event does stands in `ui.handlers`, what is shown in `ui.render` and `ui.reading`, the look in
`ui.theme` and `app.css`. Nothing here leaves the machine: no analytics, no share link, no other host.
"""

import errno
import os
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import gradio as gr
from gradio.events import api

from index.types import ParallaxError
from qa.session import Session
from ui import handlers
from ui.chat import Chat
from ui.theme import Parallax

HERE = Path(__file__).parent

# The browser itself refuses what would leave this machine or run from a document's text. Gradio's
# templates need 'unsafe-eval'; inline handlers and scripts stay forbidden.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; object-src 'none'; form-action 'self'"
)
HEAD = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'

WORKERS = 4
"""So many events are handled at a time: a session may be shared between threads, a machine has few cores."""


def build(session: Session) -> gr.Blocks:
    """The page over a session, with its events and endpoints; `serve` gives it its look."""
    # Or Gradio would tabulate all past events after each one.
    os.environ["GRADIO_ANALYTICS_CACHE_FREQUENCY"] = str(sys.maxsize)
    page = gr.Blocks(title="Parallax", analytics_enabled=False, fill_width=True)
    with page:
        chat = gr.State(Chat())
        with gr.Column(elem_id="px-page"):
            with gr.Row(elem_id="px-bar"):
                gr.HTML('<h1 class="px-name">Parallax</h1>', apply_default_css=False, js_on_load=None)
                fresh = gr.Button("New chat", elem_id="px-new", size="sm", scale=0, min_width=0)
            with gr.Row(elem_id="px-desk"):
                with gr.Column(elem_id="px-talk", min_width=0):
                    # Apart from the conversation, because its starters may come after the first question.
                    welcome = _html("welcome")
                    conversation = _html("conversation", handlers.forget()[1])
                    with gr.Row(elem_id="px-ask"):
                        box = gr.Textbox(
                            label="Your question",
                            show_label=False,
                            container=False,
                            placeholder="Ask, or find a “quotation”",
                            max_lines=6,
                            autofocus=True,
                            elem_id="px-box",
                        )
                        send = gr.Button("Ask", variant="primary", scale=0, min_width=0, elem_id="px-send")
                        own = gr.Checkbox(label="Authors’ own words only", container=False, elem_id="px-own")
                    saved = _html("saved")
                with gr.Column(elem_id="px-side", min_width=0):
                    reading = _html("reading")
        page.load(partial(handlers.greet, session), None, welcome, **_event("greet"))
        _wire_chat(session, (chat, conversation, box), own, (welcome, send, fresh, reading))
        _wire_saving(session, chat, conversation, saved)
        _wire_reading(session, chat, conversation, reading)
        _endpoints(session)
    return page


def _html(name: str, value: str = "") -> gr.HTML:
    """A component whose value is rendered HTML and whose clicks are told by a script of the same name.

    The template stays Gradio's own, "${value}": it inserts a value and does not look inside. Any other
    template would run what looks like a template in the words of a document.
    """
    script = (HERE / f"{name}.js").read_text(encoding="utf-8")
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


def _wire_chat(
    session: Session,
    screen: tuple[gr.State, gr.HTML, gr.Textbox],
    own: gr.Checkbox,
    around: tuple[gr.HTML, gr.Button, gr.Button, gr.HTML],
) -> None:
    chat, conversation, box = screen
    welcome, send, fresh, reading = around

    def start_with(so_far: Chat, only_own: bool, event: gr.EventData) -> Iterator[handlers.Screen]:
        yield from handlers.ask(session, str(event.question), so_far, only_own)

    def put_beside(so_far: Chat, only_own: bool, event: gr.EventData) -> Iterator[handlers.Screen]:
        yield from handlers.beside(session, event._data, so_far, only_own)

    def resume(event: gr.EventData) -> tuple[Chat, str]:
        return handlers.resume(session, event.questions)

    gr.on(
        [box.submit, send.click],
        partial(handlers.ask, session),
        [box, chat, own],
        list(screen),
        trigger_mode="once",
        **_event("ask_in_chat"),
    )
    conversation.resume(resume, None, [chat, conversation], trigger_mode="once", **_event("resume"))
    conversation.beside(put_beside, [chat, own], list(screen), trigger_mode="once", **_event("put_beside"))
    welcome.ask(start_with, [chat, own], list(screen), trigger_mode="once", **_event("start_with"))
    fresh.click(handlers.forget, None, [*screen, reading], **_event("forget"))


def _wire_saving(session: Session, chat: gr.State, conversation: gr.HTML, saved: gr.HTML) -> None:
    def save(so_far: Chat, event: gr.EventData) -> str:
        return handlers.save(session, so_far, event.ending, event.visit)

    conversation.save(save, chat, saved, trigger_mode="once", **_event("save"))


def _wire_reading(session: Session, chat: gr.State, conversation: gr.HTML, reading: gr.HTML) -> None:
    def open_place(so_far: Chat, event: gr.EventData) -> str:
        return handlers.open_place(session, event._data, so_far)

    for origin, name in ((conversation, "open_citation"), (reading, "step_in_text")):
        origin.open(open_place, chat, reading, trigger_mode="always_last", **_event(name))


def _endpoints(session: Session) -> None:
    """What programs may call, with `gradio_client` or over HTTP."""

    def told(work: Callable[[], handlers.Record]) -> handlers.Record:
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

    def open(document: str, start: int, end: int, sha256: str | None = None) -> handlers.Record:
        """The blocks of a document around a place; with a citation's `sha256`, only if the text is still that one."""
        return told(lambda: handlers.open_record(session, document, start, end, sha256))

    def documents() -> list[handlers.Record]:
        """The documents of the library."""
        return handlers.document_records(session)

    for endpoint in (ask, find, open, documents):
        api(
            endpoint,
            api_name=endpoint.__name__,
            api_description=endpoint.__doc__,
            queue=True,
            concurrency_limit=WORKERS,
            concurrency_id="session",
        )


def serve(session: Session, host: str, port: int) -> tuple[gr.Blocks, str]:
    """Start the page in the background; returns it, to be closed, and its address.

    Raises ParallaxError when the address cannot be had.
    """
    _check_address(host, port)
    # Gradio asks its own server once whether it runs; that must not go through a proxy.
    os.environ["NO_PROXY"] = ",".join(filter(None, (os.environ.get("NO_PROXY"), "localhost", host)))
    page = build(session)
    _, address, _ = page.launch(
        server_name=host,
        server_port=port,
        theme=Parallax(),
        css_paths=HERE / "app.css",
        head=HEAD,
        favicon_path=HERE / "favicon.svg",
        footer_links=[],
        share=False,
        run_history=False,
        enable_monitoring=False,
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
        inbrowser=False,
        prevent_thread_lock=True,
        quiet=True,
    )
    return page, address


def _check_address(host: str, port: int) -> None:
    if not 1 <= port <= 65_535:
        raise ParallaxError(f"Port {port} does not exist; choose one from 1 to 65535 with --port.")
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            # As the server itself does, so that an address just given up counts as free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except socket.gaierror as error:
        raise ParallaxError(f"{host} is not a host of this machine; choose another with --host.") from error
    except PermissionError as error:
        raise ParallaxError(f"Port {port} on {host} is reserved; choose another with --port.") from error
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            problem, way = f"Port {port} is in use on {host}", "--port"
        else:
            problem, way = f"Cannot serve on {host}, which is not an address of this machine", "--host"
        raise ParallaxError(f"{problem}; choose another with {way}.") from error


def announce(address: str) -> None:
    """Tell the address on the terminal, at once even where output goes into a pipe."""
    print(f"Parallax is open at {address} (Ctrl-C ends it)", flush=True)


def launch(session: Session, host: str, port: int, ready: Callable[[str], None] = announce) -> NoReturn:
    """Serve the page until interrupted, then end the process; `ready` is told the address once it answers."""
    page, address = serve(session, host, port)
    try:
        ready(address)
        threading.Event().wait()
    except KeyboardInterrupt:
        pass  # how a person ends it
    finally:
        page.close(verbose=False)
    # A model may still be at work in a thread. The interpreter, taken down under it, would abort the process; what a
    # library keeps is safe at any moment.
    sys.stdout.flush()
    os._exit(0)
