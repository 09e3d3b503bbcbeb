"""Output for people: comparisons, the list of documents.

Columns side by side where the terminal is wide enough, one below the other where it is not or where the
output goes into a pipe. Document text cannot give the terminal commands: control characters are shown as �.
"""

import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from qa.concordance import Concordance, Usage
from qa.types import Citation, Comparison, Difference, Finding, Perspective, Shared, Side, Source
from ui.columns import Columns, columns
from ui.words import (
    byline,
    compared,
    counted,
    counts_of,
    dispersed,
    forms,
    frequency,
    in_common,
    likeness,
    marking,
    model_knows,
    occurring,
    own_words,
    place,
    sameness,
    shortened,
    source_lines,
    speaks,
    sureness,
    tally,
    whereabouts,
)

if TYPE_CHECKING:  # loaded where something is drawn, which nothing is in a pipe
    from rich.console import Console, Group

COLUMN = 48
"""Characters with the space beside; a narrower column is harder to read than a longer page."""
LISTED = 20
"""So many places of a quotation, or shared ones, are shown at most."""
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def safe(text: str) -> str:
    """The text without characters that command a terminal or turn the direction of writing."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


class Line(NamedTuple):
    """One paragraph of output, not yet wrapped or made safe."""

    text: str
    style: str = ""
    indent: int = 0


def print_comparison(comparison: Comparison, console: "Console | None" = None) -> None:
    """The perspectives on one question: in columns where they fit, plain lines in a pipe."""
    console = _output(console)
    head = [Line(comparison.question, "bold")]
    head += [Line(f"Read together with “{earlier}”", "dim") for earlier in comparison.follows]
    head += [Line(line, "dim") for line in (own_words(comparison), comparison.notice, tally(comparison)) if line]
    parted = columns(comparison)
    sides = [list(_side(side)) for side in parted.shown]
    rest = list(_not_shown(parted))
    if console is None or not console.is_terminal:
        _print_plain(chain(head, *sides, rest), console)
        return
    from rich.console import Group
    from rich.table import Table

    console.print(_rich(head))
    if console.width >= COLUMN * len(sides):
        table = Table.grid(padding=(0, 3, 0, 0), expand=True)
        for _ in sides:
            table.add_column(ratio=1)
        table.add_row(*map(_rich, sides))
        console.print(table)
    else:
        console.print(Group(*map(_rich, sides)))
    console.print(_rich(rest), end="")


def _not_shown(parted: Columns) -> Iterator[Line]:
    """The documents that have no place side by side."""
    if parted.answering:
        names = [f"{side.source.id} ({side.answer.certainty.word})" for side in parted.answering if side.answer]
        yield Line("")
        yield Line(f"{counted(len(names), 'document')} more {'answers' if len(names) == 1 else 'answer'}:", "dim")
        yield Line("; ".join(names))
        yield Line("--in ID shows one of them, --json all.", "dim")


def print_finding(finding: Finding, console: "Console | None" = None) -> None:
    """Where a quotation stands, each place with its differences: [-asked-]{+found+}."""
    console = _output(console)
    labels = {source.id: source.label for source in finding.searched}
    lines = [Line(f"“{shortened(finding.quotation)}”", "bold"), Line(whereabouts(finding), "dim")]
    for occurrence in finding.occurrences[:LISTED]:
        lines += [Line(""), Line(labels[occurrence.document], "bold underline"), Line(likeness(occurrence), "dim")]
        lines += list(_places("", occurrence.parts))
        if occurrence.differences:
            lines += [Line(""), Line(" ".join(map(_change, occurrence.differences)), indent=2)]
    _print(lines + _rest(len(finding.occurrences)), console)


def print_shared(shared: Sequence[Shared], sources: Sequence[Source], console: "Console | None" = None) -> None:
    """What documents have in common, each place as both have it, then its differences: [-first-]{+second+}."""
    console = _output(console)
    labels = {source.id: source.label for source in sources}
    lines = [Line(f"{in_common(shared)}.", "bold")]
    for found in shared[:LISTED]:
        lines += [Line(""), Line(sameness(found), "bold"), Line(marking(found, labels), "dim")]
        for side, other in ((found.first, found.second), (found.second, found.first)):
            lines += _shared_side(side, labels[side.citation.document], labels[other.citation.document])
        if found.differences:
            lines += [Line(""), Line(" ".join(map(_change, found.differences)), indent=2)]
    _print(lines + _rest(len(shared)), console)


def _shared_side(side: Side, label: str, other: str) -> Iterator[Line]:
    yield Line("")
    yield Line(label, "bold underline")
    if side.before is not None:
        yield Line(f"Before it: {side.before.text}", "dim", indent=2)
    yield from _places("", [side.citation])
    if side.after is not None:
        yield Line(f"After it: {side.after.text}", "dim", indent=2)
    for words in side.left_out:
        yield Line(f"{other} leaves out: {words.text}", indent=2)


def _rest(places: int) -> list[Line]:
    return [Line(""), Line(f"The first {LISTED} places are shown; --json lists all.", "dim")] if places > LISTED else []


def _output(console: "Console | None") -> "Console | None":
    """What is drawn on: what is given, else this terminal; None where the output is a pipe, which gets plain lines."""
    if console is not None or not sys.stdout.isatty():
        return console
    from rich.console import Console

    return Console(highlight=False)


def _print(lines: Sequence[Line], console: "Console | None") -> None:
    if console is not None and console.is_terminal:
        console.print(_rich(lines))
    else:
        _print_plain(lines, console)


def _change(difference: Difference) -> str:
    if difference.same:
        return difference.found
    removed = f"[-{difference.asked}-]" if difference.asked else ""
    return removed + (f"{{+{difference.found}+}}" if difference.found else "")


def print_concordance(concordance: Concordance, console: "Console | None" = None) -> None:
    """A term in each document: its counts, where it lies, its lines aligned on it, and its collocates."""
    console = _output(console)
    lines = [Line(concordance.term, "bold"), Line(occurring(concordance), "dim")]
    if concordance.near:
        lines.append(Line(f"Spelt nearly so: {', '.join(concordance.near)}"))
    width = console.width if console is not None and console.is_terminal else None
    for usage in concordance.usages:
        lines += [Line(""), Line(usage.source.label, "bold underline"), *_usage(usage, width)]
    _print(lines, console)


def _print_plain(lines: Iterable[Line], console: "Console | None") -> None:
    file = sys.stdout if console is None else console.file
    for line in lines:
        print(safe(line.text), file=file)  # rich would put emoji for “:name:” into a quotation


def _rich(lines: Iterable[Line]) -> "Group":
    from rich.console import Group
    from rich.padding import Padding
    from rich.text import Text

    return Group(*(Padding(Text(safe(line.text), line.style), (0, 0, 0, line.indent)) for line in lines))


def _side(side: Perspective) -> Iterator[Line]:
    yield Line("")
    yield Line(side.source.label, "bold underline")
    if side.source.language_notice:
        yield Line(side.source.language_notice, "dim")
    if side.answer is None:
        yield Line("Nothing in this text answers that.")
        yield from _places("Nearest passages:", side.nearest)
    else:
        first, *further = side.answer.citations
        yield Line(sureness(side.answer.certainty), "dim")
        yield from _places("", [first])
        yield from _places("Further places:", further)


def _usage(usage: Usage, width: int | None) -> Iterator[Line]:
    if not usage.count:
        yield Line("Not in this text.")
        return
    from ui.kwic import aligned, sparkline

    yield Line(f"{frequency(usage)}: {forms(usage)}", "dim")
    yield Line(f"{sparkline(usage)}  {dispersed(usage)}", "dim")
    if usage.lines:  # else counts alone were asked for, or lines behind the last
        yield Line("")
        yield from (Line(line) for line in aligned(usage.lines, width))
        following = usage.first + len(usage.lines)
        if following < usage.count:
            left = counted(usage.count - following, "more line")
            yield Line(f"{left}; --first {following} shows the next.", "dim")
    for collocates in filter(None, (usage.contrast, usage.collocates)):
        words = [f"{word.word} ({counts_of(word, collocates.reference)})" for word in collocates.words]
        yield Line("")
        yield Line(compared(collocates), "dim")
        yield Line("; ".join(words) if words else "None stands out.")


def _places(heading: str, citations: Sequence[Citation]) -> Iterator[Line]:
    if heading and citations:
        yield Line("")
        yield Line(heading, "dim")
    for citation in citations:
        spot = ", ".join(dict.fromkeys(filter(None, [place(citation), source_lines(citation).lower()])))
        yield Line("")
        yield Line(f"“{citation.quote}”", indent=2)
        yield Line(speaks(citation), "dim", indent=2)
        yield Line(f"{spot} [{citation.document} {citation.start}–{citation.end}]", "dim", indent=2)


def print_json(value: object) -> None:
    """JSON that can be read again whatever the terminal's encoding, and commands no terminal."""
    unicode = sys.stdout.encoding.lower() in ("utf-8", "utf8")
    text = json.dumps(value, ensure_ascii=not unicode, indent=2)
    print(_CONTROL.sub(lambda match: f"\\u{ord(match[0]):04x}", text))


def print_documents(documents: Sequence[Source], languages: str) -> None:
    """One line a document: its id, label, and what else is known of it; then `languages`, which the model knows."""
    if not documents:
        print("The library is empty.")
    for source in documents:
        cells = (source.id, source.label, byline(source), source.file, source.language_name)
        print("\t".join(safe(" ".join(cell.split())) for cell in cells))  # a line stays one line
    for line in dict.fromkeys(source.language_notice for source in documents if source.language_notice):
        print(safe(line))
    if documents:
        print(model_knows(languages))
