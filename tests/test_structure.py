"""Structure of plain text: properties of any text first, then small examples, then the real documents."""

import importlib.util
import json
import re
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.lines import compact, plain, read_lines
from index.load import load
from index.quotations import marks
from index.structure import SEPARATOR, Structure, structure
from index.types import BlockKind

ROOT = Path(__file__).resolve().parents[1]

FLOOD = (
    "The river rose in the night and took the lower fields with it before",
    "anyone in the village had woken. By morning the mill stood alone in the",
    "water, and the miller sat on its roof.",
)
BOAT = (
    "His brother rowed out to him with bread and a lantern. They did not",
    "speak until the boat had turned, because the current was strong and the",
    "oars were short.",
)
LETTER = (
    "The water is at the third step and rising. I have",
    "put the children in the loft. Send the boat, and if",
    "you cannot send it, send word.",
)


def wrapped(*paragraphs: tuple[str, ...]) -> str:
    return "\n\n".join("\n".join(lines) for lines in paragraphs) + "\n"


def run(lines: tuple[str, ...]) -> str:
    return " ".join(lines)


def found(source: str) -> list[tuple[str, str]]:
    parts = structure(source)
    return [(b.kind.value, parts.text[b.start : b.end]) for b in parts.blocks]


def headings(source: str) -> list[tuple[int | None, str]]:
    parts = structure(source)
    return [(b.level, parts.text[b.start : b.end]) for b in parts.blocks if b.kind is BlockKind.HEADING]


def pages(source: str) -> list[int | None]:
    return [line.page for line in structure(source).lines]


def check(source: str, parts: Structure) -> None:
    """What holds for the structure of any text."""
    text = parts.text
    ends = [0] + [block.end + len(SEPARATOR) for block in parts.blocks]
    assert [block.start for block in parts.blocks] == ends[:-1]
    assert ends[-1] == (len(text) + len(SEPARATOR) if parts.blocks else 0)
    for block in parts.blocks:
        words = text[block.start : block.end]
        assert words and words == words.strip() and "  " not in words and "\n" not in words
        assert (block.level is not None) == (block.kind is BlockKind.HEADING)
    for a, b in pairwise(parts.blocks):
        assert text[a.end : b.start] == SEPARATOR
    counted = [b.number for b in parts.blocks if b.kind in (BlockKind.PARAGRAPH, BlockKind.QUOTATION)]
    assert counted == list(range(1, len(counted) + 1))
    assert [m.position for m in parts.markers] == sorted(m.position for m in parts.markers)
    for marker in parts.markers:
        assert 0 < marker.position <= len(text)
        if marker.note is not None:
            note = parts.blocks[marker.note]
            assert note.kind is BlockKind.FOOTNOTE and note.number == marker.number
    starts = [line.start for line in parts.lines]
    assert starts == sorted(set(starts))
    assert starts[:1] == [0] * bool(parts.blocks)
    if not parts.blocks:
        return
    source_lines = re.split(r"\r\n|[\n\r\x85\u2028\u2029]", source)
    for line, end in zip(parts.lines, [*starts[1:], len(text)], strict=True):
        assert is_within("".join(text[line.start : end].split()), source_lines[line.line - 1])


def is_within(part: str, whole: str) -> bool:
    """Whether the characters of `part` occur in `whole` in this order."""
    rest = iter(whole)
    return all(character in rest for character in part)


SIGNS = [
    *'“”«»":.,?12A#>*-—\xad\f\n ',
    *(
        "12.",
        "3)",
        "[1]",
        "[2]",
        "¹",
        "word.",
        "word.1",
        "word2",
        "Word,",
        "word”3",
        "IV",
        "CHAPTER I",
        "By Name",
    ),
    *(
        "a-",
        "\n\n",
        "\n ",
        "\n    ",
        "__________",
        "\t",
        "FIGURE 1",
        "28",
        "The Title",
        "ALL CAPITALS",
        "\n\f",
    ),
    "\n" + " " * 40 + "\n",
]
# Letters of which no numeral, abbreviation or name of a division can be made.
words = st.text("bkmsu", min_size=1, max_size=9)
sentences = st.lists(words, min_size=3, max_size=60).map(lambda ws: " ".join(ws).capitalize() + ".")
bodies = st.lists(sentences, min_size=1, max_size=6)


