"""What the page shows of a value: words, marks and folds, and that nothing from outside is markup."""

import re
from dataclasses import replace
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.types import Block, BlockKind, Colour, Document, Marker, SourceLine
from qa.types import (
    Answer,
    Certainty,
    Citation,
    Comparison,
    Difference,
    Extract,
    Finding,
    Likeness,
    Occurrence,
    Perspective,
    Signals,
    Source,
    Voice,
)  # fmt: skip
from ui import quotation, reading, render, theme, window
from ui.chat import Chat
from ui.words import place, speaks, sureness, tally

TEXT = "The weir broke in the night. Nobody rang the bell. By morning the mill stood dry."


def source(identifier: str = "weir", label: str = "Weir") -> Source:
    return Source(identifier, "The Broken Weir", "A. Ashby", 1907, label, "0" * 64, "weir.txt", 1234, 7)


def citation(text: str = TEXT, start: int = 29, end: int = 50) -> Citation:
    return Citation(
        document="weir",
        sha256="0" * 64,
        start=start,
        end=end,
        quote=text[start:end],
        prefix=text[max(start - 32, 0) : start],
        suffix=text[end : end + 32],
        section=("Part one", "The night"),
        paragraph=4,
        note=None,
        page="12",
        lines=(88, 90),
        passage=Extract(0, len(text), text),
    )


def answering(*citations: Citation, right: int | None = 7) -> Perspective:
    return Perspective(source(), 0.8, Signals(0.6, 0.7), Answer(citations, Certainty("Fairly sure", right)), ())


def silent(*nearest: Citation) -> Perspective:
    return Perspective(source("mill", "Mill"), 0.1, Signals(0.2, 0.1), None, nearest)


def comparison(*perspectives: Perspective, question: str = "Who rang?", follows: tuple[str, ...] = ()) -> Comparison:
    return Comparison(question, follows, perspectives, 0.24)


def occurrence(
    *parts: Citation, kind: Likeness = Likeness.EXACT, differences: tuple[Difference, ...] = ()
) -> Occurrence:
    first, last = parts[0], parts[-1]
    return Occurrence(first.document, first.start, last.end, first.quote, kind, 91.4, parts, differences)


def finding(*occurrences: Occurrence, quotation: str = "nobody rang") -> Finding:
    return Finding(quotation, (source(), source("mill", "Mill")), occurrences, 0.02)


def words(html: str) -> str:
    """The text that a browser would show."""
    return unescape(re.sub(r"<[^>]*>", "", html))


def document(text: str = TEXT, **changes: object) -> Document:
    whole = Document(
        id="weir",
        title="The Broken Weir",
        author="A. Ashby",
        year=1907,
        label="Weir",
        source="weir.txt",
        source_sha256="0" * 64,
        sha256="0" * 64,
        text=text,
        blocks=(Block(BlockKind.PARAGRAPH, 0, len(text), 1),),
        markers=(),
        lines=(SourceLine(0, 1, "12"),),
    )
    return replace(whole, **changes)  # type: ignore[arg-type]


def pane(doc: Document, start: int, end: int) -> str:
    return reading.pane(window.Opening(doc, start, end, window.window_around(doc, start, end)), 0)


def test_a_card_marks_the_answer_inside_its_passage() -> None:
    html = render.card(answering(citation()), 0)
    assert "<mark>Nobody rang the bell.</mark>" in html
    assert TEXT in words(html)


def test_an_answer_over_two_paragraphs_is_marked_in_both_and_not_between() -> None:
    said = "The miller told it thus:\n\nNobody rang."
    place = replace(citation(), start=0, end=len(said), quote=said, passage=Extract(0, len(said), said))
    html = render.card(answering(place), 0)
    assert "<mark>The miller told it thus:</mark>\n\n<mark>Nobody rang.</mark>" in html


def test_a_card_says_how_sure_it_is_and_what_that_meant() -> None:
    assert "Fairly sure: answers like this were right 7 times in 10" in words(render.card(answering(citation()), 0))
    assert "right once in 10" in sureness(Certainty("Unsure", 1))
    assert sureness(Certainty("Quite sure", None)) == "Quite sure"


