"""Whose turn it is: labelled speech is told from the author's own words, and what only looks like it is not."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from documents import document
from formats import Item, Text, docx, epub, html, markdown, text
from hypothesis import given
from hypothesis import strategies as st
from pdfs import A4, Look, Press

from index.embed import Encoder
from index.load import load
from index.types import BlockKind, Details, Document, Passage
from qa.cite import cite
from qa.session import Session
from qa.turns import turns
from qa.voice import voices
from ui.reading import pane
from ui.window import Opening, window_around

PLAY = """\
THE WEIGH-HOUSE

by Edith Marrow

SCENE I. The weigh-house at Oxley. Night.

Enter HARBIN and THRALE with a lantern.

HARBIN. Who left the door of the weigh-house open? I told the boy
to shut it before the tide.

THRALE. You told him nothing.

[Harbin sets the lantern down.]

HARBIN. I was never asleep. I rested my eyes from the sight of you. [He yawns.]

THRALE (aside). He will say that at the last judgment.

Enter MESSENGER.

MESSENGER. The lock is gone, gentlemen.

THRALE. Then there is nothing left to weigh.

Exeunt.
"""
VERSE = """\
THE LOCK

HARBIN
Who left the door of the weigh-house open?
I told the boy to shut it before the tide.

THRALE
You told him nothing.

HARBIN
I was never asleep.

THRALE
You never are.
"""
APART = """\
# The Lock

## HARBIN

Who left the door open? I told the boy to shut it.

## THRALE

You told him nothing.

## HARBIN

I was never asleep.

## THRALE

You never are.
"""
INTERVIEW = """\
# The Keeper of the Lock

Jonas Thrale kept the lock at Holm for forty years. We met him in his kitchen.

**Anna Reed:** When did you first come to the lock?

**Jonas Thrale:** I came in the year of the flood.

No. He gave me the keys when I was nine.

**Anna Reed:** Were you afraid of the water?

**Jonas Thrale:** [laughs] Never of the water. “I fear no water in the world,” my father said.

His memoir appears in the autumn.
"""
ASKED = """\
The Keeper of the Lock

We met Jonas Thrale in his kitchen in the spring, where he bakes his own bread.

Q: When did you first come to the lock?

A: I came in the year of the flood.

Q: Were you afraid of the water?

A: I never was. I was afraid of the bargemen.

Q: What do you think of the new gates?

A: They open too fast.
"""
COURT = """\
TESTIMONY OF JONAS THRALE

The witness was sworn.

     Q. Did you see the barge on that night? A. I did. It lay at the quay.
     Q. Was there a light in it?
     A. There was none that I could see.
     THE COURT: Mr. Harbin, have you much more?
     MR. HARBIN: Two questions, Your Honour.
     Q. Did you hear a voice?
     A. I heard two.
"""
PARLIAMENT = """\
PROCEEDINGS OF THE COUNCIL

The Council met at noon. The Speaker took the chair.

Mr. BROWN. I rise to ask the Warden whether he has seen the gates.

The WARDEN. I have seen them, and I share the honourable member's alarm.

Mr. BROWN. I thank the Warden.

But I must press him on the cost.

The WARDEN. You have heard two too many.

The SPEAKER. The member will be brief.

Mr. BROWN.—I shall be, sir. What will it cost us?
"""
NAMED = """\
The Weigh-House

Harbin. Who left the door open?

Thrale. [Waking.] You told him nothing.

Harbin. I was never asleep.

Lady Oxley. Will you both be quiet?

Thrale. I am quiet.

Wherryman. The lock is gone.

Boy. It is.

Harbin. You see!

Thrale. I see you.
"""
CHAT = """\
[10:02] Anna: has anyone seen the key
[10:03] ben_holt: under the mat, I think
[10:03] Anna: which mat do you mean
[10:06] Clara: I have it, you left it in my car
[10:09] ben_holt: sorry
[10:09] Clara: yes, I will be there at six
"""
SENT = """\
12/05/2021, 10:02 - Anna Reed: Has anyone seen the key?
12/05/2021, 10:03 - Ben: I left it under the mat
12/05/2021, 10:03 - Anna Reed: which mat do you mean
12/05/2021, 10:05 - Ben: the one by the door
and look under the stone too
"""
RECORDED = """\
Anna Reed  0:00
Welcome to the show. I am your host.

Jonas Thrale  59:05
Thank you, I am glad to be here.