def wrap(paragraph: str, width: int) -> str:
    lines = [""]
    for word in paragraph.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append("")
        lines[-1] += " " * bool(lines[-1]) + word
    return "\n".join(lines)


class TestProperties:
    @given(st.text(st.characters(exclude_categories=["Cs"]), max_size=400))
    def test_any_text(self, source: str) -> None:
        check(source, structure(source))

    @settings(max_examples=300)
    @given(
        st.lists(
            st.sampled_from(SIGNS),
            max_size=80,
        ).map(" ".join)
    )
    def test_text_full_of_signs(self, source: str) -> None:
        check(source, structure(source))

    @given(bodies, st.integers(30, 90))
    def test_wrapping_changes_nothing(self, body: list[str], width: int) -> None:
        source = "\n\n".join(wrap(paragraph, width) for paragraph in body)
        parts = structure(source)
        check(source, parts)
        assert parts.text == SEPARATOR.join(body)

    @given(bodies, st.sampled_from(["\n", "\r\n", "\r", "\u2028", "\x85"]))
    def test_line_ends_change_nothing(self, body: list[str], end: str) -> None:
        source = (end * 2).join(wrap(paragraph, 50).replace("\n", end) for paragraph in body)
        assert structure(source).text == SEPARATOR.join(body)

    @given(st.text())
    def test_what_is_kept_of_a_text_gives_it_back_and_takes_no_more_room(self, text: str) -> None:
        kept = compact(text)
        assert plain(kept) == text
        assert sys.getsizeof(kept) <= sys.getsizeof(text)

    def test_one_quotation_mark_does_not_double_a_text(self) -> None:
        assert sys.getsizeof(compact(f"“{run(FLOOD)}")) < sys.getsizeof(run(FLOOD))

    @given(
        st.lists(st.sampled_from([*"ab \t\n\r\f\x85\u2028\u200b\ufb01.", "\r\n", "\r\u200b\n", "word"]), max_size=40)
    )
    def test_how_a_text_is_cut_into_pieces_changes_nothing(self, pieces: list[str]) -> None:
        assert structure(pieces) == structure("".join(pieces))

    @given(st.lists(bodies, min_size=1, max_size=4))
    def test_structure_of_the_canonical_text_is_the_same(self, chapters: list[list[str]]) -> None:
        source = "\n\n".join(
            f"CHAPTER {n}\n\n" + "\n\n".join(wrap(p, 60) for p in body) for n, body in enumerate(chapters, 1)
        )
        once = structure(source)
        again = structure(once.text)
        assert (once.text, once.blocks) == (again.text, again.blocks)

    @given(bodies, st.data())
    def test_no_word_is_lost_but_markers_and_note_numbers(self, body: list[str], data: st.DataObject) -> None:
        pieces: list[str] = []
        notes: list[str] = []
        for paragraph in body:
            number = len(notes) + 1
            pieces.append(wrap(paragraph, 60) + str(number))
            notes.append(data.draw(sentences))
            pieces.append("_" * 20 + f"\n{number}. {notes[-1]}")
        parts = structure("\n\n".join(pieces))
        assert Counter(parts.text.split()) == Counter(" ".join(body + notes).split())
        assert [m.number for m in parts.markers] == list(range(1, len(notes) + 1))
        assert [b.kind for b in parts.blocks].count(BlockKind.FOOTNOTE) == len(notes)
        assert all(marker.note is not None for marker in parts.markers)


