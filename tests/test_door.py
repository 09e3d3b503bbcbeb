"""Who comes in, and what is kept out: the parts by themselves, then path and request attacks on a server."""

import base64
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher
from hypothesis import given, settings
from hypothesis import strategies as st

from index.embed import Encoder
from index.types import ParallaxError
from qa.session import Session
from ui.cli import main
from ui.door import body, headers, sessions, throttle
from ui.door.access import Access, Hosts, check_start, is_ours
from ui.door.accounts import Account, Accounts, AccountsError
from ui.door.inventory import ROUTES, Need, find
from ui.door.refused import Refused
from ui.door.sessions import Sessions
from ui.door.throttle import Throttle, network

ROOT = Path(__file__).resolve().parents[1]
PASSWORD = "seven barges at dawn"
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class TestAccounts:
    def test_a_user_is_known_by_the_password_and_nothing_else(self, tmp_path: Path) -> None:
        accounts = Accounts(tmp_path / "users.json", CHEAP)
        accounts.add("ann", PASSWORD, editor=True)
        again = Accounts(tmp_path / "users.json", CHEAP)
        assert again.verified("ann", PASSWORD) == again.all()["ann"]
        assert again.all()["ann"].editor
        assert again.verified("ann", PASSWORD + " ") is None
        assert again.verified("bob", PASSWORD) is None
        assert again.verified("ann", "") is None

    def test_the_file_is_the_owners_alone_and_holds_no_password(self, tmp_path: Path) -> None:
        accounts = Accounts(tmp_path / "new" / "users.json", CHEAP)
        accounts.add("ann", PASSWORD, editor=False)
        assert accounts.file.stat().st_mode & 0o777 == 0o600
        assert PASSWORD not in accounts.file.read_text()
        assert "$argon2id$" in accounts.file.read_text()

    def test_a_file_that_others_may_read_is_refused(self, tmp_path: Path) -> None:
        Accounts(tmp_path / "users.json", CHEAP).add("ann", PASSWORD, editor=False)
        (tmp_path / "users.json").chmod(0o644)
        with pytest.raises(AccountsError, match="chmod 600"):
            Accounts(tmp_path / "users.json", CHEAP).all()

    def test_a_change_is_seen_by_who_has_the_file_open(self, tmp_path: Path) -> None:
        served, told = (Accounts(tmp_path / "users.json", CHEAP) for _ in range(2))
        told.add("ann", PASSWORD, editor=False)
        assert "ann" in served.all()
        told.remove("ann")
        assert served.all() == {}
        with pytest.raises(AccountsError, match="no user “ann”"):
            told.remove("ann")

    @pytest.mark.parametrize(
        ("name", "password"), [("", PASSWORD), ("a b", PASSWORD), ("ann", "short"), ("../x", PASSWORD)]
    )
    def test_an_unfit_name_or_password_is_refused(self, tmp_path: Path, name: str, password: str) -> None:
        with pytest.raises(AccountsError, match=r"^A .*\.$|^A .*another"):
            Accounts(tmp_path / "users.json", CHEAP).add(name, password, editor=False)
        assert not (tmp_path / "users.json").exists()

    def test_a_file_that_holds_something_else_is_told(self, tmp_path: Path) -> None:
        (tmp_path / "users.json").write_text("[]")
        (tmp_path / "users.json").chmod(0o600)
        with pytest.raises(AccountsError, match="holds no users"):
            Accounts(tmp_path / "users.json", CHEAP).all()


class TestSessions:
    ANN = Account("ann", "hash", editor=False)

    def test_an_id_opens_its_session_until_it_is_ended(self) -> None:
        kept = Sessions(Clock())
        first, second = kept.begin(self.ANN), kept.begin(self.ANN)
        assert first != second and kept.account(first) == self.ANN
        kept.end(first)
        assert kept.account(first) is None and kept.account(second) == self.ANN
        assert kept.account("") is None and kept.account(second[:-1]) is None

    def test_a_session_ends_when_it_is_idle_and_in_any_case(self) -> None:
        clock = Clock()
        kept = Sessions(clock)
        idle, used = kept.begin(self.ANN), kept.begin(self.ANN)
        while clock.now <= sessions.LONGEST:
            assert kept.account(used) == self.ANN
            clock.now += sessions.IDLE
        assert kept.account(used) is None
        assert kept.account(idle) is None

    def test_the_ids_themselves_are_not_kept_and_sessions_are_bounded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sessions, "MOST", 3)
        kept = Sessions(Clock())
        given_out = [kept.begin(self.ANN) for _ in range(5)]
        assert [kept.account(one) is not None for one in given_out] == [False, False, True, True, True]
        assert not any(one.encode() in repr(kept._open).encode() for one in given_out)


