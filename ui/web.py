"""The server: one process that answers with the page and with what stands beside it, its address, its policy, its end.

The page itself is `ui.page`'s. Nothing here leaves the machine: no analytics, no share link, no other host.
"""

import errno
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

import gradio as gr
import uvicorn
from fastapi import FastAPI

from index.types import ParallaxError
from qa.session import Session
from ui import api
from ui.page import build
from ui.routes import routes
from ui.theme import Parallax

HERE = Path(__file__).parent
GRACE = 3
"""Seconds that an answer under way has to be finished after the server was told to end; a page that stays open keeps
a connection for as long."""

# The browser itself refuses what would leave this machine or run from a document's text. Gradio's
# templates need 'unsafe-eval'; inline handlers and scripts stay forbidden.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; object-src 'none'; form-action 'self'"
)
HEAD = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'


def application(session: Session, host: str) -> FastAPI:
    """What is served: the page, with our own routes and the API in front of it."""
    app = FastAPI(title="Parallax", openapi_url=None)
    app.include_router(routes(session))
    app.router.routes.append(api.mounted(session, "/api/v1"))
    gr.mount_gradio_app(
        app,
        build(session, editable=host in ("localhost", "127.0.0.1", "::1")),  # else strangers could
        path="/",
        theme=Parallax(),
        css_paths=[HERE / f"{name}.css" for name in ("app", "concordance", "margin", "sharing")],
        head=HEAD,
        favicon_path=str(HERE / "favicon.svg"),
        footer_links=[],
        show_error=False,
        run_history=False,
        enable_monitoring=False,
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
    )
    return app


class Server(uvicorn.Server):
    """One server on one address. Raises ParallaxError when the address cannot be had."""

    def __init__(self, session: Session, host: str, port: int, ready: Callable[[str], None]) -> None:
        self._socket = _listening(host, port)
        self.address = f"http://{f'[{host}]' if ':' in host else host}:{port}/"
        self._ready = ready
        app = application(session, host)
        super().__init__(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=GRACE))

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Tell that the page answers, once it does."""
        await super().startup(sockets)
        self._ready(self.address)

    def serve_until_ended(self) -> None:
        """Answer until the process is told to end, or `close` is called."""
        self.run(sockets=[self._socket])

    def close(self) -> None:
        """End it from another thread."""
        self.should_exit = True


def serve(session: Session, host: str, port: int) -> Server:
    """Start the page in the background, to be closed; it answers when this returns. Raises as `Server` does."""
    answers = threading.Event()
    server = Server(session, host, port, lambda address: answers.set())
    threading.Thread(target=server.serve_until_ended, daemon=True).start()
    answers.wait()
    return server


def _listening(host: str, port: int) -> socket.socket:
    if not 1 <= port <= 65_535:
        raise ParallaxError(f"Port {port} does not exist; choose one from 1 to 65535 with --port.")
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as unbound:
            # An address just given up counts as free.
            unbound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            unbound.bind(address)
            return socket.socket(fileno=unbound.detach())
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
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # how a service manager ends it
    with suppress(KeyboardInterrupt):  # how a person ends it
        Server(session, host, port, ready).serve_until_ended()
    # A model may still be at work in a thread. The interpreter, taken down under it, would abort the process; what a
    # library keeps is safe at any moment.
    sys.stdout.flush()
    os._exit(0)
