"""A sentence-transformers model of two small layers with random weights, made anew wherever a test needs one."""

from collections.abc import Sequence
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
    BertTokenizerFast({word: number for number, word in enumerate(vocabulary)}).save_pretrained(bert)
    small = BertConfig(hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64)
    small.update({"vocab_size": len(vocabulary), "max_position_embeddings": 64})
    BertModel(small).save_pretrained(bert)
    words = Transformer(str(bert), max_seq_length=64)
    SentenceTransformer(modules=[words, Pooling(32, pooling_mode=pooling)], **settings).save(str(folder / "model"))
    return folder / "model"


def save_dictionary(folder: Path, meanings: Sequence[Sequence[str]], languages: str) -> Path:
    """A model whose words have the vectors of their meanings: those listed together share one, all others say nothing.

    A text's vector is then the sum of its known words' vectors. `languages`: what its card says that it knows, in YAML.
    """
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    torch.manual_seed(1)
    words = {word: number for number, meaning in enumerate(meanings) for word in meaning}
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    bert = folder / "bert"
    vocabulary = {word: number for number, word in enumerate([*special, *words])}
    BertTokenizerFast(vocabulary, strip_accents=False).save_pretrained(bert)
    small = BertConfig(hidden_size=32, num_hidden_layers=0, num_attention_heads=2, intermediate_size=64)
    small.update({"vocab_size": len(special) + len(words), "max_position_embeddings": 512})
    small.update({"layer_norm_eps": 1.0})  # or a faint vector would become as long as any other
    model = BertModel(small)
    vectors = torch.linalg.qr(torch.randn(32, 32))[0]  # no two meanings are alike
    with torch.no_grad():
        for parameter in model.embeddings.parameters():
            parameter.zero_()
        model.embeddings.LayerNorm.weight.fill_(1.0)
        model.embeddings.word_embeddings.weight[1] = 0.01 * vectors[31]  # a text without a known word has a vector, too
        for row, number in enumerate(words.values(), len(special)):
            model.embeddings.word_embeddings.weight[row] = vectors[number]
    model.save_pretrained(bert)
    pooled = [Transformer(str(bert), max_seq_length=512), Pooling(32, pooling_mode="mean")]
    SentenceTransformer(modules=pooled).save(str(folder / "model"))
    card = f"---\nlanguage: {languages}\n---\n\n# A dictionary\n"
    (folder / "model" / "README.md").write_text(card, encoding="utf-8")
    return folder / "model"
