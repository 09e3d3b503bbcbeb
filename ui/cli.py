"""The command line: `parallax add | list | remove | ask | find | verify | eval | serve`.

It reads arguments, calls the session and prints; how a comparison looks in a terminal is `ui.terminal`'s.
Everything heavy is imported by the command that needs it, so that `--help` answers at once.
"""

import argparse
import os
import sys
import threading
import webbrowser
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

from index.types import Details, ParallaxError

if TYPE_CHECKING:
    from qa.session import Session

HOST, PORT = "127.0.0.1", 7860


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns 0, or 1 after an error told in one sentence; argparse exits with 2 on wrong usage."""
    parser = build_parser()
    options = parser.parse_args(arguments)
    _check_usage(parser, options)
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # what the terminal cannot show is no reason to stop
    try:
        status: int = options.run(options)
        sys.stdout.flush()
    except ParallaxError as error:
        return _refused(error)
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        # Our output cannot be written; Python must not try again when it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0 if isinstance(error, BrokenPipeError) else _refused(error)
    return status


def _refused(error: Exception) -> int:
    from ui.terminal import safe

    print(f"parallax: {safe(str(error))}", file=sys.stderr)
    return 1


def build_parser() -> argparse.ArgumentParser:
    """The whole command line, with the help of each command and option."""
    parser = argparse.ArgumentParser(
        prog="parallax", description="Ask your documents a question; read what each one says, in its own words."
    )
    parser.add_argument(
        "--library",
        type=Path,
        metavar="PATH",
        help="the library's folder (default: PARALLAX_LIBRARY, else your data folder)",
    )
    parser.add_argument(
        "--model",
        metavar="NAME",
        help="sentence-transformers model, by name or path, for a library that add makes anew",
    )
    parser.add_argument(
        "--reader",
        default="parallax",
        metavar="NAME",
        help="what reads the passages found: a CrossEncoder by name or path, or none (default: %(default)s)",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_parser(commands.add_parser("add", help="read, index and keep documents"))
    listing = commands.add_parser("list", help="list the documents")
    listing.add_argument("--json", action="store_true", help="print JSON")
    listing.set_defaults(run=_list)
    removal = commands.add_parser("remove", help="take a document out of the library")
    removal.add_argument("id", metavar="ID", help="its id, as list shows it")
    removal.set_defaults(run=_remove)
    _ask_parser(commands.add_parser("ask", help="ask all documents a question"))
    finding = commands.add_parser("find", help="find where a quotation stands")
    finding.add_argument("quotation", metavar="QUOTATION", help="the quotation, or - to read it from standard input")
    finding.add_argument("--in", dest="documents", nargs="+", action="extend", metavar="ID", help="look in these only")
    finding.add_argument("--json", action="store_true", help="print JSON")
    finding.set_defaults(run=_find)
    verifying = commands.add_parser("verify", help="check kept citations against the library")
    verifying.add_argument("file", type=Path, metavar="FILE", help="JSON, as ask --json and find --json print it")
    verifying.set_defaults(run=_verify)
    _eval_parser(commands.add_parser("eval", help="measure the answers to questions of your own"))
    serving = commands.add_parser("serve", help="open the chat in a browser")
    serving.add_argument("--host", default=HOST, help="address to listen on (default: %(default)s, this machine alone)")
    serving.add_argument("--port", type=int, default=PORT, help="port to listen on (default: %(default)s)")
    serving.add_argument("--open", action="store_true", help="open the page in the default browser")
    serving.set_defaults(run=_serve)
    return parser


def _add_parser(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a plain-text file")
    parser.add_argument("--id", help="short name in commands and citations (default: from the file's name)")
    parser.add_argument("--title", help="title (default: from the text, else the file's name)")
    parser.add_argument("--author", help="author")
    parser.add_argument("--year", type=int, help="year of publication")
    parser.add_argument("--label", help="name over the document's column (default: author and title, shortened)")
    parser.set_defaults(run=_add)


def _ask_parser(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("question", nargs="?", metavar="QUESTION", help="the question, in plain words")
    parser.add_argument(
        "--in", dest="documents", nargs="+", action="extend", metavar="ID", help="ask these documents only"
    )
    parser.add_argument(
        "--after",
        nargs="+",
        action="extend",
        default=[],
        metavar="QUESTION",
        help="the earlier questions of the same chat, oldest first",
    )
    parser.add_argument("--own", action="store_true", help="answer only with what each author says in their own words")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--batch", type=Path, metavar="FILE", help="ask every question of a JSON-lines file")
    parser.add_argument("--out", type=Path, metavar="FILE", help="where --batch writes its answers")
    parser.set_defaults(run=_ask)


def _eval_parser(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("questions", type=Path, metavar="QUESTIONS", help="a JSON-lines file of questions and evidence")
    parser.add_argument(
        "--report", type=Path, required=True, metavar="FILE.html", help="where the report goes, with its JSON beside it"
    )
    parser.set_defaults(run=_eval)


def _check_usage(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Exit with 2 where options contradict each other."""
    if options.run is _add and len(options.files) > 1 and _details(options) != Details():
        parser.error("--id, --title, --author, --year and --label describe one file; add the files one by one")
    if options.run is _ask:
        if (options.question is None) == (options.batch is None):
            parser.error("ask takes a QUESTION or --batch FILE")
        if (options.batch is None) != (options.out is None):
            parser.error("--batch FILE and --out FILE go together")
        if options.batch and (options.documents or options.after or options.own or options.json):
            parser.error("--in, --after, --own and --json do not go with --batch")


