"""Kept citations hold, or are told with the place where they do not."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.types import ParallaxError
from qa.session import Session
from qa.verify import Claim, Problem, claims
from ui import batch

HELD = {"document": "weir", "sha256": "0" * 64, "start": 3, "end": 7, "quote": "weir"}


@pytest.fixture(scope="module")
def kept(library: Session) -> Any:
    """What `ask --json` and `find --json` print, together in one record."""
    text = library.document(library.documents()[0].id).text
    asked = [asdict(library.ask(question)) for question in ("Who lent the money to keep the crews?", "Who waited?")]
    return json.loads(json.dumps({"asked": asked, "found": asdict(library.find(text[500:560])), "note": ["mine", 7]}))


def cited(record: object) -> list[dict[str, Any]]:
    """The citations of a record, to be changed in place."""
    if isinstance(record, dict):
        here = [record] if HELD.keys() <= record.keys() else []
        return here + [inner for value in record.values() for inner in cited(value)]
    return [inner for value in record for inner in cited(value)] if isinstance(record, list) else []


def test_what_was_printed_holds_whole(library: Session, kept: Any) -> None:
    result = library.verify(kept)
    assert result.checked == len(cited(kept)) > 5
    assert result.problems == ()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_single_changed_letter_is_told_with_its_place(library: Session, kept: Any, data: st.DataObject) -> None:
    changed = json.loads(json.dumps(kept))
    citation = data.draw(st.sampled_from(cited(changed)))
    at = data.draw(st.integers(0, len(citation["quote"]) - 1))
    citation["quote"] = citation["quote"][:at] + "#" + citation["quote"][at + 1 :]
    (found,) = library.verify(changed).problems
    assert found.sentence.startswith(f"At character {citation['start'] + at:,} the document has “")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"sha256": "f" * 64}, "has another text now"),
        ({"document": "moon"}, "There is no document “moon” in this library."),
        ({"end": 10**9}, "has no range from"),
        ({"start": -1}, "has no range from -1"),
        ({"quote": ""}, "the quotation nothing more."),
        ({"start": "3"}, "“start” is '3', which is no number."),
        ({"quote": None}, "“quote” is None, which is no text."),
        ({"end": True}, "“end” is True, which is no number."),
    ],
)
def test_what_does_not_hold_is_told(library: Session, kept: Any, change: dict[str, object], told: str) -> None:
    citation = cited(kept)[0] | change
    (found,) = library.verify({"a": [{"b": citation}]}).problems
    assert found.where == "a[0].b"
    assert told in found.sentence


def test_citations_are_found_wherever_they_stand_in_order() -> None:
    record = {"x": [HELD, {"y": {**HELD, "quote": 7, "more": HELD}}], "z": "document", "document": "weir"}
    found = list(claims(record))
    assert [claim.where for claim in found] == ["x[0]", "x[1].y", "x[1].y.more"]
    assert [type(claim) for claim in found] == [Claim, Problem, Claim]


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"{", "is not JSON"), (b"\xff", "is not UTF-8"), (b"[" * 100_000, "nested too deeply"), (None, "cannot be read")],
)
def test_a_file_that_is_no_record_is_told(tmp_path: Path, content: bytes | None, told: str) -> None:
    path = tmp_path / "kept.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ParallaxError, match=told):
        batch.record(path)
