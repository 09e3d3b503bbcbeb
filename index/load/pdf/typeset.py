"""The lines of a PDF to the blocks of a document: paragraphs, headings, quotations, captions, notes.

Reads how they are set: type size and weight, indents, white space. Words count only where type says nothing
(a line in capitals, "CHAPTER I", "Figure 2:"). Does not find lines, running heads or notes.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from index.headings import Form, byline, is_item, is_picture_caption, opens_a_part, plain_form
from index.lines import ends_sentence
from index.load.pdf.page import RAISED_DIGITS, PageLine

_INDENT = 0.8  # ems
_SPREAD = 1.3  # of the usual leading: white space that parts blocks
_LEADING = 1.2  # of the size, where too few lines tell
_LARGER = 1.08  # of the text's size: a heading
_SMALLER = 0.96  # of the text's size: a quotation in smaller type
_LONGEST_HEADING = 160  # characters, over several lines
_NUMBERED_CAPTION = re.compile(r"[^\W\d_]+\.? ?\d{1,3}[.:]")
_SECTION_NUMBER = re.compile(r"(\d{1,2}(?:\.\d{1,2})*)\.? \S")
_COUNTED = re.compile(r"[(\[]?(\d{1,3})[.)\]]")
_LEADERS = re.compile(r"(?:[.·] ?){4}")  # dots between a chapter's name and its page in a table of contents
_LISTS = {"notes", "endnotes", "bibliography", "references", "works cited", "index", "contents"}


@dataclass(frozen=True, slots=True)
class Chunk:
    """Lines that stand together, and how they are set."""

    lines: tuple[PageLine, ...]

    @property
    def text(self) -> str:
        """Its lines joined by blanks: enough to tell what it is."""
        return " ".join(line.text for line in self.lines)

    @property
    def style(self) -> tuple[float, bool, bool]:
        """Size to half a point, bold, italic."""
        first = self.lines[0]
        bold, italic = (all(getattr(line, name) for line in self.lines) for name in ("bold", "italic"))
        return round(first.size * 2) / 2, bold, italic


@dataclass(frozen=True, slots=True)
class Setting:
    """How most of a document is set."""

    size: float
    """In points."""
    bold: bool
    leadings: dict[float, float]
    """Distance of baselines by size, both in points."""

    def leading(self, size: float) -> float:
        """The usual distance of two baselines in a size."""
        return self.leadings.get(round(size * 2) / 2, _LEADING * size)


def setting(lines: Sequence[PageLine]) -> Setting:
    """How most of the lines are set."""
    sizes: Counter[tuple[float, bool]] = Counter()
    distances: dict[float, list[float]] = defaultdict(list)
    for line in lines:
        sizes[line.size, line.bold] += len(line.text)
    for a, b in pairwise(lines):
        if a.flow == b.flow and abs(a.size - b.size) < 0.3:
            distances[round(a.size * 2) / 2].append(a.baseline - b.baseline)
    size, bold = sizes.most_common(1)[0][0]
    return Setting(size, bold, {size: median(found) for size, found in distances.items() if len(found) >= 5})


def chunks(lines: Sequence[PageLine], how: Setting) -> list[Chunk]:
    """The lines parted where a block begins; a caption in the midst of a paragraph is set after it."""
    limits = _limits(lines)
    parts: list[list[PageLine]] = []
    for i, line in enumerate(lines):
        if not i or _begins(lines, i, parts[-1][0], limits, how):
            parts.append([])
        parts[-1].append(line)
    found: list[Chunk] = []
    for part in (Chunk(tuple(part)) for part in parts):
        if len(found) > 1 and is_caption(found[-1], how) and _is_torn(found[-2], part, how):
            found[-2] = Chunk(found[-2].lines + part.lines)
        else:
            found.append(part)
    return found


def is_caption(chunk: Chunk, how: Setting) -> bool:
    """Whether a chunk is a caption: a named and numbered one with a stop or in smaller type, or a small lone line."""
    if not is_picture_caption(chunk.text):
        return len(chunk.lines) == 1 and _is_smaller(chunk, how) and not _ended(chunk.lines[0])
    return _NUMBERED_CAPTION.match(chunk.text) is not None or _is_smaller(chunk, how)


def _is_smaller(chunk: Chunk, how: Setting) -> bool:
    return 0.7 * how.size < chunk.lines[0].size < _SMALLER * how.size


def _is_torn(before: Chunk, after: Chunk, how: Setting) -> bool:
    """Whether two chunks are one paragraph that something was set into."""
    a, b = before.lines[-1], after.lines[0]
    same = abs(a.size - b.size) < 0.06 * a.size and abs(a.size - how.size) < 0.06 * a.size and a.bold is b.bold
    return same and b.indent < _INDENT and not _ended(a) and a.room < 4


def _limits(lines: Sequence[PageLine]) -> list[float]:
    """Of each line, how far to the right it could run: of lines with one indent, as far as the longest does."""
    limits: list[float] = []
    start = 0
    for i in range(1, len(lines) + 1):
        if i < len(lines) and lines[i].flow == lines[start].flow and abs(lines[i].left - lines[start].left) < 1:
            continue
        run = lines[start:i]
        inset = len(run) > 1 and run[0].indent >= _INDENT
        limits += [max(line.right for line in run) if inset else line.column[1] for line in run]
        start = i
    return limits


def _begins(lines: Sequence[PageLine], i: int, first: PageLine, limits: Sequence[float], how: Setting) -> bool:
    """Whether line `i` begins a block; `first` is the first line of the block before."""
    before, line = lines[i - 1], lines[i]
    if abs(before.size - line.size) > 0.06 * line.size or before.bold is not line.bold:
        return True
    ended = _ended(before)
    word = line.rights[len(line.text.split(" ", 1)[0]) - 1] - line.left
    short = ended and limits[i - 1] - before.right > word + 0.5 * line.size
    if is_item(line.text) and (ended or _is_next(first.text, line.text)):
        return True
    if before.flow != line.flow:
        turned = _is_run(lines, i - 1) is not _is_run(lines, i)
        return short or turned or (ended and line.indent >= _INDENT > before.indent)
    if before.baseline - line.baseline > _SPREAD * how.leading(line.size):
        return True
    dedented = before.left - line.left >= _INDENT * line.size and before is not first and _alike(lines[i - 2], before)
    return short or dedented or (ended and line.left - before.left >= _INDENT * line.size)


def _is_next(item: str, text: str) -> bool:
    """Whether an item of a list may follow another; a figure that a line happens to begin with does not count on."""
    one, other = (match and int(match[1]) for match in (_COUNTED.match(item), _COUNTED.match(text)))
    return is_item(item) and (one is None or other is None or other == one + 1)


def _is_run(lines: Sequence[PageLine], i: int) -> bool:
    """Whether a line is indented as another is above or below it, and so by more than a paragraph's first."""
    near = [lines[j] for j in (i - 1, i + 1) if 0 <= j < len(lines)]
    return lines[i].indent >= _INDENT and any(_alike(line, lines[i]) for line in near)