def _open(options: argparse.Namespace, *, create: bool = False) -> "Session":
    from qa.session import Session

    return Session.open(options.library, create=create, model=options.model, reader=options.reader)


def _details(options: argparse.Namespace) -> Details:
    return Details(**{name: vars(options)[name] for name in Details.__slots__})


def _add(options: argparse.Namespace) -> int:
    """Add what can be added; a file that cannot is told and keeps none of the others back."""
    from ui.terminal import Meter, safe
    from ui.words import counted

    session = _open(options, create=True)
    status = 0
    for path in options.files:
        try:
            with Meter(path.name) as progress:
                source, added = session.add(path, _details(options), progress)
        except ParallaxError as error:
            status = _refused(error)
            continue
        words = f"{counted(source.words, 'word')} in {counted(source.passages, 'passage')}"
        print(safe(f"{source.id}: {added}, {source.label}, {words}"), flush=True)
    return status


def _list(options: argparse.Namespace) -> int:
    from ui.terminal import print_documents, print_json

    documents = _open(options).documents()
    if options.json:
        print_json([asdict(source) for source in documents])
    else:
        print_documents(documents)
    return 0


def _remove(options: argparse.Namespace) -> int:
    from ui.terminal import safe

    _open(options).remove(options.id)
    print(safe(f"{options.id}: removed"))
    return 0


def _ask(options: argparse.Namespace) -> int:
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


def _find(options: argparse.Namespace) -> int:
    from ui.terminal import print_finding, print_json

    quotation = sys.stdin.read() if options.quotation == "-" else options.quotation
    finding = _open(options).find(quotation, options.documents)
    if options.json:
        print_json(asdict(finding))
    else:
        print_finding(finding)
    return 0


def _verify(options: argparse.Namespace) -> int:
    """Tell each citation that does not hold; 1 where there is one, or none to check."""
    from ui import batch
    from ui.terminal import safe
    from ui.words import counted

    result = _open(options).verify(batch.record(options.file))
    for problem in result.problems:
        print(safe(f"{problem.where}: {problem.sentence}"))
    if not result.checked:
        raise ParallaxError(f"{options.file} holds no citations; give a file that ask --json or find --json printed.")
    if result.problems:
        print(safe(f"{len(result.problems):,} of {counted(result.checked, 'citation')} do not hold."))
        return 1
    print(f"{counted(result.checked, 'citation')} verified: same text, same range, same words.")
    return 0


def _eval(options: argparse.Namespace) -> int:
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


def _serve(options: argparse.Namespace) -> int:
    session = _open(options)
    from ui.web import announce, launch

    def ready(address: str) -> None:
        announce(address)
        if options.open:
            webbrowser.open(address)

    threading.Thread(target=_warm, args=[session], daemon=True).start()
    launch(session, options.host, options.port, ready)
    return 0


if __name__ == "__main__":
    sys.exit(main())
