"""What may be a label of somebody's words: a name before a colon, before a full stop, or on a line by itself; Q and A.

Goes by form alone; whether it is one is told by what stands in the rest of the text (`qa.turns`). Words that head
notes, entries and data are labels that name nobody.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from index.types import Block, BlockKind, Document
from qa.titles import PERSONAL

TITLES = f"{PERSONAL}|Mx|Rep|President|Chairman|Mayor|General|Maj|Major|MR|MRS|MS|MISS|DR"
_WORD = r"[^\W\d_a-z][\w’'-]{0,30}"
_JOINED = "of|the|and|de|la|van|von|der|den"
_NAME = (
    rf"(?:(?:The|{TITLES})\b\.?\s)?(?:[^\W\d_a-z]\.\s?){{0,3}}{_WORD}"
    rf"(?:\s(?:(?:{_JOINED})\s){{0,2}}(?:[^\W\d_a-z]\.\s?)?{_WORD}|\s#?\d{{1,2}}){{0,4}}"
)
_TIME = (
    r"[\[(]?(?:\d{1,4}[./-]\d{1,2}[./-]\d{1,4},?\s)?\d{1,2}:\d\d(?::\d\d)?(?:\s?[AaPp]\.?[Mm]\.?)?[\])]?(?:\s[–—-])?\s"
)
_ASIDE = r"(?:,?\s{0,2}[\[(][^\])\n]{1,80}[\])])"
"""How somebody speaks: (aside), [laughs]."""
_COLON = re.compile(
    rf"(?:{_TIME}(?P<nick>[\w.’'-]{{1,30}}(?:\s[\w.’'-]{{1,30}}){{0,3}})|(?P<name>{_NAME})){_ASIDE}?\s?:(?=[\s\[(]|$)"
    r"|(?:" + _TIME + r")?<(?P<irc>[\w.’'-]{1,30})>(?=\s)"
)
_STOP = re.compile(rf"(?P<name>Q|A|{_NAME}){_ASIDE}?\.(?=[\s\[(–—]|--|$)(?:\s?[–—]|--)?")
_CLOCK = r"\s+[\[(]?(?P<clock>\d{1,2}(?::\d\d){1,2})[\])]?"
_ALONE = re.compile(rf"(?P<name>{_NAME})(?:{_CLOCK}|{_ASIDE}?\.?)(?=\s*$)")
_ASIDES = re.compile(rf"(?:\s*{_ASIDE})*")
_FIRST_LINE = re.compile(rf"[^\W\d_a-z]{{2}}|{_NAME}{_CLOCK}")
"""How a label begins that may stand on the first line of a paragraph."""
_BEGINS = re.compile(rf"[\[(<\d]|[^\W\d_a-z]{{2}}|{_WORD}+(?:\s(?:{_WORD}+|(?:{_JOINED})\b))*+(?!\s[a-z])")
"""What a label may begin with: no words with capitals that a small one follows, but for one that is all capitals."""
_TITLED = re.compile(rf"(?:{TITLES})\b\.?\s\S")
_NUMERAL = re.compile(r"[IVXLC]+")
_SENTENCE_END = re.compile(r"[.?!…)\]”»\"]\s+(?=[^\W\d_a-z]|[<\[(\d])")
_NUMBERED = re.compile(r"\W*\d+$")
ASKS = frozenset({"q", "question"})
ANSWERS = frozenset({"a", "answer"})
_ROLES = frozenset({
    "anchor", "announcer", "attorney", "audience", "bailiff", "boy", "brother", "caller", "candidate", "captain",
    "chair", "chairman", "chairperson", "chairwoman", "child", "chorus", "citizen", "clerk", "clown", "commissioner",
    "counsel", "court", "customer", "daughter", "defendant", "doctor", "duchess", "duke", "editor", "examiner",
    "father", "fool", "friar", "gentleman", "girl", "guest", "host", "interviewee", "interviewer", "judge", "king",
    "lady", "lawyer", "lord", "man", "messenger", "moderator", "mother", "narrator", "nurse", "officer", "operator",
    "panelist", "patient", "plaintiff", "porter", "presenter", "president", "priest", "prince", "princess",
    "prosecutor", "queen", "questioner", "reporter", "sergeant", "servant", "sister", "soldier", "son", "speaker",
    "student", "teacher", "therapist", "watchman", "witness", "woman",
})  # fmt: skip
_NO_SPEAKERS = frozenset({
    "abstract", "act", "advantage", "advantages", "after", "afternoon", "aim", "aims", "also", "analysis",
    "antithesis", "appendix", "april", "argument", "article", "assumption", "audio", "august", "author", "authors",
    "background", "bcc", "before", "benefits", "book", "box", "bug", "caption", "case", "cause", "caution", "cc",
    "challenge", "chapter", "chinese", "claim", "comment", "con", "conclusion", "cons", "copyright", "corollary",
    "correct", "correction", "credit", "danger", "date", "day", "dear", "december", "definition", "description",
    "details", "disadvantages", "do", "don't", "don’t", "effect", "end", "english", "evening", "evidence", "example",
    "examples", "exception", "exercise", "exercises", "explanation", "fact", "facts", "february", "fig", "figure",
    "finally", "fix", "french", "friday", "from", "front", "gentlemen", "german", "goal", "goals", "greek",
    "greetings", "hello", "hint", "however", "hypothesis", "idea", "image", "important", "incorrect", "ingredients",
    "input", "isbn", "issue", "italian", "item", "january", "japanese", "july", "june", "keywords", "later", "latin",
    "lemma", "lesson", "line", "location", "madam", "madame", "march", "method", "monday", "month", "moral", "morning",
    "myth", "name", "new", "news", "night", "no", "note", "notes", "november", "now", "objection", "objective",
    "objectives", "observation", "october", "old", "option", "original", "output", "page", "pages", "part", "phase",
    "photo", "place", "point", "postscript", "premise", "price", "pro", "problem", "proof", "proposition", "pros",
    "ps", "purpose", "quote", "rationale", "re", "reality", "reason", "reasons", "recommendation", "reference",
    "references", "remark", "remedy", "reply-to", "response", "result", "results", "right", "risk", "round", "rule",
    "russian", "saturday", "scene", "section", "sent", "september", "sirs", "source", "sources", "spanish", "stage",
    "stanza", "statement", "step", "steps", "strengths", "subject", "subtitle", "summary", "sunday", "symptom",
    "symptoms", "synopsis", "synthesis", "table", "task", "term", "then", "theorem", "theory", "thesis", "thursday",
    "time", "tip", "tips", "title", "to", "today", "tomorrow", "topic", "translation", "tuesday", "url", "usage",
    "verdict", "verse", "version", "video", "volume", "warning", "weaknesses", "wednesday", "week", "wrong", "year",
    "yes", "yesterday",
})  # fmt: skip
"""What stands before a colon or a full stop and says nothing: parts of texts, fields of data, salutations, days."""
SPOKEN = (BlockKind.PARAGRAPH, BlockKind.QUOTATION)
"""Kinds of blocks in which somebody speaks."""


@dataclass(frozen=True, slots=True)
class Label:
    """A name, or a word like Note, and what parts it from what follows."""

    start: int
    end: int
    name: str
    """Empty where it names nobody but a part of the text."""
    block: int
    alone: bool
    """On a line by itself."""
    timed: bool
    """The time stands before it, or it stands between < and >."""
    colon: bool
    """A colon ends it."""
    clock: tuple[int, ...] = ()
    """The time that stands behind it on a line by itself: hours, minutes, seconds."""

    @property
    def key(self) -> str:
        """What two labels of one speaker have in common; Q1 is Q."""
        key = self.name.casefold()
        unnumbered = _NUMBERED.sub("", key)
        return unnumbered if unnumbered in ASKS | ANSWERS else key

    @property
    def capitals(self) -> bool:
        """Whether a name is written in capitals; its title may not be."""
        return self.name.split()[-1].isupper()

    @property
    def weak(self) -> bool:
        """Whether it looks like a short sentence or a heading: "Harbin. I saw it."."""
        plain = " " not in self.name and len(self.name) > 1 and not self.capitals and not self.telling
        return plain and not self.colon

    @property
    def form(self) -> tuple[bool, bool, bool]:
        """How it is written."""
        return self.colon, self.alone, self.weak

    @property
    def of_play(self) -> bool:
        """Whether it is written as in plays, where a paragraph without a label is a stage direction."""
        return (self.capitals or self.weak) and not (self.colon or self.telling)

    @property
    def telling(self) -> bool:
        """Whether it surely names somebody who speaks: with a title, an office, or the time."""
        return self.timed or _TITLED.match(self.name) is not None or not _ROLES.isdisjoint(self.key.split())


def labels(document: Document) -> Iterator[Label]:
    """What may be a label: at the beginnings of blocks; inside one that begins with one, of lines and sentences too."""
    text = document.text
    for number, block in enumerate(document.blocks):
        if block.kind is BlockKind.FOOTNOTE or not _BEGINS.match(text, block.start):
            continue
        label = _label(text, number, block, block.start, block.end)
        if label is None and _FIRST_LINE.match(text, block.start, block.end):
            label = _label(text, number, block, *_lines(document, block)[0])
        if label is None:
            continue
        yield label
        if block.kind in SPOKEN and label.end < block.end:
            sentences = _SENTENCE_END.finditer(text, label.end, block.end)
            places = {match.end(): 0 for match in sentences} | dict(_lines(document, block))
            for start, line_end in sorted(places.items()):
                inner = _label(text, number, block, start, line_end) if start >= label.end else None
                if inner is not None and inner.name:
                    label = inner
                    yield inner


def _lines(document: Document, block: Block) -> list[tuple[int, int]]:
    """The ranges of a block's lines in the source, where it is known."""
    bounds = (block.start + 1, block.end)
    first, behind = (bisect_left(document.lines, at, key=lambda line: line.start) for at in bounds)
    starts = [block.start, *(document.lines[number].start for number in range(first, behind))]
    return list(pairwise([*starts, block.end]))


