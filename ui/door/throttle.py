"""Slows down who guesses passwords: after some failures each further one costs a longer wait, in bounded memory."""

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable

LONGEST = 900.0
"""Seconds to wait at most; failures are forgotten when there was none for twice as many."""
MOST = 10_000
"""So many names or addresses are remembered; of more the oldest is forgotten."""


class Throttle:
    """Counts failures by key; the first `free` in a row cost nothing. To be used from one thread."""

    def __init__(self, free: int, now: Callable[[], float] = time.monotonic) -> None:
        self._free = free
        self._now = now
        self._failures: OrderedDict[str, tuple[int, float]] = OrderedDict()  # how many, and when the last one was

    def wait(self, key: str) -> float:
        """Seconds until another attempt is let through; 0 where it is now."""
        count = self._count(key)
        if count < self._free:
            return 0.0
        penalty = min(2.0 ** min(count - self._free, 20), LONGEST)
        return max(0.0, self._failures[key][1] + penalty - self._now())

    def failed(self, key: str) -> None:
        """Count a failure."""
        self._failures[key] = (self._count(key) + 1, self._now())
        self._failures.move_to_end(key)
        while len(self._failures) > MOST:
            self._failures.popitem(last=False)

    def undo(self, key: str) -> None:
        """Take one failure back."""
        if key in self._failures:
            count, last = self._failures[key]
            self._failures[key] = (max(0, count - 1), last)

    def forget(self, key: str) -> None:
        """Take all failures back."""
        self._failures.pop(key, None)

    def _count(self, key: str) -> int:
        count, last = self._failures.get(key, (0, 0.0))
        return count if self._now() - last <= 2 * LONGEST else 0


def network(address: str) -> str:
    """What the failures of an address count under: of IPv6 the network that one customer has."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    return str(parsed if parsed.version == 4 else ipaddress.ip_network((parsed, 64), strict=False))
