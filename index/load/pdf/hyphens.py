"""Words that the line ends of a PDF cut in two.

A typesetter's hyphen and a writer's look the same. The text tells them apart where it has the word elsewhere.
Where it has not, the hyphen is the typesetter's if lines are set to one width or often end so, and it is kept
where both halves are words of the text, or the first begins another compound ("thirty-"). "Co-operation", seen
once and cut at its hyphen, is read wrong.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from index.load.pdf.page import PageLine

_WORD = re.compile(r"[^\W\d_]+")
_COMPOUND = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)+")
_LAST_PART = re.compile(r"([^\W\d_]+)-$")
_OFTEN = 0.02  # of the lines
_FLUSH = 0.4  # of the lines: where they end at the right edge, the text is set to one width


def broken_words(lines: Sequence[PageLine]) -> set[str]:
    """Words (casefolded) that are cut at the end of some line and whole in the text. `lines`: in reading order."""
    pairs: set[tuple[str, str]] = set()
    words: set[str] = set()
    compounds: set[str] = set()
    cut = False
    for a, b in pairwise([*lines, None]):
        assert a is not None
        text = a.text.casefold()
        found = _WORD.findall(text)
        compounds.update(_COMPOUND.findall(text))
        last = _LAST_PART.search(a.text)
        words.update(found[1 if cut else 0 : len(found) - (last is not None)])
        cut = last is not None
        first = _WORD.match(b.text) if b is not None else None
        if last and first and (first[0].islower() or last[1].isupper()):
            pairs.add((last[1].casefold(), first[0].casefold()))
    flush = sum(line.room < 0.1 for line in lines) >= _FLUSH * len(lines)
    firsts = {compound.split("-", 1)[0] for compound in compounds}
    cutting = flush or len(pairs) >= _OFTEN * len(lines)
    kept = {(a, b) for a, b in pairs if f"{a}-{b}" in compounds}
    whole = {(a, b) for a, b in pairs - kept if a + b in words}
    likely = {(a, b) for a, b in pairs - kept if cutting and a not in firsts and not {a, b} <= words}
    return {a + b for a, b in whole | likely}
