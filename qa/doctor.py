"""Looks a library and its surroundings over, and says of each thing whether it is well and what to do.

`examine` changes nothing. It reads everything once: every text and every search file is compared with the hash that it
was written with.
"""

import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from index import manifest, split
from index.backup import backup as backup_of
from index.backup import restore as restore_to
from index.library import Library
from index.manifest import FILE, SEGMENTS
from index.milvus.address import is_milvus
from index.sealed import damaged
from index.sentence_encoder import load
from index.sources import SOURCES
from index.store import Store
from index.tables import FORMAT
from index.tiers import FOLDER as GATHERED
from index.types import ParallaxError, Precision, Progress, no_progress
from qa.folders import default_library, exports
from qa.read import ReaderError
from qa.readers import PACKAGED
from qa.readers import load as load_reader
from qa.session import Session

PACKAGES = ("parallax", "bm25s", "faiss-cpu", "gradio", "numpy", "onnxruntime", "sentence-transformers", "torch")
"""Whose versions are told: what makes and searches a library, and what serves it."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    what: str
    well: bool
    told: str
    """What was found, and where it is not well what to do."""


def examine(library: str | Path | None = None, reader: str = PACKAGED) -> tuple[Check, ...]:
    """Every check of a library, by default of `default_library()`, and of what it needs; `reader` by name."""
    folder = _folder(library)
    checks = [Check("versions", True, _versions())]
    checks += _guarded("library", lambda: _library(folder))
    if all(check.well for check in checks):
        checks += _guarded("documents", lambda: _documents(folder))
        checks += _guarded("left over", lambda: _left_over(folder))
        checks += _guarded("encoder", lambda: _encoder(folder))
        checks += _guarded("reader", lambda: _reader(reader))
    if all(check.well for check in checks):
        checks += _guarded("outgoing connections", lambda: _connections(folder, reader))
    return tuple(checks)


def repair(library: str | Path | None = None, progress: Progress = no_progress) -> tuple[Check, ...]:
    """Make search files anew that are missing or damaged, from the texts in the library; a check of each document.

    `progress` is told how far each is, and the upgrade of an older format.
    """
    folder = _folder(library)

    def mended() -> Iterator[Check]:
        for identifier in Library.open(folder, load, exports=exports(), progress=progress).mend(progress):
            yield Check(f"document {identifier}", True, "its search files were made anew from its text")

    return tuple(_guarded("repair", mended))


def backup(library: str | Path | None, out: Path) -> int:
    """Back a library up, by default `default_library()`, as `index.backup.backup` does."""
    return backup_of(_folder(library), out)


def restore(tar: Path, library: str | Path | None) -> int:
    """Bring a backup back, by default as `default_library()`, as `index.backup.restore` does."""
    return restore_to(tar, _folder(library))


def _folder(library: str | Path | None) -> Path:
    """Where a library lies. Raises ParallaxError for one on Milvus, which has tools of its own for this."""
    address = library if library is not None else default_library()
    if isinstance(address, str) and is_milvus(address):
        raise ParallaxError(f"The library at {address} is on Milvus, which looks after it; name one in a folder.")
    return Path(address)


def _guarded(what: str, look: Callable[[], Iterator[Check]]) -> list[Check]:
    try:
        return list(look())
    except ParallaxError as error:
        return [Check(what, False, str(error))]
    except OSError as error:
        return [Check(what, False, f"{error.filename} cannot be read ({error.strerror}).")]


def _versions() -> str:
    found = [f"Python {platform.python_version()}"]
    for name in PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"{name} not installed")
    return ", ".join(found)


def _library(folder: Path) -> Iterator[Check]:
    made_by = manifest.read(Store(folder / FILE))
    if not made_by:
        yield Check("library", False, f"There is no library at {folder}; add a document to make one.")
        return
    if made_by.get("format") != str(FORMAT) or made_by.get("splitter") != str(split.VERSION):
        made = f"format {made_by.get('format')}, splitter {made_by.get('splitter')}"
        told = f"{folder} has {made}, not {FORMAT} and {split.VERSION}; open it once, or add its files to a new one."
        yield Check("library", False, told)
        return
    wrong = Store(folder / FILE).check()
    if wrong:
        yield Check("library", False, f"{folder / FILE} is damaged ({wrong}); restore a backup.")
    else:
        yield Check("library", True, f"{folder}, format {FORMAT}, splitter {split.VERSION}, SQLite finds nothing wrong")


def _documents(folder: Path) -> Iterator[Check]:
    store = Store(folder / FILE)
    for entry in store.entries():
        what = f"document {entry.id}"
        again = "`parallax doctor --repair` makes it anew from the text"
        segment = folder / SEGMENTS / entry.segment
        try:
            store.read(entry)  # which compares the text with its hash
            file = damaged(segment)
        except ParallaxError as error:
            yield Check(what, False, str(error))
        except PermissionError as error:
            yield Check(what, False, f"The search file {error.filename} may not be read; check who may read it.")
        except OSError:
            yield Check(what, False, f"A search file in {segment} is missing; {again}.")
        else:
            if file is not None:
                yield Check(what, False, f"The search file {file} is damaged; {again}.")
            else:
                yield Check(what, True, f"text and search files as they were written, {entry.words:,} words")


def _left_over(folder: Path) -> Iterator[Check]:
    named = {entry.segment for entry in Store(folder / FILE).entries()}
    known = {FILE, f"{FILE}-journal", SEGMENTS, SOURCES, GATHERED, "write.lock"}
    extra = [path.name for path in folder.iterdir() if path.name not in known]
    extra += [f"{SEGMENTS}/{path.name}" for path in (folder / SEGMENTS).iterdir() if path.name not in named]
    waits = "what an `add` cut short has done waits a week for the same `add`, other segments go with the next change"
    told = f"{', '.join(sorted(extra))}; {waits}, the rest may be removed"
    yield Check("left over", True, told if extra else "nothing")


def _encoder(folder: Path) -> Iterator[Check]:
    made_by = manifest.read(Store(folder / FILE))
    weights, precision = made_by["fingerprint"], manifest.precision_of(made_by)
    name = f"“{made_by['encoder']}” in {precision}"
    kept = exports() / weights
    next_one = "file that is added" if precision is Precision.FLOAT32 else "question or file that is added"
    if not kept.is_dir():
        yield Check("encoder", True, f"{name} is not exported yet; the next {next_one} does it")
        return
    try:
        file, wrong = damaged(kept), "is damaged"
    except OSError as error:
        file, wrong = Path(error.filename), f"cannot be read ({error.strerror})"
    if file is not None:
        told = f"The exported encoder's file {file} {wrong}; the next {next_one} makes it anew."
        yield Check("encoder", False, told)
    else:
        yield Check("encoder", True, f"{name}, weights {weights[:12]}…, its export as it was written")


def _reader(name: str) -> Iterator[Check]:
    try:
        reader = load_reader(name)
    except ReaderError as error:
        told = f"{error} Questions are answered without it; install Parallax anew, or name another with --reader."
        yield Check("reader", False, told)
    else:
        yield Check("reader", True, "none is asked for" if reader is None else f"“{reader.name}” can be loaded")


def _connections(folder: Path, reader: str) -> Iterator[Check]:
    """Opens the library, loads its models and asks, with an eye on every connection that Python makes."""
    seen: list[str] = []
    watching = True

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        if watching and event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
            seen.append(f"{event} {arguments[1] if event != 'socket.getaddrinfo' else arguments[0]!r}")

    sys.addaudithook(watch)  # which cannot be taken away again
    try:
        session = Session.open(folder, reader=reader)
        if session.documents():
            session.warm()
            session.ask("What is said here?")
    finally:
        watching = False
    if seen:
        told = f"{', '.join(sorted(set(seen)))}; set HF_HUB_OFFLINE=1 to keep to models that are here."
        yield Check("outgoing connections", False, told)
    else:
        yield Check("outgoing connections", True, "none while the models were loaded and a question was asked")
