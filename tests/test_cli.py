"""The command line: every command, its exit code, and one sentence for every error."""

import argparse
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from functools import partial
from html import unescape
from importlib.metadata import version
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from older import to_format_3

from index.embed import Encoder
from index.manifest import FILE
from index.types import Details
from qa.session import Session
from ui.arguments import build_parser
from ui.cli import main

ROOT = Path(__file__).resolve().parents[1]
LENT = "Who lent the money to keep the crews?"
FERRY = "The Ferry\n\nThe ferry sank in the spring flood. Nobody had mended her hull before the harvest.\n"
ERROR = re.compile(r"parallax: [^\n]+\.\n")


class Ran(NamedTuple):
    code: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command in this process."""

    def ran(*arguments: str | Path) -> Ran:
        capsys.readouterr()
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as ended:
            code = int(ended.code or 0)
        return Ran(code, *capsys.readouterr())

    return ran


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a library that holds the ferry; a test that changes it copies it first."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "ferry.txt").write_text(FERRY, encoding="utf-8")
    Session.open(folder / "library", create=True).add(folder / "ferry.txt")
    return folder / "library"


@pytest.fixture
def ferry(made: Path, tmp_path: Path) -> Path:
    """A copy of that library."""
    return shutil.copytree(made, tmp_path / "library")


def process(*arguments: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own, which buffers its output as it does for people."""
    command = [sys.executable, "-m", "ui.cli", *arguments]
    environment = {**os.environ, "PYTHONUNBUFFERED": ""}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.run(command, check=False, cwd=ROOT, text=True, **{"env": environment, **pipes, **options})


def commands() -> dict[str, argparse.ArgumentParser]:
    (action,) = (a for a in build_parser()._actions if isinstance(a, argparse._SubParsersAction))
    assert {choice.dest: bool(choice.help) for choice in action._choices_actions} == dict.fromkeys(action.choices, True)
    return dict(action.choices)


class TestHelp:
    def test_the_commands_are_these(self) -> None:
        assert " ".join(commands()) == (
            "add list describe migrate collect collections remove ask find terms shared cite picture verify eval serve "
            "user mcp doctor backup restore"
        )

    @pytest.mark.parametrize("command", ["", *commands()])
    def test_every_command_and_option_has_help(self, command: str, run: Run) -> None:
        parser = commands()[command] if command else build_parser()
        for action in parser._actions:
            assert action.help or isinstance(action, argparse._SubParsersAction), action
        told = run(*filter(None, [command]), "--help")
        assert (told.code, told.err) == (0, "")
        assert told.out.startswith(f"usage: parallax{' ' * bool(command)}{command}")


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["read"],
        ["add"],
        ["add", "a.txt", "b.txt", "--title", "Both"],
        ["add", "a.txt", "b.txt", "--year", "0"],
        ["add", "a.txt", "--year", "long ago"],
        ["add", "a.txt", "--workers", "0"],
        ["remove"],
        ["ask"],
        ["find"],
        ["terms"],
        ["terms", "ferry", "--first", "one"],
        ["shared", "ferry"],
        ["shared", "--in"],
        ["cite", "ferry", "0"],
        ["cite", "ferry", "0", "end"],
        ["cite", "ferry", "0", "9", "--style", "vancouver"],
        ["ask", LENT, "--batch", "q.jsonl", "--out", "a.jsonl"],
        ["ask", "--batch", "q.jsonl"],
        ["ask", LENT, "--out", "a.jsonl"],
        ["ask", "--batch", "q.jsonl", "--out", "a.jsonl", "--json"],
        ["ask", "--batch", "q.jsonl", "--out", "a.jsonl", "--own"],
        ["ask", "--batch", "q.jsonl", "--out", "a.jsonl", "--in", "ferry"],
        ["ask", "--batch", "q.jsonl", "--out", "a.jsonl", "--after", LENT],
        ["ask", "--batch", "q.jsonl", "--out", "a.jsonl", "--collection", "Rivers"],
        ["ask", LENT, "--in", "ferry", "--collection", "Rivers"],
        ["add", "a.txt", "b.txt", "--publisher", "Lock Press"],
        ["describe", "ferry"],
        ["describe", "ferry", "--colour", "mauve"],
        ["collect"],
        ["eval"],
        ["eval", "q.jsonl"],
        ["eval", "--report", "r.html"],
        ["serve", "--port", "http"],
        ["--reader"],
        ["--library", "", "add", "a.txt"],
        ["migrate", "somewhere", ""],
        ["ask", LENT, "--reader", "none"],
        ["list", "--library", "somewhere"],
    ],
)
def test_wrong_usage_exits_with_2_and_makes_nothing(arguments: list[str], run: Run, tmp_path: Path) -> None:
    told = run("--library", tmp_path / "none", *arguments)
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith("usage: parallax") and "error: " in told.err
    assert list(tmp_path.iterdir()) == []


