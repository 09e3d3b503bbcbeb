"""What the documents say can be done is done as printed: programs run, commands parse, links lead on."""

import re
import shlex
import shutil
from pathlib import Path

import pytest

from qa.session import Session
from ui.arguments import build_parser

ROOT = Path(__file__).resolve().parents[1]
DOCS = [f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md"))]
PAGES = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "qa/reader/README.md", *DOCS]


def blocks(language: str, page: str = "README.md") -> list[str]:
    text = (ROOT / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def test_the_program_runs_and_quotes_verbatim(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(ROOT / "ui" / "samples", tmp_path / "ui" / "samples")
    monkeypatch.chdir(tmp_path)
    (program,) = blocks("python")
    names: dict[str, object] = {}
    exec(compile(program, "README.md", "exec"), names)
    session = names["session"]
    assert isinstance(session, Session)
    labels = [source.label for source in session.documents()]
    printed = capsys.readouterr().out
    assert len(labels) == 2
    assert all(label in printed for label in labels)
    citation = names["citation"]
    text = session.document(citation.document).text  # type: ignore[attr-defined]
    assert text[citation.start : citation.end] == citation.quote  # type: ignore[attr-defined]


def test_every_command_parses() -> None:
    lines = [line for block in blocks("sh") for line in block.splitlines() if line.startswith("parallax ")]
    commands = (
        "add list describe collect collections migrate remove ask find terms shared cite picture verify eval serve "
        "user doctor backup mcp"
    )
    assert {shlex.split(line)[1] for line in lines} == {*commands.split(), "--library"}
    for line in lines:
        build_parser().parse_args(shlex.split(line.partition(" > ")[0])[1:])


def anchors(page: Path) -> set[str]:
    """Where links may lead in a page: its headings as GitHub names them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", DOCS)
def test_every_command_of_the_documents_parses(page: str) -> None:
    for line in "\n".join(blocks("sh", page)).splitlines():
        if line.startswith("parallax "):
            build_parser().parse_args(shlex.split(line, comments=True)[1:])


def test_every_script_is_there_and_can_be_run() -> None:
    named = {name for page in PAGES for name in re.findall(r"scripts/[\w.-]+", (ROOT / page).read_text("utf-8"))}
    assert {"scripts/start", "scripts/test"} <= named
    for name in named:
        path = ROOT / name
        assert path.exists(), name
        assert path.is_dir() or path.suffix in (".py", ".txt") or path.stat().st_mode & 0o111, f"{name} cannot be run"


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_to_a_place(page: str) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)", (ROOT / page).read_text(encoding="utf-8"))
    for file, place in links:
        target = (ROOT / page).parent / file if file else ROOT / page
        assert target.exists(), f"{page} links to {file}, which is not there"
        assert not place or place in anchors(target), f"{page} links to {file}#{place}, which is not there"
