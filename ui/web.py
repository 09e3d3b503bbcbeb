"""The server: one process that answers with the page and with what stands beside it, its address, its end.

Who may come in is `ui.door`'s, the page itself `ui.page`'s. Nothing here leaves the machine: no analytics, no share
link, no other host.
"""

import errno
import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import NoReturn

import gradio as gr
import uvicorn
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.types import Receive, Scope, Send

from index.types import ParallaxError
from qa.session import Session
from ui import api, health
from ui.door.access import Access, check_start
from ui.door.door import VISITOR, Door, Handled
from ui.door.inventory import UPLOAD, Need
from ui.log import request
from ui.metrics import Metrics
from ui.page import build
from ui.routes import invalid, routes
from ui.theme import Parallax

HERE = Path(__file__).parent
GRACE = 30
"""Seconds that what is being answered or added has to be finished after the server was told to end."""
CONNECTIONS = 512
"""So many connections are open at a time; the next is answered with 503."""


def application(session: Session, access: Access, address: tuple[str, int], uploads: Path) -> Door:
    """What is served on an address: our own routes and the page, behind the door."""
    pages = {editable: _page(session, editable, access) for editable in _roles(access)}
    metrics = Metrics(lambda: sum(blocks._queue.get_status().queue_size for _, blocks in pages.values()))
    session.watch = metrics.question

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for page, _ in pages.values():
                await stack.enter_async_context(page.router.lifespan_context(page))
            yield

    async def page_of(scope: Scope, receive: Receive, send: Send) -> None:
        """An editor's page or a reader's. They are two applications: what changes the library is not in the second."""
        editable = True in pages and (scope[VISITOR].may >= Need.EDITOR or False not in pages)
        await pages[editable][0](scope, receive, send)

    def told(handled: Handled) -> None:
        metrics.request(handled)
        request(handled)

    app = FastAPI(title="Parallax", openapi_url=None, lifespan=lifespan)
    app.include_router(health.routes(session, metrics))
    app.include_router(routes(session))
    app.exception_handler(RequestValidationError)(invalid)
    app.router.routes.append(api.mounted(session, "/api/v1"))
    app.mount("/", page_of)
    return Door(app, access, address, uploads, told)


def _roles(access: Access) -> tuple[bool, ...]:
    """For whom a page is made: who may change the library, who may not."""
    if access.public:
        return (False,)
    return (True,) if access.accounts is None else (True, False)


def _page(session: Session, editable: bool, access: Access) -> tuple[FastAPI, gr.Blocks]:
    app = FastAPI(openapi_url=None)
    blocks = build(session, editable, signed=access.accounts is not None and not access.public)
    gr.mount_gradio_app(
        app,
        blocks,
        path="/",
        app_kwargs={"exception_handlers": {RequestValidationError: invalid}},
        theme=Parallax(),
        css_paths=[HERE / f"{name}.css" for name in ("app", "choosing", "concordance", "margin", "printed", "sharing")],
        favicon_path=str(HERE / "favicon.svg"),
        footer_links=[],
        show_error=False,
        max_file_size=UPLOAD,
        run_history=False,
        enable_monitoring=False,
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
    )
    return app, blocks


class Server(uvicorn.Server):
    """One server on one address. Raises ParallaxError when the address cannot be had, or strangers could come in."""

    def __init__(
        self, session: Session, address: tuple[str, int], ready: Callable[[str], None], access: Access
    ) -> None:
        host, port = address
        check_start(access, host)
        self._socket = _listening(host, port)
        self.address = f"http://{f'[{host}]' if ':' in host else host}:{port}/"
        self._ready = ready
        # Gradio keeps what is uploaded where this says; ours is read by nobody else and goes with the server.
        self._uploads = Path(tempfile.mkdtemp(prefix="parallax-")).resolve()
        os.environ["GRADIO_TEMP_DIR"] = str(self._uploads)
        self._door = application(session, access, address, self._uploads)
        super().__init__(
            uvicorn.Config(
                self._door,
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=access.proxy is not None,
                forwarded_allow_ips=access.proxy,
                limit_concurrency=CONNECTIONS,
                timeout_graceful_shutdown=GRACE,
                lifespan="on",
            )
        )

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Tell that the page answers, once it does."""
        await super().startup(sockets)
        if self.started:
            self._ready(self.address)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Finish what is being answered; what a page holds open for nothing is let go at once."""
        self._door.end()
        await super().shutdown(sockets)
        shutil.rmtree(self._uploads, ignore_errors=True)

    def serve_until_ended(self) -> None:
        """Answer until the process is told to end, or `close` is called."""
        self.run(sockets=[self._socket])

    def close(self) -> None:
        """End it from another thread."""
        self.should_exit = True


def serve(session: Session, host: str, port: int, access: Access = Access()) -> Server:  # noqa: B008 (it is frozen)
    """Start the page in the background, to be closed; it answers when this returns. Raises as `Server` does."""
    settled = threading.Event()
    server = Server(session, (host, port), lambda address: settled.set(), access)

    def run() -> None:
        try:
            server.serve_until_ended()
        finally:
            settled.set()  # also where it did not come to answer

    threading.Thread(target=run, daemon=True).start()
    settled.wait()
    if not server.started:
        raise ParallaxError(f"The page could not be started at {server.address}; the log says why.")
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


def launch(
    session: Session,
    host: str,
    port: int,
    ready: Callable[[str], None] = announce,
    access: Access = Access(),  # noqa: B008 (it is frozen)
) -> NoReturn:
    """Serve the page until interrupted, then end the process; `ready` is told the address once it answers."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # how a service manager ends it
    with suppress(KeyboardInterrupt):  # how a person ends it
        Server(session, (host, port), ready, access).serve_until_ended()
    # A model may still be at work in a thread. The interpreter, taken down under it, would abort the process; what a
    # library keeps is safe at any moment.
    sys.stdout.flush()
    os._exit(0)
