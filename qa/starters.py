"""Questions to begin with, made from a document's own headings."""

import re
from collections.abc import Iterable, Iterator, Sequence

from index.types import BlockKind, Document

_STRUCTURAL = re.compile(
    r"(?:the|a|an|and|of|chapter|part|section|book|letter|no|introduction|introductory|preface|foreword|afterword"
    r"|prologue|epilogue|conclusions?|contents|notes?|footnotes|endnotes|references|bibliography|sources|appendix"
    r"|index|abstract|acknowledge?ments?|summary|[ivxlcdm]+|\d+)",
    re.IGNORECASE,
)
"""Words that say where in a text a heading stands, not what it is about."""
_LONGEST = 80
"""Characters; a longer heading makes no question that one would read."""


def heading_questions(document: Document) -> Iterator[str]:
    """A question for each heading that names a subject, in the order of the text."""
    for block in document.blocks:
        heading = document.text[block.start : block.end].strip(" .:")
        if block.kind is not BlockKind.HEADING or len(heading) > _LONGEST:
            continue
        if heading.casefold() == document.title.strip(" .:").casefold():
            continue
        if all(_STRUCTURAL.fullmatch(word) for word in re.findall(r"\w+", heading)):
            continue
        if heading.endswith("?"):
            yield heading
        else:
            yield f"What is said about {_quoted(heading.capitalize() if heading.isupper() else heading)}?"


def _quoted(heading: str) -> str:
    return heading if heading[0] in '“«"' else f"“{heading}”"


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
