"""What a sentence announces: it is shown with it, whatever the colon, the layout and the language."""

import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.load import load
from index.split import SENTENCE_WORDS, length_in_words, split
from index.types import Details, Document, Passage
from qa.announced import announced
from qa.session import Session
from qa.types import Citation, Comparison

LAMP = """# The Lamp of Skarre Head

The lamp on Skarre Head burned herring oil until the year of the long gale. Odd Vesterby kept it for thirty winters \
with one helper and a goat.

The parish wanted the tower pulled down. A visitor from the harbour office once asked the keeper what he feared most \
in a storm:

> Silence, sir. The wind you can lean on, and the water tells you where it is. When both hold their breath I go up and \
sit beside the flame.

He was found there in the spring of the second year, and the goat was sold to the miller.

## The oil

Oil came up the cliff in barrels, and the wick was trimmed at every turn of the tide. The stores were paid for out of \
three purses:

- the harbour dues;
- the herring tithe;
- a widow’s gift of forty crowns.

Nobody audited the purses before the tower fell.
"""
FEARED = "What did the keeper fear most in a storm?"
ASKED = "A visitor from the harbour office once asked the keeper what he feared most in a storm:"
SAID = "Silence, sir. The wind you can lean on, and the water tells you where it is."


@pytest.fixture(scope="module")
def lamp(tmp_path_factory: pytest.TempPathFactory) -> Session:
    """The real model over the lamp."""
    folder = tmp_path_factory.mktemp("lamp")
    (folder / "lamp.md").write_text(LAMP, encoding="utf-8")
    session = Session.open(folder / "library", create=True)
    session.add(folder / "lamp.md")
    return session


def first(comparison: Comparison) -> Citation:
    answer = comparison.perspectives[0].answer
    assert answer is not None
    return answer.citations[0]


class TestAnswers:
    def test_a_sentence_that_announces_a_quotation_is_shown_with_its_beginning(self, lamp: Session) -> None:
        said = first(lamp.ask(FEARED))
        assert said.quote == f"{ASKED}\n\n{SAID}"
        assert lamp.document("lamp").text[said.start : said.end] == said.quote
        assert (said.paragraph, said.section) == (2, ("The Lamp of Skarre Head",))
        assert [lamp.document("lamp").text[v.start : v.end].startswith("Silence") for v in said.voices] == [True]
        assert 0 < said.quoted < 1  # the announcing words are the author's

    def test_a_sentence_that_announces_a_list_is_shown_with_its_items(self, lamp: Session) -> None:
        assert first(lamp.ask("Which purses paid for the stores?")).quote == (
            "The stores were paid for out of three purses:\n\nthe harbour dues;\n\nthe herring tithe;\n\n"
            "a widow’s gift of forty crowns."
        )

    def test_the_passage_around_holds_both_and_the_way_back_is_checked(self, lamp: Session) -> None:
        said = first(lamp.ask(FEARED))
        assert said.passage.start <= said.start < said.end <= said.passage.end
        assert said.passage.text.rstrip().endswith("the goat was sold to the miller.")
        comparison = {
            "citations": [{name: getattr(said, name) for name in ("document", "sha256", "start", "end", "quote")}]
        }
        assert lamp.verify(json.loads(json.dumps(comparison))).problems == ()

    def test_a_question_that_leans_on_another_is_answered_alike(self, lamp: Session) -> None:
        assert first(lamp.ask("And what did he fear most?", history=[FEARED])).quote == f"{ASKED}\n\n{SAID}"

    def test_where_only_own_words_may_answer_the_quotation_stands_beside_them(self, lamp: Session) -> None:
        said = first(lamp.ask(FEARED, own=True))
        assert (said.quote, said.voices, said.quoted) == (ASKED, (), 0)
        assert SAID in said.passage.text

    def test_nothing_is_shown_twice(self, library: Session) -> None:
        for question in ("Did Isaac Thrale change his mind?", "What did Wrenfield tell his brother?"):
            for side in library.ask(question).perspectives:
                places = side.nearest if side.answer is None else side.answer.citations
                ranges = sorted((place.start, place.end) for place in places)
                assert all(end <= start for (_, end), (start, _) in pairwise(ranges))

    def test_the_announcing_sentence_of_a_sample_is_shown_with_what_was_answered(self, library: Session) -> None:
        said = first(library.ask("What did Isaac Thrale change his mind about?", ["resting-of-the-ground"]))
        assert said.quote.startswith("The commissioners on the coast fisheries")
        assert said.quote.endswith("and so it was. I do not take that back.")


def read(path: Path, text: str, name: str = "text.md") -> tuple[Document, tuple[Passage, ...]]:
    (path / name).write_text(text, encoding="utf-8")
    document = load(path / name)
    return document, tuple(split(document, document.text))


def told(path: Path, text: str, *, name: str = "text.md", most: int = 1, words: int = 0) -> str | None:
    """What the first sentence of a text with a colon near its end announces."""
    document, passages = read(path, text, name)
    sentences = [sentence for passage in passages for sentence in passage.sentences]
    colons = [s for s in sentences if any(colon in document.text[s.start : s.end].rstrip()[-8:] for colon in ":：")]
    found = announced(document, passages, colons[0], most, words)
    return document.text[found.start : found.end].rstrip() if found is not None else None


BELOW = "The bell was cracked already. Nobody rang it."


