"""Lines of a source: where each stands, how the page was laid out, and what is page furniture.

Gives the non-blank lines with their numbers in the file, finds page breaks, printed page numbers and
running heads, and measures whether lines are wrapped. Does not join lines or name blocks.
"""

import re
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

SOFT_HYPHEN = "\xad"
"""Shows only where a word is cut; kept at a line's end until lines are joined."""

_LINE_END = re.compile(r"\r\n|[\n\r\x85\u2028\u2029]")
_RULE = re.compile(r"(?:[-_=*~·•—–] ?){3,}")
_BLANK_RULE = 20  # blanks: a line drawn with blanks; blank lines of a source hold none, one or an indent
_PAGE_NUMBER = re.compile(r"[-–—\[(]? ?(\d{1,4}) ?[-–—\])]?")
_NUMBERED_HEAD = re.compile(r"(?:(\d{1,4}) (\D+)|(\D+) (\d{1,4}))")
_NOTE_NUMBER = re.compile(r"\d{1,3}[.)] ")  # a note may stand one blank in like a new page
_HEAD_WIDTH = 100  # characters: a running head is one short line
_WIDEST = 200  # characters: longer lines are paragraphs
_SENTENCE_END = re.compile(r"[.?!…][\"”’»“)\]*]*$")
_INVISIBLE = re.compile("[\x00-\x08\x0e-\x1b\x7f\u200b\u2060\ufeff]")
_LIGATURE = re.compile("[\ufb00-\ufb06]")


@dataclass(frozen=True, slots=True)
class Line:
    """A line that holds words, its runs of blanks collapsed to one ordinary space."""

    number: int
    """In the file, from 1."""
    kept: str | bytes
    """Its text as `compact` gives it."""
    indent: int
    """Blanks before the first word; a tab counts to the next multiple of four."""
    gap: bool
    """A blank line, or a rule, stands before it."""
    rule: bool
    """A rule (drawn with blanks, dashes, underscores, asterisks) stands before it."""
    quoted: bool = False
    """Marked as quoted by ">" before it, as in mail and Markdown; the mark is taken off."""
    page_top: bool = False
    page: str | None = None
    """Page as printed."""

    @property
    def text(self) -> str:
        """Made each time."""
        return plain(self.kept)


_Place = tuple[int, int, int | None]
"""Sheet (pages counted from 0), index of the line, and the page number that stands in it."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How the lines of a source were set."""

    wrapped: bool
    """Paragraphs run over several lines; otherwise a line is a paragraph."""
    measure: int
    """Characters of a full line."""
    indent: int
    """Blanks before most lines."""


def read_lines(source: Iterable[str]) -> tuple[list[Line], Layout]:
    """The lines of body and notes in order, without page furniture, and their layout; `source`: a text by pieces."""
    lines = _split(source)
    layout = _layout(lines)
    if layout.wrapped:
        lines = _tops_by_blank(lines)
    return _without_furniture(lines), layout


def compact(text: str) -> str | bytes:
    """A text, or its UTF-8 where that takes less room: one curly quotation mark makes each character take two bytes."""
    if text.isascii():
        return text
    data = text.encode()
    return data if sys.getsizeof(data) < sys.getsizeof(text) else text


def plain(kept: str | bytes) -> str:
    """The text of which `compact` made this."""
    return kept if isinstance(kept, str) else kept.decode()


def letters(text: str) -> str:
    """A text whose ligatures (ﬁ, ﬄ, ﬆ) are the letters that they print: no model reads them, and nobody types them."""
    return _LIGATURE.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)


def ends_sentence(text: str) -> bool:
    """Whether a text ends with the mark that ends a sentence, quotation marks and brackets apart."""
    return _SENTENCE_END.search(text[-12:]) is not None


def _split(source: Iterable[str]) -> list[Line]:
    lines: list[Line] = []
    gap = rule = top = False
    for number, raw in enumerate(_raw(letters(_INVISIBLE.sub("", piece)) for piece in source), 1):
        for order, piece in enumerate(raw.split("\f")):
            top = top or order > 0
            text = " ".join(piece.replace(SOFT_HYPHEN, "").split())
            if not text:
                gap, rule = True, rule or len(piece) >= _BLANK_RULE
            elif _RULE.fullmatch(text):
                gap = rule = True
            else:
                head = piece[: len(piece) - len(piece.lstrip())]
                quoted = text[0] == ">"
                if quoted:
                    text = text.lstrip("> ") or ">"
                if piece.rstrip().endswith(SOFT_HYPHEN):
                    text += SOFT_HYPHEN
                lines.append(Line(number, compact(text), len(head.expandtabs(4)), gap, rule, quoted, top))
                gap = rule = top = False
    return lines


def _raw(source: Iterable[str]) -> Iterator[str]:
    """The lines as they stand, one at a time: of a long text, all together would take as much memory again."""
    rest, seen = "", 0
    for piece in source:
        rest += piece
        start = 0
        for end in _LINE_END.finditer(rest, seen):
            if end.end() == len(rest):
                break  # the next piece may begin with what belongs to it
            yield rest[start : end.start()]
            start = end.end()
        rest = rest[start:]
        seen = max(len(rest) - 2, 0)
    yield from _LINE_END.split(rest)


def _layout(lines: Sequence[Line]) -> Layout:
    if not lines:
        return Layout(False, 0, 0)
    indent = Counter(line.indent for line in lines).most_common(1)[0][0]
    widths = sorted(len(line.text) for line in lines)
    joined = [a for a, b in pairwise(lines) if not b.gap]
    unfinished = sum(not ends_sentence(line.text) for line in joined)
    widest = widths[int(0.95 * len(widths))]
    wrapped = unfinished > 0.5 * len(joined) and widest <= _WIDEST
    return Layout(wrapped, widths[int(0.75 * len(widths))], indent)