def _ended(line: PageLine) -> bool:
    """Whether a paragraph may end with a line; the number of a note may follow its last sentence."""
    text = line.text.rstrip(RAISED_DIGITS)
    return ends_sentence(text) or text.endswith(":")


def _alike(a: PageLine, b: PageLine) -> bool:
    return a.flow == b.flow and abs(a.left - b.left) < 1


def heading_levels(found: Sequence[Chunk], how: Setting) -> dict[int, int]:
    """Index of each chunk that is a heading, and its level: 1 is what is set largest."""
    heads = [i for i in range(len(found) - 1) if _is_heading(found, i, how)]
    counts = Counter(found[i].style for i in heads)
    first = found[heads[0]].style if heads else None
    heads = [
        i
        for i in heads
        if counts[found[i].style] > 1 or found[i].style[1] or found[i].style == first or i - 1 not in heads
    ]  # a lone larger line under the title, not bold, is the author's name
    styles = sorted({found[i].style for i in heads}, key=lambda style: (-style[0], not style[1], style[2]))
    ranks = {style: rank for rank, style in enumerate(styles, 1)}
    numbers = {i: match[1].count(".") for i in heads if (match := _SECTION_NUMBER.match(found[i].text))}
    least = dict.fromkeys(styles, 0)
    least |= {found[i].style: dots for i, dots in sorted(numbers.items(), key=lambda item: -item[1])}
    return {i: ranks[found[i].style] + max(numbers.get(i, 0) - least[found[i].style], 0) for i in heads}


def _is_heading(found: Sequence[Chunk], i: int, how: Setting) -> bool:
    chunk = found[i]
    text = chunk.text
    size, bold, italic = chunk.style
    is_name = i <= 3 and byline(text) is not None
    if is_name or len(text) > _LONGEST_HEADING or not any(map(str.isalnum, text)) or _LEADERS.search(text):
        return False
    if size > _LARGER * how.size:
        return not is_caption(chunk, how)
    if bold and not how.bold:
        listed = is_item(text) and not _SECTION_NUMBER.match(text)
        return not (listed or text.endswith((",", ";")) or is_caption(chunk, how))
    if size < _SMALLER * how.size or not _stands_apart(found, i, how):
        return False
    alone = italic and len(chunk.lines) == 1 and not ends_sentence(text)
    return alone or plain_form(text) in (Form.DIVISION, Form.CAPITALS, Form.NUMERAL)


def _stands_apart(found: Sequence[Chunk], i: int, how: Setting) -> bool:
    """Whether white space, or the edge of a column, parts a chunk from what is above and below it."""
    above, below = found[i - 1].lines[-1] if i else None, found[i + 1].lines[0]
    first, last = found[i].lines[0], found[i].lines[-1]
    room = _SPREAD * how.leading(how.size)
    over = above is None or above.flow != first.flow or above.baseline - first.baseline > room
    return over and (below.flow != last.flow or last.baseline - below.baseline > 1.05 * how.leading(how.size))


def set_off(found: Sequence[Chunk], levels: dict[int, int], how: Setting) -> set[int]:
    """Indexes of the chunks that are set off as quotations: indented on both sides, or in smaller type."""
    quoted: set[int] = set()
    section = ""
    for i, chunk in enumerate(found):
        if i in levels:
            section = chunk.text.casefold().strip(" .:0123456789")
            continue
        listed = section in _LISTS or (opens_a_part(section) and i - 1 in levels)
        listed = listed or is_item(chunk.text) or _LEADERS.search(chunk.text) is not None
        if i and not listed and not is_caption(chunk, how):
            introduced = found[i - 1].text.endswith(":") or i - 1 in quoted
            between = found[i + 1 : i + 2] and found[i + 1].lines[0].size > chunk.lines[0].size
            if (len(chunk.lines) > 1 or introduced) and _is_inset(chunk, how, bool(between)):
                quoted.add(i)
    return quoted


def _is_inset(chunk: Chunk, how: Setting, between: bool) -> bool:
    """Whether a chunk is narrower than the text, or smaller and indented or `between` larger lines."""
    smaller = _is_smaller(chunk, how)
    left = min(line.indent for line in chunk.lines) >= _INDENT
    right = min(line.room for line in chunk.lines) >= _INDENT
    return (left and right) or (smaller and (left or between))
