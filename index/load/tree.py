"""Markup to a tree of elements: HTML as browsers forgive it, and the small XML files inside archives.

The one module that knows lxml. No script runs, nothing is fetched, no entity of a file's own making is put in. Does
not say what an element means for the text.
"""

import re
from collections.abc import Iterator

from lxml import etree, html
from lxml.html import HtmlElement as Element

from index.load.text import LoadError

__all__ = ["MOST_MARKUP", "Element", "ancestry", "parse_html", "parse_xml", "types", "walk", "words"]

MOST_MARKUP = 64 * 2**20
"""Bytes of markup that are read of one file: the tree of so much takes about ten times the room in memory."""
_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\ufeff]")  # no XML tree may hold them


def parse_html(text: str, name: str) -> Element:
    """The root of a page. Raises `LoadError` where there is too much of it or it is nested too deeply to read whole."""
    data = _CONTROL.sub("", text).encode("utf-8")
    if len(data) > MOST_MARKUP:
        raise LoadError(f"{name} holds more than {MOST_MARKUP >> 20} MB of markup: split it into several files.")
    # The parser closes `<title/>` as XHTML means it, so that the chapters of an EPUB need no parser of their own.
    parser = html.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True, no_network=True)
    try:
        root = html.document_fromstring(data, parser=parser)
    except etree.ParserError as error:  # nothing but comments
        raise LoadError(f"{name} holds no words: choose a file that holds text.") from error
    if any(entry.level_name == "FATAL" and entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        raise LoadError(f"{name} nests its elements too deeply to be read whole: save it again as plain text.")
    return root


def parse_xml(data: bytes, name: str) -> "etree._Element":
    """The root of an XML file. Raises `LoadError` where it is not well formed."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        if error.msg is not None and "xcessive depth" in error.msg:
            raise LoadError(f"{name} nests its elements too deeply to be read whole: get the file again.") from error
        raise LoadError(f"{name} is damaged ({error.msg}): get the file again.") from error


def walk(root: Element) -> "etree.iterwalk":
    """Start and end of every element in order; `skip_subtree()` after a start leads to its end."""
    return etree.iterwalk(root, events=("start", "end"))


def types(element: Element) -> frozenset[str]:
    """What an element says that it is: its EPUB types and ARIA roles, without the roles' prefix "doc-"."""
    said = f"{element.get('epub:type', '')} {element.get('role', '')}".lower().split()
    return frozenset(word.removeprefix("doc-") for word in said)


def words(element: Element) -> str:
    """All text in an element, blanks collapsed."""
    return " ".join("".join(element.itertext()).split())


def ancestry(element: Element) -> Iterator[Element]:
    """The element and all above it, the nearest first."""
    yield element
    yield from element.iterancestors()
