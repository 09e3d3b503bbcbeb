"""The doctor finds what is damaged, and says what to do; on a library that is well it finds nothing."""

import errno
import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from older import to_format_3

from index.manifest import FILE
from index.tiers import FOLDER
from qa.doctor import Check, examine, repair
from qa.folders import exports
from ui.cli import main


@pytest.fixture
def copied(samples: Path, tmp_path: Path) -> Path:
    return shutil.copytree(samples, tmp_path / "library")


def ill(checks: tuple[Check, ...]) -> list[Check]:
    return [check for check in checks if not check.well]


def test_a_library_that_is_well(samples: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--library", str(samples), "doctor", "--json"]) == 0
    checks = json.loads(capsys.readouterr().out)
    assert all(check["well"] for check in checks)
    told = {check["what"]: check["told"] for check in checks}
    assert {"versions", "library", "left over", "encoder", "reader", "outgoing connections"} < set(told)
    assert sum(what.startswith("document ") for what in told) == 2
    assert told["encoder"].startswith("“all-MiniLM-L6-v2” in float32, weights 2c705a5e3279…, ")
    assert told["reader"] == "“parallax-3” can be loaded"
    assert told["outgoing connections"].startswith("none")
    assert told["left over"] == "nothing"


def flipped(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def changed_text(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "library.sqlite")) as db, db:
        db.execute("UPDATE documents SET text = zeroblob(9) WHERE position = 0")


@pytest.mark.parametrize(
    ("harm", "what", "told"),
    [
        (lambda folder: flipped(next(folder.rglob("sentences.npy"))), "document", "damaged"),
        (lambda folder: shutil.rmtree(next(folder.glob("segments/*"))), "document", "missing"),
        (changed_text, "document", "add that document's file again"),
        (lambda folder: (folder / "library.sqlite").write_bytes(b"words" * 999), "library", "is damaged"),
        (lambda folder: (folder / "library.sqlite").unlink(), "library", "library.sqlite is missing"),
        (lambda folder: (folder / "library.sqlite").write_bytes(b""), "library", "library.sqlite is missing or empty"),
        (lambda folder: [shutil.rmtree(folder), folder.mkdir()], "library", "There is no library"),
    ],
)
def test_damage_is_found(
    copied: Path, harm: Callable[[Path], None], what: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    harm(copied)
    (found,) = ill(examine(copied))
    assert found.what.startswith(what) and told in found.told
    assert main(["--library", str(copied), "doctor"]) == 1
    assert "NOT WELL" in capsys.readouterr().out


def test_search_files_that_may_not_be_read_are_no_case_for_a_repair(
    copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed, opened = next(copied.glob("segments/*/contents.json")), Path.read_text

    def read_text(path: Path, **options: Any) -> str:  # the tests may be run by root, who may read everything
        if path == closed:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return opened(path, **options)

    monkeypatch.setattr(Path, "read_text", read_text)
    (found,) = ill(examine(copied))
    assert found.told == f"The search file {closed} may not be read; check who may read it."


def test_a_reader_that_cannot_be_loaded_is_told(
    samples: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "reader.json").write_text("{", encoding="utf-8")
    assert main(["--library", str(samples), "--reader", str(tmp_path), "doctor"]) == 1
    told = capsys.readouterr().out
    assert f"NOT WELL reader: The reader's file {tmp_path / 'reader.json'} is damaged. Questions are answered" in told
    assert "NOT WELL" not in told.replace("NOT WELL reader", "")


@pytest.mark.parametrize(
    ("harm", "told"),
    [(flipped, "is damaged; the next"), (Path.unlink, "cannot be read (No such file or directory); the next")],
)
def test_an_export_that_is_not_whole_is_told_with_what_makes_it_anew(
    samples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, harm: Callable[[Path], None], told: str
) -> None:
    shutil.copytree(exports(), tmp_path / "encoders")
    monkeypatch.setenv("PARALLAX_CACHE", str(tmp_path))
    (model,) = tmp_path.glob("encoders/2c705a5e3279*/model.onnx")
    harm(model)
    (found,) = ill(examine(samples))
    assert found.what == "encoder"
    assert found.told == f"The exported encoder's file {model} {told} file that is added makes it anew."


def test_damaged_search_files_are_made_anew(copied: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flipped(next(copied.rglob("sentences.npy")))
    assert main(["--library", str(copied), "doctor", "--repair"]) == 0
    assert "search files were made anew from its text" in capsys.readouterr().out


def test_how_far_a_repair_is_is_told(copied: Path) -> None:
    flipped(next(copied.rglob("sentences.npy")))
    to_format_3(copied / FILE)
    told: list[str] = []
    assert all(check.well for check in repair(copied, lambda stage, done, total: told.append(stage)))
    assert {"upgrading", "encoding"} < set(told)


def test_what_a_killed_change_left_is_named(copied: Path) -> None:
    (copied / "segments" / "0123").mkdir()
    told = {check.what: check for check in examine(copied)}
    assert told["left over"].well and "segments/0123" in told["left over"].told


def test_what_is_gathered_of_many_documents_is_not_left_over(copied: Path) -> None:
    (copied / FOLDER).mkdir()
    assert [check.told for check in examine(copied) if check.what == "left over"] == ["nothing"]
