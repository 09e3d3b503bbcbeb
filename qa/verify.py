"""Checking citations that were kept: the same text, the same range, the same words.

A citation is any JSON object with `document`, `sha256`, `start`, `end` and `quote`, wherever it stands in a record; all
other fields are left alone. Nothing here reads files or opens libraries.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from index.types import Document
from qa.types import Problem, Verification

FIELDS = {"document": str, "sha256": str, "start": int, "end": int, "quote": str}


@dataclass(frozen=True, slots=True)
class Claim:
    """A citation as a record holds it."""

    where: str
    """Its path in the record, such as "perspectives[0].answer.citations[1]"."""
    document: str
    sha256: str
    start: int
    end: int
    quote: str


def verified(record: object, document_of: Callable[[str], Document | None]) -> Verification:
    """Check every citation in a record read from JSON; `document_of` knows a document by its id, None for no such."""
    found = list(claims(record))
    problems = []
    for claim in found:
        if isinstance(claim, Problem):
            problems.append(claim)
        elif (document := document_of(claim.document)) is None:
            problems.append(Problem(claim.where, f"There is no document “{claim.document}” in this library."))
        elif (wrong := problem(claim, document)) is not None:
            problems.append(wrong)
    return Verification(len(found), tuple(problems))


def claims(record: object) -> Iterator[Claim | Problem]:
    """Every citation of a record, in order; a problem for one whose fields are not what they should be."""
    ahead: list[tuple[str, object]] = [("", record)]
    while ahead:
        where, value = ahead.pop()
        if isinstance(value, dict):
            if FIELDS.keys() <= value.keys():
                yield _claim(value, where)
            ahead += [(f"{where}.{name}" if where else str(name), part) for name, part in reversed(value.items())]
        elif isinstance(value, list):
            ahead += [(f"{where}[{number}]", part) for number, part in reversed(list(enumerate(value)))]


def _claim(record: dict[str, object], where: str) -> Claim | Problem:
    for name, kind in FIELDS.items():
        value = record[name]
        if not isinstance(value, kind) or isinstance(value, bool):
            return Problem(where, f"“{name}” is {value!r}, which is no {'number' if kind is int else 'text'}.")
    return Claim(where, **{name: record[name] for name in FIELDS})  # type: ignore[arg-type]


def problem(claim: Claim, document: Document) -> Problem | None:
    """Why a citation does not hold in its document; None where it does."""
    text = document.text
    if claim.sha256 != document.sha256:
        told = f"{document.label} has another text now (SHA-256 {document.sha256[:12]}…, not {claim.sha256[:12]}…)."
    elif not 0 <= claim.start <= claim.end <= len(text):
        told = f"{document.label} has no range from {claim.start} to {claim.end}; it runs from 0 to {len(text):,}."
    elif text[claim.start : claim.end] != claim.quote:
        told = _difference(text[claim.start : claim.end], claim.quote, claim.start)
    else:
        return None
    return Problem(claim.where, told)


def _difference(there: str, quoted: str, start: int) -> str:
    at = next((i for i, (a, b) in enumerate(zip(there, quoted, strict=False)) if a != b), min(len(there), len(quoted)))
    has = f"“{there[at : at + 20]}”" if at < len(there) else "nothing more"
    says = f"“{quoted[at : at + 20]}”" if at < len(quoted) else "nothing more"
    return f"At character {start + at:,} the document has {has} and the quotation {says}."
