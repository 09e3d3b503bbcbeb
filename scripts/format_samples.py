"""Makes the sample essay with the tools that people use, to `tests/data/tools`: pandoc, LibreOffice and LaTeX.

Needs `pandoc`, `soffice` and `pdflatex` (with microtype) on the PATH. The files are kept with the tests, so that these
need none of them. `scripts/pdf_samples.py` prints with a browser.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from index.load import load  # noqa: E402
from index.types import Block, BlockKind, Document  # noqa: E402

DATA = ROOT / "tests" / "data" / "tools"
ESSAY = ROOT / "ui" / "samples" / "resting-of-the-ground.txt"
SIGNS = str.maketrans({sign: f"\\{sign}" for sign in r"\`*_{}[]<>#$~^|"})


def markdown(document: Document) -> str:
    """A document as pandoc's Markdown: its notes where they are cited, its title as metadata."""
    notes = {b.number: document.text[b.start : b.end] for b in document.blocks if b.kind is BlockKind.FOOTNOTE}
    parts = [f"---\ntitle: '{document.title.replace(chr(39), chr(39) * 2)}'\nlang: en-GB\n---"]
    for block in document.blocks[1:]:
        if block.kind is BlockKind.FOOTNOTE:
            continue
        mark = {BlockKind.QUOTATION: "> ", BlockKind.HEADING: "#" * ((block.level or 2) - 1) + " "}.get(block.kind, "")
        parts.append(mark + _marked(document, block))
    parts += [f"[^{number}]: {text.translate(SIGNS)}" for number, text in notes.items() if number is not None]
    return "\n\n".join(parts) + "\n"


def _marked(document: Document, block: Block) -> str:
    pieces, at = [], block.start
    for marker in document.markers:
        if block.start < marker.position <= block.end:
            pieces += [document.text[at : marker.position].translate(SIGNS), f"[^{marker.number}]"]
            at = marker.position
    return "".join([*pieces, document.text[at : block.end].translate(SIGNS)])


def run(*command: object, folder: Path) -> None:
    """Run a tool in a folder."""
    subprocess.run([str(part) for part in command], cwd=folder, check=True, capture_output=True)


def pandoc(source: Path, target: str, *options: str) -> Path:
    """Convert a file beside it; the target's ending says to what."""
    run("pandoc", "--standalone", source.name, "-o", target, *options, folder=source.parent)
    return source.parent / target


def office(source: Path, ending: str) -> Path:
    """Save a file anew with LibreOffice Writer."""
    out = source.parent / "office"
    profile = f"-env:UserInstallation=file://{source.parent}/profile"
    run("soffice", profile, "--headless", "--convert-to", ending, "--outdir", out, source, folder=source.parent)
    return out / f"{source.stem}.{ending}"


def latex(source: Path, *options: str) -> Path:
    """Set a Markdown file with LaTeX: cut words, ligatures, marks that hang into the margin, notes of its own."""
    given = [f"--variable={option}" for option in options]
    tex = pandoc(source, f"{source.stem}.tex", *given)
    for _ in range(2):
        run("pdflatex", "-interaction=nonstopmode", tex.name, folder=source.parent)
    return tex.with_suffix(".pdf")


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    DATA.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as held:
        source = Path(held) / "ground.md"
        source.write_text(markdown(load(ESSAY)), encoding="utf-8")
        word = pandoc(source, "ground.docx")
        made = {"pandoc.docx": word, "pandoc.epub": pandoc(source, "ground.epub")}
        made |= {f"libreoffice.{ending}": office(word, ending) for ending in ("pdf", "docx", "epub")}
        made["latex.pdf"] = latex(source, "classoption=twocolumn", "papersize=a4", "fontfamily=times")
        for how, path in made.items():
            data = path.read_bytes()
            (DATA / f"ground.{how}").write_bytes(data)
            print(f"ground.{how}: {len(data):,} bytes")


if __name__ == "__main__":
    main()