class TestSize:
    """A step that looks back over all that went before would not end here in the time of a test."""

    @pytest.mark.parametrize(
        "source",
        [
            "word " * 400_000,
            "One.\n" + "\n" * 100_000 + "Two.",
            "“a ” « » " * 30_000,
            "word1.2 word”3 " * 30_000,
            "\n".join([" it is this:"] * 30_000),
            "\n\n".join(["A Short Heading"] * 30_000) + "\n\nIt ends here.",
            "\n\n".join(["“word open", *["word.”"] * 30_000]),
            "\n".join(str(n) for n in range(30_000)),
            "\n".join(["word-"] * 30_000),
            "- " * 300_000 + "a",
        ],
        ids=[
            "line",
            "blank",
            "marks",
            "figures",
            "colons",
            "headings",
            "quotation",
            "numbers",
            "hyphens",
            "rule",
        ],
    )
    def test_large(self, source: str) -> None:
        assert structure(source).text


class TestParagraphs:
    def test_lines_are_unwrapped(self) -> None:
        assert found(wrapped(FLOOD, BOAT)) == [("paragraph", run(FLOOD)), ("paragraph", run(BOAT))]

    def test_indents_part_paragraphs(self) -> None:
        source = "\n".join("    " + "\n".join(p) for p in (FLOOD, BOAT, FLOOD))
        assert found(source) == [("paragraph", run(p)) for p in (FLOOD, BOAT, FLOOD)]

    def test_short_lines_part_paragraphs_where_nothing_else_does(self) -> None:
        source = "\n".join("\n".join(p) for p in (FLOOD, BOAT, FLOOD))
        assert found(source) == [("paragraph", run(p)) for p in (FLOOD, BOAT, FLOOD)]

    def test_blanks_of_any_kind_are_one_space(self) -> None:
        assert found("One\u00a0 two\t\u2003three.") == [("paragraph", "One two three.")]

    def test_items_of_a_list_stand_alone(self) -> None:
        source = wrapped(FLOOD, ("- bread", "- a lantern", "- two oars"), BOAT)
        assert [text for _, text in found(source)] == [
            run(FLOOD), "- bread", "- a lantern", "- two oars", run(BOAT),
        ]  # fmt: skip

    def test_a_number_in_a_sentence_begins_no_item(self) -> None:
        lines = ("There were two reasons that nobody in the village woke: (1) the wind,", "and", *FLOOD)
        cut = (*lines[:1], "(2) the wine, which had been good that year and had come late.", *BOAT)
        assert len(found(wrapped(cut))) == 1

    def test_a_poem_keeps_its_words(self) -> None:
        poem = ("The water came at night,", "The miller lost his light,", "And nobody could say,")
        assert found("\n".join(poem)) == [("paragraph", run(poem))]

    def test_a_stanza_of_which_every_other_line_is_indented_is_one_paragraph(self) -> None:
        first = ("The lamp upon the ferry burned", "  All night above the weir;", "The miller’s daughter never turned",
                 "  To see who held it near.")  # fmt: skip
        second = ("“O who goes there,” the ferryman said,", "  “With neither coat nor coin?”", "And nobody replied.")
        assert found(wrapped(first, second)) == [
            ("paragraph", " ".join(line.strip() for line in stanza)) for stanza in (first, second)
        ]

    def test_indented_paragraphs_of_two_lines_are_no_stanza(self) -> None:
        block = ("Nobody spoke.", f"  {BOAT[0]}", "speak of it.", f"  {FLOOD[0]}", "anyone woke.")
        assert found(wrapped(FLOOD, LETTER, block))[2:] == [
            ("paragraph", "Nobody spoke."),
            ("paragraph", f"{BOAT[0]} speak of it."),
            ("paragraph", f"{FLOOD[0]} anyone woke."),
        ]

    def test_a_compound_keeps_its_hyphen(self) -> None:
        assert (
            run(("a well-", "known man")).replace("- ", "-")
            in found("It was said in the village that the miller had always been a well-\nknown man, and so he was.\n")[
                0
            ][1]
        )

    def test_a_word_cut_in_two_is_whole_where_the_text_has_it_whole(self) -> None:
        source = (
            "The wind went round the weather-\nvane all night. A weathervane turns\nin any wind, as they say here.\n"
        )
        assert found(source)[0][1].startswith("The wind went round the weathervane all night.")

    def test_both_spellings_leave_the_hyphen(self) -> None:
        source = "A weather-\nvane is a weathervane or a weather-vane\nas you like it to be.\n"
        assert found(source)[0][1].startswith("A weather-vane is")

    def test_soft_hyphens_go(self) -> None:
        assert found("The weather\xad\nvane turns and the wea\xadther does\nnot care at all.")[0][1] == (
            "The weathervane turns and the weather does not care at all."
        )

    def test_ligatures_are_letters(self) -> None:
        assert found("The ﬁrst oﬃce by the ﬂood.") == [("paragraph", "The first office by the flood.")]

    def test_a_dash_at_the_line_end_stays_close(self) -> None:
        assert "mill—alone" in found("There was the mill—\nalone in the water,\nand its miller.")[0][1]
        assert "mill – alone" in found("There was the mill –\nalone in the water,\nand its miller.")[0][1]


