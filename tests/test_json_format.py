"""What programs get is what docs/json.md and its JSON Schema say."""

import json
import sys
from dataclasses import asdict
from pathlib import Path

import jsonschema
import pytest

from qa.session import Session
from qa.types import FORMAT
from ui import batch, places
from ui.records import Documents, Sharing

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scripts"))
import json_format

CHANGED = (
    "The records of the JSON have changed. If this version is released, give FORMAT in qa/types.py another number; "
    "then run scripts/json_format.py."
)
QUESTION = "Who lent the money to keep the crews?"


def test_the_page_and_the_schema_are_those_of_the_records() -> None:
    said, mark, tables = json_format.PAGE.read_text("utf-8").partition(json_format.MARK)
    assert mark and tables == json_format.tables(), CHANGED
    assert json_format.SCHEMA.read_text("utf-8") == json_format.schema(), CHANGED
    assert f'`"format": "{FORMAT}"`' in said and json_format.SCHEMA.name in said


def test_every_field_of_what_a_document_says_is_explained() -> None:
    _, _, tables = json_format.PAGE.read_text("utf-8").partition(json_format.MARK)
    for name in ("Citation", "Perspective", "Answer", "Source", "Occurrence", "Voice", "Likeness", "BlockKind"):
        assert f"## {name}\n" in tables


def test_what_the_session_says_keeps_to_the_schema(library: Session, tmp_path: Path) -> None:
    valid = jsonschema.Draft202012Validator(json.loads(json_format.SCHEMA.read_text("utf-8")))
    (tmp_path / "in").write_text(json.dumps({"id": "a", "question": QUESTION}), encoding="utf-8")
    batch.run(library, tmp_path / "in", tmp_path / "out", lambda done, total: None)
    first = library.documents()[0].id
    records = [
        library.ask(QUESTION), library.ask("At which temperature does tungsten melt?"), library.beside(first, 0, 300),
        library.find("the oysters"), library.terms("oysters"), library.verify([]), Sharing(library.shared()),
        Documents(library.documents()), places.opened(library, first, 0, 9), places.cited(library, first, 0, 9),
    ]  # fmt: skip
    told = [json.loads(json.dumps(asdict(record))) for record in records]
    told.append(json.loads((tmp_path / "out").read_text("utf-8")))
    before = json.loads(json.dumps(told), object_hook=lambda part: {k: part[k] for k in part if k != "format"})
    assert library.verify(before) == library.verify(told) and library.verify(told).checked > 20
    for record in told:
        assert next(iter(record)) == "format" and record["format"] == FORMAT
        valid.validate(record)
        with pytest.raises(jsonschema.ValidationError):
            valid.validate(record | {"another": 1})