class TestThrottle:
    def test_each_failure_beyond_the_free_ones_doubles_the_wait_to_a_bound(self) -> None:
        clock = Clock()
        slow = Throttle(3, clock)
        waits = []
        for _ in range(30):
            slow.failed("ann")
            waits.append(slow.wait("ann"))
        assert waits[:5] == [0.0, 0.0, 1.0, 2.0, 4.0]
        assert waits[-1] == throttle.LONGEST
        assert slow.wait("bob") == 0.0
        clock.now += throttle.LONGEST
        assert slow.wait("ann") == 0.0
        slow.failed("ann")
        assert slow.wait("ann") == throttle.LONGEST
        clock.now += 2 * throttle.LONGEST + 1
        slow.failed("ann")
        assert slow.wait("ann") == 0.0

    def test_memory_is_bounded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(throttle, "MOST", 5)
        slow = Throttle(1, Clock())
        for number in range(50):
            slow.failed(str(number))
        assert len(slow._failures) == 5

    def test_one_customer_of_a_network_counts_as_one(self) -> None:
        assert network("2001:db8::1") == network("2001:db8::ffff:1") != network("2001:db8:1::1")
        assert network("192.0.2.1") != network("192.0.2.2")
        assert network("no address") == "unknown"


class TestAccess:
    ACCOUNTS = Accounts(Path("users.json"), CHEAP)

    @pytest.mark.parametrize(
        ("host", "access"),
        [("192.0.2.1", Access()), ("127.0.0.1", Access(names=("lab.example",))), ("::1", Access(proxy="127.0.0.1"))],
    )
    def test_a_server_that_strangers_reach_needs_users_or_public(self, host: str, access: Access) -> None:
        with pytest.raises(ParallaxError, match=r"user add NAME.*--public"):
            check_start(access, host)

    def test_every_address_at_once_needs_a_name(self) -> None:
        with pytest.raises(ParallaxError, match="--allow-host"):
            check_start(Access(self.ACCOUNTS), "0.0.0.0")

    @pytest.mark.parametrize(
        ("host", "access"),
        [("127.0.0.1", Access()), ("::1", Access()), ("localhost", Access()), ("192.0.2.1", Access(ACCOUNTS)),
         ("192.0.2.1", Access(public=True)), ("0.0.0.0", Access(ACCOUNTS, names=("lab.example",)))],
    )  # fmt: skip
    def test_what_is_safe_starts(self, host: str, access: Access) -> None:
        check_start(access, host)

    def test_only_our_own_names_are_ours(self) -> None:
        hosts = Hosts.of(Access(names=("Lab.example",)), "127.0.0.1", 7860)
        for ours in ("localhost:7860", "127.0.0.1:7860", "[::1]:7860", "lab.example", "LAB.example:443"):
            assert hosts.allow(ours), ours
        for foreign in ("localhost", "localhost:80", "127.0.0.1:7861", "evil.example:7860", "", "lab.example.evil",
                        "lab.example@evil", "localhost:7860/", "127.0.0.1:7860:7860", "[::1"):  # fmt: skip
            assert not hosts.allow(foreign), foreign

    @pytest.mark.parametrize(
        ("sent", "method", "ours"),
        [
            ({}, "POST", True),
            ({"origin": "http://lab:7860"}, "POST", True),
            ({"origin": "http://evil"}, "POST", False),
            ({"origin": "null"}, "POST", False),
            ({"origin": "http://lab]:7860"}, "POST", False),
            ({"origin": "http://evil"}, "GET", False),
            ({"sec-fetch-site": "same-origin", "origin": "http://lab:7860"}, "POST", True),
            ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}, "GET", True),
            ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}, "POST", False),
            ({"sec-fetch-site": "same-site"}, "POST", False),
            ({"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}, "GET", False),
        ],
    )
    def test_a_request_from_another_site_is_told(self, sent: dict[str, str], method: str, ours: bool) -> None:
        assert is_ours({"host": "lab:7860", **sent}, method) is ours


