"""Which document a file is: the id that it has or gets, and which files are refused as another's or as a copy.

Functions of the list of documents; they change nothing.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from hashlib import sha256
from itertools import chain, count
from pathlib import Path

from index.entry import Entry
from index.language import detect
from index.manifest import LibraryError
from index.types import Details, Frame, Loaded


def below(folder: Path, path: Path, entries: Sequence[Entry]) -> str:
    """The id of a file of a folder that is added whole.

    That of the document which was read from it, so that it stays the same; for a new one its path below the folder,
    and where another file has that id (`a/b.txt` beside `a-b.txt`), the path with the first number from 2 that is free.
    """
    place = str(path.resolve())
    known = next((entry.id for entry in entries if entry.path == place), None)
    if known is not None:
        return known
    from index.load import slug  # with every format's reader, which no question needs

    inside = path.relative_to(folder)
    mark = sha256(str(inside).encode("utf-8", "surrogateescape")).hexdigest()
    name = slug("-".join(inside.with_suffix("").parts), mark)
    taken = {entry.id for entry in entries}
    return next(free for free in chain([name], (f"{name}-{number}" for number in count(2))) if free not in taken)


def with_known_language(path: Path, details: Details, entries: Sequence[Entry]) -> Details:
    """The details with the language that the file at a path was added in, so that it is not told anew."""
    known = [entry.language for entry in entries if entry.path == str(path.resolve())]
    return replace(details, language=known[0]) if details.language is None and known else details


def with_own_label(frame: Frame, entries: Sequence[Entry]) -> Frame:
    """A new document, its label numbered from 2 where another has it: side by side, the two could not be told apart."""
    label, taken = frame.label, {entry.label for entry in entries}
    labels = chain([label], (f"{label} ({number})" for number in count(2)))
    return replace(frame, label=next(free for free in labels if free not in taken))


def with_kept_details(
    now: Loaded, old: Entry, given: Details, entries: Sequence[Entry], version: Callable[[], Loaded | None]
) -> Frame:
    """A document's new version with the details given for it, and the old version's for the rest.

    What was read from the old version gives way to what the new one tells. `version`: the old one with the details that
    its file told, as far as they are known; None where it is damaged.
    """
    kept = {name: getattr(old, name) for name in Details.__slots__ if getattr(given, name) is None}
    frame, _ = now
    if frame.source_sha256 == old.source_sha256 or (before := version()) is None:
        return replace(frame, **kept)
    kept |= {name: value for name, value in _told_anew(now, old, before, given).items() if name in kept}
    anew = replace(frame, **kept)
    return _relabelled(anew, old, entries) if "label" in kept else anew


def _told_anew(now: Loaded, old: Entry, before: Loaded, given: Details) -> dict[str, str | int]:
    """What a new version tells of which the old version's is what its file or its name told; else it was given."""
    from index.load import named

    (frame, text), (was, old_text) = now, before
    read = {name: {getattr(was, name)} for name in ("title", "author", "year", "publisher")}
    read["title"].add(named(Path(old.source)))
    told = {name: getattr(frame, name) for name, names in read.items() if getattr(old, name) in names}
    if frame.title == named(Path(frame.source)):
        told.pop("title", None)  # the new text tells none
    looks = detect(text) if given.language is None else old.language
    if looks != old.language and detect(old_text) == old.language:
        told["language"] = looks
    return {name: value for name, value in told.items() if value is not None}


def _relabelled(frame: Frame, old: Entry, entries: Sequence[Entry]) -> Frame:
    """A new version, its label made anew where the old one's was made of title and author, not given."""
    from index.load import label

    made, anew = label(old.title, old.author), label(frame.title, frame.author)
    if anew == made or re.fullmatch(rf"{re.escape(made)}( \(\d+\))?", old.label) is None:
        return frame
    return with_own_label(replace(frame, label=anew), [entry for entry in entries if entry.id != old.id])


def refuse_another_file(old: Entry, path: Path, frame: Frame) -> None:
    """Raise LibraryError where a file would replace another that happens to have its name."""
    if old.path != str(path.resolve()) and old.source_sha256 != frame.source_sha256:
        raise LibraryError(
            f"The id “{frame.id}” belongs to {old.path}; "
            f"give {path} another id with --id, or the same one to replace that document."
        )


def refuse_a_copy(entries: Sequence[Entry], path: Path, frame: Frame) -> None:
    """Raise LibraryError where the library has the same file under another name: its words would count twice."""
    same = next((entry for entry in entries if entry.source_sha256 == frame.source_sha256), None)
    if same is not None:
        raise LibraryError(
            f"{path.name} is the same file as “{same.id}” ({same.label}), which is in the library already; "
            "give it an id of its own with --id to have it twice."
        )
