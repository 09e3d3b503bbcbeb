"""Encoding by several processes of this machine, each with an encoder of its own on one thread.

Vectors come in the order of their chunks. Where a process dies, all are replaced, and what was under way is encoded
again. Nothing is written here.
"""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice

from index.embed import Encoder, EncoderError, Vectors
from index.vectors import Chunk

AHEAD = 2
"""Chunks under way for each worker: one being encoded, one waiting for it."""
_DEATHS = 3
"""So often in a row may the same chunk be cut short."""

Opening = Callable[[], Encoder]
"""Loads an encoder; can be sent to another process."""

_opened: list[Encoder] = []
"""This worker's encoder, once it has one."""


def encoded(opening: Opening, workers: int, chunks: Iterable[Chunk]) -> Generator[tuple[Vectors, Vectors], None, None]:
    """The vectors of each chunk's passages and of their spans, in order.

    Raises EncoderError where workers keep dying, and what `opening` and its encoder raise.
    """
    chunks = iter(chunks)
    under_way: deque[tuple[Chunk, Future[tuple[Vectors, Vectors]]]] = deque()
    pool, deaths = _pool(workers), 0
    try:
        while True:
            try:
                for chunk in islice(chunks, AHEAD * workers - len(under_way)):
                    under_way.append((chunk, _submitted(pool, opening, chunk)))
                if not under_way:
                    return
                vectors = under_way[0][1].result()
            except BrokenProcessPool as error:
                deaths += 1
                if deaths > _DEATHS:
                    raise EncoderError(
                        f"The encoder's processes ended {deaths} times at the same passages; try fewer --workers."
                    ) from error
                pool.shutdown()
                pool = _pool(workers)
                under_way = deque((chunk, _submitted(pool, opening, chunk)) for chunk, _ in under_way)
                continue
            under_way.popleft()
            deaths = 0
            yield vectors
    finally:
        pool.shutdown(cancel_futures=True)


def _pool(workers: int) -> ProcessPoolExecutor:
    context = multiprocessing.get_context("spawn")  # a fork would share what onnxruntime has locked
    return ProcessPoolExecutor(workers, context, _begin)


def _submitted(pool: ProcessPoolExecutor, opening: Opening, chunk: Chunk) -> Future[tuple[Vectors, Vectors]]:
    """The vectors to be of a chunk; where the pool is broken already, they say so."""
    try:
        return pool.submit(_encode, opening, chunk)
    except BrokenProcessPool as error:
        failed: Future[tuple[Vectors, Vectors]] = Future()
        failed.set_exception(error)
        return failed


def _begin() -> None:
    """An interrupt is for the process that asked; when that is gone, nobody needs this one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()

    def end_with_it() -> None:
        if parent is not None:
            parent.join()
        os._exit(1)

    threading.Thread(target=end_with_it, daemon=True).start()


def _encode(opening: Opening, chunk: Chunk) -> tuple[Vectors, Vectors]:
    if not _opened:
        _opened.append(opening())
    return _opened[0].encode_passages(chunk, lambda stage, done, total: None)
