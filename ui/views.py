"""What the events of the other views do: reading, finding a quotation, and keeping the library.

Plain functions from a session and values to HTML, as in `ui.handlers`, which has those of the chat.
"""

import threading
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from queue import SimpleQueue

from index.types import Colour, Details, ParallaxError
from qa.session import Session
from ui import choosing, render
from ui import shelf as shelves
from ui.chat import ALL, Choice
from ui.concordance import columns
from ui.finding import cards_of
from ui.handlers import Record, sentence
from ui.words import counted, occurring, seconds, whereabouts, within

FIND = (
    '<div class="px-welcome"><p class="px-promise">Paste a quotation. Every place where it stands is shown: word for '
    "word, nearly so with the words that differ, or joined with omissions.</p></div>"
)
TERMS = (
    '<div class="px-welcome"><p class="px-promise">Look a word or a phrase up. Each document shows how often it uses '
    "it, in which forms, where, in what company, and every line.</p></div>"
)
LINES = 25
"""So many lines of each document are shown at first, and so many more at a time."""
STOPPED = shelves.steps(["Stopped; the file at hand was not added."])


def shelf(session: Session) -> Iterator[str]:
    """The documents to read from, at once; then with what they have in common, which takes a while the first time."""
    sources = session.documents()
    yield shelves.shelf(sources, None)
    if len(sources) > 1:
        yield shelves.shelf(sources, session.shared())


def find(session: Session, quotation: str, choice: Choice = ALL) -> str:
    """Where a quotation stands, a card for each document that is chosen."""
    sources = session.documents()
    try:
        finding = session.find(quotation, choice.among(sources))
    except Exception as error:
        return refused(error)
    return (
        f'<section class="px-turn" aria-label="Where the quotation stands" data-quotation="{escape(quotation)}">'
        f"{_told(whereabouts(finding), finding.seconds, (len(finding.searched), len(sources)))}"
        f'<div class="px-columns">{cards_of(finding, render.hues(sources))}</div></section>'
    )


def terms(session: Session, term: str, choice: Choice = ALL, count: int = LINES) -> str:
    """How each document that is chosen uses a term, with so many lines of each."""
    sources = session.documents()
    try:
        concordance = session.terms(term, choice.among(sources), count=count)
    except Exception as error:
        return refused(error)
    asked_in = " ".join(choice.among(sources) or ())
    return (
        f'<section class="px-turn" aria-label="How the documents use the term" data-term="{escape(concordance.term)}" '
        f'data-in="{escape(asked_in)}"><h2 class="px-question" dir="auto">{escape(concordance.term)}</h2>'
        f"{_told(occurring(concordance), concordance.seconds, (len(concordance.usages), len(sources)))}"
        f"{columns(concordance, render.hues(sources))}</section>"
    )


def more_terms(session: Session, asked: Record) -> str:
    """The same with more lines, or another term, or everywhere, as the page's own buttons ask."""
    first = asked.get("first")
    choice = Choice.read({"documents": asked.get("in")})
    return terms(session, str(asked.get("term")), choice, (first if isinstance(first, int) else 0) + LINES)


def chosen(session: Session, told: object) -> str:
    """In which documents quotations and terms are looked up, where these are not all."""
    sources = session.documents()
    documents = Choice.read(told).among(sources)
    if documents is None or len(documents) == len(sources):
        return ""
    looked_in = escape(within(len(documents), len(sources)))
    return f'<p class="px-within">Looks in {looked_in}, <a href="#ask">as chosen under Ask</a>.</p>'


def _told(found: str, took: float, searched: tuple[int, int]) -> str:
    """What was found in how long, and where not all documents were searched, in how many, with the way to all."""
    some, total = searched
    if some == total:
        return f'<p class="px-meta" role="status">{escape(f"{found} · {seconds(took)}")}</p>'
    words = f"{found} · looked in {within(some, total)} · {seconds(took)}"
    return (
        f'<p class="px-meta" role="status">{escape(words)}</p>'
        f'<p class="px-presets"><button type="button" class="px-act px-everywhere">Look in all {total}</button></p>'
    )


def refused(error: Exception) -> str:
    """Why there is nothing to show."""
    return f'<p class="px-refusal" role="alert" dir="auto">{escape(sentence(error))}</p>'


def library(session: Session, editable: bool, refusal: shelves.Refusal | None = None) -> str:
    """The documents with their details, and the collections."""
    sources, collections = session.documents(), session.collections()
    return shelves.documents(sources, collections, editable, refusal, session.languages())


def chooser(session: Session, editable: bool, refusal: str = "") -> str:
    """What documents are chosen with."""
    return choosing.chooser(session.documents(), session.collections(), editable, refusal)


