"""Quotation marks at the level of paragraphs: wholly quoted ones, and quotations over several.

Counts marks by shape and by what stands beside them, since texts mix “ ”, « », „ “ and straight ones; 「 」 say by
themselves which they are.
Single marks, which look like apostrophes, count only for the ranges of a text that quotes between them. Says nothing
about who speaks.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

_MARK = re.compile('[“”«»„"「」『』]')
_ANY_MARK = re.compile("[“”«»„\"「」『』‘’']")
_SINGLE = "‘’'"
_SINGLE_OPENING = re.compile(
    r"(?<![^\s“«„\"(\[{—–-])[‘'](?!(?:em|cause|t(?:is|was|were|will|il|ill))\b)(?=[^\W\d_]|[“«\"(])", re.I
)
"""Before a word, and no elision ('tis, 'em)."""
_SINGLE_CLOSING = re.compile(
    r"(?<=[^\s‘“«(])(?<!s)(?<!in)(?<!an)(?<!o)(?<!th)[’'](?!\w)|(?<=\S)[’'](?=[.,;:!?)\]—–”\"]|$)"
)
"""Behind a word, and before a mark where the word may be a plural's possessive (boys') or cut short (goin')."""
_DEEPEST = 8
"""Quotations inside each other at most: what opens more marks is no text, and would be read over once for each."""
_NEAR = 20_000  # characters in which the mark is looked for that „ opened
_FURTHEST = 8  # paragraphs between the opening and the closing of one quotation
_ATTRIBUTION = 160  # characters after the closing mark
_OPENS = "([{-–—/"


@dataclass(frozen=True, slots=True)
class Marks:
    """What the quotation marks of one paragraph say."""

    opens: bool
    """It begins with an opening mark."""
    whole: bool
    """It begins with a mark that closes at its end, but for an attribution."""
    unclosed: bool
    """A quotation that it begins runs past its end."""
    stray_end: bool
    """It ends (but for an attribution) with a closing mark that nothing in it opens."""


_shared = cache(Marks)  # each paragraph of a text has some


def marks(text: str) -> Marks:
    """What the double quotation marks of a paragraph say."""
    depth = 0
    opens = False
    first_closed: int | None = None
    stray = -1
    for match in _MARK.finditer(text):
        at = match.start()
        if _is_opening(text, at, depth):
            opens = opens or at == 0
            depth += 1
        elif depth:
            depth -= 1
            if depth == 0 and first_closed is None:
                first_closed = at
        else:
            stray = at
    closing = first_closed if stray < 0 else stray
    whole = opens and closing is not None and _is_attribution(text, closing)
    return _shared(
        opens,
        whole,
        opens and depth > 0 and first_closed is None,
        stray >= 0 and not opens and _is_attribution(text, stray),
    )


def _is_opening(text: str, at: int, depth: int) -> bool:
    mark = text[at]
    if mark in "「」『』":
        return mark in "「『"
    before = text[at - 1] if at else " "
    after = text[at + 1] if at + 1 < len(text) else " "
    free_before = before.isspace() or before in _OPENS
    free_after = after.isspace() or after in ".,;:!?)]"
    near = max(at - _NEAR, 0)
    low = depth > 0 and text.rfind("„", near, at) > text.rfind("“", near, at)
    if mark == "“" and low:
        return False  # it closes what „ opened, whatever follows: „Wasser“-Frage
    if mark in "”»":
        return free_before and after.isalnum() and (depth == 0 or (low and mark == "»"))
    if mark in "“«":
        return free_before or not free_after
    return mark == "„" or free_before


def _is_attribution(text: str, closing: int) -> bool:
    """Whether what follows a closing mark only names a source, or nothing follows.

    Speech in a story goes on in lower case, or with a sentence of its own.
    """
    rest = text[closing + 1 :].strip(" .,;:!?…—–-")
    if not rest:
        return True
    before = text[closing - 1] if closing else ""
    ended = before in ".?!…)" or text[closing + 1 : closing + 2] in ".?!"
    return len(rest) <= _ATTRIBUTION and ended and (rest[0] in "([" or _is_all_names(rest))


def _is_all_names(rest: str) -> bool:
    """Whether most words are written as names and titles are; a sentence is not."""
    words = re.findall(r"\w+", rest)
    telling = [word for word in words if len(word) > 3] or words
    return sum(not word[0].islower() for word in telling) * 2 > len(telling)


def quoted(paragraphs: Sequence[Marks | None]) -> set[int]:
    """Numbers (from 0) of the paragraphs that are quotations. None: a heading, which ends any quotation."""
    found: set[int] = set()
    opened = -1
    opened_unclosed = -1
    for i, paragraph in enumerate(paragraphs):
        if paragraph is None:
            opened = opened_unclosed = -1
            continue
        if opened_unclosed >= 0 and paragraph.opens:
            # Each paragraph of a long quotation may repeat the opening mark; only the last one closes it.
            if opened_unclosed == i - 1:
                found.update((i - 1, i))
            opened_unclosed = -1
        if paragraph.whole:
            found.add(i)
        if paragraph.opens:
            if paragraph.whole or paragraph.unclosed:
                opened = i
                opened_unclosed = i if paragraph.unclosed else -1
            else:
                opened = -1
        elif paragraph.stray_end and opened >= 0 and i - opened <= _FURTHEST:
            found.update(range(opened, i + 1))
            opened = opened_unclosed = -1
    return found


def between_single(text: str) -> bool:
    """Whether a text quotes between single marks: more of them open than double ones do."""
    doubles = sum(_is_opening(text, match.start(), 0) for match in _MARK.finditer(text))
    return sum(1 for _ in _SINGLE_OPENING.finditer(text)) > doubles


def spans(text: str, *, single: bool = False) -> list[tuple[int, int]]:
    """The ranges of one paragraph between quotation marks, nested ones too, by their start, the marks left out.

    One that is never closed runs to the end; a closing mark that nothing opens tells of no range. `single`: single
    marks count, too; of these, one that closes nothing is an apostrophe, and one that is never closed runs to the end
    only from the beginning of a paragraph or behind a colon.
    """
    opened: list[int] = []
    found: list[tuple[int, int]] = []
    for match in (_ANY_MARK if single else _MARK).finditer(text):
        at = match.start()
        if text[at] in _SINGLE:
            if _SINGLE_OPENING.match(text, at):
                opened.append(at)
            elif _SINGLE_CLOSING.match(text, at):
                while opened and text[opened[-1]] not in _SINGLE:
                    opened.pop()
                if opened:
                    found.append((opened.pop() + 1, at))
        elif _is_opening(text, at, sum(text[mark] not in _SINGLE for mark in opened)):
            opened.append(at)
        elif opened and text[opened[-1]] not in _SINGLE:
            found.append((opened.pop() + 1, at))
        del opened[_DEEPEST:]
    runs_on = [at for at in opened if text[at] not in _SINGLE or not text[:at].strip() or text[:at].rstrip()[-1] == ":"]
    return sorted(found + [(at + 1, len(text)) for at in runs_on])


def stray_end(text: str) -> int | None:
    """Where a quotation that began in an earlier paragraph ends: the first closing mark that nothing here opens."""
    depth = 0
    for match in _MARK.finditer(text):
        if _is_opening(text, match.start(), depth):
            depth += 1
        elif depth:
            depth -= 1
        else:
            return match.start()
    return None
