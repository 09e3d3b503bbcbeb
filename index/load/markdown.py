"""Markdown: CommonMark with tables, footnotes and front matter, by way of HTML.

Nothing in a Markdown file tells it from plain text for sure, so its name has to. Does not read other dialects.
"""

import re
from pathlib import PurePath

from index.language import told
from index.load import opening
from index.load.html import year
from index.load.markup import structure_of
from index.load.text import decode
from index.load.tree import parse_html
from index.structure import Structure
from index.types import Details

_WHOLE_PAGE = re.compile(rb"\s*<(?:!doctype|html)\b", re.I)


def recognises(data: bytes, name: str) -> bool:
    """Whether a file is named as Markdown is and holds no whole web page."""
    return PurePath(name).suffix.lower() in (".md", ".markdown") and _WHOLE_PAGE.match(data) is None


def read(data: bytes, name: str) -> tuple[Structure, Details]:
    """The text, and title, author, publisher, year and language of the front matter. Raises `LoadError`."""
    from markdown_it import MarkdownIt
    from mdit_py_plugins.footnote import footnote_plugin
    from mdit_py_plugins.front_matter import front_matter_plugin

    parser = MarkdownIt("commonmark").enable("table").enable("strikethrough").use(footnote_plugin)
    parser.use(front_matter_plugin)
    tokens = parser.parse(decode(data, name))
    said = _front_matter(tokens[0].content) if tokens and tokens[0].type == "front_matter" else {}
    structure = structure_of(parse_html(parser.renderer.render(tokens, parser.options, {}), name))
    return structure, Details(
        title=said.get("title") or opening.title(structure),
        author=said.get("author"),
        year=year(said.get("date")),
        language=told(said.get("lang", said.get("language"))),
        publisher=said.get("publisher") or None,
    )


def _front_matter(text: str) -> dict[str, str]:
    """The simple values of a file's front matter, as text; a list of authors joined. Nothing where it is no YAML."""
    import yaml

    try:
        said = yaml.safe_load(text)
    except yaml.YAMLError:
        return {}
    values = said.items() if isinstance(said, dict) else ()
    listed = {str(name).lower(): value if isinstance(value, list) else [value] for name, value in values}
    return {
        name: " and ".join(str(value) for value in several if value is not None and not isinstance(value, dict | list))
        for name, several in listed.items()
    }
