"""Lines to chunks (heading, paragraph, quotation: whatever stands together), and a chunk to a part, its running text.

Decides where a paragraph begins, across page breaks and notes too, and how two lines are joined. Does not
say what kind of block a part is: each begins as a paragraph.
"""

import re
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from index.headings import Form, byline, is_item, plain_form
from index.lines import SOFT_HYPHEN, Layout, Line, compact, ends_sentence, plain
from index.types import BlockKind

# A set-off quotation is this much narrower than the body at most; ragged right edges vary less.
_NARROW = 0.87
_SHORT = 0.75  # of the measure: a line that ends a paragraph where nothing else shows it
_FAR = 40  # lines looked ahead for a quotation after a page break
_OPENING = 3  # lines at the beginning among which the author's name may stand under the title
_LEAST_STANZA = 3  # lines
_COMPOUND = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_LAST_PART = re.compile(r"([^\W\d_]+)-$")
_FIRST_PART = re.compile(r"[^\W\d_]+")


@dataclass(slots=True)
class Part:
    """A block to be, and of its source lines no more than is still needed."""

    kind: BlockKind
    kept: str | bytes
    """Its text as `compact` gives it."""
    starts: Sequence[int]
    """Offsets in the text at which its lines begin."""
    numbers: Sequence[int]
    """Of its lines."""
    pages: Sequence[str | None]
    """Of its lines; empty where none has one."""
    markers: Sequence[tuple[int, int]]
    """The (offset, number) of those that stood in the text."""
    quoted: bool
    """As of its first line."""
    apart: bool
    """A blank line or the top of a page stands before it."""
    inset: bool = False
    """All of its lines stand further in than the body's."""
    narrow: bool = False
    number: int | None = None
    level: int | None = None

    @property
    def text(self) -> str:
        """Made each time."""
        return plain(self.kept)

    def keep(self, start: int, end: int) -> None:
        """Keeps a slice of the text."""
        self.kept = compact(self.text[start:end])
        self.starts = [max(offset - start, 0) for offset in self.starts]
        self.markers = [(min(max(offset, start), end) - start, number) for offset, number in self.markers]


def chunks(lines: Sequence[Line], layout: Layout) -> Sequence[int]:
    """Numbers (from 0) of the lines with which a block begins, and the number of lines; headings stand alone."""
    heads = _head_forms(lines, layout)
    parts = array("q", [0])
    if not lines:
        return parts
    verse = _verse(lines)
    spread = sum(line.gap for line in lines) >= 0.05 * len(lines)
    for i in range(1, len(lines)):
        if i in verse:
            continue
        if heads[i] or heads[i - 1]:
            one = heads[i] is heads[i - 1] is Form.CAPITALS and not lines[i].gap
            if not one:
                parts.append(i)
        elif (i <= _OPENING and byline(lines[i].text)) or _begins(lines, i, parts[-1], layout, spread):
            parts.append(i)
    parts.append(len(lines))
    return parts


def _verse(lines: Sequence[Line]) -> set[int]:
    """The lines, but for the first, of each stanza of which every other line is indented.

    Paragraphs of two lines look the same, but the line before an indent ends a sentence there.
    """
    found: set[int] = set()
    start = 0
    for end in range(1, len(lines) + 1):
        if end < len(lines) and not (lines[end].gap or lines[end].page_top):
            continue
        if _alternates(lines[start:end]):
            found.update(range(start + 1, end))
        start = end
    return found


def _alternates(stanza: Sequence[Line]) -> bool:
    indents = [line.indent for line in stanza]
    if len(stanza) < _LEAST_STANZA or indents[1] < indents[0] + 2:
        return False
    before = stanza[:-1:2]
    ended = sum(ends_sentence(line.text) or line.text.endswith(":") for line in before)
    return 2 * ended < len(before) and all(indent == indents[i % 2] for i, indent in enumerate(indents))


def is_narrow(lines: Sequence[Line], layout: Layout) -> bool:
    """Whether lines are all shorter than the body's."""
    return all(len(line.text) <= _NARROW * layout.measure for line in lines)


def _head_forms(lines: Sequence[Line], layout: Layout) -> list[Form | None]:
    forms = [None if line.quoted else plain_form(line.text) for line in lines]
    heads: list[Form | None] = []
    for i, form in enumerate(forms):
        if form is None:
            heads.append(None)
            continue
        before = i == 0 or lines[i].gap or lines[i].page_top or heads[i - 1] is not None
        after = form in (Form.DIVISION, Form.MARKDOWN) or i + 1 == len(lines)
        if not after:
            line = lines[i + 1]
            titled = i < _OPENING and byline(line.text) is not None
            after = line.gap or line.page_top or forms[i + 1] is not None or titled
        heads.append(form if (before and after) or not layout.wrapped else None)
    return heads


