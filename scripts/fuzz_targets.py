"""What `scripts/fuzz.py` feeds: for each target the inputs to begin with, and what is done with one.

Of DOCX and EPUB a part inside the archive is mutated, for mutated archives are refused at the door; the first byte says
which part.
"""

import asyncio
import io
import json
import re
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote

import h11
from lxml import etree
from reportlab.pdfgen.canvas import Canvas
from starlette.types import ASGIApp, Message
from trial import ROOT, SAMPLE, WRITERS, files, opened

from index.load import load
from index.types import Details, ParallaxError
from qa.session import Session
from ui import views
from ui.batch import record
from ui.chat import Chat
from ui.door.access import Access
from ui.export import FORMATS
from ui.handlers import FAILED, beside, open_place, printed_pages, resume, save

Target = Callable[[bytes], object]
TARGETS = ("docx", "events", "record", "quote", "http", "pdf", "epub", "html", "md", "txt")
ARCHIVES = {
    "docx": ("word/document.xml", "word/footnotes.xml", "word/styles.xml", "word/numbering.xml", "docProps/core.xml"),
    "epub": ("OEBPS/text/c1.xhtml", "OEBPS/notes.xhtml", "OEBPS/nav.xhtml", "OEBPS/book.opf", "META-INF/container.xml"),
}
"""Of each archive, the parts that are mutated."""
_HOST = "127.0.0.1", 7860
_RUNNING: list[asyncio.Future[None]] = []
"""A task that nothing holds may be thrown away."""
_LENGTH = re.compile(rb"(?i)(content-length: *)\d+")


def made(name: str, folder: Path) -> tuple[list[bytes], Target]:
    """Inputs to begin with, and what is done with one."""
    if name in ARCHIVES:
        return archived(name, folder)
    if name in ("txt", "md", "html", "pdf"):
        return printed() if name == "pdf" else [WRITERS[name](SAMPLE)], reading(folder / f"text.{name}")
    session = opened(folder / "library", create=True)
    for path in files(folder / "files"):
        session.add(path)
    if name == "quote":
        seeds = [b"Here a town ... learned how to wait", "“the field” […] was left to rest".encode()]
        how = {True: "surrogateescape", False: "replace"}
        return seeds, lambda data: session.find(data.decode(errors=how[data[:1] == b"s"]))
    if name == "record":
        return records(session, folder)
    return events(session) if name == "events" else http(session, folder)


def reading(path: Path) -> Target:
    def read(data: bytes) -> None:
        path.write_bytes(data)
        load(path, Details())

    return read


def printed() -> list[bytes]:
    """Two set documents, and a small one whose pages are not compressed, so that what draws them is mutated."""
    plain = io.BytesIO()
    canvas = Canvas(plain, pagesize=(300, 300), pageCompression=0, invariant=1)
    for page in range(3):
        for line in range(12):
            canvas.drawString(40, 260 - 18 * line, f"The barge of page {page} came to lock {line} at dawn.")
        canvas.drawString(140, 20, str(page + 1))
        canvas.showPage()
    canvas.save()
    return [plain.getvalue(), *(path.read_bytes() for path in (ROOT / "tests" / "data" / "pdf").glob("*.pdf"))]


def archived(name: str, folder: Path) -> tuple[list[bytes], Target]:
    """Parts of an archive, and reading the archive with another part in the place of one."""
    with zipfile.ZipFile(io.BytesIO(WRITERS[name](SAMPLE))) as archive:
        whole = {inside: archive.read(inside) for inside in archive.namelist()}
    if name == "docx":
        whole = lightened(whole)
    parts = [part for part in ARCHIVES[name] if part in whole]
    read = reading(folder / f"text.{name}")

    def pack(data: bytes) -> None:
        packed = io.BytesIO()
        part = parts[data[0] % len(parts)] if data else parts[0]
        with zipfile.ZipFile(packed, "w") as archive:
            for each, content in (whole | {part: data[1:]}).items():
                archive.writestr(each, content)
        read(packed.getvalue())

    return [bytes([number]) + whole[part] for number, part in enumerate(parts)], pack


def lightened(whole: dict[str, bytes]) -> dict[str, bytes]:
    """A Word document without what is not read of it: its styles of tables alone made every input take a second."""
    root = etree.fromstring(whole["word/styles.xml"])
    kept = ("Title", "Quote", "Caption", "Heading1", "Heading2", "Normal", "ListNumber")
    for element in list(root):
        if not any(value in kept for key, value in element.items() if key.endswith("}styleId")):
            root.remove(element)
    unread = re.compile(r"theme|WithEffects|thumbnail|customXml|fontTable|webSettings")
    return {name: content for name, content in whole.items() if not unread.search(name)} | {
        "word/styles.xml": etree.tostring(root)
    }


def records(session: Session, folder: Path) -> tuple[list[bytes], Target]:
    """Chats that were saved, and what `parallax verify` makes of one in each of its formats."""
    turns = [session.ask("Who took the oysters?"), session.find("Here a town … learned how to wait")]
    kept = [FORMATS[ending](turns, session.documents(), ()).encode() for ending in ("html", "md", "json")]

    def verify(data: bytes) -> None:
        for ending in ("html", "md", "json"):
            path = folder / f"record.{ending}"
            path.write_bytes(data)
            with suppress(ParallaxError):
                session.verify(record(path))

    return kept, verify


