"""The reader that ships with the project: a small model trained by `scripts/train_reader.py`, run by onnxruntime.

Its folder holds `reader.onnx` with its weights beside it, and `reader.json`, which names the model, the SHA-256 and the
CRC-32 of each file, and the SHA-256 of the tokenizer that it was trained with (the packaged encoder's). Each process
that reads looks whether the files are whole, by the CRC-32 as `index.sealed` does. Neither torch nor training code is
needed to read.
"""

import hashlib
import json
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
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
MODEL, ABOUT = "reader.onnx", "reader.json"
KEPT = 4096
"""So many sentences' word pieces are remembered: the next question looks at some of them again."""


class OnnxReader(Reader):
    """Reads window by window. Safe to use from several threads.

    Each window goes through the model by itself. A model in int8 scales its states by all that it reads at once: so a
    passage's reading does not depend on what is read beside it, and nothing is reckoned for padding. As many windows
    are read at once as there are cores.
    """

    def __init__(self, name: str, model: Any, tokenizer: Any) -> None:  # noqa: ANN401  (onnxruntime ships no types)
        self._name = name
        self._model = model
        self._inputs = [taken.name for taken in model.get_inputs()]
        self._pieces = lru_cache(KEPT)(lambda text: tokenizer.encode(text, add_special_tokens=False).ids)
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
            name, sums, tokenizer_sha256 = about["name"], about["crc32"], about["tokenizer_sha256"]
            if isinstance(sums, str):  # of the graph, which held the weights
                raise ReaderError(f"The reader in {folder} is of an earlier version of Parallax; export it again.")
            other = next((file for file in (MODEL, *sums) if crc32_of(folder / file) != sums[file]), None)
            vocabulary = packaged_file("tokenizer.json").read_bytes()
        except EncoderError as error:
            raise ReaderError(str(error)) from error
        except OSError as error:
            raise ReaderError(f"The reader's file {error.filename} cannot be read ({error.strerror}).") from error
        except (ValueError, KeyError, TypeError) as error:
            raise ReaderError(f"The reader's file {folder / ABOUT} is damaged.") from error
        if other is not None:
            raise ReaderError(f"The reader's file {folder / other} is damaged: its CRC-32 is not the one on record.")
        if hashlib.sha256(vocabulary).hexdigest() != tokenizer_sha256:
            raise ReaderError(f"The reader in {folder} was made for another tokenizer than the packaged one.")
        try:
            model = started(folder / MODEL, f"The reader in {folder}")
        except ModelError as error:
            raise ReaderError(str(error)) from error
        encoding = tokenizer(vocabulary)
        encoding.no_truncation()  # it reads in windows
        return cls(name, model, encoding)

    def read(self, question: str, candidates: Sequence[Candidate]) -> list[Reading]:
        """One reading for each candidate, in order. A sentence that was read in several windows keeps its best."""
        with self._lock:
            asked = self._pieces(question)
            seen = [
                (number, window)
                for number, candidate in enumerate(candidates)
                for window in windows(asked, list(map(self._pieces, candidate.sentences)))
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
        scores: Reading = self._model.run(None, {name: getattr(arrays, name) for name in self._inputs})[0][0]
        return scores
