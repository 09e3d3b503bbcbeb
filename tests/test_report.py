"""The report: the same figures for people and programs, one page that loads nothing, and no text that is markup."""

import json
import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_render import citation, source, words

from qa.evaluate import Astray, EvalQuestion, Evaluation, Gold, System
from qa.figures import Figure, Measure, Pair, Shown, ahead, figures
from ui import report
from ui.verdict import MEANING, headline, notes, summary

GOLD = "Nobody rang the bell."


WRONG, RIGHT = (Shown(citation(), right, passage_right=True, verbatim=True) for right in (False, True))
ELSEWHERE = replace(WRONG, passage_right=False)


def pair(question: str, *shown: Shown, document: str = "weir", **changes: Any) -> Pair:
    return replace(Pair(question, "fact", document, True, False, False, 0.7, shown), **changes)


def system(name: str, *pairs: Pair, first: System | None = None) -> System:
    counted = figures(pairs)
    difference = ahead(first.pairs, pairs) if first is not None else None
    by_document = {d: figures([p for p in pairs if p.document == d]) for d in sorted({p.document for p in pairs})}
    return System(name, pairs, 0.24, (), counted, {"fact": counted}, by_document, difference)


def question(identifier: str, *history: str, asked: str = "Who rang?", quote: str = GOLD) -> EvalQuestion:
    return EvalQuestion(identifier, asked, history, "fact", {"weir": (Gold(quote, 2), Gold("bell", 1)), "mill": ()})


GOOD = pair("q0", RIGHT, WRONG)
EMPTY = pair("q0", WRONG, document="mill", answerable=False, empty=True)


def evaluation(*pairs: Pair, others: tuple[Pair, ...] = (), count: int = 30) -> Evaluation:
    """Of questions q0, q1, …; `others` are the pairs of a second system."""
    first = system("Parallax", *pairs)
    second = [system("dense search alone", *others, first=first)] if others else []
    asked = tuple(question(f"q{number}") for number in range(count))
    return Evaluation(asked, (source(), source("mill", "Mill")), (first, *second), ())


KINDS = (
    GOOD,
    EMPTY,
    pair("q1", WRONG, RIGHT),
    pair("q2", WRONG, WRONG, silent=True),
    pair("q3", ELSEWHERE),
    pair("q4", RIGHT, silent=True),
)
ALL_KINDS = evaluation(*KINDS, others=tuple(replace(pair, shown=(WRONG,)) for pair in KINDS))


class TestHeadline:
    def test_it_says_how_good_it_is_in_plain_words(self) -> None:
        pairs = [pair(f"q{n}", RIGHT if n % 2 else WRONG) for n in range(100)]
        empty = [replace(EMPTY, question=f"q{n}", silent=n > 0) for n in range(20)]
        told = headline(evaluation(*pairs, *empty))
        first = r"A right sentence stands first in 50 of 100 cases: 50 in 100 \(95\u00a0%: 4\d to 6\d\)\."
        silence = r"it is silent in 19 of 20 cases: 95 in 100 \(95\u00a0%: 8\d to 100\)\."
        assert re.fullmatch(f"{first} Where a document holds nothing on a question, {silence}", told)

    @pytest.mark.parametrize(
        ("ours", "theirs", "sentence"),
        [
            (60, 40, r"Parallax is ahead of “dense search alone” by 20 in 100 \(95\u00a0%: 1\d to 2\d\)"),
            (40, 60, r"Parallax is behind “dense search alone” by 20 in 100 \(95\u00a0%: 1\d to 2\d\)"),
            (50, 50, "“dense search alone” does the same, case by case"),
            (51, 50, r"Whether Parallax is ahead of “dense search alone” cannot be told \(95\u00a0%: 0 to 3 in 100\)"),
        ],
    )
    def test_the_difference_is_claimed_only_where_it_is_shown(self, ours: int, theirs: int, sentence: str) -> None:
        made = [[pair(f"q{n}", RIGHT if n < right else WRONG) for n in range(100)] for right in (ours, theirs)]
        assert re.search(sentence, headline(evaluation(*made[0], others=tuple(made[1]))))

    def test_where_nothing_can_be_judged_it_says_so(self) -> None:
        support = pair("q0", WRONG, answerable=False)
        assert headline(evaluation(support)) == "No question has an answer or a silence that can be judged."
        assert headline(evaluation(replace(EMPTY, silent=True))).startswith("Where a document holds nothing")


