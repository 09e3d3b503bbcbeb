"""What the command line takes: commands, options, their help, and which contradict each other.

What a command does is `ui.commands`'.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from index.types import Colour, Details, Precision
from ui import adding, commands, serving, upkeep
from ui.options import Version, details
from ui.styles import STYLES

HOST, PORT = "127.0.0.1", 7860


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The options, with `run`: the command. None: those of this process. Exits with 2 on wrong usage."""
    options, rest = build_parser().parse_known_args(arguments)
    if rest:
        options.error(f"unrecognized arguments: {' '.join(rest)}{_hint(options, rest)}")
    _check_usage(options)
    return options


def build_parser() -> argparse.ArgumentParser:
    """The whole command line, with the help of each command and option."""
    parser = argparse.ArgumentParser(
        prog="parallax", description="Ask your documents a question; read what each one says, in its own words."
    )
    parser.add_argument("--version", action=Version, help="tell the version and exit")
    parser.add_argument(
        "--library",
        type=_address,
        metavar="PATH",
        help="the library's folder, milvus://HOST:PORT/NAME or milvus-lite:PATH (default: PARALLAX_LIBRARY, else your "
        "data folder)",
    )
    parser.add_argument(
        "--model",
        metavar="NAME",
        help="sentence-transformers model, by name or path, for a library that add makes anew",
    )
    parser.add_argument(
        "--precision",
        choices=[precision.value for precision in Precision],
        help="what a library that add makes anew is encoded in: float32, or int8 in less time (default: float32)",
    )
    parser.add_argument(
        "--reader",
        default="parallax",
        metavar="NAME",
        help="what reads the passages found: a CrossEncoder by name or path, or none (default: the packaged reader)",
    )
    named = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_parser(named.add_parser("add", help="read, index and keep documents"))
    listing = named.add_parser("list", help="list the documents")
    listing.add_argument("--json", action="store_true", help="print JSON")
    listing.set_defaults(run=commands.list_documents)
    describing = named.add_parser("describe", help="give a document another title, author, year, label and so on")
    describing.add_argument("id", metavar="ID", help="its id, as list shows it")
    _details(describing)
    describing.set_defaults(run=commands.describe)
    _migrate_parser(named.add_parser("migrate", help="copy a library to another place, into Milvus or out of it"))
    _collection_parsers(named)
    removal = named.add_parser("remove", help="take a document out of the library")
    removal.add_argument("id", metavar="ID", help="its id, as list shows it")
    removal.set_defaults(run=commands.remove)
    _ask_parser(named.add_parser("ask", help="ask all documents a question"))
    finding = named.add_parser("find", help="find where a quotation stands")
    finding.add_argument("quotation", metavar="QUOTATION", help="the quotation, or - to read it from standard input")
    _among(finding, "look in")
    finding.add_argument("--json", action="store_true", help="print JSON")
    finding.set_defaults(run=commands.find)
    _terms_parser(named.add_parser("terms", help="show how each document uses a word or a phrase"))
    sharing = named.add_parser("shared", help="find what documents quote in common, or one from the other")
    _among(sharing, "compare")
    sharing.add_argument("--json", action="store_true", help="print JSON")
    sharing.set_defaults(run=commands.shared)
    _place_parsers(named)
    verifying = named.add_parser("verify", help="check kept citations against the library")
    verifying.add_argument("file", type=Path, metavar="FILE", help="JSON that ask or find printed, or a saved chat")
    verifying.set_defaults(run=commands.verify)
    _eval_parser(named.add_parser("eval", help="measure the answers to questions of your own"))
    _serve_parser(named.add_parser("serve", help="serve the page for people and the API for programs"))
    _user_parser(named.add_parser("user", help="say who may sign in to a server"))
    speaking = named.add_parser("mcp", help="let a language model's client ask, on standard input and output (MCP)")
    speaking.set_defaults(run=serving.mcp)
    _upkeep_parsers(named)
    for command in named.choices.values():
        command.set_defaults(error=command.error)
    return parser


def _add_parser(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "files", nargs="*", type=Path, metavar="FILE", help="plain text, PDF, Markdown, HTML, DOCX or EPUB"
    )
    parser.add_argument(
        "--watch", type=Path, metavar="FOLDER", help="add all that is in a folder, and what comes into it, until ended"
    )
    parser.add_argument("--id", help="short name in commands and citations (default: from the file's name)")
    _details(parser)
    parser.add_argument(
        "--workers",
        type=_workers,
        default=1,
        metavar="N",
        help="encode with N processes, or on a Ray cluster: its address, or auto (default: %(default)s)",
    )
    parser.set_defaults(run=adding.add)


