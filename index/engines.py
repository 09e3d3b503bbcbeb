"""From a library's address to the place where it is kept."""

from pathlib import Path

from index.embedded import Embedded
from index.engine import Engine
from index.milvus.address import is_milvus


def engine_at(address: str | Path) -> Engine:
    """The engine of a folder, of `milvus://HOST:PORT/NAME` or of `milvus-lite:PATH`.

    Nothing is opened yet. Raises LibraryError for an address of Milvus that is not of one of these forms.
    """
    if isinstance(address, str) and is_milvus(address):
        from index.milvus.engine import Milvus

        return Milvus(address)
    return Embedded(Path(address))
