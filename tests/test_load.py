"""Loading plain text: encodings, refusals and their sentences, and the details read from a file."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.load import LoadError, load, text
from index.load.text import decode
from index.types import BlockKind, Details

Write = Callable[..., Path]
WORDS = "Größe und Maß – “naïve” façade, Ünïcødé"
LONG_ENOUGH = f"{WORDS}. " * 4


def refusal(data: bytes, name: str = "a.txt") -> str:
    with pytest.raises(LoadError) as caught:
        decode(data, name)
    return str(caught.value)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(text: str | bytes, name: str = "a.txt") -> Path:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
        return path

    return written


class TestEncodings:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
    def test_reads(self, encoding: str) -> None:
        assert decode(LONG_ENOUGH.encode(encoding), "a.txt") == LONG_ENOUGH

    def test_reads_utf16_of_other_scripts_by_few_nuls(self, write: Write) -> None:
        for words in (
            "Баржа пришла на рассвете. Никто не звонил.",
            "नाव भोर में आई। घंटी किसी ने नहीं बजाई।",
            "船在黎明到来。 没有人敲钟。",
        ):
            assert load(write(words.encode("utf-16-le"), "a.txt")).text == words

    @pytest.mark.parametrize("data", [b"The lamp\0 burned.\n", b"The\0 lamp burned all night lon"])
    def test_a_stray_nul_makes_no_utf16(self, data: bytes) -> None:
        assert "holds NUL bytes" in refusal(data)

    @pytest.mark.parametrize(("mark", "codec"), [(b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")])
    def test_reads_marked_utf16_without_a_nul(self, mark: bytes, codec: str) -> None:
        assert decode(mark + "Слова".encode(codec), "a.txt") == "Слова"

    def test_latin_1(self) -> None:
        assert decode("Café à la mode, déjà vu".encode("latin-1"), "a.txt") == "Café à la mode, déjà vu"

    @given(st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1).filter(str.strip))
    def test_any_utf8_text_comes_back(self, text: str) -> None:
        if not text.startswith("\ufeff") and not text.startswith(("%PDF-", "{\\rtf", "GIF8")):
            assert decode(text.encode("utf-8"), "a.txt") == text

    @given(st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1), st.sampled_from(["utf-8", "utf-16-le"]))
    def test_a_character_that_two_pieces_share_is_whole(self, words: str, encoding: str) -> None:
        for shift in range(2):
            text = "x" * (2**18 // len("x".encode(encoding)) - shift) + words + "é😀" * 3
            assert decode(text.encode(encoding), "a.txt") == text

    @pytest.mark.parametrize("most", [1, 2, 3, 7])
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32", "cp1252"])
    def test_how_a_file_is_cut_changes_nothing(
        self, encoding: str, most: int, write: Write, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        words = f"ON RIVERS\r\nby Ada Miller\r\n\r\n“{LONG_ENOUGH}”\n\n> {WORDS}\n> – {WORDS}.1\n\n1. {LONG_ENOUGH}\r"
        path = write(words.encode(encoding))
        whole = load(path)
        monkeypatch.setattr(text, "_AT_ONCE", most)
        assert load(path) == whole

    @given(st.binary())
    def test_any_bytes_are_read_or_refused_with_a_sentence(self, data: bytes) -> None:
        try:
            assert decode(data, "a.txt").strip()
        except LoadError as error:
            assert str(error).startswith("a.txt ") and str(error).endswith(".")


class TestRefusals:
    def test_missing_file(self, tmp_path: Path) -> None:
        with pytest.raises(LoadError, match=r"none\.txt does not exist: check the name and the folder\.$"):
            load(tmp_path / "none.txt")

    def test_folder(self, tmp_path: Path) -> None:
        with pytest.raises(LoadError, match=r" is a folder: name the files in it\.$"):
            load(tmp_path)

    @pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="only Linux has a file that nobody can read")
    def test_file_that_cannot_be_read(self) -> None:
        with pytest.raises(LoadError, match=r"^/proc/self/mem cannot be read \(.+\): check who may read it\.$"):
            load(Path("/proc/self/mem"))

    def test_name_too_long_to_read(self, tmp_path: Path) -> None:
        with pytest.raises(LoadError, match=r"cannot be read \(File name too long\)"):
            load(tmp_path / ("a" * 300))

    def test_empty(self) -> None:
        assert refusal(b"") == "a.txt is empty (0 bytes): choose a file that holds text."

    @pytest.mark.parametrize("data", [b" \n\t\r\n ", b"\xef\xbb\xbf", b"\xff\xfe \x00", b"\x0c\n\x0c"])
    def test_blank(self, data: bytes) -> None:
        assert refusal(data) == "a.txt holds no words, only blank space: choose a file that holds text."

    def test_only_rules(self, write: Write) -> None:
        with pytest.raises(LoadError, match=r"^a\.txt holds no words: choose a file that holds text\.$"):
            load(write("* * *\n\n-----\n"))

    @pytest.mark.parametrize(
        ("start", "kind"),
        [
            (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
            (b"PK\x03\x04\x14\x00", "a ZIP archive, and no whole DOCX or EPUB"),
            (b"\x7fELF\x02\x01", "a program (ELF)"),
            (b"{\\rtf1\\ansi", "a rich-text document (RTF)"),
        ],
    )
    def test_known_kinds_of_binary(self, start: bytes, kind: str) -> None:
        assert refusal(start + b"\x00 more") == (
            f"a.txt seems to be {kind}; plain text, PDF, Markdown, HTML, DOCX and EPUB are read: "
            "save it as one of these and try again."
        )

    def test_unknown_binary_by_its_nuls(self) -> None:
        assert "holds NUL bytes and seems to be binary" in refusal(bytes(range(256)) * 3)

    def test_unknown_binary_by_its_control_bytes(self) -> None:
        assert "is full of control bytes and seems to be binary" in refusal(b"\x01\x02ab" * 50)

    def test_broken_utf8_is_not_read_as_something_else(self) -> None:
        data = "Größe, Maß und Übermaß".encode()
        broken = data[:10] + b"\xff" + data[10:]
        assert refusal(broken) == (
            "a.txt is damaged UTF-8: byte 10 (0xFF, counted from 0) does not decode (invalid start byte);"
            " repair the file or save it again as UTF-8."
        )

    def test_cut_utf8(self) -> None:
        assert "damaged UTF-8: byte 5 (0xC3, counted from 0)" in refusal("für ü".encode()[:-1])

    def test_broken_utf8_with_mark_counts_from_the_file(self) -> None:
        assert "damaged UTF-8: byte 4 (0xFF" in refusal(b"\xef\xbb\xbfa\xffb")

    @pytest.mark.parametrize("most", [1, 2, 3, 7])
    @pytest.mark.parametrize(
        "data",
        [
            "Größe, Maß".encode() + b"\xff",
            "für ü".encode()[:-1],
            "Größe\ufffd, Maß und Übermaß".encode() + b"\xff\xe2\x82",
            "Слова 😀".encode("utf-16") + b"c",
            "Съешь ещё этих мягких булок".encode("cp1251"),
            b"caf\xe9 and \x81 and then a little more",
            b"\x01\x02ab" * 50,
            b" \n" * 20,
        ],
    )
    def test_how_a_file_is_cut_changes_no_sentence(
        self, data: bytes, most: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        whole = refusal(data)
        monkeypatch.setattr(text, "_AT_ONCE", most)
        assert refusal(data) == whole

    def test_utf16_of_odd_length(self) -> None:
        assert "damaged UTF-16: byte 6 (0x63" in refusal("ab".encode("utf-16") + b"c")

    def test_utf16_with_half_a_surrogate_pair(self) -> None:
        assert "damaged UTF-16: byte 4 " in refusal(b"\xff\xfea\x00\x00\xd8b\x00")

    def test_another_8_bit_encoding_is_not_read_as_mojibake(self) -> None:
        assert "is neither UTF-8 nor Windows-1252 text (most of its letters" in refusal(
            "Съешь ещё этих мягких булок".encode("cp1251")
        )

    def test_byte_without_a_character(self) -> None:
        message = refusal(b"caf\xe9 and \x81 and then a little more")
        assert "byte 9 (0x81, counted from 0) stands for no character" in message


class TestDetails:
    TEXT = "ON RIVERS\nby Ada Miller\n\nThey flow, and nobody asks them why they do so.\n"

    def test_read_from_the_text(self, write: Write) -> None:
        document = load(write(self.TEXT, "On_Rivers (2nd).txt"))
        assert (document.id, document.title, document.author, document.year, document.label) == (
            "on-rivers-2nd",
            "On Rivers",
            "Ada Miller",
            None,
            "Miller, On Rivers",
        )

    def test_given_details_win(self, write: Write) -> None:
        given = Details(id="r", title="Rivers", author="A. Miller", year=1905, label="Miller")
        document = load(write(self.TEXT), given)
        assert (document.id, document.title, document.author, document.year, document.label) == (
            "r",
            "Rivers",
            "A. Miller",
            1905,
            "Miller",
        )

    def test_hashes(self, write: Write) -> None:
        document = load(write(self.TEXT))
        assert document.source == "a.txt"
        assert document.source_sha256 == hashlib.sha256(self.TEXT.encode()).hexdigest()
        assert document.sha256 == hashlib.sha256(document.text.encode()).hexdigest()

    def test_same_words_in_another_encoding_are_the_same_text(self, write: Write) -> None:
        one, other = load(write(self.TEXT)), load(write(self.TEXT.encode("utf-16"), "b.txt"))
        assert one.sha256 == other.sha256
        assert one.source_sha256 != other.source_sha256

    @pytest.mark.parametrize(
        ("author", "label"),
        [
            ("A. Miller and Jan van Dyke", "Miller and van Dyke, Rivers"),
            ("A. Miller and B. Weir and C. Lock", "Miller and others, Rivers"),
            ("Anderson", "Anderson, Rivers"),
        ],
    )
    def test_a_label_names_two_authors_or_the_first_of_more(self, write: Write, author: str, label: str) -> None:
        assert load(write(self.TEXT), Details(title="Rivers", author=author)).label == label

    def test_without_a_title_the_name_of_the_file_serves(self, write: Write) -> None:
        document = load(write("PREFACE\n\nThey flow.\n\nCONCLUSION\n\nThey end.\n", "on_some-rivers.txt"))
        assert (document.title, document.author, document.label) == (
            "On some rivers",
            None,
            "On some rivers",
        )

    def test_name_without_latin_letters(self, write: Write) -> None:
        document = load(write("Слова текут.", "реки.txt"))
        assert document.id == f"document-{document.source_sha256[:8]}"
        assert document.title == "Реки"

    def test_a_title_in_capitals_is_listed_in_mixed_case_and_stays_in_the_text(self, write: Write) -> None:
        document = load(write("THE RIVERS OF PART II\n\nThey flow, and nobody has ever asked them why they should.\n"))
        assert document.title == "The Rivers of Part II"
        assert document.text.startswith("THE RIVERS OF PART II\n")

    def test_long_title_is_shortened_at_a_word(self, write: Write) -> None:
        title = "A Short Account of Everything That Ever Flowed Down Hill"
        document = load(write(f"{title}\n\nThey flow, and nobody has ever asked them why they should.\n"))
        assert document.title == title
        assert document.label == "A Short Account of Everything That Ever…"

    def test_the_line_with_the_author_is_no_paragraph(self, write: Write) -> None:
        document = load(write(self.TEXT))
        assert [(b.kind, b.number) for b in document.blocks] == [
            (BlockKind.HEADING, None),
            (BlockKind.CAPTION, None),
            (BlockKind.PARAGRAPH, 1),
        ]
