"""Feeds a part of the program with mutated bytes, guided by what they reach in it (Atheris, on libFuzzer).

    python scripts/fuzz.py TARGET [--seconds 900] [--found found]

Needs the extra `fuzz`. Targets: the readers `txt`, `md`, `html`, `docx`, `epub` and `pdf`; `quote`, the matcher of
quotations; `record`, what `parallax verify` reads; `events`, what a browser may send. Of DOCX and EPUB the text inside
the archive is mutated, for mutated archives are refused at the door. Only a ParallaxError may come out, within five
seconds and two gigabytes; whatever else does ends the run and is kept in the folder `found`, and each such input
becomes a test that makes it by code. `docs/proof.md` says what was run.
"""

import argparse
import io
import json
import logging
import sys
import tempfile
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["index", "qa", "ui"]):
    from trial import ROOT, SAMPLE, WRITERS, files, opened

    from index.load import load
    from index.types import Details, ParallaxError
    from ui import views
    from ui.batch import record
    from ui.chat import Chat
    from ui.export import FORMATS
    from ui.handlers import FAILED, beside, open_place, resume, save

Target = Callable[[bytes], object]
PARTS = {"docx": "word/document.xml", "epub": "OEBPS/text/c1.xhtml"}
"""Of an archive, the file that is mutated."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", choices=["txt", "md", "html", "docx", "epub", "pdf", "quote", "record", "events"])
    parser.add_argument("--seconds", type=int, default=900)
    parser.add_argument("--found", type=Path, default=Path("found"))
    options = parser.parse_args()
    logging.disable()
    options.found.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        seeds, target = made(options.target, folder)
        (folder / "seeds").mkdir()
        for number, seed in enumerate(seeds):
            (folder / "seeds" / str(number)).write_bytes(seed)
        limits = ["-timeout=5", "-rss_limit_mb=2048", f"-max_total_time={options.seconds}", "-max_len=200000"]
        kept = f"-artifact_prefix={options.found}/{options.target}-"
        atheris.Setup([sys.argv[0], *limits, kept, str(folder / "seeds")], forgiving(target))
        atheris.Fuzz()


def forgiving(target: Target) -> Target:
    def run(data: bytes) -> None:
        with suppress(ParallaxError):
            target(data)

    return run


def made(name: str, folder: Path) -> tuple[list[bytes], Target]:
    """Inputs to begin with, and what is done with one."""
    if name in PARTS:
        return archived(name, folder)
    if name in ("txt", "md", "html", "pdf"):
        printed = [path.read_bytes() for path in (ROOT / "tests" / "data").glob("*.pdf")]
        return printed if name == "pdf" else [WRITERS[name](SAMPLE)], reading(folder / f"text.{name}")
    session = opened(folder / "library", create=True)
    for path in files(folder / "files"):
        session.add(path)
    if name == "quote":
        seeds = [b"Here a town ... learned how to wait", "“the field” […] was left to rest".encode()]
        return seeds, lambda data: session.find(data.decode(errors="surrogatepass" if data[:1] == b"s" else "replace"))
    turns = [session.ask("Who took the oysters?"), session.find("Here a town … learned how to wait")]
    if name == "record":
        kept = [FORMATS[ending](turns, session.documents(), ()).encode() for ending in ("html", "md", "json")]

        def verify(data: bytes) -> None:
            for ending in ("html", "md", "json"):
                path = folder / f"record.{ending}"
                path.write_bytes(data)
                with suppress(ParallaxError):
                    session.verify(record(path))

        return kept, verify
    return events(session)


def reading(path: Path) -> Target:
    def read(data: bytes) -> None:
        path.write_bytes(data)
        load(path, Details())

    return read


def archived(name: str, folder: Path) -> tuple[list[bytes], Target]:
    """The text of one file of an archive, and reading the archive with another text in its place."""
    with zipfile.ZipFile(io.BytesIO(WRITERS[name](SAMPLE))) as archive:
        whole = {inside: archive.read(inside) for inside in archive.namelist()}
    read = reading(folder / f"text.{name}")

    def pack(data: bytes) -> None:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for each, content in (whole | {PARTS[name]: data}).items():
                archive.writestr(each, content)
        read(packed.getvalue())

    return [whole[PARTS[name]]], pack


def events(session: object) -> tuple[list[bytes], Target]:
    """JSON as the page's own buttons send it, and every event that takes such."""
    place = {"document": "layout-txt", "start": 0, "end": 99, "visit": 1}
    seeds = [
        place, place | {"direction": "later", "from": 0, "to": 300}, place | {"at": 40, "sha256": "0" * 64},
        {"id": "layout-md", "title": "T", "author": "A", "label": "L", "year": "1902"}, {"term": "oyster", "first": 25},
        [{"question": "Who?", "own": True, "beside": place}], {"id": "none"},
    ]  # fmt: skip

    def send(data: bytes) -> None:
        try:
            sent = json.loads(data)
        except (ValueError, RecursionError):
            return
        told = [resume(session, sent)[1], save(session, Chat(), sent, sent)]
        if isinstance(sent, dict):
            told += [open_place(session, sent, Chat()), views.more_terms(session, sent), views.describe(session, sent)]
            told += [html for _, html, _ in beside(session, sent, Chat())]
        if any(FAILED in html for html in told):
            raise AssertionError("an event ended in an error that nobody foresaw")

    return [json.dumps(seed).encode() for seed in seeds], send


if __name__ == "__main__":
    main()
