"""Evaluation: sessions are asked questions with known answers, and what each one showed is held against the gold.

`question_from` checks one row of a file of questions; `evaluate` asks and judges; `misses` names what went wrong. The
matching is `qa.match`'s and the figures are `qa.figures`'. Nothing is printed, read or written here.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from statistics import median
from typing import Any

from index.types import Document, ParallaxError, Progress
from qa.figures import Figure, Measure, Pair, Shown, ahead, figures
from qa.match import answers, holds, passage_holds, words
from qa.session import Session
from qa.types import Perspective, Source

ANSWERS, SUPPORTS = 2, 1
"""Grades of gold."""
UNTYPED = "other"


class EvaluationError(ParallaxError):
    """The questions cannot be used for an evaluation."""


@dataclass(frozen=True, slots=True)
class Gold:
    """Words of a document that answer a question, or support an answer."""

    quote: str
    grade: int
    """ANSWERS: answers by itself. SUPPORTS: counts neither as an answer nor as silence."""


@dataclass(frozen=True, slots=True)
class EvalQuestion:
    """A question with what each document is known to say to it."""

    id: str
    question: str
    history: tuple[str, ...]
    """The earlier questions of the same chat, oldest first."""
    type: str
    evidence: Mapping[str, tuple[Gold, ...]]
    """By the document's id. No gold: the document is silent. A document that is not named is not judged."""

    def right(self, document: str) -> tuple[str, ...]:
        """The gold of a document that answers by itself."""
        return tuple(gold.quote for gold in self.evidence[document] if gold.grade == ANSWERS)


@dataclass(frozen=True, slots=True)
class System:
    """One way to answer, with all it showed and its figures."""

    name: str
    pairs: tuple[Pair, ...]
    """In the order of the questions, and in each of its evidence; the same for every system."""
    seconds: float
    """From a question to its answer, the median."""
    notices: tuple[str, ...]
    """What the session had to say about its answers as a whole, such as a reader that cannot be loaded."""
    figures: Mapping[Measure, Figure]
    by_type: Mapping[str, Mapping[Measure, Figure]]
    by_document: Mapping[str, Mapping[Measure, Figure]]
    first_ahead: Figure | None
    """By how much the first system is ahead of this one in answer@1; None for the first and where nothing answers."""