def file_data(path: object) -> dict[str, Any]:
    return {"path": path, "meta": {"_type": "gradio.FileData"}}


class TestEvents:
    def test_a_file_that_was_uploaded_is_let_through_as_it_was_read(self, tmp_path: Path) -> None:
        sent = {"data": [[file_data(str(tmp_path / "a" / "b.txt"))]], "fn_index": 3}
        assert json.loads(body.event(json.dumps(sent).encode(), tmp_path)) == sent

    @pytest.mark.parametrize(
        "path", ["/etc/passwd", "http://evil.example/x", "a.txt", "UP/../../etc/passwd", None, 3, "UP-other/x"]
    )
    def test_any_other_file_is_refused_wherever_it_stands(self, tmp_path: Path, path: object) -> None:
        named = path.replace("UP", str(tmp_path)) if isinstance(path, str) else path
        for place in ([file_data(named)], [{"a": [{"b": file_data(named)}]}], file_data(file_data(named))):
            with pytest.raises(Refused):
                body.event(json.dumps({"data": place}).encode(), tmp_path)

    def test_a_reader_names_no_file_at_all(self, tmp_path: Path) -> None:
        with pytest.raises(Refused):
            body.event(json.dumps({"data": [file_data(str(tmp_path / "a.txt"))]}).encode(), None)

    @pytest.mark.parametrize("sent", [b"", b"{", b"[" * 100_000, b"\xff\xfe"])
    def test_what_is_no_event_is_refused(self, sent: bytes) -> None:
        with pytest.raises(Refused):
            body.event(sent, None)


class TestHeaders:
    def test_scripts_inside_the_page_are_named_by_hash_and_others_do_not_run(self) -> None:
        policy = headers.page_policy(
            b'<script>a()</script><script src="x.js"></script><script type="module">b()</script>'
        )
        assert policy.count("'sha256-") == 2
        (scripts,) = re.findall("script-src ([^;]*)", policy)
        assert "unsafe-inline" not in scripts

    def test_ours_take_the_place_of_others(self) -> None:
        told = headers.with_ours([(b"Cache-Control", b"public"), (b"x", b"y")], headers.PLAIN, public=False)
        assert [value for name, value in told if name.lower() == b"cache-control"] == [b"no-store"]
        assert (b"x", b"y") in told


@settings(max_examples=30)
@given(st.text(max_size=40))
def test_no_path_that_leads_up_is_a_route(path: str) -> None:
    for prefix in ("/assets/", "/static/", "/api/v1/", "/"):
        for way in (f"{prefix}../{path}", f"{prefix}{path}/..", f"{prefix}..\\{path}", f"{prefix}a\0{path}"):
            assert find("GET", way) is None


def test_security_names_every_route_and_who_needs_to_be_what() -> None:
    table = (ROOT / "SECURITY.md").read_text("utf-8")
    rows = set(re.findall(r"^\| `([^`]+)` \| ([A-Z, ]+) \| (\w+) \|", table, re.MULTILINE))
    who = {Need.NOTHING: "everybody", Need.READER: "readers", Need.EDITOR: "editors"}
    assert rows == {(r.path, ", ".join(m for m in r.methods if m != "HEAD"), who[r.needs]) for r in ROUTES}


SERVE = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[4])
from argon2 import PasswordHasher
from conftest import WordEncoder
from qa.session import Session
from ui import log
from ui.door.access import Access
from ui.door.accounts import Accounts
from ui.web import launch

