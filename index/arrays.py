"""NumPy arrays in files of their own, read or mapped, in numbers as small as will do.

`numpy.load` parses a header with `ast`, which in Python 3.11 fails now and then when two threads do it at once
("AST constructor recursion depth mismatch", CPython's gh-106905); so one thread does it at a time.
"""

from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

_ONE_AT_A_TIME = Lock()


def read(path: Path) -> NDArray[Any]:
    """A whole array in memory. Raises OSError, or ValueError where the file is no array."""
    with _ONE_AT_A_TIME:
        array: NDArray[Any] = np.load(path)
    return array


def smallest(most: int) -> np.dtype[Any]:
    """The smallest type of numbers for those from 0 to `most`, in the order of bytes that files have."""
    return np.min_scalar_type(most).newbyteorder("<")


def mapped(path: Path) -> NDArray[Any]:
    """An array that is read from the disk as far as it is looked at. Raises OSError, ValueError."""
    with _ONE_AT_A_TIME:
        return np.asarray(np.load(path, mmap_mode="r"))
