"""A citation in the forms that people take along: Chicago notes, MLA, APA, BibTeX, RIS, CSL-JSON, W3C Web Annotation.

The place is the page where the source tells it, else section and paragraph, or the note. What is not known of a
document is left out, never made up. Plain text: for italics take BibTeX, RIS or CSL-JSON elsewhere.
"""

import json
import re
from collections.abc import Callable

from qa.types import Citation, Source

Style = Callable[[Citation, Source], str]


def chicago(citation: Citation, source: Source) -> str:
    """A note as in the Chicago Manual of Style, 17th edition: given name first, publisher and year in brackets."""
    people = _and([" ".join(part for part in reversed(name) if part) for name in _people(source)])
    published = ", ".join(part for part in (source.publisher, _year(source)) if part)
    year = f" ({published})" if published else ""
    head = ", ".join(part for part in (people, source.title + year) if part)
    return f"{_quote(citation)} {head}, {_place(citation, 'p. ', '¶ ')}."


def mla(citation: Citation, source: Source) -> str:
    """The quotation with its parenthesis, and the entry of the works cited (MLA Handbook, 9th edition)."""
    people = _people(source)
    short = _and([name[0] for name in people]) if people else _short(source.title)
    by = f"{_inverted(people, full=True)}. " if people else ""
    published = ", ".join(part for part in (source.publisher, _year(source)) if part)
    ending = f" {_ended(published)}" if published else ""
    return f"{_quote(citation)} ({short}, {_place(citation, '', 'par. ')}). {by}{source.title}.{ending}"


def apa(citation: Citation, source: Source) -> str:
    """The quotation with its parenthesis, and the reference (APA Manual, 7th edition)."""
    people = _people(source)
    year = "n.d." if source.year is None else str(source.year)
    short = _and([name[0] for name in people], "&") if people else f"“{_short(source.title)}”"
    by = (
        f"{_inverted(people, full=False).rstrip('.')}. ({year}). {source.title}."
        if people
        else f"{source.title}. ({year})."
    )
    by += f" {_ended(source.publisher)}" if source.publisher else ""
    return f"{_quote(citation)} ({short}, {year}, {_place(citation, 'p. ', 'para. ')}). {by}"


def bibtex(citation: Citation, source: Source) -> str:
    """An entry of type misc; the quotation and its place stand in the note."""
    fields = {
        "author": " and ".join(", ".join(part for part in name if part) for name in _people(source)),
        "title": f"{{{_braced(source.title)}}}",
        "publisher": _braced(source.publisher or ""),
        "year": _year(source),
        "note": _braced(f"{_quote(citation)}, {_place(citation, 'p. ', 'par. ')}"),
    }
    fields["author"] = _braced(fields["author"])
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
    return f"@misc{{{re.sub(r'[^A-Za-z0-9_.-]', '-', source.id)},\n{lines}}}"


def ris(citation: Citation, source: Source) -> str:
    """A record of type GEN; one line a field, so that line breaks of the quotation become spaces."""
    fields = [("TY", "GEN")]
    fields += [("AU", ", ".join(part for part in name if part)) for name in _people(source)]
    fields += [("TI", source.title), ("PB", source.publisher or ""), ("PY", _year(source))]
    fields += [("SP", citation.page if citation.page is not None else "")]
    fields += [("N1", f"{_quote(citation)}, {_place(citation, 'p. ', 'par. ')}"), ("ID", source.id)]
    return "".join(f"{tag}  - {' '.join(value.split())}\n" for tag, value in fields if value) + "ER  - "


def csl_json(citation: Citation, source: Source) -> str:
    """An item of Citation Style Language data, with the quotation and its place as annotation."""
    people = [{"family": family, "given": given} if given else {"literal": family} for family, given in _people(source)]
    item = {
        "id": source.id,
        "type": "document",
        "title": source.title,
        "author": people,
        "publisher": source.publisher,
        "issued": None if source.year is None else {"date-parts": [[source.year]]},
        "annote": f"{_quote(citation)}, {_place(citation, 'p. ', 'para. ')}",
    }
    return json.dumps([{name: value for name, value in item.items() if value}], ensure_ascii=False, indent=2)


