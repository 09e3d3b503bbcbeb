"""Who is said to speak: the name that the words about a quotation give, or none.

Only what the text says counts: a name that is the subject of a verb of saying before the mark ("A. Keeper had warned
that “…”"), that stands in a sentence which ends in a colon, that follows the closing mark ("…” (Keeper, Locks)"), or
that a note gives as the author of what it cites. A pronoun is followed back to the last name that spoke in the same
paragraph. A sentence about somebody is no evidence that he speaks: then nobody is named. The rules know English.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from qa.titles import PERSONAL

_VERBS = (
    "acknowledge|add|admit|advise|advocate|announce|answer|argue|ask|assert|assume|believe|boast|call|caution|characterize"
    "|claim|comment|complain|concede|conclude|confess|contend|convey|criticize|declare|define|demand|denounce|deny"
    "|describe|dictate|emphasize|exclaim|expect|explain|express|fear|formulate|hope|imagine|indicate|insist|issue"
    "|maintain|mention|note|observe|offer|postulate|predict|proclaim|promise|propose|protest|recall|recognize|recommend"
    "|remark|remember|remind|repeat|reply|report|respond|reveal|show|signal|state|stress|suggest|summarize|suppose"
    "|tell|testify|think|urge|want|warn|wonder|write"
)
_IRREGULAR = (
    "said|says|say|saying|wrote|written|writing|thought|held|holds|felt|feels|feel|told|spoke|speaks|put it|puts it"
    "|points? out|pointed out|pointing out|made clear|makes clear|goes on|went on|began|begins|made the|denied|denies"
)
SAYS = rf"(?:{_IRREGULAR}|(?:{_VERBS})(?:s|es|d|ed|ing)?|(?:advis|admitt|argu|believ|propos)(?:ed|ing))"
_CAPITAL = r"[^\W\d_a-z][\w-]*[^\W\d_A-Z]"
_NAME = rf"(?:(?:[^\W\d_a-z]\.\s?){{0,3}}{_CAPITAL}(?:\s(?:[^\W\d_a-z]\.\s?){{0,3}}{_CAPITAL}){{0,4}})"
_STYLED = r"(?:the\s)?(?:[^\W\d_a-z]\w{1,3}\.\s)*"
"""Rev., Dr. and the like."""
_SUBJECT = re.compile(rf"\b(?P<pronoun>[Hh]e|[Ss]he|[Hh]is|[Hh]er)\b|\b(?P<name>{_NAME})(?P<owns>['’]s?\b)?(?=\W)")
_SAYS = re.compile(rf"\b{SAYS}\b")
_SAID_BY = re.compile(rf"\b{SAYS}\s(?:the\s)?(?P<name>{_NAME})\W*(?:and|that)?\W*$")
_ACCORDING = re.compile(
    rf"\b(?:[Aa]ccording to|[Ii]n the words of|[Ii]n the view of)\s{_STYLED}(?P<name>{_NAME})(?!['’])"
    rf"|\b(?P<whose>{_NAME})['’]s?\s(?:own\s)?(?:words|view|opinion|perspective|standpoint|eyes|judgment)\b"
)
_SPEAKING = re.compile(
    rf"\b(?P<name>{_NAME})\s"
    r"(?:(?:had|has|have|also|then|once|first|again|often|always|still|now|later|himself|herself|never|even|\w+ly)\s)*"
    r"(?:said|says|wrote|writes|argue[sd]|insist(?:s|ed)|believe[sd]|assert(?:s|ed)|explain(?:s|ed)|describe[sd]|felt|feels"
    r"|declare[sd]|maintain(?:s|ed)|conclude[sd]|admits|admitted|claimed|stated|replied|remarked|denounce[sd]|proclaim(?:s|ed)"
    r"|propose[sd]|suggest(?:s|ed)|observe[sd]|warn(?:s|ed)|contend(?:s|ed)|predict(?:s|ed)|recognize[sd]|emphasize[sd])\b"
)
"""A name directly before a verb of saying that is nothing else."""
_CALLED = re.compile(
    rf"(?:{PERSONAL}|Fr|Madame|Monsieur|Herr|Frau|Doctor|Brother|Bishop|Archbishop|Rabbi|Sergeant|Admiral|Governor"
    rf"|Alderman|Councillor|Inspector)\.?\s(?P<name>{_NAME})(?!['’]s\b)"
)
"""A name behind what only people are called. A \\b before it would take seven times as long."""
_NO_SUBJECT = re.compile(
    r"\b(?:about|against|after|and|at|before|between|by|for|from|in|into|like|of|on|over|quot(?:e|es|ed|ing)|than|through"
    r"|to|toward|towards|under|unlike|upon|which|whom|with|without)\s(?:the\s)?$"
    r"|\b(?:about|against|from|of|on|to|upon|which|whom|with|without)\s(?:the\s)?(?:\w{2,4}\.\s)+$",
    re.IGNORECASE,
)
"""What stands before a name that is no subject."""
_PASSIVE = re.compile(r"\b(?:was|were|is|are|been)\s(?:\w+ly\s)?\w+ed\b\W*$")
_TITLE = re.compile(r'[“«"][^“”«»"]{1,90}[”»"]')
WORK = "§"
"""Stands for what is quoted in a few words before the quotation."""
_AFTER = re.compile(rf"^[\s.,;:!?)\]\d]*(?:[(\[–—-]\s*)?(?P<name>{_NAME})\s*(?:[,:;)\]]|\.?\s*$)(?P<work>[^)\]]*)")
_SPOKE_AFTER = re.compile(
    rf"^[\s,.;!?\d]*(?:(?:{SAYS})\s(?:(?:the|a|an|my|our)\s[a-z]\w+(?:\s[a-z]\w+)?,\s)?{_STYLED}(?P<late>{_NAME})"
    rf"|{_STYLED}(?P<name>{_NAME})\s(?:\w+ly\s)?(?:{SAYS})\b)"
)
_AUTHOR = re.compile(rf"(?:^|[”\"»:.]\s*|\b[Ss]ee\s)(?P<name>{_NAME}),\s(?P<work>[“«\"]?[^\W\d_a-z][^.;]*?)[,.;]\s")
_QUOTING = re.compile(rf"\b(?P<name>{_NAME})\s(?:quotes|is quoting)\b")
_SAME_AGAIN = re.compile(r"Ibid\b", re.IGNORECASE)
_NO_NAMES = frozenset({
    "all", "another", "anybody", "anyone", "both", "each", "either", "every", "everybody", "everyone", "few", "he",
    "i", "it", "many", "most", "neither", "no", "nobody", "none", "one", "other", "others", "people", "she", "several",
    "some", "somebody", "someone", "such", "that", "there", "these", "they", "this", "those", "we", "what",
    "who", "you",
})  # fmt: skip
"""Subjects that name nobody, though a sentence may begin with them."""
_REACH = 120
"""Characters between a subject and its verb at most."""


@dataclass(frozen=True, slots=True)
class Named:
    """A speaker as the text names him, and the work, where it names one."""

    speaker: str
    work: str | None = None


class Cast:
    """The names that a text makes speak at least once: everything else with a capital is a place, a title, a time."""

    def __init__(self, text: str) -> None:
        self.common = _NO_NAMES.union(re.findall(r"\b[a-z][\w-]+", text))
        self.speakers = self._people(_SPEAKING, text)
        self.names = self.speakers | self._people(_CALLED, text)
        self.groups = {name for name in self.names if text.count(f"the {name}") > 0.25 * text.count(name)}

    def _people(self, told: re.Pattern[str], text: str) -> set[str]:
        names = {_short(match["name"]) for match in told.finditer(text)}
        return {name for name in names if name.lower() not in self.common and not _is_place(name, text)}

    def before(self, words: str) -> Named | None:
        """Who speaks what follows these words, by the last sentence: they are a paragraph up to the opening mark."""
        return self._named(_sentences(_TITLE.sub(WORK, words)))

    def goes_on(self, words: str) -> Named | None:
        """Who spoke in the sentence before the last, where the last speaks of nobody: he may be going on."""
        *earlier, last = _sentences(_TITLE.sub(WORK, words)) or [""]
        return None if self._subjects(last, 0, len(last), owning=True) else self._named(earlier)

    def _named(self, sentences: Sequence[str]) -> Named | None:
        if not sentences:
            return None
        *earlier, last = sentences
        name, at = self._speaker(last)
        if name == "":
            name = self._antecedent([*earlier, last[:at]])
        return Named(name) if name else None

    def _speaker(self, sentence: str) -> tuple[str | None, int]:
        """The name that speaks in a sentence, empty for a pronoun, None for nobody; and where it stands."""
        for match in reversed(list(_ACCORDING.finditer(sentence))):
            name = _short(match["name"] or match["whose"])
            if name in self.names:
                return name, match.start()
        said_by = _SAID_BY.search(sentence)
        if said_by is not None and _short(said_by["name"]).lower() not in self.common:
            return _short(said_by["name"]), said_by.start()
        for verb in reversed(list(_SAYS.finditer(sentence))):
            clause = re.split(r"[;:()]", sentence[max(verb.start() - _REACH, 0) : verb.start()])[-1]
            subjects = self._subjects(sentence, verb.start() - len(clause), verb.start(), owning=False)
            if subjects:
                return self._told(subjects[-1])
        if sentence.rstrip().endswith(":") and not _PASSIVE.search(sentence.rstrip(" :")):
            subjects = self._subjects(sentence, 0, len(sentence), owning=True)
            if subjects:
                return self._told(subjects[0])
        return None, 0

    def _subjects(self, sentence: str, start: int, end: int, *, owning: bool) -> list[re.Match[str]]:
        """Names of the cast and pronouns that can be subjects; `owning`: as in "Keeper’s answer" too."""
        found = []
        for match in _SUBJECT.finditer(sentence, start, end):
            known = match["pronoun"] or _short(match["name"]) in self.names
            owns = bool(match["owns"]) or match[0].lower() in ("his", "her")
            titled = sentence[match.end() :].lstrip().startswith(WORK)  # somebody's work speaks for him
            if known and (owning or titled or not owns) and not _NO_SUBJECT.search(sentence[: match.start()]):
                found.append(match)
        return found

    @staticmethod
    def _told(match: re.Match[str]) -> tuple[str, int]:
        return ("" if match["pronoun"] else _short(match["name"])), match.start()

    def _antecedent(self, sentences: Sequence[str]) -> str | None:
        """Whom "he" or "she" means: the first subject of the last sentence that has one, no group.

        None where that one never speaks otherwise: a title makes a person, but not whom a pronoun means.
        """
        for sentence in reversed(sentences):
            for match in self._subjects(sentence, 0, len(sentence), owning=True):
                if match["name"] and (name := _short(match["name"])) not in self.groups:
                    return name if name in self.speakers else None
        return None

    def after(self, words: str, *, ended: bool) -> Named | None:
        """Who speaks what stood before these words, which follow the closing mark.

        `ended`: with a full stop. Then a name before a verb begins another sentence ("…” Keeper answered nothing.").
        """
        spoke = _SPOKE_AFTER.match(words)
        if spoke and not (ended and spoke["name"]):
            name = _short(spoke["late"] if spoke["late"] else spoke["name"])
            return Named(name) if name.lower() not in self.common else None
        told = _AFTER.match(words)
        if told is None or len(words) > 160:
            return None
        work = re.sub(r"[\s,.;]*\d{4}\W*$", "", told["work"]).strip(' .,“”«»"')
        return Named(_short(told["name"]), work or None)


def author(note: str) -> Named | None:
    """Whose work a note cites, or who it says is quoting; None where it cites none."""
    quoting = _QUOTING.search(note)
    if quoting:
        return Named(_short(quoting["name"]))
    told = _AUTHOR.search(note + " ")
    return Named(_short(told["name"]), told["work"].strip(' “”«»"')) if told else None


def same_again(note: str) -> bool:
    """Whether a note points to the one before."""
    return bool(_SAME_AGAIN.match(note.strip()))


def _is_place(name: str, text: str) -> bool:
    """Whether things happen in it: one speaks of what is in a country far more often than of what is in a person."""
    return text.count(f" in {name}") > 0.05 * text.count(name)


def _short(name: str) -> str:
    """A name without first names and initials: its last word."""
    return re.split(r"\s", name.strip())[-1]


def _sentences(words: str) -> list[str]:
    """Sentences, cut where a sentence surely ends."""
    return [part for part in re.split(r"(?<=[a-z\d”»)]{2}[.!?])[\d”»]*\s+(?=[^\W\d_a-z“«])", words) if part.strip()]
