"""A conversation to take along, as HTML that opens offline, as Markdown or as JSON; and its citations read back.

Every quotation stands in the file with the place it was cut from, so that `parallax verify` can check what is shown.
Pure functions; every word of a document or a user passes through `escape` or its Markdown sister.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from html import escape
from html.parser import HTMLParser
from importlib.resources import files
from typing import Any

from index.types import ParallaxError
from qa.types import Citation, Comparison, Finding, Source
from ui.chat import Turn
from ui.columns import columns
from ui.styles import chicago
from ui.words import beside, likeness, own_words, speaks, sureness, tally, whereabouts

FORMAT = 1
"""Of the JSON; a program that knows another one should not read it."""
SILENT = "Nothing in this text answers that."
Line = tuple[str, str | Citation]
"""What it is ("question", "meta", "label", "told" or "quote"), and its words or the citation."""


def as_json(turns: Sequence[Turn], sources: Sequence[Source], pinned: Sequence[str] = ()) -> str:
    """All that is known of the conversation, with the names of `qa.types`; `pinned`: ids of what stood first."""
    told = [{"kind": "comparison" if isinstance(turn, Comparison) else "finding", **asdict(turn)} for turn in turns]
    record = {"parallax": "conversation", "format": FORMAT, "documents": list(map(asdict, sources))}
    record |= {"pinned": list(pinned), "turns": told}
    return json.dumps(record, ensure_ascii=False, indent=1) + "\n"


def as_html(turns: Sequence[Turn], sources: Sequence[Source], pinned: Sequence[str] = ()) -> str:
    """One page that loads nothing. `pinned`: the ids of the documents that stand first."""
    style = files("ui").joinpath("report.css").read_text(encoding="utf-8")
    known = {source.id: source for source in sources}
    body = "\n".join(_html(*line, known) for turn in turns for line in _lines(turn, pinned))
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Parallax: a conversation</title><style>\n{style}</style></head>\n"
        f"<body><main><h1>A conversation</h1>\n{body}\n</main></body></html>\n"
    )


def as_markdown(turns: Sequence[Turn], sources: Sequence[Source], pinned: Sequence[str] = ()) -> str:
    """Markdown in which a comment after each quotation says where it was cut from; `pinned` as in `as_html`."""
    known = {source.id: source for source in sources}
    return "# A conversation\n\n" + "\n\n".join(
        _markdown(*line, known) for turn in turns for line in _lines(turn, pinned)
    ) + "\n"  # fmt: skip


FORMATS: dict[str, Callable[[Sequence[Turn], Sequence[Source], Sequence[str]], str]] = {
    "html": as_html, "md": as_markdown, "json": as_json,
}  # fmt: skip
"""By the ending of the file's name."""


def _lines(turn: Turn, pinned: Sequence[str]) -> Iterator[Line]:
    """A turn as both forms for people show it."""
    if isinstance(turn, Finding):
        yield "question", turn.quotation
        yield "meta", whereabouts(turn)
        for occurrence in turn.occurrences:
            yield "label", next(source.label for source in turn.searched if source.id == occurrence.document)
            yield "told", likeness(occurrence)
            yield from (("quote", part) for part in occurrence.parts)
        return
    yield "question", turn.question
    follows = [f"Read together with “{question}”" for question in turn.follows]
    yield "meta", " · ".join(filter(None, [*follows, beside(turn), own_words(turn), turn.notice, tally(turn)]))
    parted = columns(turn, pinned)
    for side in parted.shown:
        yield "label", side.source.label
        yield "told", SILENT if side.answer is None else sureness(side.answer.certainty)
        yield from (("quote", place) for place in (side.nearest if side.answer is None else side.answer.citations))
    if parted.answering:
        yield "label", "Further documents that answer"
        yield "told", "; ".join(side.source.label for side in parted.answering)


def _html(kind: str, told: str | Citation, known: dict[str, Source]) -> str:
    if isinstance(told, Citation):
        return (
            f'<blockquote dir="auto" data-document="{escape(told.document)}" data-sha256="{told.sha256}" '
            f'data-start="{told.start}" data-end="{told.end}">{escape(told.quote)}</blockquote>'
            f'<p class="soft" dir="auto">{escape(speaks(told))}. {escape(_source(told, known))}</p>'
        )
    tag, css = {"question": ("h2", ""), "label": ("h3", ""), "meta": ("p", "soft"), "told": ("p", "soft")}[kind]
    named = f' class="{css}"' if css else ""
    return f'<{tag} dir="auto"{named}>{escape(told)}</{tag}>'


def _markdown(kind: str, told: str | Citation, known: dict[str, Source]) -> str:
    if isinstance(told, Citation):
        place = {name: getattr(told, name) for name in ("document", "sha256", "start", "end")}
        quoted = "\n".join(f"> {_plain(line)}" for line in told.quote.split("\n"))
        kept = json.dumps(place).replace("--", "\\u002d\\u002d")
        return f"{quoted}\n\n<!-- parallax {kept} -->\n{_plain(speaks(told))}. {_plain(_source(told, known))}"
    start = {"question": "## ", "label": "### "}.get(kind, "")
    return start + " ".join(_plain(line) for line in told.split("\n"))


def _source(citation: Citation, known: dict[str, Source]) -> str:
    """The note without its quotation, which stands above it."""
    return chicago(citation, known[citation.document]).partition("” ")[2]


def _plain(line: str) -> str:
    """A line that Markdown takes for nothing but words."""
    line = re.sub(r"([\\`*_{}\[\]<>#|~&!$^=])", r"\\\1", line)
    return re.sub(r"^(\s*)(\d+)([.)])|^(\s*)([-+])", lambda m: re.sub(r"([.)+-])", r"\\\1", m[0]), line)


_QUOTED = re.compile(r"((?:^> .*\n|^>\n)+)\n<!-- parallax (\{.*\}) -->$", re.MULTILINE)


def read_markdown(text: str) -> list[dict[str, Any]]:
    """The citations of an exported Markdown file, with the words that it shows."""
    found = []
    for match in _QUOTED.finditer(text):
        shown = [re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", line[2:]) for line in match[1].rstrip("\n").split("\n")]
        try:
            found.append({**json.loads(match[2]), "quote": "\n".join(shown)})
        except (ValueError, RecursionError):
            found.append({"document": None, "sha256": None, "start": None, "end": None, "quote": "\n".join(shown)})
    return found


def read_html(text: str) -> list[dict[str, Any]]:
    """The citations of an exported HTML file, with the words that it shows. Raises ParallaxError where it is none."""
    parser = _Quotes()
    try:
        parser.feed(text)
        parser.close()
    except AssertionError as error:  # what the parser says to a section such as “<![x]>”
        raise ParallaxError(
            "This is no HTML that a conversation is saved as; give a file that the chat saved."
        ) from error
    return parser.found


_COUNT = re.compile(r"\d{1,18}")


class _Quotes(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[dict[str, Any]] = []
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = dict(attrs)
        if tag == "blockquote" and "data-document" in held:
            place = {name: held.get(f"data-{name}") for name in ("document", "sha256", "start", "end")}
            numbers = {name: int(place[name] or "") for name in ("start", "end") if _COUNT.fullmatch(place[name] or "")}
            self.found.append({**place, **numbers, "quote": ""})
            self.inside = True

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag != "blockquote"

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.found[-1]["quote"] += data
