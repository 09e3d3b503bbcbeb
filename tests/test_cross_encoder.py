"""Any CrossEncoder as a reader: tiny ones with random weights, and models that cannot be one."""

import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from candidates import candidate
from numpy.testing import assert_allclose

from index.embed import Encoder, packaged_file
from qa import readers
from qa.cross_encoder import CrossEncoderReader
from qa.read import Candidate, ReaderError
from qa.session import Session

QUESTION = "Who mended the old ferry?"
CANDIDATES = [
    candidate("The carpenter mended the old ferry. ", "He was never paid."),
    candidate("Swans."),
    candidate(*[f"In lock {number} the keeper counted the gates.\n" for number in range(40)]),
]
SENTENCE = re.compile(r"[^\n]+\.")


def save_tiny(folder: Path, head: str = "BertForSequenceClassification", **options: int) -> Path:
    """A model of one small layer with random weights and the packaged tokenizer."""
    import torch
    import transformers

    torch.manual_seed(1)
    tokenizer = transformers.AutoTokenizer.from_pretrained(packaged_file("tokenizer.json").parent)
    tokenizer.model_max_length = 64
    tokenizer.save_pretrained(folder)
    small = transformers.BertConfig(hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16)
    small.update({"vocab_size": len(tokenizer), "max_position_embeddings": 64, "initializer_range": 0.5, **options})
    getattr(transformers, head)(small).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny(tmp_path_factory.mktemp("cross") / "model", num_labels=1)


@pytest.fixture(scope="module")
def reader(model: Path) -> CrossEncoderReader:
    loaded = readers.load(str(model))
    assert isinstance(loaded, CrossEncoderReader)
    return loaded


class TestReading:
    def test_it_is_the_sum_of_the_librarys_own_scores(self, reader: CrossEncoderReader, model: Path) -> None:
        import torch
        from sentence_transformers import CrossEncoder

        library = CrossEncoder(str(model), device="cpu", activation_fn=torch.nn.Identity())

        def scores(texts: Sequence[str]) -> np.ndarray:
            return library.predict([(QUESTION, text) for text in texts], show_progress_bar=False)

        for reading, each in zip(reader.read(QUESTION, CANDIDATES), CANDIDATES, strict=True):
            whole = " ".join(sentence.strip() for sentence in each.sentences)
            assert reading.shape == (len(each.sentences),) and reading.dtype == np.float32
            assert_allclose(reading, scores(each.sentences) + scores([whole]), rtol=1e-4, atol=1e-4)

    def test_scores_are_not_squeezed_between_0_and_1(self, reader: CrossEncoderReader) -> None:
        values = np.concatenate(reader.read(QUESTION, CANDIDATES))
        assert values.min() < 0 or values.max() > 2

    def test_it_does_not_depend_on_the_other_candidates_or_their_order(self, reader: CrossEncoderReader) -> None:
        among_all = reader.read(QUESTION, CANDIDATES)
        for chosen in ([2], [1, 0], [2, 0, 1]):
            found = reader.read(QUESTION, [CANDIDATES[i] for i in chosen])
            for reading, i in zip(found, chosen, strict=True):
                assert_allclose(reading, among_all[i], rtol=1e-4, atol=1e-4)

    def test_of_nothing_there_is_no_reading(self, reader: CrossEncoderReader) -> None:
        assert reader.read(QUESTION, []) == []

    def test_threads_may_share_it(self, reader: CrossEncoderReader) -> None:
        asked = [f"Who rowed to lock {number}?" for number in range(4)]
        expected = [np.concatenate(reader.read(question, CANDIDATES)) for question in asked]
        with ThreadPoolExecutor(4) as threads:
            found = list(threads.map(lambda question: np.concatenate(reader.read(question, CANDIDATES)), asked))
        assert_allclose(found, expected, rtol=1e-4, atol=1e-4)

    def test_its_name_is_the_models(self, reader: CrossEncoderReader, model: Path) -> None:
        assert reader.name == str(model)


class TestSession:
    @pytest.fixture
    def session(self, tmp_path: Path, model: Path, word_encoder: Callable[[str], Encoder]) -> Iterator[Session]:
        session = Session.open(tmp_path / "library", create=True, reader=str(model), load_encoder=word_encoder)
        (tmp_path / "ferry.txt").write_text(
            "The carpenter mended the old ferry before the harvest. He was never paid.\n\nSwans came to the weir.\n",
            encoding="utf-8",
        )
        session.add(tmp_path / "ferry.txt")
        yield session

    def test_it_answers_without_a_notice_and_its_certainty_has_no_number(self, session: Session) -> None:
        comparison = session.ask("The carpenter mended the old ferry before the harvest.")
        (side,) = comparison.perspectives
        assert comparison.notice == ""
        assert side.answer is not None
        assert side.answer.certainty.right_of_ten is None

    def test_it_reads_what_is_shown(self, session: Session, reader: CrossEncoderReader) -> None:
        ((_, read),) = session.read(QUESTION).documents
        candidates: Sequence[Candidate] = read.candidates
        for found, own in zip(read.readings, reader.read(QUESTION, candidates), strict=True):
            assert_allclose(found, own, rtol=1e-4, atol=1e-4)


class TestRefused:
    def refused(self, name: str) -> str:
        with pytest.raises(ReaderError) as raised:
            readers.load(name)
        told = str(raised.value)
        assert SENTENCE.fullmatch(told) and f"“{name}”" in told
        return told

    def test_a_model_that_gives_several_scores(self, tmp_path: Path) -> None:
        assert "gives 3 scores a pair" in self.refused(str(save_tiny(tmp_path / "three", num_labels=3)))

    def test_a_model_that_was_trained_for_something_else(self, tmp_path: Path) -> None:
        """The library would give it a scorer of random weights, and every answer would be left to chance."""
        told = self.refused(str(save_tiny(tmp_path / "encoder", head="BertModel")))
        assert "was not trained to score pairs" in told

    def test_a_folder_without_a_model(self, tmp_path: Path) -> None:
        assert "cannot be loaded" in self.refused(str(tmp_path))

    @pytest.mark.parametrize("name", ["no-such-reader", "someone/no-such-reader"])
    def test_a_name_that_is_not_on_this_machine(self, name: str) -> None:
        assert "is not on this machine and cannot be fetched" in self.refused(name)

    @pytest.mark.parametrize("name", ["./no-such-folder", "/no/such/folder", "", "a b"])
    def test_a_folder_that_is_not_there(self, name: str) -> None:
        assert "There is no folder" in self.refused(name)
