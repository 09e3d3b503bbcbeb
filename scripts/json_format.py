"""Write down the JSON that programs get: docs/json.md field by field, and the JSON Schema of this version.

    python scripts/json_format.py

Both are made from the records themselves, and a test fails while they differ. A version that has been released stays as
it is: other records are another version (`FORMAT` in qa/types.py), which gets a schema of its own beside the old one.
"""

import argparse
import ast
import inspect
import json
import re
import textwrap
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from enum import StrEnum
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter

from qa.concordance import Concordance
from qa.types import FORMAT, Comparison, Finding, Verification
from ui.records import BatchLine, Cited, Documents, Opened, Sharing

DOCS = Path(__file__).resolve().parent.parent / "docs"
PAGE = DOCS / "json.md"
SCHEMA = DOCS / f"{FORMAT.replace('/', '-')}.schema.json"
MARK = "<!-- below this line scripts/json_format.py writes -->\n"
TOLD = (Comparison, BatchLine, Finding, Concordance, Sharing, Documents, Opened, Cited, Verification)
"""What stands at the top of a JSON text."""
NAMES = {str: "text", int: "integer", float: "number", bool: "true or false", NoneType: "null", Any: "any JSON"}


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    said, _, _ = PAGE.read_text(encoding="utf-8").partition(MARK)
    PAGE.write_text(said + MARK + tables(), encoding="utf-8")
    SCHEMA.write_text(schema(), encoding="utf-8")


def tables() -> str:
    """Every record that can be reached, each with its fields."""
    return "".join(part for record in _reached(TOLD) for part in ("\n", *_section(record)))


def schema() -> str:
    """The JSON Schema. Every field is always there, so that every one is required."""
    wanted = [(record.__name__, "serialization", TypeAdapter(record)) for record in TOLD]
    _, made = TypeAdapter.json_schemas(wanted)  # type: ignore[arg-type]
    for definition in made["$defs"].values():
        if "properties" in definition:
            definition["required"] = list(definition["properties"])
            definition["additionalProperties"] = False
    whole = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": FORMAT,
        "anyOf": [{"$ref": f"#/$defs/{record.__name__}"} for record in TOLD],
        "$defs": made["$defs"],
    }
    return json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _reached(records: tuple[type, ...]) -> list[type]:
    """The records and, after them, those that their fields hold, each once."""
    found = list(records)
    for record in found:
        for kind in get_type_hints(record).values() if is_dataclass(record) else ():
            found += [part for part in _parts(kind) if part not in found]
    return found


def _parts(kind: Any) -> list[type]:  # noqa: ANN401 (any annotation)
    if is_dataclass(kind) or (isinstance(kind, type) and issubclass(kind, StrEnum)):
        return [kind]  # type: ignore[list-item]
    return [part for inner in get_args(kind) for part in _parts(inner)]


def _section(record: type) -> Iterator[str]:
    yield f"## {record.__name__}\n\n{inspect.cleandoc(record.__doc__ or '')}\n\n"
    meanings = dict(_meanings(record))
    if is_dataclass(record):
        yield "| field | is | meaning |\n|---|---|---|\n"
        kinds = get_type_hints(record)
        for field in fields(record):
            yield f"| `{field.name}` | {_said(kinds[field.name])} | {meanings.get(field.name, '')} |\n"
    else:
        yield "| value | meaning |\n|---|---|\n"
        for member in record:  # type: ignore[attr-defined]
            yield f"| `{member.value}` | {meanings.get(member.name, '')} |\n"


def _said(kind: Any) -> str:  # noqa: ANN401
    """A type in words; records are links."""
    arguments = get_args(kind)
    if kind in NAMES:
        return NAMES[kind]
    if get_origin(kind) is Literal:
        return f"“{arguments[0]}”"
    if get_origin(kind) is UnionType or (len(arguments) > 1 and arguments[-1] is NoneType):
        return " or ".join(map(_said, arguments))
    if get_origin(kind) is tuple:
        return f"list of {_said(arguments[0])}" if arguments[-1] is Ellipsis else f"{len(arguments)} integers"
    if get_origin(kind) is dict:
        return f"object, {_said(arguments[1])} by name"
    return f"[{kind.__name__}](#{kind.__name__.lower()})"


def _meanings(record: type) -> Iterator[tuple[str, str]]:
    """What the strings under a class's fields say."""
    (parsed,) = ast.parse(textwrap.dedent(inspect.getsource(record))).body
    assert isinstance(parsed, ast.ClassDef)
    for before, after in zip(parsed.body, parsed.body[1:], strict=False):
        if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
            name = before.target if isinstance(before, ast.AnnAssign) else getattr(before, "targets", [None])[0]
            if isinstance(name, ast.Name):
                yield name.id, re.sub(r"\bNone\b", "`null`", " ".join(str(after.value.value).split()))


if __name__ == "__main__":
    main()