class TestHeadings:
    def test_divisions_with_their_titles(self) -> None:
        body = "\n".join(FLOOD)
        source = f"PREFACE\n\n{body}\n\nCHAPTER I\nTHE FLOOD\n\n{body}\n\nChapter Two\nThe Boat\n\n{body}\n"
        assert headings(source) == [
            (1, "PREFACE"), (1, "CHAPTER I"), (2, "THE FLOOD"), (1, "Chapter Two"), (2, "The Boat"),
        ]  # fmt: skip

    def test_numerals_with_titles_and_without(self) -> None:
        source = SEPARATOR.join(
            [
                "RIVERS",
                "by Ada Miller",
                "I",
                "The Flood",
                "I",
                run(FLOOD),
                "II",
                run(BOAT),
                "II",
                "The Boat",
                run(FLOOD),
            ]
        )
        assert headings(source) == [
            (1, "RIVERS"), (2, "I"), (3, "The Flood"), (4, "I"), (4, "II"), (2, "II"), (3, "The Boat"),
        ]  # fmt: skip

    def test_short_lines_that_stand_apart(self) -> None:
        source = SEPARATOR.join(["On Floods", "On Floods", run(FLOOD), "The cost of bread", run(BOAT)])
        assert headings(source) == [(1, "On Floods"), (1, "On Floods"), (2, "The cost of bread")]

    def test_markdown(self) -> None:
        source = wrapped(("# Rivers",), FLOOD, ("## The Flood ##",), BOAT, ("### A boat",), FLOOD)
        assert headings(source) == [(1, "Rivers"), (2, "The Flood"), (3, "A boat")]

    def test_numbered_sections(self) -> None:
        source = wrapped(("1. Water",), FLOOD, ("2. Boats",), BOAT, ("2.1 Oars",), FLOOD)
        assert headings(source) == [(1, "1. Water"), (1, "2. Boats"), (2, "2.1 Oars")]

    def test_parts_hold_chapters(self) -> None:
        source = SEPARATOR.join(["PART I", "CHAPTER 1", run(FLOOD), "CHAPTER 2", run(BOAT), "PART II", run(FLOOD)])
        assert headings(source) == [(1, "PART I"), (2, "CHAPTER 1"), (2, "CHAPTER 2"), (1, "PART II")]

    @pytest.mark.parametrize(
        "line",
        ["What now?", "Not a word was said.", "a small thing", "The miller,", "Anna Berg, 1905", "1. First"],
    )
    def test_short_lines_that_are_none(self, line: str) -> None:
        follows = "2. Second" if line[0].isdigit() else run(BOAT)
        assert headings(SEPARATOR.join([run(FLOOD), line, follows, run(FLOOD)])) == []

    def test_a_signature_is_none(self) -> None:
        assert headings(SEPARATOR.join([run(FLOOD), "A. Miller", "The Mill, at night,", "in June"])) == []

    def test_names_of_pictures_are_captions(self) -> None:
        told = "As Anna Berg said in her sermon, it was Anna Berg who had sent for the boat that night."
        source = SEPARATOR.join(
            ["On Floods", run(FLOOD), "The Boat", run(BOAT), "Anna Berg", told, "Berg in 1905", run(FLOOD)]
        )
        assert [text for kind, text in found(source) if kind == "caption"] == ["Anna Berg", "Berg in 1905"]
        assert headings(source) == [(1, "On Floods"), (2, "The Boat")]

    def test_figures_have_captions(self) -> None:
        assert found(wrapped(FLOOD, ("Figure 3. The mill from the north.",), BOAT))[1][0] == "caption"


