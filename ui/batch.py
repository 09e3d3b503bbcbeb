"""Many questions from a file of JSON lines: answers into another file, or an evaluation into a report.

In: `id`, `question`, and `history` where there is one. Out, one line a question: a `ui.records.BatchLine`. An
evaluation reads `evidence` and `type` too (docs/evaluation.md) and writes an HTML page with a JSON file beside it.
Asking is the session's, judging `qa.evaluate`'s.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from os.path import realpath
from pathlib import Path
from typing import Any, TextIO

from index.types import ParallaxError, Progress
from qa.evaluate import EvalQuestion, Evaluation, evaluate, question_from
from qa.session import Session
from qa.types import Comparison, Perspective
from ui import export, report
from ui.records import BatchLine, BatchPlace, BatchReply

Record = dict[str, Any]


def run(session: Session, questions: Path, answers: Path, progress: Callable[[int, int], None]) -> int:
    """Answer every question of a file; returns how many. The output appears whole or not at all.

    Raises ParallaxError, with the line, where the input is not what it should be.
    """
    rows = _read(questions)
    if answers.exists() and answers.samefile(questions):
        raise ParallaxError(f"The answers would take the place of {questions}; name another file with --out.")
    with _whole("--out", answers) as (out,):
        for done, (number, row) in enumerate(rows):
            progress(done, len(rows))
            try:
                comparison = session.ask(row["question"], history=row.get("history", []))
            except ParallaxError as error:
                raise ParallaxError(f"Line {number} of {questions} cannot be answered: {error}") from error
            out.write(json.dumps(asdict(_line(row["id"], comparison)), ensure_ascii=False) + "\n")
    progress(len(rows), len(rows))
    return len(rows)


def evaluation(session: Session, questions: Path, page: Path, progress: Progress) -> Evaluation:
    """Evaluate a session, and weaker ones beside it, on questions with evidence; write `page` and its JSON.

    Both files appear whole or neither does. Raises ParallaxError, with the line, where the input is not what it
    should be, and where the report cannot be written.
    """
    beside = page.with_suffix(".json")
    if page.suffix.lower() != ".html":
        raise ParallaxError(f"{page} does not end in .html; name the report so.")
    rows = _read(questions)
    if any(path.exists() and path.samefile(questions) for path in (page, beside)):
        raise ParallaxError(f"The report would take the place of {questions}; name another file with --report.")
    known = [source.id for source in session.documents()]
    asked = [_judged(questions, number, row, known) for number, row in rows]
    systems = {
        "Parallax": session,
        "without the reader": session.variant(reader=False),
        "dense search alone": session.variant(reader=False, lexical=False),
    }
    with _whole("--report", page, beside) as (html, data):
        result = evaluate(systems, asked, progress)
        html.write(report.page(result))
        json.dump(report.record(result), data, ensure_ascii=False, indent=1)
    return result


def _judged(path: Path, number: int, row: Record, known: Sequence[str]) -> EvalQuestion:
    """The question of a row, whose documents are all in the library."""
    try:
        question = question_from(row)
    except ParallaxError as error:
        raise ParallaxError(f"Line {number} of {path} is no question with evidence: {error}") from error
    for document in question.evidence:
        if document not in known:
            there = ", ".join(f"“{name}”" for name in known)
            said = f"names the document “{document}”, which is not in this library; there is: {there or 'none'}."
            raise ParallaxError(f"Line {number} of {path} {said}")
    return question


@contextmanager
def _whole(option: str, *paths: Path) -> Iterator[tuple[TextIO, ...]]:
    """Text files that take their places together once all are written, or leave what was there.

    A link stays, and so does a pipe or a device, which gets what is written as it comes: a file in its place ends it.
    """
    for path in paths:
        if path.is_dir():
            raise ParallaxError(f"{path} is a folder; name a file with {option}.")
    files = {path: Path(realpath(path)) for path in paths if path.is_file() or not path.exists()}
    partial = {path: file.with_name(file.name + ".partial") for path, file in files.items()}
    try:
        with ExitStack() as cleaning:
            for path in partial.values():
                cleaning.callback(path.unlink, missing_ok=True)
            with ExitStack() as opened:
                # What UTF-8 cannot hold, an id that is half a surrogate pair, is written as JSON writes it.
                yield tuple(
                    opened.enter_context(partial.get(path, path).open("w", encoding="utf-8", errors="backslashreplace"))
                    for path in paths
                )
            for path, written in partial.items():
                written.replace(files[path])
    except OSError as error:
        names = " or ".join(map(str, paths))
        raise ParallaxError(
            f"{names} cannot be written ({error.strerror}); name another file with {option}."
        ) from error


def record(path: Path) -> object:
    """What a JSON file holds, or the citations of an exported conversation. Raises ParallaxError where it cannot."""
    text = _text(path)
    if path.suffix.lower() in (".html", ".htm"):
        return export.read_html(text)
    if path.suffix.lower() in (".md", ".markdown"):
        return export.read_markdown(text)
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ParallaxError(f"{path} is not JSON: {error.msg} in line {error.lineno}.") from error
    except ValueError as error:
        raise ParallaxError(f"{path} holds a number of thousands of digits, which no citation has.") from error
    except RecursionError as error:
        raise ParallaxError(f"{path} is nested too deeply to hold citations.") from error


def _read(path: Path) -> list[tuple[int, Record]]:
    """The questions, each with the number of its line."""
    lines = _text(path).split("\n")  # splitlines would cut at U+2028, which JSON allows
    rows = [(number, _row(path, number, line)) for number, line in enumerate(lines, start=1) if line.strip()]
    if not rows:
        raise ParallaxError(f"{path} holds no questions; write one a line.")
    lines_of: dict[str, int] = {}
    for number, row in rows:
        if (before := lines_of.setdefault(json.dumps(row["id"], sort_keys=True), number)) != number:
            raise ParallaxError(f"Line {number} of {path} has the “id” of line {before}; give each question its own.")
    return rows


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ParallaxError(f"{path} cannot be read ({error.strerror}); check the name and who may read it.") from error
    except UnicodeDecodeError as error:
        raise ParallaxError(f"{path} is not UTF-8 (byte {error.start:,}).") from error


def _row(path: Path, number: int, line: str) -> Record:
    try:
        row = json.loads(line, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise ParallaxError(f"Line {number} of {path} is not JSON: {error.msg}.") from error
    except ValueError as error:
        raise ParallaxError(f"Line {number} of {path} holds a number of thousands of digits.") from error
    except RecursionError as error:
        raise ParallaxError(f"Line {number} of {path} is nested too deeply to be a question.") from error
    history = row.get("history", []) if isinstance(row, dict) else None
    asked = isinstance(history, list) and all(isinstance(text, str) for text in [row.get("question"), *history])
    if not asked or "id" not in row:
        raise ParallaxError(f"Line {number} of {path} needs “id”, “question” as text and “history”, if any, as a list.")
    return dict(row)


def _no_constant(name: str) -> None:
    """Refuse what Python reads as a number and JSON has not, NaN and Infinity: nobody else could read it back."""
    raise json.JSONDecodeError(f"{name} is no number", name, 0)


def _line(identifier: object, comparison: Comparison) -> BatchLine:
    return BatchLine(identifier, {side.source.id: _reply(side) for side in comparison.perspectives})


def _reply(side: Perspective) -> BatchReply:
    places = side.answer.citations if side.answer is not None else side.nearest
    answers = tuple(BatchPlace(place.quote, place.passage.text, place.start, place.end) for place in places)
    return BatchReply(side.answer is None, round(side.confidence, 4), answers)
