"""NumPy arrays in files of their own, mapped, in numbers as small as will do.

`numpy.load` parses a header with `ast`, which in Python 3.11 fails now and then when two threads do it at once
("AST constructor recursion depth mismatch", CPython's gh-106905); so one thread does it at a time.
"""

from collections.abc import Iterable
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

_ONE_AT_A_TIME = Lock()


def write(path: Path, kind: np.dtype[Any], shape: tuple[int, ...], parts: Iterable[NDArray[Any]]) -> None:
    """Write what `numpy.save` would, of which the parts lie one behind the other. Raises OSError."""
    with path.open("wb") as file:
        header = {"descr": kind.str, "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(file, header)
        for part in parts:
            file.write(part.astype(kind, "C", copy=False).data)


def smallest(most: int) -> np.dtype[Any]:
    """The smallest type of numbers for those from 0 to `most`, in the order of bytes that files have."""
    return np.min_scalar_type(most).newbyteorder("<")


def mapped(path: Path) -> NDArray[Any]:
    """An array that is read from the disk as far as it is looked at. Raises OSError, ValueError."""
    with _ONE_AT_A_TIME:
        return np.asarray(np.load(path, mmap_mode="r"))
