"""The exported reader's graph without what one window alone does not need. No reading changes by a bit.

A window goes through the model by itself, so nothing is padded and there is nothing to mask; and the heads of its
attention can be multiplied where they lie, instead of being moved side by side first (`FusedMatMul` of onnxruntime).
"""

from collections import defaultdict

import numpy as np
import onnx
from onnx import helper, numpy_helper

ORT = "com.microsoft"
"""The domain of onnxruntime's own operations."""


def lean(model: onnx.ModelProto, heads: int, width: int) -> onnx.ModelProto:
    """Of a BERT encoder with so many heads in each layer, together so wide. Changes the model, and gives it back."""
    graph = model.graph
    makes = {output: node for node in graph.node for output in node.output}
    takes = defaultdict(list)
    for node in graph.node:
        for name in node.input:
            takes[name].append(node)
    apart, together = np.array([-1, heads, width // heads], np.int64), np.array([1, -1, width], np.int64)
    graph.initializer.extend([numpy_helper.from_array(apart, "apart"), numpy_helper.from_array(together, "together")])

    def projected(name: str) -> str:
        """Where a query, key or value is before its heads are moved."""
        while makes[name].op_type in ("Transpose", "Reshape"):
            name = makes[name].input[0]
        return name

    for softmax in [node for node in graph.node if node.op_type == "Softmax"]:
        masked = makes[softmax.input[0]]
        scaled = makes[masked.input[0]]
        product = makes[scaled.input[0]]
        (weighed,) = takes[softmax.output[0]]
        (moved,) = takes[weighed.output[0]]
        (joined,) = takes[moved.output[0]]
        kinds = [node.op_type for node in (masked, scaled, product, weighed, moved, joined)]
        assert kinds == ["Add", "Mul", "MatMul", "MatMul", "Transpose", "Reshape"], kinds
        own = joined.output[0]
        query, key, value = (projected(name) for name in (*product.input, weighed.input[1]))
        nodes = [
            *(
                helper.make_node("Reshape", [whole, "apart"], [f"{own}/{part}"])
                for whole, part in ((query, "query"), (key, "key"), (value, "value"))
            ),
            helper.make_node(
                "FusedMatMul", [f"{own}/query", f"{own}/key"], [f"{own}/scores"], domain=ORT,
                alpha=float(1 / np.sqrt(width // heads)), transB=1, transBatchA=1, transBatchB=1,
            ),
            helper.make_node("Softmax", [f"{own}/scores"], [f"{own}/shares"], axis=-1),
            helper.make_node(
                "FusedMatMul", [f"{own}/shares", f"{own}/value"], [f"{own}/heads"],
                domain=ORT, transBatchB=1,
            ),
            helper.make_node("Transpose", [f"{own}/heads"], [f"{own}/tokens"], perm=[1, 0, 2]),
            helper.make_node("Reshape", [f"{own}/tokens", "together"], [own]),
        ]  # fmt: skip
        at = list(graph.node).index(joined)
        graph.node.remove(joined)
        for node in reversed(nodes):
            graph.node.insert(at, node)
    _forget_what_nothing_takes(graph)
    if all(known.domain != ORT for known in model.opset_import):
        model.opset_import.append(helper.make_opsetid(ORT, 1))
    return model


def _forget_what_nothing_takes(graph: onnx.GraphProto) -> None:
    needed, nodes = {output.name for output in graph.output}, []
    for node in reversed(graph.node):
        if needed.intersection(node.output):
            needed.update(node.input)
            nodes.append(node)
    for field, kept in (
        (graph.node, nodes[::-1]),
        (graph.initializer, [weights for weights in graph.initializer if weights.name in needed]),
        (graph.input, [taken for taken in graph.input if taken.name in needed]),
    ):
        del field[:]
        field.extend(kept)
    del graph.value_info[:]  # of what is gone, too
