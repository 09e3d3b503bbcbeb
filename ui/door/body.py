"""What a request carries, under limits: so many bytes, in so much time, and of Gradio's events no address to fetch."""

import asyncio
import json
import os
from collections.abc import Iterator
from pathlib import Path

from starlette.types import Message, Receive

from ui.door.refused import Refused

PATIENCE = 30.0
"""Seconds that a client may leave between two parts of what it sends."""


class Counted:
    """Receives a request's body and refuses it at the first byte too many."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._left = limit
        self._more = True

    async def __call__(self) -> Message:
        """The next part. Raises Refused."""
        if not self._more:
            return await self._receive()  # a client that goes away may take its time
        try:
            message = await asyncio.wait_for(self._receive(), PATIENCE)
        except TimeoutError as error:
            raise Refused(408, "The request took too long to arrive.") from error
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise Refused(413, "The request is larger than this server takes.")
        self._more = message.get("more_body", False)
        return message


async def whole(receive: Receive) -> bytes:
    """All that a request carries. Raises Refused, as what it is read from does."""
    parts, more = [], True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refused(400, "The request ended before it was whole.")
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(parts)


def again(body: bytes, receive: Receive) -> Receive:
    """Receives a body that was read already, then whatever else comes."""
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


def event(body: bytes, uploads: Path | None) -> bytes:
    """An event for Gradio as it was read here, so that Gradio reads it alike.

    Gradio reads the file that an event's data names, be it on this machine or at another host, whichever component the
    data is for. So it may only be one below `uploads`; None allows none. Raises Refused.
    """
    try:
        read = json.loads(body)
        files = list(_files(read))
    except (ValueError, RecursionError) as error:
        raise Refused(400, "The event cannot be read.") from error
    if not all(uploads is not None and _below(name, uploads) for name in files):
        raise Refused(403, "An event of the page names only files that were uploaded.")
    return json.dumps(read).encode()


def _files(value: object) -> Iterator[object]:
    """Every name of a file anywhere in an event; Gradio takes for a file what has a path and a `meta` that says so."""
    if isinstance(value, dict) and "path" in value and "meta" in value:
        yield value["path"]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for part in inner:
        yield from _files(part)


def _below(name: object, folder: Path) -> bool:
    return isinstance(name, str) and Path(os.path.normpath(name)).is_relative_to(folder)
