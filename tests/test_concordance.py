"""A concordance on the page and in a terminal: everything stands where it lies, and nothing from outside is markup."""

import io
import re
from dataclasses import replace
from html import unescape
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from qa.concordance import Collocate, Collocates, Concordance, Dispersion, Form, Line, Reference, Usage
from qa.types import Citation, Extract, Source, Voice
from ui.concordance import BARS, TICKS, columns, lines, plot
from ui.kwic import BLOCKS, aligned, sparkline
from ui.terminal import print_concordance
from ui.words import dispersed, grouped, occurring

HOSTILE = "<b onclick='x'>&amp;\u202e ${7*7} e\u0301"


def line(left: str = "paid the ", term: str = "toll", right: str = " in silver", **about: object) -> Line:
    start, end = len(left), len(left) + len(term)
    citation = Citation(
        "weir", "0" * 64, start, end, term, "", "", ("Part one",), 4, None, None, (8, 8), Extract(0, end, left + term)
    )
    return Line(Extract(0, start, left), replace(citation, **about), Extract(end, end + len(right), right))


def usage(parts: list[int], *shown: Line, label: str = "Weir", first: int = 0) -> Usage:
    padded = (*parts, *[0] * (200 - len(parts)))
    words = (Collocate("salt", 6, 1, 12.5),)
    return Usage(
        Source("weir", "The Weir", None, None, label, "0" * 64, "weir.txt", 900, 3),
        sum(parts),
        1234.5,
        (Form("toll", sum(parts)),),
        Dispersion(2000, padded, (Extract(0, 8, "Part one"), Extract(500, 508, "Part two"))),
        Collocates(Reference.REST, 40, 1500, words),
        Collocates(Reference.OTHERS, 40, 30, ()),
        first,
        shown,
    )


def told(concordance: Concordance, width: int | None = None) -> str:
    file = io.StringIO()
    print_concordance(concordance, Console(file=file, force_terminal=width is not None, width=width, color_system=None))
    return file.getvalue()


class TestPlot:
    @given(st.lists(st.integers(0, 9), min_size=200, max_size=200).filter(any))
    def test_bars_stand_where_the_term_lies_and_are_as_high_as_it_is_often(self, parts: list[int]) -> None:
        drawn = ElementTree.fromstring(plot(usage(parts)))
        counts = parts if sum(parts) <= TICKS else grouped(parts, BARS)
        bars = {bar.get("x"): bar for bar in drawn.iter("rect") if bar.get("class") is None}
        assert len(bars) == sum(map(bool, counts))
        for number, count in enumerate(counts):
            if count:
                bar = bars[f"{100 * number / len(counts):.2f}%"]
                height = float(str(bar.get("height")).rstrip("%"))
                assert height == pytest.approx(100 * count / max(counts), abs=0.06)
                assert float(str(bar.get("y")).rstrip("%")) == pytest.approx(100 - height, abs=0.11)
        bounds = [rect.get("x") for rect in drawn.iter("rect") if rect.get("class") == "px-bound"]
        assert bounds == ["0.00%", "25.00%"]

    def test_it_is_told_in_words(self) -> None:
        drawn = ElementTree.fromstring(plot(usage([1] * 5 + [0] * 80 + [6])))
        expected = "11 places, most in the third fifth of the text; by fifths: 5, 0, 6, 0, 0"
        assert (drawn.get("role"), drawn.get("aria-label"), drawn.findtext("title")) == ("img", expected, expected)

    @pytest.mark.parametrize(
        ("parts", "words"),
        [
            ([0] * 199 + [1], "1 place, in the last fifth of the text"),
            ([0, 3], "3 places, all in the first fifth of the text"),
            ([2] + [0] * 100 + [2], "4 places, spread over the text; by fifths: 2, 0, 2, 0, 0"),
        ],
    )
    def test_few_places_are_told_shortly(self, parts: list[int], words: str) -> None:
        assert dispersed(usage(parts)) == words

    @given(st.lists(st.integers(0, 2000), min_size=200, max_size=200))
    def test_a_sparkline_has_a_block_where_the_term_lies_and_only_there(self, parts: list[int]) -> None:
        blocks = sparkline(usage(parts))
        counts = grouped(parts, 40)
        assert [block != BLOCKS[0] for block in blocks] == [count > 0 for count in counts]
        ordered = sorted(zip(counts, blocks, strict=True))
        assert [block for _, block in ordered] == sorted(blocks, key=BLOCKS.index)
        assert not any(counts) or BLOCKS[-1] in blocks


