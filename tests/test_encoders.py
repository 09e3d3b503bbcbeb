"""Which encoder a library gets: the export, the model itself, and what is said where one cannot be had."""

from pathlib import Path

import pytest
from tiny_encoder import save_tiny

from index.embed import DEFAULT_MODEL, Encoder, EncoderError
from index.encoders import Encoders
from index.export import ExportError, export
from index.library import Library
from index.onnx_encoder import MODEL, OnnxEncoder
from index.sentence_encoder import DEFAULT_FINGERPRINT, SentenceTransformerEncoder, load
from index.types import Details

TEXT = "A lock is a weir. The lock was open. A weir was not."


def untold(stage: str, done: int, total: int) -> None:
    """Progress told to nobody."""


def gone(name: str) -> Encoder:
    raise EncoderError(f"There is no model “{name}”.")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(save_tiny(tmp_path_factory.mktemp("small"), "mean"))


@pytest.fixture
def essay(tmp_path: Path) -> Path:
    (tmp_path / "essay.txt").write_text(TEXT)
    return tmp_path / "essay.txt"


class TestLibrary:
    def test_after_add_the_export_answers_and_the_model_may_be_gone(
        self, model: str, essay: Path, tmp_path: Path
    ) -> None:
        exports = tmp_path / "exports"
        library = Library.open(tmp_path / "library", load, model, exports, create=True)
        library.add(essay, Details())
        assert library.encoders.notice == ""
        opened = Library.open(tmp_path / "library", gone, exports=exports)
        assert isinstance(opened.encoder(), OnnxEncoder)
        assert opened.search(opened.entries()[0], opened.query("weir"), 1)[0].passage == 0

    def test_one_from_before_takes_the_model_until_a_file_is_added(
        self, model: str, essay: Path, tmp_path: Path
    ) -> None:
        Library.open(tmp_path / "library", load, model, create=True).add(essay, Details())
        opened = Library.open(tmp_path / "library", load, exports=tmp_path / "exports")
        assert isinstance(opened.encoder(), SentenceTransformerEncoder)
        assert not (tmp_path / "exports").exists()
        opened.add(essay, Details(id="again"))
        assert isinstance(opened.encoder(), OnnxEncoder)

    def test_a_damaged_export_gives_way_to_the_model_and_is_made_anew(
        self, model: str, essay: Path, tmp_path: Path
    ) -> None:
        exports = tmp_path / "exports"
        Library.open(tmp_path / "library", load, model, exports, create=True).add(essay, Details())
        (damaged,) = exports.glob(f"*/{MODEL}")
        content = damaged.read_bytes()
        damaged.write_bytes(content[:-1])
        opened = Library.open(tmp_path / "library", load, exports=exports)
        assert isinstance(opened.encoder(), SentenceTransformerEncoder)
        with pytest.raises(
            EncoderError, match=rf"^The exported encoder's file {damaged} is damaged\. There is no model"
        ):
            Library.open(tmp_path / "library", gone, exports=exports).encoder()
        opened.add(essay, Details(id="again"))
        assert damaged.read_bytes() == content

    def test_without_a_folder_that_can_be_written_the_model_goes_on(
        self, model: str, essay: Path, tmp_path: Path
    ) -> None:
        (tmp_path / "exports").touch()
        library = Library.open(tmp_path / "library", load, model, tmp_path / "exports", create=True)
        library.add(essay, Details())
        assert isinstance(library.encoder(), SentenceTransformerEncoder)
        assert library.encoders.notice.startswith(f"The encoder “{model}” cannot be exported to {tmp_path / 'exports'}")


def test_the_packaged_model_is_known_by_its_fingerprint(packaged_encoder: SentenceTransformerEncoder) -> None:
    assert packaged_encoder.fingerprint == DEFAULT_FINGERPRINT


def test_a_new_library_takes_an_export_of_the_packaged_model(
    packaged_encoder: SentenceTransformerEncoder, tmp_path: Path
) -> None:
    export(packaged_encoder, tmp_path / packaged_encoder.fingerprint, untold)
    assert isinstance(Encoders(DEFAULT_MODEL, gone, tmp_path).loaded(), OnnxEncoder)


class TestRefused:
    def test_a_pooling_that_is_not_known(self, tmp_path: Path) -> None:
        original = load(str(save_tiny(tmp_path, "lasttoken")))
        with pytest.raises(ExportError, match=r"pools by “lasttoken”, which cannot be exported\.$"):
            export(original, tmp_path / "exports" / "one", untold)

    def test_a_part_that_is_not_known(self, tmp_path: Path) -> None:
        from sentence_transformers.sentence_transformer.modules import Dense

        original = load(str(save_tiny(tmp_path, "mean")))
        original.model.append(Dense(32, 8))
        with pytest.raises(ExportError, match=r"has parts that cannot be exported \(Transformer, Pooling, Dense\)\.$"):
            export(original, tmp_path / "exports" / "one", untold)

    def test_other_vectors(self, tmp_path: Path) -> None:
        """What no rule foresees, the comparison finds: here a hook that the exporter does not see."""
        original = load(str(save_tiny(tmp_path, "mean")))
        original.model[1].register_forward_hook(
            lambda module, given, made: made | {"sentence_embedding": -made["sentence_embedding"]}
        )
        with pytest.raises(ExportError, match=r"gives other vectors when exported \(a number differs by .*\)\.$"):
            export(original, tmp_path / "exports" / "one", untold)
        assert [path.name for path in (tmp_path / "exports").iterdir()] == ["write.lock"]

    def test_what_the_exporter_cannot_trace(self, tmp_path: Path) -> None:
        original = load(str(save_tiny(tmp_path, "mean")))
        original.model[0].auto_model.register_forward_hook(lambda module, given, made: made["no such output"])
        with pytest.raises(ExportError, match=r"^The encoder “.*” cannot be exported to .*\.$"):
            export(original, tmp_path / "exports" / "one", untold)
