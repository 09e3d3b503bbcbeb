"""What one visitor's chat holds between two events.

A value with pure methods; it neither asks nor renders anything.
"""

from dataclasses import dataclass, replace

from qa.types import Comparison, Finding

Turn = Comparison | Finding
"""What one question, or one quotation, got."""


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
