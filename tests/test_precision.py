"""Libraries in int8: near vectors of a file of their own, never mixed with others; refused where they cannot be had."""

import json
import shutil
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from tiny_encoder import save_tiny

from index import split
from index.embed import Encodable, Encoder, EncoderError
from index.export import LEAST_COSINE, ExportError, export_int8
from index.library import Library
from index.manifest import FILE, LibraryError
from index.migrate import migrate
from index.onnx_encoder import MODEL, Carried, OnnxEncoder, in_int8
from index.onnx_encoder import load as load_export
from index.sentence_encoder import SentenceTransformerEncoder, load
from index.store import Store
from index.types import Details, ParallaxError, Precision, no_progress
from index.vectors import Work
from ui.cli import main

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scripts"))
import precision

INT8, FLOAT32 = Precision.INT8, Precision.FLOAT32
MADE_BY = {"encoder": "words", "fingerprint": "words", "dimension": "64", "splitter": str(split.VERSION)}
TEXT = "A lock is a weir. The lock was open. A weir was not."
PASSAGES = [
    Encodable(TEXT, ((0, 17), (18, 36), (37, 52))),
    Encodable("lock", ()),
    Encodable("a weir. " * 90, ((0, 7),)),
]


def gone(name: str) -> Encoder:
    raise EncoderError(f"There is no model “{name}”.")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(save_tiny(tmp_path_factory.mktemp("small"), "mean"))


@pytest.fixture(scope="module")
def original(model: str) -> SentenceTransformerEncoder:
    return load(model)