Anna Reed  1:00:09
So tell me, when did you come to the lock?

Jonas Thrale  1:00:14
In the year of the flood.
"""
SCREENPLAY = """\
                         ANNA
          Where did you put the key?

Ben turns from the window.

                         BEN
               (quietly)
          I never had it.

                         ANNA
          You did. I gave it to you on the quay.

                         BEN
          Then I have lost it.
"""
RELAYED = "<anna> where are you\n<ben> I am at the quay\n<anna> can you see the barge\n<ben> no\n"
SOFT = """\
# Minutes

Smith: I do not see why we should pay.
Jones: You signed for it.
Smith: I signed for the gates.
Jones: Then read it again.
"""
SOFT_CHAT = SOFT.replace("Smith", "[10:02] Smith").replace("Jones", "[10:03] Jones")
PAGE = """\
<html><body><h1>A talk at the lock</h1><p>We met in May.</p>
<p><b>Interviewer:</b> When did you come?<br><b>Thrale:</b> I came in the spring.</p>
<p><strong>Interviewer:</strong> Were you afraid?</p><p><strong>Thrale</strong>: I was not.</p></body></html>
"""
WITH_NAMES_APART = """\
The Gates

Thrale:

I came in the year of the flood.

Harbin:

Were you not afraid?

Thrale:

I was, for I knew the gates.

Harbin:

