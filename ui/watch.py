"""Watches a folder: tells which of its files are there to be added, at first all, then what is new or has changed.

The one owner of watchfiles. A file that is still being written waits until it is no longer. Hidden and temporary files
are passed over, and files whose names do not say that they are of a format that is read. Adds nothing itself.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

from index.types import ParallaxError

SUFFIXES = frozenset([".docx", ".epub", ".htm", ".html", ".markdown", ".md", ".pdf", ".text", ".txt", ".xhtml"])
_LOOK = 500
"""Milliseconds between two looks at the folder."""


def is_watched(folder: Path, path: Path, library: str | Path) -> bool:
    """Whether a file of a folder is to be added; the library itself, where it lies in the folder, is not."""
    hidden = any(part.startswith((".", "~", "#")) for part in path.relative_to(folder).parts)
    own = isinstance(library, Path) and path.resolve().is_relative_to(library.resolve())
    return not hidden and not own and path.suffix.lower() in SUFFIXES


@dataclass(slots=True)
class Settling:
    """Files that wait until they are whole: until size and time are the same at two looks in a row."""

    _seen: dict[Path, tuple[int, int] | None] = field(default_factory=dict)

    def wait(self, path: Path) -> None:
        """Have a file wait."""
        self._seen.setdefault(path, None)

    def look(self) -> list[Path]:
        """The files that are whole now, in order of their names; they wait no longer, nor do those that are gone."""
        whole: list[Path] = []
        for path, before in list(self._seen.items()):
            now = _stamp(path)
            if now is not None and now != before:
                self._seen[path] = now
                continue
            del self._seen[path]
            if now is not None:
                whole.append(path)
        return sorted(whole)


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns


def watch(
    folder: Path, library: str | Path, add: Callable[[Path], bool], gone: Callable[[Path], None], stop: Event
) -> None:
    """Have each file added that is in a folder or comes into it, one after the other, until `stop` is set.

    `add` says whether it is done with a file; else the file waits for another look. `gone` is told of files that are
    there no more. Raises ParallaxError where the folder cannot be watched, or goes itself.
    """
    folder = folder.resolve()  # as the paths of what changes are
    waiting = Settling()
    for changed in _changes(folder, stop):
        if not folder.is_dir():
            raise ParallaxError(f"{folder} is there no more; put the folder back and watch it again.")
        for path in changed:
            for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
                if is_watched(folder, file, library) and not file.is_dir():
                    (waiting.wait if file.exists() else gone)(file)
        for path in waiting.look():
            if stop.is_set():
                return
            if not add(path):
                waiting.wait(path)


def _changes(folder: Path, stop: Event) -> Iterator[list[Path]]:
    """The folder itself once it is watched, so that nothing slips between; then what changes in it, often nothing."""
    from watchfiles import watch as changes

    first = True
    try:
        for found in changes(
            folder, watch_filter=None, step=_LOOK, rust_timeout=_LOOK, yield_on_timeout=True, stop_event=stop
        ):
            yield [folder] if first else sorted(Path(path) for _, path in found)
            first = False
    except OSError as error:
        reason = error.strerror if error.strerror is not None else str(error)
        raise ParallaxError(f"{folder} cannot be watched ({reason}); name a folder that you may read.") from error
