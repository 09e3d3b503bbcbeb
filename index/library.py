"""The library: the folder that holds documents, passages and both searches of each.

The store's transaction commits a change; a segment is complete before it, and those that nothing names go
after it. So a library that was killed at any moment is the old one or the new one.
"""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from itertools import accumulate, pairwise
from pathlib import Path

from filelock import FileLock, Timeout

from index import lexical, manifest, split
from index.embed import DEFAULT_MODEL, Encoder
from index.encoders import Encoders, Load
from index.load import load as load_document
from index.manifest import FILE, LibraryError
from index.segment import Evidence, Query, Segment, SegmentError, sweep
from index.store import Entry, Store
from index.types import Details, Document, Hit, MissingError, ParallaxError, Passage, Progress

SEGMENTS = "segments"
_HELD = 256
"""So many documents stay in memory once they were asked."""


class Added(StrEnum):
    """What `add` did."""

    NEW = "added"
    REPLACED = "replaced"
    RENAMED = "given new details"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class _Held:
    """One version of a document in memory."""

    document: Document
    passages: tuple[Passage, ...]
    rows: tuple[slice, ...]
    """Of each passage, the rows of its sentences in the segment."""
    segment: Segment


def no_progress(stage: str, done: int, total: int) -> None:
    """Tell nobody."""