class TestNotes:
    def test_there_are_none_where_all_is_well(self) -> None:
        assert notes(evaluation(GOOD)) == []

    def test_they_tell_what_makes_the_figures_worse_than_they_look(self) -> None:
        made = evaluation(GOOD, count=1)
        first = replace(made.systems[0], notices=("Answered without the reader.",))
        made = replace(
            made, systems=(first,), astray=(Astray("q0", "weir", "Geese."), Astray("q0", "weir", "Ganders."))
        )
        assert notes(made) == [
            "Parallax: Answered without the reader.",
            "With 1 question the intervals are too narrow; ask at least 20.",
            "2 pieces of evidence cannot be found in the document, the first for question “q0” in “weir”; "
            "nothing shown can match it.",
        ]
        for note in notes(made):
            assert note in words(report.page(made)) and note in report.record(made)["notes"]
            assert note in list(summary(made))


def test_the_summary_lines_up() -> None:
    first, blank, *table = summary(ALL_KINDS)
    assert (first, blank) == (headline(ALL_KINDS), "")
    rows = [line for line in table if line not in notes(ALL_KINDS)]
    assert len({len(row) for row in rows}) == 1
    assert rows[0].split() == ["Parallax", "dense", "search", "alone"]
    assert rows[1].startswith("A right sentence first") and re.search(r"0\.40 \(0\.\d\d–0\.\d\d\)", rows[1])
    assert all(row[-1] in ")-" for row in rows[1:])


