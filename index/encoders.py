"""A library's encoder, loaded once: its export where there is a whole one, else the model itself.

An export belongs to its weights, not to a library: the folder of exports holds one for each fingerprint. In int8 there
is no encoder but the export, which is made anew where it is not whole.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Lock

from index.embed import DEFAULT_MODEL, Encoder, EncoderError
from index.onnx_encoder import Carried, OnnxEncoder, in_int8, load
from index.sentence_encoder import DEFAULT_FINGERPRINT, SentenceTransformerEncoder
from index.types import ParallaxError, Precision, Progress, no_progress
from index.vectors import Encode

Load = Callable[[str], Encoder]
"""From a model's name to the model."""


class Encoders:
    """The way to one model in one precision. Safe to share between threads."""

    def __init__(
        self,
        name: str | None,
        load_original: Load,
        exports: Path | None,
        precision: Precision | None = None,
    ) -> None:
        """The packaged model in float32, where none is named."""
        self.name = DEFAULT_MODEL if name is None else name
        self.precision = Precision.FLOAT32 if precision is None else Precision(precision)
        self.notice = ""
        """Why the model could not be exported, where that was tried."""
        self._load_original = load_original
        self._exports = exports
        self._loaded: Encoder | None = None
        self._lock = Lock()

    def loaded(self, fingerprint: str | None = None, progress: Progress = no_progress) -> Encoder:
        """The encoder; `fingerprint` is the one that its library knows. Raises ParallaxError where there is none."""
        with self._lock:
            if self._loaded is None:
                self._loaded = self._load(fingerprint, progress)
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

    def _load(self, fingerprint: str | None, progress: Progress) -> Encoder:
        if fingerprint is None and self.name == DEFAULT_MODEL:
            fingerprint = in_int8(DEFAULT_FINGERPRINT) if self.precision is Precision.INT8 else DEFAULT_FINGERPRINT
        folder = self._exports / fingerprint if self._exports is not None and fingerprint is not None else None
        if folder is None or not folder.is_dir():
            return self._made(progress)
        try:
            return load(folder, self.name)
        except ParallaxError as unusable:
            try:
                return self._made(progress)
            except ParallaxError as error:
                raise EncoderError(f"{unusable} {error}") from error

    def _made(self, progress: Progress) -> Encoder:
        """The model itself, of which the next file that is added makes the export; in int8 the export at once."""
        original = self._load_original(self.name)
        if self.precision is Precision.FLOAT32:
            return original
        needs = "int8 needs that, and a library in float32 does not."
        if self._exports is None or not isinstance(original, SentenceTransformerEncoder):
            raise EncoderError(f"The encoder “{self.name}” is not one that can be exported; {needs}")
        from index.export import ExportError, export_int8

        try:
            return export_int8(original, self._exports, progress)
        except ExportError as error:
            raise EncoderError(f"{str(error).removesuffix('.')}; {needs}") from error
