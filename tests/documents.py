"""Random documents, for properties that must hold of any."""

import hashlib
from itertools import accumulate

from hypothesis import strategies as st

from index.types import Block, BlockKind, Colour, Document, Marker, SourceLine

SEPARATOR = "\n\n"
SPEECH = (
    *(
        "the barge",
        "Lock",
        "weir",
        "water,",
        "tide;",
        "St.",
        "p. 4",
        "No",
        "1848",
        "I",
        "end. ",
        "so? ",
        "Ja! ",
        ". . .",
    ),
    *("—", "“", "”", "(", ")", "。", "水位", "Он.", "ﬁn", "🚣", "e\u0301", "\x00", "_", "word " * 45, "x" * 900),
)
any_characters = st.characters(exclude_categories=["Cs"])

block_texts = st.one_of(
    st.lists(st.sampled_from(SPEECH), min_size=1, max_size=40).map(" ".join),
    st.text(any_characters, min_size=1, max_size=60),
)
optional_numbers = st.none() | st.integers(0, 2000)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    kinds = draw(st.lists(st.sampled_from(list(BlockKind)), min_size=1, max_size=12))
    parts = [draw(block_texts) for _ in kinds]
    starts = [0, *accumulate(len(part) + len(SEPARATOR) for part in parts)]
    text = SEPARATOR.join(parts)
    places = st.lists(st.integers(0, len(text)), max_size=5).map(sorted)
    note = st.none() | st.integers(0, len(kinds) - 1)
    return Document(
        id=draw(st.text(any_characters, min_size=1, max_size=10)),
        title=draw(st.text(any_characters, max_size=10)),
        author=draw(st.none() | st.just("A. Keeper")),
        year=draw(optional_numbers),
        label="Barge",
        source="barge.txt",
        source_sha256="0" * 64,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        text=text,
        blocks=tuple(
            Block(kind, start, start + len(part), draw(optional_numbers), 1 if kind is BlockKind.HEADING else None)
            for kind, part, start in zip(kinds, parts, starts, strict=False)
        ),
        markers=tuple(Marker(place, draw(st.integers(1, 99)), draw(note)) for place in draw(places)),
        lines=tuple(
            SourceLine(place, n + 1, draw(st.none() | st.text("xiv145", min_size=1)))
            for n, place in enumerate(draw(places))
        ),
        publisher=draw(st.none() | st.just("Lock Press")),
        colour=draw(st.none() | st.sampled_from(Colour)),
    )


def document(*blocks: tuple[BlockKind, str]) -> Document:
    """A document of these blocks."""
    text = SEPARATOR.join(words for _, words in blocks)
    starts = accumulate((len(words) + len(SEPARATOR) for _, words in blocks), initial=0)
    placed = tuple(Block(kind, start, start + len(words)) for (kind, words), start in zip(blocks, starts, strict=False))
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Document("a", "A", None, None, "A", "a.txt", "0" * 64, digest, placed, (), (), text=text)
