"""The child that reads files: what it answers, and each limit that ends it."""

import signal
import sys
import tracemalloc
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import tasks

from index.confined import Limits, confined, piecewise
from index.load.text import LoadError

LIMITS = Limits()
BROKEN = r"^a\.pdf broke the process that read it, or needs more than 2,048 MB of memory: split it, or save it anew\.$"
limited = pytest.mark.skipif(sys.platform != "linux", reason="only Linux holds a process to its memory")


def run(task: Callable[..., Any], *arguments: Any, limits: Limits = LIMITS) -> Any:
    return confined(task, arguments, "a.pdf", limits=limits)


def test_the_answer_is_what_the_task_returns() -> None:
    assert run(tasks.line) == tasks.line()
    assert run(tasks.told, "words") == "words", "what is printed gets not between"


def test_what_a_task_yields_is_joined_and_never_without_its_end() -> None:
    def joined(end: str) -> str:
        return piecewise(partial(tasks.letters, end), "a.pdf", "".join)

    assert joined("") == "abc"
    with pytest.raises(LoadError, match=r"^a\.pdf ends in a picture\.$"):
        joined("a.pdf ends in a picture.")
    with pytest.raises(LoadError, match=BROKEN):
        joined("die")


def test_what_a_task_yields_is_let_go_once_it_is_joined() -> None:
    tracemalloc.start()
    assert piecewise(partial(tasks.megabytes, 40), "a.pdf", lambda pieces: sum(map(len, pieces))) == 40 * 2**20
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 8e6


def test_what_the_task_refuses_is_refused_in_its_words() -> None:
    with pytest.raises(LoadError, match=r"^a\.pdf is locked\.$"):
        run(tasks.refuse, "a.pdf is locked.")


def test_an_error_that_is_no_refusal_is_told_in_a_sentence_with_its_cause() -> None:
    with pytest.raises(LoadError, match=r"^a\.pdf cannot be read: .+; save it anew\.$") as caught:
        run(tasks.fail)
    assert "RecursionError: too deep" in str(caught.value.__cause__)


@limited
def test_too_much_memory() -> None:
    with pytest.raises(LoadError, match=r"^a\.pdf needs more than 256 MB of memory to be read: split it into several"):
        run(tasks.hoard, 2**28, limits=Limits(memory=2**28))
    assert run(tasks.hoard, 2**27, limits=Limits(memory=2**28)) == 2**27


@pytest.mark.parametrize("task", [tasks.turn, tasks.wait])
def test_too_much_time(task: Callable[[], None]) -> None:
    with pytest.raises(LoadError, match=r"^a\.pdf takes more than 1 seconds to read: split it, or save it anew\.$"):
        run(task, limits=Limits(seconds=1))


@pytest.mark.parametrize("ending", [signal.SIGSEGV, signal.SIGKILL])
def test_a_child_that_dies(ending: signal.Signals) -> None:
    with pytest.raises(LoadError, match=BROKEN):
        run(tasks.die, ending)


@limited
def test_a_child_writes_no_file(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match="cannot be read"):
        run(tasks.write, tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == b""


def test_an_answer_that_would_run_something_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match=BROKEN):
        run(tasks.trap, tmp_path / "made")
    assert not (tmp_path / "made").exists()


def test_who_waits_may_stop_it() -> None:
    def stop() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        confined(tasks.wait, (), "a.pdf", stop)
