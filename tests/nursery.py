"""Runs changes of a library in processes that die: killed at a step, by the kernel in mid-write, or without rights.

Reads one JSON task a line, carries it out in a fork of itself, which has everything imported, and answers with
one line: the signal that ended the fork (0: none), the error it told, and whether a step failed that should.
"""

import json
import os
import resource
import signal
import sqlite3
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from conftest import WordEncoder

from index.library import Library
from index.types import Details, ParallaxError

failed: list[int] = []
"""The step that failed in this process, where one did."""


def at_step(step: int, folder: str, number: int | None) -> None:
    """Kill this process when it is about to take its n-th step that changes something on the disk.

    With an error's `number`, the step fails with it instead.
    """
    taken = 0

    def take(failure: type[Exception] = OSError) -> None:
        nonlocal taken
        taken += 1
        if taken != step:
            return
        if number is None:
            os.kill(os.getpid(), signal.SIGKILL)
        failed.append(step)
        raise OSError(number, os.strerror(number)) if failure is OSError else failure("disk I/O error")

    class Connection(sqlite3.Connection):
        def execute(self, statement: str, *parameters: Any) -> sqlite3.Cursor:
            if not statement.startswith(("SELECT", "PRAGMA", "BEGIN")):
                take(sqlite3.OperationalError)
            return super().execute(statement, *parameters)

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            if str(arguments[0]).startswith(folder) and arguments[2] & (os.O_WRONLY | os.O_RDWR):
                take()
        elif event in {"os.mkdir", "os.rename", "os.remove", "os.rmdir"}:
            take()

    def fsync(descriptor: int, really: Callable[[int], None] = os.fsync) -> None:
        take()
        really(descriptor)

    os.fsync = fsync
    sqlite3.connect = partial(sqlite3.connect, factory=Connection)
    sys.addaudithook(watch)


def carry_out(task: dict[str, Any]) -> None:
    folder = Path(task["folder"])
    if task.get("unprivileged") and os.geteuid() == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
    if limit := task.get("file_limit"):
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL if task["die"] else signal.SIG_IGN)
    if step := task.get("step"):
        at_step(step, task["folder"], task.get("errno"))
    if task["do"] == "add":
        Library.open(folder, WordEncoder, create=True).add(Path(task["file"]), Details(id="log"))
    elif task["do"] == "remove":
        Library.open(folder, WordEncoder, create=True).remove("log")
    else:
        library = Library.open(folder, WordEncoder)
        for entry in library.entries():
            library.search(entry, library.query("the barge"), 3)


def fork(task: dict[str, Any]) -> dict[str, Any]:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            carry_out(task)
        except ParallaxError as error:
            os.write(writing, str(error).encode())
        except BaseException as error:
            os.write(writing, f"NOT FOR USERS: {error!r}".encode())
        os._exit(len(failed))
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as told:
        error = told.read()
    ended = os.waitpid(child, 0)[1]
    outcome = {"signal": os.WTERMSIG(ended), "error": error}
    return outcome | {"failed": os.WEXITSTATUS(ended) == 1} if "errno" in task else outcome


def warm() -> None:
    """Import what a fork could need, since one without rights may not be allowed to."""
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "a.txt").write_text("The barge came to the lock at dawn.")
        task = {"folder": f"{name}/library", "file": f"{name}/a.txt"}
        for do in ("add", "read", "remove"):
            carry_out({"do": do, **task})


if __name__ == "__main__":
    warm()
    for line in sys.stdin:
        print(json.dumps(fork(json.loads(line))), flush=True)
