"""One piece of work in a process of its own, with limits of memory and time: what a hostile file can cost.

The child imports what the work needs and nothing else, so that it starts in about a tenth of a second; it may write no
file. Where a platform has no `resource` module (Windows), or does not hold a process to a limit of memory (macOS), the
time alone is limited. Limits end what is endless; they are no cage for a program that has taken the child over. What a
child answers is therefore read as records and plain values only, whatever it sends.
"""

import os
import pickle
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from index.load.text import LoadError
from index.types import ParallaxError

Piece = TypeVar("Piece")
Result = TypeVar("Result")

_ROOT = str(Path(__file__).resolve().parents[1])
_START = "import sys; sys.path[:] = {}; from index.confined import work; work()"
_LOOK = 0.1  # seconds between two looks at whether the caller still waits
_RECORDS = ("index.types", "index.packed", "index.load.pdf.page")
"""Modules whose classes a child may answer with."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one child may take."""

    memory: int = 2 * 2**30
    """Bytes of address space. 20 MB of HTML in 350,000 paragraphs took 0.4 GB, a PDF of 361 pages less than 0.1."""
    seconds: int = 300
    """Of one processor, of which a page of a PDF takes about 0.1; of waiting three times as many, since a machine has
    other work."""


def confined(
    task: Callable[..., Result],
    arguments: tuple[Any, ...],
    name: str,
    waiting: Callable[[], None] = lambda: None,
    limits: Limits = Limits(),
) -> Result:
    """What a function of a module returns for some arguments, found in a child.

    `name`: of the file that it reads, for the sentences. `waiting` is called ten times a second meanwhile; what it
    raises ends the child. Raises LoadError where the task raised a ParallaxError, or broke a limit, or the child.
    """
    return piecewise(partial(_alone, task, arguments), name, next, waiting, limits)


def _alone(task: Callable[..., Result], arguments: tuple[Any, ...]) -> Iterator[Result]:
    yield task(*arguments)


def piecewise(
    task: Callable[[], Iterator[Piece]],
    name: str,
    join: Callable[[Iterator[Piece]], Result],
    waiting: Callable[[], None] = lambda: None,
    limits: Limits = Limits(),
) -> Result:
    """What `join` makes of all that a task yields in a child; each is sent as it comes, and none is kept on the way.

    The rest as `confined`.
    """
    paths = [_ROOT, *filter(None, sys.path)]  # not the present folder, which may hold anything
    command = [sys.executable, "-I", "-S", "-c", _START.format(paths)]
    request = pickle.dumps((task, limits))
    end = time.monotonic() + 3 * limits.seconds
    with (
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
        ) as child,  # a session of its own: Ctrl-C is for the parent to heed
        ThreadPoolExecutor(1) as reader,
    ):
        try:
            answer = reader.submit(lambda: join(_answered(child, request, name, limits)))
            while (late := not wait([answer], _LOOK).done) and time.monotonic() < end:
                waiting()
        finally:
            child.kill()  # which ends the reading too
    late = late or -child.returncode == _signal("SIGXCPU")
    return _result(answer, late, name, limits)


def _answered(child: "subprocess.Popen[bytes]", request: bytes, name: str, limits: Limits) -> Iterator[Any]:
    """What the child sends, read as it comes. Raises LoadError where its task does not come to its end."""
    assert child.stdin is not None and child.stdout is not None
    with suppress(BrokenPipeError), child.stdin:
        child.stdin.write(request)
    while True:
        said, value = _Answer(child.stdout).load()  # one for all would keep what it has read
        if said == "piece":
            yield value
        elif said == "done":
            return
        elif said == "refused":
            raise LoadError(value)
        elif said == "memory":
            raise LoadError(
                f"{name} needs more than {limits.memory >> 20:,} MB of memory to be read: split it into several files."
            )
        else:
            sentence = f"{name} cannot be read: it is built in a way that is not understood; save it anew."
            raise LoadError(sentence) from RuntimeError(value)  # the trace, for programmers


def _result(answer: "Future[Result]", late: bool, name: str, limits: Limits) -> Result:
    try:
        return answer.result()
    except LoadError:
        raise
    except Exception as error:  # whatever a broken child may send
        if late:
            raise LoadError(
                f"{name} takes more than {limits.seconds} seconds to read: split it, or save it anew."
            ) from error
        raise LoadError(
            f"{name} broke the process that read it, or needs more than {limits.memory >> 20:,} MB of memory: "
            "split it, or save it anew."
        ) from error


def _signal(name: str) -> int | None:
    import signal

    return getattr(signal, name, None)


class _Answer(pickle.Unpickler):
    """Reads the records that a child answers with; of anything else, which might run, nothing."""

    def find_class(self, module: str, name: str) -> Any:  # noqa: ANN401
        if module == "array" and name in ("array", "_array_reconstructor"):
            return super().find_class(module, name)
        found = super().find_class(module, name) if module in _RECORDS else None
        if not isinstance(found, type) or found.__module__ != module:
            raise pickle.UnpicklingError(f"{module}.{name} is no record")
        return found


def work() -> None:
    """Do in the child what the parent asks for, and send back what came of it."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what a library prints must not get between
    task, limits = pickle.load(sys.stdin.buffer)
    _hold(limits)
    with out:
        for answer in _said(task):
            pickle.dump(answer, out)


def _said(task: Callable[[], Iterator[Any]]) -> Iterator[tuple[str, Any]]:
    try:
        for piece in task():
            yield "piece", piece
        yield "done", None
    except MemoryError:
        yield "memory", ""
    except ParallaxError as error:
        yield "refused", str(error)
    except Exception:
        yield "failed", traceback.format_exc()


def _hold(limits: Limits) -> None:
    """Limit this process, as far as the platform can."""
    try:
        import resource
    except ImportError:
        return
    for kind, most in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_CPU, limits.seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(kind)[1]
        with suppress(ValueError, OSError):  # macOS refuses a limit of address space
            resource.setrlimit(kind, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
