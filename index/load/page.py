"""What of a page is there to be read: the main text, without what is hidden, runs, or leads elsewhere.

Goes by elements and roles alone (HTML Standard, WAI-ARIA). A page that marks its main text with nothing is read whole,
its menus and notices with it, as far as they are not marked as such.
"""

import re
from collections.abc import Container

from index.load.tree import Element, types, words

_UNREAD = frozenset([
    "annotation", "audio", "button", "canvas", "datalist", "dialog", "embed", "head", "iframe", "input", "map",
    "menu", "nav", "noscript", "object", "rp", "rt", "script", "select", "style", "svg", "template", "textarea",
    "video",
])  # fmt: skip
_UNREAD_TYPES = frozenset(["navigation", "search", "toc", "landmarks", "page-list"])
_ABOUT = frozenset(["header", "footer", "aside"])
"""Inside an article they belong to it; beside one they belong to the site."""
_ABOUT_TYPES = frozenset(["banner", "contentinfo", "complementary"])
_UNSEEN = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.I)


def readable(root: Element, notes: Container[Element]) -> Element:
    """The element that holds the main text, with what is not read taken out; notes stay even where they are hidden."""
    for element in list(root.iter()):
        holds_notes = any(inner in notes for inner in element.iter()) if _is_unread(element) else True
        if not holds_notes and element.getparent() is not None:
            element.drop_tree()
    main = _main(root)
    return main if main is not None else root


def _is_unread(element: Element) -> bool:
    return (
        element.tag in _UNREAD
        or bool(types(element) & _UNREAD_TYPES)
        or element.get("hidden") not in (None, "until-found")
        or element.get("aria-hidden") == "true"
        or _UNSEEN.search(element.get("style", "")) is not None
    )


def _main(root: Element) -> Element | None:
    """The one main element, else the one article; where there are several articles, all of the page but its frame."""
    for found in (
        [element for element in root.iter() if element.tag == "main" or "main" in types(element)],
        [element for element in root.iter("article") if not any(a.tag == "article" for a in element.iterancestors())],
    ):
        held = [element for element in found if words(element)]
        if len(held) == 1:
            return held[0]
        if held:
            _drop_frame(root, held)
            return None
    return None


def _drop_frame(root: Element, held: list[Element]) -> None:
    """Takes out headers, footers and sidebars that stand outside the articles."""
    inside = {inner for element in held for inner in element.iter()}
    for element in list(root.iter()):
        frame = element.tag in _ABOUT or types(element) & _ABOUT_TYPES
        beside = not any(inner in inside for inner in element.iter())
        if frame and beside and element.getparent() is not None:
            element.drop_tree()
