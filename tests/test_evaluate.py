"""Evaluation: matching like the question set's scorer, figures with intervals that hold them, and what is a miss."""

import importlib.util
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stdout
from dataclasses import replace
from io import StringIO
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_render import citation

from index.embed import Encoder
from index.types import ParallaxError
from qa import match
from qa.evaluate import Evaluation, Gold, Miss, evaluate, misses, question_from
from qa.figures import Figure, Measure, Pair, Shown, ahead, figures
from qa.session import Session
from ui import batch

FERRY = """The Ferry

The ferry sank in the spring flood of the year after the war. Nobody had mended her hull, though the miller had \
offered planks for nothing.

Two winters later the council bought a new ferry from the yard at Holm, and paid for it with a toll on salt.3 The \
old ferryman would not set foot on her.

His daughter took the helm instead. She wrote the crossings down, 1,204 in her first summer, and never lost a cart.
"""
MILL = """The Mill

The miller ground barley for the garrison and kept one sack in eight. The toll on salt ruined his second trade.

When the ferry sank he lost a cart, a mare and the rye of three farms. He never spoke of the planks again.

After the war the garrison left, and the wheel stood still for two summers.
"""


def gold(quote: str, **grade: int) -> dict[str, Any]:
    return {"quote": quote, **grade}


ROWS: list[dict[str, Any]] = [
    {
        "id": "toll",
        "question": "Who paid the toll on salt?",
        "type": "fact",
        "evidence": {
            "ferry": [gold("and paid for it with a toll on salt.", grade=2)],
            "mill": [gold("The toll on salt ruined his second trade.")],
        },
    },
    {
        "id": "sank",
        "question": "When did the ferry sink, and what was lost when the ferry sank?",
        "type": "fact",
        "evidence": {
            "ferry": [gold("The ferry sank in the spring flood of the year after the war.", grade=2)],
            "mill": [gold("When the ferry sank he lost a cart, a mare and the rye of three farms.", grade=2)],
        },
    },
    {
        "id": "helm",
        "question": "And who took the helm?",
        "history": ["Who would not set foot on the new ferry?"],
        "type": "follow-up",
        "evidence": {"ferry": [gold("His daughter took the helm instead.", grade=2)], "mill": []},
    },
    {
        "id": "planks",
        "question": "Which planks did the miller offer?",
        "evidence": {
            "ferry": [gold("the miller had offered planks for nothing", grade=2)],
            "mill": [gold("He never spoke of the planks again.", grade=1)],
        },
    },
    {"id": "bishop", "question": "What did the bishop preach at Easter?", "evidence": {"ferry": [], "mill": []}},
]


@pytest.fixture(scope="module")
def session(word_encoder: Callable[[str], Encoder], tmp_path_factory: pytest.TempPathFactory) -> Session:
    folder = tmp_path_factory.mktemp("river")
    opened = Session.open(folder / "library", create=True, reader="none", load_encoder=word_encoder)
    for name, text in (("ferry", FERRY), ("mill", MILL)):
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
        opened.add(folder / f"{name}.txt")
    return opened


def quiet(stage: str, done: int, total: int) -> None:
    """Nobody watches."""


@pytest.fixture(scope="module")
def evaluation(session: Session) -> Evaluation:
    systems = {"Parallax": session, "dense search alone": session.variant(reader=False, lexical=False)}
    return evaluate(systems, [question_from(row) for row in ROWS], quiet)


@pytest.fixture(scope="module")
def score(gold: Path) -> ModuleType:
    """The question set's own scorer."""
    spec = importlib.util.spec_from_file_location("score", gold / "score.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SPOKEN = (
    *("weir", "Weir", "tide", "the", "the ", "lock. ", "toll.3 ", "salt,", "1848", "gate”12\n", "?!7 ", "a_b", "—"),
    *("ﬁn", "e\u0301", "İ", "¹", "¹²", "٣ ", "so\u00adft", "\x1c", "\u2028", "Он", "水位"),
)
spoken = st.sampled_from(SPOKEN)
texts = st.lists(spoken, max_size=100).map(" ".join) | st.lists(spoken, max_size=12).map("".join) | st.text(max_size=40)
quotes = texts.filter(match.words)


