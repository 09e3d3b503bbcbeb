"""A reader with the packaged one's interface, small enough to make in a test, and the same in numpy as an oracle.

A token's state is drawn at random; a sentence's score is its mean state times the question's and the whole window's,
so that it depends on every token of the window, and on nothing else.

In int8, as the packaged one is, states are scaled by all that is read at once, and scores depend on that too.
"""

import hashlib
import json
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from index.embed import packaged_file
from qa.onnx_reader import ABOUT, MODEL
from qa.read import Reading
from qa.windows import CLS, SEP, Window

NAME = "tiny"
WEIGHTS = "reader.weights"
KINDS, WIDTH = 997, 16
"""Tokens whose ids leave the same rest share a state."""
_CHANCE = np.random.default_rng(1)
STATES = _CHANCE.normal(size=(KINDS, WIDTH)).astype(np.float32)
KIND_STATES = _CHANCE.normal(size=(2, WIDTH)).astype(np.float32)
"""Added to tokens of the question, and of the passage."""


def save(folder: Path, *, int8: bool = False) -> Path:
    """Write the reader's three files."""
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(_model(int8), folder / MODEL, save_as_external_data=True, location=WEIGHTS)
    about = {
        "name": NAME,
        "crc32": {name: f"{zlib.crc32((folder / name).read_bytes()):08x}" for name in (MODEL, WEIGHTS)},
        "tokenizer_sha256": hashlib.sha256(packaged_file("tokenizer.json").read_bytes()).hexdigest(),
    }
    (folder / ABOUT).write_text(json.dumps(about), encoding="utf-8")
    return folder


def scores(window: Window) -> Reading:
    """What the model gives for a window, shape (sentences,)."""
    question = [CLS, *window.question, SEP]
    passage = [token for piece in window.pieces for token in piece]
    head, body = _states(question, 0), _states([*passage, SEP], 1)
    whole = np.concatenate([head, body]).mean(axis=0)
    asked = head[1:-1].mean(axis=0)
    cuts = np.cumsum([len(piece) for piece in window.pieces])
    means = [part.mean(axis=0) if len(part) else np.zeros(WIDTH) for part in np.split(body, cuts)[:-1]]
    return np.array([mean @ (asked + whole) for mean in means], np.float32)


def _states(ids: Sequence[int], kind: int) -> NDArray[np.float32]:
    return STATES[np.array(ids, np.int64) % KINDS] + KIND_STATES[kind]


def _model(int8: bool) -> onnx.ModelProto:
    constants = {
        "states": STATES,
        "kind_states": KIND_STATES,
        "kinds": np.array(KINDS, np.int64),
        "first": np.array([0], np.int64),
        "second": np.array([1], np.int64),
        "end": np.array([np.iinfo(np.int64).max], np.int64),
        "tokens": np.array([1], np.int64),
        "state": np.array([2], np.int64),
        "rows": np.array([1], np.int64),
    }
    scaled = [
        helper.make_node("DynamicQuantizeLinear", ["exact"], ["int8", "scale", "zero"]),
        helper.make_node("DequantizeLinear", ["int8", "scale", "zero"], ["all"]),
    ]
    nodes = [
        helper.make_node("Mod", ["input_ids", "kinds"], ["ids"]),
        helper.make_node("Gather", ["states", "ids"], ["words"]),
        helper.make_node("Gather", ["kind_states", "token_type_ids"], ["types"]),
        helper.make_node("Add", ["words", "types"], ["padded"]),
        helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["mask", "state"], ["mask_column"]),
        helper.make_node("Mul", ["padded", "mask_column"], ["exact"]),
        *(scaled if int8 else [helper.make_node("Identity", ["exact"], ["all"])]),
        helper.make_node("ReduceSum", ["all", "tokens"], ["sum"], keepdims=1),
        helper.make_node("ReduceSum", ["mask_column", "tokens"], ["length"], keepdims=1),
        helper.make_node("Div", ["sum", "length"], ["whole"]),
        helper.make_node("MatMul", ["members", "all"], ["means"]),
        helper.make_node("Slice", ["means", "first", "second", "rows"], ["asked"]),
        helper.make_node("Slice", ["means", "second", "end", "rows"], ["sentences"]),
        helper.make_node("Add", ["asked", "whole"], ["sought"]),
        helper.make_node("Mul", ["sentences", "sought"], ["products"]),
        helper.make_node("ReduceSum", ["products", "state"], ["scores"], keepdims=0),
    ]
    tokens = ["windows", "tokens"]
    graph = helper.make_graph(
        nodes,
        "reader",
        [
            *(
                helper.make_tensor_value_info(name, TensorProto.INT64, tokens)
                for name in ("input_ids", "token_type_ids", "attention_mask")
            ),
            helper.make_tensor_value_info("members", TensorProto.FLOAT, ["windows", "rows_of_members", "tokens"]),
        ],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["windows", "sentences"])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model, full_check=True)
    return model
