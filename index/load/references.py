"""Notes and printed pages of a tree: which links are note markers, where each leads, and which links lead back.

Believes what a file says of itself (`epub:type`, ARIA roles); else a raised or bracketed number that links to a
paragraph or list item further on is a marker. Does not read the notes' text.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from posixpath import dirname, join, normpath
from urllib.parse import unquote

from index.load.tree import Element, ancestry, types, words

_NOTE = frozenset(["footnote", "endnote", "rearnote"])
_NOTES = frozenset(["footnotes", "endnotes", "rearnotes"])
_HOLDERS = frozenset(["li", "aside", "dd", "p", "div", "section"])
_LABEL = re.compile(r"[\[(]?(?:(?:note |n)?(\d{1,4})(?::\d+)?|[*†‡§¶‖]{1,3}|[a-z]{1,2})[\])]?", re.I)
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")

_PAGE = re.compile(r"\W*(?:page\b|p\.)?\s*([\w.-]{1,12}?)\W*", re.I)

Page = tuple[str, Element]
"""A file of one document by its path, and its root."""


@dataclass(slots=True)
class References:
    """The notes of one document."""

    markers: dict[Element, tuple[int, Element]] = field(default_factory=dict)
    """Of each link that marks a note by a number: the number, and the note's element."""
    notes: dict[Element, int | None] = field(default_factory=dict)
    """The notes' elements in the order in which they were found, with the number that marks each."""
    backlinks: set[Element] = field(default_factory=set)
    """Links in notes that lead back to their marker."""
    breaks: dict[Element, str] = field(default_factory=dict)
    """Elements at which a printed page begins, with its name."""


def references(pages: Sequence[Page], names: Mapping[tuple[str, str], str] = {}) -> References:
    """The notes of all pages; a note may stand in another page than its marker.

    `names`: of the printed pages, by path and id of the element at which each begins, as a book lists them.
    """
    found = References()
    targets = {
        (path, name): element
        for path, root in pages
        for element in root.iter()
        for name in (element.get("id"), element.get("name") if element.tag == "a" else None)
        if name is not None
    }
    # Markers of this document by the note's element, so that a link inside it can be seen to lead back.
    marks: dict[Element, list[Element]] = {}
    for path, root in pages:
        for link in root.iter("a"):
            target = _target(link, path, targets, alone=len(pages) == 1)
            if target is not None:
                _enter(link, target, found, marks)
    for path, root in pages:
        _add_declared(root, found)
        found.breaks.update(_breaks(path, root, names))
    return found


def _breaks(path: str, root: Element, names: Mapping[tuple[str, str], str]) -> Iterator[tuple[Element, str]]:
    """Where printed pages begin, by the book's list of them, else by what the break itself says."""
    for element in root.iter():
        told = names.get((path, element.get("id", "")), "")
        if not told and "pagebreak" in types(element):
            told = element.get("title") or element.get("aria-label") or words(element)
        if told and (name := _PAGE.fullmatch(told)) is not None:
            yield element, name[1]


def _target(link: Element, path: str, targets: Mapping[tuple[str, str], Element], alone: bool) -> Element | None:
    file, hash_sign, name = link.get("href", "").partition("#")
    if not hash_sign:
        return None
    # A page saved from the web may have its own address in its links.
    place = path if alone or not file else normpath(join(dirname(path), unquote(file)))
    return targets.get((place, name), targets.get((place, unquote(name))))


def _enter(link: Element, target: Element, found: References, marks: dict[Element, list[Element]]) -> None:
    holder = next((element for element in ancestry(link) if element in found.notes), None)
    if holder is not None and any(_near(mark, target) for mark in marks.get(holder, ())):
        found.backlinks.add(link)
        return
    label = _LABEL.fullmatch(words(link))
    note = _note(target)
    if note is None or note in ancestry(link) or not _is_marker(link, label is not None):
        return
    number = int(label[1]) if label is not None and label[1] is not None else None
    known = any(element in found.notes for element in note.iterancestors())
    if known or next(note.iter(*_HEADINGS), None) is not None:
        return
    found.notes.setdefault(note, number)
    marks.setdefault(note, []).append(link)
    if number is not None:
        found.markers[link] = (number, note)


def _near(mark: Element, target: Element) -> bool:
    """Whether a link back leads to a marker: to itself, what it stands in, or what stands in it."""
    return target in ancestry(mark) or mark in ancestry(target)


def _is_marker(link: Element, labelled: bool) -> bool:
    if "noteref" in types(link):
        return True
    raised = link.find(".//sup") is not None or any(above.tag == "sup" for above in link.iterancestors())
    return labelled and (raised or words(link)[0] in "[(" or "footnote" in link.get("class", "").lower())


def _note(target: Element) -> Element | None:
    """The element that holds a note's whole text, from the one that a marker leads to."""
    above = list(ancestry(target))
    declared = next((element for element in above if types(element) & _NOTE), None)
    if declared is not None:
        return declared
    holder = next((element for element in above if element.tag in _HOLDERS), None)
    if holder is not None and holder.tag == "p":
        parent = holder.getparent()
        if parent is not None and parent.tag in ("li", "dd") and parent[0] is holder:
            return parent
    return holder


def _add_declared(root: Element, found: References) -> None:
    """Notes that the file names as such and no marker leads to."""
    for element in root.iter():
        said = types(element)
        listed = element.iter("li") if said & _NOTES else ()
        for note in (*([element] if said & _NOTE else ()), *listed):
            if not any(above in found.notes for above in ancestry(note)):
                found.notes[note] = None