class Library:
    """One library on disk. Reading takes no lock and is safe from several threads and processes."""

    def __init__(self, folder: Path, encoders: Encoders) -> None:
        self.folder = folder
        self.encoder_name = encoders.name
        self.encoders = encoders
        self._encoder: Encoder | None = None
        self._store = Store(folder / FILE)
        self._held = lru_cache(maxsize=_HELD)(self._load)  # an entry names one version with its details

    @classmethod
    def open(cls, folder: Path, load: Load, model: str | None = None, exports: Path | None = None) -> "Library":
        """Open a library that exists. `model`: the encoder it must have been made with; None takes its own.

        `exports`: the folder of exported encoders; without it the model itself is always loaded. Raises LibraryError
        when there is none, or when another model, splitter or format made it.
        """
        made_by = manifest.read(folder)
        if not made_by:
            raise LibraryError(f"There is no library at {folder}; add a document to make one.")
        manifest.check(folder, made_by, model)
        return cls(folder, Encoders(made_by["encoder"], load, exports))

    @classmethod
    def create(cls, folder: Path, load: Load, model: str | None = None, exports: Path | None = None) -> "Library":
        """Open a library; where there is none, the first document that is added makes it.

        `model` names the encoder, by default the packaged one.
        """
        if manifest.read(folder):
            return cls.open(folder, load, model, exports)
        return cls(folder, Encoders(model if model is not None else DEFAULT_MODEL, load, exports))

    def encoder(self) -> Encoder:
        """The encoder that made this library, loaded on first use. Raises LibraryError when its weights differ."""
        if self._encoder is None:
            known = self._store.manifest()["fingerprint"]
            encoder = self.encoders.loaded(known)
            if encoder.fingerprint != known:
                raise LibraryError(
                    f"The library at {self.folder} was made with other weights of “{self.encoder_name}” "
                    f"(SHA-256 {known[:12]}…, not {encoder.fingerprint[:12]}…); add its files to a new library."
                )
            self._encoder = encoder
        return self._encoder

    def entries(self) -> tuple[Entry, ...]:
        """All documents, in the order in which they were first added."""
        return self._store.entries() if manifest.is_there(self.folder) else ()

    def entry(self, identifier: str) -> Entry:
        """One document of the list. Raises MissingError for an unknown id, naming those there are."""
        entries = {entry.id: entry for entry in self.entries()}
        if identifier not in entries:
            known = ", ".join(f"“{name}”" for name in entries) or "none"
            raise MissingError(f"There is no document “{identifier}” in this library; there is: {known}.")
        return entries[identifier]

    def document(self, entry: Entry) -> Document:
        """The whole document of an entry."""
        return self._held(entry).document

    def passages(self, entry: Entry) -> tuple[Passage, ...]:
        """The passages of an entry's document, in order."""
        return self._held(entry).passages

    def query(self, text: str) -> Query:
        """What the searches see of a question."""
        return Query(self.encoder().encode_query(text), tuple(lexical.terms([text])[0]))

    def search(self, entry: Entry, query: Query, k: int) -> list[Hit]:
        """The k best passages of one document, best first."""
        return self._held(entry).segment.search(query, k)

    def segment(self, entry: Entry) -> Segment:
        """What one document is searched with."""
        return self._held(entry).segment

    def evidence(self, entry: Entry, query: Query, passages: Sequence[int]) -> list[Evidence]:
        """What the searches know of some passages of one document, in the order given."""
        held = self._held(entry)
        return held.segment.evidence(query, {passage: held.rows[passage] for passage in passages})

    def add(self, path: Path, details: Details, progress: Progress = no_progress) -> tuple[Document, Added]:
        """Read, split, encode and index a file; returns its document and what was done.

        The same file again changes nothing; a changed file replaces its old version and keeps the details
        that are not given anew. Raises ParallaxError, and leaves the library as it was, when the file cannot
        be read or the library cannot be written.
        """
        progress("reading", 0, 1)
        document = load_document(path, details)
        progress("reading", 1, 1)
        self._make(progress)
        with self._writing():
            old = next((entry for entry in self.entries() if entry.id == document.id), None)
            if old is None:
                self._put(document, path, progress)
                return document, Added.NEW
            if details.id is None:
                _refuse_another_file(old, path, document)
            document = _with_kept_details(document, old, details)
            if old.source_sha256 != document.source_sha256 or not self._is_whole(old):
                self._put(document, path, progress)
                return document, Added.REPLACED
            if all(getattr(document, name) == getattr(old, name) for name in Details.__slots__):
                return document, Added.UNCHANGED
            self._store.rename(document)
            return document, Added.RENAMED

    def describe(self, identifier: str, details: Details) -> None:
        """Give a document these details; its id stays. Raises MissingError for an unknown id."""
        with self._writing():
            document = self.document(self.entry(identifier))
            given = {name: getattr(details, name) for name in Details.__slots__ if name != "id"}
            self._store.rename(replace(document, **given))

    def remove(self, identifier: str) -> None:
        """Take a document out. Raises MissingError for an unknown id."""
        with self._writing():
            self.entry(identifier)
            self._store.remove(identifier)
            self._sweep()

    def _make(self, progress: Progress) -> None:
        """Make the library's files, unless they are there."""
        if manifest.read(self.folder):
            return
        progress("loading the encoder", 0, 1)
        encoder = self.encoders.loaded()
        try:
            (self.folder / SEGMENTS).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LibraryError(
                f"No library can be made at {self.folder} ({error.strerror}); choose a folder that you may write."
            ) from error
        made_by = {
            "encoder": self.encoder_name,
            "fingerprint": encoder.fingerprint,
            "dimension": str(encoder.dimension),
            "splitter": str(split.VERSION),
        }
        self._store.create(made_by)
        self._encoder = encoder

    def _put(self, document: Document, path: Path, progress: Progress) -> None:
        progress("splitting", 0, 1)
        passages = split.split(document)
        progress("splitting", 1, 1)
        progress("loading the encoder", 0, 1)
        self.encoder()
        progress("loading the encoder", 1, 1)
        encoder = self._encoder = self.encoders.exported(progress)
        segment = Segment.build(document.text, passages, encoder, progress)
        progress("writing", 0, 1)
        name = uuid.uuid4().hex
        segment.save(self.folder / SEGMENTS / name)
        words = split.count_words(document.text)
        self._store.put(document, passages, path=str(path.resolve()), words=words, segment=name)
        self._sweep()
        progress("writing", 1, 1)

    def _sweep(self) -> None:
        sweep(self.folder / SEGMENTS, {entry.segment for entry in self.entries()})

    def _is_whole(self, entry: Entry) -> bool:
        try:
            self._load(entry)
        except ParallaxError:
            return False
        return True

    def _load(self, entry: Entry) -> _Held:
        document, passages = self._store.read(entry)
        ends = [0, *accumulate(len(passage.sentences) for passage in passages)]
        dimension = int(self._store.manifest()["dimension"])
        try:
            loaded = Segment.load(self.folder / SEGMENTS / entry.segment, dimension, (len(passages), ends[-1]))
        except SegmentError as error:
            self._store.read(entry)  # which says so when another version has taken its place
            raise SegmentError(f"{error} Add the file of “{entry.id}” again to make them anew.") from error
        rows = tuple(slice(start, end) for start, end in pairwise(ends))
        return _Held(document, passages, rows, loaded)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Hold the write lock. Raises LibraryError when another process holds it, or nothing can be written."""
        try:
            with FileLock(self.folder / "write.lock", timeout=0):
                self._sweep()  # what a killed change left behind
                yield
        except Timeout as error:
            raise LibraryError(
                f"Another process is changing the library at {self.folder}; try again when it has finished."
            ) from error
        except OSError as error:
            reason = error.strerror if error.strerror is not None else error
            raise LibraryError(
                f"The library at {self.folder} cannot be written ({reason}); make its folder writable, with room."
            ) from error


def _with_kept_details(document: Document, old: Entry, given: Details) -> Document:
    """A document's new version with the details given for it, and the old version's for the rest."""
    kept = {name: getattr(old, name) for name in Details.__slots__ if getattr(given, name) is None}
    return replace(document, **kept)


def _refuse_another_file(old: Entry, path: Path, document: Document) -> None:
    """Raise LibraryError where a file would replace another that happens to have its name."""
    if old.path != str(path.resolve()) and old.source_sha256 != document.source_sha256:
        raise LibraryError(
            f"The id “{document.id}” belongs to {old.path}; "
            f"give {path} another id with --id, or the same one to replace that document."
        )
