"""Questions with known answers as the product reads them: what the fits of `calibrate.py` and other figures rest on.

dev       the development questions about the two documents of the corpus
compare   comparison questions over pairs of Federalist and Anti-Federalist essays
own       200 of the training set's held-out questions: about those same essays, none of which the reader saw
pairs     questions on the pairs of documents of `scripts/questions` that the reader never saw, every answer marked
problems  questions on each half of Russell's Problems of Philosophy, never seen, every answer marked
liberty   the same of Mill's On Liberty: no rule is fitted on it

Reading takes minutes, so that what was read is kept in a folder and used again while reader and code are the same.
"""

import hashlib
import pickle
import random
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from reader_items import HELD_PAIRS, QUESTIONS, OwnQuestions, Record, rows

from index.load import load as load_document
from index.types import Document
from qa import match
from qa.answer import Read, perspective
from qa.rules import FILE, Rule
from qa.session import Session
from qa.types import Citation, Perspective, Source

ROOT = Path(__file__).resolve().parent.parent
BOOKS = {"problems": "the-problems-of-philosophy", "liberty": "on-liberty"}
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Case:
    """A question as one document was read for it."""

    question: str
    """Its id."""
    type: str
    source: Source
    document: Document
    read: Read
    gold: tuple[str, ...]
    """Words of the document that answer by themselves."""
    empty: bool
    """Nothing in the document answers, not even in part."""

    def perspective(self, rule: Rule) -> Perspective:
        return perspective(self.source, self.document, self.read, rule)

    def is_right(self, citation: Citation) -> bool:
        return any(match.answers(citation.quote, gold) for gold in self.gold)

    def first_is_right(self, rule: Rule) -> bool:
        side = self.perspective(rule)
        shown = side.answer.citations if side.answer else side.nearest
        return bool(shown) and self.is_right(shown[0])


def development(shared: Path, reader: str) -> list[Case]:
    session = _session(sorted((shared / "corpus").glob("*.txt")), reader)
    return list(_cases(session, rows(shared / "eval" / "dev.jsonl")))


def essays(shared: Path, reader: str) -> tuple[list[Case], list[Case]]:
    """The cases of `compare` and `own`."""
    compared = [{**row, "evidence": row["documents"], "history": []} for row in rows(shared / "train/compare.jsonl")]
    own = OwnQuestions(shared)
    asked: list[Record] = []
    for number, row in enumerate(own.questions):
        if own.document(row["p"]) in own.compared and row["gold"]:
            sentences = own.passages[row["p"]]["sentences"]
            evidence = {own.document(row["p"]): [{"quote": sentences[i], "grade": 2} for i in row["gold"]]}
            asked.append({**row, "id": f"o{number}", "question": row["q"], "type": row["kind"], "history": [],
                          "evidence": evidence})  # fmt: skip
    asked = random.Random(0).sample(asked, 200)
    files = [shared / "bench/federalist/txt" / f"{name}.txt" for name in sorted(own.compared)]
    session = _session(files, reader)
    return list(_cases(session, compared)), list(_cases(session, asked))


def pairs(reader: str) -> list[Case]:
    cases: list[Case] = []
    for name in HELD_PAIRS:
        files = {side: QUESTIONS / "pairs" / name / f"{side}.md" for side in "ab"}
        texts = {side: load_document(path).text for side, path in files.items()}
        asked: list[Record] = []
        for number, row in enumerate(rows(QUESTIONS / "pairs.jsonl")):
            if row["pair"] == name:
                evidence = {side: quoted(texts[side], row[side], row[f"{side}_also"]) for side in "ab"}
                asked.append({"history": [], **row, "id": f"{name}-{number}", "evidence": evidence})
        cases += _cases(_session(list(files.values()), reader), asked)
    return cases


def halves(name: str, shared: Path, reader: str) -> list[Case]:
    """Questions on a book of which each part is a document."""
    folder = Path(tempfile.mkdtemp())
    text = load_document(shared / "bench/books" / f"{name}.txt").text
    asked: list[Record] = []
    parts: dict[str, str] = {}
    for row in rows(QUESTIONS / "whole.jsonl"):
        if row["document"] == name:
            start, end = row["part"]
            parts[f"{name}-{start}"] = text[start:end]
            asked.append({**row, "evidence": {f"{name}-{start}": quoted(text, row["gold"], row["also"])}})
    for part, words in parts.items():
        (folder / f"{part}.txt").write_text(words, encoding="utf-8")
    return list(_cases(_session(sorted(folder.glob("*.txt")), reader), asked))


def quoted(text: str, gold: Sequence[Span], also: Sequence[Span]) -> list[Record]:
    """Places of a text as the evidence of a question: those that answer by themselves, and those that do in part."""
    return [{"quote": text[a:b], "grade": grade} for spans, grade in ((gold, 2), (also, 1)) for a, b in spans]


def kept(name: str, shared: Path, reader: str, folder: Path) -> list[Case]:
    """The cases of one set, read again only when the reader, a question or the code that retrieves has changed."""
    code = b"".join(
        path.read_bytes()
        for part in ("index", "qa")
        for path in sorted((ROOT / part).rglob("*.py"))
        if path.name not in ("answer.py", "confidence.py")
    )
    code += b"".join(path.read_bytes() for path in sorted(QUESTIONS.glob("*.jsonl")))
    code += (ROOT / "qa" / FILE).read_bytes()  # the rule chooses what is read
    weights = (ROOT / "qa/reader/reader.json").read_bytes() if reader == "parallax" else b""
    key = hashlib.sha256(code + weights + reader.encode()).hexdigest()[:16]
    path = folder / f"{name}-{key}.pickle"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        if name == "dev":
            made = {name: development(shared, reader)}
        elif name in BOOKS:
            made = {name: halves(BOOKS[name], shared, reader)}
        elif name == "pairs":
            made = {name: pairs(reader)}
        else:
            made = dict(zip(("compare", "own"), essays(shared, reader), strict=True))
        for part, cases in made.items():
            (folder / f"{part}-{key}.pickle").write_bytes(pickle.dumps(cases))
    return pickle.loads(path.read_bytes())  # type: ignore[no-any-return]  # our own file


def _session(files: Sequence[Path], reader: str) -> Session:
    session = Session.open(tempfile.mkdtemp(), create=True, reader=reader)
    for path in files:
        session.add(path)
    return session


def _cases(session: Session, asked: Sequence[Record]) -> Iterator[Case]:
    sources = {source.id: source for source in session.documents()}
    for row in asked:
        reads = session.read(row["question"], list(row["evidence"]), row["history"])
        for entry, read in reads.documents:
            spans = row["evidence"][entry.id]
            gold = tuple(span["quote"] for span in spans if span["grade"] == 2)
            yield Case(row["id"], row["type"], sources[entry.id], session.document(entry.id), read, gold, not spans)
