"""EPUB 2 and 3: the chapters in the order of the package, each read as a page, and the package's details.

Follows EPUB 3.3: container, package document, spine, navigation. A chapter without a heading gets the title that the
book's own contents give it. Does not open books that are locked by copy protection.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from posixpath import dirname, join, normpath
from urllib.parse import unquote
from zipfile import ZipFile

from index.language import told
from index.load.archive import names, open_archive, unpack
from index.load.html import characters, year
from index.load.markup import parts_of
from index.load.parts import Part, assembled
from index.load.text import LoadError
from index.load.tree import Element, parse_html, parse_xml, types, words
from index.structure import Structure
from index.types import BlockKind, Details

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_PAGES = frozenset(["application/xhtml+xml", "text/html", "application/x-dtbook+xml"])
_NOBODY = {"unknown", "unknown author"}
"""What a program writes where it knows no author."""
_UNNAMED = re.compile(r"Section \d+")
"""How LibreOffice lists a chapter without a heading."""


@dataclass(frozen=True, slots=True)
class _Package:
    """What a book's package document says."""

    details: Details
    chapters: tuple[str, ...]
    """Paths of the pages in reading order."""
    contents: str | None
    """Path of the contents, EPUB 3's if it has them, else EPUB 2's."""


def recognises(data: bytes, name: str) -> bool:
    """Whether a file is an EPUB, whatever its name."""
    return _CONTAINER in names(data)


def read(data: bytes, name: str) -> tuple[Structure, Details]:
    """The text of all chapters, and title, author, publisher, year and language of the package. Raises `LoadError`."""
    with open_archive(data, name) as archive:
        package = _package(archive, name)
        _refuse_locked(archive, name, package.chapters)
        pages = [(path, parse_html(characters(unpack(archive, path, name), name), name)) for path in package.chapters]
        titles = _titles(archive, package.contents, name)
        printed = _printed(archive, package.contents, name)
    parts, found = parts_of(pages, printed)
    for (path, _), chapter in zip(pages, parts, strict=True):
        _name(chapter, *titles.get(path, ("", 0)))
    return assembled(parts, found), package.details


def _package(archive: ZipFile, name: str) -> _Package:
    container = parse_xml(unpack(archive, _CONTAINER, name), name)
    path = next((file.get("full-path", "") for file in container.iter("{*}rootfile")), "")
    root = parse_xml(unpack(archive, path, name), name)
    items = {item.get("id"): item for item in root.iter("{*}item")}
    spine = [items[entry.get("idref")] for entry in root.iter("{*}itemref") if entry.get("idref") in items]
    chapters = [
        _beside(path, item.get("href", ""))
        for item in spine
        if item.get("media-type") in _PAGES and "nav" not in item.get("properties", "").split()
    ]
    if not chapters:
        raise LoadError(f"{name} holds no chapters: choose a book that holds text.")
    contents = [item for item in items.values() if "nav" in item.get("properties", "").split()]
    contents += [item for item in items.values() if item.get("media-type") == "application/x-dtbncx+xml"]
    place = _beside(path, contents[0].get("href", "")) if contents else None
    return _Package(_details(root), tuple(dict.fromkeys(chapters)), place)


def _beside(path: str, href: str) -> str:
    """The path in the archive that a link in the file at `path` leads to."""
    return normpath(join(dirname(path), unquote(href.partition("#")[0])))


def _details(root: Element) -> Details:
    def said(name: str) -> list[str]:
        texts = [words(element) for element in root.iter(f"{{http://purl.org/dc/elements/1.1/}}{name}")]
        return [text for text in texts if text]

    authors = " and ".join(dict.fromkeys(name for name in said("creator") if name.casefold() not in _NOBODY))
    dates = [found for text in said("date") if (found := year(text)) is not None]
    return Details(
        title=next(iter(said("title")), None),
        author=authors or None,
        year=dates[0] if dates else None,
        language=told(next(iter(said("language")), None)),
        publisher=next(iter(said("publisher")), None),
    )


def _refuse_locked(archive: ZipFile, name: str, chapters: tuple[str, ...]) -> None:
    """Raises `LoadError` where a chapter is encrypted; fonts often are, and keep no text back."""
    if _ENCRYPTION not in archive.namelist():
        return
    root = parse_xml(unpack(archive, _ENCRYPTION, name), name)
    locked = {normpath(unquote(reference.get("URI", ""))) for reference in root.iter("{*}CipherReference")}
    if not locked.isdisjoint(chapters):
        raise LoadError(f"{name} is locked by copy protection (DRM): choose a copy of the book that is not.")


def _titles(archive: ZipFile, contents: str | None, name: str) -> dict[str, tuple[str, int]]:
    """Of each chapter that the contents name, its title and its level there, 1 the highest."""
    if contents is None or contents not in archive.namelist():
        return {}
    data = unpack(archive, contents, name)
    found = _ncx(parse_xml(data, name)) if contents.endswith(".ncx") else _nav(parse_html(characters(data, name), name))
    titles: dict[str, tuple[str, int]] = {}
    for href, title, level in found:
        titles.setdefault(_beside(contents, href), (title, level))
    return titles


def _printed(archive: ZipFile, contents: str | None, name: str) -> dict[tuple[str, str], str]:
    """The names of the printed pages, by the path and the id at which each begins, as the contents list them."""
    if contents is None or contents not in archive.namelist() or contents.endswith(".ncx"):
        return {}
    root = parse_html(characters(unpack(archive, contents, name), name), name)
    printed: dict[tuple[str, str], str] = {}
    for nav in root.iter("nav"):
        for link in nav.iter("a") if "page-list" in types(nav) else ():
            href = link.get("href", "")
            printed[_beside(contents, href), unquote(href.partition("#")[2])] = words(link)
    return printed


def _nav(root: Element) -> Iterator[tuple[str, str, int]]:
    for nav in root.iter("nav"):
        if "toc" in types(nav):
            for link in nav.iter("a"):
                yield link.get("href", ""), words(link), sum(1 for _ in link.iterancestors("ol"))


def _ncx(root: Element) -> Iterator[tuple[str, str, int]]:
    for point in root.iter("{*}navPoint"):
        label, content = point.find("{*}navLabel"), point.find("{*}content")
        if label is not None and content is not None:
            yield content.get("src", ""), words(label), 1 + sum(1 for _ in point.iterancestors("{*}navPoint"))


def _name(chapter: list[Part], title: str, level: int) -> None:
    """Gives a chapter without any heading its title: the line that says it, else one above the text."""
    if not title or not chapter or _UNNAMED.fullmatch(title) or any(part.kind is BlockKind.HEADING for part in chapter):
        return
    first = chapter[0]
    if first.kind is BlockKind.PARAGRAPH and first.text.casefold() == title.casefold():
        first.kind, first.level = BlockKind.HEADING, level
    else:
        chapter.insert(0, Part(BlockKind.HEADING, title, level=level))
