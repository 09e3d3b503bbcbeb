"""Output for people: columns where they fit, plain lines in a pipe, and no document commands the terminal."""

import io
import json
import re
import sys
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from qa.types import Answer, Certainty, Citation, Comparison, Extract, Perspective, Signals, Source
from ui.meter import Meter
from ui.terminal import print_comparison, print_documents, print_json, safe

COMMANDS = "\x1b[31m\x9b2J\x07\x7f\u202e\r"
"""What a terminal would obey: colours, clearing, a bell, erasing, turning the line round."""
FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def cited(quote: str, document: str = "ferry") -> Citation:
    return Citation(
        document, "0" * 64, 5, 5 + len(quote), quote, "", "", ("The Ferry", "Tolls"), 3, None, 12, (40, 41),
        Extract(5, 5 + len(quote), quote),
    )  # fmt: skip


def side(label: str, quotes: Sequence[str], *, silent: bool = False) -> Perspective:
    source = Source(label.lower(), f"The {label}", None, None, label, "0" * 64, f"{label}.txt", 1200, 9)
    places = tuple(cited(quote, source.id) for quote in quotes)
    answer = None if silent else Answer(places, Certainty("Fairly sure", 6))
    return Perspective(source, 0.8, Signals(0.5, 0.5), answer, places if silent else ())


TWO = Comparison(
    "Who paid the toll?",
    ("What was the toll?",),
    (
        side("Ferry", ["The carters paid the toll on salt, and they paid it twice.", "So did the miller of Holm."]),
        side("Mill", ["Nobody asked the miller."], silent=True),
    ),
    0.1,
)


def printed(comparison: Comparison, width: int | None) -> str:
    """What a pipe gets, or a terminal of a width."""
    file = io.StringIO()
    console = Console(
        file=file, force_terminal=width is not None, width=width, color_system="truecolor", legacy_windows=False
    )
    print_comparison(comparison, console)
    return file.getvalue()


def bare(output: str) -> list[str]:
    """The lines without colours."""
    return re.sub(r"\x1b\[[\d;]*m", "", output).split("\n")


class TestPipe:
    def test_lines_are_plain_and_whole(self) -> None:
        output = printed(TWO, None)
        assert "\x1b" not in output
        for line in (
            "Who paid the toll?",
            "Read together with “What was the toll?”",
            "One answers, one is silent",
            "“The carters paid the toll on salt, and they paid it twice.”",
            "Further places:",
            "“So did the miller of Holm.”",
            "Nothing in this text answers that.",
            "Nearest passages:",
            "“Nobody asked the miller.”",
        ):
            assert line in output.split("\n")

    def test_a_notice_stands_above_the_answers(self) -> None:
        notice = "Answered without the reader. The reader's file is damaged."
        for width in (None, 120):
            lines = [line.strip() for line in bare(printed(replace(TWO, notice=notice), width))]
            assert lines.index(TWO.question) < lines.index(notice) < lines.index("One answers, one is silent")
            before = [line.strip() for line in bare(printed(TWO, width))]
            assert [line for line in lines if line != notice] == before

    def test_each_quotation_says_where_it_stands(self) -> None:
        assert re.search(
            r"“Nobody asked the miller.”\nThe author’s own words\n.*Tolls.*p\. 12.*lines 40–41 \[mill 5–29\]\n",
            printed(TWO, None),
        )

    def test_one_below_the_other_in_the_order_asked(self) -> None:
        lines = printed(TWO, None).split("\n")
        assert lines.index("Ferry") < lines.index("“So did the miller of Holm.”") < lines.index("Mill")

    @given(st.text())
    def test_a_quotation_is_printed_as_it_is(self, quote: str) -> None:
        output = printed(Comparison("Why?", (), (side("Ferry", [quote]),), 0.1), None)
        assert f"“{safe(quote)}”" in output

    @pytest.mark.parametrize(
        "words", ["at 5:30: :ferry: :smile:", "[bold]salt[/bold] [/]", r"\[salt]", "https://a.example"]
    )
    def test_words_that_mean_something_to_rich_mean_nothing_here(self, words: str) -> None:
        comparison = Comparison(words, (words,), (side("Ferry", [words]),), 0.1, f"{words}.")
        for width in (None, 200):
            lines = [line.strip() for line in bare(printed(comparison, width))]
            assert {words, f"“{words}”", f"Read together with “{words}”", f"{words}."} <= set(lines)


class TestTerminal:
    def test_columns_stand_side_by_side_where_it_is_wide_enough(self) -> None:
        lines = bare(printed(TWO, 100))
        heads = next(line for line in lines if line.split() == ["Ferry", "Mill"])
        middle, body = heads.index("Mill"), lines[lines.index(heads) :]
        left, right = (
            " ".join(" ".join(line[cut] for line in body).split()) for cut in (slice(middle), slice(middle, None))
        )
        for citation in TWO.perspectives[0].answer.citations:  # type: ignore[union-attr]
            assert citation.quote in left
        assert "Nothing in this text answers that." in right and "“Nobody asked the miller.”" in right
        assert all(len(line) <= 100 for line in lines)

    def test_columns_stand_below_each_other_where_it_is_narrow(self) -> None:
        lines = [line.strip() for line in bare(printed(TWO, 60))]
        assert lines.index("Ferry") < lines.index("“So did the miller of Holm.”") < lines.index("Mill")
        assert all(len(line) <= 60 for line in lines)

    def test_the_width_needed_grows_with_the_documents(self) -> None:
        three = Comparison("Why?", (), (*TWO.perspectives, side("Salt", ["The salt was wet."])), 0.1)
        assert "Mill" not in next(line for line in bare(printed(three, 100)) if "Ferry" in line)
        assert {"Ferry", "Mill", "Salt"} <= set(
            next(line for line in bare(printed(three, 150)) if "Ferry" in line).split()
        )

    def test_lines_of_the_text_are_coloured_but_the_words_are_kept(self) -> None:
        assert printed(TWO, 60) != "\n".join(bare(printed(TWO, 60)))