def test_the_version_is_that_of_the_package(run: Run) -> None:
    assert run("--version") == (0, f"parallax {version('parallax')}\n", "")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["ask", "who", "dug", "it?"], "unrecognized arguments: dug it?; put several words between quotation marks"),
        (["find", "the", "ferry"], "unrecognized arguments: ferry; put several words between quotation marks"),
        (["terms", "oyster", "bed"], "unrecognized arguments: bed; put several words between quotation marks"),
        (["list", "--library", "a"], "unrecognized arguments: --library a; --library stands before the command"),
        (["ask", LENT, "--reader=none"], "unrecognized arguments: --reader=none; --reader stands before the command"),
        (["user", "add", "ada", "-", "it"], "unrecognized arguments: it"),
        (["ask", LENT, "--jsno"], "unrecognized arguments: --jsno"),
    ],
)
def test_what_a_command_does_not_take_is_told_with_its_usage(arguments: list[str], told: str, run: Run) -> None:
    wrong = run(*arguments)
    assert (wrong.code, wrong.out) == (2, "")
    assert wrong.err.startswith(f"usage: parallax {arguments[0]} ") and wrong.err.endswith(f" error: {told}\n")


@pytest.mark.parametrize("option", ["--in", "--after"])
def test_a_question_after_the_ids_is_told_where_it_went(run: Run, option: str) -> None:
    told = run("ask", option, "ferry", LENT)
    assert told.code == 2 and told.err.startswith("usage: parallax ask ")
    assert told.err.endswith("ask takes a QUESTION or --batch FILE; what follows --in or --after is taken for theirs\n")


def test_the_colours_to_choose_from_are_told_as_they_are_typed(run: Run) -> None:
    told = run("describe", "ferry", "--colour", "mauve")
    assert "'blue', " in told.err and "Colour." not in told.err