And yet you stayed.
"""


def read(folder: Path, text: str, author: str | None = None) -> Document:
    head = text.lstrip()
    path = folder / f"talk.{'html' if head[:5] == '<html' else 'md' if head[0] == '#' else 'txt'}"
    path.write_text(text, "utf-8")
    return load(path, Details(author=author))


def heard(doc: Document) -> list[tuple[str | None, str]]:
    return [(voice.speaker, doc.text[voice.start : voice.end]) for voice in voices(doc)]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            PLAY,
            [
                ("HARBIN", "Who left the door of the weigh-house open? I told the boy to shut it before the tide."),
                ("THRALE", "You told him nothing."),
                ("HARBIN", "I was never asleep. I rested my eyes from the sight of you."),
                ("THRALE", "He will say that at the last judgment."),
                ("MESSENGER", "The lock is gone, gentlemen."),
                ("THRALE", "Then there is nothing left to weigh."),
            ],
        ),
        (
            VERSE,
            [
                ("HARBIN", "Who left the door of the weigh-house open? I told the boy to shut it before the tide."),
                ("THRALE", "You told him nothing."),
                ("HARBIN", "I was never asleep."),
                ("THRALE", "You never are."),
            ],
        ),
        (
            APART,
            [
                ("HARBIN", "Who left the door open? I told the boy to shut it."),
                ("THRALE", "You told him nothing."),
                ("HARBIN", "I was never asleep."),
                ("THRALE", "You never are."),
            ],
        ),
        (
            INTERVIEW,
            [
                ("Anna Reed", "When did you first come to the lock?"),
                ("Jonas Thrale", "I came in the year of the flood."),
                ("Jonas Thrale", "No. He gave me the keys when I was nine."),
                ("Anna Reed", "Were you afraid of the water?"),
                ("Jonas Thrale", "Never of the water. “I fear no water in the world,” my father said."),
                (None, "I fear no water in the world,"),
            ],
        ),
        (
            ASKED,
            [
                ("Q", "When did you first come to the lock?"),
                ("A", "I came in the year of the flood."),
                ("Q", "Were you afraid of the water?"),
                ("A", "I never was. I was afraid of the bargemen."),
                ("Q", "What do you think of the new gates?"),
                ("A", "They open too fast."),
            ],
        ),
        (
            COURT,
            [
                ("Q", "Did you see the barge on that night?"),
                ("A", "I did. It lay at the quay."),
                ("Q", "Was there a light in it?"),
                ("A", "There was none that I could see."),
                ("THE COURT", "Mr. Harbin, have you much more?"),
                ("MR. HARBIN", "Two questions, Your Honour."),
                ("Q", "Did you hear a voice?"),
                ("A", "I heard two."),
            ],
        ),
        (
            PARLIAMENT,
            [
                ("Mr. BROWN", "I rise to ask the Warden whether he has seen the gates."),
                ("The WARDEN", "I have seen them, and I share the honourable member's alarm."),
                ("Mr. BROWN", "I thank the Warden."),
                ("Mr. BROWN", "But I must press him on the cost."),
                ("The WARDEN", "You have heard two too many."),
                ("The SPEAKER", "The member will be brief."),
                ("Mr. BROWN", "I shall be, sir. What will it cost us?"),
            ],
        ),
        (
            NAMED,
            [
                ("Harbin", "Who left the door open?"),
                ("Thrale", "You told him nothing."),
                ("Harbin", "I was never asleep."),
                ("Lady Oxley", "Will you both be quiet?"),
                ("Thrale", "I am quiet."),
                ("Boy", "It is."),
                ("Harbin", "You see!"),
                ("Thrale", "I see you."),
            ],
        ),
        (
            CHAT,
            [
                ("Anna", "has anyone seen the key"),
                ("ben_holt", "under the mat, I think"),
                ("Anna", "which mat do you mean"),
                ("Clara", "I have it, you left it in my car"),
                ("ben_holt", "sorry"),
                ("Clara", "yes, I will be there at six"),
            ],
        ),
        (
            SENT,
            [
                ("Anna Reed", "Has anyone seen the key?"),
                ("Ben", "I left it under the mat"),
                ("Anna Reed", "which mat do you mean"),
                ("Ben", "the one by the door and look under the stone too"),
            ],
        ),
        (
            RECORDED,
            [
                ("Anna Reed", "Welcome to the show. I am your host."),
                ("Jonas Thrale", "Thank you, I am glad to be here."),
                ("Anna Reed", "So tell me, when did you come to the lock?"),
                ("Jonas Thrale", "In the year of the flood."),
            ],
        ),
        (
            SCREENPLAY,
            [
                ("ANNA", "Where did you put the key?"),
                ("BEN", "I never had it."),
                ("ANNA", "You did. I gave it to you on the quay."),
                ("BEN", "Then I have lost it."),
            ],
        ),
        (
            RELAYED,
            [
                ("anna", "where are you"),
                ("ben", "I am at the quay"),
                ("anna", "can you see the barge"),
                ("ben", "no"),
            ],
        ),
        (
            SOFT,
            [
                ("Smith", "I do not see why we should pay."),
                ("Jones", "You signed for it."),
                ("Smith", "I signed for the gates."),
                ("Jones", "Then read it again."),
            ],
        ),
        (
            SOFT_CHAT,
            [
                ("Smith", "I do not see why we should pay."),
                ("Jones", "You signed for it."),
                ("Smith", "I signed for the gates."),
                ("Jones", "Then read it again."),
            ],
        ),
        (
            PAGE,
            [
                ("Interviewer", "When did you come?"),
                ("Thrale", "I came in the spring."),
                ("Interviewer", "Were you afraid?"),
                ("Thrale", "I was not."),
            ],
        ),
        (
            WITH_NAMES_APART,
            [
                ("Thrale", "I came in the year of the flood."),
                ("Harbin", "Were you not afraid?"),
                ("Thrale", "I was, for I knew the gates."),
                ("Harbin", "And yet you stayed."),
            ],
        ),
    ],
)
def test_each_turn_is_the_voice_of_its_label(tmp_path: Path, text: str, told: list[tuple[str | None, str]]) -> None:
    assert heard(read(tmp_path, text)) == told


@pytest.mark.parametrize("made", [text, markdown, html, epub, docx])
def test_an_interview_is_heard_in_every_format(tmp_path: Path, made: Callable[[Text], bytes]) -> None:
    turned = [
        (
            "Interviewer",
            "When did you first come to the lock, and who had kept it before you, in those years?",
        ),
        (
            "Jonas Thrale",
            "I came in the year of the flood. My father had kept it, and I slept over the gates.",
        ),
        (
            "Interviewer",
            "Were you never afraid of the water, when you lay there and heard it under you?",
        ),
        ("Jonas Thrale", "I never was. I was afraid of the bargemen, who had no patience at all with a boy of nine."),
    ]
    items = [Item(BlockKind.HEADING, "The Keeper of the Lock", 1), Item(BlockKind.PARAGRAPH, "We met him in May.")]
    items += [Item(BlockKind.PARAGRAPH, f"{name}: {said}") for name, said in turned]
    path = tmp_path / ("talk.md" if made is markdown else "talk")
    path.write_bytes(made(Text("The Keeper of the Lock", "Anna Reed", 2020, tuple(items))))
    assert heard(load(path, Details())) == turned
    plain = document(*((item.kind, item.text) for item in items))
    Press(tmp_path / "talk.pdf", Look(page=A4, spaced=True)).set(plain)
    assert heard(load(tmp_path / "talk.pdf", Details())) == turned


NO_TALK = {
    "definitions": (
        "Barge: a boat that you tow.\n\nLock: what I keep.\n\nBarge: see boat.\n\nLock: see gate.\n\nBarge: mine."
    ),
    "notes": "Note: you may shut the gate. Do I need a key?\n\nWarning: you must not swim.\n\n" * 4,
    "run-in headings": "Chapter 3: I come home. Will you?\n\nSection 2: We meet you.\n\n" * 3,
    "numerals": "I. Have you seen me? \n\nII. I have seen you.\n\n" * 3,
    "bibliography": "Thrale, J.: What I Saw of You, 1838.\n\nHarbin, A.: My Slakes, and Yours? 1866.\n\n" * 3,
    "by author": (
        "Thrale: What I Saw, 1838.\n\nThrale: Do You Swim? 1839.\n\nHarbin: My Slakes, 1866.\n\nHarbin: And You, 1867."
    ),
    "one line": "He rowed to me at noon.\n\nHe said: I shall not see you again.\n\nThen I rowed home. Did you?",
    "one name": (
        "Thrale: I came to you. Did you see me?\n\nMy father kept it.\n\nThrale: I told you so.\n\nThrale: I did."
    ),
    "letter": "From: Anna Reed\nTo: Ben Holt\nSubject: Are you there?\n\nDear Ben, I miss you.\n\n" * 3,
    "records": "Name: I am Thrale\n\nTown: Do you know Oxley?\n\nTrade: I am a smith\n\n" * 3,
    "pros and cons": "## The red boat\n\nPros: I like it. Will you?\n\nCons: I paid. You will.\n\n## The blue boat\n\n"
    * 3,
    "by product": "## Boat\n\nLiked: I like it. Will you?\n\nDisliked: I paid. You will.\n\n" * 3,
    "data": "Mast: 4 m\n\nKeel: 9 m\n\nMast: 5 m\n\nKeel: 8 m\n\nMast: 4 m\n\nKeel: 7 m",
    "cooking": "## Eel\n\nINGREDIENTS\n\nMy eel, and yours.\n\nMETHOD\n\nWill you boil it? I do.\n\n" * 3,
    "textbook": "EXERCISES\n\nCan you find my error?\n\nSUMMARY\n\nI have shown you a proof.\n\n" * 3,
    "short sentences": "Yes. I saw you.\n\nThe yes was mine. Do you see?\n\nNo. I saw no boat. Did you?\n\n" * 4,
    "headings of a list": "Installation\n\nDo you have it?\n\nScope\n\nWill you use it? I do.\n\n" * 2,
    "theorems": "Theorem. I give you a number. Is it odd?\n\nProof. I add mine to yours. Do you see?\n\n" * 4,
    "terms in capitals": "The UN sits. NATO. I am told you pay. UN. You pay me. NATO. I pay you. UN. Do I?",
    "phrases": "English: Where are you?\n\nGerman: I am here.\n\n" * 3,
    "verses": "Thrale 3:16\nI came to you at night.\n\nHarbin 2:10\nDid you see me?\n\n" * 3,
    "choices": "Which gate did I shut?\n\nA: yours\n\nB: mine\n\nC: ours\n\nD: I shut none, did you?\n\n" * 3,
    "letters": "Dear Anna:\n\nI miss you.\n\nYours, Ben\n\nDear Ben:\n\nI miss you, too.\n\nYours, Anna\n\n" * 3,
    "letters to firms": "Gentlemen:\n\nI wait for you.\n\nSirs:\n\nWill you pay me?\n\n" * 3,
    "diary": "Monday: I rowed to you.\n\nFriday: I saw you. Did you see me?\n\nMonday: I rowed.\n\nSunday: I slept.\n\n"
    * 2,
    "then and now": "Then: I rowed to you.\n\nNow: I wait. Will you come?\n\n" * 3,
    "log": "10:02:11 INFO: gate opened\n10:02:12 WARN: water high\n10:02:14 INFO: gate shut\n10:02:15 WARN: leak\n",
    "poem": (
        "O keeper: do you hear me?\nI came to you: the gate was shut.\n\n"
        "O keeper: I shall go.\nI came to you: you slept."
    ),
    "help": "Q: How do I open the gate?\n\nA: You turn the wheel.\n\nQ: May I swim?\n\nA: You may not.\n\n",
    "help of a firm": "Q: Do you ship abroad?\n\nA: We do. You pay the post.\n\nQ: Can you help?\n\nA: We can.\n\n",
    "FAQ": "# FAQ\n\nQ: Why did you build the lock?\n\nA: I wanted it.\n\nQ: Are you alone?\n\nA: I am.\n\n",
}


@pytest.mark.parametrize("kind", NO_TALK)
def test_what_only_looks_like_turns_stays_the_authors(tmp_path: Path, kind: str) -> None:
    assert turns(read(tmp_path, NO_TALK[kind])) == []


def test_what_the_author_says_in_turn_is_his_own(tmp_path: Path) -> None:
    for author in ("Anna Reed", "Anna Reed and Ben Holt", "Reed, Anna"):
        told = heard(read(tmp_path, INTERVIEW, author))
        assert {speaker for speaker, _ in told} == {"Jonas Thrale", None}
    initials = INTERVIEW.replace("Anna Reed:", "AR:").replace("Jonas Thrale:", "JT:")
    assert {speaker for speaker, _ in heard(read(tmp_path, initials, "Anna Reed"))} == {"JT", None}
    assert {speaker for speaker, _ in heard(read(tmp_path, INTERVIEW, "Jonas Thrale"))} == {"Anna Reed", None}


def test_the_letter_that_stands_for_an_answer_is_no_initial_of_the_author(tmp_path: Path) -> None:
    assert heard(read(tmp_path, ASKED, "A. Keeper")) == heard(read(tmp_path, ASKED))


def test_in_an_essay_with_a_dialogue_what_is_said_about_it_stays_the_authors(tmp_path: Path) -> None:
    prose = "The gates are old, and nobody has asked who made them.\n\n" * 12
    told = heard(read(tmp_path, f"# Gates\n\n{prose}{SOFT[11:]}\nThis is what they said.\n\n{SOFT[11:]}\n{prose}"))
    assert [said for _, said in told] == [line.split(": ")[1] for line in SOFT[11:].splitlines()] * 2


def test_a_heading_and_a_note_of_the_editor_end_a_turn(tmp_path: Path) -> None:
    cut = INTERVIEW.replace("No. He gave me", "## The keys\n\nHe gave me")
    assert "He gave me the keys when I was nine." not in [said for _, said in heard(read(tmp_path, cut))]
    noted = INTERVIEW.replace("No. He gave me", "Note: his father is dead.\n\nHe gave me")
    assert "He gave me the keys when I was nine." not in [said for _, said in heard(read(tmp_path, noted))]


def test_a_turn_between_marks_is_one_voice(tmp_path: Path) -> None:
    marked = SOFT.replace("Smith: I signed for the gates.", "Smith: “I signed for the gates and the road.”")
    assert ("Smith", "“I signed for the gates and the road.”") in heard(read(tmp_path, marked))
    assert len(heard(read(tmp_path, marked))) == 4


def test_a_conversation_set_off_as_a_quotation_is_told_by_its_labels(tmp_path: Path) -> None:
    quoted = "\n".join(f"> {line}" for line in INTERVIEW.splitlines()[4:-2])
    told = heard(read(tmp_path, f"# The Keeper\n\nThis is what he said:\n\n{quoted}\n\nSo it ended.\n"))
    assert told == heard(read(tmp_path, INTERVIEW))


def test_a_sentence_with_the_label_of_its_turn_is_all_the_speakers(tmp_path: Path) -> None:
    doc = read(tmp_path, PLAY.replace("THRALE. You told him nothing.", "THRALE (aside). Never. [He goes.]"))
    for words, share in (
        ("THRALE (aside). Never.", 1.0),
        ("The weigh-house at Oxley.", 0.0),
        ("HARBIN and THRALE", 0.0),
    ):
        start = doc.text.index(words)
        cited = cite(doc, start, start + len(words), Passage(0, len(doc.text), ()), voices(doc))
        assert cited.quoted == share


@pytest.mark.parametrize("label", ["THRALE.", "THRALE (aside).", "THRALE, (aside)."])
def test_the_pane_does_not_name_again_whom_a_label_names(tmp_path: Path, label: str) -> None:
    doc = read(tmp_path, PLAY.replace("THRALE (aside).", label))
    html = pane(Opening(doc, 0, 0, window_around(doc, 0, 0), voices=voices(doc)), 0)
    assert html.count('class="px-voice"') == 6 and "px-speaker" not in html


def test_a_source_in_brackets_is_no_label() -> None:
    words = "“The gates are old, and nobody asked who made them.” (Thrale, The Gates, in the Town Library at Oxley)"
    doc = document((BlockKind.PARAGRAPH, words))
    [voice] = voices(doc)
    assert voice.speaker == "Thrale"
    cited = cite(doc, 0, len(words), Passage(0, len(words), ()), voices(doc))
    assert cited.quoted == round((voice.end - voice.start) / len(words), 3)


def test_only_own_words_leaves_out_short_turns_with_their_labels(
    tmp_path: Path, word_encoder: Callable[[str], Encoder]
) -> None:
    told = "# Gates\n\nThe gates are made of oak.\n\n"
    told += "[10:02 AM] Jonas Isaac Thrale (loudly): I shut them.\n\n[10:03 AM] Mary Ann Harbin: You did.\n\n" * 2
    read(tmp_path, told)
    session = Session.open(tmp_path / "library", create=True, load_encoder=word_encoder)
    session.add(tmp_path / "talk.md")
    (side,) = session.ask("Jonas Isaac Thrale: I shut them", own=True).perspectives
    shown = (side.answer.citations if side.answer else ()) + side.nearest
    assert [citation.quote for citation in shown] == ["The gates are made of oak."]


def test_in_another_language_nobody_is_named_by_a_label(tmp_path: Path) -> None:
    assert turns(replace(read(tmp_path, INTERVIEW), language="de")) == []


LABELS = (
    "HARBIN. ",
    "THRALE (aside). ",
    "Q: ",
    "A: ",
    "Q. ",
    "A. ",
    "Anna: ",
    "Mr. Brown. ",
    "HARBIN",
    "[10:02] Anna: ",
    "Note: ",
    "",
)
TIMED = ("[10:02] Anna: ", "[10:03] Ben: ", "[10:04] Clara (there): ")
SAID = ("I saw you.", "Did you? “I did, and so did you and all the others.”", "“I never", "never did”", "[Exit.]", "")


@st.composite
def talks(draw: st.DrawFn) -> Document:
    kinds = st.sampled_from([BlockKind.PARAGRAPH] * 6 + list(BlockKind))
    pool = draw(st.just(TIMED) | st.lists(st.sampled_from(LABELS), min_size=2, max_size=4))
    pieces = st.tuples(st.sampled_from(pool), st.sampled_from(SAID)).map("".join)
    texts = st.lists(pieces, min_size=1, max_size=3).map(" ".join)
    made = document(*draw(st.lists(st.tuples(kinds, texts), min_size=4, max_size=16)))
    return replace(made, author=draw(st.none() | st.sampled_from(["Anna Reed", "Harbin"])))


@given(talks())
def test_no_voice_covers_a_label_and_turns_lie_apart_in_their_blocks(doc: Document) -> None:
    spoken, told = turns(doc), voices(doc)
    for turn in spoken:
        assert turn.speaker in doc.text[slice(*turn.label)]
        assert not any(voice.start < turn.label[1] and turn.label[0] < voice.end for voice in told)
    ranges = [span for turn in spoken for span in (turn.label, *turn.parts)]
    assert all(one[1] <= other[0] for one, other in pairwise(ranges))
    assert all(start < end and doc.text[start:end] == doc.text[start:end].strip() for start, end in ranges)
    assert all(doc.block_at(start) == doc.block_at(end - 1) for start, end in ranges)
    for one, other in pairwise(told):
        assert one.end <= other.start or other.end <= one.end
    made = {(voice.start, voice.end): (voice.speaker, voice.label) for voice in told}
    for turn in spoken:
        for part in () if turn.own else turn.parts:
            assert made[part] == (turn.speaker, turn.label if part == turn.parts[0] else None)
    labelled = {turn.label for turn in spoken if turn.parts and not turn.own}
    assert {voice.label for voice in told} - {None} == labelled


def test_a_long_conversation_takes_no_longer_for_its_length() -> None:
    lines = ["Anna: Do you see me?", "Ben: I see “you and the gate and all of the water.”"] * 10_000
    apart = voices(document(*((BlockKind.PARAGRAPH, line) for line in lines)))
    together = voices(document((BlockKind.PARAGRAPH, " ".join(lines))))
    assert len(apart) == len(together) == 20_000
    assert voices(document((BlockKind.PARAGRAPH, "Ab " * 100_000), (BlockKind.PARAGRAPH, "A" * 100_000))) == ()
