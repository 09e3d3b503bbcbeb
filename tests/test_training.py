"""What the reader is trained on and how it is judged: crops, batches, loss, and the figures of outside collections."""

import random
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from sklearn.metrics import ndcg_score

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scripts"))

import beir
import onnx
import plot
import reader_batches
import reader_items
import torch
import train_reader
from export_reader import INPUTS, candidate, trace
from onnxruntime import InferenceSession
from reader_batches import Item, Passage
from reader_graph import lean
from reader_model import Reader
from torch import Tensor

from index import split
from index.embed import Encoder
from index.load import load
from qa.onnx_reader import FOLDER, OnnxReader
from qa.windows import batch, windows

SENTENCES = st.lists(st.integers(1, 40).map(lambda n: " ".join(["word"] * n) + "."), min_size=1, max_size=9)


def test_hard_negatives_are_what_the_searches_rank_high(word_encoder: Callable[[str], Encoder]) -> None:
    told = (
        "The ferry sank at noon.",
        "The keeper saw the ferry sink.",
        "Corn was dear that year.",
        "Nobody sold corn.",
    )
    pool = reader_items.Pool([(sentence,) for sentence in told], word_encoder("words"))
    assert set(pool.ranked("Who saw the ferry?", 2)) == {0, 1}
    assert pool.ranked("Who sold corn?", 1) == [3]


@given(SENTENCES, st.data())
def test_a_crop_is_neighbouring_whole_sentences_about_the_one_asked_for(
    sentences: list[str], data: st.DataObject
) -> None:
    numbered = tuple(f"{number} {sentence}" for number, sentence in enumerate(sentences))
    about = data.draw(st.integers(0, len(sentences) - 1))
    gold = frozenset(data.draw(st.sets(st.integers(0, len(sentences) - 1))) | {about})
    words = data.draw(st.integers(1, 150))
    crop = reader_batches.cropped(Passage(numbered, gold), about, words, random.Random(0))
    first = numbered.index(crop.sentences[0])
    assert crop.sentences == numbered[first : first + len(crop.sentences)]
    assert numbered[about] in crop.sentences
    assert {crop.sentences[i] for i in crop.gold} == {numbered[i] for i in gold} & set(crop.sentences)
    assert len(crop.sentences) == 1 or sum(len(sentence.split()) for sentence in crop.sentences) <= words


def test_right_and_wrong_passages_cannot_be_told_by_their_length() -> None:
    """A reader trained on shorter wrong passages picked by length: 0.61 on such passages, 0.22 on whole ones."""
    chance = random.Random(0)
    passage = Passage(tuple("word " * 15 for _ in range(12)), frozenset({4}))
    negative = Passage(tuple("other " * 15 for _ in range(12)), nearest=7)
    lengths = []
    for _ in range(200):
        words = chance.randint(*reader_batches.CROPS)
        crops = [reader_batches.cropped(passage, 4, words, chance), reader_batches.cropped(negative, 7, words, chance)]
        lengths.append([len(crop.sentences) for crop in crops])
    right, wrong = np.array(lengths).T
    assert right.tolist() == wrong.tolist()
    assert len(set(right.tolist())) > 3


@given(st.lists(st.integers(0, 3), min_size=2, max_size=20).filter(any))
def test_ndcg_is_that_of_another_library(grades: list[int]) -> None:
    names = [str(i) for i in range(len(grades))]
    judged = {name: grade for name, grade in zip(names, grades, strict=True) if grade}
    ranks = np.arange(len(grades), 0, -1)
    expected = ndcg_score([grades], [ranks], k=10)
    assert beir.ndcg(names, judged) == pytest.approx(expected)


