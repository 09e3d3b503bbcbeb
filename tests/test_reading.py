"""Files that mean ill or are broken: each is refused with a sentence, and leaves everything as it was."""

import io
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from threading import Barrier, Thread

import pytest
from formats import SAMPLE, WRITERS, zipped
from pdfs import Look, Press

from index.embed import Encoder
from index.library import Library
from index.load import load, text
from index.load.pdf import pdfium
from index.load.text import LoadError
from index.manifest import LibraryError
from index.reading import read
from index.types import Details, ParallaxError

WORD = "<w:document xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'><w:body>{}</w:body></w:document>"
OPENING = "a text that is in the library"


def quiet(stage: str, done: int, total: int) -> None:
    """Tell nobody."""


def word(body: str) -> bytes:
    return zipped({"[Content_Types].xml": "<Types/>", "word/document.xml": WORD.format(body)})


def bomb() -> bytes:
    data = io.BytesIO(WRITERS["docx"](SAMPLE))
    with zipfile.ZipFile(data, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("word/more.xml", "w") as member:
        for _ in range(65):
            member.write(bytes(2**20))
    return data.getvalue()


def climbing(target: str) -> bytes:
    """A book whose only chapter lies outside of its archive."""
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf"><manifest><item id="a" media-type="application/xhtml+xml" '
        f'href="{target}"/></manifest><spine><itemref idref="a"/></spine></package>'
    )
    container = '<container><rootfiles><rootfile full-path="book.opf"/></rootfiles></container>'
    return zipped({"META-INF/container.xml": container, "book.opf": package})


def printed(folder: Path) -> bytes:
    Press(folder / "whole.pdf", Look()).set(
        load(write(folder, "ground.txt", b"On Ground\n\nIt rests, and so do we.\n"))
    )
    data = (folder / "whole.pdf").read_bytes()
    (folder / "whole.pdf").unlink()
    (folder / "ground.txt").unlink()
    return data


def write(folder: Path, name: str, data: bytes) -> Path:
    (folder / name).write_bytes(data)
    return folder / name


BAD: dict[str, tuple[Callable[[Path], bytes], str]] = {
    "renamed.pdf": (lambda _: zipped({"readme.txt": "words"}), "seems to be a ZIP archive, and no whole DOCX or EPUB"),
    "nested.docx": (lambda _: word("<w:p>" * 10_000 + "</w:p>" * 10_000), "nests its elements too deeply"),
    "tables.docx": (
        lambda _: word("<w:tbl><w:tr><w:tc>" * 3_400 + "</w:tc></w:tr></w:tbl>" * 3_400),
        "nests its elements too deeply",
    ),
    "bomb.docx": (lambda _: bomb(), "unpacks to 65 MB of text and markup"),
    "climbing.epub": (lambda _: climbing("../../secret.xhtml"), "is damaged: ../../secret.xhtml is missing in it"),
    "rooted.epub": (lambda _: climbing("/etc/passwd"), "is damaged: /etc/passwd is missing in it"),
    "empty.html": (lambda _: b"<html><script>alert('words')</script></html>", "holds no words"),
    "blank.txt": (lambda _: b" \n\t\n", "holds no words"),
    "cut.docx": (lambda _: WRITERS["docx"](SAMPLE)[:-300], "seems to be a ZIP archive, and no whole DOCX or EPUB"),
    "cut.epub": (lambda _: WRITERS["epub"](SAMPLE)[:2000], "seems to be a ZIP archive, and no whole DOCX or EPUB"),
    "cut.pdf": (lambda folder: printed(folder)[:600], "is a damaged PDF"),
}


@pytest.fixture
def library(tmp_path: Path, word_encoder: Callable[[str], Encoder]) -> Library:
    made = Library.open(tmp_path / "library", word_encoder, create=True)
    (tmp_path / "files").mkdir()
    made.add(write(tmp_path / "files", "known.txt", f"Known\n\nThis is {OPENING}.\n".encode()), Details())
    return made


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_told_in_a_sentence_and_leaves_everything_as_it_was(
    name: str, library: Library, tmp_path: Path
) -> None:
    make, told = BAD[name]
    path = write(tmp_path / "files", name, make(tmp_path / "files"))
    (tmp_path / "secret.xhtml").write_text("<html><p>secret</p></html>")
    before = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    with pytest.raises(LoadError) as caught:
        library.add(path, Details())
    sentence = str(caught.value)
    assert sentence.startswith(f"{name} {told}") and sentence.endswith(".") and "\n" not in sentence
    assert {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()} == before
    assert [entry.id for entry in library.entries()] == ["known"]