def _collection_parsers(named: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    collecting = named.add_parser("collect", help="keep documents together as a collection; without ids, dissolve it")
    collecting.add_argument("name", metavar="NAME", help="the collection's name")
    collecting.add_argument("documents", nargs="*", metavar="ID", help="the ids of all its documents")
    collecting.set_defaults(run=commands.collect)
    collections = named.add_parser("collections", help="list the collections with their documents")
    collections.add_argument("--json", action="store_true", help="print JSON")
    collections.set_defaults(run=commands.collections)


def _place_parsers(named: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
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


def _workers(value: str) -> int | str:
    if not value.isascii() or not value.lstrip("-").isdigit():
        return value  # an address
    if int(value) < 1:
        raise argparse.ArgumentTypeError(f"{value} processes encode nothing; give 1 or more")
    return int(value)


def _address(value: str) -> str:
    if not value:  # as a shell's variable that is not set; to Path it is the folder at hand
        raise argparse.ArgumentTypeError("nothing is no library; name one")
    return value


def _details(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--title", help="title (when added: from the text, else the file's name)")
    parser.add_argument("--author", help="author")
    parser.add_argument("--year", type=int, help="year of publication")
    parser.add_argument("--label", help="name over the document's column (when added: author and title, shortened)")
    parser.add_argument("--language", help="code such as en, de or ru (when added: from the file, else from the text)")
    parser.add_argument("--publisher", help="publisher, for citations")
    colours = [*(colour.value for colour in Colour), "auto"]
    parser.add_argument("--colour", choices=colours, help="colour on the page (default: by its position)")


def _migrate_parser(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", type=_address, metavar="FROM", help="a library: its folder or its address on Milvus")
    parser.add_argument("target", type=_address, metavar="TO", help="where it is copied to; made where there is none")
    parser.set_defaults(run=commands.migrate)


def _among(parser: argparse.ArgumentParser, verb: str) -> None:
    group = parser.add_mutually_exclusive_group()
    group.add_argument(
        "--in",
        dest="documents",
        nargs="+",
        action="extend",
        metavar="ID",
        help=f"{verb} these documents only; comes last",
    )
    group.add_argument("--collection", metavar="NAME", help=f"{verb} the documents of a collection only")


def _ask_parser(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("question", nargs="?", metavar="QUESTION", help="the question, in plain words")
    _among(parser, "ask")
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
    _among(parser, "look in")
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


def _serve_parser(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default=HOST, help="address to listen on (default: %(default)s, this machine alone)")
    parser.add_argument("--port", type=int, default=PORT, help="port to listen on (default: %(default)s)")
    parser.add_argument("--open", action="store_true", help="open the page in the default browser")
    parser.add_argument("--public", action="store_true", help="let everybody read without signing in; nobody edits")
    parser.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="a name by which people ask for it, besides the address; may be given again",
    )
    parser.add_argument(
        "--proxy", metavar="ADDRESS", help="a proxy's address, to be believed about visitors' addresses and https"
    )
    parser.add_argument("--log", choices=("text", "json"), help="write a line for each request (default: errors only)")
    parser.add_argument(
        "--log-details", action="store_true", help="also write what errors say, which may be words of documents"
    )
    parser.set_defaults(run=serving.serve)


def _user_parser(parser: argparse.ArgumentParser) -> None:
    named = parser.add_subparsers(required=True, metavar="COMMAND")
    newcomer = named.add_parser("add", help="add a user, or give one another password and role")
    newcomer.add_argument("name", metavar="NAME", help="what the user signs in with")
    newcomer.add_argument(
        "password", nargs="?", metavar="-", choices=["-"], help="read the password from standard input"
    )
    newcomer.add_argument("--editor", action="store_true", help="may add, change and remove documents, not only ask")
    newcomer.set_defaults(run=serving.add_user)
    named.add_parser("list", help="list the users").set_defaults(run=serving.list_users)
    removal = named.add_parser("remove", help="take a user out; their sessions end")
    removal.add_argument("name", metavar="NAME", help="as list shows it")
    removal.set_defaults(run=serving.remove_user)


def _upkeep_parsers(named: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    examining = named.add_parser("doctor", help="look the library over and say what to do")
    examining.add_argument("--repair", action="store_true", help="make damaged search files anew from the texts first")
    examining.add_argument("--json", action="store_true", help="print JSON")
    examining.set_defaults(run=upkeep.doctor)
    saving = named.add_parser("backup", help="copy the library into one file, also while it is in use")
    saving.add_argument("file", type=Path, metavar="FILE.tar", help="where the backup goes; must not be there")
    saving.set_defaults(run=upkeep.backup)
    restoring = named.add_parser("restore", help="bring a backup back where no library is")
    restoring.add_argument("file", type=Path, metavar="FILE.tar", help="the backup")
    restoring.set_defaults(run=upkeep.restore)


def _hint(options: argparse.Namespace, rest: Sequence[str]) -> str:
    """What is probably meant by what a command does not take."""
    option = next((word for word in rest if word.startswith("-")), "").partition("=")[0]
    if option in ("--library", "--model", "--precision", "--reader"):
        return f"; {option} stands before the command"
    cut = not option and options.run in (commands.ask, commands.find, commands.terms)
    return "; put several words between quotation marks" if cut else ""


def _check_usage(options: argparse.Namespace) -> None:
    """Exit with 2 where options contradict each other."""
    if options.run is adding.add and len(options.files) > 1 and details(options) != Details():
        options.error("--id, --title and what else describes a document go with one file; add the files one by one")
    if options.run is adding.add and not options.files and options.watch is None:
        options.error("add takes a FILE or --watch FOLDER")
    if options.run is adding.add and options.watch and details(options) != Details():
        options.error("--id, --title and what else describes a document go with one file, not with a folder")
    if options.run is commands.describe and all(getattr(options, name) is None for name in Details.__slots__[1:]):
        options.error("describe takes what is new, such as --title or --year")
    if options.run is commands.ask:
        if (options.question is None) == (options.batch is None):
            hint = "; what follows --in or --after is taken for theirs" if options.documents or options.after else ""
            options.error(f"ask takes a QUESTION or --batch FILE{hint}")
        if (options.batch is None) != (options.out is None):
            options.error("--batch FILE and --out FILE go together")
        chosen = options.documents or options.collection
        if options.batch and (chosen or options.after or options.own or options.json):
            options.error("--in, --collection, --after, --own and --json do not go with --batch")
