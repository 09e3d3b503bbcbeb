"""What was made of the documents of a library, of each for its latest version alone.

A cache by entry would keep every version that was replaced until enough others came. Safe to share between threads; two
that ask for the same at once may both make it.
"""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

from index.entry import Entry

Made = TypeVar("Made")


class Latest(Generic[Made]):
    """Something made of an entry, which names one version of a document with its details, and remembered."""

    def __init__(self, most: int, make: Callable[[Entry], Made]) -> None:
        """`most`: of so many documents it is remembered; for one more the one that was unused for longest is let go."""
        self._most, self._make = most, make
        self._kept: OrderedDict[str, tuple[Entry, Made]] = OrderedDict()
        self._lock = Lock()

    def __call__(self, entry: Entry) -> Made:
        """What is remembered for this version, else what is made now. Raises what making it raises."""
        with self._lock:
            kept = self._kept.get(entry.id)
            if kept is not None and kept[0] == entry:
                self._kept.move_to_end(entry.id)
                return kept[1]
        made = self._make(entry)
        with self._lock:
            self._kept[entry.id] = entry, made
            self._kept.move_to_end(entry.id)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return made
