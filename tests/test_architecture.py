"""The house holds: who may import whom, what `--help` loads, what the wheel contains."""

import importlib
import pkgutil
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from index.types import ParallaxError

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("index", "qa", "ui")


def copy_packages(folder: Path) -> None:
    for name in (*PACKAGES, "pyproject.toml", "README.md", "LICENSE"):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, folder / name)


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_every_import_keeps_to_the_contracts() -> None:
    told = lint(ROOT)
    assert told.returncode == 0, told.stdout


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("index/split.py", "import qa.follow", "One direction: ui asks qa, qa asks index"),
        ("qa/read.py", "import ui.chat", "One direction: ui asks qa, qa asks index"),
        ("index/types.py", "import index.lines", "Records import nothing of ours"),
        ("qa/types.py", "import index.split", "Records import nothing of ours"),
        ("index/segment.py", "import index.store", "index: from files and records up to the library"),
        ("index/stray.py", "", "index: from files and records up to the library"),
        ("qa/cite.py", "import qa.answer", "qa: from records up to the session"),
        ("qa/stray.py", "", "qa: from records up to the session"),
        ("ui/render.py", "import ui.handlers", "ui: from what is shown up to the front ends"),
        ("ui/stray.py", "", "ui: from what is shown up to the front ends"),
        ("ui/cli.py", "import index.library", "The front ends know the session and the records, nothing else below"),
        ("ui/render.py", "import qa.cite", "The front ends know the session and the records, nothing else below"),
        ("index/library.py", "import faiss", "Vectors are searched in index.dense"),
        ("index/split.py", "import Stemmer", "Words are searched in index.lexical"),
        ("qa/counterparts.py", "import scipy", "Words are searched in index.lexical"),
        ("qa/rules.py", "import qa.answer", "qa: from records up to the session"),
        ("qa/windows.py", "import qa.onnx_reader", "qa: from records up to the session"),
        ("qa/read.py", "import torch", "Models are run in index.sentence_encoder"),
        ("qa/onnx_reader.py", "import sentence_transformers", "Models are run in index.sentence_encoder"),
        ("qa/cross_encoder.py", "import onnxruntime", "Exported models are run in index.runtime"),
        ("index/embed.py", "import tokenizers", "Exported models are run in index.runtime"),
        ("index/structure.py", "import sentencex", "Sentences are cut in index.split"),
        ("index/load/tree.py", "import index.load.html", "index.load: from bytes and trees up to the formats"),
        ("index/load/stray.py", "", "index.load: from bytes and trees up to the formats"),
        ("index/workers.py", "import ray", "A Ray cluster is used in index.cluster"),
        ("index/load/markup.py", "import lxml", "Markup is parsed in index.load.tree"),
        ("index/load/html.py", "import mammoth", "Word documents are read in index.load.docx"),
        ("index/load/html.py", "import markdown_it", "Markdown is read in index.load.markdown"),
        ("index/library.py", "import sqlite3", "The library's file is index.store's"),
        ("index/store.py", "import filelock", "The library is locked in index.embedded"),
        ("ui/cli.py", "import platformdirs", "The user's folders are known in qa.folders"),
        ("ui/render.py", "import gradio", "The page is made in ui.page and served by ui.web"),
        ("ui/api.py", "import mcp", "The Model Context Protocol is spoken in ui.tools"),
        ("ui/cli.py", "import rich", "The terminal is drawn in ui.terminal"),
        ("ui/door/door.py", "import argon2", "Passwords are hashed in ui.door.accounts"),
        ("ui/door/refused.py", "import ui.door.door", "ui.door: from records up to the middleware"),
        ("qa/tokens.py", "import rapidfuzz", "Words are aligned in qa.quote, qa.reuse and qa.terms"),
        ("qa/concordance.py", "import qa.tokens", "Records import nothing of ours"),
    ],
)
def test_a_wrong_import_or_a_stray_module_breaks_its_contract(
    tmp_path: Path, file: str, line: str, contract: str
) -> None:
    copy_packages(tmp_path)
    with (tmp_path / file).open("a", encoding="utf-8") as module:
        module.write(f"\n{line}\n")
    told = lint(tmp_path)
    assert told.returncode == 1
    assert f"{contract} BROKEN" in told.stdout


def test_every_error_of_ours_is_one_that_the_front_ends_tell() -> None:
    names = [info.name for name in ("index", "qa") for info in pkgutil.walk_packages([str(ROOT / name)], f"{name}.")]
    kinds = [kind for name in names for kind in vars(importlib.import_module(name)).values() if isinstance(kind, type)]
    errors = {kind for kind in kinds if issubclass(kind, Exception) and kind.__module__ in names}
    assert len(errors) > 5
    assert [error for error in errors if not issubclass(error, ParallaxError)] == []


def test_no_package_file_outgrows_three_hundred_lines() -> None:
    lengths = {
        path: len(path.read_text("utf-8").split("\n")) for name in PACKAGES for path in ROOT.glob(f"{name}/**/*.py")
    }
    assert {str(path): length for path, length in lengths.items() if length > 301} == {}


HELP = """
import sys
before = set(sys.modules)
from ui.cli import main
for command in ([], ["add"], ["list"], ["remove"], ["ask"], ["eval"], ["serve"]):
    try:
        main([*command, "--help"])
    except SystemExit as ended:
        assert ended.code == 0
loaded = {name.split(".")[0] for name in set(sys.modules) - before}
print(loaded - sys.stdlib_module_names - {"index", "qa", "ui"}, file=sys.stderr)
"""


def test_help_loads_nothing_but_the_standard_library() -> None:
    told = subprocess.run([sys.executable, "-c", HELP], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout.count("usage: parallax") == 7
    assert told.stderr == "set()\n"


def test_the_session_loads_no_model_until_it_is_asked() -> None:
    heavy = {"torch", "sentence_transformers", "transformers", "onnxruntime", "tokenizers", "faiss", "gradio"}
    program = f"import sys, qa.session; print({heavy} & set(sys.modules))"
    told = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout == "set()\n"


COLD = """
import sys
from ui.cli import main
for command in (["ask", "What brought the oysters back?"], ["find", "the oysters"]):
    assert main(["--library", sys.argv[1], *command]) == 0
heavy = {"torch", "sentence_transformers", "transformers", "onnx", "gradio", "rich", "filelock", "numpy.random"}
print(heavy & set(sys.modules), file=sys.stderr)
"""


def test_a_question_on_the_command_line_loads_nothing_that_it_does_not_need(samples: Path) -> None:
    command = [sys.executable, "-c", COLD, samples]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stderr == "set()\n"


def test_every_folder_of_code_is_a_package_of_the_wheel() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    folders = {path.parent.relative_to(ROOT) for name in PACKAGES for path in ROOT.glob(f"{name}/**/*.py")}
    assert settings["tool"]["setuptools"]["packages"] == sorted(".".join(folder.parts) for folder in folders)


def test_the_wheel_contains_the_packages_and_their_data_and_nothing_else(tmp_path: Path) -> None:
    copy_packages(tmp_path)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path / "dist", tmp_path]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    files = {path.relative_to(ROOT) for name in PACKAGES for path in (ROOT / name).rglob("*") if path.is_file()}
    assert names == {file.as_posix() for file in files if "__pycache__" not in file.parts}
