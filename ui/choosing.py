"""Choosing which documents are asked, as escaped HTML: a fold under the question box, with the collections.

Pure functions from records to strings. Nothing where there are too few documents to choose from; what is chosen, the
page's script knows.
"""

from collections.abc import Sequence
from html import escape

from index.types import Collection
from qa.types import Source
from ui.render import hues
from ui.words import counted

FEWEST = 3
"""From so many documents on there is something to choose."""
SEARCHED = 9
"""From so many on, a document is found by typing some of its name."""


def chooser(sources: Sequence[Source], collections: Sequence[Collection], editable: bool, refusal: str = "") -> str:
    """The fold. `refusal`: why a collection was not kept, in one sentence."""
    if len(sources) < FEWEST:
        return ""
    told = f'<p class="px-refusal" role="alert" dir="auto">{escape(refusal)}</p>' if refusal else ""
    total = counted(len(sources), "document")
    return (
        f'{told}<details class="px-choose"><summary>Asking <span class="px-chosen" data-total="{total}">all {total}'
        f'</span></summary><div class="px-choices">{_presets(collections)}{_filter(len(sources))}{_list(sources)}'
        f"{_KEEP if editable else ''}</div></details>"
    )


def _presets(collections: Sequence[Collection]) -> str:
    """What ticks several documents at once."""
    kept = "".join(
        f'<button type="button" class="px-act px-preset" data-documents="{escape(" ".join(each.documents))}">'
        f"<bdi>{escape(each.name)}</bdi></button>"
        for each in collections
    )
    return (
        f'<p class="px-presets"><button type="button" class="px-act px-preset" data-documents="">All</button>{kept}</p>'
    )


def _filter(documents: int) -> str:
    if documents < SEARCHED:
        return ""
    words = "Find a document by its name"
    return f'<input type="search" class="px-filter" aria-label="{words}" placeholder="{words}" autocomplete="off">'


def _list(sources: Sequence[Source]) -> str:
    colours = hues(sources)
    items = "".join(
        f'<li class="px-hue-{colours[source.id]}"><label><input type="checkbox" value="{escape(source.id)}">'
        f'<bdi class="px-label">{escape(source.label)}</bdi></label></li>'
        for source in sources
    )
    return f'<ul aria-label="Documents to ask">{items}</ul>'


_KEEP = (
    '<form class="px-collect"><input name="name" dir="auto" autocomplete="off" aria-label="Name of a collection" '
    'placeholder="Keep these together as …"><button type="submit" class="px-act">Keep</button></form>'
)
