"""From what was found and read in each document to what it has to say. Asks no model."""

from dataclasses import replace

from index.library import Library
from qa.answer import perspective
from qa.memo import Memo
from qa.read import Reader
from qa.readers import NONE
from qa.retrieval import Asked
from qa.rules import by_words, rule
from qa.types import Perspective


def perspectives(
    asked: Asked, library: Library, memo: Memo, reader: Reader | None, *, own: bool
) -> tuple[Perspective, ...]:
    """What each document has to say, in the order asked; by the rule that was fitted for what was believed of it.

    `own`: only what each author says in his own words.
    """
    unread = rule(NONE, library.encoder_name)
    how = unread if reader is None else rule(reader.name, library.encoder_name)
    worded = by_words(library.encoder_name)
    return tuple(
        perspective(
            memo.source(entry),
            library.document(entry),
            replace(read, voices=memo.voices(entry), own=own),
            how if read.readings else unread if read.meaning else worded,
        )
        for entry, read in asked.documents
    )
