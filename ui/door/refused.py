"""A request that is not let through: what it is answered with, one sentence that tells nothing of this machine."""

from collections.abc import Mapping

NOTHING_HERE = "There is nothing here."


class Refused(Exception):  # noqa: N818 (it is no fault of ours)
    """The answer to a request instead of the one it asked for."""

    def __init__(self, status: int, sentence: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence
        self.headers = dict(headers) if headers is not None else {}
