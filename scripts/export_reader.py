"""Export a trained reader to the files that ship, in int8, and compare it with them.

    python scripts/export_reader.py [--work build/reader] [--mean PATH ...] [--out qa/reader] [--name parallax-1]

Weights are quantised to int8 per channel, activations when the model runs (onnxruntime's dynamic quantisation). The
figures that it prints are of the held-out questions of `reader_items`: what int8 costs.
"""

import argparse
import gzip
import hashlib
import json
import pickle
import tempfile
import warnings
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.shape_inference import quant_pre_process
from reader_batches import Words, together
from reader_graph import lean
from reader_model import Reader
from train_reader import scores

from index.embed import packaged_file
from index.runtime import part
from index.segment import Evidence
from index.types import Hit, Passage, Search, Sentence
from qa.onnx_reader import ABOUT, MODEL, OnnxReader
from qa.read import Candidate
from qa.windows import Batch, batch, windows

ROOT = Path(__file__).resolve().parent.parent
INPUTS = tuple(Batch.__slots__)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "reader")
    parser.add_argument("--out", type=Path, default=ROOT / "qa" / "reader")
    parser.add_argument("--mean", type=Path, nargs="*", default=[], help="with these, the mean of all their weights")
    parser.add_argument("--name", default="parallax-1")
    parser.add_argument("--compare", type=int, default=200, help="held-out questions to compare on")
    options = parser.parse_args()
    checkpoint = options.work / "checkpoint.pt"
    model = Reader.trained("eager", checkpoint, *options.mean).eval()
    options.out.mkdir(parents=True, exist_ok=True)
    export(model, options.out)
    describe(options.out, options.name, steps=torch.load(checkpoint, weights_only=True)["step"])
    compare(model, options.out, options.work, options.compare)


def export(model: Reader, out: Path) -> None:
    """Write a model's files for `OnnxReader`, but for its record."""
    with tempfile.TemporaryDirectory() as folder:
        whole, prepared, int8 = (Path(folder) / name for name in ("whole.onnx", "prepared.onnx", "int8.onnx"))
        trace(model, whole)
        quant_pre_process(str(whole), str(prepared), skip_symbolic_shape=True)
        quantize_dynamic(str(prepared), str(int8), weight_type=QuantType.QInt8, per_channel=True)
        config = model.encoder.config
        write(lean(onnx.load(int8), config.num_attention_heads, config.hidden_size), out)


def trace(model: Reader, path: Path) -> None:
    """Write a model as it is, in float32."""
    example = batch(list(windows([2054, 2003], [[2009, 2003], [2025, 2009]])))
    arrays = tuple(torch.from_numpy(getattr(example, name)) for name in INPUTS)
    axes = {name: {0: "windows", 1: "tokens"} for name in INPUTS}
    axes |= {"members": {0: "windows", 1: "rows", 2: "tokens"}, "scores": {0: "windows", 1: "sentences"}}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # on what a trace fixes
        torch.onnx.export(
            model, arrays, str(path), input_names=list(INPUTS), output_names=["scores"],
            dynamic_axes=axes, opset_version=17, dynamo=False,
        )  # fmt: skip


def write(model: onnx.ModelProto, out: Path) -> None:
    """Write a model's graph and weights as onnxruntime starts them soonest."""
    with tempfile.TemporaryDirectory() as folder:
        onnx.save(model, Path(folder) / MODEL)
        part(Path(folder) / MODEL, out / MODEL)


def describe(folder: Path, name: str, steps: int) -> None:
    """Put down the sums of what a folder holds of a reader, and what else is to be known of it."""
    held = {path.name: path.read_bytes() for path in sorted(folder.glob(f"{Path(MODEL).stem}.*")) if path.name != ABOUT}
    about = {
        "name": name,
        "sha256": {file: hashlib.sha256(data).hexdigest() for file, data in held.items()},
        "crc32": {file: f"{zlib.crc32(data):08x}" for file, data in held.items()},
        "tokenizer_sha256": hashlib.sha256(packaged_file("tokenizer.json").read_bytes()).hexdigest(),
        "steps": steps,
    }
    (folder / ABOUT).write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")
    print(f"{sum(map(len, held.values())) / 1e6:.1f} MB")


@torch.no_grad()
def compare(model: Reader, folder: Path, work: Path, count: int) -> None:
    """Right sentence first within the gold passage, by the trained model and by the exported file."""
    items = pickle.loads(gzip.decompress((work / "items.pickle.gz").read_bytes()))  # our own file
    held = [item for item in items["held"] if item.passage.gold][:count]
    words, reader = Words(held), OnnxReader.load(folder)
    right, differences = [0, 0], []
    for item in held:
        alone = together([replace(item, negatives=())], words)
        before = scores(model, alone, "cpu")[0, 0].numpy()
        (after,) = reader.read(item.question, [candidate(item.passage.sentences)])
        right[0] += int(before.argmax()) in item.passage.gold
        right[1] += int(after.argmax()) in item.passage.gold
        differences.append(float(abs(before - after).max()))
    before, after = (number / len(held) for number in right)
    print(f"{len(held)} held-out questions: right sentence first {before:.3f}, in int8 {after:.3f}")
    print(
        f"largest difference of a score: median {sorted(differences)[len(held) // 2]:.2f}, most {max(differences):.2f}"
    )


def candidate(sentences: tuple[str, ...]) -> Candidate:
    """A passage to read of which no search knows anything."""
    nothing = np.zeros(len(sentences), np.float32)
    spans = tuple(Sentence(at, at + 1) for at in range(len(sentences)))
    return Candidate(
        Hit(0, 0.0, Search.FUSED), Passage(0, len(spans), spans), sentences, Evidence(nothing, nothing, 0.0)
    )


if __name__ == "__main__":
    main()
