"""What is said of an evaluation, in words: how good it is, what to know before it is believed, a short table.

Plain text, neither escaped for a page nor made safe for a terminal; that is for the renderer.
"""

from collections.abc import Iterator, Mapping

from qa.evaluate import Evaluation, Miss, System
from qa.figures import LEVEL, Figure, Measure
from ui.words import counted

FEW = 20
"""With fewer questions the intervals come out too narrow."""

MEANING = {
    Measure.ANSWER_1: ("A right sentence first", "of the cases in which the document answers"),
    Measure.ANSWER_3: ("A right sentence among three", "of the same"),
    Measure.PASSAGE_1: ("The right passage first", "of the same"),
    Measure.PASSAGE_3: ("The right passage among three", "of the same"),
    Measure.ALL_SIDES: ("All sides right", "of the questions that two documents or more answer"),
    Measure.SPEAKS: ("Speaks where it answers", "of the cases in which the document answers"),
    Measure.SILENT: ("Silent where it holds nothing", "of the cases in which the document holds nothing"),
    Measure.BALANCE: ("Speech and silence", "the mean of the two above"),
    Measure.AUROC: ("Telling the two apart", "AUROC of the confidence: 1 is best, 0.5 is chance"),
    Measure.CALIBRATION: ("Confidence off by", "expected calibration error: 0 is best"),
    Measure.VERBATIM: ("Verbatim", "of the quotations shown"),
}
"""Each measure in plain words, and what it is a share of."""
MISSED = {
    Miss.FURTHER: "A right sentence stands further down",
    Miss.PASSAGE: "The right passage is shown, but another sentence quoted",
    Miss.ELSEWHERE: "Another place is shown",
    Miss.UNSAID: "Called silent, though the nearest place answers",
    Miss.SPOKE: "Speaks, though the document holds nothing on it",
}
_SHORT = (Measure.ANSWER_1, Measure.ANSWER_3, Measure.PASSAGE_3, Measure.ALL_SIDES, Measure.SPEAKS, Measure.SILENT)


def headline(evaluation: Evaluation) -> str:
    """How good it is, in plain words."""
    first, *others = evaluation.systems
    parts = [_told(first.figures, Measure.ANSWER_1, "A right sentence stands first")]
    parts += [_lead(first, other) for other in others]
    parts.append(_told(first.figures, Measure.SILENT, "Where a document holds nothing on a question, it is silent"))
    return " ".join(filter(None, parts)) or "No question has an answer or a silence that can be judged."


def _told(figures: Mapping[Measure, Figure], measure: Measure, words: str) -> str:
    figure = figures.get(measure)
    if figure is None:
        return ""
    of = f"{round(figure.value * figure.cases):,} of {counted(figure.cases, 'case')}"
    return f"{words} in {of}: {_hundredths(figure.value)} in 100 ({_between(figure)})."


def _lead(first: System, other: System) -> str:
    """How the first system stands to another one, by the interval of their difference."""
    figure = other.first_ahead
    if figure is None:
        return ""
    if figure.low == figure.high == 0:
        return f"“{other.name}” does the same, case by case."
    if figure.low <= 0 <= figure.high:
        return f"Whether {first.name} is ahead of “{other.name}” cannot be told ({_between(figure)} in 100)."
    low, high = sorted([abs(figure.low), abs(figure.high)])
    place = "ahead of" if figure.value > 0 else "behind"
    between = f"{_percent()}: {_hundredths(low)} to {_hundredths(high)}"
    return f"{first.name} is {place} “{other.name}” by {_hundredths(abs(figure.value))} in 100 ({between})."


def _hundredths(value: float) -> int:
    return round(100 * value)


def _percent() -> str:
    return f"{LEVEL * 100:.0f}\N{NO-BREAK SPACE}%"


def _between(figure: Figure) -> str:
    return f"{_percent()}: {_signed(_hundredths(figure.low))} to {_signed(_hundredths(figure.high))}"


def _signed(number: int) -> str:
    return f"−{-number}" if number < 0 else str(number)


def notes(evaluation: Evaluation) -> list[str]:
    """What to know before the figures are believed, a sentence each."""
    found = [f"{system.name}: {notice}" for system in evaluation.systems for notice in system.notices]
    if len(evaluation.questions) < FEW:
        asked = counted(len(evaluation.questions), "question")
        found.append(f"With {asked} the intervals are too narrow; ask at least {FEW}.")
    if evaluation.astray:
        first = evaluation.astray[0]
        found.append(
            f"{counted(len(evaluation.astray), 'piece')} of evidence cannot be found in the document, "
            f"the first for question “{first.question}” in “{first.document}”; nothing shown can match it."
        )
    return found


def summary(evaluation: Evaluation) -> Iterator[str]:
    """The main figures as lines of plain text, not yet made safe for a terminal."""
    yield headline(evaluation)
    yield ""
    width = max(len(MEANING[measure][0]) for measure in _SHORT)
    columns = [max(len(system.name), len(_plain(None))) for system in evaluation.systems]
    rows = [("", [system.name for system in evaluation.systems])]
    rows += [(MEANING[m][0], [_plain(system.figures.get(m)) for system in evaluation.systems]) for m in _SHORT]
    for label, cells in rows:
        padded = (cell.rjust(column) for cell, column in zip(cells, columns, strict=True))
        yield "  ".join([label.ljust(width), *padded])
    yield from notes(evaluation)


def _plain(figure: Figure | None) -> str:
    """A figure with its interval, always as wide."""
    return f"{figure.value:.2f} ({figure.low:.2f}–{figure.high:.2f})" if figure is not None else "-".rjust(16)
