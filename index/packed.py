"""Records in little room: as numbers in one array, each made when it is asked for.

A sequence of them equals any other sequence of equal records, a tuple too. Nothing is changed once it is made.
"""

from abc import abstractmethod
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Generic, TypeVar, overload

from index.types import Passage, Sentence

Record = TypeVar("Record")


class _Made(Sequence[Record], Generic[Record]):
    """A sequence of which one record is made at a time."""

    @abstractmethod
    def _one(self, index: int) -> Record:
        """The record of this number, from 0 and inside the bounds."""

    @overload
    def __getitem__(self, index: int) -> Record: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Record, ...]: ...
    def __getitem__(self, index: int | slice) -> Record | tuple[Record, ...]:
        if isinstance(index, slice):
            return tuple(map(self._one, range(*index.indices(len(self)))))
        return self._one(range(len(self))[index])

    def __iter__(self) -> Iterator[Record]:
        return map(self._one, range(len(self)))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and all(one == two for one, two in zip(self, other, strict=True))

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(tuple(self))


class Packed(_Made[Record]):
    """Records of one class, eight bytes a field. What is no number, or negative, is kept once for all that have it."""

    def __init__(self, record: Callable[..., Record], width: int, rows: Iterable[Sequence[object]]) -> None:
        """`rows`: of each record its fields, `width` of them, as `record` takes them."""
        values: dict[object, int] = {}
        self._record, self.width, self.numbers = record, width, array("q")
        for row in rows:
            plain = [field if type(field) is int else -1 for field in row]
            self.numbers.extend(
                [n if n >= 0 else ~values.setdefault(field, len(values)) for n, field in zip(plain, row, strict=True)]
            )
        self.others = list(values)

    @classmethod
    def kept(
        cls, record: Callable[..., Record], width: int, numbers: "array[int]", others: list[object]
    ) -> "Packed[Record]":
        """The records that have these numbers, and for ~n the nth of the others."""
        made = cls(record, width, ())
        made.numbers, made.others = numbers, others
        return made

    def __len__(self) -> int:
        return len(self.numbers) // self.width

    def _one(self, index: int) -> Record:
        fields = self.numbers[index * self.width : (index + 1) * self.width]
        return self._record(*[field if field >= 0 else self.others[~field] for field in fields])


class Passages(_Made[Passage]):
    """The passages of a text, sixteen bytes a sentence."""

    def __init__(self, passages: Iterable[Iterable[tuple[int, int]]]) -> None:
        """`passages`: of each one the ranges of its sentences, at least one."""
        self.bounds, self.ends = array("q"), array("q", [0])
        for ranges in passages:
            self.bounds.extend(chain.from_iterable(ranges))
            self.ends.append(len(self.bounds))

    @classmethod
    def kept(cls, bounds: "array[int]", ends: "array[int]") -> "Passages":
        """Passages whose sentences have these bounds, two each; `ends`: 0, and of each passage where its bounds end."""
        made = cls(())
        made.bounds, made.ends = bounds, ends
        return made

    def __len__(self) -> int:
        return len(self.ends) - 1

    def _one(self, index: int) -> Passage:
        bounds = self.bounds[self.ends[index] : self.ends[index + 1]]
        return Passage(bounds[0], bounds[-1], tuple(map(Sentence, bounds[::2], bounds[1::2])))
