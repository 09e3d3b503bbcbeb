"""Word documents (DOCX), by way of HTML: mammoth reads them, and this module says which style means what.

Styles count by what they are built on: a style of one's own that rests on Heading 1, or has its outline level, is a
heading. Headers, footers, comments and deleted passages are left out. Does not read the old DOC format.
"""

from collections.abc import Iterator
from io import BytesIO
from zipfile import ZipFile

from index.language import told
from index.load import opening
from index.load.archive import names, open_archive, unpack
from index.load.markup import structure_of
from index.load.text import LoadError
from index.load.tree import Element, parse_html, parse_xml
from index.structure import Structure
from index.types import Details

_MAIN = "word/document.xml"
_STYLES = "word/styles.xml"
_PROPERTIES = "docProps/core.xml"
_DEEPEST = 6
_MEANINGS = {
    "title": "h1.title:fresh",
    "caption": "figcaption:fresh",
    **dict.fromkeys(("quote", "intense quote", "block text", "quotations"), "blockquote > p:fresh"),
    **{f"heading {level}": f"h{min(level, _DEEPEST)}:fresh" for level in range(1, 10)},
}
"""HTML for Word's own styles (LibreOffice's "Quotations" with them), by their names in small letters."""


def recognises(data: bytes, name: str) -> bool:
    """Whether a file is a Word document, whatever its name."""
    return {"[Content_Types].xml", _MAIN} <= names(data)


def read(data: bytes, name: str) -> tuple[Structure, Details]:
    """The text, and title and author as the text shows them, else as the file's properties say. Raises `LoadError`."""
    with open_archive(data, name) as archive:
        styles = "\n".join(_style_map(archive, name))
        properties = _properties(archive, name)
    import mammoth

    try:
        converted = mammoth.convert_to_html(BytesIO(data), style_map=styles, convert_image=lambda image: [])
    except MemoryError:
        raise
    except RecursionError as error:
        raise LoadError(
            f"{name} nests its elements too deeply to be read whole: save it again as plain text."
        ) from error
    except Exception as error:  # mammoth raises what its parts raise, one kind for each fault of a file
        raise LoadError(f"{name} is a damaged Word document ({error}): save it again and try anew.") from error
    root = parse_html(f"<html><body>{converted.value}</body></html>", name)
    _lower_headings(root)
    structure = structure_of(root)
    return structure, Details(
        title=opening.title(structure) or opening.told_title(properties.get("title", "")),
        author=opening.author(structure) or opening.told_author(properties.get("creator", "")),
        language=told(properties.get("language")),
    )


def _style_map(archive: ZipFile, name: str) -> Iterator[str]:
    """mammoth's rules for the paragraph styles of a document."""
    if _STYLES not in archive.namelist():
        return
    root = parse_xml(unpack(archive, _STYLES, name), name)
    styles = {
        _value(style, "styleId"): style for style in root.iter("{*}style") if _value(style, "type") == "paragraph"
    }
    for identifier in styles:
        meaning = _meaning(identifier, styles)
        if identifier and meaning is not None and "'" not in identifier and " " not in identifier:
            yield f"p.{identifier} => {meaning}"


def _meaning(identifier: str, styles: dict[str, Element]) -> str | None:
    """What a style stands for, by its name, its outline level, or the styles that it is built on."""
    seen: set[str] = set()
    while identifier in styles and identifier not in seen:
        seen.add(identifier)
        style = styles[identifier]
        known = _MEANINGS.get(_child(style, "name").lower())
        outline = _child(style, "outlineLvl")
        if known is not None:
            return known
        if outline.isdigit() and int(outline) < 9:  # 9 is body text (ECMA-376, 17.3.1.20)
            return f"h{min(int(outline) + 1, _DEEPEST)}:fresh"
        identifier = _child(style, "basedOn")
    return None


def _child(style: Element, tag: str) -> str:
    found = next(style.iter(f"{{*}}{tag}"), None)
    return _value(found, "val") if found is not None else ""


def _value(element: Element, name: str) -> str:
    """An attribute of any namespace."""
    return next((str(value) for key, value in element.items() if key.rpartition("}")[2] == name), "")


def _lower_headings(root: Element) -> None:
    """Under a title, Word's first level of headings is the text's second."""
    titles = root.xpath("//h1[@class='title']")
    headings = list(root.iter("h1", "h2", "h3", "h4", "h5"))
    for heading in headings if titles else ():
        if heading not in titles:
            heading.tag = f"h{int(heading.tag[1]) + 1}"


def _properties(archive: ZipFile, name: str) -> dict[str, str]:
    """Title, creator and language of the document. The dates there are the file's, not the work's."""
    if _PROPERTIES not in archive.namelist():
        return {}
    root = parse_xml(unpack(archive, _PROPERTIES, name), name)
    texts = {element.tag.rpartition("}")[2]: " ".join((element.text or "").split()) for element in root}
    return {key: text for key, text in texts.items() if text}
