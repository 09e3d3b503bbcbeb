"""The command that adds: files one by one, or a folder that is watched.

Everything heavy is imported when it is needed.
"""

import argparse
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from index.types import BusyError, Details, ParallaxError
from ui.options import details, opened, refused

if TYPE_CHECKING:
    from qa.session import Session


def add(options: argparse.Namespace) -> int:
    """Add what can be added; a file that cannot is told and keeps none of the others back."""
    session = opened(options, create=True)
    told = [_added(session, path, details(options), options.workers) for path in options.files]
    _tell_export(session)
    if options.watch is not None:
        return _watch(session, options.watch, options.workers)
    return 0 if all(told) else 1


def _added(session: "Session", path: Path, given: Details, workers: int | str, folder: Path | None = None) -> str:
    """Add one file and tell what became of it; the id of its document, empty where it was refused."""
    from ui.meter import Meter
    from ui.terminal import safe
    from ui.words import counted

    try:
        with Meter(path.name) as progress:
            source, added = session.add(path, given, progress, workers=workers, folder=folder)
    except BusyError:
        raise
    except ParallaxError as error:
        refused(error)
        return ""
    words = f"{counted(source.words, 'word')} in {counted(source.passages, 'passage')}"
    print(safe(f"{source.id}: {added}, {source.label}, {source.language_name}, {words}"), flush=True)
    for notice in filter(None, (source.notice, source.language_notice)):
        print(safe(f"{source.id}: {notice}"), file=sys.stderr)
    return source.id


def _tell_export(session: "Session") -> None:
    from ui.terminal import safe

    if notice := session.export_notice():
        print(safe(notice), file=sys.stderr)


def _watch(session: "Session", folder: Path, workers: int | str) -> int:
    """Add what is in a folder and what comes into it, until a signal ends it after the document at hand."""
    from ui.terminal import safe
    from ui.watch import watch

    folder = folder.resolve()
    if not folder.is_dir():
        raise ParallaxError(f"{folder} is no folder that can be watched; name one that you may read.")
    ids: dict[Path, str] = {}
    stop = threading.Event()

    def end(number: int, frame: object) -> None:
        stop.set()
        signal.signal(number, signal.SIG_DFL)  # who cannot wait for the document at hand asks twice

    def add_one(path: Path) -> bool:
        try:
            ids[path] = _added(session, path, Details(), workers, folder)
        except BusyError:
            return False
        return True

    def gone(path: Path) -> None:
        if identifier := ids.pop(path, ""):
            kept = f"{path.name} is gone; the document stays in the library until you remove it"
            print(safe(f"{identifier}: {kept}"), flush=True)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    print(safe(f"Watching {folder} (Ctrl-C ends it)"), flush=True)
    watch(folder, session.address, add_one, gone, stop)
    _tell_export(session)
    return 0
