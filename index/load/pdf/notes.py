"""Notes at the foot of a PDF's pages and the raised numbers that point to them.

A note stands last in its column and begins with a number that is raised in the text above. It is set smaller than the
text, or its own number is raised, too; others as large as the text are not seen. Does not place notes in the text.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.lines import ends_sentence
from index.load.pdf.page import RAISED_DIGITS, PageLine

_SMALLER = 0.94  # of the text's size
_SUPERSCRIPTS = str.maketrans(RAISED_DIGITS, "0123456789")
_RAISED = re.compile(rf"[{RAISED_DIGITS}]{{1,3}}")
_SIGN = re.compile(r"(?<=\S)[*∗†‡]{1,3}")
_START = re.compile(rf"\[?([{RAISED_DIGITS}]{{1,3}}|\d{{1,3}}|[*∗†‡]{{1,3}})(?:[.)\]]|(?<=\D)|(?=[\s\W])) ?(?=\S)")


@dataclass(slots=True)
class FootNote:
    """A note with its lines, its number taken off the first. `number` is None where a sign marks it."""

    number: int | None
    lines: list[PageLine]


def part_notes(lines: Sequence[PageLine], body: float) -> tuple[list[PageLine], list[FootNote]]:
    """The lines of the text, and its notes in order. `body`: size of the text, in points."""
    flows: dict[int, list[PageLine]] = {}
    cited: dict[int, set[str]] = {}
    for line in lines:
        flows.setdefault(line.flow, []).append(line)
        marks = cited.setdefault(line.sheet, set())
        marks.update(str(number) for _, _, number in raised(line))
        marks.update(match[0] for match in _SIGN.finditer(line.text))
    text: list[PageLine] = []
    notes: list[FootNote] = []
    for flow in flows.values():
        foot = len(flow)
        while foot and flow[foot - 1].size < _SMALLER * body:
            foot -= 1
        sheet = flow[0].sheet
        marks = cited[sheet] | cited.get(sheet - 1, set())
        foot = next((i for i, line in enumerate(flow[:foot]) if _number(line) in marks), foot)
        text += flow[:foot] + _take(flow[foot:], marks, notes)
    return text, notes


def raised(line: PageLine) -> list[tuple[int, int, int]]:
    """Start, end and value of the raised numbers that follow something in a line."""
    found = _RAISED.finditer(line.text)
    return [(m.start(), m.end(), int(m[0].translate(_SUPERSCRIPTS))) for m in found if m.start()]


def _number(line: PageLine) -> str | None:
    """The raised number that a line begins with."""
    match = _RAISED.match(line.text)
    return match[0].translate(_SUPERSCRIPTS) if match else None


def _take(foot: Sequence[PageLine], cited: set[str], notes: list[FootNote]) -> list[PageLine]:
    """Adds the notes of a column's foot; returns the lines that are none."""
    text: list[PageLine] = []
    opened = notes[-1] if notes and foot and _goes_on(notes[-1], foot[0]) else None
    last = 0
    for line in foot:
        match = _START.match(line.text)
        mark = match[1].translate(_SUPERSCRIPTS) if match else ""
        rises = not mark.isdecimal() or int(mark) > last
        if match and rises and (mark in cited or mark == str(last + 1) != "1"):
            last = int(mark) if mark.isdecimal() else last
            opened = FootNote(last if mark.isdecimal() else None, [line.kept(match.end(), len(line.text))])
            notes.append(opened)
        elif opened is not None:
            opened.lines.append(line)
        else:
            text.append(line)
    return text


def _goes_on(note: FootNote, line: PageLine) -> bool:
    """Whether a note was cut by the end of the column or page before a line."""
    before = note.lines[-1]
    return before.flow != line.flow and line.sheet - before.sheet <= 1 and not ends_sentence(before.text)
