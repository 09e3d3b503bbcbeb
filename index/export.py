"""Writes a sentence-transformers model down for onnxruntime, and makes sure that it gives the same vectors.

A model is a transformer, a pooling and perhaps a normalisation; any other keeps to sentence-transformers. Weights
stay float32. Imports torch: import this module only where the model is loaded already.
"""

import json
import shutil
import warnings
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from filelock import FileLock

from index.embed import Encodable, EncoderError, Vectors
from index.onnx_encoder import ABOUT, MODEL, POOLINGS, TOKENIZER, About, OnnxEncoder, load, opened
from index.runtime import part
from index.sealed import partial, sealed
from index.sentence_encoder import SentenceTransformerEncoder
from index.types import ParallaxError, Progress

TOLERANCE = 1e-4
"""So much may a number of a unit vector differ between the two; what float32 loses on the way is about 1e-7."""
SAMPLES = (
    "Who opened the lock?",
    "Swans.",
    "The keeper rowed to the mill. The river rose all night, and nobody slept.",
    "“Élan”, she wrote — 1848, p. 12 — “is not a virtue!” 🚣 水位",
    " \n",
    "The barge lay deep in the water, for it was loaded with salt. " * 60,
)
"""What both encode to be compared: short and beyond any model's reach, marks, numbers, other scripts, blanks."""
_OPSET = 17
"""The first in which a layer's normalisation is one operation."""


class ExportError(EncoderError):
    """A model cannot be exported; it goes on with sentence-transformers."""


def export(encoder: SentenceTransformerEncoder, folder: Path, progress: Progress) -> OnnxEncoder:
    """Export a model into `folder` and load it from there. A whole export that is there already is taken.

    Raises ExportError, and leaves no export, where the model has parts that are not known here, gives other vectors
    when exported, or nothing can be written.
    """
    _refuse_unknown_parts(encoder)
    progress("exporting the encoder", 0, 1)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.parent / "write.lock"):
            if not (folder.is_dir() and _is_whole(folder)):
                for left in (folder, partial(folder)):
                    shutil.rmtree(left, ignore_errors=True)
                with sealed(folder) as beside:
                    _write(encoder, beside)
                    _refuse_other_vectors(encoder, opened(beside, encoder.name))
            exported = load(folder, encoder.name)
    except ParallaxError as error:
        shutil.rmtree(partial(folder), ignore_errors=True)
        raise ExportError(str(error)) from error
    except Exception as error:  # the exporter raises whatever it meets in a model's code
        shutil.rmtree(partial(folder), ignore_errors=True)
        reason = str(error).strip().split("\n", 1)[0].rstrip(".")
        raise ExportError(f"The encoder “{encoder.name}” cannot be exported to {folder} ({reason}).") from error
    progress("exporting the encoder", 1, 1)
    return exported


def _refuse_unknown_parts(encoder: SentenceTransformerEncoder) -> None:
    model = encoder.model
    kinds = [type(module).__name__ for module in model]
    if kinds not in (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"]):
        raise ExportError(f"The encoder “{encoder.name}” has parts that cannot be exported ({', '.join(kinds)}).")
    if (mode := getattr(model[1], "pooling_mode", None)) not in POOLINGS:
        raise ExportError(f"The encoder “{encoder.name}” pools by “{mode}”, which cannot be exported.")
    if not getattr(model.tokenizer, "is_fast", False):
        raise ExportError(f"The encoder “{encoder.name}” has a tokenizer that cannot be exported.")


def _is_whole(folder: Path) -> bool:
    try:
        load(folder, "")
    except ParallaxError:
        return False
    return True


def _write(encoder: SentenceTransformerEncoder, folder: Path) -> None:
    """Write the transformer's token states as ONNX, the tokenizer, and what else makes a text's vector."""
    model = encoder.model
    traced = folder / "traced.onnx"
    _write_states(encoder, traced)
    part(traced, folder / MODEL)
    traced.unlink()
    model.tokenizer(["lock"], truncation=True, max_length=model.max_seq_length)  # so the file says where it truncates
    (folder / TOKENIZER).write_text(model.tokenizer.backend_tokenizer.to_str(), encoding="utf-8")
    about = About(
        fingerprint=encoder.fingerprint,
        dimension=encoder.dimension,
        pooling=str(model[1].pooling_mode),
        in_context=encoder.in_context,
        query_prompt=_prompt(encoder, ["query"]),
        document_prompt=_prompt(encoder, ["document", "passage", "corpus"]),
    )
    (folder / ABOUT).write_text(json.dumps(asdict(about)), encoding="utf-8")


def _write_states(encoder: SentenceTransformerEncoder, path: Path) -> None:
    transformer: Any = encoder.model[0].auto_model
    names = tuple(encoder.model.tokenizer.model_input_names)

    class States(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.transformer = transformer

        def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
            states: torch.Tensor = self.transformer(**dict(zip(names, inputs, strict=True))).last_hidden_state
            return states

    example = encoder.model.tokenizer(["The lock stood open.", "Swans."], padding=True, return_tensors="pt")
    axes = {name: {0: "texts", 1: "tokens"} for name in (*names, "states")}
    attention = transformer.config._attn_implementation
    transformer.set_attn_implementation("eager")  # the others leave more operations in the file
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # on what a trace fixes; the comparison tells whether it matters
            torch.onnx.export(
                States().eval(), tuple(example[name] for name in names), str(path), input_names=list(names),
                output_names=["states"], dynamic_axes=axes, opset_version=_OPSET, dynamo=False,
            )  # fmt: skip
    finally:
        transformer.set_attn_implementation(attention)


def _prompt(encoder: SentenceTransformerEncoder, names: Sequence[str]) -> str:
    """What sentence-transformers puts before a text: the first prompt of these names, else the default one."""
    prompts = encoder.model.prompts or {}
    found = next((name for name in names if name in prompts), encoder.model.default_prompt_name)
    return (found and prompts.get(found)) or ""


def _refuse_other_vectors(encoder: SentenceTransformerEncoder, exported: OnnxEncoder) -> None:
    """Raise ExportError unless queries, passages and spans get the same vectors from both."""
    passages = [Encodable(text, ((0, len(text) // 2), (len(text) // 2, len(text)))) for text in SAMPLES]

    def vectors(of: SentenceTransformerEncoder | OnnxEncoder) -> Vectors:
        queries = np.stack([of.encode_query(text) for text in SAMPLES])
        return np.concatenate([queries, *of.encode_passages(passages, lambda stage, done, total: None)])

    difference = float(np.abs(vectors(encoder) - vectors(exported)).max())
    if not difference <= TOLERANCE:  # nor where it is not a number
        raise ExportError(
            f"The encoder “{encoder.name}” gives other vectors when exported (a number differs by {difference:.1g})."
        )
