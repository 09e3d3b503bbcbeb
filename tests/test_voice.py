"""Who speaks: what others say in a document, who they are where the text says so, and nobody where it does not."""

import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from documents import document, documents
from hypothesis import given
from tongues import TEXTS

from index.types import BlockKind, Document, Marker
from qa.cite import quoted_share
from qa.session import Session
from qa.types import Voice
from qa.voice import voices

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scripts"))

import voices as measured

SAID = "the lock at Holm was shut on the day of the flood"
KNOWN = "Thrale insisted on this all his life. Harbin wrote about it later."
"""Makes two names speak once, so that the text's other capitals are no names."""


def heard(*paragraphs: str) -> list[tuple[str, str | None]]:
    """The words and the speaker of each voice."""
    doc = document(*((BlockKind.PARAGRAPH, text) for text in (KNOWN, *paragraphs)))
    return [(doc.text[v.start : v.end].rstrip(".!"), v.speaker) for v in voices(doc)]


@given(documents())
def test_voices_lie_in_the_text_in_order_and_nested_or_apart(doc: Document) -> None:
    found = voices(doc)
    assert all(0 <= v.start < v.end <= len(doc.text) for v in found)
    assert list(found) == sorted(found, key=lambda v: (v.start, -v.end))
    for one, other in pairwise(found):
        assert one.end <= other.start or other.end <= one.end
    assert 0 <= quoted_share(found, 0, len(doc.text)) <= 1


@pytest.mark.parametrize("blank", [" ", "\x1f", "“ ”", "“\xa0”"])
def test_a_quotation_of_nothing_but_blanks_is_no_voice(blank: str) -> None:
    doc = document((BlockKind.QUOTATION, blank), (BlockKind.QUOTATION, SAID), (BlockKind.QUOTATION, blank))
    assert [doc.text[voice.start : voice.end] for voice in voices(doc)] == [SAID]


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        ("In the end Thrale admitted that “{}”, and sat down.", "Thrale"),
        ("Earlier, Isaac Thrale had recognized that “{}.”", "Thrale"),
        ("Thrale, in The Lock Book (1838), describes it: “{}.”", "Thrale"),
        ("“The Company does,” said Mudge, “{}.”", "Mudge"),
        ("According to Harbin, “{}.”", "Harbin"),
        ("From Harbin’s perspective, «{}».", "Harbin"),
        ("„{}“, says Harbin, who was there.", "Harbin"),
        ('"{}" (Harbin, The Slakes, 12).', "Harbin"),
        ("Thrale came to Oxley in the spring. He believed that “{}.”", "Thrale"),
        ("Thrale’s answer was short: “{}.”", "Thrale"),
        ("Thrale, unlike Harbin, argued that “{}.”", "Thrale"),
        ("Thrale was of course mistaken, because “{}.”", None),
        ("The plan, which Thrale had proposed, was rejected: “{}.”", None),
        ("It was said in the town that “{}.”", None),
        ("“{}.” Thrale answered nothing.", None),
        ("“{}”. Thrale believed none of it.", None),
        ("“{}!” Nobody believed him.", None),
        ("“{}!” Thrale exclaimed.", "Thrale"),
        ("Those who went so far as to quote Thrale thought little of it, for “{}.”", None),
        ("A placard on the quay of Oxley stated that “{}.”", None),
        ("Mr. Quill, who owns two barges, told the vestry that “{}.”", "Quill"),
        ("Judge Quill, dissenting: “{}.”", "Quill"),
        ("According to Mr. Quill, “{}.”", "Quill"),
        ("“{}!” said the master, Jorun Quill.", "Quill"),
        ("Quill first wrote that “{}.”", "Quill"),
        ("Mr. Quill came to Oxley in the spring. He believed that “{}.”", None),
        ("Thrale (to whom Mr. Quill had called attention) was clear: “{}.”", "Thrale"),
        ("I wrote to Dr. Quill that “{}.”", None),
    ],
)
def test_the_speaker_is_whom_the_sentence_makes_speak(text: str, speaker: str | None) -> None:
    assert heard(text.format(SAID)) == [(SAID, speaker)]