class TestPages:
    SHEETS = tuple(
        (
            f"{first} water stood in the street that year and did not go away",
            f"until {last} had come and gone and",
        )
        for first, last in (("Cold", "May"), ("Brown", "June"), ("Warm", "July"), ("Low", "autumn"))
    )

    def test_form_feeds_with_numbers_at_the_foot(self) -> None:
        source = "\f".join("\n".join([*sheet, "", str(n), ""]) for n, sheet in enumerate(self.SHEETS, 7))
        assert pages(source) == ["7", "7", "8", "8", "9", "9", "10", "10"]
        assert [text for _, text in found(source)] == [" ".join(run(sheet) for sheet in self.SHEETS)]

    def test_running_heads_go_and_give_the_page(self) -> None:
        source = "\f".join(f"A History of Water  {n}\n" + "\n".join(s) for n, s in enumerate(self.SHEETS, 7))
        assert pages(source) == ["7", "7", "8", "8", "9", "9", "10", "10"]
        assert "History" not in structure(source).text

    def test_pages_between_two_printed_numbers_are_counted(self) -> None:
        feet = ["", "\n8", "", "\n10"]
        source = "\n\f".join("\n".join(s) + foot for s, foot in zip(self.SHEETS, feet, strict=True))
        assert pages(source) == [None, None, "8", "8", "9", "9", "10", "10"]

    def test_nothing_is_counted_where_the_breaks_disagree(self) -> None:
        feet = ["\n7", "", "", "\n12"]
        source = "\n\f".join("\n".join(s) + foot for s, foot in zip(self.SHEETS, feet, strict=True))
        assert pages(source) == ["7", "7", None, None, None, None, "12", "12"]

    def test_one_blank_before_a_line_is_a_page_where_it_is_rare(self) -> None:
        body = [*FLOOD[:2], *BOAT[:2]] * 8
        body[20] = " " + body[20]
        lines, _ = read_lines(["\n".join(body)])
        assert [i for i, line in enumerate(lines) if line.page_top] == [20]

    def test_a_number_that_breaks_no_page_is_a_heading(self) -> None:
        source = SEPARATOR.join(["1", run(FLOOD), "2", run(BOAT), "3", run(FLOOD)])
        assert headings(source) == [(1, "1"), (1, "2"), (1, "3")]

    def test_a_short_last_line_ends_a_paragraph_at_the_page_end(self) -> None:
        source = "\n".join(FLOOD) + "\n\f" + "\n".join(BOAT) + "\n"
        assert len(found(source)) == 2


