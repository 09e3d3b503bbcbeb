"""Follow-up questions: which earlier questions of a chat a question must be read together with.

The rule: a question leans on the one before when it begins as a continuation ("and", "but", "what about"),
when it points back ("it", "they", "that", "the other"), or when it holds fewer than three words of meaning.
It is then read together with the question before; with the one before that too while that one leans as
well. The questions are joined, oldest first, for both searches. No words are changed or made up, so the
page can say what was read. The rule knows English; a question in another language leans only by its length.
"""

import re
from collections.abc import Sequence

from index.lexical import terms

_CONTINUES = re.compile(r"\W*(?:and|but|so|or|then|also|(?:what|how)\s+about|what\s+else)\b", re.IGNORECASE)
_POINTS_BACK = re.compile(
    r"\b(?:it|its|they|them|their|theirs|he|him|his|she|her|hers|this|that|these|those|ones?|such|same"
    r"|others?|else)\b",
    re.IGNORECASE,
)
_STANDS_FROM = 3
"""Words of meaning from which a question can stand by itself."""


def leans(question: str) -> bool:
    """Whether a question needs the one before it to be understood."""
    if _CONTINUES.match(question) or _POINTS_BACK.search(question):
        return True
    return len(terms([question])[0]) < _STANDS_FROM


def follows(question: str, history: Sequence[str]) -> tuple[str, ...]:
    """The earlier questions that `question` is read together with, oldest first. `history` is oldest first too."""
    earlier: list[str] = []
    for previous in reversed(history):
        if not leans(question):
            break
        earlier.insert(0, previous)
        question = previous
    return tuple(earlier)
