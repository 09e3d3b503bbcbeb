"""A library in a folder of this machine: an SQLite file, and a folder of search files for each document.

The store's transaction commits a change; a segment is complete before it, and those that nothing names go
after it. So a library that was killed at any moment is the old one or the new one; what was encoded for the new one
waits to be continued.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from pathlib import Path

from index import across, manifest, sources
from index.across import Alone, Part
from index.entry import Entry, Origin
from index.latest import Latest
from index.manifest import FILE, SEGMENTS, LibraryBusyError, LibraryError
from index.segment import Evidence, Query, Segment, SegmentError, sweep, write
from index.store import Store
from index.tables import FORMAT, UPGRADES
from index.tiers import Chosen, Few, Tiers
from index.types import Collection, Document, Frame, Hit, ParallaxError, Passage, Precision, Progress
from index.upgrade import upgrade
from index.vectors import Encode, Work, begun, journal

_HELD = 256
"""So many documents stay in memory once they were asked."""


@dataclass(frozen=True, slots=True)
class _Held:
    """What one version of a document is searched with, in memory."""

    rows: tuple[slice, ...]
    """Of each passage, the rows of its sentences in the segment."""
    segment: Segment


class Embedded:
    """The `index.engine.Engine` of a folder. Reading takes no lock."""

    def __init__(self, folder: Path, few: Few | None = None) -> None:
        self.address = folder
        self._store = Store(folder / FILE)
        # An entry names one version with its details. The text is there without its search files, to make them anew.
        self._text = Latest(_HELD, self._store.read)
        self._held = Latest(_HELD, lambda entry: self._load(entry, self._text(entry)[1]))
        self._tiers = Tiers(folder, folder / SEGMENTS, few if few is not None else Few())

    def manifest(self) -> dict[str, str]:
        """As the protocol says."""
        return manifest.read(self._store)

    def check(self, model: str | None, precision: Precision | None, progress: Progress) -> None:
        """As the protocol says; a library of an older format is brought up to date.

        One that may not be written stays as it is, and LibraryError says so.
        """
        made_by = self.manifest()
        is_older = made_by.get("format") in UPGRADES
        current = made_by | ({"format": str(FORMAT)} if is_older else {})
        manifest.agree(self.address, current, str(FORMAT), model, precision)
        if is_older:
            with self._locked():
                upgrade(self._store, self.address / SEGMENTS, progress)
                self._sweep()
                self._gather()

    def create(self, made_by: Mapping[str, str]) -> None:
        """Make the folder and the tables, unless they are there."""
        try:
            (self.address / SEGMENTS).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LibraryError(
                f"No library can be made at {self.address} ({error.strerror}); choose a folder that you may write."
            ) from error
        self._store.create(made_by)

    def entries(self) -> tuple[Entry, ...]:
        """As the protocol says. Raises LibraryError where it is the library's file that is missing."""
        entries = self._store.entries() if manifest.is_there(self.address) else ()
        if not entries:
            self.manifest()  # which says so: or what no document names would be swept
        return entries

    def document(self, entry: Entry) -> Document:
        """As the protocol says."""
        return self._text(entry)[0]

    def passages(self, entry: Entry) -> Sequence[Passage]:
        """As the protocol says."""
        return self._text(entry)[1]

    def search(self, entry: Entry, query: Query, k: int) -> list[Hit]:
        """As the protocol says."""
        return self._held(entry).segment.search(query, k)

    def nearest(self, entries: Sequence[Entry], queries: Mapping[str, Query], k: int) -> list[tuple[Entry, Hit]]:
        """As the protocol says; of many documents from what is gathered of them, as far as that is whole."""
        try:
            tiers, loose = self._tiers.parts(entries, self._dimension())
            return self._nearest(tiers, loose, entries, queries, k)
        except (OSError, ValueError):  # a segment went meanwhile, or its vectors are not whole
            return self._nearest([], entries, entries, queries, k)

    def evidence(self, entry: Entry, query: Query, passages: Sequence[int]) -> list[Evidence]:
        """As the protocol says."""
        held = self._held(entry)
        return held.segment.evidence(query, {passage: held.rows[passage] for passage in passages})

    def segment(self, entry: Entry) -> Segment:
        """As the protocol says."""
        return self._held(entry).segment

    def is_whole(self, entry: Entry) -> bool:
        """As the protocol says; read anew from the disk."""
        try:
            self._load(entry, self._store.read(entry)[1])
        except ParallaxError:
            return False
        return True

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the write lock. Raises LibraryError when another process holds it, or nothing can be written."""
        with self._locked():
            self._sweep()  # what a killed change left behind
            yield
            self._gather()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        from filelock import FileLock, Timeout  # which no question needs

        try:
            with FileLock(self.address / "write.lock", timeout=0):
                yield
        except Timeout as error:
            raise LibraryBusyError(
                f"Another process is changing the library at {self.address}; try again when it has finished."
            ) from error
        except OSError as error:
            reason = error.strerror if error.strerror is not None else error
            raise LibraryError(
                f"The library at {self.address} cannot be written ({reason}); make its folder writable, with room."
            ) from error

    def source(self, entry: Entry) -> Path:
        """As the protocol says."""
        copy = sources.kept(self.address, entry.source_sha256)
        return copy if copy.is_file() else Path(entry.path)

    def keep(self, path: Path, sha256: str) -> None:
        """As the protocol says: of PDFs."""
        sources.keep(self.address, path, sha256)

    def collections(self) -> tuple[Collection, ...]:
        """As the protocol says."""
        return self._store.collections() if manifest.is_there(self.address) else ()

    def collect(self, name: str, documents: Sequence[str]) -> None:
        """As the protocol says."""
        self._store.collect(name, documents)

    def put(self, frame: Frame, work: Work, encode: Encode, progress: Progress, origin: Origin) -> None:
        """As the protocol says; what an earlier run that was killed has encoded is gone on with."""
        folder = begun(self.address / SEGMENTS, work)
        write(folder, work, encode, progress)
        progress("writing", 0, 1)
        if self._store.put(frame, work.text, work.passages, origin, segment=folder.name):
            self._sweep()
        else:  # nothing went, and to look for it among all documents takes longer with each
            journal(folder).unlink()
        progress("writing", 1, 1)

    def rename(self, frame: Frame) -> None:
        """As the protocol says."""
        self._store.rename(frame)

    def remove(self, identifier: str) -> None:
        """As the protocol says."""
        self._store.remove(identifier)
        self._sweep()

    def _sweep(self) -> None:
        entries = self.entries()
        sweep(self.address / SEGMENTS, {entry.segment for entry in entries})
        sources.sweep(self.address, {entry.source_sha256 for entry in entries})

    def _nearest(
        self,
        tiers: Sequence[Chosen],
        loose: Sequence[Entry],
        entries: Sequence[Entry],
        queries: Mapping[str, Query],
        k: int,
    ) -> list[tuple[Entry, Hit]]:
        by_segment = {entry.segment: entry for entry in entries}
        parts: list[Part] = [*tiers, *(Alone(self.segment(entry), entry.language) for entry in loose)]
        found = []
        for number, hit in across.nearest(parts, queries, k):
            if number < len(tiers):
                member, passage = tiers[number].tier.place(hit.passage)
                found.append((by_segment[member.segment], replace(hit, passage=passage)))
            else:
                found.append((loose[number - len(tiers)], hit))
        return found

    def _gather(self) -> None:
        """Gather what a change made many. It is committed already, and what is not gathered is searched all the same,
        so that no room for it is no failure of the change."""
        entries = self.entries()
        if entries:
            with suppress(OSError):
                self._tiers.gather(entries, self._dimension())

    def _dimension(self) -> int:
        return int(self._store.manifest()["dimension"])

    def _load(self, entry: Entry, passages: Sequence[Passage]) -> _Held:
        ends = [0, *accumulate(len(passage.sentences) for passage in passages)]
        try:
            loaded = Segment.load(self.address / SEGMENTS / entry.segment, self._dimension(), (len(passages), ends[-1]))
        except SegmentError as error:
            self._store.read(entry)  # which says so when another version has taken its place
            anew = f"`parallax doctor --repair` makes those of “{entry.id}” anew from its text."
            may_not = isinstance(error.__cause__, PermissionError)
            raise SegmentError(f"{error} {'Check who may read them.' if may_not else anew}") from error
        return _Held(tuple(slice(start, end) for start, end in pairwise(ends)), loaded)
