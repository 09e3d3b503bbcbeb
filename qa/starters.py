"""Questions to begin with, made from a document's own headings."""

import re
from collections.abc import Iterable, Iterator, Sequence

from index.lexical import terms
from index.types import BlockKind, Document

_STRUCTURAL = re.compile(
    r"(?:the|a|an|and|of|chapter|part|section|book|letter|no|introduction|introductory|preface|foreword|afterword"
    r"|prologue|epilogue|conclusions?|contents|notes?|footnotes|endnotes|references|bibliography|sources|appendix"
    r"|index|abstract|acknowledge?ments?|summary|[ivxlcdm]+|\d+)",
    re.IGNORECASE,
)
"""Words that say where in a text a heading stands, not what it is about."""
_QUOTED = '“«"'
_TELLING = 2
"""Words of meaning from which a heading says by itself what is meant ("The women of the salt pans", not "The end")."""
_LONGEST = 80
"""Characters; a longer heading makes no question that one would read."""


def starter_questions(documents: Sequence[Document]) -> Iterator[str]:
    """Questions about what the documents' headings name: the documents take turns, telling headings come first."""
    questions = [_heading_questions(document) for document in documents]
    yield from in_turns([telling for telling, _ in questions])
    yield from in_turns([rest for _, rest in questions])


def _heading_questions(document: Document) -> tuple[list[str], list[str]]:
    """A question for each heading that names a subject: of those that say by themselves what is meant, and the rest."""
    headings = list(_naming_headings(document))
    tells = [len(found) >= _TELLING for found in terms(headings)]
    pairs = list(zip(tells, map(_question, headings), strict=True))
    return [question for telling, question in pairs if telling], [
        question for telling, question in pairs if not telling
    ]


def _naming_headings(document: Document) -> Iterator[str]:
    for block in document.blocks:
        heading = document.text[block.start : block.end].strip(" .:")
        if block.kind is not BlockKind.HEADING or len(heading) > _LONGEST:
            continue
        if heading.casefold() == document.title.strip(" .:").casefold():
            continue
        if all(_STRUCTURAL.fullmatch(word) for word in re.findall(r"\w+", heading)):
            continue
        yield heading


def _question(heading: str) -> str:
    if heading.endswith("?"):
        return heading
    heading = heading.capitalize() if heading.isupper() else heading
    return f"What is said about {heading if heading[0] in _QUOTED else f'“{heading}”'}?"


def in_turns(lists: Sequence[Iterable[str]]) -> Iterator[str]:
    """The first of each list, then the second of each, until all are spent."""
    waiting = [iter(items) for items in lists]
    while waiting:
        for items in list(waiting):
            item = next(items, None)
            if item is None:
                waiting.remove(items)
            else:
                yield item
