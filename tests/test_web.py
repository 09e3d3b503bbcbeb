"""What the page keeps closed, and the address it is served at."""

import platform
import re
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from conftest import serve

from index.types import ParallaxError
from qa.session import Session
from ui import web
from ui.door.access import Access


def test_the_framework_offers_programs_nothing_of_its_own(address: str) -> None:
    assert httpx.get(f"{address}gradio_api/info").status_code == 404
    events = httpx.get(f"{address}config").json()["dependencies"]
    assert events and all(event["api_visibility"] == "private" for event in events)


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


MANY_THREADS = """
import ctypes, threading
from ui.serving import share_memory
{first}
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
together = threading.Barrier(16)
def take():
    together.wait()
    libc.malloc(1000)
    together.wait()
threads = [threading.Thread(target=take) for _ in range(16)]
for thread in threads: thread.start()
for thread in threads: thread.join()
libc.malloc_stats()
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another malloc")
def test_threads_of_a_server_take_their_memory_from_few_pools() -> None:
    """`malloc_stats` tells of each pool on the standard error."""

    def pools(first: str) -> int:
        ran = subprocess.run(
            [sys.executable, "-c", MANY_THREADS.format(first=first)], capture_output=True, text=True, check=True
        )
        return len(re.findall("^Arena ", ran.stderr, re.MULTILINE))

    assert pools("share_memory()") <= 2 < pools("")