@pytest.mark.parametrize(
    "text",
    [
        "He called it “a fast of the rich” in the vestry.",
        "Her essay “On the Slow Growing of Things under Water and the Fast of Others” is lost.",
        "The pamphlet “what the tide has left us on the sand” was never printed.",
        "Oxley had “free and common ground of all the town”; the “free and common ground of all the town” was sold.",
    ],
)
def test_titles_terms_and_single_words_are_nobodys_voice(text: str) -> None:
    assert heard(text) == []


@pytest.mark.parametrize("marks", ["‘’", "''"])
def test_a_text_that_quotes_between_single_marks_is_heard(marks: str) -> None:
    text = (
        "<I never saw that boat again in my life,> said Thrale. He>d sold it to the boys> school, or so >twas said. "
        "The term <mooring> is old, <moorings> new. Thrale wrote that <it sank on the second of May with the boys> "
        "hats>. It was Harbin who said: <Thrale told me, “I burned it and would burn it again,” and he laughed.> The "
        "millers> boats rotted. <It>s a lie from end to end,> Thrale exclaimed."
    )
    text = text.replace("<", marks[0]).replace(">", marks[1])
    assert heard(text) == [
        ("I never saw that boat again in my life,", "Thrale"),
        (f"it sank on the second of May with the boys{marks[1]} hats", "Thrale"),
        ("Thrale told me, “I burned it and would burn it again,” and he laughed", "Harbin"),
        ("I burned it and would burn it again,", "Thrale"),
        (f"It{marks[1]}s a lie from end to end,", "Thrale"),
    ]


def test_a_quotation_between_single_marks_may_run_over_paragraphs() -> None:
    first, second = "Harbin wrote: ‘The boat sank on the second of May.", "‘Nobody mourned for it in all the town.’"
    assert [said for said, _ in heard(first, second)] == [first[15:-1], second[1:-2]]


def test_a_text_that_quotes_between_double_marks_hears_no_single_ones() -> None:
    apostrophes = "'Tis the millers' and the carters' own fault, as the boys' school knew, or the girls'."
    assert heard(f"Harbin said that “{SAID}.” {apostrophes}") == [(SAID, "Harbin")]
    assert heard(apostrophes) == []


def test_a_long_text_takes_no_longer_for_its_length() -> None:
    """Each of these once took time that grew with the square of the length."""
    titles = "The Slow Growing Of Things Under Water " * 20_000
    quotes = "They said “the free and common ground of all” again. " * 10_000
    assert heard(titles) == []
    assert heard(quotes) == []


def test_a_quotation_in_another_has_its_own_speaker() -> None:
    outer, inner = heard(f"Thrale wrote: «I remember what Harbin said, “{SAID},” and I laughed at it then.»")
    assert outer[1] == "Thrale"
    assert inner == (f"{SAID},", "Harbin")


def test_a_quotation_that_is_never_closed_runs_to_the_end_of_its_paragraph() -> None:
    (voice,) = heard(f"Harbin wrote that “{SAID} and was not opened again.", "The mill stood still.")
    assert voice == (f"{SAID} and was not opened again", "Harbin")


def test_a_block_quotation_is_told_of_by_the_line_before_or_the_source_after() -> None:
    doc = document(
        (BlockKind.PARAGRAPH, KNOWN),
        (BlockKind.PARAGRAPH, "Thrale describes it in the following way:"),
        (BlockKind.QUOTATION, f"On that day, {SAID}."),
        (BlockKind.PARAGRAPH, "Another saw it otherwise:"),
        (BlockKind.QUOTATION, "“The lock was open, and the flood went through it."),
        (BlockKind.QUOTATION, "“I stood on the gate all that night.” Harbin, «The Slakes», 1866."),
    )
    told = [(doc.text[v.start : v.end], v.speaker, v.work) for v in voices(doc)]
    assert told == [
        (f"On that day, {SAID}.", "Thrale", None),
        ("The lock was open, and the flood went through it.", "Harbin", "The Slakes"),
        ("I stood on the gate all that night.", "Harbin", "The Slakes"),
    ]


