"""What the commands of a server do: serve it, and say who may sign in.

Everything heavy is imported by the command that needs it, as in `ui.commands`.
"""

import argparse
import ctypes
import getpass
import os
import signal
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

from index.types import ParallaxError
from ui.options import opened

if TYPE_CHECKING:
    from qa.session import Session
    from ui.door.accounts import Accounts


_ARENA_MAX, _ARENAS = -8, 2  # M_ARENA_MAX of glibc's malloc.h


def serve(options: argparse.Namespace) -> NoReturn:
    """Serve the page until interrupted."""
    share_memory()
    from ui import log
    from ui.door.access import Access, check_start

    accounts = _accounts()
    used = accounts if accounts.all() and not options.public else None
    access = Access(used, options.public, tuple(options.allow_host), options.proxy)
    check_start(access, options.host)  # before anything heavy is loaded
    session = opened(options)
    from ui.web import announce, launch

    log.begin(options.log, options.log_details)

    def ready(address: str) -> None:
        announce(address)
        if options.open:
            import webbrowser

            webbrowser.open(address)

    threading.Thread(target=_warm, args=[session], daemon=True).start()
    launch(session, options.host, options.port, ready, access)


def share_memory() -> None:
    """Let all threads take memory from two pools, before there are any: glibc makes up to eight for each core, and what
    one thread gave back no thread of another pool can have. Other systems have their own ways."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is not None:
        mallopt(_ARENA_MAX, _ARENAS)


def mcp(options: argparse.Namespace) -> int:
    """Offer the tools of the Model Context Protocol until the client goes."""
    from ui import tools

    session = opened(options)
    threading.Thread(target=_warm, args=[session], daemon=True).start()
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        # What waits for the client's next line hears of nothing else, and there is nothing to be brought to an end.
        signal.signal(signal.SIGINT, lambda number, frame: os._exit(130))
    tools.serve(session)
    return 0


def _warm(session: "Session") -> None:
    """Load the models while the page opens, so that the first question need not wait for it."""
    with suppress(ParallaxError):  # the first question tells it
        session.warm()


def add_user(options: argparse.Namespace) -> int:
    """Add a user, or give one another password; it is asked for, or comes as a line of standard input."""
    accounts = _accounts()
    if options.password == "-":
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = getpass.getpass(f"Password of {options.name}: ")
        if getpass.getpass("Again: ") != password:
            raise ParallaxError("The two passwords differ; nothing was changed.")
    accounts.add(options.name, password, options.editor)
    print(f"{options.name}: {'an editor' if options.editor else 'a reader'}, in {accounts.file}")
    return 0


def list_users(options: argparse.Namespace) -> int:
    """List the users."""
    users = sorted(_accounts().all().items())
    if not users:
        print("There are no users.")
    for name, account in users:
        print(f"{name}: {'an editor' if account.editor else 'a reader'}")
    return 0


def remove_user(options: argparse.Namespace) -> int:
    """Take a user out."""
    _accounts().remove(options.name)
    print(f"{options.name}: removed")
    return 0


def _accounts() -> "Accounts":
    from qa.folders import users
    from ui.door.accounts import Accounts

    return Accounts(users())
