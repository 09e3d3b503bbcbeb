"""Exported encoders against sentence-transformers: the same vectors, of any text; files that are not whole."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from tiny_encoder import save_tiny

from index.embed import BATCH, Encodable, Encoder, EncoderError
from index.export import TOLERANCE, export
from index.onnx_encoder import ABOUT, MODEL, TOKENIZER, OnnxEncoder, load
from index.runtime import ModelError
from index.sentence_encoder import SentenceTransformerEncoder
from index.sentence_encoder import load as load_original

WORDS = ("weir", "the", "Élan", "salt-cart", "1848", "lock.", "水位", "🚣", "“", "\u202e", "unlockkeeperlike", "\n\n")
written = st.lists(st.sampled_from(WORDS), min_size=1, max_size=30).map(" ".join)
long_texts = st.builds(lambda text, times: text * times, written, st.integers(10, 60))
texts = st.text(max_size=80) | written | long_texts


def untold(stage: str, done: int, total: int) -> None:
    """Progress told to nobody."""


@st.composite
def encodables(draw: st.DrawFn) -> Encodable:
    text = draw(texts)
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=4)))
    return Encodable(text, tuple(zip([0, *cuts], [*cuts, len(text)], strict=True)))


def agree(one: Encoder, other: Encoder, passages: list[Encodable], query: str) -> None:
    for ours, theirs in zip(
        one.encode_passages(passages, untold), other.encode_passages(passages, untold), strict=True
    ):
        assert ours.dtype == theirs.dtype == np.float32
        assert_allclose(ours, theirs, rtol=0, atol=TOLERANCE)
    assert_allclose(one.encode_query(query), other.encode_query(query), rtol=0, atol=TOLERANCE)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(encodables(), max_size=4), texts)
def test_the_packaged_model_gives_the_same_vectors_exported(
    packaged_encoder: SentenceTransformerEncoder, exported_encoder: OnnxEncoder, drawn: list[Encodable], query: str
) -> None:
    agree(exported_encoder, packaged_encoder, drawn, query)


PROMPTS = {"prompts": {"query": "lock: ", "document": "weir: "}}
DEFAULT = {"prompts": {"lock": "lock, lock: "}, "default_prompt_name": "lock"}


@pytest.mark.parametrize(
    ("pooling", "prompts"), [("mean", {}), ("cls", {}), ("max", {}), ("mean", PROMPTS), ("cls", DEFAULT)]
)
def test_every_pooling_and_prompt_gives_the_same_vectors(
    tmp_path: Path, pooling: str, prompts: dict[str, dict[str, str]]
) -> None:
    original = load_original(str(save_tiny(tmp_path, pooling, **prompts)))
    exported = export(original, tmp_path / "export", untold)
    passages = [
        Encodable("weir lock weir.", ((0, 4), (5, 15))),
        Encodable("lock", ()),
        Encodable("a b. " * 90, ((0, 4),)),
    ]
    agree(exported, original, passages, "a lock")
    assert (exported.name, exported.fingerprint, exported.dimension) == (original.name, original.fingerprint, 32)


def test_a_texts_vectors_do_not_depend_on_its_neighbours(exported_encoder: OnnxEncoder) -> None:
    passages = [Encodable("Swans.", ((0, 6),)), Encodable("The lock stood open. " * 20, ((0, 20),))]
    whole, parts = exported_encoder.encode_passages(passages, untold)
    for i, passage in enumerate(passages):
        alone, part = exported_encoder.encode_passages([passage], untold)
        assert np.array_equal(alone[0], whole[i]) and np.array_equal(part[0], parts[i])


def test_progress_tells_every_batch(exported_encoder: OnnxEncoder) -> None:
    told: list[tuple[str, int, int]] = []
    exported_encoder.encode_passages([Encodable("A weir.", ())] * (BATCH + 1), lambda *news: told.append(news))
    assert told == [("encoding", done, BATCH + 1) for done in (0, BATCH, BATCH + 1)]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an exported model."""
    folder = tmp_path_factory.mktemp("small")
    export(load_original(str(save_tiny(folder, "mean"))), folder / "export", untold)
    return folder / "export"


class TestNotWhole:
    @pytest.mark.parametrize("name", [MODEL, TOKENIZER, ABOUT, "contents.json"])
    @pytest.mark.parametrize("damage", ["a byte", "cut", "gone"])
    def test_a_damaged_file_is_found_out(self, small: Path, tmp_path: Path, name: str, damage: str) -> None:
        copied = shutil.copytree(small, tmp_path / "copy")
        content = bytearray((copied / name).read_bytes())
        content[len(content) // 2] ^= 1
        (copied / name).write_bytes(content if damage == "a byte" else content[: len(content) // 2])
        if damage == "gone":
            (copied / name).unlink()
        with pytest.raises(
            EncoderError, match=r"^The exported encoder's file .* (is damaged|cannot be read \(.*\))\.$"
        ):
            load(copied, "small")

    def test_one_of_another_version(self, small: Path, tmp_path: Path) -> None:
        copied = shutil.copytree(small, tmp_path / "copy")
        about = json.loads((copied / ABOUT).read_text()) | {"quantised": True}
        (copied / ABOUT).write_text(json.dumps(about))
        (copied / "contents.json").write_text("{}")
        with pytest.raises(EncoderError, match=r"is of another version of Parallax\.$"):
            load(copied, "small")

    def test_one_that_cannot_run(self, small: Path, tmp_path: Path) -> None:
        copied = shutil.copytree(small, tmp_path / "copy")
        (copied / MODEL).write_bytes(b"not a model")
        (copied / "contents.json").write_text("{}")
        with pytest.raises(ModelError, match=r"^The exported encoder in .* cannot be run by onnxruntime [\d.]+\.$"):
            load(copied, "small")
