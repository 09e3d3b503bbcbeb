"""Where a quotation stands: copied word for word, with damage, with omissions, or nowhere."""

import random
import re
import sys
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest
from documents import document
from hypothesis import given
from hypothesis import strategies as st
from tongues import CHINESE

from index.lexical import LexicalIndex
from index.split import split
from index.types import BlockKind, Document, SourceLine
from qa.checks import LONGEST_QUOTATION, QuestionError
from qa.quote import Quotation, Searched, occurrences
from qa.session import Session
from qa.types import Likeness, Occurrence

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scripts"))

import quotations as measured

WORDS = ["barge", "lock", "keeper", "tide", "the", "of", "weir", "mill", "toll", "night", "and", "river", "stone"]


def searched(doc: Document) -> Searched:
    passages = split(doc, doc.text)
    return Searched(doc, passages, LexicalIndex.build([doc.text[p.start : p.end] for p in passages]))


def made(*paragraphs: str) -> Searched:
    doc = document(*((BlockKind.PARAGRAPH, text) for text in paragraphs))
    return searched(replace(doc, lines=(SourceLine(0, 1),)))


def found(quotation: str, where: Searched) -> list[Occurrence]:
    return occurrences(Quotation(quotation), where)


def bare(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.lower())


paragraphs = st.lists(
    st.lists(st.sampled_from(WORDS), min_size=4, max_size=30).map(lambda words: " ".join(words).capitalize() + "."),
    min_size=1,
    max_size=12,
)


@given(paragraphs, st.data())
def test_every_exact_place_is_found_and_nothing_else(texts: list[str], data: st.DataObject) -> None:
    """The oracle: counting the run of words in the document's words."""
    where = made(*texts)
    words = bare(where.document.text)
    first = data.draw(st.integers(0, len(words) - 1))
    run = words[first : first + data.draw(st.integers(1, 8))]
    places = [o for o in found(" ".join(run), where) if o.kind is Likeness.EXACT]
    expected, at = 0, 0
    while at + len(run) <= len(words):  # places do not overlap
        expected, at = (expected + 1, at + len(run)) if words[at : at + len(run)] == run else (expected, at + 1)
    assert [bare(o.quote) for o in places] == [run] * expected
    for place in places:
        assert place.score == 100 and place.differences == () and len(place.parts) == 1
        assert where.document.text[place.start : place.end] == place.quote == place.parts[0].quote


QUOTED = (
    "The keeper of the weir wrote “three gates, two paddles” in his book, and closed it before the next bridge; "
    "nobody at Holm–Oxley asked him why."
)
BEFORE = "On the way to the sea the barges passed eleven locks and paid a toll at each of them."
AFTER = "The miller, who had lent the money, heard of it from the carters in the spring flood."
FAR = "In those years salt went upstream, grain went down, and the tolls were counted twice at Oxley."


@pytest.mark.parametrize(
    "copied",
    [
        QUOTED,
        QUOTED.upper(),
        QUOTED.replace("“", '"').replace("”", '"').replace("–", "-"),
        QUOTED.replace("paddles", "pad-\ndles").replace("bridge", "brid\u00adge"),
        QUOTED.replace("book,", "book,12").replace("bridge;", "bridge;[13]").replace("why", "why⁴"),
        f"  « {QUOTED} »\n",
        QUOTED.replace(" ", "\n"),
    ],
)
def test_case_marks_line_ends_and_note_numbers_make_no_difference(copied: str) -> None:
    (place,) = found(copied, made(BEFORE, QUOTED, AFTER))
    assert place.kind is Likeness.EXACT
    assert place.quote == QUOTED.rstrip(".")


def test_a_quotation_may_run_over_passages_and_paragraphs() -> None:
    (place,) = found(f"{QUOTED} {AFTER}", made(BEFORE, QUOTED, AFTER, FAR))
    assert place.kind is Likeness.EXACT
    assert place.quote == f"{QUOTED}\n\n{AFTER}".rstrip(".")
    assert place.quote in place.parts[0].passage.text


def test_a_place_with_other_words_shows_which() -> None:
    (place,) = found(QUOTED.replace("closed it", "shut").replace("wrote ", ""), made(BEFORE, QUOTED, AFTER))
    assert place.kind is Likeness.NEAR and place.quote == QUOTED.rstrip(".")
    changes = [(d.asked, d.found) for d in place.differences if not d.same]
    assert changes == [("", "wrote"), ("shut", "closed it")]