log.begin("json", False)
session = Session.open(sys.argv[1], load_encoder=WordEncoder, reader="none")
session.warm()
accounts = Accounts(Path(sys.argv[3]), PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
exec(sys.argv[5])
launch(session, "127.0.0.1", int(sys.argv[2]), lambda address: print(address, flush=True), Access(accounts))
"""
TEXT = "The keeper rowed to the mill at dawn.\n\nThe river rose all night, and nobody slept in the house by the weir.\n"


@contextmanager
def served(folder: Path, first: str = "") -> Iterator[tuple["subprocess.Popen[str]", str]]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    command = [
        sys.executable,
        "-c",
        SERVE,
        folder / "library",
        port,
        folder / "users.json",
        Path(__file__).parent,
        first,
    ]
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen(command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log) as server,
    ):
        assert server.stdout is not None
        try:
            yield server, server.stdout.readline().strip()
        finally:
            server.send_signal(signal.SIGTERM)
            try:
                assert server.wait(timeout=60) == 0
            finally:
                server.kill()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, word_encoder: Callable[[str], Encoder]) -> Path:
    """A folder with a library of one document, and the users ed, an editor, and rea, a reader."""
    folder = tmp_path_factory.mktemp("door")
    (folder / "keeper.txt").write_text(TEXT)
    Session.open(folder / "library", create=True, load_encoder=word_encoder).add(folder / "keeper.txt")
    accounts = Accounts(folder / "users.json", CHEAP)
    accounts.add("ed", PASSWORD, editor=True)
    accounts.add("rea", PASSWORD, editor=False)
    return folder


@pytest.fixture(scope="module")
def address(place: Path) -> Iterator[str]:
    with served(place) as (_, address):
        yield address


@contextmanager
def signed_in(address: str, name: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, timeout=60) as client:
        answer = client.post("/sign-in", data={"name": name, "password": PASSWORD})
        assert answer.status_code == 303
        yield client


@pytest.fixture(scope="module")
def editor(address: str) -> Iterator[httpx.Client]:
    with signed_in(address, "ed") as client:
        yield client


@pytest.fixture(scope="module")
def reader(address: str) -> Iterator[httpx.Client]:
    with signed_in(address, "rea") as client:
        yield client


@pytest.fixture(scope="module")
def stranger(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, timeout=60) as client:
        yield client


def tells_nothing(answer: httpx.Response) -> None:
    """No path of this machine, no code, no library's name in an answer that refuses; and every header in place."""
    for trace in (str(ROOT), "site-packages", "Traceback", "gradio", "uvicorn", "/tmp", ".py"):
        assert trace not in answer.text, trace
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert "server" not in answer.headers


def concrete(path: str) -> str:
    return path.replace("**", "x").replace("*", "x")


@pytest.mark.parametrize("route", [route for route in ROUTES if route.needs > Need.NOTHING], ids=lambda r: r.path)
@pytest.mark.parametrize("cookie", ["", "x" * 43], ids=["no session", "a forged session"])
def test_nobody_who_is_not_signed_in_gets_anywhere(
    address: str, stranger: httpx.Client, route: Any, cookie: str
) -> None:
    if route.path == "/metrics":
        return  # which this machine itself may read
    for method in route.methods:
        sent = {"cookie": f"parallax-{httpx.URL(address).port}={cookie}"}
        answer = stranger.request(method, concrete(route.path), headers=sent)
        assert answer.status_code in (303, 401)
        tells_nothing(answer)


@pytest.mark.parametrize("route", [route for route in ROUTES if route.needs == Need.EDITOR], ids=lambda r: r.path)
def test_a_reader_does_nothing_that_is_an_editors(reader: httpx.Client, route: Any) -> None:
    if route.path == "/metrics":
        return
    for method in route.methods:
        answer = reader.request(method, concrete(route.path), json={})
        assert answer.status_code == 403
        tells_nothing(answer)


CLOSED = (
    "/login", "/logout", "/token", "/app_id", "/monitoring", "/monitoring/summary", "/openapi.json", "/docs", "/redoc",
    "/gradio_api/openapi.json", "/gradio_api/deep_link", "/gradio_api/runs", "/gradio_api/queue/status", "/pwa_icon",
    "/manifest.json", "/robots.txt", "/svelte/x.js", "/gradio_api/file=/etc/passwd", "/gradio_api/file/etc/passwd",
    "/file=/etc/passwd", "/file=C:/x", "/gradio_api/file=http://evil.example/", "/gradio_api/proxy=http://evil.example/",
    "/gradio_api/stream/a/b/c/playlist.m3u8", "/gradio_api/custom_component/a/b/c/d", "/gradio_api/dev/reload",
    "/gradio_api/vibe-code", "/gradio_api/call/add/x", "/gradio_api/profiling/traces", "/assets/../config",
    "/assets/..%2f..%2fetc/passwd", "/static/%2e%2e/%2e%2e/etc/passwd", "/static/..\\..\\x", "/assets/%00", "/%2e%2e/",
    "/assets//etc/passwd", "/assets/%252e%252e/%252e%252e/etc/passwd", "/static//etc/passwd",
)  # fmt: skip
CLOSED_POSTS = (
    "/login", "/gradio_api/run/add", "/gradio_api/api/add", "/gradio_api/call/add", "/gradio_api/call/v2/add",
    "/gradio_api/component_server", "/gradio_api/stream/x", "/gradio_api/process_recording", "/gradio_api/reset",
    "/gradio_api/vibe-edit", "/gradio_api/vibe-code", "/pane/../gradio_api/run/add",
)  # fmt: skip


@pytest.mark.parametrize("path", CLOSED)
def test_what_the_page_does_not_need_is_closed_to_an_editor_too(address: str, editor: httpx.Client, path: str) -> None:
    answer = raw(address, "GET", path, editor)
    assert answer.status_code == 404
    assert "root:" not in answer.text
    tells_nothing(answer)


@pytest.mark.parametrize("method", ["TRACE", "DELETE", "PUT", "PATCH", "OPTIONS"])
def test_programs_are_told_by_which_methods_to_ask(address: str, editor: httpx.Client, method: str) -> None:
    answer = raw(address, method, "/api/v1/documents", editor)
    assert answer.status_code == 405 and "GET" in answer.headers["allow"]
    tells_nothing(answer)


@pytest.mark.parametrize("path", CLOSED_POSTS)
def test_what_programs_do_not_need_is_closed_to_an_editor_too(address: str, editor: httpx.Client, path: str) -> None:
    answer = raw(address, "POST", path, editor)
    assert answer.status_code == 404
    tells_nothing(answer)


def raw(address: str, method: str, path: str, client: httpx.Client) -> httpx.Response:
    """A request whose path is sent as it is, which httpx would tidy."""
    url = httpx.URL(address)
    connection = http.client.HTTPConnection(url.host, url.port, timeout=60)
    cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    connection.request(method, path, headers={"Cookie": cookie})
    answer = connection.getresponse()
    read = httpx.Response(answer.status, headers=answer.getheaders(), content=answer.read())
    connection.close()
    return read


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"host": "evil.example"}, 421),
        ({"host": "127.0.0.1:1"}, 421),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
    ],
)
def test_another_name_or_site_is_refused_whoever_asks(editor: httpx.Client, sent: dict[str, str], status: int) -> None:
    for method, path in (
        ("POST", "/pane"),
        ("POST", "/sign-out"),
        ("POST", "/gradio_api/queue/join"),
        ("GET", "/config"),
    ):
        answer = editor.request(method, path, headers=sent)
        assert answer.status_code == status
        tells_nothing(answer)


