"""The way to a reader by name."""

import subprocess
import sys
from pathlib import Path

import pytest

from qa import readers
from qa.onnx_reader import OnnxReader
from qa.read import ReaderError

ROOT = Path(__file__).resolve().parents[1]


def test_none_is_no_reader() -> None:
    assert readers.load("none") is None


def test_a_folder_that_holds_one_gives_it(tiny_reader: Path) -> None:
    found = readers.load(str(tiny_reader))
    assert isinstance(found, OnnxReader) and found.name == "tiny"


def test_the_packaged_one_comes_when_nothing_is_said() -> None:
    found = readers.load()
    assert isinstance(found, OnnxReader)
    assert found.name not in (readers.NONE, readers.PACKAGED)


def test_a_folder_with_a_damaged_one_is_not_taken_for_a_model_of_another_kind(tmp_path: Path) -> None:
    (tmp_path / "reader.json").write_text("{")
    with pytest.raises(ReaderError, match=r"reader\.json is damaged\.$"):
        readers.load(str(tmp_path))


def test_a_reader_of_ours_needs_neither_torch_nor_sentence_transformers(tiny_reader: Path) -> None:
    program = (
        "import sys; from qa import readers; readers.load('none'); readers.load(sys.argv[1]);"
        "print({'torch', 'transformers', 'sentence_transformers'} & set(sys.modules))"
    )
    command = [sys.executable, "-c", program, str(tiny_reader)]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout == "set()\n"
