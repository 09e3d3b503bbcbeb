"""A library's encoder, loaded once: its export where there is a whole one, else the model itself.

An export belongs to its weights, not to a library: the folder of exports holds one for each fingerprint.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Lock

from index.embed import DEFAULT_MODEL, Encoder, EncoderError
from index.onnx_encoder import Carried, OnnxEncoder, load
from index.sentence_encoder import DEFAULT_FINGERPRINT, SentenceTransformerEncoder
from index.types import ParallaxError, Progress, no_progress
from index.vectors import Encode

Load = Callable[[str], Encoder]
"""From a model's name to the model."""


class Encoders:
    """The way to one model. Safe to share between threads."""

    def __init__(self, name: str, load_original: Load, exports: Path | None) -> None:
        self.name = name
        self.notice = ""
        """Why the model could not be exported, where that was tried."""
        self._load_original = load_original
        self._exports = exports
        self._loaded: Encoder | None = None
        self._lock = Lock()

    def loaded(self, fingerprint: str | None = None) -> Encoder:
        """The encoder; `fingerprint` is the one that its library knows. Raises ParallaxError where there is none."""
        with self._lock:
            if self._loaded is None:
                self._loaded = self._load(fingerprint)
            return self._loaded

    def exported(self, progress: Progress) -> Encoder:
        """The encoder that was loaded, exported first where it was not and can be."""
        encoder = self.loaded()
        with self._lock:
            if self._exports is not None and not self.notice and isinstance(encoder, SentenceTransformerEncoder):
                from index.export import ExportError, export

                try:
                    encoder = self._loaded = export(encoder, self._exports / encoder.fingerprint, progress)
                except ExportError as error:
                    self.notice = f"{error} Questions are slower to begin: each waits for sentence-transformers."
            return encoder

    def encoding(self, workers: int | str = 1) -> Encode:
        """What encodes passages chunk by chunk: the encoder that was loaded, or several loaded from its export.

        `workers`: so many processes of this machine, or the address of a Ray cluster. Raises EncoderError where
        several are asked for and the encoder is not exported.
        """
        encoder = self.loaded()
        if workers == 1:
            return lambda chunks: (encoder.encode_passages(chunk, no_progress) for chunk in chunks)
        if self._exports is None or not isinstance(encoder, OnnxEncoder):
            raise EncoderError(
                f"The encoder “{self.name}” is not exported, and several processes need that; leave --workers out."
            )
        folder = self._exports / encoder.fingerprint
        if isinstance(workers, int):
            from index.workers import encoded as by_processes

            return partial(by_processes, partial(load, folder, self.name, threads=1), workers)
        from index.cluster import encoded as by_cluster

        return partial(by_cluster, Carried.read(folder, self.name), workers)

    def _load(self, fingerprint: str | None) -> Encoder:
        if fingerprint is None and self.name == DEFAULT_MODEL:
            fingerprint = DEFAULT_FINGERPRINT
        folder = self._exports / fingerprint if self._exports is not None and fingerprint is not None else None
        if folder is None or not folder.is_dir():
            return self._load_original(self.name)
        try:
            return load(folder, self.name)
        except ParallaxError as unusable:
            try:
                return self._load_original(self.name)  # the next file that is added makes the export anew
            except ParallaxError as error:
                raise EncoderError(f"{unusable} {error}") from error