PLACE = {"document": "layout-txt", "start": 0, "end": 99, "visit": 1}


def events(session: Session) -> tuple[list[bytes], Target]:
    """JSON as the page's own buttons send it, and every event that takes such."""
    seeds = [
        PLACE, PLACE | {"direction": "later", "from": 0, "to": 300}, PLACE | {"at": 40, "sha256": "0" * 64},
        {"id": "layout-md", "title": "T", "author": "A", "label": "L", "year": "1902"}, {"term": "oyster", "first": 25},
        [{"question": "Who?", "own": True, "beside": PLACE}], {"id": "none"},
    ]  # fmt: skip

    def send(data: bytes) -> None:
        try:
            sent = json.loads(data)
        except (ValueError, RecursionError):
            return
        told = [resume(session, sent)[1], save(session, Chat(), sent, sent)]
        if isinstance(sent, dict):
            told += [
                open_place(session, sent),
                printed_pages(session, sent),
                views.more_terms(session, sent),
                views.describe(session, sent),
            ]
            told += [html for _, html, _ in beside(session, sent, Chat())]
        if any(FAILED in html for html in told):
            raise AssertionError("an event ended in an error that nobody foresaw")

    return [json.dumps(seed).encode() for seed in seeds], send


def http(session: Session, folder: Path) -> tuple[list[bytes], Target]:
    """Requests as they come over the wire, and all that answers them, the door first; none may fail on our side."""
    from ui.web import application

    door = application(session, Access(), _HOST, folder)
    joined = {"data": ["Who took the oysters?"], "fn_index": 3, "session_hash": "abc", "event_data": None}
    posts = {
        "/pane": PLACE, "/pages": PLACE, "/gradio_api/queue/join": joined,
        "/api/v1/ask": {"question": "Who took the oysters?", "documents": ["layout-txt"], "own": True},
        "/api/v1/find": {"quotation": "the field was left to rest"}, "/api/v1/terms": {"term": "oyster", "first": 5},
        "/sign-in": {"name": "ann"},
    }  # fmt: skip
    seeds = [request("POST", path, json.dumps(sent).encode()) for path, sent in posts.items()]
    gets = (
        "/",
        "/api/v1/documents",
        "/api/v1/documents/layout-txt/passage?start=0&end=90",
        "/assets/../..//etc/passwd",
        "/readyz",
    )
    seeds += [request("GET", path, b"") for path in gets]
    loop = asyncio.new_event_loop()
    loop.run_until_complete(begun(door))

    def send(data: bytes) -> None:
        scope, body = read_request(data)
        if scope is not None and loop.run_until_complete(answered(door, scope, body)) == 500:
            raise AssertionError("a request ended in an error that nobody foresaw")

    return seeds, send


def request(method: str, path: str, body: bytes) -> bytes:
    head = f"{method} {path} HTTP/1.1\r\nhost: {_HOST[0]}:{_HOST[1]}\r\norigin: http://{_HOST[0]}:{_HOST[1]}\r\n"
    return f"{head}content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body


def read_request(data: bytes) -> tuple[dict[str, object] | None, bytes]:
    """A request as uvicorn hands it on, with the length of what it carries set right; None for what is no request."""
    head, blank, body = data.partition(b"\r\n\r\n")
    connection = h11.Connection(h11.SERVER)
    connection.receive_data(_LENGTH.sub(rb"\g<1>%d" % len(body), head) + blank + body)
    try:
        event = connection.next_event()
        carried = b""
        while isinstance(event, h11.Request) and isinstance(part := connection.next_event(), h11.Data):
            carried += bytes(part.data)
    except h11.RemoteProtocolError:
        return None, b""
    if not isinstance(event, h11.Request):
        return None, b""
    path, _, query = event.target.partition(b"?")
    scope = {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1", "scheme": "http",
        "method": event.method.decode(), "path": unquote(path.decode()), "raw_path": path, "query_string": query,
        "root_path": "", "client": ("127.0.0.1", 5), "server": _HOST, "state": {},
        "headers": [(key.lower(), value) for key, value in event.headers],
    }  # fmt: skip
    return scope, carried


async def begun(app: ASGIApp) -> None:
    """Start an application, which goes on until the process ends."""
    started = asyncio.Event()

    async def receive() -> Message:
        if started.is_set():
            await asyncio.Event().wait()
        return {"type": "lifespan.startup"}

    async def send(message: Message) -> None:
        started.set()

    _RUNNING.append(asyncio.ensure_future(app({"type": "lifespan", "state": {}}, receive, send)))
    await started.wait()


async def answered(app: ASGIApp, scope: dict[str, object], body: bytes) -> int:
    """The status of an answer; what streams for ever is let go after a while."""
    status, given = 0, False

    async def receive() -> Message:
        nonlocal given
        if given:
            return {"type": "http.disconnect"}
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        nonlocal status
        status = message.get("status", status)

    with suppress(TimeoutError):
        await asyncio.wait_for(app(scope, receive, send), 5)
    return status