def collect(session: Session, form: Record) -> str:
    """Keep the documents that are chosen as a collection. The chooser as it is then."""
    try:
        documents = Choice.read(form).documents
        if not documents:
            raise ParallaxError("No document is chosen; tick those that belong together.")
        session.collect(str(form.get("name")), documents)
    except Exception as error:
        return chooser(session, True, sentence(error))
    return chooser(session, True)


def dissolve(session: Session, form: Record) -> str:
    """Dissolve a collection; its documents stay. The library as it is then."""
    try:
        session.collect(session.collection(str(form.get("name"))).name, [])
    except Exception as error:
        return library(session, True, shelves.Refusal(sentence(error)))
    return library(session, True)


def describe(session: Session, form: Record) -> str:
    """Give a document the details of a form; an empty field takes a detail away, but for the language, which stays.

    The list as it is then.
    """
    try:
        given = {name: str(form.get(name) or "").strip() or None for name in (*shelves.FIELDS, "colour")}
        year, colour = _year(given.pop("year")), _colour(given.pop("colour"))
        session.describe(str(form.get("id")), Details(year=year, colour=colour, **given))
    except Exception as error:
        return library(session, True, shelves.Refusal(sentence(error), str(form.get("id"))))
    return library(session, True)


def _year(text: str | None) -> int | None:
    try:
        return int(text) if text is not None else None
    except ValueError as error:
        raise ParallaxError(f"“{text}” is no year; give it in digits, or leave it empty.") from error


def _colour(name: str | None) -> Colour | None:
    try:
        return Colour(name) if name is not None else None
    except ValueError as error:
        raise ParallaxError(f"“{name}” is no colour of the page; choose one of {', '.join(Colour)}.") from error


def remove(session: Session, form: Record) -> str:
    """Take a document out. The list as it is then."""
    try:
        session.remove(str(form.get("id")))
    except Exception as error:
        return library(session, True, shelves.Refusal(sentence(error)))
    return library(session, True)


def add(session: Session, paths: Sequence[str]) -> Iterator[str]:
    """Add files that were uploaded; told line by line, a line for each file and how far the present one is.

    The uploaded copy of a file goes when it was read. Closing this stops the file that is being added, of which nothing
    is kept.
    """
    told: list[str] = []
    for path in map(Path, paths):
        line = ""
        for line in _added(session, path):
            yield shelves.steps([*told, f"{path.name}: {line}"])
        told.append(f"{path.name}: {line}")
    if notice := session.export_notice():
        yield shelves.steps([*told, notice])


def replace(session: Session, form: Record, uploads: Path) -> Iterator[str]:
    """Put a newer version of its file in a document's place; told as adding is; what was given by hand stays.

    `uploads`: the folder in which files land that the page sends; no other file is read.
    """
    path = Path(str(form.get("path"))).resolve()
    try:
        if not path.is_relative_to(uploads.resolve()):
            raise ParallaxError("That file was not sent by this page; choose it again.")
        label = session.document(str(form.get("id"))).label
    except Exception as error:
        yield shelves.steps([sentence(error)])
        return
    for line in _added(session, path, str(form.get("id"))):
        yield shelves.steps([f"{label}: {line}"])


def _named_alike(session: Session, path: Path) -> str | None:
    """The label of the document that was read from a file of this name; one from another folder may have it, too."""
    return next((source.label for source in session.documents() if source.file == path.name), None)


class _StoppedError(ParallaxError):
    """Adding was stopped."""


def _added(session: Session, path: Path, identifier: str | None = None) -> Iterator[str]:
    """How far the adding of a file is, and last what became of it. `identifier`: of the document that it replaces."""
    lines: SimpleQueue[str | None] = SimpleQueue()
    stopped = threading.Event()
    told: list[str] = []

    def progress(stage: str, done: int, total: int) -> None:
        if stopped.is_set():
            raise _StoppedError
        line = f"{stage}, {done:,} of {total:,}" if total > 1 else stage
        if told != [line]:  # a long stage says now and then that it goes on
            told[:] = [line]
            lines.put(line)

    def work() -> None:
        try:
            alike = _named_alike(session, path) if identifier is None else None
            # An upload's own folder says nothing, but its name may be taken.
            folder = path.parent if identifier is None else None
            source, added = session.add(path, Details(id=identifier), progress, folder=folder)
            words = f"{counted(source.words, 'word')} in {counted(source.passages, 'passage')}"
            said = f"{added}, {source.label}, {source.language_name}, {words}."
            clash = f"{alike} was read from a file of this name, too." if alike not in (None, source.label) else ""
            lines.put(" ".join(filter(None, [said, clash, source.notice, source.language_notice])))
        except Exception as error:
            lines.put(sentence(error))
        finally:
            path.unlink(missing_ok=True)
            lines.put(None)

    working = threading.Thread(target=work, daemon=True)
    working.start()
    try:
        while (line := lines.get()) is not None:
            yield line
    finally:
        stopped.set()
        working.join()
