"""The language of a text: told from its letters, read from what a file says, English where neither tells."""

import subprocess
import sys
from pathlib import Path

import pytest
from tongues import ENGLISH, GERMAN, TEXTS

from index.language import code, detect, may_be, name, told


@pytest.mark.parametrize("language", TEXTS)
def test_the_language_of_a_text_is_told(language: str) -> None:
    assert detect(TEXTS[language]) == language
    assert detect(TEXTS[language] * 200) == language  # a book is told by parts of it


@pytest.mark.parametrize("language", TEXTS)
def test_a_page_of_another_language_does_not_count(language: str) -> None:
    other = GERMAN if language != "de" else ENGLISH
    assert detect(TEXTS[language] * 20 + other) == language


@pytest.mark.parametrize("text", ["", "1848 12 33", "Paris.", "Isaac Thrale", "x", "— — —"])
def test_of_too_little_nothing_is_told_and_it_counts_as_english(text: str) -> None:
    assert detect(text) == "en"


@pytest.mark.parametrize(
    "question",
    ["Who fed the swans?", "And who paid him?", "Isaac Thrale", "oyster beds", "Why?", "What is said about “Salt”?"],
)
def test_an_english_question_may_be_english(question: str) -> None:
    assert may_be(question, "en")


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Кто кормил лебедей?", "ru"),
        ("Wer fütterte die Schwäne?", "de"),
        ("Qui a nourri les cygnes ?", "fr"),
        ("¿Quién alimentó a los cisnes?", "es"),
    ],
)
def test_a_question_in_another_language_is_not(question: str, language: str) -> None:
    assert may_be(question, language) and not may_be(question, "en")


def test_what_the_classifier_does_not_know_is_never_ruled_out() -> None:
    assert may_be("Who fed the swans?", "tlh")


@pytest.mark.parametrize(
    ("tag", "kept"),
    [
        ("de", "de"),
        ("de-AT", "de"),
        ("EN_us", "en"),
        (" ru ", "ru"),
        ("zh-Hant-TW", "zh"),
        ("eng", "en"),
        ("tlh", "tlh"),
    ],
)
def test_a_tag_is_kept_as_its_language(tag: str, kept: str) -> None:
    assert code(tag) == kept


@pytest.mark.parametrize("tag", ["", "German", "d", "d3", "de-", "en, fr", "日本語"])
def test_what_is_no_tag_has_no_code(tag: str) -> None:
    assert code(tag) is None and told(tag) is None


@pytest.mark.parametrize("tag", [None, "und", "mul", "zxx", "x-klingon"])
def test_a_file_that_names_no_language_says_none(tag: str | None) -> None:
    assert told(tag) is None


def test_a_language_has_a_name_or_its_code() -> None:
    assert name("de") == "German" and name("tlh") == "“tlh”"


LIMITED = """
import resource
from index.language import LanguageError, detect
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    detect("The keeper opened the lock.")
except LanguageError as error:
    print(error)
"""


def test_without_room_for_a_temporary_file_that_is_told_in_one_sentence() -> None:
    root = Path(__file__).resolve().parents[1]
    told = subprocess.run([sys.executable, "-c", LIMITED], cwd=root, capture_output=True, text=True, check=True)
    assert told.stderr == ""
    assert told.stdout == (
        "What tells the language of a text cannot be unpacked into a temporary file (File too large): make room in the "
        "folder for temporary files, or name another with TMPDIR.\n"
    )
