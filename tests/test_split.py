"""Splitting: what holds for any text, then the traps of sentences, then long inputs."""

from itertools import pairwise

import pytest
from documents import document, documents
from hypothesis import example, given
from hypothesis import strategies as st

from index.split import (
    LONG_WORD,
    PASSAGE_WORDS,
    SENTENCE_CHARACTERS,
    SENTENCE_WORDS,
    TINY_WORDS,
    count_words,
    sentences,
    split,
)
from index.types import BlockKind, Document

HEADING, PARAGRAPH, FOOTNOTE = BlockKind.HEADING, BlockKind.PARAGRAPH, BlockKind.FOOTNOTE


def cut(text: str) -> list[str]:
    return [text[sentence.start : sentence.end].strip() for sentence in sentences(text)]


def words(count: int) -> str:
    return "weir " * (count - 1) + "lock."


class TestAnyText:
    @given(st.text() | st.text("aB.?! “”\"'()I1,;\n。").map(lambda text: text * 30))
    @example("“A.” (“B.”) C." * 1000)
    @example("x" * 1600 + "y " + "z " * 80)  # the rest of a word that was cut is a word
    def test_sentences_tile_it_within_bounds(self, text: str) -> None:
        found = sentences(text)
        assert "".join(text[sentence.start : sentence.end] for sentence in found) == text
        assert all(0 < sentence.end - sentence.start <= SENTENCE_CHARACTERS for sentence in found)
        assert all(count_words(text[sentence.start : sentence.end]) <= SENTENCE_WORDS for sentence in found)

    @given(documents())
    def test_passages_tile_a_document_and_sentences_tile_passages(self, document: Document) -> None:
        passages = split(document, document.text)
        assert "".join(document.text[passage.start : passage.end] for passage in passages) == document.text
        for passage in passages:
            assert (passage.start, passage.end) == (passage.sentences[0].start, passage.sentences[-1].end)
            assert all(a.end == b.start for a, b in pairwise(passage.sentences))

    @given(documents())
    def test_passages_are_bounded(self, document: Document) -> None:
        for passage in split(document, document.text):
            assert count_words(document.text[passage.start : passage.end]) <= PASSAGE_WORDS
            assert passage.end - passage.start < PASSAGE_WORDS * LONG_WORD + LONG_WORD * len(passage.sentences)

    @given(documents())
    def test_a_section_begins_a_passage_and_notes_stand_apart(self, document: Document) -> None:
        starts = {passage.start for passage in split(document, document.text)}
        for before, block in pairwise(document.blocks):
            if block.kind is HEADING and before.kind is not HEADING:
                assert block.start in starts
            if HEADING not in (before.kind, block.kind) and (before.kind is FOOTNOTE) != (block.kind is FOOTNOTE):
                assert block.start in starts


class TestPassages:
    def test_a_heading_opens_the_passage_of_its_first_paragraph(self) -> None:
        made = document((PARAGRAPH, words(50)), (HEADING, "The Lock"), (HEADING, "Its Gates"), (PARAGRAPH, words(50)))
        assert [passage.start for passage in split(made, made.text)] == [0, made.blocks[1].start]

    def test_a_long_list_of_headings_fills_several_passages(self) -> None:
        made = document(*[(HEADING, "The Lock and Its Gates")] * 100, (PARAGRAPH, words(50)))
        assert len(split(made, made.text)) == 4

    def test_a_tiny_paragraph_joins_its_neighbour_and_a_long_one_stands_alone(self) -> None:
        sizes = [TINY_WORDS - 1, TINY_WORDS, TINY_WORDS, TINY_WORDS - 1]
        made = document(*[(PARAGRAPH, words(size)) for size in sizes])
        assert [passage.start for passage in split(made, made.text)] == [0, made.blocks[2].start]

    def test_a_long_paragraph_is_cut_at_sentences_into_equal_parts(self) -> None:
        made = document((PARAGRAPH, " ".join(["The " + words(19)] * 20)))
        assert [len(passage.sentences) for passage in split(made, made.text)] == [7, 7, 6]

    def test_a_heading_at_the_end_is_a_passage(self) -> None:
        made = document((PARAGRAPH, words(50)), (HEADING, "The End"))
        assert [passage.start for passage in split(made, made.text)] == [0, made.blocks[1].start]


