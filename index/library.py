"""The library: from files to documents, passages and both searches of each, wherever they are kept.

What is added, replaced, kept and refused is told here; how it is kept and searched is `index.engine`'s.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from index import across, identity, lexical, manifest, split
from index.embed import Encoder
from index.encoders import Encoders, Load
from index.engine import Engine
from index.engines import engine_at
from index.entry import Entry, Origin
from index.language import ENGLISH
from index.manifest import LibraryError
from index.segment import Evidence, Query, Segment
from index.types import (
    Collection,
    Details,
    Document,
    Hit,
    Loaded,
    MissingError,
    ParallaxError,
    Passage,
    Precision,
    Progress,
    no_progress,
)
from index.vectors import Work


class Added(StrEnum):
    """What `add` did."""

    NEW = "added"
    REPLACED = "replaced"
    RENAMED = "given new details"
    UNCHANGED = "unchanged"


class Library:
    """One library. Reading is safe from several threads and processes."""

    def __init__(self, engine: Engine, encoders: Encoders) -> None:
        self.encoder_name = encoders.name
        self.encoders = encoders
        self._encoder: Encoder | None = None
        self._engine = engine

    @property
    def address(self) -> str | Path:
        """Where it is, as the user named it."""
        return self._engine.address

    @classmethod
    def open(  # noqa: PLR0913  (as Session.open)
        cls,
        address: str | Path,
        load: Load,
        model: str | None = None,
        exports: Path | None = None,
        precision: Precision | None = None,
        *,
        create: bool = False,
        progress: Progress = no_progress,
    ) -> "Library":
        """Open a library that exists. `model`, `precision`: the encoder it must have been made with; None: its own.

        `address`: a folder, `milvus://HOST:PORT/NAME` or `milvus-lite:PATH`. `exports`: the folder of exported
        encoders; without it the model itself is loaded. `create`: where there is none, the first document that is added
        makes it, by default with the packaged encoder in float32. `progress`: of an upgrade. Raises LibraryError when
        there is none, or one made otherwise.
        """
        engine = engine_at(address)
        if made_by := engine.manifest():
            engine.check(model, precision, progress)
            model, precision = made_by["encoder"], manifest.precision_of(made_by)
        elif not create:
            raise LibraryError(f"There is no library at {address}; add a document to make one.")
        return cls(engine, Encoders(model, load, exports, precision))

    def encoder(self) -> Encoder:
        """The encoder that made this library, loaded on first use. Raises LibraryError when its weights differ."""
        if self._encoder is None:
            made_by = self._engine.manifest()
            encoder = self.encoders.loaded(made_by["fingerprint"])
            manifest.refuse_other_weights(self.address, made_by, encoder)
            self._encoder = encoder
        return self._encoder

    def entries(self) -> tuple[Entry, ...]:
        """All documents, in the order in which they were first added."""
        return self._engine.entries()

    def entry(self, identifier: str) -> Entry:
        """One document of the list. Raises MissingError for an unknown id, naming those there are."""
        entries = {entry.id: entry for entry in self.entries()}
        if identifier not in entries:
            known = ", ".join(f"“{name}”" for name in entries) or "none"
            raise MissingError(f"There is no document “{identifier}” in this library; there is: {known}.")
        return entries[identifier]

    def document(self, entry: Entry) -> Document:
        """The whole document of an entry."""
        return self._engine.document(entry)

    def source(self, entry: Entry) -> Path:
        """The file that a document was read from: the library's own copy if there is one, else where it lay."""
        return self._engine.source(entry)

    def passages(self, entry: Entry) -> Sequence[Passage]:
        """The passages of an entry's document, in order."""
        return self._engine.passages(entry)

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """The languages that the encoder knows, as its card says; empty where it does not say."""
        return manifest.languages(self._engine.manifest())

    def query(self, text: str) -> Query:
        """What the searches see of a question in English documents."""
        return self.queries(text, [ENGLISH])[ENGLISH]

    def queries(self, text: str, languages: Iterable[str]) -> dict[str, Query]:
        """What the searches see of a question: one vector, and its terms by the rules of each language."""
        vector = self.encoder().encode_query(text)
        return {language: Query(vector, tuple(lexical.terms([text], language)[0])) for language in languages}

    def search(self, entry: Entry, query: Query, k: int) -> list[Hit]:
        """The k best passages of one document, best first."""
        return self._engine.search(entry, query, k)

    def nearest(self, entries: Sequence[Entry], queries: Mapping[str, Query], k: int) -> list[tuple[Entry, Hit]]:
        """The k best passages of some documents together, best first; `queries` by the documents' languages."""
        return self._engine.nearest(entries, queries, k)

    def ranked(self, entries: Sequence[Entry], queries: Sequence[Query]) -> list[Entry]:
        """Documents by how much a question is about them, most first; each has a query of its own."""
        return [entries[number] for number in across.ranked([self.segment(entry) for entry in entries], queries)]

    def segment(self, entry: Entry) -> Segment:
        """What one document is searched with."""
        return self._engine.segment(entry)

    def evidence(self, entry: Entry, query: Query, passages: Sequence[int]) -> list[Evidence]:
        """What the searches know of some passages of one document, in the order given."""
        return self._engine.evidence(entry, query, passages)

    def add(
        self,
        path: Path,
        details: Details,
        progress: Progress = no_progress,
        *,
        workers: int | str = 1,
        folder: Path | None = None,
    ) -> tuple[Entry, Added]:
        """Read, split, encode and index a file; returns its document as it is listed, and what was done.

        `workers`: who encodes, as `Encoders.encoding` takes it. A run that was cut short is continued.
        The same file again changes nothing; a changed file replaces its old version, whose details stay where they are
        not given anew nor were read from the old text. A copy of a file under another name is refused unless it is
        given an id. `folder`: one that is added whole; the file's path below it makes its id. Raises ParallaxError, and
        leaves the library as it was, when the file cannot be read or the library cannot be written.
        """
        from index.reading import read  # with every format's reader, which no question needs

        given = details
        if folder is not None and details.id is None:
            details = replace(details, id=identity.below(folder, path, self.entries()))
        loaded = read(path, identity.with_known_language(path, details, self.entries()), progress)
        self._make(progress)
        with self._engine.writing():
            identifier, added = loaded[0].id, self._take(loaded, path, given, progress, workers)
            del loaded  # a long one must not be in memory beside what is gathered at the end
            return self.entry(identifier), added

    def _take(self, loaded: Loaded, path: Path, given: Details, progress: Progress, workers: int | str) -> Added:
        """Add what was read from a file, as far as it is new; `given`: what the user said of it."""
        frame, text = loaded
        entries, origin = self.entries(), Origin(str(path.resolve()))
        old = next((entry for entry in entries if entry.id == frame.id), None)
        if old is None:
            if given.id is None:
                identity.refuse_a_copy(entries, path, frame)
            if given.label is None:
                frame = identity.with_own_label(frame, entries)
            self._engine.keep(path, frame.source_sha256)
            self._put((frame, text), origin, progress, workers)
            return Added.NEW
        if given.id is None:
            identity.refuse_another_file(old, path, frame)
        frame = identity.with_kept_details(loaded, old, given, entries, lambda: self._version(old, progress))
        self._engine.keep(path, frame.source_sha256)
        changed = old.source_sha256 != frame.source_sha256 or not self._engine.is_whole(old)
        if changed or old.language != frame.language:
            self._put((frame, text), origin, progress, workers)
            return Added.REPLACED if changed else Added.RENAMED
        if all(getattr(frame, name) == getattr(old, name) for name in Details.__slots__):
            return Added.UNCHANGED
        self._engine.rename(frame)
        return Added.RENAMED

    def describe(self, identifier: str, details: Details, progress: Progress = no_progress) -> None:
        """Give a document these details; its id stays, and its language where None is given.

        In another language it is indexed anew from its text, without the file. Raises MissingError for an unknown id.
        """
        with self._engine.writing():
            entry = self.entry(identifier)
            given = {name: getattr(details, name) for name in Details.__slots__ if name != "id"}
            if details.language is None:
                del given["language"]
            document = replace(self.document(entry), **given)
            if document.language == entry.language:
                self._engine.rename(document)
            else:
                self._put((document, document.text), Origin(entry.path), progress, 1)

    def mend(self, progress: Progress = no_progress) -> tuple[str, ...]:
        """Make anew, from their texts, the search files that are missing or damaged; gives the ids of their documents.

        Documents whose text is damaged, too, are left as they are.
        """
        mended = []
        with self._engine.writing():
            for entry in self.entries():
                if not self._engine.is_whole(entry) and (document := self._readable(entry)) is not None:
                    self._put((document, document.text), Origin(entry.path, entry.added), progress, 1)
                    mended.append(entry.id)
        return tuple(mended)

    def _readable(self, entry: Entry) -> Document | None:
        try:
            return self._engine.document(entry)
        except ParallaxError:
            return None

    def _version(self, entry: Entry, progress: Progress) -> Loaded | None:
        from index.reading import as_told_by_its_file

        document = self._readable(entry)
        return None if document is None else as_told_by_its_file(document, self._engine.source(entry), progress)

    def collections(self) -> tuple[Collection, ...]:
        """The named collections of documents, by name."""
        return self._engine.collections()

    def collection(self, name: str) -> Collection:
        """One of them. Raises MissingError for an unknown name, telling those there are."""
        known = {collection.name: collection for collection in self.collections()}
        if name not in known:
            there = ", ".join(f"“{each}”" for each in known) or "none"
            raise MissingError(f"There is no collection “{name}” in this library; there is: {there}.")
        return known[name]

    def collect(self, name: str, documents: Sequence[str]) -> None:
        """Let a collection hold these documents and no others; without any it is gone.

        Raises MissingError for an unknown id.
        """
        with self._engine.writing():
            self._engine.collect(name, [self.entry(identifier).id for identifier in dict.fromkeys(documents)])

    def remove(self, identifier: str) -> None:
        """Take a document out. Raises MissingError for an unknown id."""
        with self._engine.writing():
            self.entry(identifier)
            self._engine.remove(identifier)

    def _make(self, progress: Progress) -> None:
        """Make the library, unless it is there."""
        if self._engine.manifest():
            return
        progress("loading the encoder", 0, 1)
        encoder = self.encoders.loaded(progress=progress)
        self._engine.create(manifest.made_by(self.encoder_name, encoder, self.encoders.precision))

    def _put(self, loaded: Loaded, origin: Origin, progress: Progress, workers: int | str) -> None:
        frame, text = loaded
        progress("splitting", 0, 1)
        passages = split.split(frame, text)
        progress("splitting", 1, 1)
        progress("loading the encoder", 0, 1)
        self.encoder()
        progress("loading the encoder", 1, 1)
        encoder = self._encoder = self.encoders.exported(progress)
        encode = self.encoders.encoding(workers)
        work = Work(text, passages, encoder.dimension, encoder.fingerprint, frame.language)
        self._engine.put(frame, work, encode, progress, origin)
