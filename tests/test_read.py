"""Readers: another can take the packaged one's place."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from index.embed import Encoder
from qa.read import Candidate, Reading
from qa.session import Session


class WordReader:
    """Prefers sentences that hold a word."""

    name = "words"

    def __init__(self, word: str) -> None:
        self.word = word

    def read(self, question: str, candidates: Sequence[Candidate]) -> list[Reading]:
        assert question == "Who mended the old ferry?"
        return [np.array([self.word in s for s in c.sentences], np.float32) for c in candidates]


def test_another_reader_changes_the_answer(tmp_path: Path, word_encoder: Callable[[str], Encoder]) -> None:
    file = tmp_path / "ferry.txt"
    file.write_text(
        "The carpenter mended the old ferry before the harvest.\n\n"
        "The ferry was old, and the smith mended nothing but its chain.\n",
        encoding="utf-8",
    )
    Session.open(tmp_path / "library", create=True, load_encoder=word_encoder).add(file)
    for word in ("carpenter", "smith"):
        session = Session.open(tmp_path / "library", reader=WordReader(word), load_encoder=word_encoder)
        (side,) = session.ask("Who mended the old ferry?").perspectives
        places = side.answer.citations if side.answer is not None else side.nearest
        assert word in places[0].quote