class TestLibrary:
    def test_a_document_comes_changes_and_goes(self, run: Run, tmp_path: Path) -> None:
        file, library = tmp_path / "ferry.txt", ("--library", tmp_path / "library")
        file.write_text(FERRY, encoding="utf-8")
        added = "ferry: {}, {}, English, {} words in 1 passage\n"
        assert run(*library, "add", file) == (0, added.format("added", "The Ferry", 17), "")
        assert run(*library, "add", file) == (0, added.format("unchanged", "The Ferry", 17), "")
        details = ("--author", "Ann Holm", "--year", "1905", "--title", "Ferries", "--label", "Holm")
        assert run(*library, "add", file, *details) == (0, added.format("given new details", "Holm", 17), "")
        file.write_text(FERRY.replace("harvest", "next harvest"), encoding="utf-8")
        assert run(*library, "add", file) == (0, added.format("replaced", "Holm", 18), "")
        listed = "ferry\tHolm\tFerries · Ann Holm · 1905 · 18 words\tferry.txt\tEnglish\nThe model knows English.\n"
        assert run(*library, "list") == (0, listed, "")
        assert run(*library, "remove", "ferry") == (0, "ferry: removed\n", "")
        assert run(*library, "list") == (0, "The library is empty.\n", "")
        assert run(*library, "list", "--json") == (0, '{\n  "format": "parallax/1",\n  "documents": []\n}\n', "")

    def test_a_document_gets_other_details_and_keeps_the_rest(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "lock.txt").write_text("The keeper moved the barge at dawn.", encoding="utf-8")
        library = ("--library", tmp_path / "library")
        assert run(*library, "add", tmp_path / "lock.txt", "--author", "Hume", "--year", "1901").code == 0
        assert run(*library, "describe", "lock", "--title", "The Lock", "--author", "").code == 0
        (source,) = json.loads(run(*library, "list", "--json").out)["documents"]
        assert (source["title"], source["author"], source["year"]) == ("The Lock", None, 1901)

    def test_documents_are_kept_together_and_asked_by_their_name(self, run: Run, ferry: Path) -> None:
        def told(*arguments: str) -> Ran:
            return run("--library", ferry, *arguments)

        assert told("collections").out == "There are no collections.\n"
        assert told("collect", "Wet places", "ferry").out == "Wet places: 1 document\n"
        assert told("collections").out == "Wet places\tferry\n"
        assert json.loads(told("collections", "--json").out) == [{"name": "Wet places", "documents": ["ferry"]}]
        assert told("find", "ferry", "--collection", "Wet places").out.startswith("“ferry”\nFound in")
        unknown = told("find", "ferry", "--collection", "Dry places")
        assert unknown.code == 1 and "there is: “Wet places”" in unknown.err
        assert told("collect", "Wet places").out == "Wet places: dissolved\n"
        assert told("collect", "Wet places").code == 1

    def test_the_list_is_json_when_asked(self, run: Run, made: Path) -> None:
        (record,) = json.loads(run("--library", made, "list", "--json").out)["documents"]
        assert (record["id"], record["title"], record["author"], record["words"]) == ("ferry", "The Ferry", None, 17)
        assert re.fullmatch("[0-9a-f]{64}", record["sha256"])

    def test_one_bad_file_among_several_keeps_none_of_the_others_back(
        self, run: Run, ferry: Path, tmp_path: Path
    ) -> None:
        for name in ("mill", "salt"):
            (tmp_path / f"{name}.txt").write_text(FERRY.replace("ferry", name), encoding="utf-8")
        told = run("--library", ferry, "add", *(tmp_path / f"{name}.txt" for name in ("mill", "none", "salt", "lost")))
        assert told.code == 1
        assert [line.split(":")[0] for line in told.out.splitlines()] == ["mill", "salt"]
        assert re.fullmatch(r"parallax: \S+none\.txt [^\n]+\nparallax: \S+lost\.txt [^\n]+\n", told.err)
        assert [source.id for source in Session.open(ferry).documents()] == ["ferry", "mill", "salt"]

    def test_the_environment_names_the_library(self, run: Run, made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PARALLAX_LIBRARY", str(made))
        assert run("list").out.startswith("ferry\t")


class TestBadInput:
    @pytest.mark.parametrize(
        ("name", "data", "words"),
        [
            ("missing.txt", None, "does not exist"),
            ("", None, "is a folder"),
            ("empty.txt", b"", "holds no words|is empty"),
            ("blank.txt", b" \n\n\t\n", "holds no words|is empty"),
            ("picture.txt", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "a PNG picture"),
            ("binary.txt", bytes(range(256)) * 40, "text"),
            ("broken.txt", b"The ferry sank. " * 9 + "Grüße".encode()[:-1] + b"\xff\xff\x81", r"byte \d+"),
        ],
    )
    def test_a_file_that_is_no_document(self, run: Run, ferry: Path, name: str, data: bytes | None, words: str) -> None:
        if data is not None:
            (ferry.parent / name).write_bytes(data)
        before = run("--library", ferry, "list", "--json").out
        told = run("--library", ferry, "add", ferry.parent / name)
        assert (told.code, told.out) == (1, "")
        assert ERROR.fullmatch(told.err) and re.search(words, told.err)
        assert run("--library", ferry, "list", "--json").out == before

    @pytest.mark.parametrize(
        ("name", "details", "words"),
        [
            ("f\udce4hre.txt", [], r"f\udce4hre.txt” is not written in UTF-8"),
            ("ferry.txt", ["--title", "F\udce4hre"], r"“F\udce4hre” is not written in UTF-8"),
            ("ferry.txt", ["--id", ""], "The id “” cannot be named"),
            ("ferry.txt", ["--id", "a b/../c"], "The id “a b/../c” cannot be named"),
            ("ferry.txt", ["--year", "9" * 30], "The year 999999999999999999999999999999 is none"),
        ],
    )
    def test_details_that_cannot_be_kept(
        self, run: Run, ferry: Path, name: str, details: list[str], words: str
    ) -> None:
        (ferry.parent / name).write_text(FERRY, encoding="utf-8")
        told = run("--library", ferry, "add", ferry.parent / name, *details)
        assert (told.code, told.out) == (1, "")
        assert ERROR.fullmatch(told.err) and words in told.err
        assert [source.title for source in Session.open(ferry).documents()] == ["The Ferry"]

    @pytest.mark.parametrize(
        "command",
        [
            ["list"],
            ["remove", "ferry"],
            ["ask", LENT],
            ["find", LENT],
            ["cite", "ferry", "0", "9"],
            ["verify", "README.md"],
            ["eval", "q.jsonl", "--report", "r.html"],
            ["serve"],
        ],
    )
    def test_a_library_that_is_not_there(self, run: Run, tmp_path: Path, command: list[str]) -> None:
        told = run("--library", tmp_path / "none", *command)
        assert (told.code, told.out) == (1, "")
        assert ERROR.fullmatch(told.err) and "add a document to make one" in told.err
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (["remove", "moon"], "There is no document “moon” in this library; there is: “ferry”"),
            (["ask", LENT, "--in", "moon"], "There is no document “moon” in this library; there is: “ferry”"),
            (["ask", ""], "The question is empty"),
            (["ask", " ?! "], "The question is empty"),
            (["ask", "x" * 10_000], "has 10,000 characters"),
            (["ask", "sal\udcff"], "Character 4 of the question is damaged"),
            (["find", "sal\udcff"], "Character 4 of the quotation is damaged"),
            (["collect", "sal\udcff", "ferry"], "Character 4 of the name is damaged"),
            (["add", "--watch", "/none"], "/none is no folder that can be watched"),
            (["add", "--watch", __file__], "test_cli.py is no folder that can be watched"),
            (["find", "?!"], "The quotation has no words"),
            (["find", LENT, "--in", "moon"], "There is no document “moon” in this library; there is: “ferry”"),
            (["shared"], "There is no other document to compare with"),
            (["shared", "--in", "moon"], "There is no document “moon” in this library; there is: “ferry”"),
            (["cite", "moon", "0", "9"], "There is no document “moon” in this library; there is: “ferry”"),
            (["cite", "ferry", "9", "9"], "has no words from 9 to 9; its text runs from 0 to"),
            (["ask", "--batch", "/none.jsonl", "--out", "/none"], "cannot be read"),
            (["serve", "--port", "0"], "Port 0 does not exist; choose one"),
        ],
    )
    def test_what_cannot_be_done_is_told_in_a_sentence(
        self, run: Run, made: Path, arguments: list[str], words: str
    ) -> None:
        told = run("--library", made, *arguments)
        assert (told.code, told.out) == (1, "")
        assert ERROR.fullmatch(told.err) and words in told.err

    def test_another_model_than_the_librarys(self, run: Run, made: Path) -> None:
        told = run("--library", made, "--model", "other", "list")
        assert told.code == 1 and ERROR.fullmatch(told.err) and "was made with the model" in told.err

    def test_a_port_in_use(self, run: Run, made: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            told = run("--library", made, "serve", "--port", str(taken.getsockname()[1]))
        assert (told.code, told.out) == (1, "")
        assert ERROR.fullmatch(told.err) and "is in use" in told.err


class TestAsk:
    def test_a_pipe_gets_plain_lines_with_each_quotation_whole(self, run: Run, samples: Path, library: Session) -> None:
        told = run("--library", samples, "ask", LENT)
        assert (told.code, told.err) == (0, "")
        assert "\x1b" not in told.out
        for side in library.ask(LENT).perspectives:
            assert side.answer is not None
            for citation in side.answer.citations:
                place = f"[{citation.document} {citation.start}–{citation.end}]"
                assert re.search(f"“{re.escape(citation.quote)}”\n.+\n.*{re.escape(place)}\n", told.out)

    def test_json_has_every_citation_with_what_checks_it(self, run: Run, samples: Path, library: Session) -> None:
        for question in (LENT, "How did the railway change the oyster trade?"):
            told = run("--library", samples, "ask", question, "--json")
            assert (told.code, told.err) == (0, "")
            sides = json.loads(told.out)["perspectives"]
            assert [side["source"]["id"] for side in sides] == [source.id for source in library.documents()]
            for side in sides:
                citations = side["answer"]["citations"] if side["answer"] is not None else side["nearest"]
                assert citations
                for citation in citations:
                    document = library.document(citation["document"])
                    assert document.text[citation["start"] : citation["end"]] == citation["quote"]
                    assert citation["sha256"] == document.sha256

    def test_documents_may_be_chosen(self, run: Run, samples: Path, library: Session) -> None:
        essay, article = (source.id for source in library.documents())
        for chosen in ([article], [article, essay]):
            options = [option for identifier in chosen for option in ("--in", identifier)]
            told = run("--library", samples, "ask", LENT, *options, "--json")
            assert [side["source"]["id"] for side in json.loads(told.out)["perspectives"]] == chosen

    def test_earlier_questions_may_be_told(self, run: Run, samples: Path) -> None:
        earlier = ["Did Isaac Thrale change his mind before the commissioners?", "And his brother?"]
        options = [option for question in earlier for option in ("--after", question)]
        assert (
            json.loads(run("--library", samples, "ask", "Who paid him?", *options, "--json").out)["follows"] == earlier
        )
        assert f"Read together with “{earlier[1]}”\n" in run("--library", samples, "ask", "Who paid him?", *options).out

    def test_the_authors_own_words_may_be_asked_for(self, run: Run, samples: Path) -> None:
        told = run("--library", samples, "ask", LENT, "--own")
        assert "Only the authors’ own words\n" in told.out
        sides = json.loads(run("--library", samples, "ask", LENT, "--own", "--json").out)["perspectives"]
        cited = [c for side in sides for c in (side["answer"] or {"citations": side["nearest"]})["citations"]]
        assert cited and all(citation["quoted"] < 0.5 for citation in cited)

    def test_the_reader_may_be_left_out(self, run: Run, samples: Path) -> None:
        told = run("--library", samples, "--reader", "none", "ask", LENT, "--json")
        assert (told.code, told.err) == (0, "")
        without = Session.open(samples, reader="none").ask(LENT)
        record = json.loads(told.out)
        assert record["notice"] == without.notice == ""
        assert [side["confidence"] for side in record["perspectives"]] == [s.confidence for s in without.perspectives]
        assert {side["signals"]["reader"] for side in record["perspectives"]} == {0.0}

    def test_another_reader_may_be_named(self, run: Run, samples: Path, tiny_reader: Path) -> None:
        told = run("--library", samples, "--reader", tiny_reader, "ask", LENT, "--json")
        record = json.loads(told.out)
        assert (told.code, told.err, record["notice"]) == (0, "", "")
        assert 0.0 not in {side["signals"]["reader"] for side in record["perspectives"]}

    def test_one_that_is_not_there_is_told_above_the_answers(self, run: Run, samples: Path, tmp_path: Path) -> None:
        told = run("--library", samples, "--reader", tmp_path, "ask", LENT)
        assert (told.code, told.err) == (0, "")
        notice = f"Answered without the reader. The model “{tmp_path}” cannot be loaded"
        (line,) = (line for line in told.out.splitlines() if line.startswith(notice))
        assert told.out.replace(line + "\n", "") == run("--library", samples, "--reader", "none", "ask", LENT).out

    def test_a_batch_is_answered_into_a_file(self, run: Run, samples: Path, tmp_path: Path) -> None:
        questions, answers = tmp_path / "questions.jsonl", tmp_path / "answers.jsonl"
        questions.write_text(json.dumps({"id": "a", "question": LENT}) + "\n", encoding="utf-8")
        told = run("--library", samples, "ask", "--batch", questions, "--out", answers)
        assert told == (0, f"1 question answered in {answers}\n", "")
        assert json.loads(answers.read_text("utf-8"))["id"] == "a"

    def test_a_batch_without_its_reader_says_so(self, run: Run, samples: Path, tmp_path: Path) -> None:
        questions, answers = tmp_path / "questions.jsonl", tmp_path / "answers.jsonl"
        questions.write_text(json.dumps({"id": "a", "question": LENT}) + "\n", encoding="utf-8")
        told = run("--library", samples, "--reader", tmp_path, "ask", "--batch", questions, "--out", answers)
        assert told.code == 0 and told.err.startswith("Answered without the reader. ")
        assert told.out == f"1 question answered in {answers}\n"

    def test_a_broken_batch_is_told_with_its_line(self, run: Run, samples: Path, tmp_path: Path) -> None:
        (tmp_path / "questions.jsonl").write_text("\n{", encoding="utf-8")
        told = run("--library", samples, "ask", "--batch", tmp_path / "questions.jsonl", "--out", tmp_path / "answers")
        assert told.code == 1 and ERROR.fullmatch(told.err) and "Line 2 of" in told.err


class TestFind:
    def test_a_pipe_gets_the_place_and_what_differs(self, run: Run, made: Path) -> None:
        told = run("--library", made, "find", "Nobody had mended the hull before harvest")
        assert (told.code, told.err) == (0, "")
        assert "Found in 1 place\n" in told.out and "letters alike" in told.out
        assert "“Nobody had mended her hull before the harvest”" in told.out
        assert "Nobody had mended [-the-]{+her+} hull before {+the+} harvest" in told.out

    def test_json_has_every_occurrence(self, run: Run, made: Path) -> None:
        told = run("--library", made, "find", "the SPRING flood", "--json")
        (found,) = json.loads(told.out)["occurrences"]
        text = Session.open(made).document("ferry").text
        assert (found["document"], found["kind"], found["score"]) == ("ferry", "exact", 100)
        assert text[found["start"] : found["end"]] == found["quote"] == "the spring flood"

    def test_a_quotation_may_come_by_standard_input(
        self, run: Run, made: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("sys.stdin", StringIO("spring\nflood"))
        assert "Word for word" in run("--library", made, "find", "-").out

    def test_what_stands_nowhere_is_said(self, run: Run, made: Path) -> None:
        told = run("--library", made, "find", "the barge of the harbour master")
        assert (told.code, told.out.splitlines()[1]) == (0, "Not in this document")
        assert json.loads(run("--library", made, "find", "barge", "--json").out)["occurrences"] == []


class TestTerms:
    def test_a_pipe_gets_each_line_with_its_place(self, run: Run, made: Path) -> None:
        told = run("--library", made, "terms", "harvests")
        assert (told.code, told.err) == (0, "")
        assert "1 time, " in told.out and "harvest 1\n" in told.out
        assert "Nobody had mended her hull before the harvest.  ¶ 1 [" in told.out

    def test_json_has_every_citation_and_verify_takes_it(self, run: Run, made: Path, tmp_path: Path) -> None:
        told = run("--library", made, "terms", "ferry", "--first", "1", "--count", "1", "--json")
        (usage,) = json.loads(told.out)["usages"]
        (line,) = usage["lines"]
        assert (usage["count"], usage["first"], line["citation"]["quote"]) == (2, 1, "ferry")
        assert line["left"]["text"] == "The " and sum(usage["dispersion"]["parts"]) == 2
        kept = tmp_path / "terms.json"
        kept.write_text(told.out, encoding="utf-8")
        assert run("--library", made, "verify", kept).out.startswith("1 citation verified")

    def test_what_occurs_nowhere_is_said(self, run: Run, made: Path) -> None:
        told = run("--library", made, "terms", "harvset", "--in", "ferry")
        assert (told.code, told.err) == (0, "")
        assert told.out.splitlines()[1:3] == ["Not in this document", "Spelt nearly so: harvest"]

    @pytest.mark.parametrize("arguments", [["…"], ["ferry", "--count", "-1"], ["ferry", "--in", "moon"]])
    def test_what_cannot_be_looked_up_is_told_in_a_sentence(self, run: Run, made: Path, arguments: list[str]) -> None:
        told = run("--library", made, "terms", *arguments)
        assert (told.code, told.out) == (1, "") and ERROR.fullmatch(told.err)


MILL = (
    "The Mill\n\nThe log of the mill says: “The ferry sank in the spring flood. Nobody had mended her hull before the \
harvest.” The miller read it out at the fair.\n"
)


class TestShared:
    @pytest.fixture
    def both(self, run: Run, ferry: Path, tmp_path: Path) -> Path:
        (tmp_path / "mill.txt").write_text(MILL, encoding="utf-8")
        assert run("--library", ferry, "add", tmp_path / "mill.txt").code == 0
        return ferry

    def test_a_pipe_gets_both_places_and_who_marks_them(self, run: Run, both: Path) -> None:
        told = run("--library", both, "shared")
        assert (told.code, told.err) == (0, "")
        assert told.out.startswith("The same words in 1 place.\n\n15 words the same, word for word\n")
        assert "The Mill marks this as a quotation, The Ferry does not\n" in told.out
        assert "Before it: The log of the mill says: “\n" in told.out
        assert "After it: .” The miller read it out at the fair.\n" in told.out

    def test_json_has_citations_that_hold(self, run: Run, both: Path, tmp_path: Path) -> None:
        printed = run("--library", both, "shared", "--in", "mill", "ferry", "--json").out
        (place,) = json.loads(printed)["shared"]
        assert [place[side]["citation"]["document"] for side in ("first", "second")] == ["mill", "ferry"]
        assert place["marked"] == "first"
        (tmp_path / "shared.json").write_text(printed, encoding="utf-8")
        assert run("--library", both, "verify", tmp_path / "shared.json").out.startswith("2 citations verified")

    def test_nothing_in_common_is_said_calmly(self, run: Run, ferry: Path, tmp_path: Path) -> None:
        (tmp_path / "mill.txt").write_text("The Mill\n\nThe miller ground barley for the garrison.\n", encoding="utf-8")
        run("--library", ferry, "add", tmp_path / "mill.txt")
        assert run("--library", ferry, "shared") == (0, "These documents have no quotation in common.\n", "")
        assert json.loads(run("--library", ferry, "shared", "--json").out)["shared"] == []


def test_the_page_of_a_pdf_is_drawn_into_a_file_or_it_is_said_why_not(run: Run, made: Path, tmp_path: Path) -> None:
    library = ("--library", tmp_path / "library")
    pdf = Path(__file__).parent / "data" / "pdf" / "how-to-steal-an-oyster-bed.columns.pdf"
    assert run(*library, "add", pdf, "--id", "bed").code == 0
    assert run(*library, "picture", "bed", "100", "160", tmp_path / "page.png") == (0, f"{tmp_path / 'page.png'}\n", "")
    assert (tmp_path / "page.png").read_bytes().startswith(b"\x89PNG")
    for arguments in (
        ["bed", "100", "160", tmp_path / "nowhere" / "page.png"],
        ["bed", "5", "5", tmp_path / "page.png"],
        ["boat", "1", "5", tmp_path / "page.png"],
    ):
        told = run(*library, "picture", *arguments)
        assert (told.code, told.out) == (1, "") and ERROR.fullmatch(told.err)
    told = run("--library", made, "picture", "ferry", "1", "5", tmp_path / "page.png")
    assert told.code == 1 and "is no PDF" in told.err


def test_a_citation_comes_in_the_form_asked_for(run: Run, made: Path) -> None:
    text = Session.open(made).document("ferry").text
    start = text.index("Nobody")
    told = run("--library", made, "cite", "ferry", start, len(text))
    assert (told.code, told.err) == (0, "")
    assert told.out == "“Nobody had mended her hull before the harvest.” The Ferry, “The Ferry”, ¶ 1.\n"
    assert json.loads(run("--library", made, "cite", "ferry", start, len(text), "--style", "csl-json").out)


class TestVerify:
    def test_what_ask_printed_holds_until_a_letter_is_changed(self, run: Run, made: Path, tmp_path: Path) -> None:
        printed = run("--library", made, "ask", "When did the ferry sink?", "--json").out
        kept = tmp_path / "kept.json"
        kept.write_text(printed, encoding="utf-8")
        told = run("--library", made, "verify", kept)
        assert (told.code, told.err) == (0, "") and "verified: same text" in told.out
        kept.write_text(printed.replace('"quote": "The ferry', '"quote": "The ferny', 1), encoding="utf-8")
        told = run("--library", made, "verify", kept)
        assert told.code == 1
        assert "the document has “ry" in told.out and told.out.endswith("\n1 of 1 citation does not hold.\n")

    def test_a_file_without_citations_is_told(self, run: Run, made: Path, tmp_path: Path) -> None:
        (tmp_path / "none.json").write_text("[1, {}]")
        told = run("--library", made, "verify", tmp_path / "none.json")
        assert (told.code, told.out) == (1, "")
        assert ERROR.fullmatch(told.err) and "holds no citations" in told.err


SANK = {"id": "sank", "question": "When did the ferry sink?"}
EVIDENCE = {"ferry": [{"quote": "The ferry sank in the spring flood."}]}


class TestEval:
    @pytest.fixture
    def river(self, word_encoder: Callable[[str], Encoder], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """The folder of a library of the ferry that needs no model."""
        opened = partial(Session.open, load_encoder=word_encoder)
        (tmp_path / "ferry.txt").write_text(FERRY, encoding="utf-8")
        opened(tmp_path / "library", create=True, reader="none").add(tmp_path / "ferry.txt")
        monkeypatch.setattr(Session, "open", opened)
        return tmp_path

    def evaluated(self, run: Run, river: Path, *rows: object, report: str = "report.html") -> Ran:
        text = "".join(row if isinstance(row, str) else json.dumps(row) + "\n" for row in rows)
        (river / "questions.jsonl").write_text(text, encoding="utf-8")
        return run(
            "--library",
            river / "library",
            "--reader",
            "none",
            "eval",
            river / "questions.jsonl",
            "--report",
            river / report,
        )

    def test_a_report_for_people_and_one_for_programs(self, run: Run, river: Path) -> None:
        bell = {"id": "bell", "question": "Who rang the bell?", "evidence": {"ferry": []}}
        told = self.evaluated(run, river, {**SANK, "evidence": EVIDENCE}, bell)
        assert (told.code, told.err) == (0, "")
        first, blank, heads, *_ = told.out.splitlines()
        assert first.startswith("A right sentence stands first in 1 of 1 case: 100 in 100 (95\u00a0%: 100 to 100).")
        assert blank == "" and heads.split("  ")[-2:] == ["without the reader", "dense search alone"]
        assert told.out.endswith(f"Every figure and every miss: {river / 'report.html'}\n")
        page, record = ((river / f"report.{kind}").read_text("utf-8") for kind in ("html", "json"))
        assert page.startswith("<!DOCTYPE html>") and page.endswith("</html>\n")
        read = json.loads(record)
        assert read["format"] == 1 and read["headline"] == first and first in unescape(page)
        assert [system["name"] for system in read["systems"]] == [
            "Parallax",
            "without the reader",
            "dense search alone",
        ]
        assert {path.name for path in river.iterdir()} == {
            *("ferry.txt", "library", "questions.jsonl", "report.html", "report.json")
        }

    @pytest.mark.parametrize(
        ("rows", "words"),
        [
            ([], "holds no questions; write one a line"),
            (["\n\n"], "holds no questions; write one a line"),
            ([{**SANK, "evidence": EVIDENCE}, "{"], "Line 2 of"),
            (["[]\n"], "Line 1 of"),
            ([SANK], "Line 1 of"),
            ([{"id": "x", "evidence": EVIDENCE}], "Line 1 of"),
            ([{**SANK, "evidence": {"ferry": [{"quote": "?"}]}}], "is no question with evidence: Each piece"),
            (
                [{**SANK, "evidence": {"moon": []}}],
                "names the document “moon”, which is not in this library; there is: “ferry”",
            ),
            ([{**SANK, "evidence": EVIDENCE}] * 2, "has the “id” of line 1; give each question its own"),
            (
                [{**SANK, "question": "?!", "evidence": EVIDENCE}],
                "Question “sank” cannot be asked: The question is empty",
            ),
        ],
    )
    def test_questions_that_are_none_are_told_and_leave_the_old_report(
        self, run: Run, river: Path, rows: list[object], words: str
    ) -> None:
        for kind in ("html", "json"):
            (river / f"report.{kind}").write_text("old", encoding="utf-8")
        told = self.evaluated(run, river, *rows)
        assert (told.code, told.out) == (1, "")
        assert ERROR.fullmatch(told.err) and words in told.err
        assert [(river / f"report.{kind}").read_text("utf-8") for kind in ("html", "json")] == ["old", "old"]
        assert not list(river.glob("*.partial"))

    @pytest.mark.parametrize(
        ("report", "words"),
        [
            ("report", "does not end in .html; name the report so"),
            ("report.htm", "does not end in .html; name the report so"),
            ("folder.html", "is a folder; name a file with --report"),
            ("beside.html", "beside.json is a folder; name a file with --report"),
            ("none/report.html", "cannot be written (No such file or directory); name another file with --report"),
            ("ferry.txt/report.html", "cannot be written (Not a directory); name another file with --report"),
        ],
    )
    def test_a_report_that_cannot_be_written_is_told(self, run: Run, river: Path, report: str, words: str) -> None:
        (river / "folder.html").mkdir()
        (river / "beside.json").mkdir()
        before = {path.name for path in river.iterdir()} | {"questions.jsonl"}
        told = self.evaluated(run, river, {**SANK, "evidence": EVIDENCE}, report=report)
        assert (told.code, told.out) == (1, "")
        assert ERROR.fullmatch(told.err) and words in told.err
        assert {path.name for path in river.iterdir()} == before

    def test_the_questions_are_not_overwritten(self, run: Run, river: Path) -> None:
        questions = river / "mine.json"
        questions.write_text(json.dumps({**SANK, "evidence": EVIDENCE}), encoding="utf-8")
        told = run("--library", river / "library", "eval", questions, "--report", river / "mine.html")
        assert told.code == 1 and "would take the place of" in told.err
        assert json.loads(questions.read_text("utf-8"))["id"] == "sank"

    def test_questions_that_cannot_be_read_are_told(self, run: Run, river: Path) -> None:
        told = run("--library", river / "library", "eval", river / "none.jsonl", "--report", river / "report.html")
        assert told.code == 1 and ERROR.fullmatch(told.err) and "cannot be read (No such file" in told.err


def test_what_commands_a_terminal_never_reaches_it_raw(run: Run, tmp_path: Path) -> None:
    commands = "\x1b[31m\u009b2J\u202e"
    file, library = tmp_path / f"fer{commands}ry.txt", ("--library", tmp_path / "library")
    file.write_text(FERRY.replace("sank", f"sank{commands}") * 20, encoding="utf-8")
    told = [
        run(*library, "add", file, "--id", "ferry", "--title", f"Ferry{commands}"),
        run(*library, "add", file, "--id", "ferry"),
        run(*library, "list"),
        run(*library, "list", "--json"),
        run(*library, "ask", f"When did the ferry sink{commands}?"),
        run(*library, "ask", "When did the ferry sink?", "--json"),
        run(*library, "ask", "Why?", "--in", f"moon{commands}"),
        run(*library, "add", file, "--id", f"ferry{commands}"),
        run(*library, "add", tmp_path / f"none{commands}.txt"),
    ]
    assert [code for code, _, _ in told] == [1, 0, 0, 0, 0, 0, 1, 1, 1]
    for _, out, err in told:
        assert not set(commands.replace("[31m", "").replace("2J", "")) & set(out + err)
    assert all("�" in err for code, _, err in told if code)  # what was typed is told, without its power


class TestProcess:
    def test_it_runs_as_a_module(self, made: Path) -> None:
        told = process("--library", made, "list")
        assert (told.returncode, told.stderr) == (0, "")
        assert told.stdout.startswith("ferry\t")

    def test_an_error_exits_with_1(self, tmp_path: Path) -> None:
        told = process("--library", tmp_path / "none", "list")
        assert (told.returncode, told.stdout) == (1, "")
        assert ERROR.fullmatch(told.stderr)

    def test_a_reader_that_goes_away_is_no_error(self, made: Path) -> None:
        reading, writing = os.pipe()
        os.close(reading)
        with closing(os.fdopen(writing, "w")) as gone:
            told = process("--library", made, "list", stdout=gone)
        assert (told.returncode, told.stderr) == (0, "")

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
    def test_a_full_disk_is_told(self, made: Path) -> None:
        with Path("/dev/full").open("w") as full:
            told = process("--library", made, "list", stdout=full)
        assert told.returncode == 1
        assert told.stderr == "parallax: The output cannot be written (No space left on device); send it elsewhere.\n"

    @pytest.mark.parametrize(
        ("closed", "command"), [(">&-", "list"), (">&-", "list --json"), ("2>&-", "list"), ("<&-", "find -")]
    )
    def test_a_stream_that_is_closed_is_nothing_to_break_at(self, made: Path, closed: str, command: str) -> None:
        shell = ["sh", "-c", f'exec "$0" -m ui.cli --library "$1" {command} {closed}', sys.executable, made]
        told = subprocess.run(shell, cwd=ROOT, capture_output=True, text=True, check=False)
        assert "Traceback" not in told.stderr and told.returncode == (command == "find -")

    def test_a_terminal_without_the_characters_shows_what_it_can(self, made: Path, ferry: Path) -> None:
        Session.open(ferry).add(made.parent / "ferry.txt", Details(label="Zoll – Fähre"))
        ascii_only = {**os.environ, "PYTHONIOENCODING": "ascii"}
        listed = process("--library", ferry, "list", env=ascii_only)
        assert (listed.returncode, listed.stdout.split("\t")[1], listed.stderr) == (0, "Zoll ? F?hre", "")
        told = process("--library", ferry, "list", "--json", env=ascii_only)
        assert json.loads(told.stdout)["documents"][0]["label"] == "Zoll – Fähre"

    def test_a_library_of_an_older_format_says_that_it_is_upgraded(self, ferry: Path) -> None:
        to_format_3(ferry / FILE)
        told = process("--library", ferry, "list")
        assert (told.returncode, told.stdout[:5]) == (0, "ferry")
        assert told.stderr == "library: is brought to this version's format\n"
        assert process("--library", ferry, "list").stderr == ""

    @pytest.mark.parametrize("imported", ["index.types", "argparse", "ui.serving", "qa.session"])
    def test_an_interrupt_of_what_is_imported_exits_with_130(self, imported: str) -> None:
        program = (
            "import signal, sys\n"
            "def interrupt(event, told):\n"
            f"    if event == 'import' and told[0] == '{imported}': signal.raise_signal(signal.SIGINT)\n"
            "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
            "sys.addaudithook(interrupt)\n"
            "from ui.cli import main\n"  # as the installed command does
            "sys.exit(main(['list']))"
        )
        told = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
        assert (told.returncode, told.stdout, told.stderr) == (130, "", "")

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
    def test_an_interrupt_exits_with_130(self, ferry: Path, tmp_path: Path) -> None:
        pipe = tmp_path / "slow.txt"
        os.mkfifo(pipe)
        command = [sys.executable, "-m", "ui.cli", "--library", ferry, "verify", pipe]
        with (
            subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as adding,
            pipe.open("w"),  # opens when the command begins to read, and says nothing
        ):
            adding.send_signal(signal.SIGINT)
            out, err = adding.communicate(timeout=60)
        assert (adding.returncode, out, err) == (130, "", "")
        assert [source.id for source in Session.open(ferry).documents()] == ["ferry"]
