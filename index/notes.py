"""Footnotes and their markers: which lines are notes, and which glued digits point to one.

Notes are found at the foot of pages (after a rule, numbered), under a heading of their own and in brackets; markers
by their rising count through the text, which tells them from years and quantities. Does not place notes in the text.
"""

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from itertools import zip_longest

from index.lines import Line, compact

_NOTE = re.compile(r"(?:\[(\d{1,3})\]|(\d{1,3})[.)]) ?(?=\S)|(\d{1,3}) (?=[\"“‘«(A-Z])")
_HEADED = re.compile(r"(?:end|foot)?notes(?: and references)?\W*", re.IGNORECASE)
_MOST_SKIPPED = 5  # notes of one foot whose text may be missing between two that have theirs
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_MARKER = re.compile(
    r"(?<=\S)(?:\[(?P<bracket>\d{1,3})\]|(?P<raised>[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,3})"
    r"|(?<!\d)(?P<glued>[1-9]\d{0,2})(?=$|[\s;,.:!?)\]”’»“\"—–])(?![.,:]\d))"
)
_CLOSING = '”’»“")]'
# Words that stand before a number with only a full stop between: no marker follows them.
_COUNTED = {
    "art", "ch", "chap", "ed", "eq", "fig", "figs", "no", "nos", "nr", "p", "pp", "sec", "vol", "vols",
}  # fmt: skip
_COUNTED_WORD = re.compile(r"([^\W\d_]{1,4})\.$")


@dataclass(frozen=True, slots=True)
class Note:
    """The lines of one note, its number taken off the first."""

    number: int | None
    lines: tuple[Line, ...]
    before: int
    """Number of body lines that stand before it."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    line: int
    start: int
    end: int
    number: int
    certain: bool
    """Set as a marker (bracketed, raised) or after a closing mark: no number of the text stands so."""
    set_apart: bool
    """Bracketed or raised."""


def part_notes(lines: Sequence[Line]) -> tuple[list[Line], list[Note]]:
    """Body lines and notes. A body line after notes turns the page.

    A rule followed by a number opens notes only where something in the text may point to that number:
    a list may stand under a rule too.
    """
    ruled = any(line.rule and _NOTE.match(line.text) for line in lines)
    cited = {candidate.number for candidate in _candidates(lines)} if ruled else set()
    body: list[Line] = []
    notes: list[Note] = []
    open_lines: list[Line] = []
    number = last = 0
    turned = False

    def close() -> None:
        if open_lines:
            notes.append(Note(number, tuple(open_lines), len(body)))
            open_lines.clear()

    for line in lines:
        match = _NOTE.match(line.text)
        found = int(match[1] or match[2] or match[3]) if match else 0
        first = line.rule and found in cited and (found > last or found == 1)
        starts = last < found <= last + _MOST_SKIPPED if open_lines else first
        if match and starts:
            close()
            number = last = found
            open_lines.append(replace(line, kept=compact(line.text[match.end() :])))
        elif open_lines and not (line.page_top or line.gap):
            open_lines.append(line)
        else:
            turned = turned or bool(open_lines)
            close()
            body.append(replace(line, gap=False, page_top=True) if turned else line)
            turned = False
    close()
    return body, notes


def heads_notes(heading: str) -> bool:
    """Whether a heading says that notes follow."""
    return _HEADED.fullmatch(heading.strip("# ")) is not None


def endnotes(paragraphs: Sequence[str], cited: Set[int]) -> list[tuple[int, int]]:
    """Of each paragraph under a heading of notes its number, and where its words begin.

    None where they are anything else: one has no number, they do not count upwards, or most are cited nowhere.
    """
    matches = [_NOTE.match(paragraph) for paragraph in paragraphs]
    found = [(int(match[1] or match[2] or match[3]), match.end()) for match in matches if match]
    numbers = [number for number, _ in found]
    whole = len(found) == len(paragraphs) and numbers == sorted(set(numbers))
    return found if whole and 2 * sum(number in cited for number in numbers) > len(numbers) else []


def take_markers(lines: Sequence[Line], noted: Set[int]) -> tuple[list[Line], Mapping[int, Sequence[tuple[int, int]]]]:
    """Lines without their markers, and by a line's index the (offset in it, number) of those taken out of it.

    `noted`: numbers of the notes that have a text.
    """
    clean = list(lines)
    taken: dict[int, list[tuple[int, int]]] = {}
    spans: dict[int, list[_Candidate]] = {}
    for candidate in _chain(list(_candidates(lines)), noted):
        spans.setdefault(candidate.line, []).append(candidate)
    for index, found in spans.items():
        text = lines[index].text
        pieces: list[str] = []
        offset = at = 0
        taken[index] = markers = []
        for candidate in found:
            pieces.append(text[at : candidate.start])
            offset += candidate.start - at
            markers.append((offset, candidate.number))
            at = candidate.end
        pieces.append(text[at:])
        clean[index] = replace(lines[index], kept=compact("".join(pieces)))
    return clean, taken


def _candidates(lines: Sequence[Line]) -> Iterator[_Candidate]:
    for index, line in enumerate(lines):
        text = line.text
        for match in _MARKER.finditer(text):
            glued = match["glued"]
            digits = glued or match["bracket"] or match["raised"].translate(_SUPERSCRIPTS)
            certain = match["bracket"] is not None or _after_closing(text, match.start())
            if certain or _may_mark(text, match.start(), match.end()):
                yield _Candidate(index, match.start(), match.end(), int(digits), certain, glued is None)


def _after_closing(text: str, at: int) -> bool:
    """After a closing mark, or punctuation after a letter or such a mark."""
    last, before = text[at - 1], text[at - 2 : at - 1]
    if last in _CLOSING:
        return not before.isspace() and not before.isdigit()
    counted = _COUNTED_WORD.search(text[max(at - 6, 0) : at])
    if counted and counted[1].casefold() in _COUNTED:
        return False
    return last in ".,;:!?…" and (before.isalpha() or before in _CLOSING or before in ". ") and before != ""


def _may_mark(text: str, at: int, end: int) -> bool:
    """After a word, or after a sentence that ends in a figure."""
    word = text[max(at - 3, 0) : at]
    if len(word) == 3 and word.isalpha() and word[-1].islower():
        return True
    after = text[end : end + 2]
    return word[-1] in ".!?" and word[-2:-1].isdigit() and (after == "" or after[1:].isupper())


def _chain(candidates: Sequence[_Candidate], noted: Set[int]) -> list[_Candidate]:
    """The candidates that count 1, 2, 3 through the text, beginning anew where a chapter does."""
    chosen: list[_Candidate] = []
    last = 0
    for candidate, after in zip_longest(candidates, candidates[1:]):
        number = candidate.number
        follows = after is not None and after.certain and after.number == number + 1
        counts = number == last + 1
        skips = candidate.certain and follows and (number == 1 or last < number <= last + _MOST_SKIPPED)
        again = candidate.set_apart and number <= last
        if counts or skips or again:
            chosen.append(candidate)
            last = number if not again else last
    certain = sum(candidate.certain for candidate in chosen)
    enough = any(c.number in noted or c.set_apart for c in chosen) or len(chosen) >= 3
    return chosen if enough and certain * 2 >= len(chosen) else []
