"""Whether a text says what gold says: the longest run of words that both share, measured against their lengths.

A text holds a gold span when one run of consecutive words covers at least half of the span. An answer also matches
when at least 60 % of it, and five words, lie inside the span. Case, punctuation, note numbers and line breaks are set
aside. Whether a run of a given length is shared is all that is asked, so each is looked for as it stands and no
longest one is worked out. Words alone are compared: a paraphrase matches nothing.
"""

import re
import unicodedata
from functools import lru_cache

ANSWER_WORDS, PASSAGE_WORDS = 80, 300
"""A longer answer or passage counts for nothing: whoever shows everything would always be right."""
_TOKEN = re.compile(r"""(?<=[])'"’”.,:;!?])\d{1,3}(?!\S)|([^\W_]+)""")
"""A note number, which is left out, or a word."""
_SOFT_HYPHEN = "\N{SOFT HYPHEN}"
_LEAST_INSIDE = 5


@lru_cache(maxsize=4096)
def words(text: str) -> tuple[str, ...]:
    """The words of a text in lower case, without the note numbers that follow a punctuation mark."""
    plain = unicodedata.normalize("NFKC", text).replace(_SOFT_HYPHEN, "").lower()
    return tuple(word for word in _TOKEN.findall(plain) if word)


def holds(text: str, gold: str) -> bool:
    """Whether one run of words of the text covers at least half of the gold span. The text may be of any length."""
    return _share(words(text), words(gold), _half(gold))


def passage_holds(passage: str, gold: str) -> bool:
    """Whether a passage of at most PASSAGE_WORDS words holds the gold span."""
    return len(words(passage)) <= PASSAGE_WORDS and holds(passage, gold)


def answers(text: str, gold: str) -> bool:
    """Whether an answer of at most ANSWER_WORDS words says what the gold span says."""
    length = len(words(text))
    inside = max(_LEAST_INSIDE, -(-3 * length // 5))
    return length <= ANSWER_WORDS and _share(words(text), words(gold), min(_half(gold), inside))


def _half(gold: str) -> int:
    return -(-len(words(gold)) // 2)


def _share(text: tuple[str, ...], gold: tuple[str, ...], run: int) -> bool:
    """Whether some `run` consecutive words of gold stand in the text, side by side. `run` is at least 1."""
    spaced = f" {' '.join(text)} "
    return any(f" {' '.join(gold[at : at + run])} " in spaced for at in range(len(gold) - run + 1))