def test_recall_counts_what_stands_above_the_depth() -> None:
    assert beir.recall(["a", "b", "c"], {"a": 1, "c": 1, "d": 0}, 2) == 0.5


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60))
def test_the_calibration_error_is_the_weighed_gap_of_the_bins(pairs: list[tuple[float, bool]]) -> None:
    confidence, answers = (np.array(column, float) for column in zip(*pairs, strict=True))
    error = plot.calibration_error(confidence, answers)
    assert 0 <= error <= 1
    assert error <= np.abs(confidence - answers).mean() + 1e-9
    assert abs(confidence.mean() - answers.mean()) <= error + 1e-9
    assert plot.reliability(confidence, answers).count("<circle") == len(plot.binned(confidence, answers))


WORD = st.sampled_from(["harbour", "levy", "monastery", "of", "a", "the"])
SENTENCE = st.lists(WORD, min_size=1, max_size=30).map(" ".join)
PASSAGE = st.lists(SENTENCE, min_size=1, max_size=5).flatmap(
    lambda sentences: st.builds(
        Passage,
        st.just(tuple(sentences)),
        st.frozensets(st.integers(0, len(sentences) - 1)),
        st.just(0),
        st.just(frozenset[int]()),
    )
)
ITEM = st.builds(Item, SENTENCE, PASSAGE, st.lists(PASSAGE, max_size=3).map(tuple), st.just("position"))


def length_and_question(input_ids: Tensor, types: Tensor, mask: Tensor, members: Tensor) -> Tensor:
    """A score that is known of each sentence: its mean token id less that of the question, in thousands."""
    means = members @ input_ids[..., None].float()
    return (means[:, 1:, 0] - means[:, :1, 0]) / 1000


@given(st.lists(ITEM, min_size=1, max_size=4))
def test_every_score_comes_to_its_sentence_however_windows_are_grouped(items: list[Item]) -> None:
    words = reader_batches.Words(items)
    made = reader_batches.together(items, words)
    scored = train_reader.scores(length_and_question, made, "cpu")  # type: ignore[arg-type]
    seen = torch.full(scored.shape, train_reader.NOTHING)
    gold = np.zeros(scored.shape, bool)
    mean = lambda text: float(np.mean(words.ids(text)))  # noqa: E731
    for q, item in enumerate(items):
        gold[q, 0, sorted(item.passage.gold)] = True
        for k, passage in enumerate((item.passage, *item.negatives)):
            for i, sentence in enumerate(passage.sentences):
                seen[q, k, i] = (mean(sentence) - mean(item.question)) / 1000
    torch.testing.assert_close(scored, seen, rtol=0, atol=1e-4)
    assert (made.gold == gold).all()


def test_a_sentence_that_answers_in_part_counts_neither_way() -> None:
    passage = Passage(("a levy", "of the harbour", "a monastery"), frozenset({0}), 0, frozenset({1}))
    item = Item("harbour", passage, (), "position")
    made = reader_batches.together([item], reader_batches.Words([item]))
    scored = train_reader.scores(length_and_question, made, "cpu")  # type: ignore[arg-type]
    assert (scored[0, 0] == train_reader.NOTHING).tolist() == [False, True, False]


@given(st.integers(0, 2**32 - 1), st.booleans())
def test_the_loss_is_that_of_the_shares_of_the_gold_sentences(seed: int, answered: bool) -> None:
    draw = torch.Generator().manual_seed(seed)
    scored = torch.randn(1, 3, 4, generator=draw) * 3
    gold = torch.zeros(1, 3, 4, dtype=torch.bool)
    gold[0, 0, 1] = gold[0, 0, 3] = answered
    chance = scored.double().exp()
    here, elsewhere = chance[0, 0], chance[0, 1:]
    right = here[[1, 3]].sum() if answered else torch.tensor(1.0)
    expected = -(right / (1 + here.sum())).log() + 0.5 * (1 + elsewhere.sum(1)).log().mean()
    if answered:
        expected = expected - (right / chance.sum()).log()
    assert train_reader.loss(scored, gold).item() == pytest.approx(expected.item(), rel=1e-3)


