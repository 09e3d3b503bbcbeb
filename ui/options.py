"""What parsed arguments mean to every command: the session, a document's details; and how an error is told."""

import argparse
import sys
from typing import TYPE_CHECKING

from index.types import Colour, Details, Precision

if TYPE_CHECKING:
    from qa.session import Session


def refused(error: Exception) -> int:
    """Tell an error in its sentence; the exit code 1."""
    from ui.terminal import safe

    print(f"parallax: {safe(str(error))}", file=sys.stderr)
    return 1


def opened(options: argparse.Namespace, *, create: bool = False) -> "Session":
    """A session over the library that is named."""
    from qa.session import Session

    precision = options.precision and Precision(options.precision)
    return Session.open(options.library, create=create, model=options.model, precision=precision, reader=options.reader)


def details(options: argparse.Namespace) -> Details:
    """The details of a document among the options."""
    given = {name: vars(options)[name] for name in Details.__slots__}
    return Details(**given | {"colour": colour(options) or None})


def colour(options: argparse.Namespace) -> Colour | str | None:
    """The colour that is named; empty where it is to go by position, None where nothing is said."""
    return "" if options.colour == "auto" else options.colour and Colour(options.colour)