def test_further_places_are_folded_and_counted() -> None:
    two = render.card(answering(citation(), citation()), 0)
    assert "<summary>One more place in this text</summary>" in two
    three = render.card(answering(citation(), citation(), citation()), 0)
    assert "<summary>Two more places in this text</summary>" in three
    assert "<details" not in render.card(answering(citation()), 0)


def test_silence_is_said_and_the_nearest_passages_are_folded_without_a_mark() -> None:
    html = render.card(silent(citation()), 1)
    assert "Nothing in this text answers that." in html
    assert "<summary>The nearest passages</summary>" in html
    assert "<mark>" not in html


def test_the_place_is_told_in_words() -> None:
    assert place(citation()) == "The night, ¶ 4, p. 12"
    note = replace(citation(), paragraph=None, note=9)
    assert place(note) == "The night, note 9, p. 12"
    assert "Part one › The night › Lines 88–90" in quotation.quotation(citation(), source())


def test_where_nothing_else_is_known_the_lines_are_the_place() -> None:
    bare = replace(citation(), section=(), paragraph=None, page=None)
    assert place(bare) == "lines 88–90"
    assert place(replace(bare, lines=(88, 88))) == "line 88"


def test_a_format_without_lines_names_none() -> None:
    unlined = replace(citation(), lines=None)
    assert place(unlined) == place(citation())
    assert 'title="Part one › The night"' in quotation.quotation(unlined, source())
    assert place(replace(unlined, section=(), paragraph=None, page=None)) == "outside the paragraphs"


def test_the_headings_at_a_passage_s_beginning_are_left_to_its_place() -> None:
    headings = "Part  one\n\nThe night\n\n"
    under = quotation.quotation(citation(headings + TEXT, len(headings) + 29, len(headings) + 50), source())
    assert under.count("The night") == quotation.quotation(citation(), source()).count("The night")
    assert "Part  one" not in under
    assert words(under).count("The weir broke in the night.") == 1
    inside = TEXT[:29] + headings + TEXT[29:]  # a heading further down stays
    assert "Part  one" in quotation.quotation(citation(inside, len(inside) - 33, len(inside)), source())
    assert "<mark>The night</mark>" in quotation.quotation(citation("The night\n\n" + TEXT, 0, 9), source())


def test_a_long_passage_is_cut_between_sentences_around_the_quotation() -> None:
    text = "One more sentence. " * 40 + "The answer." + " One more sentence." * 40
    shown = words(quotation.quotation(citation(text, 760, 771), source()))
    assert shown.startswith("The author’s own words…One more sentence. ") and "sentence.…" in shown


def test_little_stands_before_a_quotation_so_that_it_is_in_view_with_its_card() -> None:
    before = "He told us. " + "and then of the mill, of which nobody had asked, " * 6 + "in the order of letters. "
    shown = quotation.quotation(citation(f"{before}No.", len(before), len(before) + 3), source())
    lead = words(shown).removeprefix("The author’s own words…").partition("No.")[0]
    assert before.endswith(lead) and 100 < len(lead) <= quotation.LEAD


def test_a_passage_without_sentences_is_cut_at_words() -> None:
    text = "word " * 400 + "The answer." + " word" * 400
    shown = words(quotation.quotation(citation(text, 2000, 2011), source()))
    assert "…word" in shown and "word…" in shown and "The answer." in shown
    assert len(shown) < 3 * quotation.CONTEXT


@pytest.mark.parametrize("called", ["Mr.", "the Rev. Mr.", "J.", "Mrs."])
def test_what_follows_is_not_cut_behind_what_somebody_is_called(called: str) -> None:
    told = (
        f" The vestry met. {'It rained, and ' * 17}then spoke {called} Thrale of the {'great ' * 40}weir. He sat down."
    )
    shown = words(quotation.tail(told))
    assert len(told) > quotation.CONTEXT and called in told[: quotation.CONTEXT]
    assert shown.strip() == "The vestry met.…"