def test_scripts_are_not_read(tmp_path: Path) -> None:
    page = b"<html><body><p onclick='alert(1)'>Words.</p><script>alert(1)</script><p>More.</p></html>"
    assert read(write(tmp_path, "a.html", page), Details(), quiet)[1][:] == "Words.\n\nMore."


def test_twenty_megabytes_of_scripts_around_some_words(tmp_path: Path) -> None:
    page = b"<html><body><p>Words.</p><script>" + b"alert(1); " * 2**21 + b"</script></html>"
    assert read(write(tmp_path, "a.html", page), Details(), quiet)[1][:] == "Words."


@pytest.mark.parametrize("suffix", WRITERS)
def test_in_a_child_a_file_reads_as_it_does_here(suffix: str, tmp_path: Path) -> None:
    text = WRITERS[suffix](SAMPLE)
    path = write(tmp_path, f"a.{suffix}", text * 80 if suffix == "txt" else text)
    frame, told = read(path, Details(year=1), quiet)
    assert frame.with_text(told[:]) == load(path, Details(year=1))


@pytest.mark.parametrize("codec", ["utf-8", "cp1252"])
def test_a_long_text_is_in_memory_twice_at_the_most(codec: str, tmp_path: Path) -> None:
    """With all that is kept of a line. Its bytes stayed beside its lines, which quotation marks made twice as long."""
    said = "“The river rose in the night,” said the miller, and took his lantern. " * 8
    path = write(tmp_path, "a.txt", f"{said}\n\n".encode(codec) * 4_000)
    tracemalloc.start()
    parts, _ = text.read(path.read_bytes(), "a.txt")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 2.5 * path.stat().st_size
    assert read(path, Details(), quiet)[1][:] == "".join(parts.pieces())


def test_too_many_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, "a.pdf", printed(tmp_path))
    monkeypatch.setattr(pdfium, "MOST_PAGES", 0)
    with pytest.raises(LoadError, match=r"^a\.pdf has 1 pages; 0 are read of one file: split it into several\.$"):
        load(path)


@pytest.mark.parametrize("stem", ["a" * 250, "\x1b[31m red\n\u202eder", "..", "-", " "])
def test_a_strange_name_gives_a_plain_id_title_and_source(stem: str, tmp_path: Path) -> None:
    document, _ = read(write(tmp_path, f"{stem}.txt", b"Words enough, and then a few more of them."), Details(), quiet)
    assert document.id and len(document.id) <= 90 and document.id.replace("-", "").isalnum()
    assert document.title.strip() and len(document.label) <= 41
    assert (document.title + document.label + document.source).isprintable()


def test_two_long_names_that_begin_alike_have_ids_of_their_own(tmp_path: Path) -> None:
    one, other = (write(tmp_path, f"{'a' * 200}{end}.txt", b"Words enough.") for end in "bc")
    assert load(one).id != load(other).id


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no endless file here")
def test_an_endless_file_is_not_begun() -> None:
    with pytest.raises(LoadError, match=r"^/dev/zero is no file but a pipe or a device, which may never end: "):
        read(Path("/dev/zero"), Details(), quiet)


def test_of_two_at_once_each_is_added_or_told(library: Library, tmp_path: Path) -> None:
    together = Barrier(2)
    told: list[str] = []

    def add(name: str) -> None:
        path = write(tmp_path / "files", f"{name}.txt", f"{name}\n\nThe words of {name} are these.\n".encode())
        together.wait()
        try:
            library.add(path, Details())
        except LibraryError as error:
            told.append(str(error))

    names = ["barge", "ferry"]
    threads = [Thread(target=add, args=[name]) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    added = [entry.id for entry in library.entries()]
    assert added[0] == "known" and set(added[1:]) <= set(names) and len(added) + len(told) == 3
    assert all("try again when it has finished" in sentence for sentence in told)
    for entry in library.entries():
        assert library.search(entry, library.query("words"), 1)


def test_who_reads_may_stop(tmp_path: Path) -> None:
    class StoppedError(ParallaxError):
        pass

    def stop(stage: str, done: int, total: int) -> None:
        raise StoppedError

    with pytest.raises(StoppedError):
        read(write(tmp_path, "a.html", b"<html><p>Words."), Details(), stop)
