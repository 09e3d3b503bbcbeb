"""The command line: `parallax COMMAND …`; `--help` lists the commands.

It reads arguments; what a command does is `ui.commands`', how it looks in a terminal `ui.terminal`'s.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path

from index.types import Details, ParallaxError
from ui import commands
from ui.styles import STYLES

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
        return commands.refused(error)
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        # Our output cannot be written; Python must not try again when it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0 if isinstance(error, BrokenPipeError) else commands.refused(error)
    return status


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
    named = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_parser(named.add_parser("add", help="read, index and keep documents"))
    listing = named.add_parser("list", help="list the documents")
    listing.add_argument("--json", action="store_true", help="print JSON")
    listing.set_defaults(run=commands.list_documents)
    describing = named.add_parser("describe", help="give a document another title, author, year or label")
    describing.add_argument("id", metavar="ID", help="its id, as list shows it")
    _details(describing)
    describing.set_defaults(run=commands.describe)
    removal = named.add_parser("remove", help="take a document out of the library")
    removal.add_argument("id", metavar="ID", help="its id, as list shows it")
    removal.set_defaults(run=commands.remove)
    _ask_parser(named.add_parser("ask", help="ask all documents a question"))
    finding = named.add_parser("find", help="find where a quotation stands")
    finding.add_argument("quotation", metavar="QUOTATION", help="the quotation, or - to read it from standard input")
    finding.add_argument("--in", dest="documents", nargs="+", action="extend", metavar="ID", help="look in these only")
    finding.add_argument("--json", action="store_true", help="print JSON")
    finding.set_defaults(run=commands.find)
    _terms_parser(named.add_parser("terms", help="show how each document uses a word or a phrase"))
    sharing = named.add_parser("shared", help="find what documents quote in common, or one from the other")
    sharing.add_argument("--in", dest="documents", nargs="+", action="extend", metavar="ID", help="compare these only")
    sharing.add_argument("--json", action="store_true", help="print JSON")
    sharing.set_defaults(run=commands.shared)
    citing = named.add_parser("cite", help="print a citation in the form that you need")
    citing.add_argument("document", metavar="ID", help="the document's id, as list shows it")
    citing.add_argument("start", type=int, metavar="START", help="where the words begin, as ask and find print it")
    citing.add_argument("end", type=int, metavar="END", help="where they end")
    citing.add_argument("--style", choices=list(STYLES), default="chicago", help="form (default: %(default)s)")
    citing.set_defaults(run=commands.cite)
    picturing = named.add_parser("picture", help="draw the page of a PDF on which words stand")
    picturing.add_argument("document", metavar="ID", help="the document's id, as list shows it")
    picturing.add_argument("start", type=int, metavar="START", help="where the words begin, as ask and find print it")
    picturing.add_argument("end", type=int, metavar="END", help="where they end")
    picturing.add_argument("out", type=Path, metavar="OUT.png", help="where the picture goes")
    picturing.set_defaults(run=commands.picture)
    verifying = named.add_parser("verify", help="check kept citations against the library")
    verifying.add_argument("file", type=Path, metavar="FILE", help="JSON that ask or find printed, or a saved chat")
    verifying.set_defaults(run=commands.verify)
    _eval_parser(named.add_parser("eval", help="measure the answers to questions of your own"))
    _serve_parser(named.add_parser("serve", help="open the chat in a browser"))
    speaking = named.add_parser("mcp", help="let a language model's client ask, on standard input and output (MCP)")
    speaking.set_defaults(run=commands.mcp)
    return parser


def _serve_parser(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default=HOST, help="address to listen on (default: %(default)s, this machine alone)")
    parser.add_argument("--port", type=int, default=PORT, help="port to listen on (default: %(default)s)")
    parser.add_argument("--open", action="store_true", help="open the page in the default browser")
    parser.set_defaults(run=commands.serve)


def _add_parser(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="plain text, PDF, Markdown, HTML, DOCX or EPUB"
    )
    parser.add_argument("--id", help="short name in commands and citations (default: from the file's name)")
    _details(parser)
    parser.set_defaults(run=commands.add)


def _details(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--title", help="title (when added: from the text, else the file's name)")
    parser.add_argument("--author", help="author")
    parser.add_argument("--year", type=int, help="year of publication")
    parser.add_argument("--label", help="name over the document's column (when added: author and title, shortened)")


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
    parser.set_defaults(run=commands.ask)


def _terms_parser(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("term", metavar="TERM", help="a word or a phrase of up to eight words; inflected forms count")
    parser.add_argument("--in", dest="documents", nargs="+", action="extend", metavar="ID", help="look in these only")
    parser.add_argument("--first", type=int, default=0, metavar="N", help="begin with this line (default: %(default)s)")
    parser.add_argument("--count", type=int, default=25, metavar="N", help="lines a document (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=commands.terms)


def _eval_parser(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("questions", type=Path, metavar="QUESTIONS", help="a JSON-lines file of questions and evidence")
    parser.add_argument(
        "--report", type=Path, required=True, metavar="FILE.html", help="where the report goes, with its JSON beside it"
    )
    parser.set_defaults(run=commands.evaluate)


def _check_usage(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Exit with 2 where options contradict each other."""
    if options.run is commands.add and len(options.files) > 1 and commands.details(options) != Details():
        parser.error("--id, --title, --author, --year and --label describe one file; add the files one by one")
    if options.run is commands.ask:
        if (options.question is None) == (options.batch is None):
            parser.error("ask takes a QUESTION or --batch FILE")
        if (options.batch is None) != (options.out is None):
            parser.error("--batch FILE and --out FILE go together")
        if options.batch and (options.documents or options.after or options.own or options.json):
            parser.error("--in, --after, --own and --json do not go with --batch")


if __name__ == "__main__":
    sys.exit(main())
