"""A term in every document: each occurrence counted and quoted where it stands, and the company that it keeps."""

import re
from collections import Counter
from dataclasses import asdict, replace
from math import log
from pathlib import Path

import pytest
from documents import document, documents
from hypothesis import given
from hypothesis import strategies as st

from index.load import load
from index.split import split
from index.types import BlockKind, Details, Document, Passage, SourceLine
from qa.checks import LONGEST_TERM, TERM_WORDS, QuestionError
from qa.collocates import LEAST_G2, SPAN, Occurring, g2
from qa.concordance import Reference, Usage
from qa.session import Session
from qa.stretch import words
from qa.terms import CONTEXT, PARTS, Worded, nearest, usages
from qa.tokens import tokens
from qa.types import Source

WORDS = ["barge", "lock", "keeper", "tide", "the", "of", "weir", "mill", "toll", "night", "and", "river", "stone"]
ALL = 10**6

texts = st.lists(
    st.lists(st.sampled_from(WORDS), min_size=4, max_size=30).map(lambda words: " ".join(words).capitalize() + "."),
    min_size=1,
    max_size=8,
)
terms = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3)


def worded(doc: Document) -> Worded:
    doc = doc if doc.lines else replace(doc, lines=(SourceLine(0, 1),))
    source = Source(doc.id, doc.title, None, None, doc.label, doc.sha256, doc.source, 0, 0)
    return Worded(source, doc, split(doc, doc.text), (), tokens(doc))


def made(*paragraphs: str) -> Worded:
    return worded(document(*((BlockKind.PARAGRAPH, text) for text in paragraphs)))


def used(term: str, *where: Worded, first: int = 0, count: int = ALL) -> tuple[Usage, ...]:
    return usages(term, where, first, count)


def matches(term: list[str], doc: Document) -> list[tuple[int, int]]:
    """The oracle: a run of words inside a block, found by a regular expression."""
    pattern = re.compile(rf"\b{'[^a-z]+'.join(term)}\b", re.IGNORECASE)
    return [match.span() for block in doc.blocks for match in pattern.finditer(doc.text, block.start, block.end)]


