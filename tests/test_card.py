"""Which languages a model knows, by its card."""

from pathlib import Path

import pytest

from index.card import knows, languages
from index.embed import DEFAULT_MODEL


def test_the_packaged_model_knows_english_alone() -> None:
    assert languages(DEFAULT_MODEL) == ("en",)


@pytest.mark.parametrize(
    ("said", "known"),
    [
        ("language: de", ("de",)),
        ("language: [ru, en-US]", ("en", "ru")),
        ("language:\n- multilingual\n- fr\n- zh-TW", ("fr", "zh")),
        ("language: multilingual", ()),
        ("language: [12, Klingonisch]", ()),
        ("language:", ()),
        ("license: mit", ()),
        ("language: [de", ()),  # no YAML
        ("- a list", ()),
    ],
)
def test_the_card_names_its_languages(tmp_path: Path, said: str, known: tuple[str, ...]) -> None:
    (tmp_path / "README.md").write_text(f"---\n{said}\n---\n\n# A model\n", encoding="utf-8")
    assert languages(str(tmp_path)) == known


def test_without_a_card_nothing_is_known(tmp_path: Path) -> None:
    assert languages(str(tmp_path)) == () == languages("nobody/has-this-model") == languages("a/b/c")
    (tmp_path / "README.md").write_bytes(b"---\n\xff\n---\n")
    assert languages(str(tmp_path)) == ()


def test_a_model_knows_what_its_card_names_and_of_others_nothing_is_known() -> None:
    assert knows(("de", "en"), "de") is True
    assert knows(("de", "en"), "ru") is False
    assert knows((), "ru") is None
