"""A library under any sequence of changes, seen from two sides, against a model that is a dictionary."""

import os
import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from conftest import WordEncoder
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from index.library import Added, Library
from index.manifest import SEGMENTS, LibraryError
from index.types import Details, MissingError

TEXTS = (
    "The Barge\n\nThe barge came to the lock at dawn. Nobody had rung the bell.\n",
    "The Ferry\n\nThe ferry sank in the weir. All were saved.\n",
    "The Mill\n\nThe miller sued nobody. The weir gave way in March, and the wheel stood still.\n",
)
NAMES = ("barge", "ferry", "mill")
names, texts = st.sampled_from(NAMES), st.sampled_from(range(len(TEXTS)))


def told(text: int) -> str:
    """The title that a text tells."""
    return TEXTS[text].split("\n")[0]


@dataclass(frozen=True)
class Kept:
    """What the model knows of a document."""

    text: int
    title: str
    author: str | None


class LibraryStates(RuleBasedStateMachine):
    """Two `Library` objects on one folder, of which either may change it; both must show what the model holds."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.model: dict[str, Kept] = {}
        self.sides = [self.opened(), self.opened()]

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    def opened(self) -> Library:
        return Library.open(self.folder / "library", WordEncoder, create=True)

    def written(self, name: str, text: int, folder: str = "files") -> Path:
        path = self.folder / folder / f"{name}.txt"
        path.parent.mkdir(exist_ok=True)
        path.write_text(TEXTS[text], encoding="utf-8")
        return path

    @initialize()
    def first(self) -> None:
        self.add(0, "barge", 0, None)

    @rule(side=st.integers(0, 1), name=names, text=texts, author=st.sampled_from([None, "A. Keeper", "B. Miller"]))
    def add(self, side: int, name: str, text: int, author: str | None) -> None:
        old = self.model.get(name)
        if old is None and any(kept.text == text for kept in self.model.values()):
            with pytest.raises(LibraryError, match="is the same file as"):
                self.sides[side].add(self.written(name, text), Details(author=author))
            return
        _, added = self.sides[side].add(self.written(name, text), Details(author=author))
        if old is None:
            self.model[name] = Kept(text, told(text), author)
            assert added is Added.NEW
            return
        title = told(text) if old.title == told(old.text) else old.title  # one that was given stays
        self.model[name] = Kept(text, title, author if author is not None else old.author)
        same = old.text == text
        renamed = self.model[name].author != old.author
        assert added is (Added.REPLACED if not same else Added.RENAMED if renamed else Added.UNCHANGED)

    @precondition(lambda self: self.model)
    @rule(side=st.integers(0, 1), data=st.data(), title=st.sampled_from(["Log", "Book"]))
    def describe(self, side: int, data: st.DataObject, title: str) -> None:
        name = data.draw(st.sampled_from(sorted(self.model)))
        self.sides[side].describe(name, Details(title=title, label=title))
        self.model[name] = replace(self.model[name], title=title, author=None)

    @rule(side=st.integers(0, 1), name=names)
    def remove(self, side: int, name: str) -> None:
        try:
            self.sides[side].remove(name)
            del self.model[name]
        except MissingError as error:
            assert name not in self.model and f"There is no document “{name}”" in str(error)

    @rule(side=st.integers(0, 1), name=names, text=texts)
    def add_another_file_of_the_name(self, side: int, name: str, text: int) -> None:
        old = self.model.get(name)
        if old is None or old.text == text:
            return
        try:
            self.sides[side].add(self.written(name, text, "elsewhere"), Details())
            raise AssertionError("another file took the name")
        except LibraryError as error:
            assert f"The id “{name}” belongs to" in str(error)

    @rule(side=st.integers(0, 1))
    def reopen(self, side: int) -> None:
        self.sides[side] = self.opened()

    @invariant()
    def both_sides_show_the_model(self) -> None:
        for side in self.sides:
            entries = side.entries()
            assert [entry.id for entry in entries] == list(self.model)
            for entry in entries:
                kept = self.model[entry.id]
                assert (entry.title, entry.author) == (kept.title, kept.author)
                document, passages = side.document(entry), side.passages(entry)
                assert TEXTS[kept.text].split()[-1] in document.text and document.title == kept.title
                assert "".join(document.text[p.start : p.end] for p in passages) == document.text
                assert side.search(entry, side.query(document.text), 1)[0].passage < len(passages)

    @invariant()
    def nothing_is_left_behind(self) -> None:
        entries = self.sides[0].entries()
        if self.model:
            found = {path.name for path in (self.folder / "library" / SEGMENTS).iterdir()}
            assert found == {entry.segment for entry in entries}


LibraryStates.TestCase.settings = settings(
    max_examples=100 if "PARALLAX_SEARCH" in os.environ else 3, stateful_step_count=15
)
TestLibraryStates = LibraryStates.TestCase