class TestCommands:
    HOSTILE = Comparison(
        f"Who{COMMANDS}?",
        (f"And{COMMANDS}?",),
        (side(f"Ferry{COMMANDS}", [f"The{COMMANDS}toll."]),) * 2,
        0.1,
        f"No {COMMANDS}.",
    )

    def test_none_reaches_a_pipe(self) -> None:
        assert not FORBIDDEN.search(printed(self.HOSTILE, None))

    @pytest.mark.parametrize("width", [60, 120])
    def test_none_reaches_a_terminal(self, width: int) -> None:
        assert not FORBIDDEN.search("\n".join(bare(printed(self.HOSTILE, width))))

    def test_none_is_in_the_list_of_documents(self, capsys: pytest.CaptureFixture[str]) -> None:
        print_documents([side.source for side in self.HOSTILE.perspectives], "English")
        assert not FORBIDDEN.search(capsys.readouterr().out)

    @given(st.text())
    def test_json_is_escaped_and_says_the_same(self, text: str) -> None:
        output = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="surrogatepass", newline="")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "stdout", output)
            print_json({"text": text + COMMANDS})
        output.seek(0)
        written = output.read()
        assert json.loads(written) == {"text": text + COMMANDS}
        assert not FORBIDDEN.search(written)

    @given(st.text())
    def test_safe_changes_nothing_else(self, text: str) -> None:
        assert len(safe(text)) == len(text)
        for before, after in zip(text, safe(text), strict=True):
            assert after == before or (after == "\N{REPLACEMENT CHARACTER}" and not before.isprintable())


def test_json_can_be_read_whatever_the_terminals_encoding(monkeypatch: pytest.MonkeyPatch) -> None:
    output = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", output)
    print_json("“Zoll” 🚣")
    output.seek(0)
    assert json.loads(output.read()) == "“Zoll” 🚣"


def test_a_list_has_a_line_for_each_document(capsys: pytest.CaptureFixture[str]) -> None:
    print_documents([side.source for side in TWO.perspectives], "English")
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("\t")[:2] for line in lines[:-1]] == [["ferry", "Ferry"], ["mill", "Mill"]]
    assert "1,200 words" in lines[0] and "Ferry.txt" in lines[0] and lines[0].endswith("\tEnglish")
    assert lines[-1] == "The model knows English."
    print_documents([], "")
    assert capsys.readouterr().out == "The library is empty.\n"


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


class TestMeter:
    def test_it_is_silent_in_a_pipe(self, capsys: pytest.CaptureFixture[str]) -> None:
        with Meter("ferry.txt") as progress:
            progress("encoding", 1, 2)
        assert capsys.readouterr() == ("", "")

    def test_a_pipe_is_told_now_and_then_how_far_an_upgrade_is(
        self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        seconds = iter(range(0, 10**6, 4))
        monkeypatch.setattr("ui.meter.time.monotonic", lambda: float(next(seconds)))
        with Meter("library") as progress:
            progress("upgrading", 0, 1)
            for done in range(10):
                progress("upgrading", done, 4_000)
        first, second, *_ = capsys.readouterr().err.splitlines()
        assert first == "library: is brought to this version's format"
        assert re.fullmatch(rf"{first}, [1-9] of 4,000 documents done", second)

    def test_a_terminal_shows_the_stage_the_share_and_the_rate(self, monkeypatch: pytest.MonkeyPatch) -> None:
        screen = Screen()
        monkeypatch.setattr(sys, "stderr", screen)
        monkeypatch.setenv("COLUMNS", "160")
        with Meter("[bold]salt[/red].txt") as progress:
            progress("reading", 0, 1)
            progress("encoding", 0, 512)
            progress("encoding", 128, 512)
        last = re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", screen.getvalue())
        assert "[bold]salt[/red].txt: encoding" in last
        assert re.search(r"25% 128 of 512, [\d,.]+ a second, \d+:\d\d:\d\d left", last)

    def test_work_that_is_continued_is_said_and_counts_as_done_but_not_for_the_rate(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        screen, seconds = Screen(), iter(range(0, 10**6, 4))
        monkeypatch.setattr(sys, "stderr", screen)
        monkeypatch.setattr("ui.meter.time.monotonic", lambda: float(next(seconds)))
        monkeypatch.setenv("COLUMNS", "160")
        with Meter("salt.txt") as progress:
            progress("continuing", 128, 512)
            progress("encoding", 128, 512)
            progress("encoding", 192, 512)
        shown = re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", screen.getvalue())
        assert "salt.txt: continues at 128 of 512 passages" in shown
        rate, left = re.findall(r"38% 192 of 512, ([\d.]+) a second, (\d+:\d\d:\d\d) left", shown)[-1]
        assert float(rate) <= 16 and left >= "0:00:20"
