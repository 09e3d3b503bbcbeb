"""What the server writes down: one line a request and what went wrong, as text or as JSON.

A line holds no question, no text, no password and no document's name: a request is named by its route as the inventory
has it. What an error says may hold words of a document, so it is left out unless it is asked for; where it happened is
told.
"""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ui.door.door import Handled

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

logger = logging.getLogger("parallax.requests")


class Lines(logging.Formatter):
    """One line for each record."""

    def __init__(self, form: str, details: bool) -> None:
        super().__init__()
        self._json = form == "json"
        self._details = details

    def format(self, record: logging.LogRecord) -> str:
        """The line; of an error its kind and where it happened, with `details` also what it says."""
        when = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        fields: dict[str, Any] = {"time": when, "level": record.levelname.lower(), "message": record.getMessage()}
        fields |= getattr(record, "fields", {})
        if record.exc_info and record.exc_info[1] is not None:
            fields["error"] = self._told(record.exc_info[1])
        if self._json:
            return json.dumps(fields, ensure_ascii=True)
        # Whatever a name holds, it stays one line.
        return " ".join(str(value) if value.isprintable() else repr(value) for value in map(str, fields.values()))

    def _told(self, error: BaseException) -> str:
        frames = traceback.extract_tb(error.__traceback__)
        where = " < ".join(f"{frame.name} ({frame.filename}:{frame.lineno})" for frame in reversed(frames))
        said = f": {error}" if self._details else ""
        return f"{type(error).__name__}{said} in {where}"


def begin(form: str | None, details: bool) -> None:
    """Write to standard error from now on; requests only where a form is asked for, else warnings and errors."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines(form if form is not None else "text", details))
    traceback.print_exc = _failed
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logger.setLevel(logging.INFO if form is not None else logging.WARNING)


def _failed(limit: int | None = None, file: "SupportsWrite[str] | None" = None, chain: bool = True) -> None:
    """Gradio prints what an event raised, with all that it says; so the way to print it is turned here."""
    logger.error("An event of the page failed.", exc_info=True)


def request(handled: Handled) -> None:
    """Write down a request that was answered."""
    fields = {
        "method": handled.method,
        "route": handled.route,
        "status": handled.status,
        "ms": round(handled.seconds * 1000, 1),
        "client": handled.client,
        "user": handled.visitor,
    }
    logger.info("request", extra={"fields": fields})
