"""A sentence-transformers model of two small layers with random weights, made anew wherever a test needs one."""

from pathlib import Path
from typing import Any


def save_tiny(folder: Path, pooling: str, **settings: Any) -> Path:
    """A model of two small layers with random weights, which pools as told."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    torch.manual_seed(1)
    letters = "abcdefghijklmnopqrstuvwxyz.,"
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "weir", "lock", *letters, *(f"##{c}" for c in letters)]
    bert = folder / "bert"
    bert.mkdir(parents=True)
    (bert / "vocab.txt").write_text("\n".join(vocabulary))
    BertTokenizerFast(str(bert / "vocab.txt")).save_pretrained(bert)
    small = BertConfig(hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64)
    small.update({"vocab_size": len(vocabulary), "max_position_embeddings": 64})
    BertModel(small).save_pretrained(bert)
    words = Transformer(str(bert), max_seq_length=64)
    SentenceTransformer(modules=[words, Pooling(32, pooling_mode=pooling)], **settings).save(str(folder / "model"))
    return folder / "model"
