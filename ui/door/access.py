"""How a server may be reached: from where, under which names, and by whom. What is unsafe is refused at the start.

Plain data and checks of what a request says of where it comes from; who somebody is, others find out.
"""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from index.types import ParallaxError
from ui.door.accounts import Accounts

_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
_HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(?P<port>[0-9]{1,5}))?")


@dataclass(frozen=True, slots=True)
class Access:
    """Who may reach a server, and how."""

    accounts: Accounts | None = None
    """Who signs in; None where nobody does."""
    public: bool = False
    """Everybody who reaches it may ask, and nobody may change anything."""
    names: tuple[str, ...] = ()
    """Names and addresses by which it is asked for, besides this machine's own and the one it listens on."""
    proxy: str | None = None
    """The address of a proxy in front of it, whose word on the visitor's address and on https is taken."""


def is_loopback(host: str) -> bool:
    """Whether a host is this machine alone."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def check_start(access: Access, host: str) -> None:
    """Raise ParallaxError where strangers could come in: beyond this machine without users, or without a name."""
    reachable = not is_loopback(host) or access.names or access.proxy is not None
    if reachable and access.accounts is None and not access.public:
        raise ParallaxError(
            f"Nothing would keep strangers from {host}; add a user with `parallax user add NAME`, or let everybody "
            "read with --public."
        )
    if host in ("0.0.0.0", "::") and not access.names:
        raise ParallaxError(f"{host} is every address of this machine; name one that people type with --allow-host.")


@dataclass(frozen=True, slots=True)
class Hosts:
    """What a request may name as its host."""

    any_port: frozenset[str]
    own_port: frozenset[str]
    port: int

    @classmethod
    def of(cls, access: Access, host: str, port: int) -> "Hosts":
        """Those of a server on an address."""
        literal = f"[{host}]" if ":" in host else host
        names = frozenset(name.lower() for name in access.names)
        return cls(names, frozenset([*_LOOPBACK, literal.lower()]), port)

    def allow(self, host: str) -> bool:
        """Whether a Host header is ours. A page of another name that points here (DNS rebinding) is not."""
        parts = _HOST.fullmatch(host.lower())
        if parts is None:
            return False
        if parts["name"] in self.any_port:
            return True
        return parts["name"] in self.own_port and int(parts["port"] or 80) == self.port


def is_ours(headers: dict[str, str], method: str) -> bool:
    """Whether a browser says that a request comes from our own page, or from nobody's.

    A link from elsewhere may open a page; nothing else is let in from another site. What names no origin is no
    browser's form or script. (Fetch Metadata, W3C; Origin, RFC 6454.)
    """
    site = headers.get("sec-fetch-site", "none")
    opens_a_page = method in ("GET", "HEAD") and headers.get("sec-fetch-mode") == "navigate"
    if site not in ("none", "same-origin") and not opens_a_page:
        return False
    origin = headers.get("origin")
    try:
        return origin is None or urlsplit(origin).netloc.lower() == headers["host"].lower()
    except ValueError:  # it is no address
        return False
