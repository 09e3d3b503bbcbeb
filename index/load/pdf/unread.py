"""Says which pages of a PDF could not be read, so that nothing is dropped without a word."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unread:
    """Pages, counted from 0, that hold more than was read."""

    pictures: Sequence[int]
    """Have an image and no text."""
    garbled: Sequence[int]
    """Their fonts do not say which letters they show."""
    sideways: Sequence[int]
    """Have words that do not run from left to right."""


def notice(unread: Unread, names: Sequence[str]) -> str:
    """What could not be read, in one sentence; empty where all could. `names`: of all pages."""
    pictures, garbled, turned = unread.pictures, unread.garbled, unread.sideways
    told = []
    if pictures:
        told.append(f"{_named(pictures, names)} {'are images' if pictures[1:] else 'is an image'} without text")
    if garbled:
        told.append(f"the letters of {_named(garbled, names)} cannot be read")
    if turned:
        told.append(f"words set sideways on {_named(turned, names)} are left out")
    sentence = "; ".join(told)
    return f"{sentence[:1].upper()}{sentence[1:]}." if told else ""


def _named(found: Sequence[int], names: Sequence[str]) -> str:
    """Pages by name, those that follow each other as a range; by their place in the file where one has no name."""
    runs: list[list[int]] = []
    for i in found:
        if runs and runs[-1][-1] == i - 1:
            runs[-1].append(i)
        else:
            runs.append([i])
    told = [_page(run[0], names) + (f"–{_page(run[-1], names)}" if run[1:] else "") for run in runs]
    listed = " and ".join([", ".join(told[:-1]), told[-1]] if told[1:] else told)
    return f"page{'s' if found[1:] else ''} {listed}"


def _page(i: int, names: Sequence[str]) -> str:
    return names[i] if names[i] else f"{i + 1} of the file"
