"""The way to a reader by name. No model is imported before it is loaded."""

import threading
from pathlib import Path

from qa.onnx_reader import ABOUT, FOLDER, OnnxReader
from qa.read import Reader, ReaderError

PACKAGED = "parallax"
"""The name of the reader that ships with the project."""
NONE = "none"
"""The name by which no reader is asked for: retrieval answers alone."""


def load(name: str = PACKAGED) -> Reader | None:
    """A reader by name: the packaged one, a folder that holds one, or any sentence-transformers CrossEncoder.

    None for "none". Raises ReaderError where the model is missing, damaged or made for another tokenizer.
    """
    if name == NONE:
        return None
    if name == PACKAGED:
        return OnnxReader.load(FOLDER)
    if (Path(name) / ABOUT).is_file():
        return OnnxReader.load(Path(name))
    from qa.cross_encoder import CrossEncoderReader

    return CrossEncoderReader.load(name)


class Loader:
    """A reader that is loaded when it is first needed, or what there is to say when it cannot be."""

    def __init__(self, reader: str | Reader) -> None:
        self._named = reader
        self._loading = threading.Lock()
        self._loaded: tuple[Reader | None, str] | None = None

    def loaded(self) -> tuple[Reader | None, str]:
        """The reader, None where there is none, and the notice when the one asked for cannot be loaded."""
        with self._loading:
            if self._loaded is None:
                try:
                    self._loaded = (load(self._named) if isinstance(self._named, str) else self._named, "")
                except ReaderError as error:
                    self._loaded = (None, f"Answered without the reader. {error}")
            return self._loaded