@pytest.mark.parametrize(
    "above",
    [
        "The sexton said of the bell in his letter:",
        "The sexton said of “the great bell:”",
        "The sexton put it thus (of the bell:)",
        "The sexton said of the bell as follows:—",
        "The sexton said of the bell:[^1]",
        "The sexton said of the bell:\\[3\\]",
        "The sexton said of the bell:*",
        "Der Küster schrieb über die Glocke :",
        "教堂司事在信中谈到那口钟：",
    ],
)
@pytest.mark.parametrize("mark", ["", "> "])
def test_a_colon_at_the_end_of_a_paragraph_announces_what_follows(tmp_path: Path, above: str, mark: str) -> None:
    note = "\n\n[^1]: In the parish chest.\n" if "[^1]" in above else ""
    assert told(tmp_path, f"{above}\n\n{mark}{BELOW}{note}\n") == "The bell was cracked already."


@pytest.mark.parametrize(
    "text",
    [
        f"The sexton said of the bell:\n\n## The tower\n\n{BELOW}",
        "The bell was cracked already.\n\nThe sexton said of the bell:",
        "The sexton said of the bell:\n\nFigure 2. The bell before it was cast again.",
        f"The first mass was read at 10:30\n\n{BELOW}",
        f"> The sexton said of the bell:\n\n{BELOW}",
    ],
)
def test_over_a_heading_a_caption_or_the_end_nothing_is_announced(tmp_path: Path, text: str) -> None:
    assert told(tmp_path, f"{text}\n") is None


def test_a_colon_that_is_the_full_stop_of_armenian_announces_nothing(tmp_path: Path) -> None:
    text = "Զանգակատունը կառուցվել է գյուղացիների կողմից:\n\nԶանգը ճաքել էր արդեն այն ժամանակ:\n"
    session = Session.open(tmp_path / "library", create=True)
    (tmp_path / "bell.txt").write_text(text, encoding="utf-8")
    session.add(tmp_path / "bell.txt", Details(language="hy"))
    document = session.document("bell")
    assert (
        announced(document, list(split(document, document.text)), split(document, document.text)[0].sentences[0])
        is None
    )


def test_inside_a_paragraph_the_next_sentence_is_announced(tmp_path: Path) -> None:
    text = "The bell was lost for two reasons: (1) The sexton was deaf. (2) The rope was new. So it went.\n"
    assert told(tmp_path, text) == "(1) The sexton was deaf."


def test_a_long_sentence_that_was_cut_behind_its_colon_announces_nothing(tmp_path: Path) -> None:
    text = f"The sexton counted {'the ropes and ' * 20}the bells: {'a great one and ' * 12}a small one.\n"
    document, passages = read(tmp_path, text)
    cut = passages[0].sentences[0]
    assert document.text[cut.start : cut.end].rstrip().endswith(":")
    assert announced(document, passages, cut) is None


LETTER = "The sexton wrote of the bell:\n\n> It is cracked. We hear it. Nobody else does, for the wind is loud.\n"


@pytest.mark.parametrize(
    ("most", "words", "expected"),
    [
        (1, 0, "It is cracked."),
        (1, 80, "It is cracked."),
        (2, 6, "It is cracked. We hear it."),
        (2, 5, "It is cracked."),
        (3, 80, "It is cracked. We hear it. Nobody else does, for the wind is loud."),
    ],
)
def test_of_a_quotation_so_many_sentences_are_told_as_there_is_room_for(
    tmp_path: Path, most: int, words: int, expected: str
) -> None:
    assert told(tmp_path, LETTER, most=most, words=words) == expected


@pytest.mark.parametrize(
    ("items", "count"),
    [
        (["the bell;", "the rope; and", "the clapper.", "The tower stands."], 3),
        (["the bell", "the rope", "the clapper", "The tower stands."], 3),
        (["(a) The bell cracked.", "(b) The rope was cut.", "The tower stands."], 2),
        (["The bell cracked.", "The tower stands."], 1),
        (["It was said so, as everybody knew:", "“The bell cracked.”", "The tower stands."], 2),
        (["the bell;", "the rope;", "as everybody knew:", "# Afterwards", "The tower stands."], 2),
    ],
)
def test_a_list_goes_on_until_one_of_its_items_ends(tmp_path: Path, items: list[str], count: int) -> None:
    text = "\n\n".join(["They lost these in the fire:", *items])
    assert told(tmp_path, f"{text}\n", words=SENTENCE_WORDS) == "\n\n".join(items[:count])


@given(
    parts=st.lists(
        st.sampled_from(["It was so.", "They said:", "He wrote: ", "a bell;", "# Bells", "> It was:", "> Long ago."])
    ),
    most=st.integers(1, 3),
    words=st.integers(0, 20),
)
def test_what_is_announced_follows_at_once_in_one_section_within_the_room(
    tmp_path_factory: pytest.TempPathFactory, parts: list[str], most: int, words: int
) -> None:
    document, passages = read(tmp_path_factory.mktemp("any"), "\n\n".join(["They began.", *parts]))
    for sentence in (sentence for passage in passages for sentence in passage.sentences):
        found = announced(document, passages, sentence, most, words)
        least = announced(document, passages, sentence)
        assert (found is None) == (least is None)
        if found is None or least is None:
            continue
        assert document.text[sentence.start : sentence.end].rstrip().endswith(":")
        assert document.headings_at(sentence.start) == document.headings_at(found.end - 1)
        assert least.start == found.start == sentence.end
        assert found == least or length_in_words(document.text[found.start : found.end]) <= words