def _label(text: str, number: int, block: Block, start: int, line_end: int) -> Label | None:
    """The label that stands at a place of a block. `line_end`: of the line that begins there; 0 where none does."""
    timed = alone = colon = False
    clock: tuple[int, ...] = ()
    if match := _COLON.match(text, start, block.end):
        timed, colon = match["name"] is None, True
        name = match["nick"] or match["irc"] or match["name"]
    elif (match := _STOP.match(text, start, block.end)) and (start == block.start or _is_sure(match["name"], line_end)):
        name = match["name"]
    elif line_end:
        match, alone = _ALONE.match(text, start, line_end), True
        whole = line_end == block.end
        # The last line of a list of names has nothing to say.
        if match is None or (whole and start > block.start):
            return None
        name = match["name"]
        clock = (0, *map(int, match["clock"].split(":")))[-3:] if match["clock"] else ()
        if not (whole or clock or name.isupper()):
            return None
    else:
        return None
    if not timed and not _NO_SPEAKERS.isdisjoint(name.casefold().split()) and not _TITLED.match(name):
        if not colon and not name.isupper():
            return None  # "No. I never did."
        name = ""
    elif _NUMERAL.fullmatch(name) or (len(name) < 2 and name.casefold() not in ASKS | ANSWERS):
        return None
    end = _ASIDES.match(text, match.end(), block.end).end()  # type: ignore[union-attr]
    return Label(start, end, name, number, alone, timed, colon, clock)


def _is_sure(name: str, line_end: int) -> bool:
    """Whether a name before a full stop can be a label where no paragraph begins."""
    named = name.rsplit(" ", 1)[-1].isupper() or _TITLED.match(name) is not None
    return name in ("Q", "A") or (line_end > 0 and named)
