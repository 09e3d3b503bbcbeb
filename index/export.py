"""Writes a sentence-transformers model down for onnxruntime, and makes sure that it gives the same vectors.

A model is a transformer, a pooling and perhaps a normalisation; any other keeps to sentence-transformers. In int8 it
is a second file beside the first, with vectors near the same. Imports torch: import this module only where the model
is loaded already.
"""

import json
import shutil
import warnings
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from filelock import FileLock

from index.embed import Encodable, EncoderError, Vectors
from index.onnx_encoder import ABOUT, MODEL, POOLINGS, TOKENIZER, About, OnnxEncoder, about, in_int8, load, opened
from index.runtime import part, quantise
from index.sealed import partial, sealed
from index.sentence_encoder import SentenceTransformerEncoder
from index.types import ParallaxError, Progress, no_progress

TOLERANCE = 1e-4
"""So much may a number of a unit vector differ between the two; what float32 loses on the way is about 1e-7."""
LEAST_COSINE = 0.99
"""So near must vectors in int8 be to float32's, in the mean of the samples. The packaged model's are at 0.996; with all
of its matrices rounded, which loses more (docs/indexing.md), they were at 0.992."""
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

    def write(beside: Path) -> None:
        _write(encoder, beside)
        _refuse_other_vectors(encoder, opened(beside, encoder.name))

    progress("exporting the encoder", 0, 1)
    exported = _made(folder, encoder.name, write)
    progress("exporting the encoder", 1, 1)
    return exported


def export_int8(encoder: SentenceTransformerEncoder, exports: Path, progress: Progress) -> OnnxEncoder:
    """Export a model into the folder of its fingerprint in `exports`, and in int8 beside it, from where it is loaded.

    Raises ExportError as `export` does, and where vectors in int8 are too far from the others.
    """
    exported = export(encoder, exports / encoder.fingerprint, progress)

    def write(beside: Path) -> None:
        _write_int8(exports / encoder.fingerprint, beside)
        _refuse_far_vectors(exported, opened(beside, encoder.name))

    progress("turning it into int8", 0, 1)
    quantised = _made(exports / in_int8(encoder.fingerprint), encoder.name, write)
    progress("turning it into int8", 1, 1)
    return quantised


def _made(folder: Path, name: str, write: Callable[[Path], None]) -> OnnxEncoder:
    """The export in a folder; where there is no whole one, `write` makes it. Raises ExportError, and leaves none."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.parent / "write.lock"):
            if not (folder.is_dir() and _is_whole(folder)):
                for left in (folder, partial(folder)):
                    shutil.rmtree(left, ignore_errors=True)
                with sealed(folder) as beside:
                    write(beside)
            return load(folder, name)
    except ParallaxError as error:
        shutil.rmtree(partial(folder), ignore_errors=True)
        raise ExportError(str(error)) from error
    except Exception as error:  # the exporter raises whatever it meets in a model's code
        shutil.rmtree(partial(folder), ignore_errors=True)
        reason = str(error).strip().split("\n", 1)[0].rstrip(".")
        raise ExportError(f"The encoder “{name}” cannot be exported to {folder} ({reason}).") from error


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
    made = About(
        fingerprint=encoder.fingerprint,
        dimension=encoder.dimension,
        pooling=str(model[1].pooling_mode),
        in_context=encoder.in_context,
        query_prompt=_prompt(encoder, ["query"]),
        document_prompt=_prompt(encoder, ["document", "passage", "corpus"]),
    )
    (folder / ABOUT).write_text(json.dumps(asdict(made)), encoding="utf-8")


def _write_int8(exported: Path, folder: Path) -> None:
    """Write an export anew with weights in int8; tokenizer, pooling and prompts are the same."""
    whole = folder / "whole.onnx"
    quantise(exported / MODEL, whole)
    part(whole, folder / MODEL)
    whole.unlink()
    shutil.copyfile(exported / TOKENIZER, folder / TOKENIZER)
    made = about(exported)
    made = replace(made, fingerprint=in_int8(made.fingerprint))
    (folder / ABOUT).write_text(json.dumps(asdict(made)), encoding="utf-8")


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
    difference = float(np.abs(_vectors(encoder) - _vectors(exported)).max())
    if not difference <= TOLERANCE:  # nor where it is not a number
        raise ExportError(
            f"The encoder “{encoder.name}” gives other vectors when exported (a number differs by {difference:.1g})."
        )


def _refuse_far_vectors(exported: OnnxEncoder, quantised: OnnxEncoder) -> None:
    """Raise ExportError unless queries, passages and spans get nearly the same vectors from both."""
    cosine = float((_vectors(exported) * _vectors(quantised)).sum(axis=1).mean())
    if not cosine >= LEAST_COSINE:  # nor where it is not a number
        raise ExportError(
            f"The encoder “{exported.name}” gives other vectors in int8 (their cosine with those in float32 is "
            f"{cosine:.3f} in the mean, and at least {LEAST_COSINE} is asked)."
        )


def _vectors(encoder: SentenceTransformerEncoder | OnnxEncoder) -> Vectors:
    """The vectors of all samples, as queries, as passages, and of their halves."""
    passages = [Encodable(text, ((0, len(text) // 2), (len(text) // 2, len(text)))) for text in SAMPLES]
    queries = np.stack([encoder.encode_query(text) for text in SAMPLES])
    return np.concatenate([queries, *encoder.encode_passages(passages, no_progress)])
