"""Who is signed in: sessions in this process's memory, which end by themselves and with the process.

A browser holds a random id; here only its SHA-256 is kept, so that what is in memory opens nothing.
"""

import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256

from ui.door.accounts import Account

IDLE = 2 * 3600.0
"""Seconds without a request after which a session ends."""
LONGEST = 12 * 3600.0
"""Seconds after which it ends in any case."""
MOST = 10_000
"""So many sessions are kept; of more the one that was idle longest ends."""


@dataclass(frozen=True, slots=True)
class _Session:
    account: Account
    began: float
    used: float


class Sessions:
    """The open sessions. To be used from one thread."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._open: OrderedDict[bytes, _Session] = OrderedDict()

    def begin(self, account: Account) -> str:
        """A new session's id: 256 random bits."""
        identifier = secrets.token_urlsafe(32)
        self._open[_key(identifier)] = _Session(account, self._now(), self._now())
        while len(self._open) > MOST:
            self._open.popitem(last=False)
        return identifier

    def account(self, identifier: str) -> Account | None:
        """The user of a session, as they were when it began; None for an id that was never given out, or has ended."""
        key, now = _key(identifier), self._now()
        session = self._open.get(key)
        if session is None:
            return None
        if now - session.used > IDLE or now - session.began > LONGEST:
            del self._open[key]
            return None
        self._open[key] = replace(session, used=now)
        self._open.move_to_end(key)
        return session.account

    def end(self, identifier: str) -> None:
        """End a session, if it is there."""
        self._open.pop(_key(identifier), None)


def _key(identifier: str) -> bytes:
    return sha256(identifier.encode()).digest()
