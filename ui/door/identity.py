"""Who sends a request: found from a session's cookie, or from the name and the password that a program sends."""

from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie

from ui.door.access import Access, is_loopback
from ui.door.attempts import BASIC, Attempts
from ui.door.inventory import Need, Route
from ui.door.refused import Refused
from ui.door.sessions import LONGEST, Sessions


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who sends a request, and what they may do."""

    name: str
    """Empty where nobody signs in."""
    may: Need


STRANGER = Visitor("", Need.NOTHING)


class Identity:
    """The sessions and attempts of one server. To be used from its event loop."""

    def __init__(self, access: Access, port: int) -> None:
        self._access = access
        self._sessions = Sessions()
        self._attempts = Attempts(access.accounts) if access.accounts is not None else None
        self._cookie = f"parallax-{port}"  # a browser keeps the cookies of all ports of a host together

    async def visitor(self, route: Route, headers: dict[str, str], client: str) -> Visitor:
        """Who this is. Raises Refused where they do not fit the route, with what they could do about it."""
        visitor = await self._named(route, headers, client)
        if visitor.may >= route.needs:
            return visitor
        if route.path == "/metrics" and is_loopback(client):
            return visitor
        if visitor.may > Need.NOTHING:
            raise Refused(403, "Only an editor may do that.")
        if route.programs:
            raise Refused(401, "Send a name and a password as HTTP Basic has it.", BASIC)
        if route.path == "/":
            raise Refused(303, "Sign in first.", {"Location": "sign-in"})
        raise Refused(401, "Sign in first; your session may have ended.")

    async def _named(self, route: Route, headers: dict[str, str], client: str) -> Visitor:
        if self._access.public:
            return Visitor("", Need.READER)
        if self._access.accounts is None or self._attempts is None:
            return Visitor("", Need.EDITOR)
        account = self._sessions.account(self._identifier(headers))
        if account is not None:
            # Another password, another role or no user any more: the session is over.
            now = self._access.accounts.all().get(account.name)
            account = account if now == account else None
        elif route.programs and "authorization" in headers:
            account = await self._attempts.program(headers["authorization"], client)
        if account is None:
            return STRANGER
        return Visitor(account.name, Need.EDITOR if account.editor else Need.READER)

    async def sign_in(self, name: str, password: str, client: str, secure: bool) -> str:
        """The cookie of a new session. Raises Refused where the name or the password is wrong, or one has to wait."""
        account = await self._attempts.verified(name, password, client) if self._attempts is not None else None
        if account is None:
            raise Refused(403, "The name or the password is wrong.")
        return self._set(self._sessions.begin(account), int(LONGEST), secure)

    def sign_out(self, headers: dict[str, str], secure: bool) -> str:
        """End the session; the cookie that takes its own away."""
        self._sessions.end(self._identifier(headers))
        return self._set("", 0, secure)

    def _identifier(self, headers: dict[str, str]) -> str:
        try:
            cookie = SimpleCookie(headers.get("cookie", "")).get(self._cookie)
        except CookieError:
            return ""
        return cookie.value if cookie is not None else ""

    def _set(self, value: str, seconds: int, secure: bool) -> str:
        cookie = f"{self._cookie}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict"
        return f"{cookie}; Secure" if secure else cookie
