"""What a library needs of the place where it is kept. Two places fill it: `embedded` (a folder) and `milvus`.

A version of a document is written whole before the one change that names it, and what nothing names goes after it;
so a reader sees the old version or the new one. What is added, kept and refused is `library`'s to know.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from index.entry import Entry, Origin
from index.segment import Evidence, Query, Segment
from index.types import Collection, Document, Frame, Hit, Passage, Precision, Progress
from index.vectors import Encode, Work


class Engine(Protocol):
    """One place that holds documents, passages and both searches. Reading is safe from several threads and processes.

    Every call raises a ParallaxError where the place cannot be read or written as asked. What is asked of an entry
    also raises one when the version that the entry names was replaced or removed since, or is not whole.
    """

    @property
    def address(self) -> str | Path:
        """Where it is, as the user named it."""

    def manifest(self) -> dict[str, str]:
        """What made the library; empty where there is none, or one whose making was cut short."""

    def check(self, model: str | None, precision: Precision | None, progress: Progress) -> None:
        """Raise LibraryError unless this code, this model and this precision can use the library that is there.

        `progress` is told how far it is brought up to date, where it is of an older format.
        """

    def create(self, manifest: Mapping[str, str]) -> None:
        """Make the place ready to hold documents, unless it is; `manifest` says what makes the library."""

    def entries(self) -> tuple[Entry, ...]:
        """All documents, in the order in which they were first added; none where there is no library."""

    def document(self, entry: Entry) -> Document:
        """The whole document of an entry, its text the one that was added."""

    def passages(self, entry: Entry) -> Sequence[Passage]:
        """The passages of an entry's document, in order."""

    def search(self, entry: Entry, query: Query, k: int) -> list[Hit]:
        """The k best passages of one document, dense and lexical search fused, best first."""

    def nearest(self, entries: Sequence[Entry], queries: Mapping[str, Query], k: int) -> list[tuple[Entry, Hit]]:
        """The k best passages of some documents together, best first; each language among them has a query.

        Both searches count in all of these documents; of very many the one by meaning may be approximate.
        """

    def evidence(self, entry: Entry, query: Query, passages: Sequence[int]) -> list[Evidence]:
        """What the searches know of some passages of one document, in the order given."""

    def segment(self, entry: Entry) -> Segment:
        """All that one document is searched with, in memory."""

    def is_whole(self, entry: Entry) -> bool:
        """Whether everything of an entry's version is there and as it was written."""

    def writing(self) -> AbstractContextManager[None]:
        """To be held while something is changed; what a killed change left behind is swept away first."""

    def source(self, entry: Entry) -> Path:
        """The file that a document was read from: a copy that is kept here if there is one, else where it lay."""

    def keep(self, path: Path, sha256: str) -> None:
        """Keep a copy of a file with this SHA-256, where its pages are shown from it, for the document put next."""

    def collections(self) -> tuple[Collection, ...]:
        """The named collections of documents, by name; none where there is no library."""

    def collect(self, name: str, documents: Sequence[str]) -> None:
        """Let a collection hold the documents with these ids and no others; without any it is gone."""

    def put(self, frame: Frame, work: Work, encode: Encode, progress: Progress, origin: Origin) -> None:
        """Encode a document and add it, or replace the one of the same id in its place."""

    def rename(self, frame: Frame) -> None:
        """Give a document the details of this one; its text stays."""

    def remove(self, identifier: str) -> None:
        """Take a document out, with all that belongs to it."""
