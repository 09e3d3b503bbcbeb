"""What a question is about, without the words by which it speaks of the documents.

"Compare what the two texts say about tithes" is about tithes; no passage speaks of texts that say. Such
phrases draw the search towards passages about writing and comparing, so the searches see the question
without them. The question itself is never changed. The phrases are English; other languages pass unchanged.
"""

import re
from itertools import chain

from index.language import is_unspaced
from index.lexical import terms

_SIDES = r"(?:texts?|documents?|authors?|writers?|sources?|essays?|articles?|papers?|accounts?|sides?)"
_COUNTED = r"(?:both|each|either|two|other|these|those)"
_NAMED = r"(?:the|this|that|my|your)"
_PHRASES = (
    # "what do the two texts say about", "how does each author judge"
    rf"(?:do|does|did)\s+(?:the\s+)?(?:two|both|each)(?:\s+(?:of\s+the\s+)?{_SIDES})?(?:\s+(?:each|both))?"
    r"(?:\s+(?:say|claim|think|argue)(?:\s+(?:about|of|on))?)?",
    # "according to both authors", "in each of the two documents", "of the other text"
    rf"(?:according\s+to\s+|(?:in|of|by|from)\s+)?(?:{_NAMED}\s+|of\s+|{_COUNTED}\s+)*{_COUNTED}\s+(?:of\s+{_NAMED}\s+)?"
    rf"{_SIDES}(?:\s+(?:each|both))?(?:\s+(?:say|claim|think|argue)(?:\s+(?:about|of|on))?)?",
    # "in the essay"
    rf"(?:according\s+to\s+|(?:in|by)\s+){_NAMED}\s+(?:one\s+)?(?:text|document|author|writer|essay|article)",
    r"(?:compare|contrast)",
    r"(?:show|give|tell)\s+(?:me|us)",
)
_FRAME = re.compile(rf"\b(?:{'|'.join(_PHRASES)})\b", re.IGNORECASE)
_OF_TEXTS = frozenset(chain.from_iterable(
    terms([
        "two text document author writer source essay article paper book chapter account side history wrote written",
        "say claim think argue mean tell show explain describe discuss talk know read ask question answer published",
        "compare contrast differ different difference disagree disagreement agree agreement common similar similarity",
        "main central key important point idea argument view opinion position stance thesis topic theme subject",
        "message conclusion summary summarise summarize overview outline gist content hello hi hey thanks please help",
    ])
))  # fmt: skip
"""Words that name no subject: they speak of texts as such, or to nobody."""
_LEAST = 2
"""A question that would keep fewer words of meaning is left as it is."""


def without_frame(question: str) -> str:
    """The question without the phrases about the documents; little or nothing may remain."""
    return " ".join(_FRAME.sub(" ", question).split())


def subject(question: str) -> str:
    """The question without its frame, for the searches."""
    kept = without_frame(question)
    return kept if len(terms([kept])[0]) >= _LEAST else question


def names_none(question: str) -> bool:
    """Whether a question has no subject of its own, such as "Where do the two texts disagree?" or "Hello"."""
    return not is_unspaced(question) and _OF_TEXTS.issuperset(terms([without_frame(question)])[0])
