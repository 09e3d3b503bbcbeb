"""The server of the page: its address, its policy, its end.

The page itself is `ui.page`'s. Nothing here leaves the machine: no analytics, no share link, no other host.
"""

import errno
import os
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import gradio as gr

from index.types import ParallaxError
from qa.session import Session
from ui.page import build
from ui.theme import Parallax

HERE = Path(__file__).parent

# The browser itself refuses what would leave this machine or run from a document's text. Gradio's
# templates need 'unsafe-eval'; inline handlers and scripts stay forbidden.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; object-src 'none'; form-action 'self'"
)
HEAD = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'


def serve(session: Session, host: str, port: int) -> tuple[gr.Blocks, str]:
    """Start the page in the background; returns it, to be closed, and its address.

    Raises ParallaxError when the address cannot be had.
    """
    _check_address(host, port)
    # Gradio asks its own server once whether it runs; that must not go through a proxy.
    os.environ["NO_PROXY"] = ",".join(filter(None, (os.environ.get("NO_PROXY"), "localhost", host)))
    page = build(session, editable=host in ("localhost", "127.0.0.1", "::1"))  # else strangers could
    _, address, _ = page.launch(
        server_name=host,
        server_port=port,
        theme=Parallax(),
        css_paths=[HERE / f"{name}.css" for name in ("app", "concordance", "margin", "printed", "sharing")],
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