def test_a_place_runs_to_the_last_word_of_the_quotation_over_a_word_that_was_left_out() -> None:
    (place,) = found("before the next bridge; nobody at Holm asked why", made(BEFORE, QUOTED, AFTER))
    assert place.quote == "before the next bridge; nobody at Holm–Oxley asked him why"


@given(st.data())
def test_the_differences_tell_both_texts_whole(data: st.DataObject) -> None:
    words = QUOTED.split()
    for _ in range(data.draw(st.integers(1, 3))):
        words[data.draw(st.integers(0, len(words) - 1))] = data.draw(st.sampled_from(WORDS))
    for place in found(" ".join(words), made(BEFORE, QUOTED, AFTER)):
        if place.kind is Likeness.NEAR:
            assert bare(" ".join(d.asked for d in place.differences)) == bare(" ".join(words))
            assert bare(" ".join(d.found for d in place.differences)) == bare(place.quote)
            assert all((bare(d.asked) == bare(d.found)) is d.same for d in place.differences)


@pytest.mark.parametrize("mark", ["…", " ... ", "[…]", " . . . ", "(...)", ". . . ."])
def test_parts_with_an_omission_between_are_joined(mark: str) -> None:
    first, last = QUOTED[: QUOTED.index("”")], AFTER[AFTER.index("heard") : -1]
    (place,) = found(f"{first}{mark}{last}.", made(BEFORE, QUOTED, FAR, AFTER))
    assert place.kind is Likeness.JOINED
    assert [part.quote for part in place.parts] == [first, last]
    assert place.quote.startswith(place.parts[0].quote) and place.quote.endswith(place.parts[1].quote)
    assert place.score == 100


def test_an_omission_that_is_not_marked_is_seen_between_sentences() -> None:
    (place,) = found(f"{BEFORE} {AFTER}", made(BEFORE, QUOTED, QUOTED, FAR, AFTER))
    assert place.kind is Likeness.JOINED
    assert [part.quote for part in place.parts] == [BEFORE.rstrip("."), AFTER.rstrip(".")]


def test_parts_in_another_order_are_not_joined() -> None:
    assert found(f"{AFTER} … {BEFORE}", made(BEFORE, QUOTED, FAR, AFTER)) == []


def test_an_omission_that_the_document_makes_itself_is_no_join() -> None:
    text = "He swore by the weir … and by the mill, that the toll was paid."
    (place,) = found(text, made(BEFORE, text, AFTER))
    assert place.kind is Likeness.EXACT


@pytest.mark.parametrize(
    "elsewhere",
    [
        "The cat sat on the mat while rain fell over the quiet garden of the vicarage.",
        "Toll", "tolls paid", "Брат мой, брат мой, усталый и страдающий", "水は低きに流れる",
    ],
)  # fmt: skip
def test_what_stands_nowhere_is_not_found(elsewhere: str) -> None:
    assert found(elsewhere, made(QUOTED, FAR)) == []


@given(data=st.data())
@pytest.mark.parametrize("language", ["zh", "en"])
def test_where_no_space_parts_the_words_every_run_of_characters_is_found(language: str, data: st.DataObject) -> None:
    """The oracle: counting the run in the characters; marks make no difference, and an English text may quote it."""
    clauses = st.lists(st.text("水位很高", min_size=4, max_size=9), min_size=1, max_size=9).map("，".join)
    paragraphs = data.draw(st.lists(clauses, min_size=1, max_size=8))
    doc = document(*((BlockKind.PARAGRAPH, f"说{text}。") for text in paragraphs))
    doc = replace(doc, language=language, lines=(SourceLine(0, 1),))
    passages = split(doc, doc.text)
    where = Searched(doc, passages, LexicalIndex.build([doc.text[p.start : p.end] for p in passages], language))
    letters = re.sub(r"\W", "", doc.text)
    first = data.draw(st.integers(0, len(letters) - 1))
    run = letters[first : first + data.draw(st.integers(3, 12))]
    places = [o for o in found(run, where) if o.kind is Likeness.EXACT]
    assert [re.sub(r"\W", "", o.quote) for o in places] == [run] * letters.count(run)