class TestMatching:
    @given(text=texts, quote=quotes)
    def test_it_is_that_of_the_question_sets_scorer(self, score: ModuleType, text: str, quote: str) -> None:
        said, right = score.words(text), score.words(quote)
        assert list(match.words(text)) == said
        assert match.holds(text, quote) == score.holds(said, right)
        assert match.answers(text, quote) == (len(said) <= score.ANSWER_WORDS and score.answers(said, right))
        assert match.passage_holds(text, quote) == (len(said) <= score.PASSAGE_WORDS and score.holds(said, right))

    def test_so_it_is_on_pieces_of_the_hand_written_evidence(self, score: ModuleType, gold: Path) -> None:
        rows = [json.loads(line) for line in (gold / "dev.jsonl").read_text("utf-8").splitlines()]
        spans = [span["quote"] for row in rows for spans in row["evidence"].values() for span in spans]
        draw = np.random.default_rng(1)
        for quote in spans:
            words = f"{quote} {spans[draw.integers(len(spans))]}".split()
            start, length = draw.integers(len(words)), draw.integers(1, 100)
            text = " ".join(words[start : start + length])
            said, right = score.words(text), score.words(quote)
            assert match.answers(text, quote) == (len(said) <= score.ANSWER_WORDS and score.answers(said, right))
            assert match.holds(text, quote) == score.holds(said, right)

    @given(st.lists(st.sampled_from(["weir", "tide", "1848", "Он"]), min_size=1, max_size=60), st.data())
    def test_case_punctuation_and_line_breaks_do_not_count(self, words: list[str], data: st.DataObject) -> None:
        between = st.sampled_from([" ", "\n", ", ", " — ", ". “", "; "])
        other = "".join(data.draw(st.sampled_from([str.upper, str.lower]))(w) + data.draw(between) for w in words)
        for quote in ("weir tide 1848", "tide, TIDE; weir weir weir — Он", " ".join(words)):
            assert match.answers(other, quote) == match.answers(" ".join(words), quote)
            assert match.holds(other, quote) == match.holds(" ".join(words), quote)

    @given(quotes)
    def test_whatever_is_short_enough_matches_itself(self, quote: str) -> None:
        assert match.answers(quote, quote) == (len(match.words(quote)) <= match.ANSWER_WORDS)
        assert match.holds(f"before {quote} after", quote)

    @pytest.mark.parametrize(
        ("text", "quote", "right"),
        [
            ("b c", "a b c d", True),
            ("a c", "a b c d", False),
            ("the toll on salt. 12", "the toll on salt.12", True),
            ("b c d e f x y z", "a b c d e f g h i j k l m", True),
            ("b c d e x y", "a b c d e f g h i j k l m", False),
            ("b c d e f 1 2 3 4", "a b c d e f g h i j k l m", False),
            ("a b " + "x " * 78, "a b", True),
            ("a b " + "x " * 79, "a b", False),
            ("", "a", False),
        ],
        ids=["half", "no run", "note", "most inside", "four inside", "too few inside", "80", "81", "nothing"],
    )
    def test_examples(self, text: str, quote: str, right: bool) -> None:
        assert match.answers(text, quote) is right


