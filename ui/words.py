"""What both front ends say, in the same words: counts, places, sureness, who answers and who is silent.

Plain text, neither escaped for a page nor made safe for a terminal; that is for the renderer.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from qa.concordance import Collocate, Collocates, Concordance, Reference, Usage
from qa.types import Certainty, Citation, Comparison, Finding, Likeness, Marked, Occurrence, Shared, Source, Voice


def counted(count: int, noun: str) -> str:
    """So many of something, in English: "1 passage", "1,200 words"."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def number_word(count: int) -> str:
    """A small number in letters, a large one in digits."""
    words = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    return words[count] if count < len(words) else f"{count:,}"


def seconds(elapsed: float) -> str:
    """A time to one decimal, as the page and the terminal show it."""
    return "under 0.1 s" if elapsed < 0.1 else f"{elapsed:.1f} s"


def byline(source: Source) -> str:
    """Title, author and year as far as they are known, and how long the text is."""
    details = [source.title if source.title != source.label else None, source.author]
    details += [str(source.year) if source.year is not None else None, counted(source.words, "word")]
    return " · ".join(detail for detail in details if detail)


def model_knows(languages: str) -> str:
    """What languages the model knows, in one sentence. `languages`: those that it knows, in words, or nothing."""
    return f"The model knows {languages}." if languages else "The model does not say which languages it knows."


def tally(comparison: Comparison) -> str:
    """How many documents answer and how many are silent, in words."""
    total = len(comparison.perspectives)
    answering = sum(perspective.answer is not None for perspective in comparison.perspectives)
    if answering == total:
        return {1: "The document answers", 2: "Both documents answer"}.get(total, f"All {total} documents answer")
    if answering == 0:
        return {1: "The document is silent", 2: "Both documents are silent"}.get(
            total, f"All {total} documents are silent"
        )
    answer = f"{number_word(answering)} {'answers' if answering == 1 else 'answer'}"
    silent = f"{number_word(total - answering)} {'is' if total - answering == 1 else 'are'} silent"
    return f"{answer}, {silent}".capitalize()


def beside(comparison: Comparison) -> str:
    """What is said of answers to the words of another document; else empty."""
    sides = len(comparison.perspectives)
    said = "What the other document says to this" if sides == 1 else "What the other documents say to this"
    return said if comparison.beside is not None else ""


def own_words(comparison: Comparison) -> str:
    """What is said of answers that leave out whatever an author quotes; else empty."""
    return "Only the authors’ own words" if comparison.own else ""


def sureness(certainty: Certainty) -> str:
    """How sure, in words, with what that meant where it was measured."""
    if certainty.right_of_ten is None:
        return certainty.word
    times = "once" if certainty.right_of_ten == 1 else f"{certainty.right_of_ten} times"
    return f"{certainty.word}: answers like this were right {times} in 10"


def place(citation: Citation) -> str:
    """Where a quotation stands, in words; its lines in the file where nothing else is known."""
    parts = [citation.section[-1]] if citation.section else []
    if citation.paragraph is not None:
        parts.append(f"¶ {citation.paragraph}")
    if citation.note is not None:
        parts.append(f"note {citation.note}")
    if citation.page is not None:
        parts.append(f"p. {citation.page}")
    return ", ".join(parts) or source_lines(citation).lower() or "outside the paragraphs"


def spot(citation: Citation) -> str:
    """The same without its section, for a line of a list."""
    return place(replace(citation, section=()))


def provenance(citation: Citation) -> str:
    """The whole outline path of a quotation and its lines in the source file, where it has lines."""
    return " › ".join(filter(None, (*citation.section, source_lines(citation))))


def speaks(citation: Citation) -> str:
    """Who speaks in a citation, in words."""
    if not citation.voices:
        return "The author’s own words"
    named = " and ".join(dict.fromkeys(speaker_of(voice) for voice in _speaking(citation)))
    return f"Quoted: {named}" if is_quoted(citation) else f"The author, quoting {named}"


def is_quoted(citation: Citation) -> bool:
    """Whether others speak in all of a citation, but for a mark or a word."""
    return citation.quoted >= 0.9


def speaker_of(voice: Voice) -> str:
    """Who speaks in a voice, as far as the text says."""
    return voice.speaker if voice.speaker is not None else "somebody not named"


def _speaking(citation: Citation) -> list[Voice]:
    """The innermost voice that holds the whole citation, else the outer ones in it."""
    holding = [v for v in citation.voices if v.start <= citation.start and citation.end <= v.end]
    if holding:
        return [min(holding, key=lambda v: v.end - v.start)]
    return [
        voice
        for number, voice in enumerate(citation.voices)
        if not any(voice.end <= before.end for before in citation.voices[:number])
    ]


def source_lines(citation: Citation) -> str:
    """The lines of the source file in which a quotation stands; nothing where the file has no lines."""
    if citation.lines is None:
        return ""
    first, last = citation.lines
    return f"Line {first}" if first == last else f"Lines {first}–{last}"


