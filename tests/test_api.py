"""The HTTP API over a served library: each route, what it refuses, and that its answers are those of the session."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import httpx
import pytest

from qa.session import Session
from ui import batch
from ui.openapi import page
from ui.styles import STYLES

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scripts"))
from api_check import check

QUESTION = "Who lent the money to keep the crews?"
ROUTES = {
    ("post", "/ask"), ("post", "/compare"), ("post", "/find"), ("post", "/terms"), ("post", "/shared"),
    ("post", "/export"), ("post", "/verify"), ("get", "/documents"),
    ("get", "/documents/{document}/passage"), ("get", "/documents/{document}/citation"),
}  # fmt: skip


class Api:
    """Asks the API and reads its JSON."""

    def __init__(self, address: str) -> None:
        self.at = f"{address}api/v1"

    def post(self, route: str, body: object, status: int = 200) -> Any:
        return self._read(httpx.post(f"{self.at}{route}", json=body, timeout=60), status)

    def get(self, route: str, status: int = 200, **query: object) -> Any:
        return self._read(httpx.get(f"{self.at}{route}", params=query, timeout=60), status)  # type: ignore[arg-type]

    def _read(self, answer: httpx.Response, status: int) -> Any:
        assert answer.status_code == status, answer.text
        return answer.json()


@pytest.fixture(scope="module")
def api(address: str) -> Api:
    return Api(address)


@pytest.fixture(scope="module")
def place(library: Session) -> dict[str, Any]:
    """A place that some document answers with."""
    citation = next(side.answer for side in library.ask(QUESTION).perspectives if side.answer).citations[0]
    return {name: getattr(citation, name) for name in ("document", "start", "end", "sha256")}


def told(answer: Any) -> Any:
    """An answer without the time that it took, its numbers as far as two processes agree on them."""
    plain = json.dumps(answer | ({"seconds": 0} if "seconds" in answer else {}))
    return json.loads(plain, parse_float=lambda digits: round(float(digits), 2))


def test_answers_are_the_records_of_the_session(api: Api, library: Session, place: dict[str, Any]) -> None:
    first, second = (source.id for source in library.documents())
    quotation = " ".join(library.document(first).text.split()[20:40])
    follow_up = {"question": "And who paid them?", "history": [QUESTION], "documents": [second], "own": True}
    pairs = [
        (api.post("/ask", {"question": QUESTION}), library.ask(QUESTION)),
        (api.post("/ask", follow_up), library.ask("And who paid them?", [second], [QUESTION], own=True)),
        (api.post("/compare", place), library.beside(place["document"], place["start"], place["end"])),
        (api.post("/find", {"quotation": quotation, "documents": [first]}), library.find(quotation, [first])),
        (api.post("/terms", {"term": "oysters", "first": 1, "count": 2}), library.terms("oysters", None, 1, 2)),
    ]
    for answer, record in pairs:
        assert answer["format"] == "parallax/1"
        assert told(answer) == told(asdict(record))


def test_lists_say_their_format(api: Api, library: Session) -> None:
    assert api.get("/documents") == {"format": "parallax/1", "documents": list(map(asdict, library.documents()))}
    shared = api.post("/shared", {})
    assert shared["format"] == "parallax/1" and shared["shared"]
    assert list(map(told, shared["shared"])) == [told(asdict(each)) for each in library.shared()]


def test_a_passage_is_opened_at_its_place(api: Api, library: Session, place: dict[str, Any]) -> None:
    document = library.document(place["document"])
    opened = api.get(f"/documents/{document.id}/passage", **{k: v for k, v in place.items() if k != "document"})
    assert opened["quote"] == document.text[place["start"] : place["end"]]
    assert any(opened["quote"] in block["text"] for block in opened["blocks"])
    for block in opened["blocks"]:
        assert document.text[block["start"] : block["end"]] == block["text"]


def test_a_citation_comes_in_every_style(api: Api, library: Session, place: dict[str, Any]) -> None:
    cited = api.get(f"/documents/{place['document']}/citation", start=place["start"], end=place["end"])
    citation = library.cite(place["document"], place["start"], place["end"])
    source = next(source for source in library.documents() if source.id == place["document"])
    assert told(cited["citation"]) == told(asdict(citation))
    assert cited["styles"] == {name: style(citation, source) for name, style in STYLES.items()}


@pytest.mark.parametrize("ending", ["html", "md", "json"])
def test_an_export_is_a_file_whose_citations_hold(
    api: Api, library: Session, place: dict[str, Any], ending: str, tmp_path: Path
) -> None:
    turns = [{"question": QUESTION}, {"question": "And who paid them?"}, place, {"quotation": "the oysters"}]
    answer = httpx.post(f"{api.at}/export", json={"ending": ending, "turns": turns}, timeout=60)
    assert answer.headers["content-disposition"] == f'attachment; filename="parallax.{ending}"'
    (tmp_path / f"kept.{ending}").write_text(answer.text, encoding="utf-8")
    result = library.verify(batch.record(tmp_path / f"kept.{ending}"))
    assert result.checked >= 4 and result.problems == ()
    if ending == "json":
        kept = json.loads(answer.text)["turns"]
        assert [turn["kind"] for turn in kept] == ["comparison", "comparison", "comparison", "finding"]
        assert kept[1]["follows"] == [QUESTION]


def test_kept_citations_are_verified(api: Api) -> None:
    kept = api.post("/ask", {"question": QUESTION})
    held = api.post("/verify", kept)
    assert held["checked"] > 0 and held["problems"] == []
    assert api.post("/verify", [1, {}]) == {"format": "parallax/1", "checked": 0, "problems": []}
    answered = next(number for number, side in enumerate(kept["perspectives"]) if side["answer"])
    kept["perspectives"][answered]["answer"]["citations"][0]["quote"] += "!"
    (problem,) = api.post("/verify", {"mine": kept})["problems"]
    assert problem["where"] == f"mine.perspectives[{answered}].answer.citations[0]"


@pytest.mark.parametrize(
    ("route", "body", "status", "words"),
    [
        ("/ask", {"question": " "}, 422, "The question is empty"),
        ("/ask", {"question": ""}, 400, "body.question"),
        ("/ask", {"question": "x" * 1001}, 400, "body.question"),
        ("/ask", {"question": 7}, 400, "body.question"),
        ("/ask", {"question": QUESTION, "own": "yes"}, 400, "body.own"),
        ("/ask", {"question": QUESTION, "histroy": []}, 400, "body.histroy"),
        ("/ask", {"question": QUESTION, "documents": ["nobody"]}, 404, "“nobody”"),
        ("/ask", {"question": QUESTION, "documents": []}, 400, "body.documents"),
        ("/ask", [], 400, "body"),
        ("/find", {"quotation": "?!"}, 422, "has no words"),
        ("/terms", {"term": " "}, 422, "term"),
        ("/terms", {"term": "oyster", "count": 1001}, 400, "body.count"),
        ("/shared", {"documents": ["nobody"]}, 400, "body.documents"),
        ("/compare", {"document": "nobody", "start": 0, "end": 5}, 404, "“nobody”"),
        ("/compare", {"document": "resting-of-the-ground", "start": 5, "end": 5}, 404, "no place from 5 to 5"),
        ("/compare", {"document": "resting-of-the-ground", "start": 0, "end": 5, "sha256": "0" * 64}, 409, "replaced"),
        ("/export", {"turns": []}, 400, "body.turns"),
        ("/export", {"turns": [{"question": "?"}]}, 422, "The question is empty"),
        ("/nothing", {}, 404, "Not Found"),
        ("/documents", {}, 405, "Method Not Allowed"),
    ],
)
def test_what_cannot_be_asked_is_told_in_one_sentence(
    api: Api, route: str, body: object, status: int, words: str
) -> None:
    refusal = api.post(route, body, status)
    assert list(refusal) == ["error"] and words in refusal["error"] and refusal["error"].endswith(".")


def test_a_text_that_was_replaced_is_not_opened(api: Api) -> None:
    opened = api.get("/documents/resting-of-the-ground/passage", 409, start=0, end=5, sha256="0" * 64)
    assert "replaced since it was quoted" in opened["error"]
    assert api.get("/documents/nobody/citation", 404, start=0, end=5)["error"].startswith("There is no document")
    for name in ("%0A", "a%0Ab", "%00", "..%5C"):  # which the door does not let in
        assert httpx.get(f"{api.at}/documents/{name}/citation", params={"start": 0, "end": 5}).status_code == 404


@pytest.mark.parametrize(
    "body", [b"{", b"[" * 100_000, b"1" * 5000, b'"\\ud800"', b'{"\\udc00": 1}', b"\xff", b""], ids=range(7)
)
def test_what_is_no_json_is_told_and_breaks_nothing(api: Api, body: bytes) -> None:
    answer = httpx.post(f"{api.at}/verify", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 400 and list(answer.json()) == ["error"]


@pytest.mark.parametrize(
    "named", [{}, {"content-type": "application/x-www-form-urlencoded"}, {"content-type": "text/plain"}]
)
def test_json_that_is_not_sent_as_json_is_told_how_to_be(api: Api, named: dict[str, str]) -> None:
    answer = httpx.post(f"{api.at}/ask", content=b'{"question": "Who?", "own": 7}', headers=named)
    assert answer.status_code == 400
    assert answer.json()["error"].endswith("; send JSON, and with it the header Content-Type: application/json.")


def test_the_openapi_document_names_every_route_and_the_limits(api: Api) -> None:
    document = api.get("/openapi.json")
    routes = {(method, path) for path, methods in document["paths"].items() for method in methods}
    assert routes == ROUTES
    assert document["components"]["schemas"]["Ask"]["properties"]["question"]["maxLength"] == 1000
    answer = document["paths"]["/ask"]["post"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert answer == {"$ref": "#/components/schemas/Comparison"}
    assert "format" in document["components"]["schemas"]["Comparison"]["required"]
    assert document["components"]["schemas"]["Ask"]["required"] == ["question"]


def test_people_can_read_it_without_loading_anything(api: Api) -> None:
    style = '<link rel="stylesheet" href="style.css">'
    html = httpx.get(f"{api.at}/").text.replace(style, "")
    assert httpx.get(f"{api.at}/style.css").headers["content-type"].startswith("text/css")
    assert all(f"/api/v1{path}</code>" in html for _, path in ROUTES)
    for loading in ("<script", "<link", "@import", "url(", " src=", "http://", "https://"):
        assert loading not in html
    document = api.get("/openapi.json")
    hostile = "<script>&"
    document["info"]["description"] = document["paths"]["/ask"]["post"]["summary"] = hostile
    document["components"]["schemas"]["Ask"]["properties"][hostile] = {"description": hostile, "type": hostile}
    assert hostile not in page(document, hostile) and "&lt;script&gt;&amp;" in page(document, "")


def test_what_schemathesis_thinks_of_brings_no_error(address: str) -> None:
    assert check(address, cases=4) == 0
