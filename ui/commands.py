"""What each command does: from parsed arguments to the session and back to the terminal; returns the exit code.

Everything heavy is imported by the command that needs it, so that `--help` answers at once.
"""

import argparse
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

from index.types import Details, ParallaxError
from ui.options import colour, opened
from ui.styles import STYLES

if TYPE_CHECKING:
    from qa.session import Session


def list_documents(options: argparse.Namespace) -> int:
    """List the documents."""
    from ui.records import Documents
    from ui.terminal import print_documents, print_json

    session = opened(options)
    if options.json:
        print_json(asdict(Documents(session.documents())))
    else:
        print_documents(session.documents(), session.languages())
    return 0


def describe(options: argparse.Namespace) -> int:
    """Give a document new details; those that are not given stay."""
    from ui.meter import Meter
    from ui.terminal import safe

    session = opened(options)
    session.document(options.id)  # which says so where there is none
    old = next(source for source in session.documents() if source.id == options.id)
    given = {name: getattr(options, name) for name in Details.__slots__ if name != "id"} | {"colour": colour(options)}
    kept = {name: getattr(old, name) if value is None else value or None for name, value in given.items()}
    with Meter(options.id) as progress:
        session.describe(options.id, Details(**kept), progress)
    print(safe(f"{options.id}: given new details"))
    return 0


def collect(options: argparse.Namespace) -> int:
    """Keep documents together under a name, or dissolve what is kept there."""
    from ui.terminal import safe
    from ui.words import counted

    session = opened(options)
    if not options.documents:
        session.collection(options.name)  # which says so where there is none
    session.collect(options.name, options.documents)
    told = counted(len(set(options.documents)), "document") if options.documents else "dissolved"
    print(safe(f"{options.name}: {told}"))
    return 0


def collections(options: argparse.Namespace) -> int:
    """List the collections."""
    from ui.terminal import print_json, safe

    found = opened(options).collections()
    if options.json:
        print_json([asdict(collection) for collection in found])
    elif not found:
        print("There are no collections.")
    else:
        for collection in found:
            print(safe(f"{collection.name}\t{' '.join(collection.documents)}"))
    return 0


def _among(session: "Session", options: argparse.Namespace) -> list[str] | None:
    """The ids of the documents that are named, or those of the collection; None: all."""
    return list(session.collection(options.collection).documents) if options.collection else options.documents


def remove(options: argparse.Namespace) -> int:
    """Take a document out."""
    from ui.terminal import safe

    opened(options).remove(options.id)
    print(safe(f"{options.id}: removed"))
    return 0


def migrate(options: argparse.Namespace) -> int:
    """Copy a library to another place."""
    from qa.session import migrate as copy
    from ui.meter import Meter
    from ui.terminal import safe
    from ui.words import counted

    with Meter(options.source) as progress:
        copied, documents = copy(options.source, options.target, progress)
    print(safe(f"{options.target}: {copied:,} of {counted(documents, 'document')} copied; all are there and the same"))
    return 0


def ask(options: argparse.Namespace) -> int:
    """Ask one question, or all of a file."""
    from ui.terminal import print_comparison, print_json

    session = opened(options)
    if options.batch:
        from ui import batch
        from ui.meter import Meter
        from ui.terminal import safe
        from ui.words import counted

        with Meter(options.batch.name) as progress:
            asked = batch.run(session, options.batch, options.out, lambda done, total: progress("asking", done, total))
        if notice := session.notice():
            print(safe(notice), file=sys.stderr)
        print(safe(f"{counted(asked, 'question')} answered in {options.out}"))
        return 0
    comparison = session.ask(options.question, _among(session, options), options.after, own=options.own)
    if options.json:
        print_json(asdict(comparison))
    else:
        print_comparison(comparison)
    return 0


def find(options: argparse.Namespace) -> int:
    """Tell where a quotation stands; a quotation of "-" comes by standard input."""
    from ui.terminal import print_finding, print_json

    quotation = sys.stdin.read() if options.quotation == "-" else options.quotation
    session = opened(options)
    finding = session.find(quotation, _among(session, options))
    if options.json:
        print_json(asdict(finding))
    else:
        print_finding(finding)
    return 0


def terms(options: argparse.Namespace) -> int:
    """Show how each document uses a term."""
    from ui.terminal import print_concordance, print_json

    session = opened(options)
    concordance = session.terms(options.term, _among(session, options), options.first, options.count)
    if options.json:
        print_json(asdict(concordance))
    else:
        print_concordance(concordance)
    return 0


def shared(options: argparse.Namespace) -> int:
    """Tell where documents say the same words."""
    from ui.records import Sharing
    from ui.terminal import print_json, print_shared

    session = opened(options)
    places = session.shared(_among(session, options))
    if options.json:
        print_json(asdict(Sharing(places)))
    else:
        print_shared(places, session.documents())
    return 0


def cite(options: argparse.Namespace) -> int:
    """Print the citation of a range."""
    from ui.terminal import safe

    session = opened(options)
    citation = session.cite(options.document, options.start, options.end)
    source = next(source for source in session.documents() if source.id == options.document)
    print(safe(STYLES[options.style](citation, source)))
    return 0


def picture(options: argparse.Namespace) -> int:
    """Draw the page on which a range begins."""
    from ui.terminal import safe

    drawn = opened(options).pictures(options.document, options.start, options.end)[0].png
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

    result = opened(options).verify(batch.record(options.file))
    for problem in result.problems:
        print(safe(f"{problem.where}: {problem.sentence}"))
    if not result.checked:
        raise ParallaxError(f"{options.file} holds no citations; give one that --json printed or the chat saved.")
    if result.problems:
        fail = "does not hold" if len(result.problems) == 1 else "do not hold"
        print(safe(f"{len(result.problems):,} of {counted(result.checked, 'citation')} {fail}."))
        return 1
    print(f"{counted(result.checked, 'citation')} verified: same text, same range, same words.")
    return 0


def evaluate(options: argparse.Namespace) -> int:
    """Evaluate the library on questions with evidence."""
    from ui import batch
    from ui.meter import Meter
    from ui.terminal import safe
    from ui.verdict import summary

    session = opened(options)
    with Meter(options.questions.name) as progress:
        evaluation = batch.evaluation(session, options.questions, options.report, progress)
    for line in summary(evaluation):
        print(safe(line))
    print(safe(f"Every figure and every miss: {options.report}"))
    return 0