@pytest.mark.parametrize(
    ("perspectives", "said"),
    [
        ((answering(citation()),), "The document answers"),
        ((silent(),), "The document is silent"),
        ((answering(citation()), answering(citation())), "Both documents answer"),
        ((answering(citation()), silent()), "One answers, one is silent"),
        ((silent(), silent()), "Both documents are silent"),
        ((answering(citation()), silent(), silent()), "One answers, two are silent"),
        ((silent(),) * 3, "All 3 documents are silent"),
        ((answering(citation()),) * 12 + (silent(),), "12 answer, one is silent"),
    ],
)
def test_the_tally_counts_answers_and_silences(perspectives: tuple[Perspective, ...], said: str) -> None:
    assert tally(comparison(*perspectives)) == said


def test_a_follow_up_says_what_it_was_read_with() -> None:
    html = render.turn(2, comparison(silent(), question="And then?", follows=("Who rang?",)), {})
    assert "Read together with “Who rang?” · The document is silent · 0.2 s" in words(html)


def test_a_document_has_one_colour_in_light_and_dark_everywhere() -> None:
    sources = [source(f"d{number}") for number in range(8)]
    assert [render.hues(sources)[s.id] for s in sources] == [0, 1, 2, 3, 4, 5, 0, 1]
    sources[1] = replace(sources[1], colour=Colour.RED)
    assert [render.hues(sources)[s.id] for s in sources] == [0, 5, 2, 3, 4, 5, 0, 1]
    assert len(theme.DOCUMENTS) == render.HUES


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours by WCAG 2.2."""

    def luminance(colour: str) -> float:
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_text_stands_out_from_what_lies_behind_it(mode: str) -> None:
    def colour(tone: theme.Tone) -> str:
        return str(getattr(tone, mode))

    for ground in (theme.PAPER, theme.CARD):
        for ink in (theme.INK, theme.SOFT, *(hue for hue, _ in theme.DOCUMENTS)):
            assert contrast(colour(ink), colour(ground)) >= 4.5
        for line in (theme.EDGE, theme.FOCUS):
            assert contrast(colour(line), colour(ground)) >= 3
    assert contrast(colour(theme.INK), colour(theme.MARK)) >= 4.5


def test_the_empty_page_offers_documents_and_questions() -> None:
    html = render.welcome([source()], ["What is said of the night?"])
    assert 'data-question="What is said of the night?"' in html
    assert "Weir" in words(html) and "The Broken Weir · A. Ashby · 1907 · 1,234 words" in words(html)


def test_an_empty_library_says_what_to_do() -> None:
    assert 'Add some in <a href="#library">' in render.welcome([])


def test_a_refusal_stands_after_the_turns_and_is_announced() -> None:
    chat = Chat().answered(comparison(answering(citation()))).refused("Ask a question.")
    html = render.conversation(chat, [source()])
    assert html.index("Nobody rang the bell.") < html.rindex("Ask a question.")
    assert '<p class="px-unseen" role="status">Ask a question.</p>' in html


def test_the_pane_marks_the_place_and_keeps_the_words() -> None:
    html = pane(document(), 29, 50)
    assert '<mark id="px-here" tabindex="-1">Nobody rang the bell.</mark>' in html
    assert TEXT in words(html)
    assert "p. 12" in words(html)


def test_a_place_over_two_blocks_is_marked_in_both_and_named_once() -> None:
    text = "One end.\n\nOther end."
    blocks = (Block(BlockKind.PARAGRAPH, 0, 8, 1), Block(BlockKind.QUOTATION, 10, 20, 2))
    html = pane(document(text, blocks=blocks), 4, 15)
    assert html.count("<mark") == 2
    assert html.count('id="px-here"') == 1
    assert '<mark id="px-here" tabindex="-1">end.</mark>' in html and "<mark>Other</mark> end." in html


def test_each_kind_of_block_looks_its_part() -> None:
    text = "Night\n\nA line.\n\nA note.\n\nA plate."
    blocks = (
        Block(BlockKind.HEADING, 0, 5, None, 2),
        Block(BlockKind.QUOTATION, 7, 14, 3),
        Block(BlockKind.FOOTNOTE, 16, 23, None),
        Block(BlockKind.CAPTION, 25, 33),
    )
    html = pane(document(text, blocks=blocks), 7, 14)
    assert re.search(r"<h4[^>]*>Night</h4>", html)
    assert re.search(r'<span class="px-number">3</span><blockquote>', html)
    assert re.search(r'role="note"[^>]*><span class="px-number">\*</span>', html)
    assert re.search(r'class="px-caption"[^>]*>A plate\.', html)


def test_a_marker_leads_to_its_note_and_back_even_where_the_note_is_far_away() -> None:
    text = TEXT + "\n\n" + "x " * 20_000 + "\n\nThe bell was sold."
    note = Block(BlockKind.FOOTNOTE, len(text) - 18, len(text), 1)
    blocks = (Block(BlockKind.PARAGRAPH, 0, len(TEXT), 1), Block(BlockKind.PARAGRAPH, 83, 40_083, 2), note)
    markers = (Marker(50, 1, 2), Marker(28, 7))
    html = pane(document(text, blocks=blocks, markers=tuple(sorted(markers, key=lambda m: m.position))), 29, 50)
    assert f'href="#{window.block_id(note.start)}"' in html
    assert "The bell was sold." in words(html)
    assert 'href="#px-marker-50"' in html and 'id="px-marker-50"' in html
    assert re.search(r'<sup class="px-marker" title="[^"]*">7</sup>', html)
    assert "</mark><sup" in html


def test_a_note_under_the_text_shows_its_own_markers_and_the_place_in_it() -> None:
    text = TEXT + "\n\n" + "x " * 20_000 + "\n\nThe bell was sold.\n\nTo the mill."
    first, second = text.index("The bell"), text.index("To the mill")
    blocks = (
        Block(BlockKind.PARAGRAPH, 0, len(TEXT), 1),
        Block(BlockKind.PARAGRAPH, 83, 40_083, 2),
        Block(BlockKind.FOOTNOTE, first, first + 18, 1),
        Block(BlockKind.FOOTNOTE, second, len(text), 2),
    )
    book = document(text, blocks=blocks, markers=(Marker(50, 1, 2), Marker(first + 17, 2, 3)))
    html = reading.pane(window.Opening(book, 29, first + 8, window.Window(0, len(TEXT))), 0)
    assert "<mark>The bell</mark> was sold<sup" in html
    assert "To the mill." in words(html)
    assert html.count(f'id="px-marker-{first + 17}"') == html.count(f'href="#px-marker-{first + 17}"') == 1


def test_a_long_document_opens_as_a_window_that_grows_to_both_ends() -> None:
    text = "\n\n".join(f"Paragraph {number} " + "word " * 60 for number in range(2000))
    starts = [match.start() for match in re.finditer(r"Paragraph \d", text)]
    ends = [*(start - 2 for start in starts[1:]), len(text)]
    blocks = tuple(Block(BlockKind.PARAGRAPH, s, e, n) for n, (s, e) in enumerate(zip(starts, ends, strict=True), 1))
    book = document(text, blocks=blocks)
    html = pane(book, starts[1000], starts[1000] + 14)
    assert len(html) < 6 * window.SPAN
    assert "Earlier in this text" in html and "Later in this text" in html
    shown = window.window_around(book, starts[1000], starts[1000] + 14)
    larger, focus = window.grown(book, shown, "earlier")
    assert larger.start <= shown.start - window.SPAN and larger.end == shown.end
    assert focus == window.block_id(max(start for start in starts if start < shown.start))
    larger, focus = window.grown(book, shown, "later")
    assert larger.end >= shown.end + window.SPAN and larger.start == shown.start
    assert focus == window.block_id(min(start for start in starts if start > shown.end))


def test_one_line_of_ten_megabytes_is_shown_in_part() -> None:
    text = "word " * 2_000_000
    html = pane(document(text), 5_000_000, 5_000_004)
    assert len(html) < 6 * window.SPAN
    assert "…" in html


def test_a_notice_is_shown_once_and_only_where_there_is_one() -> None:
    plain = comparison(answering(citation()))
    html = render.turn(1, replace(plain, notice="Answered without the reader. <b>It</b> is damaged."), {})
    assert html.count("px-notice") == 1 and "&lt;b&gt;It&lt;/b&gt; is damaged." in html
    assert "px-notice" not in render.turn(1, plain, {})


LATE = Voice(29, 51, "Ashby", None)
NIGHT = Voice(0, 82, None, None)


@pytest.mark.parametrize(
    ("voices", "quoted", "said"),
    [
        ((), 0.0, "The author’s own words"),
        ((LATE,), 1.0, "Quoted: Ashby"),
        ((NIGHT,), 1.0, "Quoted: somebody not named"),
        ((NIGHT, LATE), 1.0, "Quoted: Ashby"),
        ((Voice(40, 60, "Ashby", None),), 0.4, "The author, quoting Ashby"),
        ((Voice(20, 35, "Ashby", None), Voice(40, 60, "Bell", None)), 0.95, "Quoted: Ashby and Bell"),
        ((Voice(20, 35, "Ashby", None), Voice(40, 60, "Bell", None)), 0.7, "The author, quoting Ashby and Bell"),
    ],
)
def test_a_citation_says_who_speaks_in_it(voices: tuple[Voice, ...], quoted: float, said: str) -> None:
    cited = replace(citation(), voices=voices, quoted=quoted)
    assert speaks(cited) == said
    assert f">{said}</p><blockquote" in quotation.quotation(cited, source())


def test_the_pane_underlines_what_others_say_and_names_them_outside_the_text() -> None:
    doc = document(markers=(Marker(35, 1), Marker(50, 2)))
    opening = window.Opening(doc, 10, 40, window.window_around(doc, 10, 40), voices=(LATE, Voice(30, 35, "Bell", None)))
    html = reading.pane(opening, 0)
    shown = re.sub(r"<sup.*?</sup>", "", html[html.index("px-blocks") :])
    assert TEXT in words(shown)
    assert html.count("<sup") == 2
    assert html.count('class="px-voice" title="Quoted: Ashby"') == 2
    assert html.count('data-speaker="Ashby"') == 1
    assert "Bell" not in html


def test_the_speaker_stands_behind_the_mark_that_closes_what_he_says() -> None:
    text = "He wrote: “Come at once.” Nobody came."
    doc = document(text)
    said = Voice(text.index("Come"), text.index("”"), "Bell", None)
    html = reading.pane(window.Opening(doc, 0, 0, window.window_around(doc, 0, 0), voices=(said,)), 0)
    assert 'Come at once.</span>”<span class="px-speaker" data-speaker="Bell"></span> Nobody' in html


def test_a_speaker_whom_a_label_names_is_not_named_again() -> None:
    text = "ASHBY (aside). I came. BELL: So you did. We all did. Bell: “I go.”"
    doc = document(text)
    spoken = [
        ("I came.", "ASHBY", (0, 14)),
        ("So you did.", "BELL", (23, 28)),
        ("We all", "BELL", None),
        ("I go.", "Bell", None),
    ]
    told = tuple(
        Voice(text.index(said), text.index(said) + len(said), name, None, label) for said, name, label in spoken
    )
    html = reading.pane(window.Opening(doc, 0, 0, window.window_around(doc, 0, 0), voices=told), 0)
    assert html.count('class="px-voice"') == 4
    assert re.findall(r"(\w+[.”]*)(?:</span>)?”?<span class=\"px-speaker\" data-speaker=\"(\w+)\"", html) == [
        ("all", "BELL"),
        ("go.", "Bell"),
    ]


def test_a_quotation_has_a_card_for_each_document_with_its_places_or_none() -> None:
    html = render.turn(1, finding(occurrence(citation())), {})
    assert words(html).startswith("nobody rangFound in 1 place in 1 document · under 0.1 sWeirWord for word")
    assert "<mark>Nobody rang the bell.</mark>" in html
    assert "Not in this text." in html.split("<article")[2]
    assert "Not in these documents" in render.turn(1, finding(), {})


def test_a_near_place_shows_the_words_that_differ() -> None:
    changed = (
        Difference("Nobody", "Nobody", True),
        Difference("heard", "rang the", False),
        Difference("", "bell", False),
    )
    html = render.turn(1, finding(occurrence(citation(), kind=Likeness.NEAR, differences=changed)), {})
    assert "Nearly so, 91 of 100 letters alike" in html
    assert "Nobody <del>heard</del> <ins>rang the</ins> <ins>bell</ins>" in html


def test_a_joined_place_shows_every_part() -> None:
    html = render.turn(1, finding(occurrence(citation(), citation(TEXT, 51, 82), kind=Likeness.JOINED)), {})
    assert "Joined from two parts, the words between left out" in html
    assert html.count("<mark>") == 2


def test_of_many_places_a_few_are_shown_some_folded_and_the_rest_counted() -> None:
    html = render.turn(1, finding(*[occurrence(citation())] * 70), {})
    shown, folded = html.split("<details", 1)
    assert (shown.count("<mark>"), folded.count("<mark>")) == (3, 47)
    assert "67 more places, of which 20 places are not listed" in folded


hostile = st.text(st.characters(codec="utf-8", exclude_characters="\r"), min_size=1) | st.sampled_from(
    [
        "<script>window.pwned=1</script>",
        "${window.pwned=1}",
        "\"'><img src=x onerror=window.pwned=1>",
        "&lt;&amp;",
    ]
)


@given(hostile, hostile)
def test_nothing_from_a_document_or_a_user_is_markup(text: str, name: str) -> None:
    where = citation(text, 0, len(text))
    spoken = (Voice(0, len(text), name, text),)
    quoted = replace(where, document=name, section=(name,), voices=spoken, quoted=1.0)
    speaks = replace(answering(quoted, quoted), source=source(name, name))
    told = replace(comparison(speaks, silent(quoted), question=text, follows=(name,)), notice=name)
    changed = (Difference(text, name, False), Difference(name, name, True))
    looked_up = finding(occurrence(quoted, quoted, kind=Likeness.JOINED, differences=changed), quotation=text)
    looked_up = replace(looked_up, searched=(source(name, name),))
    chat = Chat().answered(told).answered(looked_up).refused(text)
    html = render.conversation(chat, [source(name, name)]) + render.welcome([source(name, name)], [text])
    book = document(f"x{text}x", id=name, label=name, title=text, author=name)
    around = window.Window(1, 1 + len(text))
    html += reading.pane(window.Opening(book, 0, len(book.text), around, voices=spoken, citations=((name, text),)), 0)
    html += reading.refusal(text)
    bare = re.sub(r"<[^<>]*>", "", html)
    assert "<" not in bare and ">" not in bare
    assert all(TAG.fullmatch(tag) for tag in re.findall(r"</?(\w+)", html))
    assert all(ATTRIBUTE.fullmatch(attribute) for attribute in re.findall(r'\s([\w-]+)="[^"]*"', html))
    for told in (text, name):
        assert told in unescape(bare)


TAG = re.compile(
    "section|p|h[1-6]|div|article|details|summary|figure|figcaption|blockquote|mark|span|bdi|button|ul|li|aside"
    "|header|sup|a|ins|del|ol|nav"
)
ATTRIBUTE = re.compile(
    "class|id|role|title|dir|type|tabindex|href|style|aria-(label|labelledby|hidden)"
    "|data-(document|link|sha256|start|end|question|from|to|direction|focus|own|in|speaker|copy|ending|length)"
)