class TestNotes:
    RULE = "_" * 20

    def source(self) -> str:
        first = (FLOOD[0], "anyone in the village had woken.1 By morning the mill stood alone in the")
        second = ("water,2 and the miller sat on its “roof.”3",)
        notes = (
            self.RULE,
            "1. Parish Chronicle, 12.",
            "2. In the oldest copy it is not the water but",
            "the wind.",
        )
        return wrapped(first) + "\n" + wrapped(notes) + "\f" + wrapped(second, BOAT, ("CHAPTER II",), FLOOD)

    def test_notes_leave_the_running_text_and_close_its_section(self) -> None:
        assert found(self.source()) == [
            ("paragraph", f"{FLOOD[0]} {FLOOD[1]} water, and the miller sat on its “roof.”"),
            ("paragraph", run(BOAT)),
            ("footnote", "Parish Chronicle, 12."),
            ("footnote", "In the oldest copy it is not the water but the wind."),
            ("heading", "CHAPTER II"),
            ("paragraph", run(FLOOD)),
        ]

    def test_markers_stand_where_they_stood(self) -> None:
        parts = structure(self.source())
        before = [parts.text[: marker.position].split()[-1] for marker in parts.markers]
        assert before == ["woken.", "water,", "“roof.”"]
        assert [(m.number, m.note) for m in parts.markers] == [(1, 2), (2, 3), (3, None)]
        assert [parts.blocks[i].number for i in (2, 3)] == [1, 2]

    ENDNOTES = (
        ("The mill had stood for ninety years before the flood came down upon it.1 The miller",),
        ("had wanted to “sell.”2 Nobody would buy it from him in the spring of that year.3",),
        ("Notes",),
        ("1. Parish Chronicle, 12.",),
        ("2. In the oldest copy it is not sell but", "give."),
        ("[3] So his daughter said.",),
    )

    def test_endnotes_under_a_heading_of_their_own_are_notes(self) -> None:
        parts = structure(wrapped(*self.ENDNOTES, ("Index",), ("1. Mills are on every page of this book.",)))
        notes = [block for block in parts.blocks if block.kind is BlockKind.FOOTNOTE]
        assert [(note.number, parts.text[note.start : note.end]) for note in notes] == [
            (1, "Parish Chronicle, 12."),
            (2, "In the oldest copy it is not sell but give."),
            (3, "So his daughter said."),
        ]
        assert [parts.blocks[marker.note or 0] for marker in parts.markers] == notes
        assert parts.text.endswith("\n\n1. Mills are on every page of this book.")

    @pytest.mark.parametrize(
        "notes",
        [
            (("Notes",), ("1. Parish Chronicle.",), ("Nobody has seen it.",), ("2. So it is.",), ("3. Or not.",)),
            (("Notes",), ("1. Parish Chronicle.",), ("1. So it is.",), ("2. Or not.",)),
            (("Notes",), ("7. Parish Chronicle.",), ("8. So it is.",), ("9. Or not.",)),
            (("Mills",), ("1. Parish Chronicle.",), ("2. So it is.",), ("3. Or not.",)),
        ],
        ids=["other words between", "counted anew", "cited nowhere", "under another heading"],
    )
    def test_lists_are_no_endnotes(self, notes: tuple[tuple[str, ...], ...]) -> None:
        parts = structure(wrapped(*self.ENDNOTES[:2], *notes))
        assert all(block.kind is not BlockKind.FOOTNOTE for block in parts.blocks)
        assert parts.text.endswith("\n\n".join(" ".join(note) for note in notes))

    @pytest.mark.parametrize(
        "text",
        [
            "In 1905 the water rose 3.5 feet, and 1,600,000 people saw it at 2:00 in the morning of May 1, 1905.",
            "The price was 1.2 then, 2.3 later, and it was 3.4 at last, as figs.1 and 2 on p.3 show.",
            "He cou1d not go, nor cou2d she; cou3d you?",
            "A room of 12 m² and one of 3 km² are not alike.",
        ],
    )
    def test_figures_of_the_text_are_no_markers(self, text: str) -> None:
        assert structure(text).markers == ()
        assert structure(text).text == text

    def test_a_note_number_after_a_year(self) -> None:
        source = "It rained.”1 It was dry in 1904.2 The next year was “wet.”3 It was dry again."
        assert [m.number for m in structure(source).markers] == [1, 2, 3]
        assert structure(source).text == "It rained.” It was dry in 1904. The next year was “wet.” It was dry again."

    def test_brackets_and_raised_figures(self) -> None:
        source = "It rained.[1] It was dry.[2] It rained.[1]\n\n[1] A chronicle.\n\n[2] A letter.\n"
        parts = structure(source)
        assert [(m.number, m.note) for m in parts.markers] == [(1, 1), (2, 2), (1, 1)]
        assert [kind for kind, _ in found(source)] == ["paragraph", "footnote", "footnote"]
        assert [m.number for m in structure("It rained.¹ It was dry.² It rained.³").markers] == [1, 2, 3]

    def test_numbers_begin_anew_in_a_chapter(self) -> None:
        chapter = "CHAPTER {}\n\nIt rained.1 It was dry.2 So be it.\n\n" + self.RULE + "\n1. One {}.\n2. Two {}.\n\n"
        parts = structure(chapter.format(1, "a", "a") + "\f" + chapter.format(2, "b", "b"))
        noted = [parts.blocks[m.note] for m in parts.markers if m.note is not None]
        assert [parts.text[b.start : b.end] for b in noted] == ["One a.", "Two a.", "One b.", "Two b."]

    def test_a_year_at_a_line_start_is_no_note(self) -> None:
        source = wrapped(FLOOD) + f"\n{self.RULE}\n1905. It was the year in which all of this came to pass.\n"
        assert [kind for kind, _ in found(source)] == ["paragraph", "paragraph"]

    def test_a_list_under_a_rule_is_no_note(self) -> None:
        source = wrapped(FLOOD) + f"\n{self.RULE}\n1. Bread.\n2. A lantern.\n"
        assert [kind for kind, _ in found(source)] == ["paragraph"] * 3

    def test_a_note_with_an_asterisk(self) -> None:
        source = SEPARATOR.join([run(FLOOD), "*That is, the upper mill", run(BOAT)])
        assert found(source) == [
            ("paragraph", run(FLOOD)), ("paragraph", run(BOAT)), ("footnote", "That is, the upper mill"),
        ]  # fmt: skip
        assert structure(source).blocks[-1].number is None