@dataclass(frozen=True, slots=True)
class Astray:
    """Gold that does not stand in its document, so that nothing shown can match it."""

    question: str
    document: str
    quote: str


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Several systems on the same questions and the same library, the one that is judged first."""

    questions: tuple[EvalQuestion, ...]
    documents: tuple[Source, ...]
    """Those that the questions name, in the order of the library."""
    systems: tuple[System, ...]
    astray: tuple[Astray, ...]


class Miss(StrEnum):
    """What can go wrong with a pair."""

    FURTHER = "right further down"
    PASSAGE = "right passage, other sentence"
    ELSEWHERE = "another place"
    UNSAID = "right but called silent"
    SPOKE = "speaks though empty"


def question_from(row: Mapping[str, Any]) -> EvalQuestion:
    """A question from a row of a file. Raises EvaluationError where the row is none."""
    identifier, text, evidence = row.get("id"), row.get("question"), row.get("evidence")
    history, kind = row.get("history", []), row.get("type", UNTYPED)
    if isinstance(identifier, bool) or not isinstance(identifier, str | int):
        raise EvaluationError("“id” is a text or a whole number.")
    if not isinstance(text, str) or not isinstance(kind, str) or not kind.strip():
        raise EvaluationError("“question” and, if any, “type” are texts.")
    if not isinstance(history, list) or not all(isinstance(earlier, str) for earlier in history):
        raise EvaluationError("“history” is a list of the earlier questions.")
    if not isinstance(evidence, dict) or not evidence:
        raise EvaluationError("“evidence” names at least one document, each with a list of quotations.")
    judged = {document: tuple(_golds(document, spans)) for document, spans in evidence.items()}
    return EvalQuestion(str(identifier), text, tuple(history), kind.strip(), judged)


def _golds(document: str, spans: object) -> Iterator[Gold]:
    if not isinstance(spans, list):
        raise EvaluationError(f"The evidence of “{document}” is a list; leave it empty where the document is silent.")
    for span in spans:
        quote = span.get("quote") if isinstance(span, dict) else None
        if not isinstance(quote, str) or not words(quote):
            raise EvaluationError(f"Each piece of evidence of “{document}” has a “quote” with words in it.")
        grade = span.get("grade", ANSWERS)
        if isinstance(grade, bool) or grade not in (SUPPORTS, ANSWERS):
            raise EvaluationError(f"The “grade” of evidence is {ANSWERS} (answers) or {SUPPORTS} (supports), if given.")
        yield Gold(quote, int(grade))


def evaluate(systems: Mapping[str, Session], questions: Sequence[EvalQuestion], progress: Progress) -> Evaluation:
    """Ask every system every question, of the documents that its evidence names, and judge what it shows.

    The systems are sessions on one library; the first is the one that the others are compared with. `progress` is
    told the system's name and how many questions are done. Raises ParallaxError for no questions, an id given twice,
    a document that is not in the library, and a question that cannot be asked.
    """
    _check(questions)
    first, *_ = systems.values()
    named = set(chain.from_iterable(question.evidence for question in questions))
    documents = {identifier: first.document(identifier) for identifier in sorted(named)}
    judged: list[System] = []
    for name, session in systems.items():
        judged.append(_system(name, _ask(name, session, questions, documents, progress), judged[:1]))
    sources = tuple(source for source in first.documents() if source.id in named)
    return Evaluation(tuple(questions), sources, tuple(judged), tuple(_astray(questions, documents)))


def _check(questions: Sequence[EvalQuestion]) -> None:
    if not questions:
        raise EvaluationError("There are no questions; give at least one.")
    seen: set[str] = set()
    for question in questions:
        if question.id in seen:
            raise EvaluationError(f"Two questions have the id “{question.id}”; give each its own.")
        seen.add(question.id)


@dataclass(frozen=True, slots=True)
class _Asked:
    pairs: tuple[Pair, ...]
    seconds: float
    notice: str


def _ask(
    name: str,
    session: Session,
    questions: Sequence[EvalQuestion],
    documents: Mapping[str, Document],
    progress: Progress,
) -> list[_Asked]:
    session.warm()
    asked: list[_Asked] = []
    for done, question in enumerate(questions):
        progress(name, done, len(questions))
        try:
            comparison = session.ask(question.question, list(question.evidence), question.history)
        except ParallaxError as error:
            raise EvaluationError(f"Question “{question.id}” cannot be asked: {error}") from error
        pairs = tuple(_pair(question, side, documents[side.source.id]) for side in comparison.perspectives)
        asked.append(_Asked(pairs, comparison.seconds, comparison.notice))
    progress(name, len(questions), len(questions))
    return asked


def _pair(question: EvalQuestion, side: Perspective, document: Document) -> Pair:
    """Hold what one document showed against its gold."""
    golds = question.right(document.id)
    return Pair(
        question=question.id,
        type=question.type,
        document=document.id,
        answerable=bool(golds),
        empty=not question.evidence[document.id],
        silent=side.answer is None,
        confidence=side.confidence,
        shown=tuple(
            Shown(
                place,
                right=any(answers(place.quote, gold) for gold in golds),
                passage_right=any(passage_holds(place.passage.text, gold) for gold in golds),
                verbatim=document.text[place.start : place.end] == place.quote,
            )
            for place in (side.answer.citations if side.answer is not None else side.nearest)
        ),
    )


def _system(name: str, asked: Sequence[_Asked], first: Sequence[System]) -> System:
    pairs = tuple(chain.from_iterable(one.pairs for one in asked))
    return System(
        name=name,
        pairs=pairs,
        seconds=median(one.seconds for one in asked),
        notices=tuple(dict.fromkeys(one.notice for one in asked if one.notice)),
        figures=figures(pairs),
        by_type=_grouped(pairs, lambda pair: pair.type),
        by_document=_grouped(pairs, lambda pair: pair.document),
        first_ahead=ahead(first[0].pairs, pairs) if first else None,
    )


def _grouped(pairs: Sequence[Pair], group: Callable[[Pair], str]) -> dict[str, dict[Measure, Figure]]:
    names = sorted({group(pair) for pair in pairs})
    return {name: figures([pair for pair in pairs if group(pair) == name]) for name in names}


def _astray(questions: Sequence[EvalQuestion], documents: Mapping[str, Document]) -> Iterator[Astray]:
    for question in questions:
        for name, golds in question.evidence.items():
            for gold in golds:
                if not holds(documents[name].text, gold.quote):
                    yield Astray(question.id, name, gold.quote)


def misses(pairs: Sequence[Pair]) -> dict[Miss, tuple[Pair, ...]]:
    """The pairs that went wrong, in the order of Miss, each under one kind."""
    found = [(kind, pair) for pair in pairs if (kind := _miss(pair)) is not None]
    return {kind: tuple(pair for its, pair in found if its is kind) for kind in Miss if kind in dict(found)}


def _miss(pair: Pair) -> Miss | None:
    if pair.empty:
        return None if pair.silent else Miss.SPOKE
    if not pair.answerable:
        return None
    if pair.right(1):
        return Miss.UNSAID if pair.silent else None
    if pair.right(3):
        return Miss.FURTHER
    return Miss.PASSAGE if pair.passage_right(3) else Miss.ELSEWHERE
