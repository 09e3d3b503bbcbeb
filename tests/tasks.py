"""What `tests/test_confined.py` has done in a child; a module of its own, as the child imports it."""

import os
from array import array
from collections.abc import Iterator
from pathlib import Path
from signal import SIGKILL
from typing import Any

from index.load.pdf.page import PageLine
from index.load.text import LoadError


def line() -> PageLine:
    return PageLine(0, 1, "ab", array("d", [1, 2]), array("d", [2, 3]), 1, 1, 2, 10, False, False, (0, 9), 1)


def refuse(sentence: str) -> None:
    raise LoadError(sentence)


def fail() -> None:
    raise RecursionError("too deep")


def hoard(size: int) -> int:
    return len(bytes(size))


def turn() -> None:
    while True:
        pass


def wait() -> None:
    os.read(os.pipe()[0], 1)


def die(signal: int) -> None:
    os.kill(os.getpid(), signal)


def write(path: Path) -> None:
    path.write_text("words")


def letters(end: str) -> Iterator[str]:
    yield from "abc"
    if end:
        os.kill(os.getpid(), SIGKILL) if end == "die" else refuse(end)


def megabytes(many: int) -> Iterator[str]:
    for number in range(many):
        yield str(number % 10) * 2**20


def told(text: str) -> str:
    print(text)
    os.write(1, b"more")
    return text


class Trap:
    """Would run a command where a pickle of it is read without care."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.path),)


def trap(path: Path) -> Trap:
    return Trap(path)
