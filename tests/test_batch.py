"""Batch: a file of questions into a file of answers, whole or not at all."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from index.types import ParallaxError
from qa.session import Session
from ui import batch
from ui.terminal import safe

LENT, BACK = "Who lent the money to keep the crews?", "What brought the oysters back?"
NOBODY = "How did the railway change the oyster trade?"


def answered(session: Session, folder: Path, questions: str | bytes) -> list[dict[str, Any]]:
    source, out = folder / "questions.jsonl", folder / "answers.jsonl"
    source.write_bytes(questions if isinstance(questions, bytes) else questions.encode())
    count = batch.run(session, source, out, lambda done, total: None)
    rows = [json.loads(line) for line in out.read_text("utf-8").split("\n")[:-1]]
    assert len(rows) == count
    return rows


def lines(*rows: dict[str, Any]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def test_answers_are_those_of_the_session(library: Session, tmp_path: Path) -> None:
    rows = answered(
        library,
        tmp_path,
        lines(
            {"id": "a", "question": LENT},
            {"id": 7, "question": "And who paid him?", "history": ["Did Isaac Thrale change his mind?"]},
            {"id": "c", "question": NOBODY, "history": [], "type": "ignored"},
        ),
    )
    asked = [
        library.ask(LENT),
        library.ask("And who paid him?", history=["Did Isaac Thrale change his mind?"]),
        library.ask(NOBODY),
    ]
    assert [row["id"] for row in rows] == ["a", 7, "c"]
    for row, comparison in zip(rows, asked, strict=True):
        assert list(row["documents"]) == [side.source.id for side in comparison.perspectives]
        for side in comparison.perspectives:
            given = row["documents"][side.source.id]
            places = side.nearest if side.answer is None else side.answer.citations
            assert given["silent"] == (side.answer is None)
            assert given["confidence"] == pytest.approx(side.confidence, abs=1e-4)
            assert [answer["text"] for answer in given["answers"]] == [place.quote for place in places]
            for answer in given["answers"]:
                assert library.document(side.source.id).text[answer["start"] : answer["end"]] == answer["text"]
                assert answer["text"] in answer["passage"]


@pytest.mark.parametrize(
    "questions",
    [
        lines({"id": "a", "question": LENT}).replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf" + lines({"id": "a", "question": LENT}).encode(),
        b"\n  \n" + lines({"id": "a", "question": LENT}).encode().rstrip(),
        lines({"id": "a", "question": "Who lent\u2028the money \u0085 to keep the crews?"}).encode(),
    ],
    ids=["carriage returns", "byte order mark", "blank lines and no last newline", "line separators in the text"],
)
def test_ways_in_which_files_differ(library: Session, tmp_path: Path, questions: bytes) -> None:
    (row,) = answered(library, tmp_path, questions)
    assert row["id"] == "a"
    assert row["documents"] == answered(library, tmp_path, lines({"id": "b", "question": LENT}))[0]["documents"]


def test_an_id_that_is_no_text_comes_back_as_it_was(library: Session, tmp_path: Path) -> None:
    (row,) = answered(library, tmp_path, '{"id": "\\ud83d", "question": "Who lent the money?"}')
    assert row["id"] == "\ud83d"


def test_progress_counts_the_questions(library: Session, tmp_path: Path) -> None:
    (tmp_path / "in").write_text(lines({"id": 1, "question": LENT}, {"id": 2, "question": BACK}), encoding="utf-8")
    told: list[tuple[int, int]] = []
    batch.run(library, tmp_path / "in", tmp_path / "out", lambda done, total: told.append((done, total)))
    assert told == [(0, 2), (1, 2), (2, 2)]


GOOD = lines({"id": "a", "question": LENT})


@pytest.mark.parametrize(
    ("questions", "sentence"),
    [
        (GOOD + "{not json\n", "Line 2 of .* is not JSON: "),
        (GOOD + "\n[]\n", "Line 3 of .* needs “id”, “question” as text"),
        (lines({"question": LENT}), "Line 1 of .* needs “id”"),
        (lines({"id": "a"}), "Line 1 of .* needs “id”, “question” as text"),
        (lines({"id": "a", "question": 7}), "Line 1 of .* needs “id”, “question” as text"),
        (lines({"id": "a", "question": LENT, "history": LENT}), "Line 1 of .* “history”, if any, as a list"),
        (lines({"id": "a", "question": LENT, "history": [None]}), "Line 1 of .* “history”, if any, as a list"),
        (GOOD + lines({"id": "b", "question": " "}), "Line 2 of .* cannot be answered: The question is empty"),
        (lines({"id": "a", "question": "x" * 9000}), "Line 1 of .* cannot be answered: .* 9,000 characters"),
        ('{"id": "a", "question": "\\udc00"}', "Line 1 of .* cannot be answered: Character 1 of the question"),
        ("[" * 100_000, "Line 1 of .* nested too deeply"),
        ('{"id": NaN, "question": "Who?"}', "Line 1 of .* is not JSON: NaN is no number"),
        (GOOD + "\n" + GOOD, "Line 3 of .* has the “id” of line 1; give each question its own"),
        ("", r"questions\.jsonl holds no questions; write one a line\."),
        (" \n\n", r"questions\.jsonl holds no questions; write one a line\."),
        (b'{"id": "a", "question": "\xff"}', r"is not UTF-8 \(byte 25\)"),
    ],
)
def test_bad_input_is_told_with_its_line_and_leaves_the_old_answers(
    library: Session, tmp_path: Path, questions: str | bytes, sentence: str
) -> None:
    (tmp_path / "answers.jsonl").write_text("old", encoding="utf-8")
    with pytest.raises(ParallaxError, match=sentence):
        answered(library, tmp_path, questions)
    assert (tmp_path / "answers.jsonl").read_text("utf-8") == "old"
    assert {path.name for path in tmp_path.iterdir()} == {"questions.jsonl", "answers.jsonl"}


@pytest.mark.parametrize(
    ("out", "sentence"),
    [
        ("folder", "is a folder; name a file"),
        ("none/answers.jsonl", r"cannot be written \(No such file or directory\); name another"),
        ("questions.jsonl/answers.jsonl", r"cannot be written \(Not a directory\); name another"),
    ],
)
def test_a_place_that_cannot_be_written_is_told(library: Session, tmp_path: Path, out: str, sentence: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "questions.jsonl").write_text(GOOD, encoding="utf-8")
    with pytest.raises(ParallaxError, match=sentence):
        batch.run(library, tmp_path / "questions.jsonl", tmp_path / out, lambda done, total: None)
    assert {path.name for path in tmp_path.iterdir()} == {"folder", "questions.jsonl"}


def test_a_pipe_gets_the_answers_and_stays_a_pipe(library: Session, tmp_path: Path) -> None:
    expected = answered(library, tmp_path, GOOD)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with os.fdopen(os.open(pipe, os.O_RDONLY | os.O_NONBLOCK), encoding="utf-8") as reading:
        batch.run(library, tmp_path / "questions.jsonl", pipe, lambda done, total: None)
        assert pipe.is_fifo(), "a file has taken its place"
        assert [json.loads(line) for line in reading] == expected
    assert {path.name for path in tmp_path.iterdir()} == {"questions.jsonl", "answers.jsonl", "pipe"}


def test_a_link_goes_on_leading_to_the_answers(library: Session, tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "link").symlink_to(Path("kept") / "answers.jsonl")
    (tmp_path / "questions.jsonl").write_text(GOOD, encoding="utf-8")
    for _ in range(2):  # where there is nothing yet, and where there are old answers
        batch.run(library, tmp_path / "questions.jsonl", tmp_path / "link", lambda done, total: None)
        assert (tmp_path / "link").is_symlink()
        assert json.loads((tmp_path / "kept" / "answers.jsonl").read_text("utf-8"))["id"] == "a"
    assert [path.name for path in (tmp_path / "kept").iterdir()] == ["answers.jsonl"]


def test_answers_never_take_the_place_of_the_questions(library: Session, tmp_path: Path) -> None:
    questions, linked = tmp_path / "questions.jsonl", tmp_path / "linked.jsonl"
    questions.write_text('{"id": 1, "question": "Who mended the hull?"}', encoding="utf-8")
    linked.hardlink_to(questions)
    for answers in (questions, linked, tmp_path / "." / "questions.jsonl"):
        with pytest.raises(ParallaxError, match="would take the place of"):
            batch.run(library, questions, answers, lambda done, total: None)
    assert questions.read_text("utf-8").endswith('hull?"}')


def test_a_missing_file_of_questions_is_told(library: Session, tmp_path: Path) -> None:
    with pytest.raises(ParallaxError, match=r"none\.jsonl cannot be read \(No such file or directory\); check"):
        batch.run(library, tmp_path / "none.jsonl", tmp_path / "answers.jsonl", lambda done, total: None)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.json", f"[1{'1' * 5000}]", "holds a number of thousands of digits"),
        ("a.json", "[" * 100_000, "is nested too deeply"),
        ("a.html", "<![x]>", "no HTML that a conversation is saved as"),
    ],
)
def test_a_record_that_cannot_be_read_is_told(tmp_path: Path, name: str, content: str, told: str) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(ParallaxError, match=told):
        batch.record(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.html", f'<blockquote data-document="a" data-sha256="b" data-start="{"1" * 5000}" data-end="2">x'),
        ("a.md", f'> x\n\n<!-- parallax {{"a":{"[" * 100_000}}} -->\n'),
        ("a.md", f'> x\n\n<!-- parallax {{"start":{"1" * 5000}}} -->\n'),
        ("a.json", '{"document": "\\ud800", "sha256": "a", "start": 1, "end": 2, "quote": "x"}'),
    ],
)
def test_a_citation_of_a_record_that_no_library_has_is_a_problem(
    library: Session, tmp_path: Path, name: str, content: str
) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    result = library.verify(batch.record(tmp_path / name))
    assert result.checked == 1
    safe(f"{result.problems[0].where}: {result.problems[0].sentence}").encode()
