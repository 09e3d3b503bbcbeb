"""Measure Parallax against txtai and haystack: the same documents, encoder and questions, in turns, in one run.

    scripts/bench --peers [--environment build/peers] [--rounds 5] [--questions FILE.jsonl] [FILE ...]

The two are installed into an environment of their own, which can be thrown away. All get the passages that Parallax
makes; it encodes their sentences' words in the same pass and keeps BM25 of both. Parallax's searches are asked without
the reader, since neither other has an extractive reader without a hub. What each does is in `scripts/peer.py`.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from statistics import median

from bench import asked, machine, samples, took

from index import split
from index.embed import packaged_file
from index.load import load
from qa.session import Session

ROOT = Path(__file__).resolve().parent.parent
COLD = "cold question, s"
Cells = dict[str, dict[str, list[float]]]
"""Of each system by name, each cell's figure in every round."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", default=samples())
    parser.add_argument("--environment", type=Path, default=ROOT / "build" / "peers")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--questions", type=Path, help="JSON lines with a question each (default: made from headings)")
    options = parser.parse_args()
    python = installed(options.environment)
    print(machine())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cells: Cells = {"parallax": {}, "txtai": {}, "haystack": {}}
        task = begun(options.files, options.questions, folder)
        for number in range(options.rounds + 1):  # the first compiles, and is not counted
            for system, held in cells.items():
                run = measured(system, sys.executable if system == "parallax" else str(python), task, folder)
                for cell, figure in run.items() if number else ():
                    held.setdefault(cell, []).append(figure)
    print(table(cells))


def installed(folder: Path) -> Path:
    """The Python of the environment; made where it is not there. PyTorch first, as `scripts/install` does."""
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
    torch = next(line for line in constraints() if line.startswith("torch=="))
    for wanted in ([torch], ["--requirement", str(ROOT / "scripts" / "peers.txt")]):
        subprocess.run([python, "-m", "pip", "install", "--quiet", *wanted], check=True)
    return python


def constraints() -> list[str]:
    return (ROOT / "scripts" / "constraints.txt").read_text().splitlines()


def begun(files: list[Path], questions: Path | None, folder: Path) -> Path:
    """The task's file; Parallax's encoder is exported by the way, as its first `add` does."""
    os.environ["PARALLAX_CACHE"] = str(folder / "cache")
    session = Session.open(folder / "first", create=True)
    for file in files:
        session.add(file)
    documents = [load(file) for file in files]
    task = {
        "model": str(packaged_file("config.json").parent),
        "files": [str(file.resolve()) for file in files],
        "passages": [d.text[passage.start : passage.end] for d in documents for passage in split.split(d, d.text)],
        "questions": asked(questions) if questions is not None else list(session.starters(8)),
        "kept": str(folder / "kept"),
    }
    (folder / "task.json").write_text(json.dumps(task), encoding="utf-8")
    return folder / "task.json"


def measured(system: str, python: str, task: Path, folder: Path) -> dict[str, float]:
    """One round of one system: a new index, its questions, and one question in a process of its own."""
    shutil.rmtree(folder / "kept", ignore_errors=True)
    (folder / "kept").mkdir()
    environment = os.environ | {"PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1", "HAYSTACK_TELEMETRY_ENABLED": "False"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program is compiled once, not at every start
    environment["PYTHONPYCACHEPREFIX"] = str(folder / "bytecode")
    command = [python, str(ROOT / "scripts" / "peer.py"), system]

    def run(what: str) -> str:
        return subprocess.run(
            [*command, what, str(task)], env=environment, stdout=subprocess.PIPE, text=True, check=True
        ).stdout

    told: dict[str, float] = json.loads(run("index").splitlines()[-1])
    return told | {COLD: took(lambda: run("ask")).wall}


def table(cells: Cells) -> str:
    """A row for each cell: medians, ranges, and the better of the other two over ours."""
    lines = [f"| | {' | '.join(cells)} | best other over Parallax |", f"|---|{'---|' * (len(cells) + 1)}"]
    for cell in cells["parallax"]:
        medians = {system: median(held[cell]) for system, held in cells.items()}
        told = [
            f"{medians[system]:,.2f} ({min(held[cell]):,.2f} to {max(held[cell]):,.2f})"
            for system, held in cells.items()
        ]
        best = min(value for system, value in medians.items() if system != "parallax")
        lines.append(f"| {cell} | {' | '.join(told)} | {best / medians['parallax']:.2f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
