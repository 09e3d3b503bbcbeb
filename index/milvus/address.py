"""Addresses of libraries on Milvus: `milvus://HOST:PORT/NAME` (a server) and `milvus-lite:PATH` (in this process)."""

import re
from dataclasses import dataclass

from index.manifest import LibraryError

_SERVER = re.compile(
    r"milvus://(?P<host>[\w.-]+|\[[0-9a-fA-F:]+\]):(?P<port>\d{1,5})/(?P<name>[A-Za-z_]\w{0,199})", re.ASCII
)
_LITE = re.compile(r"milvus-lite:(?P<path>.+\.db)", re.DOTALL)
_NAME = "parallax"
"""What the collections of a milvus-lite file begin with: it holds one library."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a library on Milvus is."""

    text: str
    """As the user named it."""
    uri: str
    """As the client of Milvus names it: of a server its URL, else the path."""
    name: str
    """What the names of the library's collections begin with."""
    local: bool
    """Whether it is a path of this machine, served by this process."""


def is_milvus(text: str) -> bool:
    """Whether a library's address is one of Milvus, well formed or not; else it is a folder."""
    return text.startswith(("milvus:", "milvus-lite:"))


def address(text: str) -> Address:
    """Read an address. Raises LibraryError where it has neither form."""
    if found := _SERVER.fullmatch(text):
        return Address(text, f"http://{found['host']}:{found['port']}", found["name"], local=False)
    if found := _LITE.fullmatch(text):
        return Address(text, found["path"], _NAME, local=True)
    raise LibraryError(
        f"“{text}” is no address of a library on Milvus; write milvus://HOST:PORT/NAME, the name of letters, digits "
        "and underscores, or milvus-lite:PATH, a path that ends in .db."
    )
