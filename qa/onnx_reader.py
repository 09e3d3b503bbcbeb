"""The reader that ships with the project: a small model trained by `scripts/train_reader.py`, run by onnxruntime.

Its folder holds `reader.onnx` and `reader.json`, which names the model, the SHA-256 and the CRC-32 of its weights, and
the SHA-256 of the tokenizer that it was trained with (the packaged encoder's). Each process that reads looks whether
the weights are whole, by the CRC-32 as `index.sealed` does. Neither torch nor training code is needed to read.
"""

import hashlib
import json
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from pathlib import Path
from typing import Any, Self

import numpy as np

from index.embed import EncoderError, packaged_file
from index.runtime import ModelError, at_once, started, tokenizer
from index.sealed import crc32_of
from qa.read import Candidate, Reader, ReaderError, Reading
from qa.windows import Window, batch, windows

FOLDER = Path(str(files("qa"))) / "reader"
WEIGHTS, ABOUT = "reader.onnx", "reader.json"


class OnnxReader(Reader):
    """Reads window by window. Safe to use from several threads.

    Each window goes through the model by itself. A model in int8 scales its states by all that it reads at once: so a
    passage's reading does not depend on what is read beside it, and nothing is reckoned for padding. As many windows
    are read at once as there are cores.
    """

    def __init__(self, name: str, model: Any, tokenizer: Any) -> None:  # noqa: ANN401  (onnxruntime ships no types)
        self._name = name
        self._model = model
        self._tokenizer = tokenizer
        self._lock = threading.Lock()  # two readings at once would only share the same cores

    @property
    def name(self) -> str:
        """As the rules that were fitted for it know it."""
        return self._name

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Load a reader from its folder. Raises ReaderError where a file is missing, damaged or does not fit."""
        try:
            about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
            weights = crc32_of(folder / WEIGHTS)
            vocabulary = packaged_file("tokenizer.json").read_bytes()
            name, crc32, tokenizer_sha256 = (about[key] for key in ("name", "crc32", "tokenizer_sha256"))
        except EncoderError as error:
            raise ReaderError(str(error)) from error
        except OSError as error:
            raise ReaderError(f"The reader's file {error.filename} cannot be read ({error.strerror}).") from error
        except (ValueError, KeyError, TypeError) as error:
            raise ReaderError(f"The reader's file {folder / ABOUT} is damaged.") from error
        if weights != crc32:
            raise ReaderError(f"The reader's file {folder / WEIGHTS} is damaged: its CRC-32 is not the one on record.")
        if hashlib.sha256(vocabulary).hexdigest() != tokenizer_sha256:
            raise ReaderError(f"The reader in {folder} was made for another tokenizer than the packaged one.")
        try:
            model = started(folder / WEIGHTS, f"The reader in {folder}")
        except ModelError as error:
            raise ReaderError(str(error)) from error
        encoding = tokenizer(vocabulary)
        encoding.no_truncation()  # it reads in windows
        return cls(name, model, encoding)

    def read(self, question: str, candidates: Sequence[Candidate]) -> list[Reading]:
        """One reading for each candidate, in order. A sentence that was read in several windows keeps its best."""
        texts = [question, *(sentence for candidate in candidates for sentence in candidate.sentences)]
        with self._lock:
            encoded = iter([e.ids for e in self._tokenizer.encode_batch_fast(texts, add_special_tokens=False)])
            asked = next(encoded)
            seen = [
                (number, window)
                for number, candidate in enumerate(candidates)
                for window in windows(asked, [next(encoded) for _ in candidate.sentences])
            ]
            seen.sort(key=lambda one: -len(one[1]))  # the longest first: no core waits long for another's last
            with ThreadPoolExecutor(at_once()) as pool:
                scored = list(pool.map(self._scores, [window for _, window in seen]))
        readings = [np.full(len(candidate.sentences), -np.inf, np.float32) for candidate in candidates]
        for (number, window), scores in zip(seen, scored, strict=True):
            held = readings[number][window.first : window.first + len(window.pieces)]
            np.maximum(held, scores, out=held)
        return readings

    def _scores(self, window: Window) -> Reading:
        arrays = batch([window])
        scores: Reading = self._model.run(None, {name: getattr(arrays, name) for name in arrays.__slots__})[0][0]
        return scores