class TestOccurrences:
    @given(st.text("水位很高，a ", min_size=1, max_size=60), st.text("水位很高", min_size=1, max_size=3))
    def test_where_no_space_parts_the_words_every_run_of_characters_is_one(self, text: str, term: str) -> None:
        where = worded(replace(document((BlockKind.PARAGRAPH, f"说{text}。")), language="zh"))
        (usage,) = used(term, where)
        expected = re.findall("[， ]*".join(term), text)
        assert [line.citation.quote for line in usage.lines] == expected and usage.count == len(expected)
        assert [form.text for form in usage.forms] == [term] * bool(expected)

    @given(texts, terms)
    def test_all_are_found_and_nothing_else(self, paragraphs: list[str], term: list[str]) -> None:
        where = made(*paragraphs)
        (usage,) = used(" ".join(term), where)
        expected = matches(term, where.document)
        assert [(line.citation.start, line.citation.end) for line in usage.lines] == expected
        assert usage.count == len(expected) == sum(form.count for form in usage.forms) == sum(usage.dispersion.parts)
        assert usage.per_10_000 == pytest.approx(10_000 * len(expected) / len(words(where.document.text)), abs=0.005)
        length = len(where.document.text)
        assert usage.dispersion.parts == tuple(
            sum(start * PARTS // length == part for start, _ in expected) for part in range(PARTS)
        )

    @given(documents(), st.data())
    def test_every_line_is_a_slice_of_its_block(self, doc: Document, data: st.DataObject) -> None:
        where, text = worded(doc), doc.text
        found = words(text)
        term = data.draw(st.sampled_from([text[start:end] for start, end, _ in found])) if found else "lock"
        (usage,) = used(term, where)
        assert usage.count == len(usage.lines) and bool(usage.count) == bool(found)
        for line in usage.lines:
            left, citation, right = line.left, line.citation, line.right
            assert left.end == citation.start and citation.end == right.start
            assert left.text + citation.quote + right.text == text[left.start : right.end]
            assert any(block.start <= left.start and right.end <= block.end for block in doc.blocks)
            assert citation.start - left.start <= CONTEXT and citation.quote == text[citation.start : citation.end]

    @pytest.mark.parametrize("size", [1, 3, 7])
    def test_pages_joined_are_the_whole(self, size: int) -> None:
        where = made(*["The keeper of the lock paid the keeper of the weir a toll."] * 5)
        (whole,) = used("keeper", where)
        pages = [used("keeper", where, first=first, count=size)[0] for first in range(0, 12, size)]
        assert sum((page.lines for page in pages), ()) == whole.lines and len(whole.lines) == 10
        assert {page.count for page in pages} == {10}

    def test_of_fifty_thousand_only_the_lines_shown_are_cited(self) -> None:
        doc = replace(document((BlockKind.PARAGRAPH, "A toll. " * 50_000)), lines=(SourceLine(0, 1),))
        where = replace(worded(document((BlockKind.PARAGRAPH, "A toll."))), document=doc, tokens=tokens(doc))
        where = replace(where, passages=(Passage(0, len(doc.text), ()),))
        (usage,) = used("tolls", where, first=49_990, count=25)
        assert (usage.count, len(usage.lines)) == (50_000, 10)
        assert set(usage.dispersion.parts) == {250}

    @pytest.mark.parametrize(
        ("term", "forms"),
        [
            ("keeper counted", {"keeper counts": 1, "keepers counted": 2}),
            ("KEEPER  counting", {"keeper counts": 1, "keepers counted": 2}),
            ("bank of the river", {"banks of the river": 1}),
            ("bank river", {}),
            ("of the", {"of the": 1}),
            ("gates keepers", {}),
            ("toll paid", {"tolls paid": 1}),
        ],
    )
    def test_inflected_forms_count_and_function_words_stand_in_their_place(
        self, term: str, forms: dict[str, int]
    ) -> None:
        where = made(
            "The keeper counts gates.",
            "Keepers counted the tolls,3 paid at the weir; two keepers – counted the banks of the river.",
        )
        (usage,) = used(term, where)
        assert {form.text: form.count for form in usage.forms} == forms

    def test_composed_and_combined_letters_are_the_same_and_stay_as_they_are_written(self) -> None:
        where = made("At the cafe\u0301 \u202eshut\u202c beside the CAF\u00c9, no soft\u00adware.")
        (usage,) = used("caf\u00e9", where)
        assert [line.citation.quote for line in usage.lines] == ["cafe\u0301", "CAF\u00c9"]
        assert "\u202eshut\u202c" in usage.lines[0].right.text
        assert used("software", where)[0].lines[0].citation.quote == "soft\u00adware"

    def test_context_without_spaces_is_cut_before_a_letter_and_after_its_marks(self) -> None:
        where = made("e\u0301" * 80 + " toll " + "e\u0301" * 80, "x" * 99 + "—toll—" + "e\u0301" * 99)
        first, second = used("toll", where)[0].lines
        assert (first.left.text, first.right.text) == ("", "")
        assert second.left.text == "x" * 59 + "—"
        assert second.right.text == "—" + "e\u0301" * 30

    def test_the_forms_of_real_documents_are_those_that_stand_there(self, corpus: Path) -> None:
        for path in sorted(corpus.glob("*.txt")):
            where = worded(load(path, Details()))
            folded = [word for _, _, word in words(where.document.text)]
            for term, _ in Counter(folded).most_common(400)[::40]:
                (usage,) = used(term, where, count=5)
                assert {form.text: form.count for form in usage.forms} == {
                    form.text: folded.count(form.text) for form in usage.forms
                }
                assert term in {form.text for form in usage.forms}


class TestCollocates:
    @given(texts, terms)
    def test_near_is_within_five_words_of_the_same_block(self, paragraphs: list[str], term: list[str]) -> None:
        where = made(*paragraphs)
        places = where.tokens.places(term)
        near = Occurring(where.tokens, places, tuple(term)).near()
        blocks = where.tokens.blocks
        for word in range(len(blocks)):
            assert near[word] == any(
                blocks[word] == blocks[first]
                and (0 < first - word <= SPAN or 0 < word - (first + len(term) - 1) <= SPAN)
                for first in places
            )

    def test_the_ratio_by_hand(self) -> None:
        """Expected are 5 and 10: 2 (10 ln 2 + 5 ln ½) = 10 ln 2."""
        assert g2((10, 5), (100, 200)) == pytest.approx(10 * log(2))
        assert g2((3, 0), (10, 90)) == pytest.approx(6 * log(10))

    @given(st.integers(0, 500), st.integers(0, 500), st.integers(500, 9000), st.integers(500, 9000))
    def test_the_ratio_is_that_of_two_likelihoods(self, a: int, b: int, c: int, d: int) -> None:
        def entropy(count: int, of: int) -> float:
            return count * log(count / of) if count else 0.0

        separate, together = entropy(a, c) + entropy(b, d), entropy(a + b, c + d)
        assert g2((a, b), (c, d)) == pytest.approx(2 * (separate - together), abs=1e-6)
        assert g2((a, b), (c, d)) == g2((b, a), (d, c)) >= 0

    def test_it_is_nothing_where_one_corpus_is_empty(self) -> None:
        assert g2((3, 0), (9, 0)) == g2((0, 0), (0, 0)) == 0

    @given(texts, terms)
    def test_each_counted_word_is_near_or_elsewhere(self, paragraphs: list[str], term: list[str]) -> None:
        where = made(*paragraphs)
        (usage,) = used(" ".join(term), where)
        counted = [w for _, _, w in words(where.document.text) if w not in (*term, "the", "of", "and")]
        assert usage.collocates.near + usage.collocates.elsewhere == len(counted)
        assert usage.collocates.reference is Reference.REST and usage.contrast is None
        for word in usage.collocates.words:
            assert word.near >= 3 and word.g2 >= LEAST_G2 and counted.count(word.word) == word.near + word.elsewhere

    def test_two_documents_part_where_the_company_differs(self) -> None:
        filler = "Nobody on the quay remembers which winter froze every rope, sail, mast and oar in harbour."
        salt = made(*["The carters paid the toll on salts in silver."] * 9, *[filler] * 9)
        grain = made(*["The millers paid the tolls on grain in silver."] * 9, *[filler] * 9)
        here, there = used("toll", salt, grain)
        assert here.contrast is not None and there.contrast is not None
        assert here.contrast.reference is Reference.OTHERS
        told = {word.word: (word.near, word.elsewhere, word.g2) for word in here.contrast.words}
        assert told == {"carters": (9, 0, 12.48), "salts": (9, 0, 12.48)}  # 18 ln 2
        assert {word.word for word in there.contrast.words} == {"millers", "grain"}
        assert {word.word for word in here.collocates.words} == {"carters", "paid", "salts", "silver"}
        assert (here.contrast.near, here.contrast.elsewhere) == (36, 36)

    def test_nothing_is_contrasted_with_documents_that_lack_the_term(self) -> None:
        here, there = used("toll", made("The toll was paid."), made("Nobody paid."))
        assert here.contrast is None and there.contrast is None and there.count == 0
        assert there.lines == () and there.forms == () and set(there.dispersion.parts) == {0}


class TestNearest:
    @pytest.mark.parametrize(
        ("term", "near"),
        [
            ("keepr", ("keeper",)),
            ("the keepr of", ("the keeper of",)),
            ("keepr gates", ("keeper gates",)),
            ("keepr weir", ()),
            ("gates keeper", ()),
            ("keepr gatez", ()),
            ("zzz", ()),
        ],
    )
    def test_terms_spelt_nearly_so_that_occur(self, term: str, near: tuple[str, ...]) -> None:
        where = made("The keeper of gates.", "Two keepers: the keeper gates the weir.")
        assert nearest(term, [where]) == near


class TestSession:
    def test_documents_answer_in_the_order_asked(self, library: Session) -> None:
        ids = [source.id for source in library.documents()]
        found = library.terms("the", ids[::-1], count=2)
        assert [usage.source.id for usage in found.usages] == ids[::-1]
        assert found == replace(library.terms("the", ids[::-1], count=2), seconds=found.seconds)
        for usage in found.usages:
            assert usage.lines[0].citation == library.cite(usage.source.id, *_range(usage))
        assert library.verify(_json(asdict(found))).problems == ()

    def test_what_occurs_nowhere_is_calm(self, library: Session) -> None:
        assert library.terms("oyzters").near[0] == "oysters"
        found = library.terms("qqqqqq")
        assert found.near == () and [usage.count for usage in found.usages] == [0, 0]

    @pytest.mark.parametrize(
        ("term", "told"),
        [
            ("", "The term has no word"),
            (" —!? ", "The term has no word"),
            ("[12]", "The term has no word"),
            ("weir " * (TERM_WORDS + 1), "The term has 9 words and may have 8"),
            ("w" * (LONGEST_TERM + 1), "The term has 201 characters and may have 200"),
            ("we\ud800ir", "Character 3 of the term is damaged"),
        ],
    )
    def test_a_term_that_is_none_is_refused_in_a_sentence(self, library: Session, term: str, told: str) -> None:
        with pytest.raises(QuestionError, match=re.escape(told)) as refusal:
            library.terms(term)
        assert str(refusal.value).endswith(".") and str(refusal.value).count(". ") == 0

    @pytest.mark.parametrize(("first", "count"), [(-1, 5), (0, -5)])
    def test_lines_below_none_are_refused(self, library: Session, first: int, count: int) -> None:
        with pytest.raises(QuestionError, match="count both from 0"):
            library.terms("weir", first=first, count=count)

    def test_no_document_is_refused(self, library: Session) -> None:
        with pytest.raises(QuestionError, match="No document is asked"):
            library.terms("weir", [])


def _range(usage: Usage) -> tuple[int, int]:
    return usage.lines[0].citation.start, usage.lines[0].citation.end


def _json(value: object) -> object:
    """What JSON makes of a record: lists for tuples."""
    if isinstance(value, dict):
        return {name: _json(part) for name, part in value.items()}
    return [_json(part) for part in value] if isinstance(value, list | tuple) else value


NAIVE = re.compile(r"水|[^\W_²³¹⁰-⁹水](?:[^\W_²³¹⁰-⁹水]|[\u00ad\u0300-\u036f])*")


@given(st.text(st.sampled_from("aé_1²\u00ad\u0301- \u202e水"), max_size=30))
def test_words_are_letters_with_their_marks_or_a_character_that_stands_for_one(text: str) -> None:
    assert [text[start:end] for start, end, _ in words(text)] == [match[0] for match in NAIVE.finditer(text)]