@pytest.mark.parametrize(
    ("path", "size"), [("/pane", 65_537), ("/sign-in", 8_193), ("/gradio_api/queue/join", 1_048_577)]
)
@pytest.mark.parametrize("told", [True, False], ids=["length told", "in parts"])
def test_a_body_too_large_is_refused(editor: httpx.Client, path: str, size: int, told: bool) -> None:
    content: Any = b"x" * size if told else (part for part in [b"x" * (size - 1), b"x"])
    answer = editor.post(path, content=content)
    assert answer.status_code == 413
    tells_nothing(answer)


@pytest.mark.parametrize(
    "sent", [b"", b"{", b'{"document": "../../etc/passwd", "start": 0, "end": 1}', b"[]", b'{"document": 3}']
)
def test_a_pane_asked_for_in_a_wrong_way_tells_nothing(reader: httpx.Client, sent: bytes) -> None:
    answer = reader.post("/pane", content=sent, headers={"content-type": "application/json"})
    assert answer.status_code in (200, 422)
    tells_nothing(answer)


@pytest.mark.parametrize(
    ("path", "kind", "sent"),
    [
        ("/pane", "text/plain", b"\xff barges"),
        ("/gradio_api/queue/join", "application/json", b'"\\ud800 barges"'),
        ("/gradio_api/queue/join", "application/json", b'{"barges": NaN}'),
    ],
)
def test_what_is_no_text_is_refused_and_not_repeated(reader: httpx.Client, path: str, kind: str, sent: bytes) -> None:
    answer = reader.post(path, content=sent, headers={"content-type": kind})
    assert answer.status_code == 422 and "barges" not in answer.text