class TestQuotations:
    def kinds(self, *paragraphs: str) -> str:
        return "".join(kind[0] for kind, _ in found(SEPARATOR.join(paragraphs)))

    def test_narrower_lines_after_a_colon(self) -> None:
        source = wrapped(FLOOD, (*BOAT[:2], "and the letter said:"), LETTER, FLOOD)
        assert [kind for kind, _ in found(source)] == ["paragraph", "paragraph", "quotation", "paragraph"]

    def test_full_lines_after_a_colon_are_none(self) -> None:
        assert [kind for kind, _ in found(wrapped((*BOAT[:2], "It was this:"), FLOOD))] == ["paragraph"] * 2

    def test_a_second_paragraph_set_off(self) -> None:
        source = wrapped(FLOOD, (*BOAT[:2], "and the letter said:"), LETTER, LETTER[:2], FLOOD)
        assert [kind[0] for kind, _ in found(source)] == ["p", "p", "q", "q", "p"]

    def test_cut_from_its_introduction_by_a_page(self) -> None:
        source = wrapped(FLOOD, (*BOAT[:2], "and the letter said:")) + "\f" + wrapped(LETTER, FLOOD)
        assert [kind[0] for kind, _ in found(source)] == ["p", "p", "q", "p"]

    def test_indented_lines(self) -> None:
        source = wrapped(FLOOD, tuple("     " + line for line in LETTER), BOAT)
        assert [kind[0] for kind, _ in found(source)] == ["p", "q", "p"]

    def test_marked_like_mail(self) -> None:
        source = wrapped(FLOOD, tuple("> " + line for line in LETTER), BOAT)
        assert found(source)[1] == ("quotation", run(LETTER))

    def test_a_paragraph_in_marks_with_its_source(self) -> None:
        told = "“The water is at the “third” step and rising. Send the boat.”"
        for source in (
            "",
            " Anna Berg, Letters, 1905",
            " (in German: https://example.org/1)",
            " Berg, «Letters».",
        ):
            assert self.kinds(run(FLOOD), told + source, run(BOAT)) == "pqp"

    def test_marks_that_do_not_match(self) -> None:
        assert self.kinds(run(FLOOD), "«The water is at the step.” Anna Berg, Letters.", run(BOAT)) == "pqp"

    @pytest.mark.parametrize(
        "said",
        [
            "“It rains”, she may say, “and it will rain.”",
            "“It rains,” said the miller.",
            "“No.” He sat down again and would not look up.",
            "“Wet” is not the word for it.",
        ],
    )
    def test_speech_inside_a_sentence_is_none(self, said: str) -> None:
        assert self.kinds(run(FLOOD), said, run(BOAT)) == "ppp"

    def test_over_several_paragraphs_without_marks_between(self) -> None:
        first, last = "“The water is at the step.", "Send “the” boat.” Anna Berg, Letters, 1905"
        assert self.kinds(run(FLOOD), first, run(BOAT), last, run(FLOOD)) == "pqqqp"

    def test_over_several_paragraphs_with_a_mark_at_each(self) -> None:
        each = ["“The water is at the step.", "“It is rising.", "“Send the boat.” Anna Berg, Letters, 1905"]
        assert self.kinds(run(FLOOD), *each, run(BOAT)) == "pqqqp"

    def test_each_paragraph_closed_and_the_last_closed_again(self) -> None:
        assert (
            self.kinds(run(FLOOD), "«The water is at the step».", run(BOAT), "Send the boat».", run(FLOOD)) == "pqqqp"
        )

    def test_a_mark_that_nobody_closed_takes_no_more_than_it_must(self) -> None:
        assert self.kinds(run(FLOOD), "“The water is at the step.", run(BOAT), run(FLOOD)) == "pppp"

    def test_a_heading_ends_a_quotation(self) -> None:
        parts = [
            run(FLOOD),
            "“The water is at the step.",
            "CHAPTER II",
            "Send the boat.” Anna Berg, 1905",
            run(BOAT),
        ]
        assert self.kinds(*parts) == "pphpp"

    def test_without_marks_after_a_name_and_a_colon(self) -> None:
        assert self.kinds("This is what Anna Berg wrote about it:", run(BOAT), run(FLOOD)) == "pqp"
        assert self.kinds("These are the two reasons for it:", run(BOAT), run(FLOOD)) == "ppp"
        assert self.kinds("This is what Anna Berg wrote about it:", "a) " + run(BOAT), run(FLOOD)) == "ppp"

    def test_straight_marks(self) -> None:
        assert marks('"Send the boat." Anna Berg, Letters').whole
        assert not marks('"Send," he said, "the boat."').whole


