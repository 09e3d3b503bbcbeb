"""What parsed arguments mean to every command: the session, a document's details; and how an error is told."""

import argparse
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, NoReturn

from index.types import Colour, Details, Precision, Progress

if TYPE_CHECKING:
    from qa.session import Session


class Version(argparse.Action):
    """The option that tells the version, which nothing else need look up."""

    def __init__(self, option_strings: Sequence[str], dest: str, help: str) -> None:
        super().__init__(option_strings, dest, nargs=0, help=help)

    def __call__(self, parser: argparse.ArgumentParser, *given: object) -> NoReturn:
        """Print it and exit."""
        from importlib.metadata import version

        print(f"parallax {version('parallax')}")
        parser.exit()


def refused(error: Exception) -> int:
    """Tell an error in its sentence; the exit code 1."""
    from ui.terminal import safe

    print(f"parallax: {safe(str(error))}", file=sys.stderr)
    return 1


def opened(options: argparse.Namespace, *, create: bool = False) -> "Session":
    """A session over the library that is named. One of an older format is upgraded, which is shown."""
    from qa.session import Session

    meters: list[Progress] = []
    with ExitStack() as shown:

        def progress(stage: str, done: int, total: int) -> None:
            if not meters:
                from ui.meter import Meter  # with rich, which no question needs

                meters.append(shown.enter_context(Meter("library")))
            meters[0](stage, done, total)

        return Session.open(
            options.library,
            create=create,
            model=options.model,
            reader=options.reader,
            precision=options.precision and Precision(options.precision),
            progress=progress,
        )


def details(options: argparse.Namespace) -> Details:
    """The details of a document among the options."""
    given = {name: vars(options)[name] for name in Details.__slots__}
    return Details(**given | {"colour": colour(options) or None})


def colour(options: argparse.Namespace) -> Colour | str | None:
    """The colour that is named; empty where it is to go by position, None where nothing is said."""
    return "" if options.colour == "auto" else options.colour and Colour(options.colour)
