"""Headings and captions by their look: form, level, and what only seems to be one.

Knows the general words of book divisions in a few languages and reads everything else from form: capitals,
numerals, marks of Markdown, and short lines that stand apart. Does not join lines or build blocks.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise


class Form(StrEnum):
    """What makes a line a heading."""

    MARKDOWN = "markdown"
    DIVISION = "division"
    """CHAPTER I, Part Two, Section 5.1"""
    CAPITALS = "capitals"
    NUMERAL = "numeral"
    """A numeral alone: IV, 12."""
    TITLE = "title"
    """A short line that stands apart and has no end punctuation."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A chunk that is a heading, before its level is known."""

    index: int
    """Of its chunk."""
    form: Form
    text: str
    attached: bool
    """Follows another heading with nothing between."""


_MARKDOWN = re.compile(r"(#{1,6}) (?=[^#\s])(.*?)(?: #+)?")
_NUMBER = (
    r"(?:\d{1,3}(?:\.\d{1,3})*|[IVXLCDM]{1,8}|[ivxlc]{1,8}|[A-Z]"
    r"|one|two|three|four|five|six|seven|eight|nine|ten)"
)
_DIVISION_RANKS = {
    "volume": 0, "book": 0, "part": 0, "teil": 0, "band": 0, "buch": 0, "partie": 0, "часть": 0, "том": 0,
    "chapter": 1, "letter": 1, "essay": 1, "act": 1, "canto": 1, "appendix": 1, "kapitel": 1, "chapitre": 1,
    "глава": 1, "section": 3, "scene": 3, "abschnitt": 3, "раздел": 3,
}  # fmt: skip
_NUMERAL_RANK = 2  # of a numeral that stands for a chapter, having no chapter above it
_NO_RANK = 9
_SUBTITLE = r"(?: ?[—–:-] ?[^.]{1,60}| [^a-z.]{1,60})"
_DIVISION = re.compile(rf"({'|'.join(_DIVISION_RANKS)}) {_NUMBER}\b[.:]?{_SUBTITLE}?", re.I)
_ROMAN = re.compile(r"(?=[IVXL])(?:XL|L?X{0,3})(?:IX|IV|V?I{0,3})\.?")
_ARABIC = re.compile(r"\d{1,3}\.?")
_SECTION_NUMBER = re.compile(r"(\d{1,2}(?:\.\d{1,2})*)\.? \S")
_LETTER = re.compile(r"[^\W\d_]")
_END = re.compile(r"[.?!:;,…—–-][\"”’»)\]]*$")
_ITEM = re.compile(r"(?:[-•*‣▪] |\(?(?:\d{1,3}|[a-zA-Z]|[ivx]{1,4})\) |\d{1,3}\. )")
_DATE = re.compile(r",? ?\b\d{4}$")
_BYLINE = re.compile(r"(?:by|von|par|por) ([^\W\d_].{2,60})", re.I)
_PICTURE = re.compile(
    r"(?:fig(?:ure|\.)|table|plate|photo|image|map|illustration|abb(?:ildung|\.)) ?\d{1,3}\b|photo:", re.I
)
_OPENING_PARTS = {
    "preface", "foreword", "introduction", "prologue", "abstract", "contents", "acknowledgements",
    "acknowledgments", "summary", "vorwort", "einleitung", "préface", "avant-propos", "предисловие",
    "введение",
}  # fmt: skip
_PARTS = _OPENING_PARTS | {
    "conclusion", "conclusions", "epilogue", "afterword", "notes", "bibliography", "references", "appendix",
    "index", "glossary", "postscript", "schluss", "nachwort", "заключение", "послесловие",
}  # fmt: skip
_LONGEST = 80  # characters of a heading in one line
_MOST_WORDS = 14
_JOINTS = {
    "a", "and", "at", "by", "de", "der", "des", "du", "in", "la", "le", "of", "on", "the", "van", "von",
    "with", "y",
}  # fmt: skip
_WORD = re.compile(r"[^\W\d_]+(?:’[^\W\d_]+)?")


def plain_form(text: str) -> Form | None:
    """The form of a line that is a heading by itself, wherever it stands apart."""
    if len(text) <= 2 * _LONGEST and _MARKDOWN.fullmatch(text):
        return Form.MARKDOWN
    if len(text) > _LONGEST:
        return None
    if _DIVISION.fullmatch(text):
        return Form.DIVISION
    if _ROMAN.fullmatch(text) or _ARABIC.fullmatch(text):
        return Form.NUMERAL
    capitals = text.upper() == text and text.lower() != text and text[-1] not in "!?,;:"
    return Form.CAPITALS if capitals and len(_LETTER.findall(text)) >= 4 else None


def is_title_line(text: str, before: str, after: str, heads_on: bool, opening: bool) -> bool:
    """Whether a line that stands apart reads as a heading: short, open-ended, before prose or a heading."""
    first = _LETTER.search(text[:_LONGEST])
    room = 1.5 if opening else 1.0  # a work may have a longer title than its chapters
    return (
        len(text) <= _LONGEST * room
        and first is not None
        and (first[0].isupper() or first[0].lower() == first[0].upper())
        and not text[0].islower()
        and text[0] != "*"
        and text.count(" ") < _MOST_WORDS * room
        and not _END.search(text)
        and not (_ITEM.match(text) and not text[0].isdigit())
        and not (_DATE.search(text) and "," in text)
        and not before.endswith((":", ",", ";", "—"))
        and (heads_on or (not after[:1].islower() and _is_prose(after) and len(after) > len(text)))
    )