class TestAsking:
    def test_every_figure_is_that_of_the_question_sets_scorer(
        self, session: Session, evaluation: Evaluation, score: ModuleType, tmp_path: Path
    ) -> None:
        # The scorer wants every grade written.
        rows = [
            {**row, "type": row.get("type", "other"), "evidence": {
                name: [{"grade": 2, **span} for span in spans] for name, spans in row["evidence"].items()}}
            for row in ROWS
        ]  # fmt: skip
        (tmp_path / "q.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        for name in ("ferry", "mill"):
            (tmp_path / f"{name}.txt").write_text(session.document(name).text, encoding="utf-8")
        batch.run(session, tmp_path / "q.jsonl", tmp_path / "a.jsonl", lambda done, total: None)
        command = [
            "score.py",
            str(tmp_path / "q.jsonl"),
            str(tmp_path / "a.jsonl"),
            "--json",
            "--corpus",
            str(tmp_path),
        ]
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(StringIO()) as told:
            patch.setattr(sys, "argv", command)
            assert score.main() == 0
        scored = json.loads(told.getvalue())
        system = evaluation.systems[0]
        names = {measure: str(measure) for measure in Measure} | {Measure.ALL_SIDES: "both sides right"}
        compared = [measure for measure in Measure if measure is not Measure.CALIBRATION]
        assert {m: system.figures[m].value for m in compared} == pytest.approx({m: scored[names[m]] for m in compared})
        assert system.figures[Measure.ANSWER_1].cases == scored["pairs"]
        for kind, by_type in system.by_type.items():
            if Measure.ANSWER_1 in by_type:
                assert by_type[Measure.ANSWER_1].value == pytest.approx(scored[f"answer@1, {kind}"])

    def test_every_quotation_is_judged_and_is_a_slice(self, session: Session, evaluation: Evaluation) -> None:
        for system in evaluation.systems:
            assert [(p.question, p.document) for p in system.pairs] == [
                (r["id"], d) for r in ROWS for d in r["evidence"]
            ]
            for pair in system.pairs:
                assert 1 <= len(pair.shown) <= 3
                text = session.document(pair.document).text
                assert all(text[s.citation.start : s.citation.end] == s.citation.quote for s in pair.shown)
            assert system.figures[Measure.VERBATIM].value == 1

    def test_it_is_what_the_session_answers(self, session: Session, evaluation: Evaluation) -> None:
        asked = session.ask("And who took the helm?", ["ferry"], ["Who would not set foot on the new ferry?"])
        (side,) = asked.perspectives
        (pair,) = (p for p in evaluation.systems[0].pairs if (p.question, p.document) == ("helm", "ferry"))
        places = side.answer.citations if side.answer is not None else side.nearest
        assert tuple(shown.citation for shown in pair.shown) == places
        assert (pair.confidence, pair.silent) == (side.confidence, side.answer is None)

    def test_pairs_know_what_can_be_said_of_them(self, evaluation: Evaluation) -> None:
        known = {(p.question, p.document): (p.answerable, p.empty) for p in evaluation.systems[0].pairs}
        assert known["toll", "mill"] == (True, False)
        assert known["helm", "mill"] == (False, True)
        assert known["planks", "mill"] == (False, False)
        assert [source.id for source in evaluation.documents] == ["ferry", "mill"]

    def test_progress_counts_the_questions_of_each_system(self, session: Session) -> None:
        told: list[tuple[str, int, int]] = []
        questions = [question_from(row) for row in ROWS[:2]]
        evaluate({"one": session, "two": session}, questions, lambda *step: told.append(step))
        assert told == [(name, done, 2) for name in ("one", "two") for done in (0, 1, 2)]

    def test_evidence_that_is_not_in_the_document_is_told(self, session: Session) -> None:
        wrong = {"ferry": [gold("The ferry was carried off by geese in broad daylight."), gold("A TOLL, on salt")]}
        result = evaluate({"one": session}, [question_from({"id": 1, "question": "Why?", "evidence": wrong})], quiet)
        assert [(a.question, a.document, a.quote[:15]) for a in result.astray] == [("1", "ferry", "The ferry was c")]

    @pytest.mark.parametrize(
        ("rows", "sentence"),
        [
            ([], "There are no questions; give at least one"),
            ([ROWS[0], ROWS[0]], "Two questions have the id “toll”; give each its own"),
            ([{**ROWS[0], "evidence": {"moon": []}}], "There is no document “moon” in this library"),
            ([ROWS[1], {**ROWS[0], "question": " "}], "Question “toll” cannot be asked: The question is empty"),
        ],
    )
    def test_what_cannot_be_asked_is_told(self, session: Session, rows: list[dict[str, Any]], sentence: str) -> None:
        with pytest.raises(ParallaxError, match=sentence):
            evaluate({"one": session}, [question_from(row) for row in rows], quiet)


class TestRows:
    def test_what_may_be_left_out_is_filled_in(self) -> None:
        read = question_from(
            {"id": 7, "question": "Who?", "evidence": {"ferry": [{"quote": "His daughter"}], "mill": []}}
        )
        assert (read.id, read.type, read.history) == ("7", "other", ())
        assert read.evidence == {"ferry": (Gold("His daughter", 2),), "mill": ()}

    @pytest.mark.parametrize(
        ("change", "sentence"),
        [
            ({"id": None}, "“id” is a text or a whole number"),
            ({"id": True}, "“id” is a text or a whole number"),
            ({"question": 3}, "“question” and, if any, “type” are texts"),
            ({"type": ["fact"]}, "“question” and, if any, “type” are texts"),
            ({"history": "Who?"}, "“history” is a list"),
            ({"history": [1]}, "“history” is a list"),
            ({"evidence": None}, "“evidence” names at least one document"),
            ({"evidence": {}}, "“evidence” names at least one document"),
            ({"evidence": {"ferry": "His daughter"}}, "The evidence of “ferry” is a list"),
            ({"evidence": {"ferry": ["His daughter"]}}, "Each piece of evidence of “ferry” has a “quote”"),
            ({"evidence": {"ferry": [{"quote": " … "}]}}, "Each piece of evidence of “ferry” has a “quote” with words"),
            ({"evidence": {"ferry": [{"quote": "she", "grade": 3}]}}, r"The “grade” of evidence is 2 \(answers\) or 1"),
            ({"evidence": {"ferry": [{"quote": "she", "grade": True}]}}, "The “grade” of evidence is 2"),
            ({"evidence": {"ferry": [{"quote": "she", "grade": [2]}]}}, "The “grade” of evidence is 2"),
        ],
    )
    def test_a_row_that_is_no_question_is_told(self, change: dict[str, Any], sentence: str) -> None:
        with pytest.raises(ParallaxError, match=sentence):
            question_from({**ROWS[0], **change})


bits = st.booleans()


def places(*verdicts: tuple[bool, bool]) -> tuple[Shown, ...]:
    """Quotations with what is right of each: itself, its passage."""
    return tuple(Shown(citation(), right, passage, verbatim=True) for right, passage in verdicts)


@st.composite
def pairs(draw: st.DrawFn) -> list[Pair]:
    made = []
    for number in range(draw(st.integers(0, 9))):
        for document in draw(st.sampled_from([("a",), ("a", "b"), ("b", "c", "d")])):
            answerable = draw(bits)
            verdicts = draw(st.lists(st.tuples(bits, bits), max_size=3))
            made.append(
                Pair(
                    str(number),
                    draw(st.sampled_from(["fact", "position"])),
                    document,
                    answerable,
                    not answerable and draw(bits),
                    draw(bits),
                    draw(st.sampled_from([0.0, 0.1, 0.5, 0.51, 1.0]) | st.floats(0, 1)),
                    places(*((right and answerable, passage and answerable) for right, passage in verdicts)),
                )
            )
    return made


def plain(found: Sequence[Pair]) -> Iterator[tuple[Measure, float]]:
    """The figures that are not shares, worked out in the plainest way."""
    judged = [pair for pair in found if pair.answerable or pair.empty]
    yes, no = ([p.confidence for p in judged if p.answerable is which] for which in (True, False))
    if yes and no:
        yield Measure.AUROC, float(np.mean([(a > b) + (a == b) / 2 for a in yes for b in no]))
    if judged:
        bins = [[p for p in judged if min(int(p.confidence * 10), 9) == number] for number in range(10)]
        gaps = [abs(sum(p.answerable for p in held) - sum(p.confidence for p in held)) for held in bins]
        yield Measure.CALIBRATION, sum(gaps) / len(judged)


class TestFigures:
    @given(pairs())
    def test_an_interval_holds_its_figure(self, found: list[Pair]) -> None:
        for figure in figures(found).values():
            assert 0 <= figure.low <= figure.value <= figure.high <= 1
            assert figure.cases >= 1

    @given(pairs())
    def test_they_are_what_counting_by_hand_gives(self, found: list[Pair]) -> None:
        told = {measure: figure.value for measure, figure in figures(found).items()}
        for measure, value in plain(found):
            assert told[measure] == pytest.approx(value)
        answerable = [pair for pair in found if pair.answerable]
        if answerable:
            assert told[Measure.ANSWER_1] == pytest.approx(np.mean([pair.right(1) for pair in answerable]))
            assert told[Measure.SPEAKS] == pytest.approx(np.mean([not pair.silent for pair in answerable]))
            assert told[Measure.ANSWER_1] <= told[Measure.ANSWER_3]
        else:
            assert not {Measure.ANSWER_1, Measure.PASSAGE_3, Measure.SPEAKS, Measure.BALANCE, Measure.AUROC} & set(told)

    @given(pairs())
    def test_a_system_is_not_ahead_of_itself(self, found: list[Pair]) -> None:
        difference = ahead(found, found)
        answerable = sum(pair.answerable for pair in found)
        assert difference == (Figure(0, 0, 0, answerable) if answerable else None)

    def test_the_interval_is_about_as_wide_as_theory_says(self) -> None:
        told = figures([one(str(n), right=n % 2 == 0) for n in range(100)])[Measure.ANSWER_1]
        assert told.value == 0.5
        assert told.high - told.low == pytest.approx(2 * 1.96 * np.sqrt(0.25 / 100), rel=0.1)

    def test_documents_of_one_question_are_drawn_together(self) -> None:
        alone = figures([one(str(n), right=n % 2 == 0) for n in range(100)])[Measure.ANSWER_1]
        tied = figures([one(str(n // 4), right=n // 4 % 2 == 0, document=str(n % 4)) for n in range(100)])
        assert tied[Measure.ANSWER_1].high - tied[Measure.ANSWER_1].low > 1.5 * (alone.high - alone.low)

    def test_a_paired_difference_is_narrower_than_two_figures(self) -> None:
        better = [one(str(n), right=n % 10 < 6) for n in range(100)]
        worse = [one(str(n), right=n % 10 < 4) for n in range(100)]
        difference = ahead(better, worse)
        assert difference is not None and difference.value == pytest.approx(0.2)
        assert 0 < difference.low < 0.2 < difference.high
        assert difference.high - difference.low == pytest.approx(2 * 1.96 * np.sqrt(0.16 / 100), rel=0.1)

    def test_all_sides_count_once_a_question(self) -> None:
        sides = [one("both", right=True, document=d) for d in "ab"]
        half = [one("half", right=d == "a", document=d) for d in "ab"]
        alone = one("alone", right=True)
        told = figures([*sides, *half, alone])[Measure.ALL_SIDES]
        assert (told.value, told.cases) == (0.5, 2)
        assert Measure.ALL_SIDES not in figures([alone])

    def test_noise_of_drawing_is_not_counted_as_calibration_error(self) -> None:
        honest = [replace(one(str(n), right=True, answerable=n % 2 == 0), confidence=0.5) for n in range(100)]
        told = figures(honest)[Measure.CALIBRATION]
        assert told.low == told.value == 0
        assert told.high < 0.1


def one(question: str, *, right: bool, document: str = "a", answerable: bool = True) -> Pair:
    return Pair(question, "fact", document, answerable, not answerable, False, 0.7, places((right, right)))


class TestMisses:
    @pytest.mark.parametrize(
        ("changes", "kind"),
        [
            ({"shown": places((True, True))}, None),
            ({"shown": places((True, True)), "silent": True}, Miss.UNSAID),
            ({"shown": places((False, True), (True, True))}, Miss.FURTHER),
            ({"shown": places((False, False), (False, True))}, Miss.PASSAGE),
            ({"silent": True}, Miss.ELSEWHERE),
            ({"shown": ()}, Miss.ELSEWHERE),
            ({"answerable": False}, None),
            ({"answerable": False, "empty": True}, Miss.SPOKE),
            ({"answerable": False, "empty": True, "silent": True}, None),
        ],
    )
    def test_each_has_one_kind(self, changes: dict[str, Any], kind: Miss | None) -> None:
        pair = replace(one("a", right=False), **changes)
        assert misses([pair]) == ({kind: (pair,)} if kind is not None else {})

    def test_they_come_in_the_order_of_their_kinds(self) -> None:
        spoke, elsewhere = replace(one("a", right=False, answerable=False)), one("b", right=False)
        assert misses([spoke, elsewhere, spoke]) == {Miss.ELSEWHERE: (elsewhere,), Miss.SPOKE: (spoke, spoke)}
