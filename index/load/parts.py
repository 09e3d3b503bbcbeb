"""Parts of a marked-up document to its text, blocks and markers. Does not look at elements, only tells them apart."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from index.load.references import References
from index.load.tree import Element
from index.structure import SEPARATOR, Structure
from index.types import Block, BlockKind, Marker, SourceLine


@dataclass(slots=True)
class Part:
    """A block to be."""

    kind: BlockKind
    text: str
    markers: list[tuple[int, int, Element]] = field(default_factory=list)
    """Offset in the text, number, and the note's element."""
    level: int | None = None
    note: Element | None = None
    """Of a note, its element."""
    breaks: list[tuple[int, str]] = field(default_factory=list)
    """Where in the text printed pages begin, and their names."""


def assembled(pages: Sequence[Sequence[Part]], found: References) -> Structure:
    """The text of the parts, notes behind the section that cites them."""
    parts = _placed([part for page in pages for part in page if part.text])
    at = count = 0
    starts: list[int] = []
    blocks: list[Block] = []
    for part in parts:
        number = found.notes[part.note] if part.note is not None else None
        if part.kind in (BlockKind.PARAGRAPH, BlockKind.QUOTATION):
            number = count = count + 1
        blocks.append(Block(part.kind, at, at + len(part.text), number, part.level))
        starts.append(at)
        at += len(part.text) + len(SEPARATOR)
    notes = {part.note: index for index, part in enumerate(parts) if part.note is not None}
    markers = tuple(
        Marker(start + offset, number, notes.get(note))
        for start, part in zip(starts, parts, strict=True)
        for offset, number, note in part.markers
    )
    turns = [
        SourceLine(start + offset, 0, name)
        for start, part in zip(starts, parts, strict=True)
        for offset, name in part.breaks
    ]
    if turns and turns[0].start > 0:
        turns.insert(0, SourceLine(0, 0))  # what stands before the first break has no page
    return Structure([part.text for part in parts], tuple(blocks), markers, tuple(turns))


def _placed(parts: Sequence[Part]) -> list[Part]:
    """Parts in reading order: a note behind the section that cites it, as at the foot of a page.

    Notes under a heading of their own stay there, and so do those that no text cites.
    """
    own = _under_own_heading(parts)
    cited = {note for part in parts if part.note is None for *_, note in part.markers}
    waiting = {part.note: part for part in parts if part.note in cited and part.note not in own}
    moved = set(waiting)
    result: list[Part] = []
    pending: list[Part] = []
    for part in parts:
        if part.kind is BlockKind.HEADING:
            result += pending
            pending = []
        if part.note is None:
            result.append(part)
            pending += [waiting.pop(note) for *_, note in part.markers if note in waiting]
        elif part.note not in moved:
            result.append(part)
    return result + pending


def _under_own_heading(parts: Sequence[Part]) -> set[Element]:
    own: set[Element] = set()
    before: Part | None = None
    for part in parts:
        if part.note is None:
            before = part
        elif before is not None and before.kind is BlockKind.HEADING:
            own.add(part.note)
    return own
