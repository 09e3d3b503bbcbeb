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
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, TypeVar

from index.load.text import LoadError
from index.types import ParallaxError

Result = TypeVar("Result")

_ROOT = str(Path(__file__).resolve().parents[1])
_START = "import sys; sys.path[:] = {}; from index.confined import work; work()"
_LOOK = 0.1  # seconds between two looks at whether the caller still waits
_RECORDS = ("index.types", "index.load.pdf.page")
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
    paths = [_ROOT, *filter(None, sys.path)]  # not the present folder, which may hold anything
    command = [sys.executable, "-I", "-S", "-c", _START.format(paths)]
    request = pickle.dumps((task, arguments, limits))
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    ) as child:  # a session of its own: Ctrl-C is for the parent to heed
        try:
            answer = _answer(child, request, waiting, time.monotonic() + 3 * limits.seconds)
        finally:
            child.kill()
    return _result(answer, child.returncode, name, limits)  # type: ignore[no-any-return]


def _answer(child: "subprocess.Popen[bytes]", request: bytes, waiting: Callable[[], None], end: float) -> bytes | None:
    """What the child sends; None where it is not ready in time."""
    rest: bytes | None = request
    while time.monotonic() < end:
        try:
            return child.communicate(rest, timeout=_LOOK)[0]
        except subprocess.TimeoutExpired:
            rest = None  # the first call keeps what is still to be sent
            waiting()
    return None


def _result(answer: bytes | None, status: int, name: str, limits: Limits) -> Any:  # noqa: ANN401
    if answer is None or -status == _signal("SIGXCPU"):
        raise LoadError(f"{name} takes more than {limits.seconds} seconds to read: split it, or save it anew.")
    try:
        said, value = _Answer(BytesIO(answer)).load()
    except Exception as error:  # whatever a broken child may send
        raise LoadError(
            f"{name} broke the process that read it, or needs more than {limits.memory >> 20:,} MB of memory: "
            "split it, or save it anew."
        ) from error
    if said == "done":
        return value
    if said == "refused":
        raise LoadError(value)
    if said == "memory":
        raise LoadError(
            f"{name} needs more than {limits.memory >> 20:,} MB of memory to be read: split it into several files."
        )
    sentence = f"{name} cannot be read: it is built in a way that is not understood; save it anew."
    raise LoadError(sentence) from RuntimeError(value)  # the trace, for programmers


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
    task, arguments, limits = pickle.load(sys.stdin.buffer)
    _hold(limits)
    try:
        answer = pickle.dumps(("done", task(*arguments)))
    except MemoryError:
        answer = pickle.dumps(("memory", ""))
    except ParallaxError as error:
        answer = pickle.dumps(("refused", str(error)))
    except Exception:
        answer = pickle.dumps(("failed", traceback.format_exc()))
    with out:
        out.write(answer)


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
