"""The page's endpoints as a program calls them, what it keeps closed, and the address it is served at."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from conftest import serve
from gradio_client import Client
from gradio_client.exceptions import AppError

from index.types import ParallaxError
from qa.session import Session
from ui import web
from ui.door.access import Access

QUESTION = "Who lent the money to keep the crews?"


@pytest.fixture(scope="module")
def client(address: str) -> Iterator[Client]:
    client = Client(address, verbose=False)
    yield client
    client.close()


def test_ask_gives_a_comparison_as_json(client: Client, library: Session) -> None:
    record = client.predict(question=QUESTION, history=[], api_name="/ask")
    assert record["question"] == QUESTION
    documents = [perspective["source"]["id"] for perspective in record["perspectives"]]
    assert documents == [source.id for source in library.documents()]
    citations = [c for p in record["perspectives"] if p["answer"] for c in p["answer"]["citations"]]
    for citation in citations:
        text = library.document(citation["document"]).text
        assert text[citation["start"] : citation["end"]] == citation["quote"]


def test_ask_takes_the_earlier_questions_of_a_chat(client: Client) -> None:
    record = client.predict(question="And who paid them?", history=[QUESTION], api_name="/ask")
    assert record["follows"] == [QUESTION]


def test_ask_refuses_in_one_sentence(client: Client) -> None:
    with pytest.raises(AppError, match=r"^[A-Z].*\.$"):
        client.predict(question=" ", api_name="/ask")


def test_find_gives_the_places_of_a_quotation(client: Client, library: Session) -> None:
    document = library.document(library.documents()[0].id)
    words = " ".join(document.text.split()[20:40])
    record = client.predict(quotation=words, api_name="/find")
    (place,) = record["occurrences"]
    assert (place["kind"], document.text[place["start"] : place["end"]]) == ("exact", place["quote"])
    with pytest.raises(AppError, match="has no words"):
        client.predict(quotation="?!", api_name="/find")


def test_open_gives_the_blocks_around_a_place(client: Client, library: Session) -> None:
    document = library.document(library.documents()[0].id)
    record = client.predict(document=document.id, start=0, end=10, api_name="/open")
    assert record["quote"] == document.text[:10]
    assert record["blocks"][0]["text"] in document.text


def test_open_refuses_an_unknown_document(client: Client) -> None:
    with pytest.raises(AppError, match="nobody"):
        client.predict(document="nobody", start=0, end=10, api_name="/open")


def test_open_refuses_a_text_that_was_replaced(client: Client, library: Session) -> None:
    place = {"document": library.documents()[0].id, "start": 0, "end": 10}
    record = client.predict(**place, sha256=library.documents()[0].sha256, api_name="/open")
    assert record["sha256"] == library.documents()[0].sha256
    with pytest.raises(AppError, match=r"replaced since it was quoted; ask again\.$"):
        client.predict(**place, sha256="0" * 64, api_name="/open")


def test_documents_lists_the_library(client: Client, library: Session) -> None:
    listed = client.predict(api_name="/documents")
    assert [record["label"] for record in listed] == [source.label for source in library.documents()]


def test_programs_see_these_endpoints_and_none_of_the_page(client: Client) -> None:
    named = {"/ask", "/find", "/terms", "/shared", "/open", "/documents"}
    assert set(client.view_api(return_format="dict")["named_endpoints"]) == named


def test_terms_and_shared_give_records(client: Client, library: Session) -> None:
    record = client.predict(term="oysters", first=1, count=2, api_name="/terms")
    assert [usage["source"]["id"] for usage in record["usages"]] == [source.id for source in library.documents()]
    assert all(len(usage["lines"]) == 2 for usage in record["usages"])
    assert client.predict(api_name="/shared") == []
    with pytest.raises(AppError, match="term"):
        client.predict(term=" ", api_name="/terms")


def test_the_page_itself_names_no_other_host_to_load_from(address: str) -> None:
    page = httpx.get(address).text
    for tag in ('<script src="http', '<link rel="stylesheet" href="http', "@import", "fonts.googleapis"):
        assert tag not in page


def test_a_port_in_use_is_told_in_one_sentence(library: Session) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ParallaxError) as told:
            web.serve(library, "127.0.0.1", port)
    assert str(told.value) == f"Port {port} is in use on 127.0.0.1; choose another with --port."


@pytest.mark.parametrize(
    ("host", "port", "way"),
    [("127.0.0.1", 0, "--port"), ("127.0.0.1", 70_000, "--port"), ("192.0.2.1", 7860, "--host")],
)
def test_an_address_that_cannot_be_had_is_told_with_what_to_change(
    library: Session, host: str, port: int, way: str
) -> None:
    with pytest.raises(ParallaxError, match=f"choose .* with {way}"):
        web.serve(library, host, port, Access(public=True))


WORKING = """
import threading

def work():
    while True:
        session.ask("Who lent the money to keep the crews?")

threading.Thread(target=work, daemon=True).start()
"""


def test_a_server_that_is_ended_while_a_model_works_ends_quietly(
    library: Session, samples: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for _ in serve(samples, WORKING):  # which interrupts it and checks its exit code
        pass
    assert capfd.readouterr().err == ""


EVENTS = """
import sys
from qa.session import Session
from ui.page import build

for editable in (True, False):
    print(*sorted(event.api_name for event in build(Session.open(sys.argv[1]), editable).fns.values()))
"""


def test_what_changes_the_library_is_offered_only_where_no_stranger_comes(library: Session, samples: Path) -> None:
    # In a process of its own, since a page leaves its loops behind.
    command = [sys.executable, "-c", EVENTS, str(samples)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    everything, closed = (set(line.split()) for line in told.splitlines())
    changing = {"add", "describe", "remove", "stop_adding"}
    assert changing <= everything and not changing & closed
    assert "show_library" in closed
