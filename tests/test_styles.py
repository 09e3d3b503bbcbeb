"""Citations to take along: each form as its handbook or format has it, and nothing made up."""

import json
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.types import Citation, Extract, Source
from ui.styles import STYLES

SOURCE = Source("weir", "The Broken Weir", "Ada Ashby", 1907, "Weir", "0" * 64, "weir.txt", 1234, 7)
CITED = Citation(
    "weir", "ab" * 32, 29, 50, "Nobody rang “the bell”.", "before ", " after", ("Part one", "The night"), 4, None, 12,
    (88, 90), Extract(0, 82, "…"),
)  # fmt: skip
PUBLISHED = replace(SOURCE, publisher="Weir & Co.")
UNPAGED = replace(CITED, page=None)


@pytest.mark.parametrize(
    ("style", "citation", "source", "told"),
    [
        ("chicago", CITED, SOURCE, "“Nobody rang ‘the bell’.” Ada Ashby, The Broken Weir (1907), p. 12."),
        ("chicago", UNPAGED, SOURCE, "“Nobody rang ‘the bell’.” Ada Ashby, The Broken Weir (1907), “The night”, ¶ 4."),
        (
            "chicago",
            replace(UNPAGED, section=(), paragraph=None),
            replace(SOURCE, author=None, year=None),
            "“Nobody rang ‘the bell’.” The Broken Weir, lines 88–90.",
        ),
        (
            "chicago",
            replace(UNPAGED, section=(), paragraph=None, lines=None),
            replace(SOURCE, author=None, year=None),
            "“Nobody rang ‘the bell’.” The Broken Weir, outside the paragraphs.",
        ),
        ("mla", CITED, SOURCE, "“Nobody rang ‘the bell’.” (Ashby, 12). Ashby, Ada. The Broken Weir. 1907."),
        (
            "mla",
            UNPAGED,
            replace(SOURCE, author="Ada Ashby; Bell, Ben"),
            "“Nobody rang ‘the bell’.” (Ashby and Bell, “The night”, par. 4). "
            "Ashby, Ada and Ben Bell. The Broken Weir. 1907.",
        ),
        ("apa", CITED, SOURCE, "“Nobody rang ‘the bell’.” (Ashby, 1907, p. 12). Ashby, A. (1907). The Broken Weir."),
        (
            "apa",
            replace(UNPAGED, paragraph=None, note=3),
            replace(SOURCE, author=None, year=None),
            "“Nobody rang ‘the bell’.” (“The Broken Weir”, n.d., “The night”, note 3). The Broken Weir. (n.d.).",
        ),
        (
            "chicago",
            CITED,
            PUBLISHED,
            "“Nobody rang ‘the bell’.” Ada Ashby, The Broken Weir (Weir & Co., 1907), p. 12.",
        ),
        (
            "mla",
            CITED,
            replace(PUBLISHED, year=None),
            "“Nobody rang ‘the bell’.” (Ashby, 12). Ashby, Ada. The Broken Weir. Weir & Co.",
        ),
        (
            "apa",
            CITED,
            PUBLISHED,
            "“Nobody rang ‘the bell’.” (Ashby, 1907, p. 12). Ashby, A. (1907). The Broken Weir. Weir & Co.",
        ),
    ],
)
def test_a_form_for_people(style: str, citation: Citation, source: Source, told: str) -> None:
    assert STYLES[style](citation, source) == told


names = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"]), min_size=1, max_size=20)


@given(names.filter(str.strip), names, st.none() | st.integers(-3000, 3000))
def test_forms_for_programs_can_be_read_again(title: str, quote: str, year: int | None) -> None:
    citation, source = replace(CITED, quote=quote, page=None), replace(SOURCE, title=title, year=year)
    (item,) = json.loads(STYLES["csl-json"](citation, source))
    assert (item["title"], item["author"]) == (title, [{"family": "Ashby", "given": "Ada"}])
    assert item.get("issued") == (None if year is None else {"date-parts": [[year]]})
    target = json.loads(STYLES["annotation"](citation, source))["target"]
    exact, position = target["selector"]
    assert (exact["exact"], exact["prefix"], exact["suffix"]) == (quote, "before ", " after")
    assert (position["start"], position["end"], target["source"]) == (29, 50, f"urn:sha256:{'ab' * 32}")
    for line in STYLES["ris"](citation, source).split("\n"):
        assert re.match(r"[A-Z][A-Z\d]  - ", line)
    entry = STYLES["bibtex"](citation, source)
    bare = re.sub(r"\\[{}]", "", entry)
    assert bare.count("{") == bare.count("}")
    assert entry.startswith("@misc{weir,\n") and entry.endswith("}")


def test_bibtex_keeps_what_would_command_it() -> None:
    entry = STYLES["bibtex"](CITED, replace(SOURCE, title="50% of {A} & B_c ~ \\d", id="a b"))
    assert r"title = {{50\% of \{A\} \& B\_c \textasciitilde{} \textbackslash{}d}}," in entry
    assert entry.startswith("@misc{a-b,")


def test_the_publisher_stands_in_the_forms_for_programs() -> None:
    assert "  publisher = {Weir \\& Co.},\n" in STYLES["bibtex"](UNPAGED, PUBLISHED)
    assert "PB  - Weir & Co.\n" in STYLES["ris"](UNPAGED, PUBLISHED)
    assert json.loads(STYLES["csl-json"](UNPAGED, PUBLISHED))[0]["publisher"] == "Weir & Co."
    for style in ("bibtex", "ris", "csl-json"):
        assert "publisher" not in STYLES[style](UNPAGED, SOURCE) and "PB" not in STYLES[style](UNPAGED, SOURCE)
