"""What each command does: from parsed arguments to the session and back to the terminal; returns the exit code.

Everything heavy is imported by the command that needs it, so that `--help` answers at once.
"""

import argparse
import sys
import threading
import webbrowser
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, NoReturn

from index.types import Details, ParallaxError
from ui.styles import STYLES

if TYPE_CHECKING:
    from qa.session import Session


def refused(error: Exception) -> int:
    """Tell an error in its sentence; the exit code 1."""
    from ui.terminal import safe

    print(f"parallax: {safe(str(error))}", file=sys.stderr)
    return 1


def _open(options: argparse.Namespace, *, create: bool = False) -> "Session":
    from qa.session import Session

    return Session.open(options.library, create=create, model=options.model, reader=options.reader)


def details(options: argparse.Namespace) -> Details:
    """The details of a document among the options."""
    return Details(**{name: vars(options)[name] for name in Details.__slots__})


def add(options: argparse.Namespace) -> int:
    """Add what can be added; a file that cannot is told and keeps none of the others back."""
    from ui.terminal import Meter, safe
    from ui.words import counted

    session = _open(options, create=True)
    status = 0
    for path in options.files:
        try:
            with Meter(path.name) as progress:
                source, added = session.add(path, details(options), progress)
        except ParallaxError as error:
            status = refused(error)
            continue
        words = f"{counted(source.words, 'word')} in {counted(source.passages, 'passage')}"
        print(safe(f"{source.id}: {added}, {source.label}, {words}"), flush=True)
        if source.notice:
            print(safe(f"{source.id}: {source.notice}"), file=sys.stderr)
    if notice := session.export_notice():
        print(safe(notice), file=sys.stderr)
    return status


def list_documents(options: argparse.Namespace) -> int:
    """List the documents."""
    from ui.records import Documents
    from ui.terminal import print_documents, print_json

    documents = _open(options).documents()
    if options.json:
        print_json(asdict(Documents(documents)))
    else:
        print_documents(documents)
    return 0


def describe(options: argparse.Namespace) -> int:
    """Give a document new details; those that are not given stay."""
    from ui.terminal import safe

    session = _open(options)
    session.document(options.id)  # which says so where there is none
    old = next(source for source in session.documents() if source.id == options.id)
    given = {name: getattr(options, name) for name in Details.__slots__ if name != "id"}
    kept = {name: getattr(old, name) if value is None else value or None for name, value in given.items()}
    session.describe(options.id, Details(**kept))
    print(safe(f"{options.id}: given new details"))
    return 0


def remove(options: argparse.Namespace) -> int:
    """Take a document out."""
    from ui.terminal import safe

    _open(options).remove(options.id)
    print(safe(f"{options.id}: removed"))
    return 0


def ask(options: argparse.Namespace) -> int:
    """Ask one question, or all of a file."""
    from ui.terminal import print_comparison, print_json

    session = _open(options)
    if options.batch:
        from ui import batch
        from ui.terminal import Meter, safe
        from ui.words import counted

        with Meter(options.batch.name) as progress:
            asked = batch.run(session, options.batch, options.out, lambda done, total: progress("asking", done, total))
        if notice := session.notice():
            print(safe(notice), file=sys.stderr)
        print(safe(f"{counted(asked, 'question')} answered in {options.out}"))
        return 0
    comparison = session.ask(options.question, options.documents, options.after, own=options.own)
    if options.json:
        print_json(asdict(comparison))
    else:
        print_comparison(comparison)
    return 0


def find(options: argparse.Namespace) -> int:
    """Tell where a quotation stands; a quotation of "-" comes by standard input."""
    from ui.terminal import print_finding, print_json

    quotation = sys.stdin.read() if options.quotation == "-" else options.quotation
    finding = _open(options).find(quotation, options.documents)
    if options.json:
        print_json(asdict(finding))
    else:
        print_finding(finding)
    return 0


def terms(options: argparse.Namespace) -> int:
    """Show how each document uses a term."""
    from ui.terminal import print_concordance, print_json

    concordance = _open(options).terms(options.term, options.documents, options.first, options.count)
    if options.json:
        print_json(asdict(concordance))
    else:
        print_concordance(concordance)
    return 0


def shared(options: argparse.Namespace) -> int:
    """Tell where documents say the same words."""
    from ui.records import Sharing
    from ui.terminal import print_json, print_shared

    session = _open(options)
    places = session.shared(options.documents)
    if options.json:
        print_json(asdict(Sharing(places)))
    else:
        print_shared(places, session.documents())
    return 0


def cite(options: argparse.Namespace) -> int:
    """Print the citation of a range."""
    from ui.terminal import safe

    session = _open(options)
    citation = session.cite(options.document, options.start, options.end)
    source = next(source for source in session.documents() if source.id == options.document)
    print(safe(STYLES[options.style](citation, source)))
    return 0


def picture(options: argparse.Namespace) -> int:
    """Draw the page on which a range begins."""
    from ui.terminal import safe

    drawn = _open(options).picture(options.document, options.start, options.end)
    try:
        options.out.write_bytes(drawn)
    except OSError as error:
        raise ParallaxError(f"{options.out} cannot be written ({error.strerror}); name another file.") from error
    print(safe(f"{options.out}"))
    return 0


def verify(options: argparse.Namespace) -> int:
    """Tell each citation that does not hold; 1 where there is one, or none to check."""
    from ui import batch
    from ui.terminal import safe
    from ui.words import counted

    result = _open(options).verify(batch.record(options.file))
    for problem in result.problems:
        print(safe(f"{problem.where}: {problem.sentence}"))
    if not result.checked:
        raise ParallaxError(f"{options.file} holds no citations; give one that --json printed or the chat saved.")
    if result.problems:
        print(safe(f"{len(result.problems):,} of {counted(result.checked, 'citation')} do not hold."))
        return 1
    print(f"{counted(result.checked, 'citation')} verified: same text, same range, same words.")
    return 0


def evaluate(options: argparse.Namespace) -> int:
    """Evaluate the library on questions with evidence."""
    from ui import batch
    from ui.terminal import Meter, safe
    from ui.verdict import summary

    session = _open(options)
    with Meter(options.questions.name) as progress:
        evaluation = batch.evaluation(session, options.questions, options.report, progress)
    for line in summary(evaluation):
        print(safe(line))
    print(safe(f"Every figure and every miss: {options.report}"))
    return 0


def _warm(session: "Session") -> None:
    """Load the models while the page opens, so that the first question need not wait for it."""
    with suppress(ParallaxError):  # the first question tells it
        session.warm()


def mcp(options: argparse.Namespace) -> int:
    """Offer the tools of the Model Context Protocol until the client goes."""
    from ui import tools

    session = _open(options)
    threading.Thread(target=_warm, args=[session], daemon=True).start()
    tools.serve(session)
    return 0


def serve(options: argparse.Namespace) -> NoReturn:
    """Serve the page until interrupted."""
    session = _open(options)
    from ui.web import announce, launch

    def ready(address: str) -> None:
        announce(address)
        if options.open:
            webbrowser.open(address)

    threading.Thread(target=_warm, args=[session], daemon=True).start()
    launch(session, options.host, options.port, ready)
