"""The way to a reader by name. No model is imported before it is loaded."""

from pathlib import Path

from qa.onnx_reader import ABOUT, FOLDER, OnnxReader
from qa.read import Reader

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
