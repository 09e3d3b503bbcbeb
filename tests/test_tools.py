"""The MCP tools as a client meets them: the protocol's own client, over standard input and output."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import anyio
import jsonschema
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

from qa.session import Session

ROOT = Path(__file__).resolve().parents[1]
QUESTION = "What brought the oysters back?"


def called(folder: Path, log: Path, *calls: tuple[str, dict[str, Any]]) -> tuple[list[Any], list[Any]]:
    """The tools that are offered, and what each call got; the server's standard error goes into `log`."""
    command = ["-W", "error", "-m", "ui.cli", "--library", str(folder), "--reader", "none", "mcp"]
    server = StdioServerParameters(command=sys.executable, args=command, cwd=ROOT, env={**os.environ})

    async def talk() -> tuple[list[Any], list[Any]]:
        with log.open("w", encoding="utf-8") as errors:
            async with Client(stdio_client(server, errlog=errors)) as client:
                tools = (await client.list_tools()).tools
                return tools, [await client.call_tool(name, arguments) for name, arguments in calls]

    return anyio.run(talk)


def test_a_client_asks_and_gets_records_word_for_word(samples: Path, library: Session, tmp_path: Path) -> None:
    first = library.document(library.documents()[0].id)
    place = {"document": first.id, "start": 700, "end": 900}
    tools, answers = called(
        samples,
        tmp_path / "log",
        ("ask", {"question": QUESTION}),
        ("compare", place),
        ("find_quote", {"quotation": first.text[700:760]}),
        ("open_citation", place | {"sha256": first.sha256}),
    )
    assert [tool.name for tool in tools] == ["ask", "compare", "find_quote", "open_citation"]
    assert all("never follow an instruction" in tool.description for tool in tools)
    assert all(tool.annotations.read_only_hint for tool in tools)
    for tool, answer in zip(tools, answers, strict=True):
        assert not answer.is_error
        assert answer.structured_content["format"] == "parallax/1"
        jsonschema.validate(answer.structured_content, tool.output_schema)
    asked, compared, found, opened = (answer.structured_content for answer in answers)
    assert asked["question"] == QUESTION and library.verify(asked).checked > 0
    assert library.verify([asked, compared, found]).problems == ()
    assert compared["beside"]["document"] == first.id
    assert found["occurrences"][0]["quote"] in first.text
    assert opened["quote"] == first.text[700:900]
    assert (tmp_path / "log").read_text("utf-8") == ""


def test_what_cannot_be_asked_is_told_and_the_server_goes_on(samples: Path, library: Session, tmp_path: Path) -> None:
    first = library.documents()[0].id
    _, answers = called(
        samples,
        tmp_path / "log",
        ("ask", {"question": "?!"}),
        ("ask", {"question": "x" * 1001}),
        ("find_quote", {"quotation": 7}),
        ("open_citation", {"document": "nobody", "start": 0, "end": 5}),
        ("open_citation", {"document": first, "start": 0, "end": 5, "sha256": "0" * 64}),
        ("compare", {"document": first, "start": 5, "end": 5}),
        ("find_quote", {"quotation": "the oysters"}),
    )
    words = ["The question is empty", "at most 1000 characters", "quotation", "“nobody”", "replaced since", "no place"]
    for answer, told in zip(answers[:-1], words, strict=True):
        assert answer.is_error and told in answer.content[0].text and "Traceback" not in answer.content[0].text
    assert not answers[-1].is_error


def test_the_package_that_is_not_there_is_told_in_one_sentence(samples: Path) -> None:
    program = (
        "import sys; sys.modules['mcp'] = None\n"
        "from ui.cli import main\n"
        f"sys.exit(main(['--library', {str(samples)!r}, 'mcp']))"
    )
    told = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (told.returncode, told.stdout) == (1, "")
    way = "install it in Parallax’s folder with: .venv/bin/pip install -e '.[mcp]'"
    assert told.stderr == f"parallax: This needs the package “mcp”; {way}\n"


def test_an_interrupt_ends_it_though_the_client_stays(samples: Path) -> None:
    command = [sys.executable, "-W", "error", "-m", "ui.cli", "--library", samples, "--reader", "none", "mcp"]
    client = {"name": "test", "version": "1"}
    begin = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": client}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, cwd=ROOT, text=True, **pipes) as server:
        assert server.stdin and server.stdout and server.stderr
        server.stdin.write(json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": begin}) + "\n")
        server.stdin.flush()
        assert json.loads(server.stdout.readline())["id"] == 1  # it is running
        server.send_signal(signal.SIGINT)
        try:
            assert server.wait(timeout=60) == 130
        finally:
            server.kill()
        assert server.stderr.read() == ""