def happened(client: httpx.Client, name: str, events: dict[str, int], data: dict[str, Any]) -> httpx.Response:
    """One of the page's events, waited for."""
    sent = {"fn_index": events[name], "session_hash": "abc", "data": [], **data}
    joined = client.post("/gradio_api/queue/join", json=sent)
    if joined.status_code == 200:
        with client.stream("GET", "/gradio_api/queue/data", params={"session_hash": "abc"}) as stream:
            for line in stream.iter_lines():
                if "process_completed" in line:
                    break
    return joined


def events_of(client: httpx.Client) -> dict[str, int]:
    return {event["api_name"]: event["id"] for event in client.get("/config").json()["dependencies"]}


def test_a_reader_cannot_call_an_editors_event_and_an_editor_can(
    editor: httpx.Client, reader: httpx.Client, place: Path, word_encoder: Callable[[str], Encoder]
) -> None:
    changing = {"add", "describe", "remove", "stop_adding"}
    everything = events_of(editor)
    assert changing <= set(everything)
    assert not changing & set(events_of(reader))
    session = Session.open(place / "library", load_encoder=word_encoder)
    described = {"event_data": {"id": "keeper", "title": "Changed", "author": "", "label": "Changed", "year": ""}}
    happened(reader, "describe", everything, described)
    assert session.documents()[0].title != "Changed"
    happened(editor, "describe", everything, described)
    assert session.documents()[0].title == "Changed"


def test_an_event_reads_no_file_of_the_machine_and_fetches_none(editor: httpx.Client, reader: httpx.Client) -> None:
    everything = events_of(editor)
    for client, name in ((editor, "add"), (editor, "find_in_page"), (reader, "find_in_page")):
        for path in ("/etc/passwd", "http://127.0.0.1:9/x", str(ROOT / "README.md")):
            answer = happened(client, name, everything, {"data": [[file_data(path)]]})
            assert answer.status_code == 403
            tells_nothing(answer)


@pytest.mark.parametrize("name", ["../../escaped.txt", "/etc/escaped.txt", "..\\escaped.txt", "a/../../escaped.txt"])
def test_an_upload_stays_in_its_folder(editor: httpx.Client, name: str) -> None:
    (path,) = editor.post("/gradio_api/upload", files={"files": (name, b"words")}).json()
    folder = Path(path).parents[1]
    assert folder.name.startswith("parallax-") and folder.stat().st_mode & 0o077 == 0
    assert Path(path).resolve() == Path(path)


def test_a_wrong_password_and_a_wrong_name_are_told_alike_and_throttled(stranger: httpx.Client) -> None:
    told = [stranger.post("/sign-in", data={"name": name, "password": "wrong"}) for name in ("rea", "nobody")]
    assert {answer.status_code for answer in told} == {403}
    assert told[0].text.replace("rea", "") == told[1].text.replace("nobody", "").replace("rea", "")
    statuses = [stranger.post("/sign-in", data={"name": "zoe", "password": "wrong"}).status_code for _ in range(7)]
    assert statuses == [403] * 5 + [429] * 2
    tells_nothing(told[0])


def test_a_program_signs_each_request(stranger: httpx.Client) -> None:
    for name, password, status in (("rea", PASSWORD, 404), ("rea", "wrong", 401), ("nobody", PASSWORD, 401)):
        basic = base64.b64encode(f"{name}:{password}".encode()).decode()
        answer = stranger.get("/api/v1/nothing", headers={"authorization": f"Basic {basic}"})
        assert answer.status_code == status
    assert stranger.get("/api/v1/nothing").headers["www-authenticate"].startswith("Basic")
    assert stranger.get("/api/v1/nothing", headers={"authorization": "Basic %%"}).status_code == 401
    # Nor may a form's cross-site POST ride on a browser's memory of a password: the page's routes know cookies alone.
    basic = base64.b64encode(f"ed:{PASSWORD}".encode()).decode()
    assert stranger.post("/pane", headers={"authorization": f"Basic {basic}"}, json={}).status_code == 401


def test_signing_out_ends_the_session_and_so_does_another_password(address: str, place: Path) -> None:
    with signed_in(address, "rea") as client:
        assert client.get("/config").status_code == 200
        kept = dict(client.cookies)
        gone = client.post("/sign-out")
        assert gone.status_code == 303 and "storage" in gone.headers["clear-site-data"]
        assert client.get("/config").status_code == 401
        assert httpx.get(f"{address}config", cookies=kept).status_code == 401
    accounts = Accounts(place / "users.json", CHEAP)
    accounts.add("tmp", PASSWORD, editor=False)
    with signed_in(address, "tmp") as client:
        accounts.add("tmp", PASSWORD + "!", editor=False)
        assert client.get("/config").status_code == 401