def annotation(citation: Citation, source: Source) -> str:
    """A W3C Web Annotation whose target is the text by its SHA-256, with a quote and a position selector."""
    selectors = [
        {"type": "TextQuoteSelector", "exact": citation.quote, "prefix": citation.prefix, "suffix": citation.suffix},
        {"type": "TextPositionSelector", "start": citation.start, "end": citation.end},
    ]
    target = {"source": f"urn:sha256:{citation.sha256}", "selector": selectors}
    body = {"type": "TextualBody", "value": chicago(citation, source), "purpose": "describing"}
    whole = {"@context": "http://www.w3.org/ns/anno.jsonld", "type": "Annotation", "body": body, "target": target}
    return json.dumps(whole, ensure_ascii=False, indent=2)


STYLES: dict[str, Style] = {
    "chicago": chicago, "mla": mla, "apa": apa, "bibtex": bibtex, "ris": ris, "csl-json": csl_json,
    "annotation": annotation,
}  # fmt: skip


NAMES = {
    "chicago": "Chicago", "mla": "MLA", "apa": "APA", "bibtex": "BibTeX", "ris": "RIS", "csl-json": "CSL-JSON",
    "annotation": "Web Annotation",
}  # fmt: skip
"""The styles as people call them."""


def in_every_style(citation: Citation, source: Source) -> tuple[tuple[str, str], ...]:
    """A citation in every style, each with the style's name."""
    return tuple((NAMES[name], style(citation, source)) for name, style in STYLES.items())


def _year(source: Source) -> str:
    return "" if source.year is None else str(source.year)


def _ended(text: str) -> str:
    return text if text.endswith(".") else f"{text}."


def _people(source: Source) -> list[tuple[str, str]]:
    """Family and given names; a name of one word, or an institution in brackets, has no given name."""
    names = [name.strip() for name in re.split(r";|\band\b|&", source.author)] if source.author else []
    people = []
    for name in filter(None, names):
        if "," in name:
            family, _, given = name.partition(",")
        else:
            given, _, family = name.rpartition(" ")
        people.append((family.strip(), given.strip()))
    return people


def _inverted(people: list[tuple[str, str]], *, full: bool) -> str:
    """Authors as a list of works begins: the family name first, given names whole or as initials."""
    told = []
    for number, (family, given) in enumerate(people):
        first = given if full else " ".join(f"{word[0]}." for word in re.findall(r"\w+", given))
        told.append(f"{first} {family}".strip() if full and number else ", ".join(filter(None, (family, first))))
    return _and(told, "and" if full else "&")


def _and(names: list[str], word: str = "and") -> str:
    return f"{', '.join(names[:-1])} {word} {names[-1]}" if len(names) > 1 else "".join(names)


def _short(title: str) -> str:
    words = title.split()
    return " ".join(words[:4])


def _quote(citation: Citation) -> str:
    """The quotation on one line in double marks, those inside it single."""
    inside = " ".join(citation.quote.split()).replace("“", "‘").replace("”", "’").replace('"', "'")
    return f"“{inside}”"


def _place(citation: Citation, page: str, paragraph: str) -> str:
    """Where it stands: the page, else the section with its paragraph or note, else the lines of the file."""
    if citation.page is not None:
        return f"{page}{citation.page}"
    parts = [f"“{citation.section[-1]}”"] if citation.section else []
    if citation.paragraph is not None:
        parts.append(f"{paragraph}{citation.paragraph}")
    if citation.note is not None:
        parts.append(f"note {citation.note}")
    if parts or citation.lines is None:
        return ", ".join(parts) or "outside the paragraphs"
    first, last = citation.lines
    return f"line {first}" if first == last else f"lines {first}–{last}"


def _braced(text: str) -> str:
    """Text that BibTeX takes for nothing else."""
    special = {"\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    special |= {letter: f"\\{letter}" for letter in "&%$#_"}
    return "".join(special.get(letter, letter) for letter in text)