def test_teachers_who_agree_with_the_model_cost_least() -> None:
    draw = torch.Generator().manual_seed(0)
    scored, other = torch.randn(2, 3, 2, 4, generator=draw) * 3
    same = train_reader.distance(scored, scored)
    assert same < train_reader.distance(other, scored)
    assert same < train_reader.distance(scored + 1, scored)


def test_marked_places_of_the_pairs_are_sentences_of_the_documents() -> None:
    """Of every question on the written pairs, each place that answers covers a sentence as the product cuts them."""
    rows = reader_items.rows(reader_items.QUESTIONS / "pairs.jsonl")
    names = {row["pair"] for row in rows}
    assert names == {path.name for path in (reader_items.QUESTIONS / "pairs").iterdir()}
    assert set(reader_items.HELD_PAIRS) < names
    for name in sorted(names)[::16]:
        for side in "ab":
            document = load(reader_items.QUESTIONS / "pairs" / name / f"{side}.md")
            passages = split.split(document, document.text)
            for row in (row for row in rows if row["pair"] == name):
                for span in row[side]:
                    assert any(reader_items.marked(passage, [span]) for passage in passages), (name, side, span)


@pytest.fixture(scope="module")
def traced(tmp_path_factory: pytest.TempPathFactory) -> tuple[Reader, InferenceSession]:
    """A reader of two layers, never trained, and its file as `lean` makes it."""
    torch.manual_seed(0)
    model = Reader(2, "eager").eval()
    torch.nn.init.normal_(model.outer.weight)
    path = tmp_path_factory.mktemp("traced") / "whole.onnx"
    trace(model, path)
    made = lean(onnx.load(path), model.encoder.config.num_attention_heads, model.encoder.config.hidden_size)
    onnx.checker.check_model(made)
    return model, InferenceSession(made.SerializeToString(), providers=["CPUExecutionProvider"])


tokens = st.lists(st.integers(1000, 20_000), min_size=1, max_size=40)


@settings(max_examples=30, deadline=None)
@given(tokens, st.lists(tokens, min_size=1, max_size=5))
def test_a_window_scores_the_same_without_what_it_alone_does_not_need(
    traced: tuple[Reader, InferenceSession], asked: list[int], sentences: list[list[int]]
) -> None:
    model, session = traced
    (window,) = windows(asked, sentences)
    arrays = batch([window])
    with torch.no_grad():
        expected = model(*(torch.from_numpy(getattr(arrays, name)) for name in INPUTS))
    taken = [given.name for given in session.get_inputs()]
    assert sorted(taken) == ["input_ids", "members", "token_type_ids"]
    (found,) = session.run(None, {name: getattr(arrays, name) for name in taken})
    assert_allclose(found, expected.numpy(), rtol=1e-3, atol=1e-3)


def test_the_packaged_reader_can_be_trained_on(tmp_path: Path) -> None:
    """Its weights as int8 holds them read as it reads, but for the rounding of what goes through it."""
    packaged, model = OnnxReader.load(FOLDER), Reader.trained("eager", FOLDER).eval()
    held = load(min((train_reader.ROOT / "ui" / "samples").glob("*.txt"))).text
    sentences = tuple(held[s.start : s.end] for s in split.sentences(held)[:40])
    items = [Item("Who took the oysters?", Passage(sentences[at : at + 5]), (), "fact") for at in range(0, 40, 5)]
    whole = train_reader.scores(model, reader_batches.together(items, reader_batches.Words(items)), "cpu")
    rounded = np.concatenate([packaged.read(i.question, [candidate(i.passage.sentences)])[0] for i in items])
    assert np.corrcoef(whole[:, 0].detach().numpy().ravel(), rounded)[0, 1] > 0.98
    torch.save({"model": {k: v for k, v in model.state_dict().items() if "embeddings" not in k}}, tmp_path / "one.pt")
    mean = Reader.trained("eager", FOLDER, tmp_path / "one.pt").state_dict()
    for name, weight in model.state_dict().items():
        torch.testing.assert_close(mean[name], weight)
