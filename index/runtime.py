"""onnxruntime and tokenizers: a model's file made ready to run, on the processor alone, and its tokenizer.

What goes into a model and what comes out is its owner's to know. Both are imported only when a model is loaded.
"""

import os
from pathlib import Path
from typing import Any

from index.types import ParallaxError

# Or onnxruntime would tell its maker of each use, and keep a number of this machine in the user's cache (its
# Privacy.md). It must be set before the import; children inherit it.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

SLOWER = ["SkipLayerNormFusion"]
"""Of onnxruntime's optimizations those that take more time than they save: a sum and its layer norm in one step take
about eight times as long as the two."""
MOST = 16
"""Texts that go through a model at once at most: each takes some 10 MB meanwhile, also where a container may use little
of a large machine."""


class ModelError(ParallaxError):
    """onnxruntime cannot run a model."""


def started(model: Path, name: str) -> Any:  # noqa: ANN401  (onnxruntime ships no types)
    """A model ready to run, each run on the thread that asks: who has many texts runs `at_once` of them.

    Threads within one run mostly wait for each other, or turn in circles and take the time of what works
    (docs/indexing.md). `name` is what the message calls it. Raises ModelError.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(
            str(model), options, providers=["CPUExecutionProvider"], disabled_optimizers=SLOWER
        )
    except Exception as error:  # onnxruntime raises its own kinds, one for each fault of a file
        raise ModelError(f"{name} cannot be run by onnxruntime {onnxruntime.__version__}.") from error


def at_once() -> int:
    """So many texts go through a model at once: one for each core that this process may use, up to MOST."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, MOST)


def part(model: Path, to: Path) -> None:
    """Write a model anew as it starts soonest: optimised, and its weights in a file beside it, which is mapped."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED  # good for any processor
    options.optimized_model_filepath = str(to)
    options.add_session_config_entry("session.optimized_model_external_initializers_file_name", f"{to.stem}.weights")
    options.add_session_config_entry("session.optimized_model_external_initializers_min_size_in_bytes", "1024")
    onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"], disabled_optimizers=SLOWER)


def quantise(model: Path, to: Path) -> None:
    """Write a model anew with the matrices that it multiplies by in int8, each column with a scale of its own.

    What is multiplied by them is rounded to uint8 as it comes, by its own range ("dynamic"), so that nothing is
    calibrated. Float32 stay embeddings, which are only looked up, and matrices that narrow: behind an activation, with
    its outliers, one range is too coarse for all.
    """
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from onnxruntime.quantization.quant_utils import add_pre_process_metadata

    read = onnx.load(model)  # given a path, it would write files beside it
    add_pre_process_metadata(read)  # `part` optimised it; else the log is told that nobody did
    matrices = (kept for kept in read.graph.initializer if len(kept.dims) == 2)
    narrow = {kept.name for kept in matrices if kept.dims[0] > kept.dims[1]}
    left = [node.name for node in read.graph.node if node.op_type == "MatMul" and node.input[1] in narrow]
    untold = {"DefaultTensorType": onnx.TensorProto.FLOAT}  # onnx does not know what onnxruntime's own operations give
    quantize_dynamic(
        read, to, ["MatMul"], per_channel=True, weight_type=QuantType.QInt8, nodes_to_exclude=left, extra_options=untold
    )


def tokenizer(vocabulary: bytes) -> Any:  # noqa: ANN401  (tokenizers' types say too little)
    """A tokenizer from its JSON, without padding; it truncates as the JSON says. Safe to use from several threads."""
    from tokenizers import Tokenizer

    made = Tokenizer.from_str(vocabulary.decode())  # a quarter quicker than from_buffer
    made.no_padding()
    return made