def test_the_cookie_is_strict(address: str) -> None:
    answer = httpx.post(f"{address}sign-in", data={"name": "ed", "password": PASSWORD})
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Path=/" in cookie
    assert PASSWORD not in cookie


def test_health_and_figures_are_told_to_this_machine(stranger: httpx.Client, editor: httpx.Client) -> None:
    assert stranger.get("/healthz").text == "alive\n"
    assert stranger.get("/readyz").text == "ready\n"
    happened(editor, "ask_in_chat", events_of(editor), {"data": ["Who rowed to the mill?", None, False, None]})
    figures = stranger.get("/metrics").text
    (questions,) = re.findall(r"^parallax_questions_total ([0-9.]+)", figures, re.MULTILINE)
    assert float(questions) >= 1
    perspectives = re.findall(r'^parallax_perspectives_total\{outcome="\w+"\} ([0-9.]+)', figures, re.MULTILINE)
    assert sum(map(float, perspectives)) == float(questions)  # of the one document
    assert set(re.findall(r'parallax_stage_seconds_count\{stage="(\w+)"\}', figures)) == {"search", "read", "answer"}
    assert "parallax_queue 0.0" in figures


def test_the_log_has_a_line_a_request_and_nothing_that_was_sent(editor: httpx.Client, place: Path) -> None:
    happened(editor, "find_in_page", events_of(editor), {"data": ["the unspeakable question", None]})
    editor.get("/nowhere/secret-path?secret=query")
    lines = [json.loads(line) for line in (place / "log").read_text().splitlines()]
    assert {"time", "level", "message", "method", "route", "status", "ms", "client", "user"} <= set(lines[0])
    assert {line.get("route") for line in lines} - {None} <= {route.path for route in ROUTES} | {"-"}
    for secret in ("unspeakable", "secret", PASSWORD, "keeper"):
        assert secret not in (place / "log").read_text()


WAITS = """
inner = session.document
def document(identifier):
    print("began", flush=True)
    sys.stdin.readline()
    return inner(identifier)
session.document = document
"""


def test_a_server_told_to_end_finishes_what_runs(place: Path) -> None:
    with served(place, WAITS) as (server, address), signed_in(address, "rea") as client:
        assert server.stdin is not None and server.stdout is not None
        url = httpx.URL(address)
        cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        sent = json.dumps({"document": "keeper", "start": 0, "end": 10})
        with closing(http.client.HTTPConnection(url.host, url.port, timeout=60)) as connection:
            connection.request("POST", "/pane", sent, {"Cookie": cookie, "Content-Type": "application/json"})
            assert server.stdout.readline() == "began\n"
            server.send_signal(signal.SIGTERM)
            server.stdin.write("go on\n" * 9)
            server.stdin.flush()
            answer = connection.getresponse()
            assert answer.status == 200 and b"rowed to the mill" in answer.read()


def test_users_are_kept_on_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PARALLAX_USERS", str(tmp_path / "users.json"))
    read, write = os.pipe()
    os.write(write, f"{PASSWORD}\n".encode())
    os.close(write)
    with os.fdopen(read) as piped:
        monkeypatch.setattr(sys, "stdin", piped)
        assert main(["user", "add", "ann", "-", "--editor"]) == 0
    assert main(["user", "list"]) == 0
    assert "ann: an editor\n" in capsys.readouterr().out
    assert Accounts(tmp_path / "users.json").verified("ann", PASSWORD) is not None
    assert main(["user", "remove", "ann"]) == 0
    assert main(["user", "list"]) == 0
    assert capsys.readouterr().out.endswith("There are no users.\n")
    assert main(["user", "remove", "ann"]) == 1
    assert "no user" in capsys.readouterr().err


def test_serving_beyond_this_machine_is_refused_without_users(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PARALLAX_USERS", str(tmp_path / "users.json"))
    assert main(["--library", str(tmp_path), "serve", "--host", "192.0.2.1"]) == 1
    assert re.fullmatch(r"parallax: [^\n]+\.\n", capsys.readouterr().err)