@pytest.fixture(scope="module")
def exports(original: SentenceTransformerEncoder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a model's exports in both precisions; not to be changed."""
    folder = tmp_path_factory.mktemp("exports")
    export_int8(original, folder, no_progress)
    return folder


@pytest.fixture
def essay(tmp_path: Path) -> Path:
    (tmp_path / "essay.txt").write_text(TEXT)
    return tmp_path / "essay.txt"


@pytest.fixture
def library(model: str, exports: Path, essay: Path, tmp_path: Path) -> Library:
    """One of a document, in int8."""
    made = Library.open(tmp_path / "library", load, model, exports, INT8, create=True)
    made.add(essay, Details())
    return made


class TestVectors:
    def test_are_unit_and_near_those_of_float32_but_not_the_same(
        self, original: SentenceTransformerEncoder, exports: Path
    ) -> None:
        exact = load_export(exports / original.fingerprint, "small")
        rounded = load_export(exports / in_int8(original.fingerprint), "small")
        assert (rounded.fingerprint, rounded.dimension) == (in_int8(original.fingerprint), exact.dimension)
        both = (encoder.encode_passages(PASSAGES, no_progress) for encoder in (rounded, exact))
        for ours, theirs in zip(*both, strict=True):
            np.testing.assert_allclose(np.linalg.norm(ours, axis=1), 1, atol=1e-6)
            cosines = (ours * theirs).sum(axis=1)
            assert cosines.min() > LEAST_COSINE and not np.array_equal(ours, theirs)

    def test_weights_are_whole_numbers_with_a_scale_a_column(
        self, original: SentenceTransformerEncoder, exports: Path
    ) -> None:
        """What was rounded is within half a step of what it was, by the file's own numbers."""
        import onnx
        from onnx.numpy_helper import to_array

        folders = (exports / original.fingerprint, exports / in_int8(original.fingerprint))
        before, after = ({i.name: i for i in onnx.load(folder / MODEL).graph.initializer} for folder in folders)
        matrices = [name for name, kept in after.items() if len(kept.dims) == 2]
        rounded = [name for name in matrices if after[name].data_type == onnx.TensorProto.INT8]
        assert len(rounded) == 10  # of two layers with six: those that narrow stay
        for name in rounded:
            exact = to_array(before[name.removesuffix("_quantized")])
            scale = to_array(after[name.replace("_quantized", "_scale")])
            assert scale.shape == (exact.shape[1],)
            assert (np.abs(to_array(after[name]) * scale - exact) <= 0.51 * scale).all()

    def test_those_of_other_processes_are_the_same(self, library: Library, exports: Path) -> None:
        encoder = library.encoder()
        whole, parts = encoder.encode_passages(PASSAGES, no_progress)
        carried = Carried.read(exports / encoder.fingerprint, "small")()
        for others in (carried.encode_passages(PASSAGES, no_progress), *library.encoders.encoding(2)([PASSAGES])):
            assert np.array_equal(whole, others[0]) and np.array_equal(parts, others[1])


class TestLibrary:
    def test_remembers_its_precision_and_needs_no_model_afterwards(
        self, library: Library, original: SentenceTransformerEncoder, exports: Path
    ) -> None:
        made_by = Store(Path(library.address) / FILE).manifest()
        assert (made_by["precision"], made_by["fingerprint"]) == ("int8", in_int8(original.fingerprint))
        opened = Library.open(library.address, gone, exports=exports)
        query = opened.query("an open lock").vector
        expected = load_export(exports / in_int8(original.fingerprint), "small").encode_query("an open lock")
        assert query is not None and np.array_equal(query, expected)
        assert opened.segment(opened.entries()[0]).passage_vectors.shape == (1, 32)

    def test_work_begun_in_one_is_not_gone_on_with_in_the_other(self, original: SentenceTransformerEncoder) -> None:
        keys = {Work(TEXT, (), 32, name).key() for name in (original.fingerprint, in_int8(original.fingerprint))}
        assert len(keys) == 2

    @pytest.mark.parametrize("made", [INT8, FLOAT32])
    def test_another_precision_is_refused(
        self, model: str, exports: Path, essay: Path, tmp_path: Path, made: Precision
    ) -> None:
        Library.open(tmp_path / "library", load, model, exports, made, create=True).add(essay, Details())
        [other] = set(Precision) - {made}
        told = rf"^The library at .* was made in {made}, not {other}; leave the precision out, or .* another library\.$"
        for door in (Library.open, partial(Library.open, create=True)):
            with pytest.raises(LibraryError, match=told):
                door(tmp_path / "library", load, None, exports, other)
            assert door(tmp_path / "library", load, None, exports, made).encoders.precision is made

    def test_one_that_does_not_say_is_in_float32(self, tmp_path: Path) -> None:
        Store(tmp_path / FILE).create(MADE_BY)
        assert Library.open(tmp_path, gone).encoders.precision is FLOAT32
        assert Library.open(tmp_path, gone, precision=FLOAT32).entries() == ()

    def test_a_precision_of_later_versions_is_refused(self, tmp_path: Path) -> None:
        Store(tmp_path / FILE).create({**MADE_BY, "precision": "int4"})
        with pytest.raises(
            LibraryError, match=r"^The library's vectors were made in int4, which this version does not"
        ):
            Library.open(tmp_path, gone)

    def test_of_two_that_make_it_at_once_both_go_by_what_made_it(
        self, model: str, exports: Path, essay: Path, tmp_path: Path
    ) -> None:
        one, other = (
            Library.open(tmp_path / "library", load, model, exports, precision, create=True) for precision in Precision
        )
        one.add(essay, Details())
        other.add(essay, Details(id="again"))
        first, second = (one.segment(entry).passage_vectors for entry in one.entries())
        assert np.array_equal(first, second)

    def test_a_copy_is_in_int8_too_and_none_is_made_into_another(
        self, library: Library, model: str, exports: Path, essay: Path, tmp_path: Path
    ) -> None:
        assert migrate(library.address, tmp_path / "copy", no_progress) == (1, 1)
        copy = Library.open(tmp_path / "copy", gone, exports=exports, precision=INT8)
        [here], [there] = library.entries(), copy.entries()
        assert np.array_equal(library.segment(here).sentence_vectors, copy.segment(there).sentence_vectors)
        Library.open(tmp_path / "other", load, model, exports, create=True).add(essay, Details())
        with pytest.raises(LibraryError, match=r"was made in float32, not int8; "):
            migrate(library.address, tmp_path / "other", no_progress)


class TestFile:
    def test_a_damaged_one_is_made_anew_at_once(
        self, library: Library, exports: Path, original: SentenceTransformerEncoder, tmp_path: Path
    ) -> None:
        exports = shutil.copytree(exports, tmp_path / "exports")
        file = exports / in_int8(original.fingerprint) / "model.weights"
        content = file.read_bytes()
        file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        with pytest.raises(EncoderError, match=rf"^The exported encoder's file {file} is damaged\. There is no model"):
            Library.open(library.address, gone, exports=exports).encoder()
        assert isinstance(Library.open(library.address, load, exports=exports).encoder(), OnnxEncoder)
        assert file.read_bytes() == content

    def test_vectors_that_are_too_far_are_refused(self, tmp_path: Path) -> None:
        """An outlier that nothing listens to costs float32 nothing, and takes the whole range of a text's int8."""
        import torch

        original = load(str(save_tiny(tmp_path, "mean")))
        with torch.no_grad():
            transformer = original.model[0].auto_model
            transformer.embeddings.LayerNorm.weight[0] = 1e4
            attention = transformer.encoder.layer[0].attention
            for listening in (attention.self.query, attention.self.key, attention.self.value):
                listening.weight[:, 0] = 0
            attention.output.dense.weight.mul_(1e5)
        told = r"gives other vectors in int8 \(their cosine with those in float32 is 0\.\d+ in the mean, .*\)\.$"
        with pytest.raises(ExportError, match=told):
            export_int8(original, tmp_path / "exports", no_progress)
        assert {path.name for path in (tmp_path / "exports").iterdir()} == {original.fingerprint, "write.lock"}


class TestRefused:
    TOLD = r"; int8 needs that, and a library in float32 does not\.$"

    def refused(self, make: Callable[[str], Encoder], model: str, essay: Path, exports: Path | None) -> str:
        folder = essay.with_name("library")
        library = Library.open(folder, make, model, exports, INT8, create=True)
        with pytest.raises(ParallaxError, match=self.TOLD) as raised:
            library.add(essay, Details())
        assert not folder.exists()
        return str(raised.value)

    def test_what_cannot_be_exported(self, essay: Path, tmp_path: Path) -> None:
        told = self.refused(load, str(save_tiny(tmp_path, "lasttoken")), essay, tmp_path / "exports")
        assert "pools by “lasttoken”, which cannot be exported; int8 needs that" in told

    def test_an_encoder_of_another_kind(
        self, word_encoder: Callable[[str], Encoder], essay: Path, tmp_path: Path
    ) -> None:
        told = self.refused(word_encoder, "words", essay, tmp_path / "exports")
        assert told.startswith("The encoder “words” is not one that can be exported; ")

    def test_where_nothing_can_be_written(self, model: str, essay: Path, tmp_path: Path) -> None:
        (tmp_path / "exports").touch()
        assert "cannot be exported to" in self.refused(load, model, essay, tmp_path / "exports")


def test_the_command_line_makes_and_holds_a_library_to_it(
    model: str, essay: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PARALLAX_CACHE", str(tmp_path))
    library = ["--library", str(tmp_path / "library"), "--reader", "none"]
    assert main([*library, "--model", model, "--precision", "int8", "add", str(essay)]) == 0
    assert main([*library, "list"]) == main([*library, "--precision", "int8", "ask", "Was the lock open?"]) == 0
    assert main([*library, "--precision", "float32", "list"]) == 1
    assert " was made in int8, not float32; leave the precision out, " in capsys.readouterr().err


def test_the_program_that_measures_finds_what_is_asked_for_word_by_word(
    original: SentenceTransformerEncoder, exports: Path, tmp_path: Path
) -> None:
    texts = ["the lock was open", "a weir was not", "nobody rowed", "salt in a barge"]
    rows = [json.dumps({"_id": str(number), "text": text}) for number, text in enumerate(texts)]
    (tmp_path / "corpus.jsonl").write_text("\n".join(rows))
    (tmp_path / "queries.jsonl").write_text("\n".join(rows[:2]))
    (tmp_path / "qrels.tsv").write_text("query\tentry\tgrade\n0\t0\t1\n1\t1\t1\n")
    names = {FLOAT32: original.fingerprint, INT8: in_int8(original.fingerprint)}
    both = {kind: load_export(exports / name, "small") for kind, name in names.items()}
    kept = tmp_path / "kept"
    kept.mkdir()
    found = precision.measured(tmp_path, both, kept, (9, 9))
    assert (found.entries, list(found.float32), list(found.int8), found.lost, found.error) == (4, [1, 1], [1, 1], 0, 0)
    assert found.cosine > LEAST_COSINE
    files = set(kept.iterdir())
    again = precision.measured(tmp_path, both, kept, (9, 9))
    assert set(kept.iterdir()) == files and again.seconds == found.seconds
    assert precision.measured(tmp_path, both, kept, (1, 3)).entries == 3


def test_an_unknown_precision_is_refused_with_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--precision", "int4", "list"])
    assert ended.value.code == 2
    told = capsys.readouterr().err
    assert "int4" in told and "float32" in told and "int8" in told and "Precision" not in told
