"""One system of `scripts/peers.py`, in a process of its own: it indexes the passages, or answers from what it kept.

    python scripts/peer.py parallax|txtai|haystack index|ask TASK.json

TASK.json names the model's folder, the documents' files and their passages as text, the questions, and a folder to
keep the index in. `index` prints JSON: seconds of indexing with the model loaded, median milliseconds of a question
after that, and the most memory held, in megabytes. `ask` answers the first question and ends; the caller takes the
time. Each searches by meaning, Parallax and txtai by words, too; none reads with a model what it found.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

Task = dict[str, Any]
Ask = Callable[[str], object]
FOUND = 12


def parallax(task: Task, kept: Path, asking: bool) -> tuple[Callable[[], object], Ask]:
    from qa.session import Session

    session = Session.open(kept, create=not asking, reader="none")
    if not asking:
        session._library._make(lambda stage, done, total: None)  # loads the encoder, as the others do beforehand
    return lambda: [session.add(file) for file in task["files"]], session.ask


def txtai(task: Task, kept: Path, asking: bool) -> tuple[Callable[[], object], Ask]:
    from txtai import Embeddings

    embeddings = Embeddings(path=task["model"], method="sentence-transformers", content=True, hybrid=True)
    if asking:
        embeddings.load(str(kept))
    else:
        embeddings.batchtransform([task["questions"][0]])  # loads the model

    def index() -> None:
        embeddings.index(task["passages"])
        embeddings.save(str(kept))

    return index, lambda question: embeddings.search(question, FOUND)


def haystack(task: Task, kept: Path, asking: bool) -> tuple[Callable[[], object], Ask]:
    from haystack import Document
    from haystack.components.retrievers import InMemoryEmbeddingRetriever
    from haystack.document_stores.in_memory import InMemoryDocumentStore
    from haystack_integrations.components.embedders.sentence_transformers import (
        SentenceTransformersDocumentEmbedder,
        SentenceTransformersTextEmbedder,
    )

    query = SentenceTransformersTextEmbedder(model=task["model"], progress_bar=False)
    query.warm_up()
    store = InMemoryDocumentStore.load_from_disk(str(kept)) if asking else InMemoryDocumentStore()
    retriever = InMemoryEmbeddingRetriever(store, top_k=FOUND)
    embedder = SentenceTransformersDocumentEmbedder(model=task["model"], progress_bar=False)
    if not asking:
        embedder.warm_up()

    def index() -> None:
        store.write_documents(embedder.run([Document(content=text) for text in task["passages"]])["documents"])
        store.save_to_disk(str(kept))

    return index, lambda question: retriever.run(query.run(question)["embedding"])


def main() -> None:
    name, what, file = sys.argv[1:]
    task = json.loads(Path(file).read_text("utf-8"))
    system = {"parallax": parallax, "txtai": txtai, "haystack": haystack}[name]
    index, ask = system(task, Path(task["kept"]) / name, what == "ask")
    if what == "ask":
        print(ask(task["questions"][0]))
        return
    indexing = seconds(index)
    ask(task["questions"][0])
    asking = median(seconds(lambda: ask(question)) for question in task["questions"])  # noqa: B023
    # Of this program alone, on Linux; what getrusage tells begins with the memory of the process that started it.
    peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    most = int(peak.split()[1]) / 1024
    print(json.dumps({"index, s": indexing, "warm question, ms": 1000 * asking, "memory, MB": most}))


def seconds(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