class TestCards:
    def test_each_line_has_its_words_and_a_button_that_opens_them(self) -> None:
        html = columns(Concordance("toll", (usage([3], line(), line(), first=0),), (), 0.1), {"weir": 2})
        assert html.count('<li class="px-line">') == html.count('class="px-go"') == 2
        assert 'data-document="weir" data-sha256="' + "0" * 64 + '" data-start="9" data-end="13"' in html
        assert 'aria-label="Open Weir at Part one, ¶ 4">¶ 4</button>' in html
        assert re.sub(r"<[^>]*>", "", lines(usage([1], line()))) == "paid the toll in silver¶ 4"
        assert "px-card px-hue-2" in html and "3 times, 1,234.5 in 10,000 words" in html and "toll 3" in html
        assert 'class="px-more-lines" data-document="weir" data-first="2">1 more line</button>' in html
        assert "<bdi>salt</bdi> <span>6 near it, 1 in the rest</span>" in html and "None stands out." in html

    def test_a_page_further_on_counts_on(self) -> None:
        html = columns(Concordance("toll", (usage([9], line(), first=4),), (), 0.1), {})
        assert '<ol class="px-lines" start="5">' in html and 'data-first="5">4 more lines' in html
        assert "px-more-lines" not in columns(Concordance("toll", (usage([5], line(), first=4),), (), 0.1), {})

    def test_who_speaks_is_told_of_quoted_words_only(self) -> None:
        spoken = line(voices=(Voice(0, 40, "Alice Holm", None),), quoted=1.0)
        assert '<span class="px-said">Quoted: Alice Holm</span>' in lines(usage([1], spoken))
        assert "px-said" not in lines(usage([1], line()))

    def test_what_occurs_nowhere_is_said_with_what_is_spelt_nearly_so(self) -> None:
        html = columns(Concordance("tol", (usage([]),), ("toll", "<i>"), 0.1), {})
        assert "Not in this text." in html and "<svg" not in html and "px-lines" not in html
        assert '<button type="button" class="px-near" data-term="toll">toll</button>' in html
        assert 'data-term="&lt;i&gt;"' in html

    def test_nothing_from_outside_is_markup(self) -> None:
        shown = usage([1], line(HOSTILE, HOSTILE, HOSTILE, section=(HOSTILE,)), label=HOSTILE)
        shown = replace(
            shown,
            source=replace(shown.source, id=HOSTILE),
            forms=(Form(HOSTILE, 2),),
            count=2,
            collocates=Collocates(Reference.REST, 1, 1, (Collocate(HOSTILE, 3, 0, 11.0),)),
        )
        html = columns(Concordance(HOSTILE, (shown,), (HOSTILE,), 0.1), {})
        assert "<b " not in html and "onclick='" not in html
        assert unescape(html).count(HOSTILE) == html.count("&lt;b onclick=&#x27;x&#x27;&gt;&amp;amp;") >= 8
        ElementTree.fromstring(f"<div>{html}</div>")


class TestTerminal:
    @given(
        st.lists(st.tuples(*[st.text(st.sampled_from("ab 水e\u0301\n"), max_size=70)] * 3), min_size=1, max_size=5),
        st.none() | st.integers(20, 200),
    )
    def test_terms_stand_in_one_column(self, texts: list[tuple[str, str, str]], width: int | None) -> None:
        shown = [line(left, f"[{term}", right) for left, term, right in texts]
        rows = list(aligned(shown, width))
        assert len({cell_len(row[: row.index("[")]) for row in rows}) == 1
        assert len({cell_len(row[: row.rindex("  ¶ 4 [")]) for row in rows}) == 1
        assert all("\n" not in row for row in rows)

    def test_a_line_fits_the_width(self) -> None:
        rows = list(aligned([line("left " * 12, "toll", " right" * 10)] * 3, 80))
        assert all(cell_len(row) <= 80 and "left toll right" in row for row in rows)
        whole = next(aligned([line("left " * 12, "toll", " right" * 10)], None))
        assert "left " * 12 + "toll" + " right" * 10 in whole

    @pytest.mark.parametrize("width", [None, 60, 140])
    def test_each_document_is_told(self, width: int | None) -> None:
        both = Concordance("toll", (usage([4], line()), usage([])), (), 0.1)
        text = told(both, width)
        for words in ("toll", "4 places in 1 document", "Weir", "paid the toll in silver", "¶ 4 [9–13]"):
            assert words in text
        flat = " ".join(text.split())
        for words in (
            "4 times, 1,234.5 in 10,000 words: toll 4",
            "█···",
            "4 places, all in the first fifth",
            "3 more lines; --first 1 shows the next.",
            "salt (6 near it, 1 in the rest)",
            "Not in this text.",
        ):
            assert words in flat

    def test_counts_alone_have_no_next_lines(self) -> None:
        text = told(Concordance("toll", (usage([4]),), (), 0.1), None)
        assert "4 times" in text and "4 more lines" not in text and "\n\n\n" not in text

    def test_nothing_commands_it(self) -> None:
        shown = replace(usage([1], line("\x1b[31m", "\u202etoll", "\x07\x9b2J"), label="\x1b]0;"), forms=())
        for width in (None, 100):
            text = told(Concordance("\x1b[2J", (shown,), ("\x9b",), 0.1), width)
            assert not set("\x07\x9b\u202e") & set(text) and "\x1b[31m" not in text and "\x1b[2J" not in text


@pytest.mark.parametrize(
    ("counts", "words"),
    [([[]], "Not in this document"), ([[], []], "Not in these documents"), ([[2]], "2 places")],
)
def test_places_are_counted_in_words(counts: list[list[int]], words: str) -> None:
    assert occurring(Concordance("toll", tuple(map(usage, counts)), (), 0.1)) == words
