import sys
from pathlib import Path

import faiss
from sentence_transformers import SentenceTransformer

model_name, question, *files = sys.argv[1:]
model = SentenceTransformer(model_name)
for file in files:
    passages, kept = Path(file).read_text("utf-8").split("\n\n"), f"{file}.faiss"
    if not Path(kept).exists():
        index = faiss.IndexFlatIP(model.get_embedding_dimension())
        index.add(model.encode(passages, normalize_embeddings=True))
        faiss.write_index(index, kept)
    scores, rows = faiss.read_index(kept).search(model.encode([question], normalize_embeddings=True), 3)
    print(file, *(f"{score:.2f} {passages[row]}" for score, row in zip(scores[0], rows[0], strict=True)), sep="\n")