def structure_table() -> ModuleType:
    spec = importlib.util.spec_from_file_location("structure_table", ROOT / "scripts" / "structure_table.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class TestCorpus:
    @pytest.mark.parametrize("name", ["essay", "critique"])
    def test_matches_what_was_written_down_by_hand(self, corpus: Path, gold: Path, name: str) -> None:
        by_hand = json.loads((gold / "structure.json").read_text("utf-8"))[name]
        document = load(corpus / f"{name}.txt")
        table = structure_table()
        have, want = table.found(document), table.wanted(by_hand)
        assert have == want
        assert table.stray_numbers_left(document, by_hand) == []

    @pytest.mark.parametrize("name", ["essay", "critique"])
    def test_holds_what_holds_for_any_text(self, corpus: Path, name: str) -> None:
        source = (corpus / f"{name}.txt").read_text("utf-8")
        parts = structure(source)
        check(source, parts)
        kept = {line.line for line in parts.lines}
        lost = [n for n, line in enumerate(source.split("\n"), 1) if line.strip() and n not in kept]
        assert all(source.split("\n")[n - 1].strip().isdigit() for n in lost)

    def test_printed_pages(self, corpus: Path, gold: Path) -> None:
        by_hand = json.loads((gold / "structure.json").read_text("utf-8"))["essay"]
        tops, strays = (
            by_hand["page_tops"] + by_hand["page_tops_without_space"],
            by_hand["stray_page_numbers"],
        )
        for line in load(corpus / "essay.txt").lines:
            if line.page is not None:
                page = int(strays[0]["text"]) + sum(strays[0]["line"] < top <= line.line for top in tops)
                assert line.page == str(page)