def _is_prose(text: str) -> bool:
    return len(text) > _LONGEST or (_END.search(text[-12:]) is not None and text[-1] != ",")


def is_item(text: str) -> bool:
    """Whether a paragraph is an item of a list."""
    return _ITEM.match(text) is not None


def byline(text: str) -> str | None:
    """The name in a line like "by NAME"."""
    match = _BYLINE.fullmatch(text) if len(text) <= _LONGEST else None
    return match[1] if match and _LETTER.search(match[1]) and match[1][0].isupper() else None


def is_picture_caption(text: str) -> bool:
    """Whether a paragraph begins like a caption ("Figure 3", "Photo:")."""
    return _PICTURE.match(text) is not None


def opens_a_part(text: str) -> bool:
    """Whether a heading names the front matter of a text and so is not its title."""
    return text.casefold().strip(" .:") in _OPENING_PARTS


def without_marks(text: str) -> str:
    """A Markdown heading's words."""
    match = _MARKDOWN.fullmatch(text)
    return match[2] if match else text


def names_only(lines: Sequence[str], prose: Iterable[str]) -> set[str]:
    """Those of some short lines that only name someone or something, with or without a year.

    A web page's picture captions look like headings. The text itself tells them apart: the words of a
    name occur in it with a capital letter and never without.
    """
    words = {line: _WORD.findall(line) for line in lines}
    wanted = {word for found in words.values() for word in found if word.casefold() not in _JOINTS}
    lowered = {word.lower() for word in wanted}
    named: set[str] = set()
    common: set[str] = set()
    for text in prose:
        for match in _WORD.finditer(text):
            word = match[0].removesuffix("’s")
            if word in wanted:
                named.add(word)
            elif word in lowered:
                common.add(word)
    names: set[str] = set()
    for line, found in words.items():
        capitals = [word for word in found if word.casefold() not in _JOINTS]
        dated = _DATE.search(line) is not None
        known = all(word in named and word.lower() not in common for word in capitals)
        if known and found[0].casefold() not in _JOINTS and len(capitals) + dated >= 2 and "“" not in line:
            names.add(line)
    return names


def levels(headings: Sequence[Heading]) -> list[int]:
    """The level of each heading, 1 the highest, from forms and neighbours."""
    title = _title(headings)
    base = 1 if title is None else 2
    rest = [h for h in headings if h.text.casefold() != title]
    scale = _scale(rest, base)
    result: list[int] = []
    previous: Heading | None = None
    for heading in headings:
        if heading.text.casefold() == title:
            level = 1
        elif previous is not None and previous.index in scale.subtitled and heading.attached:
            level = result[-1] + 1
        elif heading.form is Form.MARKDOWN:
            level = len(heading.text) - len(heading.text.lstrip("#"))
        elif _rank(heading) in scale.ranks:
            level = base + scale.ranks.index(_rank(heading))
        elif heading.index in scale.subtitled:
            level = scale.chapter
        elif heading.form is Form.CAPITALS or heading.index < scale.first or _names_part(heading.text):
            level = base
        else:
            level = scale.below + _dots(heading.text)
        result.append(level)
        previous = heading
    return result


@dataclass(frozen=True, slots=True)
class _Scale:
    """How one document's divisions nest."""

    ranks: list[int]
    """Ranks of named divisions that occur, the highest first."""
    subtitled: set[int]
    """Chunks of the headings whose title follows on a line of its own."""
    chapter: int
    """Level of a chapter."""
    below: int
    """Level of the headings inside chapters."""
    first: int
    """Chunk of the first chapter; what stands before it is front matter."""


def _scale(headings: Sequence[Heading], base: int) -> _Scale:
    subtitled = {
        a.index
        for a, b in pairwise(headings)
        if b.attached and a.form in (Form.DIVISION, Form.NUMERAL) and b.form in (Form.CAPITALS, Form.TITLE)
    }
    ranks = sorted({_rank(h) for h in headings} - {_NO_RANK, _NUMERAL_RANK})
    if not subtitled and not {0, 1} & set(ranks) and any(_rank(h) == _NUMERAL_RANK for h in headings):
        ranks = [_NUMERAL_RANK, *ranks]
    chapter = base + max(len(ranks) - 1, 0)
    major = [h.index for h in headings if h.index in subtitled or h.form is Form.CAPITALS or _rank(h) in ranks]
    below = chapter + bool(major) + bool(subtitled)
    return _Scale(ranks, subtitled, chapter, below, min(major, default=0))


def _title(headings: Sequence[Heading]) -> str | None:
    """The casefolded text of the heading that opens the document and names all of it."""
    if not headings or headings[0].index != 0 or headings[0].form not in (Form.CAPITALS, Form.TITLE):
        return None
    text = headings[0].text
    return None if _names_part(text) or _SECTION_NUMBER.match(text) else text.casefold()


def _names_part(text: str) -> bool:
    return text.casefold().strip(" .:") in _PARTS


def _rank(heading: Heading) -> int:
    if heading.form is Form.NUMERAL:
        return _NUMERAL_RANK
    return _DIVISION_RANKS[heading.text.split()[0].casefold()] if heading.form is Form.DIVISION else _NO_RANK


def _dots(text: str) -> int:
    match = _SECTION_NUMBER.match(text)
    return match[1].count(".") if match else 0
