"""What is remembered of documents: of each the latest version, and of no more documents than so many."""

import gc
import weakref
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.embed import Encoder
from index.entry import Entry
from index.latest import Latest
from index.types import Details
from qa.session import Session

MOST = 3


def entry(identifier: str, version: int = 0) -> Entry:
    numbers = {"year": None, "words": 1, "passages": 1}
    texts = ("title", "author", "label", "source", "path", "source_sha256", "sha256")
    return Entry(id=identifier, segment=f"s{version}", **numbers, **dict.fromkeys(texts, "x"))


@settings(max_examples=50)
@given(asked=st.lists(st.tuples(st.sampled_from("abcde"), st.integers(0, 2)), max_size=40))
def test_it_is_made_anew_for_another_version_or_when_others_came_between(asked: list[tuple[str, int]]) -> None:
    made: list[tuple[str, int]] = []
    latest = Latest(MOST, lambda one: made.append((one.id, int(one.segment[1:]))) or one)
    kept: OrderedDict[str, int] = OrderedDict()  # the same in plain Python, the one used last at the end
    expected = []
    for identifier, version in asked:
        if kept.pop(identifier, None) != version:
            expected.append((identifier, version))
        kept[identifier] = version
        while len(kept) > MOST:
            kept.popitem(last=False)
        assert latest(entry(identifier, version)) == entry(identifier, version)
    assert made == expected


def test_what_could_not_be_made_is_tried_again() -> None:
    told = iter([ValueError("not yet"), "made"])

    def make(one: Entry) -> str:
        said = next(told)
        if isinstance(said, Exception):
            raise said
        return said

    latest = Latest(MOST, make)
    with pytest.raises(ValueError, match="not yet"):
        latest(entry("a"))
    assert latest(entry("a")) == "made"


def test_a_text_that_was_replaced_is_let_go(tmp_path: Path, word_encoder: Callable[[str], Encoder]) -> None:
    session = Session.open(tmp_path / "library", create=True, reader="none", load_encoder=word_encoder)
    (tmp_path / "one.txt").write_text("One\n\nThe barge came to the lock at noon.\n")
    session.add(tmp_path / "one.txt", Details(id="one"))
    places = []
    for version in range(4):
        text = f"Other\n\nThe barge of day {version} came to the lock at dawn, and the keeper was asleep.\n"
        (tmp_path / "other.txt").write_text(text)
        session.add(tmp_path / "other.txt", Details(id="other"))
        assert session.ask("When did the barge come to the lock?").perspectives
        assert session.terms("barge").usages and session.voices("other") == ()
        session.counterparts("one", 0, 100)
        places.append(weakref.ref(session.document("other")))
    gc.collect()
    assert [place() is None for place in places] == [True, True, True, False]
