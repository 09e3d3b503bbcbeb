"""Web pages: characters by what the page says of its encoding, and the details that its head gives.

The text is `index.load.markup`'s. A page is known by its content; nothing that it names is fetched.
"""

import codecs
import re

from index.language import told
from index.load import opening
from index.load.markup import structure_of
from index.load.text import LoadError, decode
from index.load.tree import Element, parse_html
from index.structure import Structure
from index.types import Details

_NEAR = 1024  # bytes from the beginning in which HTML has to say what it is and how it is encoded
_DOCUMENT = re.compile(rb"<(?:!doctype\s+html|html|head|body)[\s>]", re.I)
_ELEMENT = re.compile(rb"<(?:[a-z][a-z0-9]*[\s/>]|!--)", re.I)
_CHARSET = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([\w.:-]+)|^\s*<\?xml[^>]{0,200}?encoding=[\"']([\w.:-]+)", re.I
)
_CODECS = re.compile(r"big5|cp\d+|euc_\w+|gb\w+|iso8859-\d+|iso2022_jp|koi8-[ru]|mac-\w+|shift_jis")
"""Python's names of the encodings that pages have; its other codecs are none of text, or need a mark (UTF-16)."""
_AS_BROWSERS = {
    "iso8859-1": "cp1252", "gb2312": "gb18030", "gbk": "gb18030", "big5": "big5hkscs", "shift_jis": "cp932",
    "euc_kr": "cp949",
}  # fmt: skip
"""What browsers read, by the WHATWG Encoding Standard, where a page names the narrower encoding."""
_TITLES = ("citation_title", "dc.title", "dcterms.title", "og:title")
_AUTHORS = ("citation_author", "dc.creator", "dcterms.creator", "author", "article:author")
_PUBLISHERS = ("citation_publisher", "dc.publisher", "dcterms.publisher", "publisher")
_DATES = ("citation_publication_date", "citation_date", "dc.date", "dcterms.date", "article:published_time", "date")
_LANGUAGES = ("citation_language", "dc.language", "dcterms.language")
_YEAR = re.compile(r"\b(1[0-9]{3}|20[0-9]{2})\b")


def recognises(data: bytes, name: str) -> bool:
    """Whether a file begins as an HTML document does; named as one, any element will do."""
    head = data[:_NEAR].replace(b"\0", b"")
    named = name.lower().endswith((".html", ".htm", ".xhtml"))
    return (_ELEMENT if named else _DOCUMENT).search(head) is not None


def read(data: bytes, name: str) -> tuple[Structure, Details]:
    """The page's main text, and its title, author, publisher, year and language where it tells. Raises `LoadError`."""
    root = parse_html(characters(data, name), name)
    language = told(root.get("lang", root.get("xml:lang")))
    said = _said(root)
    shown = root.findtext(".//title")
    structure = structure_of(root)
    title = _first(said, _TITLES) or opening.title(structure) or " ".join((shown or "").split())
    author = " and ".join(dict.fromkeys(said.get(next((key for key in _AUTHORS if key in said), ""), ())))
    return structure, Details(
        title=title or None,
        author=author or None,
        year=year(_first(said, _DATES)),
        language=language if language is not None else told(_first(said, _LANGUAGES)),
        publisher=_first(said, _PUBLISHERS),
    )


def characters(data: bytes, name: str) -> str:
    """The characters of markup. Its byte order mark comes first, then what it declares, then what decodes.

    Raises `LoadError` where the declared encoding does not fit the bytes.
    """
    declared = _CHARSET.search(data[:_NEAR])
    if declared is None or data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return decode(data, name)
    label = (declared[1] or declared[2]).decode("ascii")
    try:
        codec = codecs.lookup(label).name
    except LookupError:
        return decode(data, name)
    if _CODECS.fullmatch(codec) is None:
        return decode(data, name)
    try:
        return data.decode(_AS_BROWSERS.get(codec, codec))
    except UnicodeDecodeError as error:
        raise LoadError(
            f"{name} says it is {label}, but byte {error.start} (0x{data[error.start]:02X}, counted from 0) is not:"
            " save it again as UTF-8."
        ) from error


def year(text: str | None) -> int | None:
    """The year in a date."""
    match = _YEAR.search(text) if text is not None else None
    return int(match[1]) if match is not None else None


def _said(root: Element) -> dict[str, list[str]]:
    """What the page's meta elements say, by their names in small letters."""
    said: dict[str, list[str]] = {}
    for meta in root.iter("meta"):
        name = meta.get("name", meta.get("property", "")).lower()
        content = " ".join(meta.get("content", "").split())
        if name and content and not content.startswith(("http:", "https:")):
            said.setdefault(name, []).append(content)
    return said


def _first(said: dict[str, list[str]], names: tuple[str, ...]) -> str | None:
    return next((said[name][0] for name in names if name in said), None)
