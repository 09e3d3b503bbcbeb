"""Follow-up questions: which earlier questions of a chat a question must be read together with.

The rule: a question leans on the one before when it begins as a continuation ("and", "but", "what about"),
when it points back ("it", "they", "the other") and has named next to nothing before that it could point to,
or when it holds fewer than two words of meaning. It is then read together with the question before, and
with the one before that too if that one leans as well; no further. A question that names no subject ("Why?", "Where do
the two texts disagree?") has nothing to give and is passed over. The searches see them joined, the question first. No
words are changed or made up, so the page can say what was read. The rule knows English; who knows that a question is in
another language does not ask it. It rather misses a follow-up than burdens a new question with an old subject: the
first is seen and asked again in more words, the second is not seen.
"""

import re
from collections.abc import Sequence

from index.language import is_unspaced
from index.lexical import terms
from qa.subject import names_none, without_frame

REACH = 2
"""So many earlier questions are carried at most."""
_CONTINUES = re.compile(r"\W*(?:and|but|so|or|then|also|(?:what|how)\s+about|what\s+else)\b", re.IGNORECASE)
_POINTS_BACK = re.compile(
    r"\b(?:it|its|they|them|their|theirs|he|him|his|she|her|hers|this|these|those|ones|such|same|others?|(?:first|second|third|last|former|latter)\s+one"
    r"|that(?=\W*$|\s+(?:is|was|were|are|did|does|do|has|have|had)\b))\b",
    re.IGNORECASE,
)
"""A "that" only where it cannot begin a clause or stand for "who"."""
_SUBJECT = 2
"""Words of meaning that make a subject."""


def leans(question: str) -> bool:
    """Whether a question needs the one before it to be understood."""
    question = without_frame(question)
    if is_unspaced(question):
        return False
    if _CONTINUES.match(question) or len(terms([question])[0]) < _SUBJECT:
        return True
    back = _POINTS_BACK.search(question)
    return back is not None and len(terms([question[: back.start()]])[0]) < _SUBJECT


def follows(question: str, history: Sequence[str]) -> tuple[str, ...]:
    """The earlier questions that `question` is read together with, oldest first. `history` is oldest first too."""
    earlier: list[str] = []
    for previous in reversed([asked for asked in history if not names_none(asked)]):
        if len(earlier) == REACH or not leans(question):
            break
        earlier.insert(0, previous)
        question = previous
    return tuple(earlier)
