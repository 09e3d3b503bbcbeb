"""Many questions from a file of JSON lines, answers into another: for evaluation and for programs.

In: `id`, `question`, and `history` where there is one. Out, one line a question: `id` and `documents`, for each
document its `silent`, `confidence` and `answers` (best first, each with `text`, `passage`, `start`, `end`; the
nearest passages where it is silent). Asking is the session's.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from index.types import ParallaxError
from qa.session import Session
from qa.types import Comparison, Perspective

Record = dict[str, Any]


def run(session: Session, questions: Path, answers: Path, progress: Callable[[int, int], None]) -> int:
    """Answer every question of a file; returns how many. The output appears whole or not at all.

    Raises ParallaxError, with the line, where the input is not what it should be.
    """
    rows = _read(questions)
    with _whole(answers) as out:
        for done, (number, row) in enumerate(rows):
            progress(done, len(rows))
            try:
                comparison = session.ask(row["question"], history=row.get("history", []))
            except ParallaxError as error:
                raise ParallaxError(f"Line {number} of {questions} cannot be answered: {error}") from error
            out.write(json.dumps({"id": row["id"], **_answers(comparison)}, ensure_ascii=False) + "\n")
    progress(len(rows), len(rows))
    return len(rows)


@contextmanager
def _whole(path: Path) -> Iterator[TextIO]:
    """A text file that takes its place once everything is written, or leaves what was there."""
    if path.is_dir():
        raise ParallaxError(f"{path} is a folder; name a file to write the answers to.")
    partial = path.with_name(path.name + ".partial")
    try:
        # What UTF-8 cannot hold, an id that is half a surrogate pair, is written as JSON writes it.
        out = partial.open("w", encoding="utf-8", errors="backslashreplace")
        try:
            with out:
                yield out
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise ParallaxError(f"{path} cannot be written ({error.strerror}); name another file with --out.") from error


def _read(path: Path) -> list[tuple[int, Record]]:
    """The questions, each with the number of its line."""
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")  # splitlines would cut at U+2028, which JSON allows
    except OSError as error:
        raise ParallaxError(f"{path} cannot be read ({error.strerror}); check the name and who may read it.") from error
    except UnicodeDecodeError as error:
        raise ParallaxError(f"{path} is not UTF-8 (byte {error.start:,}).") from error
    return [(number, _row(path, number, line)) for number, line in enumerate(lines, start=1) if line.strip()]


def _row(path: Path, number: int, line: str) -> Record:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise ParallaxError(f"Line {number} of {path} is not JSON: {error.msg}.") from error
    except RecursionError as error:
        raise ParallaxError(f"Line {number} of {path} is nested too deeply to be a question.") from error
    history = row.get("history", []) if isinstance(row, dict) else None
    asked = isinstance(history, list) and all(isinstance(text, str) for text in [row.get("question"), *history])
    if not asked or "id" not in row:
        raise ParallaxError(f"Line {number} of {path} needs “id”, “question” as text and “history”, if any, as a list.")
    return dict(row)


def _answers(comparison: Comparison) -> Record:
    return {"documents": {side.source.id: _perspective(side) for side in comparison.perspectives}}


def _perspective(side: Perspective) -> Record:
    places = side.answer.citations if side.answer is not None else side.nearest
    return {
        "silent": side.answer is None,
        "confidence": round(side.confidence, 4),
        "answers": [
            {"text": place.quote, "passage": place.passage.text, "start": place.start, "end": place.end}
            for place in places
        ],
    }
