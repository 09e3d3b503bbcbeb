"""Compares the structure read from the corpus with the one written down by hand; prints every difference.

The corpus is `../shared/corpus` seen from the project, or the folder named by PARALLAX_CORPUS; the gold is
`eval/structure.json` beside it.
"""

import json
import os
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from index.load import load  # noqa: E402
from index.quotations import marks  # noqa: E402
from index.types import Block, BlockKind, Document  # noqa: E402

Items = dict[Any, int]
"""What is compared, and the source line that shows it."""


def found(document: Document) -> dict[str, Items]:
    """The parts of a document as the table compares them."""
    spans = {block: _span(document, block) for block in document.blocks}
    kinds = {kind: [b for b in document.blocks if b.kind is kind] for kind in BlockKind}
    several, single = _quotations(document)
    noted = [b for b in kinds[BlockKind.FOOTNOTE] if b.number is not None]
    markers = [(m.number, document.line_at(max(m.position - 1, 0)).line, m.note) for m in document.markers]
    return {
        "headings": {(_text(document, b), b.level, spans[b][0]): spans[b][0] for b in kinds[BlockKind.HEADING]},
        "body paragraphs": {spans[b]: spans[b][0] for b in kinds[BlockKind.PARAGRAPH]},
        "notes with text": {(b.number, *spans[b]): spans[b][0] for b in noted},
        "notes by asterisk": {spans[b][0]: spans[b][0] for b in kinds[BlockKind.FOOTNOTE] if b not in noted},
        "markers": {(number, line): line for number, line, _ in markers},
        "markers without text": {number: line for number, line, note in markers if note is None},
        "block quotations": {span: span[0] for span in single if not _marked(document, span)},
        "displayed quotations": {span: span[0] for span in single if _marked(document, span)},
        "multi-paragraph quotations": {span: span[0] for span in several},
        "captions": {(_text(document, b), spans[b][0]): spans[b][0] for b in kinds[BlockKind.CAPTION]},
    }


def wanted(gold: dict[str, Any]) -> dict[str, Items]:
    """The same parts as written down by hand."""
    asterisk = [gold["asterisk_note"]] if "asterisk_note" in gold else []
    noted = gold.get("footnote_spans", [])
    displayed = gold.get("displayed_one_paragraph_quotations", [])
    return {
        "headings": {(h["text"], h["level"], h["line"]): h["line"] for h in gold["headings"]},
        "body paragraphs": {(a, b): a for a, b in gold["paragraphs"]},
        "notes with text": {(n["n"], n["start_line"], n["end_line"]): n["start_line"] for n in noted},
        "notes by asterisk": {line: line for line in asterisk},
        "markers": {(int(n), line): line for n, line in gold.get("marker_lines", {}).items()},
        "markers without text": {n: gold["marker_lines"][str(n)] for n in gold["footnotes_marker_only"]},
        "block quotations": {(a, b): a for a, b in gold["block_quotations"]},
        "displayed quotations": {(a, a): a for a in displayed},
        "multi-paragraph quotations": {(a, b): a for a, b in gold["multi_paragraph_quotations"]},
        "captions": {(c["text"], c["line"]): c["line"] for c in gold["captions"]},
    }


def stray_numbers_left(document: Document, gold: dict[str, Any]) -> list[int]:
    """Lines of stray page numbers that are still in the text."""
    kept = {line.line for line in document.lines}
    return [stray["line"] for stray in gold["stray_page_numbers"] if stray["line"] in kept]


def _text(document: Document, block: Block) -> str:
    return document.text[block.start : block.end]


def _span(document: Document, block: Block) -> tuple[int, int]:
    numbers = [line.line for line in document.lines if block.start <= line.start < block.end]
    return min(numbers), max(numbers)


def _quotations(document: Document) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Quotations with marks over several paragraphs, and the others, each from line to line.

    Paragraphs of one quotation follow each other and only the first has an opening mark; two that are set
    off without marks, one below the other, are one quotation too.
    """
    groups: list[list[Block]] = []
    previous: Block | None = None
    for block in document.blocks:
        if block.kind is BlockKind.QUOTATION:
            begins = previous is None or marks(_text(document, block)).opens
            if begins:
                groups.append([])
            groups[-1].append(block)
        if block.kind is not BlockKind.FOOTNOTE:
            previous = block if block.kind is BlockKind.QUOTATION else None
    several: list[tuple[int, int]] = []
    single: list[tuple[int, int]] = []
    for group in groups:
        span = _span(document, group[0])[0], _span(document, group[-1])[1]
        marked = marks(_text(document, group[0])).opens
        (several if marked and len(group) > 1 else single).append(span)
    return several, single


def _marked(document: Document, span: tuple[int, int]) -> bool:
    start = next(line.start for line in document.lines if line.line == span[0])
    return marks(_text(document, document.blocks[document.block_at(start)])).opens


def table(document: Document, gold: dict[str, Any], source: Sequence[str]) -> list[str]:
    """Rows found / gold / matching, and each difference with its line in the source."""
    rows = [f"{document.id}: {'found':>31} {'gold':>6} {'matching':>9}"]
    differences: list[str] = []
    have, want = found(document), wanted(gold)
    for name, items in want.items():
        same = have[name].keys() & items.keys()
        rows.append(f"  {name:<28} {len(have[name]):>6} {len(items):>6} {len(same):>9}")
        for sign, ours, theirs in (("only found", have[name], items), ("only gold", items, have[name])):
            for item in sorted(ours.keys() - theirs.keys(), key=lambda item: ours[item]):
                line = source[ours[item] - 1].strip()
                differences.append(f"  {sign}, {name}: {item}: line {ours[item]}: {line[:90]}")
    strays = gold["stray_page_numbers"]
    left = stray_numbers_left(document, gold)
    rows.append(f"  {'stray page numbers taken out':<28} {len(strays) - len(left):>6} {len(strays):>6}")
    differences += [f"  still in the text: line {line}" for line in left]
    assert all(a.start <= b.start for a, b in pairwise(document.lines))
    return rows + (["  differences:", *differences] if differences else ["  no difference"])


def main() -> None:
    folder = Path(os.environ.get("PARALLAX_CORPUS", ROOT.parent / "shared" / "corpus"))
    gold = json.loads((folder.parent / "eval" / "structure.json").read_text("utf-8"))
    for path in sorted(folder.glob("*.txt")):
        document = load(path)
        source = path.read_text("utf-8").split("\n")
        print("\n".join(table(document, gold[document.id], source)))


if __name__ == "__main__":
    main()
