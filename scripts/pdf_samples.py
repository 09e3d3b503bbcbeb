"""Prints the sample documents with Chromium to `tests/data/pdf`: two columns, and one with notes at the end.

Needs `chromium` on the PATH. The files are kept with the tests, so that these need no browser.
"""

import argparse
import html
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from index.load import load  # noqa: E402
from index.types import Block, BlockKind, Document  # noqa: E402

SAMPLES, DATA = ROOT / "ui" / "samples", ROOT / "tests" / "data" / "pdf"
COMMON = """
    body { font: 10pt/1.3 serif; text-align: justify; hyphens: auto; margin: 0 }
    p { margin: 0; text-indent: 1.5em } sup { font-size: 0.65em; line-height: 0 }
    blockquote { margin: 0.7em 2em; text-indent: 0 } h1 + p, h2 + p { text-indent: 0 }
    .caption { font-size: 8pt; text-align: center; margin: 0.7em; text-indent: 0 }
"""
ONE = "@page { size: A5; margin: 2cm; @bottom-center { content: counter(page) } @top-center { content: 'The Ground' } }"
TWO = "@page { size: A4; margin: 2cm } .columns { column-count: 2; column-gap: 1.2em }"
TAGS = {BlockKind.PARAGRAPH: "p", BlockKind.QUOTATION: "blockquote", BlockKind.CAPTION: "p"}


def page(document: Document, style: str) -> str:
    """A document as a web page for print, its notes at the end."""
    text = [b for b in document.blocks if b.kind is not BlockKind.FOOTNOTE]
    notes = [b for b in document.blocks if b.kind is BlockKind.FOOTNOTE and b.number is not None]
    first, *rest = [element(document, block) for block in text]
    end = [f"<p>{b.number}. {html.escape(document.text[b.start : b.end])}</p>" for b in notes]
    if end:
        end.insert(0, "<h2>Notes</h2>")
    body = f"{first}<div class=columns>{''.join(rest + end)}</div>"
    title = html.escape(document.title)
    return f"<html lang=en><meta charset=utf-8><title>{title}</title><style>{COMMON}{style}</style>{body}</html>"


def element(document: Document, block: Block) -> str:
    """A block with its markers raised."""
    caption = block.kind is BlockKind.CAPTION
    tag = f"h{block.level}" if block.kind is BlockKind.HEADING else TAGS[block.kind]
    pieces, at = [], block.start
    for marker in document.markers:
        if block.start < marker.position <= block.end:
            pieces += [html.escape(document.text[at : marker.position]), f"<sup>{marker.number}</sup>"]
            at = marker.position
    pieces.append(html.escape(document.text[at : block.end]))
    return f"<{tag}{' class=caption' if caption else ''}>{''.join(pieces)}</{tag}>"


def main() -> None:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    jobs = (
        ("resting-of-the-ground", ONE, "endnotes"),
        ("how-to-steal-an-oyster-bed", TWO, "columns"),
    )
    for name, style, how in jobs:
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / "page.html"
            source.write_text(page(load(SAMPLES / f"{name}.txt"), style), "utf-8")
            out = DATA / f"{name}.{how}.pdf"
            command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"]
            subprocess.run([*command, f"--print-to-pdf={out}", str(source)], check=True, capture_output=True)
            print(out.relative_to(ROOT), out.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