class Outline(HTMLParser):
    """What of a page matters here: balanced elements, addresses, tables, folds."""

    VOID = ("meta",)

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def outline(html: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = Outline()
    parser.feed(html)
    parser.close()
    assert parser.open == []
    return parser.seen


class TestPage:
    def test_it_is_one_whole_page_that_loads_nothing(self) -> None:
        html = report.page(ALL_KINDS)
        tags = outline(html)
        assert html.startswith("<!DOCTYPE html>\n<html lang=")
        assert not {"script", "link", "img", "iframe", "base", "a"} & {tag for tag, _ in tags}
        assert not {"src", "href", "srcset"} & {name for _, attributes in tags for name in attributes}
        assert not re.search(r"https?:|url\(|@import", html)
        assert "default-src 'none'" in html and "prefers-color-scheme: dark" in html and "width=device-width" in html

    def test_tables_have_captions_and_every_heading_a_scope(self) -> None:
        html = report.page(ALL_KINDS)
        tags = outline(html)
        tables = [tag for tag, _ in tags].count("table")
        assert tables == 5  # all systems; by type and by document for each of two
        assert html.count("<caption") == tables
        assert all(attributes["scope"] in ("col", "row") for tag, attributes in tags if tag == "th")
        captions = re.findall(r"<caption[^>]*>([^<]*)", html)
        assert len(set(captions)) == tables

    def test_every_figure_stands_there_with_its_interval(self) -> None:
        html = report.page(ALL_KINDS)
        for measure, figure in ALL_KINDS.systems[0].figures.items():
            cell = f"<b>{figure.value:.2f}</b> <small>{figure.low:.2f} to {figure.high:.2f}</small>"
            assert re.search(f'<th scope="row">{re.escape(MEANING[measure][0])}<.*{re.escape(cell)}', html)

    def test_headings_step_down_one_at_a_time(self) -> None:
        levels = [int(tag[1]) for tag, _ in outline(report.page(ALL_KINDS)) if re.fullmatch("h[1-6]", tag)]
        assert levels[0] == 1 and levels.count(1) == 1
        assert all(after - before <= 1 for before, after in pairwise(levels))

    def test_each_miss_is_told_with_what_was_shown_and_what_was_right(self) -> None:
        html = report.page(ALL_KINDS)
        missed = html[html.index("that went wrong") :]
        folds = re.findall(r"<details><summary>([^<]*): (\d+)</summary><ol>", missed)
        assert folds == [
            ("A right sentence stands further down", "1"),
            ("The right passage is shown, but another sentence quoted", "1"),
            ("Another place is shown", "1"),
            ("Called silent, though the nearest place answers", "1"),
            ("Speaks, though the document holds nothing on it", "1"),
        ]
        items = re.findall(r"<li>.*?</li>", missed, re.DOTALL)
        assert [re.search("q[0-9]", item)[0] for item in items] == ["q1", "q2", "q3", "q4", "q0"]  # type: ignore[index]
        assert all(citation().quote in words(item) for item in items[:4])
        assert all(f'<blockquote dir="auto">{GOLD}</blockquote>' in item.split("Right</h4>")[1] for item in items[:4])
        assert "called silent" in items[1] and "Nothing; the document is silent." in items[4]
        assert items[0].count("blockquote dir") == 3 and '<strong class="right">right</strong>' in items[0]

    def test_earlier_questions_are_shown_with_a_miss(self) -> None:
        made = evaluation(pair("q0", WRONG), count=1)
        made = replace(made, questions=(question("q0", "Where is the weir?"),))
        assert "After “Where is the weir?”" in words(report.page(made))

    def test_nothing_wrong_is_said_so(self) -> None:
        assert "<h2>Nothing that went wrong</h2>" in report.page(evaluation(GOOD))

    def test_two_documents_of_one_label_keep_their_columns(self) -> None:
        made = replace(ALL_KINDS, documents=(source(), source("mill", "Weir")))
        html = report.page(made)
        by_document = html[html.index("By document") :]
        assert by_document.split("</thead>")[0].count(">Weir</th>") == 2


TAGS = (
    *("html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "h3", "h4", "p", "bdi", "div", "table"),
    *("caption", "thead", "tbody", "tr", "th", "td", "b", "small", "span", "details", "summary", "ol", "li"),
    *("blockquote", "strong"),
)
ATTRIBUTES = {"lang", "charset", "http-equiv", "content", "name", "class", "dir", "role", "tabindex", "aria-label"}
ATTRIBUTES |= {"scope", "aria-hidden", "style", "open"}
hostile = st.text(st.sampled_from("<>&\"'/=` ${}abonerrorscript!-\u202e")) | st.sampled_from(
    ["</style><script>x()</script>", '"><img src=x onerror=x()>', "<!--", "]]>", "' onload='x()", "&lt;b&gt;"]
)


@given(hostile, hostile)
def test_nothing_from_a_document_or_a_user_is_markup(text: str, name: str) -> None:
    where = replace(citation(f"{text} x", 0, len(text)), document=name, section=(name,))
    shown = Shown(where, right=False, passage_right=False, verbatim=True)
    missed = pair(name, shown, shown, document=name, type=text)
    pairs = (missed, replace(missed, answerable=False, empty=True))
    first = replace(system(text, *pairs), by_type={text: figures(pairs)}, notices=(text,))
    asked = EvalQuestion(name, text, (text,), text, {name: (Gold(text, 2),)})
    documents = (replace(source(name, text), title=text, author=text),)
    html = report.page(Evaluation((asked,), documents, (first, replace(first, name=name)), (Astray(name, text, text),)))
    tags = outline(html)
    assert {tag for tag, _ in tags} <= set(TAGS)
    assert {attribute for _, attributes in tags for attribute in attributes} <= ATTRIBUTES
    bare = re.sub(r"<[^<>]*>", "", html.split("</style>", 1)[1])
    assert "<" not in bare and ">" not in bare
    assert all(value in unescape(bare) for value in (text, name))


class TestRecord:
    def test_it_can_be_written_and_read_again(self) -> None:
        written = json.dumps(report.record(ALL_KINDS), allow_nan=False)
        told = json.loads(written)
        assert json.dumps(told) == written
        assert told["format"] == 1 and told["headline"] == headline(ALL_KINDS)

    def test_it_holds_every_figure_and_every_case(self) -> None:
        told = report.record(ALL_KINDS)
        for system, record in zip(ALL_KINDS.systems, told["systems"], strict=True):
            assert {Measure(m): Figure(**f) for m, f in record["figures"].items()} == system.figures
            assert list(record["by_document"]) == ["mill", "weir"]
            assert [(c["question"], c["document"]) for c in record["cases"]] == [
                (p.question, p.document) for p in system.pairs
            ]
        ours, theirs = told["systems"]
        assert ours["first_ahead"] is None and theirs["first_ahead"]["value"] == pytest.approx(0.4)
        (shown, *_) = ours["cases"][0]["shown"]
        assert (shown["quote"], shown["start"], shown["end"]) == (citation().quote, citation().start, citation().end)
        assert (shown["right"], shown["passage_right"], shown["verbatim"]) == (True, True, True)
        assert [miss["question"] for miss in ours["misses"]["another place"]] == ["q3"]