def test_the_note_names_the_speaker_where_the_sentence_does_not() -> None:
    body = f"The town knew that “{SAID}.” It also knew that “nobody rang the bell in the night after.”"
    notes = ("Isaac Thrale, The Lock Book, 12.", "Ibid., 14.")
    doc = document((BlockKind.PARAGRAPH, body), *((BlockKind.FOOTNOTE, note) for note in notes))
    ends = (doc.text.index(".”") + 2, body.rindex(".”") + 2)
    noted = replace(doc, markers=tuple(Marker(end, number, number) for number, end in enumerate(ends, 1)))
    assert [(v.speaker, v.work) for v in voices(noted)] == [("Thrale", "The Lock Book")] * 2


def test_half_a_voice_is_half() -> None:
    assert quoted_share([Voice(10, 20, None, None), Voice(12, 14, None, None)], 0, 20) == 0.5


class TestSession:
    def test_every_citation_says_who_speaks_in_it(self, library: Session) -> None:
        for question in ("Who waited?", "What did the surgeon say about the generations of oysters?"):
            for side in library.ask(question).perspectives:
                for citation in (side.answer.citations if side.answer else ()) + side.nearest:
                    spoken = library.voices(citation.document)
                    inside = [v for v in spoken if v.start < citation.end and citation.start < v.end]
                    assert list(citation.voices) == inside
                    assert citation.quoted == round(quoted_share(spoken, citation.start, citation.end), 3)

    def test_only_the_authors_own_words_where_that_is_asked_for(self, library: Session) -> None:
        asked = 0
        for source in library.documents():
            for voice in library.voices(source.id)[:3]:
                words = library.document(source.id).text[voice.start : voice.end][:300]
                (quoting,) = library.ask(words, [source.id]).perspectives
                (own,) = library.ask(words, [source.id], own=True).perspectives
                shown = [(side.answer.citations if side.answer else ()) + side.nearest for side in (quoting, own)]
                asked += any(citation.quoted >= 0.5 for citation in shown[0])
                assert shown[1] and all(citation.quoted < 0.5 for citation in shown[1])
        assert asked > 0


def test_voices_of_the_real_documents_are_told_as_by_hand(corpus: Path, gold: Path) -> None:
    figures = measured.measure(corpus.parent)
    assert figures["recall of quoted letters"] >= 0.97
    assert figures["wrongly marked"] <= 0.15
    assert figures["speaker, precision"] >= 0.95
    assert figures["speaker, recall"] >= 0.85


@pytest.mark.parametrize("language", ["de", "fr", "ru", "es"])
def test_in_other_languages_quotations_are_heard_and_nobody_is_named(language: str) -> None:
    text = TEXTS[language].split("\n\n")[1]
    [voice] = voices(replace(document((BlockKind.PARAGRAPH, text)), language=language))
    assert text[voice.start - 2 : voice.start].strip("\xa0 ")[-1] in "„«" and voice.speaker is None


def test_english_rules_name_nobody_in_another_language() -> None:
    text = f"{KNOWN} Thrale said that “{SAID}”."
    made = document((BlockKind.PARAGRAPH, text))
    assert [voice.speaker for voice in voices(made)] == ["Thrale"]
    assert [voice.speaker for voice in voices(replace(made, language="nl"))] == [None]


@pytest.mark.parametrize("marks", ["“”", "「」"])
def test_a_quotation_is_heard_where_no_space_parts_the_words(marks: str) -> None:
    said = "水比我们见过的任何时候都高"
    text = f"船夫晚上说，{marks[0]}{said}{marks[1]}没有人相信他。{marks[0]}渡船{marks[1]}一词很旧。"
    [voice] = voices(replace(document((BlockKind.PARAGRAPH, text)), language="zh"))
    assert text[voice.start : voice.end] == said
