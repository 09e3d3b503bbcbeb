"""The door: middleware before everything that is served. What the inventory does not name, nobody reaches.

It asks where a request comes from, who sends it and what it carries, and puts its headers on every answer. What answers
behind it need not know that it is there.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.door import body, headers, signin
from ui.door.access import Access, Hosts, is_ours
from ui.door.identity import STRANGER, Identity, Visitor
from ui.door.inventory import MIB, Need, Route, find
from ui.door.refused import NOTHING_HERE, Refused

logger = logging.getLogger(__name__)

AT_ONCE = 16
"""So many requests that keep the machine busy are let in at a time; the next is told to come again."""
AGAIN = b"2"
"""Seconds after which who was told that the server is busy may come again."""
FAILED = "Something went wrong on this machine; its log says what."
VISITOR = "parallax.visitor"
"""Where what stands behind the door finds the Visitor in an ASGI scope."""


@dataclass(frozen=True, slots=True)
class Handled:
    """A request that was answered, for logs and metrics: nothing of what it carried or asked for by name."""

    method: str
    route: str
    """The route's path as the inventory has it; "-" for a request that fits none."""
    status: int
    seconds: float
    visitor: str
    client: str


class Door:
    """An ASGI application before another."""

    def __init__(
        self, app: ASGIApp, access: Access, address: tuple[str, int], uploads: Path, told: Callable[[Handled], None]
    ) -> None:
        self._app = app
        self._access = access
        self._hosts = Hosts.of(access, *address)
        self._identity = Identity(access, address[1])
        self._uploads = uploads
        self._told = told
        self._working = 0
        self._ended = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await _Answer(self, scope, receive, send).give()
        else:
            await send({"type": "websocket.close", "code": 1008})  # nothing here speaks it

    def end(self) -> None:
        """Let go of the connections that a page holds open for nothing but to be there."""
        self._ended.set()

    def tell(self, handled: Handled) -> None:
        """Tell of a request."""
        self._told(handled)

    def check_origin(self, read: Headers, method: str) -> None:
        """Raise Refused for a request under another's name, or from another's page."""
        if len(read.getlist("host")) != 1 or not self._hosts.allow(read["host"]):
            raise Refused(421, "This server does not go by that name; --allow-host gives it one more.")
        if not is_ours(dict(read), method):
            raise Refused(403, "A page of another site may not ask that.")

    async def visitor(self, route: Route, read: Headers, client: str) -> Visitor:
        """Who this is. Raises Refused where they do not fit the route."""
        return await self._identity.visitor(route, dict(read), client)

    async def pass_on(self, route: Route, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through to what answers it. Raises Refused."""
        limited: Receive = body.Counted(receive, route.body)
        if 0 < route.body <= MIB:
            carried = await body.whole(limited)
            if route.path == "/sign-in":
                return await self._sign_in(carried, scope, receive, send)
            if route.path == "/gradio_api/queue/join":
                uploads = self._uploads if scope[VISITOR].may >= Need.EDITOR else None
                carried = body.event(carried, uploads)
                scope["headers"] = _with_length(scope["headers"], len(carried))
            limited = body.again(carried, receive)
        if (own := self._own(route, scope)) is not None:
            return await own(scope, receive, send)
        if not route.works:
            return await self._until_ended(route, scope, limited, send)
        if self._working >= AT_ONCE:
            raise Refused(503, "Too much is asked at this moment; try again.")
        self._working += 1
        try:
            await self._app(scope, limited, send)
        finally:
            self._working -= 1

    async def _until_ended(self, route: Route, scope: Scope, receive: Receive, send: Send) -> None:
        answering = asyncio.ensure_future(self._app(scope, receive, send))
        if "heartbeat" not in route.path:
            return await answering
        ended = asyncio.ensure_future(self._ended.wait())
        try:
            await asyncio.wait([answering, ended], return_when=asyncio.FIRST_COMPLETED)
        finally:
            ended.cancel()
            answering.cancel()
            await asyncio.wait([answering])

    def _own(self, route: Route, scope: Scope) -> Response | None:
        """What the door itself answers."""
        if route.path == "/door.css":
            return Response(signin.CSS, media_type="text/css")
        if route.path == "/sign-in":
            return HTMLResponse(signin.page()) if self._access.accounts is not None else RedirectResponse("./", 303)
        if route.path == "/sign-out":
            gone = RedirectResponse("sign-in", 303)
            gone.headers["set-cookie"] = self._identity.sign_out(dict(Headers(scope=scope)), scope["scheme"] == "https")
            gone.headers["clear-site-data"] = '"cache", "storage"'  # the page's browser remembers what was asked
            return gone
        return None

    async def _sign_in(self, carried: bytes, scope: Scope, receive: Receive, send: Send) -> None:
        name, password = signin.form(carried)
        client, secure = client_of(scope), scope["scheme"] == "https"
        try:
            cookie = await self._identity.sign_in(name, password, client, secure)
        except Refused as refused:
            logger.warning("A sign-in from %s was refused.", client)
            again = HTMLResponse(signin.page(refused.sentence, name), refused.status, refused.headers)
            return await again(scope, receive, send)
        await RedirectResponse("./", 303, {"set-cookie": cookie})(scope, receive, send)


class _Answer:
    """One request on its way: what is known of it, and the answer with the door's headers."""

    def __init__(self, door: Door, scope: Scope, receive: Receive, send: Send) -> None:
        self._door, self._receive, self._send = door, receive, send
        self._scope = {**scope, VISITOR: STRANGER}
        self._route = find(scope["method"], scope["path"])
        self._status = 0
        self._held: Message | None = None

    async def give(self) -> None:
        """Answer it, whatever happens."""
        began = time.perf_counter()
        try:
            await self._let_through()
        except Refused as refused:
            await self._refuse(refused)
        except Exception:
            logger.exception("A request failed.")
            await self._refuse(Refused(500, FAILED))
        finally:
            path = self._route.path if self._route is not None else "-"
            seconds, name = time.perf_counter() - began, self._scope[VISITOR].name
            method = self._scope["method"] if self._route is not None else "-"
            self._door.tell(Handled(method, path, self._status, seconds, name, client_of(self._scope)))

    async def _let_through(self) -> None:
        read = Headers(scope=self._scope)
        self._door.check_origin(read, self._scope["method"])
        if self._route is None:
            raise Refused(404, NOTHING_HERE)
        self._scope[VISITOR] = await self._door.visitor(self._route, read, client_of(self._scope))
        length = read.get("content-length", "0")
        if not length.isdigit() or int(length) > self._route.body:
            raise Refused(413, "The request is larger than this server takes.")
        await self._door.pass_on(self._route, self._scope, self._receive, self._sent)

    async def _refuse(self, refused: Refused) -> None:
        if self._status:
            return  # an answer that has begun can only end
        answer: Response = PlainTextResponse(f"{refused.sentence}\n", refused.status, refused.headers)
        if self._scope["path"].startswith("/api/v1/"):  # whose refusals are JSON
            answer = JSONResponse({"error": refused.sentence}, refused.status, refused.headers)
        await answer(self._scope, self._receive, self._sent)

    async def _sent(self, message: Message) -> None:
        """Send a part of the answer; the page itself is held back until its scripts are known to its policy."""
        if message["type"] == "http.response.start":
            if self._route is not None and self._route.path == "/" and message["status"] == 200:
                self._held = {**message, "body": b""}
                return
            await self._begin(message, headers.PLAIN)
        elif self._held is not None:
            held, part = self._held, message.get("body", b"")
            held["body"] += part
            if not message.get("more_body", False):
                self._held = None
                html = held.pop("body")
                await self._begin(held, headers.page_policy(html))
                await self._send({"type": "http.response.body", "body": html})
        else:
            await self._send(message)

    async def _begin(self, message: Message, policy: str) -> None:
        self._status = message["status"]
        public = self._route is not None and self._route.public and self._status < 400
        given = list(message["headers"])
        if self._status == 503:  # ours, and that of Gradio's queue when it is full
            given.append((b"retry-after", AGAIN))
        await self._send({**message, "headers": headers.with_ours(given, policy, public)})


def client_of(scope: Scope) -> str:
    """The address that a request comes from."""
    return str(scope["client"][0]) if scope.get("client") else "unknown"


def _with_length(given: headers.Headers, length: int) -> headers.Headers:
    kept = [(name, value) for name, value in given if name not in (b"content-length", b"transfer-encoding")]
    return [*kept, (b"content-length", str(length).encode())]