def _tops_by_blank(lines: list[Line]) -> list[Line]:
    """Text taken from a PDF may show a new page as one blank before its first line.

    One blank is too narrow for an indent; it counts where it is as rare as pages are.
    """
    leading = [i for i, line in enumerate(lines) if line.indent == 1 and not _NOTE_NUMBER.match(line.text)]
    if not leading or len(leading) * 15 > len(lines):
        return lines
    marked = list(lines)
    for i in leading:
        marked[i] = replace(lines[i], page_top=True)
    return marked


def _without_furniture(lines: list[Line]) -> list[Line]:
    """Drops page numbers and running heads; what they say stays as `page` and `page_top`."""
    furniture: dict[int, int | None] = {**_page_numbers(lines)}
    furniture.update(_running_heads(lines, furniture))
    sheets: list[int] = []
    printed: dict[int, int] = {}
    sheet, turned, empty = 0, False, True
    for i, line in enumerate(lines):
        if line.page_top or turned:
            sheet, turned, empty = sheet + 1, False, True
        sheets.append(sheet)
        number = furniture.get(i)
        if number is not None:
            printed[sheet] = number
            # After the words of a page its number is the last of it; before them it opens the page.
            turned = not empty
        empty = empty and i in furniture
    pages = {sheet: str(page) for sheet, page in _pages(printed).items()}
    kept: list[Line] = []
    before = 0
    for i, line in enumerate(lines):
        if i in furniture:
            continue
        alone = i == 0 or i - 1 not in furniture
        top = sheets[i] != before or (i == 0 and line.page_top)
        page = pages.get(sheets[i])
        gap = line.gap and alone
        same = (gap, top, page) == (line.gap, line.page_top, line.page)
        kept.append(line if same else replace(line, gap=gap, page_top=top, page=page))
        before = sheets[i]
    return kept


def _pages(printed: dict[int, int]) -> dict[int, int]:
    """Printed numbers by sheet, filled in between two of them where the sheets counted agree."""
    pages = dict(printed)
    known = sorted(printed)
    for a, b in pairwise(known):
        if printed[b] - printed[a] == b - a:
            pages.update((sheet, printed[a] + sheet - a) for sheet in range(a, b))
    return pages


def _page_numbers(lines: Sequence[Line]) -> dict[int, int]:
    """Numbers that stand alone and rise like pages.

    Chapters are numbered like this too. Pages break sentences or stand at page breaks, chapters do not;
    the whole series is read as one or the other.
    """
    series: dict[int, int] = {}
    last, last_line = 0, 0
    torn = 0
    for i, line in enumerate(lines):
        match = _PAGE_NUMBER.fullmatch(line.text) if len(line.text) <= 8 else None
        if match is None:
            continue
        number = int(match[1])
        if series and not last < number <= last + line.number - last_line:
            continue
        series[i] = last = number
        last_line = line.number
        torn += _tears_page(lines, i)
    return series if torn * 2 >= len(series) else {}


def _tears_page(lines: Sequence[Line], i: int) -> bool:
    before = lines[i - 1].text if i else ""
    after = lines[i + 1] if i + 1 < len(lines) else None
    return (
        lines[i].page_top
        or (after is not None and (after.page_top or after.text[0].islower()))
        or before.endswith((",", ";", "-"))
        or before[-1:].islower()
    )


def _running_heads(lines: Sequence[Line], numbers: Mapping[int, int | None]) -> dict[int, int | None]:
    """First and last lines of pages that return on page after page, with the page number they may hold."""
    edges = _page_edges(lines, numbers)
    seen: dict[str, list[_Place]] = defaultdict(list)
    for sheet, i in edges:
        text = lines[i].text
        if len(text) <= _HEAD_WIDTH:
            match = _NUMBERED_HEAD.fullmatch(text)
            number = int(match[1] or match[4]) if match else None
            key = (match[2] or match[3]).strip() if match else text
            seen[key.casefold()].append((sheet, i, number))
    heads: dict[int, int | None] = {}
    for places in seen.values():
        for run in _page_after_page(places):
            # The first of a text is its title, which the heads repeat.
            heads.update((i, number) for _, i, number in run if i > 0 or number is not None)
    return heads


def _page_edges(lines: Sequence[Line], numbers: Mapping[int, int | None]) -> list[tuple[int, int]]:
    """(sheet, index) of the first and the last line of each page, page numbers apart."""
    edges: dict[int, int] = {}
    sheet, previous = 0, None
    fresh = True
    for i, line in enumerate(lines):
        if line.page_top and i:
            if previous is not None:
                edges[previous] = sheet
            sheet, fresh = sheet + 1, True
        if i not in numbers:
            if fresh:
                edges[i] = sheet
            previous, fresh = i, False
    if sheet and previous is not None:
        edges[previous] = sheet
    return [(edges[i], i) for i in sorted(edges)] if sheet else []


def _page_after_page(places: list[_Place]) -> Iterator[list[_Place]]:
    """Runs of three and more in which sheets follow closely and printed numbers rise with the sheets."""
    run: list[_Place] = []
    for place in places:
        if run:
            step = place[0] - run[-1][0]
            old, new = run[-1][2], place[2]
            counted = old is None or new is None or new - old == step
            if not (1 <= step <= 2 and counted):
                if len(run) >= 3:
                    yield run
                run = []
        run.append(place)
    if len(run) >= 3:
        yield run
