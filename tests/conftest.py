"""Fixtures that several test modules share."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import settings

from index.types import Details, Progress

if TYPE_CHECKING:
    from index.embed import Encodable, Encoder, Vectors
    from index.onnx_encoder import OnnxEncoder
    from index.sentence_encoder import SentenceTransformerEncoder
    from qa.session import Session

_cache = tempfile.TemporaryDirectory()  # goes when the tests have ended
os.environ["PARALLAX_CACHE"] = _cache.name
os.environ["PARALLAX_USERS"] = str(Path(_cache.name) / "users.json")
os.environ["HF_HUB_OFFLINE"] = "1"  # read when the hub's client is imported: no test asks it
# A shell lets what it runs in the background ignore this, and so would all that the tests start and interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)
# A deadline for each example would measure the machine, not the code. The same examples every time, so that a run says
# something of the change alone; PARALLAX_SEARCH looks for new ones.
settings.register_profile("parallax", deadline=None, derandomize="PARALLAX_SEARCH" not in os.environ)
settings.load_profile("parallax")


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of the two real documents; without it the test is skipped."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "corpus"
    folder = Path(os.environ.get("PARALLAX_CORPUS", beside))
    if not folder.is_dir():
        pytest.skip("no corpus: neither PARALLAX_CORPUS nor ../shared/corpus is there")
    return folder


@pytest.fixture(scope="session")
def gold(corpus: Path) -> Path:
    """The folder of what was written down by hand about the corpus."""
    folder = corpus.parent / "eval"
    if not folder.is_dir():
        pytest.skip("no gold beside the corpus")
    return folder


@pytest.fixture(scope="session")
def packaged_encoder() -> "SentenceTransformerEncoder":
    """The real encoder with its packaged weights."""
    from index.sentence_encoder import load

    return load()


@pytest.fixture(scope="session")
def exported_encoder(
    packaged_encoder: "SentenceTransformerEncoder", tmp_path_factory: pytest.TempPathFactory
) -> "OnnxEncoder":
    """The real encoder as it is exported."""
    from index.export import export

    return export(packaged_encoder, tmp_path_factory.mktemp("exports") / "packaged", lambda stage, done, total: None)


@pytest.fixture(scope="session")
def indexed_corpus(
    corpus: Path, packaged_encoder: "SentenceTransformerEncoder", tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The folder of a library of the two real documents; not to be changed."""
    from index.library import Library

    folder = tmp_path_factory.mktemp("corpus") / "library"
    library = Library.open(folder, lambda name: packaged_encoder, create=True)
    for path in sorted(corpus.glob("*.txt")):
        library.add(path, Details())
    return folder


@pytest.fixture(scope="session")
def word_encoder() -> "Callable[[str], Encoder]":
    """Loads an encoder that needs no model, for tests of what does not depend on one."""
    return WordEncoder


class WordEncoder:
    """A text's vector is the sum of its words' vectors, and a word's is drawn at random from its letters."""

    fingerprint, dimension = "words", 64

    def __init__(self, name: str) -> None:
        self.name = name

    def encode_query(self, query: str) -> "Vectors":
        seeds = [zlib.crc32(word.encode()) for word in query.lower().split()]
        vector = np.sum([np.random.default_rng(seed).normal(size=self.dimension) for seed in [0, *seeds]], axis=0)
        return (vector / np.linalg.norm(vector)).astype(np.float32)

    def encode_passages(self, passages: "Sequence[Encodable]", progress: Progress) -> "tuple[Vectors, Vectors]":
        spans = [passage.text[start:end] for passage in passages for start, end in passage.spans]
        progress("encoding", len(passages), len(passages))
        return np.stack([self.encode_query(p.text) for p in passages]), np.stack(list(map(self.encode_query, spans)))


@pytest.fixture(scope="session")
def tiny_reader(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a reader with the packaged one's interface, which `tests/tiny_reader.py` says again in numpy."""
    import tiny_reader

    return tiny_reader.save(tmp_path_factory.mktemp("tiny") / "reader")


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a library of the two sample documents, read with the packaged model."""
    from qa.session import Session

    folder = tmp_path_factory.mktemp("samples") / "library"
    session = Session.open(folder, create=True)
    for sample in sorted((Path(__file__).resolve().parents[1] / "ui" / "samples").glob("*.txt"), reverse=True):
        session.add(sample)
    return folder


@pytest.fixture(scope="session")
def library(samples: Path) -> "Session":
    """A session over the sample documents."""
    from qa.session import Session

    return Session.open(samples)


@pytest.fixture(scope="session")
def hostile_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a library of one document whose words look like code to a browser and to a template."""
    from qa.session import Session

    folder = tmp_path_factory.mktemp("hostile")
    file = folder / "barge.txt"
    file.write_text(HOSTILE, encoding="utf-8")
    session = Session.open(folder / "library", create=True)
    session.add(file, Details(title="<b>The Barge</b> ${window.pwned=1}", label="Barge <i>&amp; Co</i>"))
    return folder / "library"


HOSTILE = """The Barge <script>window.pwned=1</script>

The lock keeper moved the barge at dawn, and he told nobody. <script>window.pwned=1</script> The mate wrote \
${window.pwned=1} in the margin, and under it <img src=x onerror=window.pwned=1>.

The harbour master found the barge "adrift" & said so: {{value}} `${window.pwned=1}` @children \u202e backwards.

""" + "\n\n".join(
    f"On the way to lock {number} the keeper counted the gates, the paddles and the swans, wrote all three numbers "
    "in his book in a hand that grew smaller from lock to lock, and closed it before the next bridge."
    for number in range(1, 120)
)


_SERVE = """
import signal
import sys
from qa.session import Session
from ui.web import launch

signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background ignores it
session = Session.open(sys.argv[1], create=True)
session.warm()
exec(sys.argv[3])
launch(session, "127.0.0.1", int(sys.argv[2]), lambda address: print(address, flush=True))
"""


def serve(folder: Path, first: str = "") -> Iterator[str]:
    """Serve a library from a process of its own, as it is served to people; it must end when interrupted.

    `first` is done to the `session` there before it is served.
    """
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    command = [sys.executable, "-c", _SERVE, str(folder), port, first]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        address = server.stdout.readline().strip()
        assert address, "the server ended before it was ready"
        try:
            yield address
        finally:
            server.send_signal(signal.SIGINT)
            try:
                assert server.wait(timeout=30) == 0
            finally:
                server.kill()


@pytest.fixture(scope="session")
def address(library: "Session", samples: Path) -> Iterator[str]:
    """Where the page over the sample documents is served."""
    yield from serve(samples)


@pytest.fixture(scope="session")
def hostile_address(hostile_library: Path) -> Iterator[str]:
    """Where the page over the hostile document is served."""
    yield from serve(hostile_library)
