"""Names and passwords put to the test: throttled, a few at a time, and remembered for programs for a while."""

import base64
import hmac
import math
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable

import anyio
from anyio import CapacityLimiter

from ui.door.accounts import Account, Accounts
from ui.door.refused import Refused
from ui.door.throttle import Throttle, network

REMEMBERED = 300.0
"""Seconds for which a program's name and password are not hashed again."""
MOST = 1_000
"""So many programs are remembered."""
AT_ONCE, WAITING = 2, 32
"""So many passwords are hashed at a time, each in 64 MiB; of more than so many that wait the next is sent away."""
BASIC = {"WWW-Authenticate": 'Basic realm="Parallax", charset="UTF-8"'}


class Attempts:
    """The tests of passwords of one server. To be used from its event loop."""

    def __init__(self, accounts: Accounts, now: Callable[[], float] = time.monotonic) -> None:
        self._accounts = accounts
        self._now = now
        self._names, self._addresses = Throttle(5, now), Throttle(20, now)
        self._limiter = CapacityLimiter(AT_ONCE)
        self._secret = secrets.token_bytes(32)
        self._known: OrderedDict[bytes, tuple[Account, float]] = OrderedDict()

    async def verified(self, name: str, password: str, address: str) -> Account | None:
        """The user, or None where the name or the password is wrong. Raises Refused where one has to wait."""
        name_key, address_key = name[:64], network(address)
        wait = max(self._names.wait(name_key), self._addresses.wait(address_key))
        if wait > 0:
            seconds = str(math.ceil(wait))
            raise Refused(429, f"Too many attempts failed; try again in {seconds} seconds.", {"Retry-After": seconds})
        if self._limiter.statistics().tasks_waiting >= WAITING:
            raise Refused(503, "Too many sign in at this moment; try again.")
        # Counted before it is tried, or many at once would be one failure.
        self._names.failed(name_key)
        self._addresses.failed(address_key)
        account = await anyio.to_thread.run_sync(self._accounts.verified, name, password, limiter=self._limiter)
        if account is not None:
            self._names.forget(name_key)
            self._addresses.undo(address_key)  # no more: a user of our own must not be able to guess on for ever
        return account

    async def program(self, authorization: str, address: str) -> Account:
        """The user that a program names in its Authorization header (RFC 7617). Raises Refused where there is none."""
        name, password = _basic(authorization)
        key = hmac.digest(self._secret, f"{name}\0{password}".encode(), "sha256")
        account, until = self._known.get(key, (None, 0.0))
        if account is not None and self._now() < until and self._accounts.all().get(name) == account:
            return account
        account = await self.verified(name, password, address)
        if account is None:
            raise Refused(401, "The name or the password is wrong.", BASIC)
        self._known[key] = (account, self._now() + REMEMBERED)
        while len(self._known) > MOST:
            self._known.popitem(last=False)
        return account


def _basic(authorization: str) -> tuple[str, str]:
    scheme, _, encoded = authorization.partition(" ")
    try:
        name, colon, password = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except ValueError:
        colon = ""
    if scheme.lower() != "basic" or not colon:
        raise Refused(401, "Send a name and a password as HTTP Basic has it.", BASIC)
    return name, password