class TestSentences:
    @pytest.mark.parametrize(
        "text",
        [
            "The keeper waited . . . and waited.",
            "On the feast of St. Just the river froze.",
            "Dr. Who of the ferry and Mrs. She of the mill came with Gen. The.",
            "The boat of J. R. Miller sank.",
            "The U.S.S.R. built the lock in spring.",
            "See vol. 2, bk. IV and ch. 3 of the log.",
            "See vol. I, p. 3.",
            "Cf. Barges, fols. 12 and 13.",
            "“Why?” asked the miller.",
            "It cost 3.5 crowns.",
            "“Never closed, said he.",
        ],
    )
    def test_is_one(self, text: str) -> None:
        assert cut(text) == [text]

    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("He was late. I was not.", ["He was late.", "I was not."]),  # "I" is a word as well as a numeral
            ("It ended in ice. 1848 was warm.", ["It ended in ice.", "1848 was warm."]),
            ("It was vol. 2. Then he left.", ["It was vol. 2.", "Then he left."]),
            ("Under Louis XVI. All drowned.", ["Under Louis XVI.", "All drowned."]),
            ("He left the U.S. The boat sank.", ["He left the U.S.", "The boat sank."]),
            ("He wept. . . . Then he rowed.", ["He wept. . . .", "Then he rowed."]),
            ("“Row. Stop. Go.” He rowed.", ["“Row.", "Stop.", "Go.”", "He rowed."]),
            ("“Row.” “Stop.”", ["“Row.”", "“Stop.”"]),
            ("»Geh.« »Komm.« Er ging.", ["»Geh.«", "»Komm.«", "Er ging."]),
            ("He rowed.) Then [he] sank.", ["He rowed.)", "Then [he] sank."]),
            ("Called the ‘end.’ Then nothing.", ["Called the ‘end.’", "Then nothing."]),
            ("“Never closed. And it went on. On", ["“Never closed.", "And it went on.", "On"]),
            ("水位上升。船沉了。", ["水位上升。", "船沉了。"]),
            ("Он грёб. Она нет! Да?", ["Он грёб.", "Она нет!", "Да?"]),
            ("🚣 He rowed. 🚣 She sat.", ["🚣 He rowed.", "🚣 She sat."]),
        ],
    )
    def test_are_cut(self, text: str, found: list[str]) -> None:
        assert cut(text) == found

    @pytest.mark.parametrize("text", ["", " ", "\n\n", "...", "“", "。"])
    def test_without_words_there_is_one_at_most(self, text: str) -> None:
        assert len(sentences(text)) == bool(text)

    def test_a_long_one_is_cut_at_its_clauses(self) -> None:
        clause = "the keeper of the lock counted the swans on the water,"
        assert all(piece.endswith(",") for piece in cut(" ".join([clause] * 40)))

    def test_text_without_spaces_is_cut_at_the_bound(self) -> None:
        assert [len(piece) for piece in cut("x" * 5000)] == [1600, 1600, 1600, 200]


class TestLongInputs:
    """Seconds together; where the time was quadratic, minutes."""

    @pytest.mark.parametrize(
        ("unit", "most"),
        [
            ("x", 1600),
            ("水。", 2),
            ("。", 1600),
            (". ", 1600),
            ("“(", 1600),
            ("A.)", 1600),
            ("ab.\n", 1600),
            ("Mr. ", 1600),
        ],
    )
    def test_a_line_of_300_000_characters(self, unit: str, most: int) -> None:
        text = unit * (300_000 // len(unit))
        found = sentences(text)
        assert found[-1].end == len(text)
        assert len(found) >= len(text) / most

    def test_what_sentencex_sees_in_windows_it_cuts_as_it_does_whole(self) -> None:
        text = "The keeper rowed to the mill. “Send the boat,” she said. He did. " * 1000
        assert len(sentences(text)) == 3000

    def test_passages_of_text_without_spaces_stay_short(self) -> None:
        made = document((PARAGRAPH, "水位上升" * 100_000))
        assert max(passage.end - passage.start for passage in split(made, made.text)) <= SENTENCE_CHARACTERS


class TestOtherLanguages:
    @pytest.mark.parametrize(
        ("language", "first", "second"),
        [
            ("de", "Die Fähre kam am 3. Mai zu Dr. Brandt.", "Der 2. Fährmann schwieg."),
            ("fr", "M. Dupont tenait la barre.", "Personne ne le crut."),
            ("ru", "Он жил в г. Озёрске в 1848 г. и молчал.", "Никто ему не верил."),
            ("es", "El Sr. Ruiz llegó tarde.", "¿Quién esperaba?"),
            ("zh", "渡船来得太晚了。", "没有人等待。"),
            ("tlh", "The ferry came.", "It was late."),
        ],
    )
    def test_sentences_end_by_the_rules_of_their_language(self, language: str, first: str, second: str) -> None:
        joined = f"{first} {second}"
        assert [joined[s.start : s.end].strip() for s in sentences(joined, language)] == [first, second]

    @given(st.text(), st.sampled_from(["de", "fr", "ru", "zh", "hi", "tlh"]))
    def test_they_tile_any_text(self, text: str, language: str) -> None:
        assert "".join(text[s.start : s.end] for s in sentences(text, language)) == text
