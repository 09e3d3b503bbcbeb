"""What one visitor's chat holds between two events.

A value with pure methods; it neither asks nor renders anything.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from qa.types import Comparison, Finding, Source

Turn = Comparison | Finding
"""What one question, or one quotation, got."""


def asked_of(turn: Turn) -> tuple[str, ...]:
    """The ids of the documents that a question was put to, or in which a quotation was looked for."""
    if isinstance(turn, Finding):
        return tuple(source.id for source in turn.searched)
    return tuple(side.source.id for side in turn.perspectives)


@dataclass(frozen=True, slots=True)
class Choice:
    """Which documents a visitor asks, and which stand first in every answer, by their ids."""

    documents: tuple[str, ...] = ()
    """None: all."""
    pinned: tuple[str, ...] = ()

    @classmethod
    def read(cls, kept: object) -> "Choice":
        """The choice that a browser tells; what is no list of ids is no choice."""
        told = kept if isinstance(kept, dict) else {}
        lists = (told.get(name) for name in ("documents", "pinned"))
        return cls(*(tuple(map(str, one)) if isinstance(one, list) else () for one in lists))

    def among(self, sources: Sequence[Source]) -> tuple[str, ...] | None:
        """The documents chosen that are still there, in the order of the library; None where all are asked."""
        return tuple(source.id for source in sources if source.id in self.documents) or None


ALL = Choice()
"""Every document is asked, and none pinned."""


@dataclass(frozen=True, slots=True)
class Chat:
    """The turns of one chat, and what became of the question asked last."""

    turns: tuple[Turn, ...] = ()
    pending: str | None = None
    """The question that is being read just now."""
    refusal: str | None = None
    """Why the last question got no comparison, in one sentence; None when it got one."""

    @property
    def history(self) -> tuple[str, ...]:
        """The questions answered so far, oldest first; a quotation that was looked up is none."""
        return tuple(turn.question for turn in self.turns if isinstance(turn, Comparison))

    def asking(self, question: str) -> "Chat":
        """The chat while a question is being read."""
        return Chat(self.turns, pending=question)

    def answered(self, turn: Turn) -> "Chat":
        """The chat with one more turn."""
        return Chat((*self.turns, turn))

    def refused(self, sentence: str) -> "Chat":
        """The chat as it was, with the reason why the last question has no turn."""
        return replace(self, pending=None, refusal=sentence)