def _begins(lines: Sequence[Line], i: int, start: int, layout: Layout, spread: bool) -> bool:
    """Whether line `i` begins a chunk, the one before having begun with line `start`.

    `spread`: blank lines part paragraphs in this text, so that a short line alone says nothing.
    """
    before, line = lines[i - 1], lines[i]
    if line.quoted is not before.quoted:
        return True
    if line.page_top:
        return _begins_after_page(lines, i, layout)
    if line.gap or not layout.wrapped or line.indent >= before.indent + 2:
        return True
    dedented = before.indent >= line.indent + 2 and i - start >= 2 and lines[i - 2].indent == before.indent
    # "(2)" counts inside a sentence too, so that only a sentence's end before it makes it an item.
    listed = line.text[0] != "(" and (is_item(lines[start].text) or before.text[-1] in ":;")
    item = is_item(line.text) and (listed or ends_sentence(before.text))
    short = not spread and ends_sentence(before.text) and len(before.text) < _SHORT * layout.measure
    return dedented or item or short


def _begins_after_page(lines: Sequence[Line], i: int, layout: Layout) -> bool:
    """A page break says nothing of paragraphs; the line before it does."""
    before, line = lines[i - 1], lines[i]
    if before.text.endswith(":"):
        end = i + 1
        while end < min(len(lines), i + _FAR) and not (lines[end].gap or lines[end].page_top):
            end += 1
        return not layout.wrapped or is_narrow(lines[i:end], layout)
    if not layout.wrapped:
        return not line.text[0].islower()
    if not ends_sentence(before.text):
        return False
    return line.gap or len(before.text) + 1 + len(line.text.split(" ", 1)[0]) <= layout.measure


def broken_words(lines: Sequence[Line]) -> set[str]:
    """Words (casefolded) that a line end cut in two: the text has them whole, and never with the hyphen."""
    pairs: dict[str, str] = {}
    for a, b in pairwise(lines):
        last, first = _LAST_PART.search(a.text[-60:]), _FIRST_PART.match(b.text)
        if last and first:
            pairs[(last[1] + first[0]).casefold()] = f"{last[1]}-{first[0]}".casefold()
    if not pairs:
        return set()
    wanted = set(pairs) | set(pairs.values())
    seen: set[str] = set()
    for line in lines:
        seen.update(word for word in _COMPOUND.findall(line.text.casefold()) if word in wanted)
    return {whole for whole, hyphened in pairs.items() if whole in seen and hyphened not in seen}


def part_of(lines: Sequence[Line], broken: set[str], taken: Iterable[Sequence[tuple[int, int]]] = ()) -> Part:
    """A paragraph of some lines; `taken`: of each line the (offset in it, number) of the markers that stood there."""
    text, starts = _unwrap(lines, broken)
    kept, first = compact(text), lines[0]
    return Part(
        BlockKind.PARAGRAPH,
        first.kept if first.kept == kept else kept,  # a line alone has its text already
        starts,
        array("q", [line.number for line in lines]),
        tuple(line.page for line in lines) if any(line.page for line in lines) else (),
        tuple((start + at, number) for start, found in zip(starts, taken, strict=False) for at, number in found),
        first.quoted,
        first.gap or first.page_top,
    )


def _unwrap(lines: Sequence[Line], broken: set[str]) -> tuple[str, Sequence[int]]:
    """The running text of a chunk's lines, and the offset in it at which each line begins."""
    text = lines[0].text
    if len(lines) == 1:
        return text.removesuffix(SOFT_HYPHEN), (0,)  # the same for all
    pieces = [text]
    starts = array("q", [0])
    length = len(text)
    for line in lines[1:]:
        before, text = text, line.text
        cut, glue = _joint(before, text, broken)
        if cut:
            pieces[-1] = pieces[-1][:-1]
            length -= 1
        starts.append(length + len(glue))
        pieces += (glue, text)
        length += len(glue) + len(text)
    return "".join(pieces).removesuffix(SOFT_HYPHEN), starts


def _joint(a: str, b: str, broken: set[str]) -> tuple[bool, str]:
    """Whether the last character of `a` goes, and what stands between `a` and `b`."""
    if a.endswith(SOFT_HYPHEN):
        return True, ""
    last, first = _LAST_PART.search(a[-60:]), _FIRST_PART.match(b)
    if last and first:
        return (last[1] + first[0]).casefold() in broken, ""
    # A dash that stands close on one side stands close on the other.
    dash = len(a) - len(a.rstrip("—–")) or 2 * a.endswith("--")
    close = (dash and a[-dash - 1 : -dash].strip()) or (b[0] == "—" and b[1:2].strip())
    return False, "" if close else " "
