"""A conversation that is taken along: every quotation in it can be checked, and a changed letter is seen."""

import json
import random
import re
from dataclasses import replace
from html import escape, unescape
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.types import ParallaxError
from qa.session import Session
from qa.types import Citation, Extract, Finding, Likeness, Occurrence, Source
from ui import batch, export
from ui.chat import Chat, Turn

QUESTIONS = (
    "Who lent the money to keep the crews?", "And who paid them?", "At which temperature does tungsten melt?",
    "Who waited?", "What brought the oysters back?",
)  # fmt: skip
READ = {"html": export.read_html, "md": export.read_markdown, "json": json.loads}

SHOWN = {"html": r"<blockquote[^>]*>([^<]+)", "md": r"^> (.+)$", "json": r'"quote": "([^"]+)",\s+"prefix"'}


@pytest.fixture(scope="module")
def turns(library: Session) -> tuple[Turn, ...]:
    """A chat of four times five questions and a quotation."""
    chat = Chat()
    for question in QUESTIONS * 4:
        chat = chat.answered(library.ask(question, history=chat.history))
    text = library.document(library.documents()[0].id).text
    return chat.answered(library.find(f"{text[600:680]} … {text[900:990]}")).turns


@pytest.mark.parametrize("ending", export.FORMATS)
def test_every_citation_of_a_saved_chat_holds(
    library: Session, turns: tuple[Turn, ...], ending: str, tmp_path: Path
) -> None:
    path = tmp_path / f"kept.{ending}"
    path.write_text(export.FORMATS[ending](turns, library.documents(), ()), encoding="utf-8")
    result = library.verify(batch.record(path))
    assert result.problems == ()
    assert result.checked >= 60


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(st.data())
@pytest.mark.parametrize("ending", export.FORMATS)
def test_a_changed_letter_in_a_saved_quotation_is_seen(
    library: Session, turns: tuple[Turn, ...], ending: str, data: st.DataObject
) -> None:
    told = export.FORMATS[ending](turns, library.documents(), ())
    shown = data.draw(st.sampled_from(list(re.finditer(SHOWN[ending], told, re.MULTILINE))))
    letters = [at for at in range(shown.start(1), shown.end(1)) if told[at] in "aeiou"]
    at = data.draw(st.sampled_from(letters or [shown.start(1)]))
    changed = told[:at] + "#" * (ending != "md") + "q" + told[at + 1 :]
    assert len(library.verify(READ[ending](changed)).problems) >= 1


hostile = st.text(st.characters(codec="utf-8", exclude_characters="\r\x00"), min_size=1).filter(str.strip)


@given(hostile, hostile)
@pytest.mark.parametrize("ending", ["html", "md"])
def test_whatever_a_text_holds_is_read_back_as_it_was(ending: str, quote: str, name: str) -> None:
    source = Source("a--b", name, name, None, name, "0" * 64, "a.txt", 1, 1)
    cited = Citation(
        "a--b", "0" * 64, 3, 3 + len(quote), quote, "", "", (name,), 1, None, None, (1, 1), Extract(0, 9, quote)
    )
    place = Occurrence("a--b", 3, 9, quote, Likeness.EXACT, 100, (cited, replace(cited, start=0)), ())
    told = export.FORMATS[ending]([Finding(name, (source,), (place,), 0.1)], [source], ())
    kept = READ[ending](told)
    assert [(row["quote"], row["start"], row["document"]) for row in kept] == [(quote, 3, "a--b"), (quote, 0, "a--b")]


@given(hostile)
def test_nothing_in_a_saved_page_is_markup(text: str) -> None:
    source = Source("a", text, text, None, text, "0" * 64, "a.txt", 1, 1)
    told = export.as_html([Finding(text, (source,), (), 0.1)], [source])
    body = told[told.index("<main>") :]
    assert set(re.findall(r"</?(\w+)", body)) <= {"main", "h1", "h2", "p", "body", "html"}
    assert text in unescape(re.sub(r"<[^<>]*>", "", body))


@pytest.mark.parametrize("ending", ["html", "md", "json"])
def test_what_was_pinned_stands_first_in_what_is_saved(library: Session, turns: tuple[Turn, ...], ending: str) -> None:
    first, second = library.documents()
    asked = [turns[0]]
    told = export.FORMATS[ending](asked, library.documents(), [second.id])
    if ending == "json":
        assert json.loads(told)["pinned"] == [second.id]
        return
    label = {"html": "<h3[^>]*>([^<]*)", "md": "^### (.*)$"}[ending]
    said = re.findall(label, told, re.MULTILINE)
    assert [unescape(re.sub(r"\\(.)", r"\1", each)) for each in said] == [second.label, first.label]


@pytest.mark.parametrize("ending", ["html", "md"])
def test_of_what_was_cut_off_only_whole_quotations_hold(
    library: Session, turns: tuple[Turn, ...], tmp_path: Path, ending: str
) -> None:
    told = export.FORMATS[ending](turns[:2], library.documents(), ())
    path = tmp_path / f"chat.{ending}"
    quotes = [row["quote"] for row in READ[ending](told)]
    inside = told.index(escape(quotes[3], quote=True) if ending == "html" else quotes[3][:8]) + 6
    for cut in (inside, *random.Random(0).sample(range(len(told)), 12)):
        path.write_text(told[:cut], encoding="utf-8")
        result = library.verify(batch.record(path))
        held = [row["quote"] for row in READ[ending](told[:cut])]
        broken = [quote for quote, whole in zip(held, quotes, strict=False) if quote != whole]
        assert len(broken) <= 1 and broken == held[len(held) - len(broken) :]
        assert len(result.problems) == len(broken) and result.checked == len(held)
    path.with_suffix(".json").write_text(export.as_json(turns, library.documents())[:-20], encoding="utf-8")
    with pytest.raises(ParallaxError, match="is not JSON"):
        batch.record(path.with_suffix(".json"))


def test_a_saved_page_loads_nothing(library: Session, turns: tuple[Turn, ...]) -> None:
    told = export.as_html(turns, library.documents())
    assert "default-src 'none'" in told
    assert not re.search(r"<(?:script|img|link|iframe)|@import|url\(", told)