def test_a_slip_where_no_space_parts_the_words_is_one_character() -> None:
    doc = replace(document((BlockKind.PARAGRAPH, CHINESE)), language="zh", lines=(SourceLine(0, 1),))
    passages = split(doc, doc.text)
    where = Searched(doc, passages, LexicalIndex.build([doc.text[p.start : p.end] for p in passages], "zh"))
    (place,) = found("磨坊主的妻子每天早上用旧面饼喂天鹅", where)
    assert place.kind is Likeness.NEAR and place.quote == "磨坊主的妻子每天早上用旧面包喂天鹅"
    assert [(d.asked, d.found) for d in place.differences if not d.same] == [("饼", "包")]
    assert found("磨坊主的丈夫从来没有见过河上的船只和桥梁", where) == []


def test_accents_and_bidirectional_controls_are_letters_like_others() -> None:
    text = "Der Müller von Öxley zählte die Zölle \u202eund schwieg.\u202c 🚣 Niemand fragte ihn."
    (place,) = found("der MÜLLER von Öxley zählte die Zölle und schwieg", made(BEFORE, text))
    assert place.kind is Likeness.EXACT and place.quote.startswith("Der Müller")
    (place,) = found("Der Muller von Oxley zahlte die Zolle und schwieg", made(BEFORE, text))
    assert place.kind is Likeness.NEAR


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_ligatures_and_composed_letters_make_no_difference(form: str) -> None:
    text = unicodedata.normalize(form, "The oﬃce of the café was eﬃcient until the ﬂood.")
    for other in (text, unicodedata.normalize("NFKC", text), unicodedata.normalize("NFKD", text)):
        (place,) = found(other, made(BEFORE, text, AFTER))
        assert place.kind is Likeness.EXACT and place.quote == text[:-1]


def test_five_thousand_words_are_found_again_with_some_of_them_misread() -> None:
    chance = random.Random(0)
    texts = [" ".join(f"{chance.choice(WORDS)}{chance.randrange(400)}" for _ in range(100)) + "." for _ in range(80)]
    where = made(*texts)
    (place,) = found(" ".join(texts[10:60]), where)
    assert place.kind is Likeness.EXACT
    misread = " ".join(measured.scanned(text, chance) for text in texts[10:60])
    (place,) = found(misread, where)
    assert place.kind is not Likeness.EXACT
    assert measured.overlap((place.start, place.end), (where.document.text.index(texts[10]), place.end)) > 0.99
    assert texts[59][-30:-1] in place.quote[-40:]


class TestSession:
    def test_places_of_all_documents_best_first(self, library: Session) -> None:
        sources = library.documents()
        for source in sources:
            text = library.document(source.id).text
            middle = text.index(" ", len(text) // 2) + 1
            finding = library.find(text[middle : text.index(" ", middle + 90)])
            assert finding.searched == sources
            best = finding.occurrences[0]
            assert (best.document, best.start, best.kind) == (source.id, middle, Likeness.EXACT)
            scores = [occurrence.score for occurrence in finding.occurrences]
            assert scores == sorted(scores, reverse=True)

    def test_documents_may_be_chosen(self, library: Session) -> None:
        first, second = library.documents()
        words = library.document(first.id).text[200:300]
        assert library.find(words, [second.id]).occurrences == ()
        assert library.find(words, [first.id]).occurrences != ()

    @pytest.mark.parametrize(
        ("quotation", "told"),
        [
            ("", "has no words"),
            ("…?! “”", "has no words"),
            ("word " * LONGEST_QUOTATION, "paste less of it"),
            ("sal\udcff", "is damaged"),
        ],
    )
    def test_what_cannot_be_looked_for_is_told(self, library: Session, quotation: str, told: str) -> None:
        with pytest.raises(QuestionError, match=told):
            library.find(quotation)


def test_damaged_sentences_of_the_real_documents_are_found_and_strange_ones_refused(
    indexed_corpus: Path, corpus: Path
) -> None:
    session, chance = Session.open(indexed_corpus), random.Random(7)
    wanted = measured.targets(session, 60, chance)
    vocabulary = [word for target in wanted for word in target.text.split()]
    assert measured.measure(session, wanted, str)[:2] == (1, 1)
    document, place, _ = measured.measure(session, wanted, lambda text: measured.edited(text, vocabulary, chance))
    assert document >= 0.97 and place >= 0.93
    document, place, _ = measured.measure(session, wanted, lambda text: measured.scanned(text, chance))
    assert document >= 0.97 and place >= 0.92
    strange = measured.absent(corpus.parent, 100, chance)
    assert sum(bool(session.find(sentence).occurrences) for sentence in strange) <= 2
