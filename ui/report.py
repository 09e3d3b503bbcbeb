"""An evaluation as one HTML page that opens offline, and as a record for programs.

Pure functions from an `Evaluation` to a string or a dict; every word of a document or a user passes through `escape`.
The page holds its style sheet (`report.css`) and loads nothing. Asking and counting are `qa.evaluate`'s, the words on
top `ui.verdict`'s.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from html import escape
from importlib.resources import files
from typing import Any, NamedTuple

from qa.evaluate import EvalQuestion, Evaluation, Miss, System, misses
from qa.figures import DRAWS, LEVEL, SEED, Figure, Measure, Pair, Shown
from ui.verdict import MEANING, MISSED, headline, notes
from ui.words import counted, place, seconds

FORMAT = 1
"""Of the record; a program that knows another one should not read it."""


class Column(NamedTuple):
    """One column of a table of figures."""

    name: str
    figures: Mapping[Measure, Figure]


def page(evaluation: Evaluation) -> str:
    """The whole report as one HTML file."""
    style = files("ui").joinpath("report.css").read_text(encoding="utf-8")
    asked = counted(len(evaluation.questions), "question")
    documents = ", ".join(f"<bdi>{escape(source.label)}</bdi>" for source in evaluation.documents)
    told = "".join(f'<p class="note" dir="auto">{escape(note)}</p>' for note in notes(evaluation))
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Parallax: {asked} evaluated</title><style>\n{style}</style></head>\n<body><main>"
        f'<h1>How well {asked} are answered</h1><p class="verdict" dir="auto">{escape(headline(evaluation))}</p>'
        f'<p class="soft">Asked of {documents}.</p>{told}'
        f"{_tables(evaluation)}{_missed(evaluation)}{_explained()}</main></body></html>\n"
    )


def _tables(evaluation: Evaluation) -> str:
    labels = {source.id: source.label for source in evaluation.documents}
    types, documents = ["<h2>By type of question</h2>"], ["<h2>By document</h2>"]
    for system in evaluation.systems:
        opened = " open" if system is evaluation.systems[0] else ""
        by_type = [Column(kind, figures) for kind, figures in system.by_type.items()]
        by_document = [Column(labels[name], figures) for name, figures in system.by_document.items()]
        for parts, caption, columns in (
            (types, f"{system.name}, by type of question", by_type),
            (documents, f"{system.name}, by document", by_document),
        ):
            table = _table(caption, columns)
            parts.append(f"<details{opened}><summary>{escape(system.name)}</summary>{table}</details>")
    return "\n".join(["<h2>Against weaker systems</h2>", _systems(evaluation.systems), *types, *documents])


def _systems(systems: Sequence[System]) -> str:
    first = systems[0]
    ahead = [_cell(system.first_ahead, bar=False) for system in systems]
    last = (
        _row(f"{first.name} is ahead by", "in a right sentence first, case by case", ahead) if len(systems) > 1 else ""
    )
    times = [f"<td>{escape(seconds(system.seconds))}</td>" for system in systems]
    last += _row("Time of a question", "the median, on the machine that answered", times)
    columns = [Column(system.name, system.figures) for system in systems]
    return _table("Every system on all questions", columns, last) + (
        '<p class="soft">The weaker systems decide about silence by a rule that was not fitted to them: compare how '
        "well they tell the two apart rather than how often they are silent.</p>"
    )


def _table(caption: str, columns: Sequence[Column], last: str = "") -> str:
    """Measures below each other, with a column for each system, type or document."""
    heads = "".join(f'<th scope="col" dir="auto">{escape(column.name)}</th>' for column in columns)
    shown = [measure for measure in Measure if any(measure in column.figures for column in columns)]
    rows = "".join(_row(*MEANING[m], [_cell(column.figures.get(m)) for column in columns]) for m in shown)
    return (
        f'<div class="wide" role="region" tabindex="0" aria-label="{escape(caption)}"><table>'
        f'<caption dir="auto">{escape(caption)}</caption><thead><tr><th scope="col">Figure</th>{heads}</tr></thead>'
        f"<tbody>{rows}{last}</tbody></table></div>"
    )


def _row(label: str, meaning: str, cells: Iterable[str]) -> str:
    return f'<tr><th scope="row">{escape(label)}<small>{escape(meaning)}</small></th>{"".join(cells)}</tr>\n'


def _cell(figure: Figure | None, *, bar: bool = True) -> str:
    if figure is None:
        return "<td>–</td>"
    at = {"low": figure.low, "at": figure.value, "high": figure.high}
    style = ";".join(f"--{name}:{100 * value:.1f}%" for name, value in at.items())
    drawn = f'<span class="bar" aria-hidden="true" style="{style}"></span>' if bar else ""
    return (
        f"<td><b>{_number(figure.value)}</b> <small>{_number(figure.low)} to {_number(figure.high)}</small>{drawn}"
        f"<small>{counted(figure.cases, 'case')}</small></td>"
    )


def _number(value: float) -> str:
    return f"{value:.2f}".replace("-0.00", "0.00").replace("-", "−")


def _missed(evaluation: Evaluation) -> str:
    first, questions = evaluation.systems[0], {question.id: question for question in evaluation.questions}
    labels = {source.id: source.label for source in evaluation.documents}
    found = misses(first.pairs)
    total = sum(map(len, found.values()))
    parts = [f"<h2>{counted(total, 'case') if total else 'Nothing'} that went wrong</h2>"]
    for kind, pairs in found.items():
        items = "".join(_miss(kind, pair, questions[pair.question], labels[pair.document]) for pair in pairs)
        parts.append(f"<details><summary>{escape(MISSED[kind])}: {len(pairs):,}</summary><ol>{items}</ol></details>")
    return "\n".join(parts)


def _miss(kind: Miss, pair: Pair, question: EvalQuestion, label: str) -> str:
    after = "".join(f'<p class="soft" dir="auto">After “{escape(earlier)}”</p>' for earlier in question.history)
    silent = ", called silent" if pair.silent and kind is not Miss.UNSAID else ""
    told = f"{question.id} · {question.type} · {label}{silent} · confidence {_number(pair.confidence)}"
    gold = "".join(f'<blockquote dir="auto">{escape(quote)}</blockquote>' for quote in question.right(pair.document))
    # All places where one of the further ones was right, else the first alone.
    places = pair.shown if kind is Miss.FURTHER else pair.shown[:1]
    shown = "".join(map(_shown, places))
    right = gold or "<p>Nothing; the document is silent.</p>"
    return (
        f'<li><h3 dir="auto">{escape(question.question)}</h3>{after}<p class="soft" dir="auto">{escape(told)}</p>'
        f"<h4>Shown</h4>{shown or '<p>Nothing.</p>'}<h4>Right</h4>{right}</li>\n"
    )


def _shown(shown: Shown) -> str:
    mark = '<strong class="right">right</strong> ' if shown.right else ""
    return (
        f'<blockquote dir="auto">{escape(shown.citation.quote)}</blockquote>'
        f'<p class="soft" dir="auto">{mark}{escape(place(shown.citation))}</p>'
    )


def _explained() -> str:
    return (
        "<details><summary>How this was counted</summary><p>A case is one question put to one document. A quotation "
        "is right when one run of consecutive words covers at least half of a piece of your evidence, or when at least "
        "60 % of it, and five words, lie inside one; case, punctuation and note numbers aside. A passage is right when "
        "it holds such a run. A right answer in other words than your evidence counts as wrong.</p>"
        f"<p>“0.40 to 0.56” is a {LEVEL:.0%} bootstrap interval: the questions are drawn again {DRAWS:,} times, and so "
        "much of the draws lies inside. Where every case went the same way it has no width, which is no proof.</p>"
        "</details>"
    )


def record(evaluation: Evaluation) -> dict[str, Any]:
    """The evaluation as JSON holds it: the figures, every case, and the questions, so that it can be read alone."""
    return {
        "format": FORMAT,
        "headline": headline(evaluation),
        "notes": notes(evaluation),
        "bootstrap": {"over": "questions", "draws": DRAWS, "level": LEVEL, "seed": SEED},
        "documents": [asdict(source) for source in evaluation.documents],
        "questions": [asdict(question) for question in evaluation.questions],
        "astray": [asdict(astray) for astray in evaluation.astray],
        "systems": [_system_record(system) for system in evaluation.systems],
    }


def _system_record(system: System) -> dict[str, Any]:
    return {
        "name": system.name,
        "seconds": system.seconds,
        "notices": list(system.notices),
        "figures": _figures_record(system.figures),
        "by_type": {kind: _figures_record(figures) for kind, figures in system.by_type.items()},
        "by_document": {name: _figures_record(figures) for name, figures in system.by_document.items()},
        "first_ahead": asdict(system.first_ahead) if system.first_ahead is not None else None,
        "cases": [_pair_record(pair) for pair in system.pairs],
        "misses": {
            kind.value: [{"question": pair.question, "document": pair.document} for pair in pairs]
            for kind, pairs in misses(system.pairs).items()
        },
    }


def _figures_record(figures: Mapping[Measure, Figure]) -> dict[str, dict[str, float]]:
    return {measure.value: asdict(figure) for measure, figure in figures.items()}


def _pair_record(pair: Pair) -> dict[str, Any]:
    keys = ("question", "type", "document", "answerable", "empty", "silent", "confidence")
    return {name: getattr(pair, name) for name in keys} | {"shown": [_shown_record(shown) for shown in pair.shown]}


def _shown_record(shown: Shown) -> dict[str, Any]:
    where = shown.citation
    return {
        "start": where.start,
        "end": where.end,
        "quote": where.quote,
        "passage": [where.passage.start, where.passage.end],
        "right": shown.right,
        "passage_right": shown.passage_right,
        "verbatim": shown.verbatim,
    }
