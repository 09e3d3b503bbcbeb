"""Encoding by the machines of a Ray cluster, one chunk a task; each of them has this version of Parallax.

The encoder goes into the cluster's store once and from there to every machine. Vectors come in the order of their
chunks; a chunk whose worker dies is encoded again. No cluster is started here, and nothing is written.
"""

import logging
from collections import deque
from collections.abc import Generator, Iterable
from functools import lru_cache
from itertools import islice
from typing import Any

from index.embed import Encoder, EncoderError, Vectors
from index.vectors import Chunk
from index.workers import AHEAD, Opening

_RETRIES = 3
"""So often is a chunk given to another worker after its own has died."""


def encoded(opening: Opening, address: str, chunks: Iterable[Chunk]) -> Generator[tuple[Vectors, Vectors], None, None]:
    """The vectors of each chunk's passages and of their spans, in order.

    `address`: as `ray.init` takes it; "auto" is the cluster of this machine, or that of RAY_ADDRESS. Raises
    EncoderError where Ray or the cluster is not there, and where workers keep dying.
    """
    ray, connected = _connected(address)
    try:
        encode = ray.remote(max_retries=_RETRIES, num_cpus=1)(_encode)
        kept = [ray.put(opening)]  # in a list: each task gets where it is, not a copy of it
        slots = AHEAD * max(int(ray.cluster_resources().get("CPU", 1)), 1)
        under_way: deque[Any] = deque()
        chunks = iter(chunks)
        while True:
            under_way.extend(encode.remote(kept, chunk) for chunk in islice(chunks, slots - len(under_way)))
            if not under_way:
                return
            yield ray.get(under_way.popleft())
    except ray.exceptions.RayError as error:
        raised = getattr(error, "cause", None)  # what the encoder raised, if it was not a worker that died
        reason = _line(error if raised is None else raised)
        raise EncoderError(f"The Ray cluster at “{address}” could not encode ({reason}); try again.") from error
    finally:
        if connected:
            ray.shutdown()


def _connected(address: str) -> tuple[Any, bool]:
    """Ray, and whether the connection is ours to close."""
    try:
        import ray
    except ModuleNotFoundError as error:
        raise EncoderError(
            "Ray is not installed; install it in Parallax’s folder with .venv/bin/pip install -e '.[ray]', or give "
            "--workers a number."
        ) from error
    if ray.is_initialized():
        return ray, False
    try:
        ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise EncoderError(
            f"There is no Ray cluster at “{address}” ({_line(error)}); start one, or name its address."
        ) from error
    return ray, True


def _line(error: Exception) -> str:
    """The first line of what Ray says."""
    return str(error).strip().split("\n", 1)[0].rstrip(".")


def _encode(kept: list[Any], chunk: Chunk) -> tuple[Vectors, Vectors]:
    return _opened(kept[0]).encode_passages(chunk, lambda stage, done, total: None)


@lru_cache(1)
def _opened(kept: Any) -> Encoder:  # noqa: ANN401
    """A worker's encoder, loaded by its first task."""
    import ray

    encoder: Encoder = ray.get(kept)()
    return encoder
