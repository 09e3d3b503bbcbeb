"""The documents of a library as escaped HTML: the shelf to read from, and the list in which they are kept.

Pure functions from records to strings; it asks nothing and keeps nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from index.types import Collection, Colour
from qa.types import Shared, Source
from ui.render import EMPTY_LIBRARY, hues
from ui.sharing import shared_places
from ui.words import byline, counted, model_knows, shortened

VIEWS = {"ask": "Ask", "read": "Read", "find": "Find", "terms": "Terms", "library": "Library"}
"""The views of the page: their names in its address, and in words."""

FIELDS = {
    "title": "Title",
    "author": "Author",
    "label": "Label",
    "year": "Year",
    "publisher": "Publisher",
    "language": "Language code",
}
"""The details of a document that are typed to be changed, with their names in words; its colour is chosen."""

FORMATS = '<p class="px-byline">Plain text, PDF, Markdown, HTML, DOCX or EPUB.</p>'
"""What can be added, until it is told what becomes of it."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a change was not made, in one sentence, which stands in the form of the document that it was made to."""

    why: str
    document: str = ""
    """Its id."""


def navigation() -> str:
    """The way from view to view."""
    links = "".join(f'<a href="#{name}">{words}</a>' for name, words in VIEWS.items())
    return f'<nav class="px-views" aria-label="Views">{links}</nav>'


def shelf(sources: Sequence[Source], places: Sequence[Shared] | None) -> str:
    """The documents, each with the way to its beginning, and what they have in common; None: not known yet."""
    if not sources:
        return f'<div class="px-welcome">{EMPTY_LIBRARY}</div>'
    books = f'<h2 class="px-question">Read</h2><div class="px-books">{_books(sources)}</div>'
    if len(sources) == 1:
        return books
    found = "<p>Comparing the texts…</p>" if places is None else shared_places(places, sources, hues(sources))
    return f'{books}<h2 class="px-question px-apart">Quoted in common</h2>{found}'


def _books(sources: Sequence[Source]) -> str:
    colours = hues(sources)
    return "".join(
        f'<article class="px-book px-hue-{colours[source.id]}">{_named(source)}'
        f'<button type="button" class="px-open" data-document="{escape(source.id)}" data-sha256="{source.sha256}" '
        f'data-at="0" aria-label="{escape(f"Read {source.label}")}">Read</button></article>'
        for source in sources
    )


def _named(source: Source) -> str:
    return (
        f'<h3 class="px-label"><bdi>{escape(source.label)}</bdi></h3>'
        f'<p class="px-byline" dir="auto">{escape(byline(source))}</p>'
    )


def documents(
    sources: Sequence[Source],
    collections: Sequence[Collection],
    editable: bool,
    refusal: Refusal | None = None,
    languages: str = "",
) -> str:
    """The collections and the documents with their details; where they are `editable`, with what changes them.

    `refusal`: why the last change was not made. `languages`: those that the model knows, in words.
    """
    why = f'<p class="px-refusal" role="alert" dir="auto">{escape(refusal.why)}</p>' if refusal else ""
    refused = refusal.document if refusal else ""
    told = "" if refused in {source.id for source in sources} else why
    colours = hues(sources)
    cards = "".join(
        _card(source, colours[source.id], editable, why if source.id == refused else "") for source in sources
    )
    count = counted(len(sources), "document") if sources else "No documents yet"
    closed = "" if editable else '<p class="px-byline">Documents are added on the machine that serves this page.</p>'
    kept = _collections(collections, {source.id: source.label for source in sources}, editable)
    known = f'<p class="px-byline">{escape(model_knows(languages))}</p>' if sources else ""
    return f'{told}{kept}<h2 class="px-small">{count}</h2>{known}{closed}{cards}'


def _collections(collections: Sequence[Collection], labels: Mapping[str, str], editable: bool) -> str:
    """Each collection with its documents; where they are `editable`, with what dissolves it."""
    items = "".join(
        f'<li><span dir="auto"><bdi class="px-label">{escape(each.name)}</bdi> '
        f'<span class="px-byline">{escape(shortened("; ".join(labels.get(one, one) for one in each.documents)))}</span>'
        f"</span>{_dissolve(each.name) if editable else ''}</li>"
        for each in collections
    )
    count = counted(len(collections), "collection")
    return f'<h2 class="px-small">{count}</h2><ul class="px-collections">{items}</ul>' if items else ""


def _dissolve(name: str) -> str:
    return (
        f'<button type="button" class="px-act px-dissolve" data-name="{escape(name)}" '
        f'aria-label="{escape(f"Dissolve the collection {name}")}">Dissolve</button>'
    )


def _card(source: Source, hue: int, editable: bool, why: str) -> str:
    counts = [(source.passages, "passage"), (source.pages, "page"), (source.notes, "note")]
    kept = " · ".join([
        *(counted(count, noun) for count, noun in counts if count),
        *([source.publisher] if source.publisher else []),
        source.language_name,
        f"added {source.added[:10]}", source.file, f"id {source.id}",
    ])  # fmt: skip
    said = " ".join(filter(None, (source.notice, source.language_notice)))
    notice = f'<p class="px-notice" dir="auto">{escape(said)}</p>' if said else ""
    return (
        f'<article class="px-book px-hue-{hue}" aria-label="{escape(source.label)}">{_named(source)}'
        f'<p class="px-byline" dir="auto">{escape(kept)}</p>{notice}{_form(source, why) if editable else ""}</article>'
    )


def _form(source: Source, why: str) -> str:
    """What changes a document; unfolded where a change was refused, and `why` at its end."""
    fields = "".join(
        f'<label>{words}<input name="{name}" dir="auto" autocomplete="off" '
        f'value="{escape(str("" if (value := getattr(source, name)) is None else value))}"></label>'
        for name, words in FIELDS.items()
    )
    tones = "".join(
        f'<option value="{colour}"{" selected" if colour is source.colour else ""}>{colour.capitalize()}</option>'
        for colour in Colour
    )
    fields += f'<label>Colour<select name="colour"><option value="">By position</option>{tones}</select></label>'
    return (
        f'<details class="px-more"{" open" if why else ""}><summary>Change, replace or remove</summary>'
        f'<form class="px-form" data-document="{escape(source.id)}">{fields}'
        '<span class="px-acts"><button type="submit" class="px-act">Save</button>'
        '<label class="px-act px-newer">Replace'
        f'<input type="file" class="px-unseen" data-document="{escape(source.id)}" '
        f'aria-label="{escape(f"Replace {source.label} by a newer version of its file")}"></label>'
        f'<button type="button" class="px-act px-remove" data-document="{escape(source.id)}" '
        f'aria-label="{escape(f"Remove {source.label}")}">Remove</button></span>{why}</form></details>'
    )


def steps(lines: Sequence[str]) -> str:
    """What became of files that are being added, a line each."""
    told = "".join(f'<li dir="auto">{escape(line)}</li>' for line in lines)
    return f'<ul class="px-steps" role="status">{told}</ul>'