def shortened(text: str, length: int = 200) -> str:
    """The text on one line, cut between words where it is longer than so many characters."""
    line = " ".join(text.split())
    return line if len(line) <= length else f"{line[:length].rpartition(' ')[0] or line[:length]} …"


def spaced(text: str) -> str:
    """The text with a space for every white space in it, its length unchanged, so that it stays on one line."""
    return re.sub(r"\s", " ", text)


def whereabouts(finding: Finding) -> str:
    """In how many places a quotation stands, in words."""
    places, documents = finding.occurrences, len({occurrence.document for occurrence in finding.occurrences})
    if not places:
        return "Not in this document" if len(finding.searched) == 1 else "Not in these documents"
    inside = f" in {counted(documents, 'document')}" if len(finding.searched) > 1 else ""
    return f"Found in {counted(len(places), 'place')}{inside}"


def within(some: int, total: int) -> str:
    """Of how many documents how many were asked, in words."""
    return f"{some:,} of {counted(total, 'document')}"


def likeness(occurrence: Occurrence) -> str:
    """How a place stands to the quotation, in words."""
    if occurrence.kind is Likeness.EXACT:
        return "Word for word"
    alike = "" if occurrence.score == 100 else f", {occurrence.score:.0f} of 100 letters alike"
    if occurrence.kind is Likeness.JOINED:
        return f"Joined from {number_word(len(occurrence.parts))} parts, the words between left out{alike}"
    return f"Nearly so{alike}"


def occurring(concordance: Concordance) -> str:
    """In how many places a term occurs, in words."""
    counts = [usage.count for usage in concordance.usages]
    if not any(counts):
        return "Not in this document" if len(counts) == 1 else "Not in these documents"
    inside = f" in {counted(sum(map(bool, counts)), 'document')}" if len(counts) > 1 else ""
    return f"{counted(sum(counts), 'place')}{inside}"


def frequency(usage: Usage) -> str:
    """How often a document uses a term."""
    return f"{counted(usage.count, 'time')}, {usage.per_10_000:,.1f} in 10,000 words"


def forms(usage: Usage) -> str:
    """The forms of a term that a document uses, each with its count."""
    return ", ".join(f"{form.text} {form.count:,}" for form in usage.forms)


def grouped(counts: Sequence[int], groups: int) -> list[int]:
    """Counts summed to so many, neighbours together; their number must be a multiple of it."""
    size = len(counts) // groups
    return [sum(counts[start : start + size]) for start in range(0, len(counts), size)]


def dispersed(usage: Usage) -> str:
    """Where in a text a term lies, by fifths."""
    fifths = grouped(usage.dispersion.parts, 5)
    names = ("first", "second", "third", "fourth", "last")
    most = [name for name, count in zip(names, fifths, strict=True) if count == max(fifths)]
    places = counted(usage.count, "place")
    if max(fifths) == usage.count:
        return f"{places}, {'all ' if usage.count > 1 else ''}in the {most[0]} fifth of the text"
    told = f"most in the {most[0]} fifth of the text" if len(most) == 1 else "spread over the text"
    return f"{places}, {told}; by fifths: {', '.join(f'{count:,}' for count in fifths)}"


def compared(collocates: Collocates) -> str:
    """What the words near a term are compared with, and how many were counted."""
    if collocates.reference is Reference.REST:
        return (
            "Words near it more than in the rest of this text "
            f"(of {collocates.near:,} near it and {collocates.elsewhere:,} in the rest)"
        )
    return (
        "Words near it here more than in the other texts "
        f"(of {collocates.near:,} near it here and {collocates.elsewhere:,} there)"
    )


def counts_of(word: Collocate, reference: Reference) -> str:
    """How often a word stands near a term, and in the reference."""
    return f"{word.near:,} near it, {word.elsewhere:,} {'in the rest' if reference is Reference.REST else 'there'}"


def in_common(places: Sequence[Shared]) -> str:
    """In how many places documents say the same, in words."""
    if not places:
        return "These documents have no quotation in common"
    return f"The same words in {counted(len(places), 'place')}"


def sameness(place: Shared) -> str:
    """How much of a shared place is the same, in words."""
    same = "word for word" if not place.differences else "other words between them"
    cut = ", some left out" if place.first.left_out or place.second.left_out else ""
    return f"{counted(place.words, 'word')} the same, {same}{cut}"


def marking(place: Shared, labels: Mapping[str, str]) -> str:
    """Which documents mark shared words as a quotation. `labels`: by the documents' ids."""
    first, second = (labels[side.citation.document] for side in (place.first, place.second))
    return {
        Marked.BOTH: "Both mark this as a quotation",
        Marked.FIRST: f"{first} marks this as a quotation, {second} does not",
        Marked.SECOND: f"{second} marks this as a quotation, {first} does not",
        Marked.NEITHER: "Neither marks this as a quotation",
    }[place.marked]
