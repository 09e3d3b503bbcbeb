"""The way to one Milvus: what the library asks of it, and what is said where it does not answer. Owns pymilvus.

Every write that was answered is kept by Milvus, and every read here sees it (consistency level Strong) unless it is
told to be content with what Milvus has at hand. What the rows mean is `tables`' and `engine`'s.
"""

import logging
import os
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from index.manifest import LibraryError
from index.milvus.address import Address
from index.milvus.tables import Column, Row

PATIENCE = 10.0
"""Seconds to wait for an answer, tries again included."""
STRONG, AT_HAND = "Strong", "Eventually"
_BATCH = 500
"""Rows in one message: vectors of 1,024 numbers are 2 MB then, the longest texts 33; Milvus takes 64."""
_PAGE = 1000
_MOST = 16_384
"""Rows of one answer at most, by Milvus' limits."""
_TOKEN = "PARALLAX_MILVUS_TOKEN"

Answer = TypeVar("Answer")


class MilvusError(LibraryError):
    """Milvus is not there, went away, or refused what it was asked."""


class Client:
    """Asks one Milvus about the collections of one library. Connects with the first question; safe between threads."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._connected: Any = None  # pymilvus ships no types
        self._lock = Lock()

    def is_there(self) -> bool:
        """Whether there is something to connect to; of a server that is seen only by asking."""
        return not self.address.local or Path(self.address.uri).exists()

    def has(self, table: str, columns: Sequence[Column]) -> bool:
        """Whether there is a collection. Raises MilvusError where it has other columns and so is something else."""
        name = self._named(table)

        def ask(milvus: Any) -> set[str]:  # noqa: ANN401
            if not milvus.has_collection(name, timeout=PATIENCE):
                return set()
            return {field["name"] for field in milvus.describe_collection(name, timeout=PATIENCE)["fields"]}

        there = self._ask(ask)
        if there and there != {column.name for column in columns}:
            raise MilvusError(
                f"What is at {self.address.text} is no library of Parallax (collection {name}); choose another name."
            )
        return bool(there)

    def create(self, table: str, columns: Sequence[Column]) -> None:
        """Make a collection with its indexes and load it; nothing where it is there."""
        if self.has(table, columns):
            return
        name = self._named(table)

        def ask(milvus: Any) -> None:  # noqa: ANN401
            schema, indexes = _schema(milvus, columns), milvus.prepare_index_params()
            for column in columns:
                if column.kind == "FLOAT_VECTOR":
                    indexes.add_index(column.name, index_type="FLAT", metric_type="IP")
                if column.kind == "SPARSE_FLOAT_VECTOR":
                    metric = "IP" if column.bm25_of is None else "BM25"
                    indexes.add_index(column.name, index_type="SPARSE_INVERTED_INDEX", metric_type=metric)
                if column.segment:
                    indexes.add_index(column.name, index_type="INVERTED")
            milvus.create_collection(name, schema=schema, consistency_level=STRONG, timeout=PATIENCE)
            milvus.create_index(name, indexes, timeout=PATIENCE, sync=False)  # there is nothing yet to be indexed

        self._ask(ask)
        self.load(table)

    def load(self, table: str) -> None:
        """Have Milvus hold a collection ready, which a milvus-lite that was begun anew does not; else nothing."""
        self._ask(lambda milvus: milvus.load_collection(self._named(table), timeout=6 * PATIENCE))

    def rows(self, table: str, where: str, columns: Sequence[str]) -> list[Row]:
        """All rows that a filter leaves, however many, in no order."""
        name = self._named(table)

        def ask(milvus: Any) -> list[Row]:  # noqa: ANN401
            pages = milvus.query_iterator(
                name, _PAGE, filter=where, output_fields=list(columns), consistency_level=STRONG, timeout=PATIENCE
            )
            found: list[Row] = []
            while page := pages.next():
                found += page
            pages.close()
            return found

        return self._ask(ask)

    def few_rows(self, table: str, where: str, columns: Sequence[str], level: str = STRONG) -> list[Row]:
        """The rows that a filter leaves, of which there are no more than Milvus gives in one answer, in no order."""

        def ask(milvus: Any) -> list[Row]:  # noqa: ANN401
            return list(
                milvus.query(
                    self._named(table),
                    filter=where,
                    output_fields=list(columns),
                    limit=_MOST,
                    consistency_level=level,
                    timeout=PATIENCE,
                )
            )

        return self._ask(ask)

    def hybrid_search(
        self, table: str, where: str, asked: Sequence[tuple[str, object]], depth: int, level: str
    ) -> list[tuple[int, float]]:
        """Several searches inside a filter, each to a depth, fused by reciprocal rank: (`number`, score), best first.

        `asked`: the column of each search with what is looked for there, by inner product.
        """

        def ask(milvus: Any) -> list[tuple[int, float]]:  # noqa: ANN401
            from pymilvus import AnnSearchRequest, RRFRanker

            from index.fuse import RANK_CONSTANT

            searches = [
                AnnSearchRequest([what], column, {"metric_type": "IP"}, depth, expr=where) for column, what in asked
            ]
            [hits] = milvus.hybrid_search(
                self._named(table),
                searches,
                RRFRanker(RANK_CONSTANT),
                limit=len(asked) * depth,
                output_fields=["number"],
                consistency_level=level,
                timeout=PATIENCE,
            )
            return [(int(hit["entity"]["number"]), float(hit["distance"])) for hit in hits]

        return self._ask(ask)

    def insert(self, table: str, rows: Iterable[Row]) -> None:
        """Write new rows, some hundred in a message."""
        for batch in _batches(rows):
            self._ask(partial(self._insert, table, batch))

    def _insert(self, table: str, batch: list[Row], milvus: Any) -> None:  # noqa: ANN401
        milvus.insert(self._named(table), batch, timeout=PATIENCE)

    def upsert(self, table: str, row: Row) -> None:
        """Write one row in the place of that with its key, in one step."""
        self._ask(lambda milvus: milvus.upsert(self._named(table), [row], timeout=PATIENCE))

    def delete(self, table: str, where: str) -> None:
        """Delete the rows that a filter leaves."""
        self._ask(lambda milvus: milvus.delete(self._named(table), filter=where, timeout=PATIENCE))

    def close(self) -> None:
        """End the connection; of a path, let another process have it."""
        with self._lock:
            if self._connected is not None:
                self._connected.close()
                self._connected = None
                if self.address.local:
                    from milvus_lite.server_manager import server_manager_instance

                    server_manager_instance.release_server(self.address.uri)

    def _named(self, table: str) -> str:
        return f"{self.address.name}_{table}"

    def _ask(self, ask: Callable[[Any], Answer]) -> Answer:
        """What Milvus answers. Raises MilvusError where it does not."""
        milvus = self._milvus()
        from grpc import RpcError
        from pymilvus import MilvusException

        try:
            return ask(milvus)
        except (MilvusException, RpcError) as error:
            raise MilvusError(
                f"Milvus at {self.address.text} did not do what it was asked ({_reason(error)}); no document there is "
                "half changed: see that Milvus runs and has room, and try again."
            ) from error

    def _milvus(self) -> Any:  # noqa: ANN401
        with self._lock:
            if self._connected is None:
                self._connected = self._connect()
            return self._connected

    def _connect(self) -> Any:  # noqa: ANN401
        os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # what goes wrong is raised; it prints it, too
        try:
            from pymilvus import MilvusClient, MilvusException
        except ModuleNotFoundError as error:
            raise MilvusError(
                f"A library on Milvus needs a package that is not there ({error.name}); "
                "install it in Parallax’s folder with: .venv/bin/pip install -e '.[milvus]'."
            ) from error
        for name in ("pymilvus", "milvus_lite"):
            logging.getLogger(name).setLevel(logging.CRITICAL)  # they print what they also raise
        try:
            if self.address.local:
                Path(self.address.uri).parent.mkdir(parents=True, exist_ok=True)
            return MilvusClient(self.address.uri, token=os.environ.get(_TOKEN, ""), timeout=PATIENCE)
        except (MilvusException, OSError) as error:
            if self.address.local:
                raise MilvusError(
                    f"{self.address.uri} cannot be opened; another process may have it (one alone can have a "
                    "milvus-lite file), or you may not write there."
                ) from error
            raise MilvusError(
                f"There is no Milvus that answers at {self.address.text} ({_reason(error)}); check the address, and "
                f"that it runs and lets you in ({_TOKEN})."
            ) from error


def _schema(milvus: Any, columns: Sequence[Column]) -> Any:  # noqa: ANN401
    from pymilvus import DataType, Function, FunctionType

    schema = milvus.create_schema(auto_id=False, enable_dynamic_field=False)
    for place, column in enumerate(columns):
        about: dict[str, object] = {}
        if column.size is not None:
            about["max_length" if column.kind == "VARCHAR" else "dim"] = column.size
        if any(other.bm25_of == column.name for other in columns):
            about["enable_analyzer"] = True
            about["analyzer_params"] = {"tokenizer": "standard"}  # the words come stemmed, with spaces between them
        schema.add_field(
            column.name, DataType[column.kind], is_primary=place == 0, is_partition_key=column.segment, **about
        )
        if column.bm25_of is not None:
            schema.add_function(Function(column.name, FunctionType.BM25, [column.bm25_of], [column.name]))
    return schema


def _batches(rows: Iterable[Row]) -> Iterable[list[Row]]:
    remaining = iter(rows)
    return iter(lambda: list(islice(remaining, _BATCH)), [])


def _reason(error: Exception) -> str:
    """What an error of Milvus' or of gRPC's says, in one line."""
    told = getattr(error, "message", None) or getattr(error, "details", lambda: None)() or error
    return str(told).strip().split("\n", 1)[0].rstrip(".")[:300]
